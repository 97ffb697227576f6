//! ratatui's backend over a buffer: a frame becomes the bytes of one write, and a frame in which nothing changed none.
//!
//! It asks the terminal nothing (late answers become key presses), sends the cursor's state only when it changes, the 16
//! colours by their classic codes, and all others by their number. Writing the bytes is the writer's task.

use std::{convert::Infallible, fmt::Write as _, mem};

use ratatui::{
    backend::{Backend, ClearType, WindowSize},
    buffer::Cell,
    layout::{Position, Size},
    style::{Color, Modifier},
};

/// Draws into a buffer.
#[derive(Debug)]
pub struct AnsiBackend {
    size: Size,
    /// Where the screen is blank: by cell, row after row.
    blanks: Vec<bool>,
    out: String,
    cursor: Cursor,
    marks: Marks,
}

/// Whether a frame says where it begins and ends, so that no half of it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marks {
    /// The terminal did not say that it knows them: they would be for nothing.
    None,
    /// Synchronized updates, DEC mode 2026.
    Synchronized,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cursor {
    Hidden,
    Shown,
}

/// The look that the terminal is in while a frame is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Pen {
    const PLAIN: Self = Self { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

    /// What can be seen of a blank.
    const SEEN: Modifier = Modifier::UNDERLINED.union(Modifier::REVERSED).union(Modifier::CROSSED_OUT);

    /// Whether a blank that it writes is blank.
    fn writes_blanks(self) -> bool {
        self.bg == Color::Reset && !self.modifier.intersects(Self::SEEN)
    }
}

/// So many blanks are written: to pass over one more takes no more bytes.
const FEW: u16 = 3;

/// The places of all cells of a screen.
fn cells(size: Size) -> usize {
    usize::from(size.width) * usize::from(size.height)
}

impl AnsiBackend {
    /// A backend for a terminal of this size whose cursor is hidden.
    #[must_use]
    pub fn new(size: Size) -> Self {
        Self { size, blanks: vec![true; cells(size)], out: String::new(), cursor: Cursor::Hidden, marks: Marks::None }
    }

    /// Says where each frame begins and ends, from the next one on.
    pub fn mark_frames(&mut self) {
        self.marks = Marks::Synchronized;
    }

    /// Takes over the terminal's new size.
    pub fn set_size(&mut self, size: Size) {
        self.size = size;
        self.blanks = vec![true; cells(size)];
    }

    /// Takes nothing for granted of what the terminal shows: the cursor is hidden until a frame shows it.
    pub fn forget(&mut self) {
        self.cursor = Cursor::Hidden;
        self.out.push_str("\x1b[?25l");
    }

    /// The bytes since the last call, to be written at once.
    #[must_use]
    pub fn take_frame(&mut self) -> Vec<u8> {
        let frame = mem::take(&mut self.out);
        match self.marks {
            Marks::Synchronized if !frame.is_empty() => format!("\x1b[?2026h{frame}\x1b[?2026l").into_bytes(),
            Marks::Synchronized | Marks::None => frame.into_bytes(),
        }
    }

    fn push(&mut self, args: std::fmt::Arguments<'_>) {
        // Writing to a String can't fail.
        let _ = self.out.write_fmt(args);
    }

    fn go_to(&mut self, x: u16, y: u16) {
        self.push(format_args!("\x1b[{};{}H", y + 1, x + 1));
    }

    /// Goes to `x` from where the cursor stands in the same row, in as few bytes as it takes.
    fn go_right(&mut self, (from, y): (u16, u16), x: u16, pen: Pen) {
        let gap = x - from;
        if gap == 0 {
            return;
        }
        let first = self.place(from, y);
        let is_blank = self.blanks[first..first + usize::from(gap)].iter().all(|blank| *blank);
        if gap <= FEW && is_blank && pen.writes_blanks() {
            self.out.extend(std::iter::repeat_n(' ', gap.into()));
        } else if gap == 1 {
            self.out.push_str("\x1b[C");
        } else {
            self.push(format_args!("\x1b[{gap}C"));
        }
    }

    fn place(&self, x: u16, y: u16) -> usize {
        usize::from(y) * usize::from(self.size.width) + usize::from(x)
    }

    /// Notes what a cell shows. The second half of a wide glyph counts as blank: no gap has it without the first one, but where
    /// that was drawn over, and then it is.
    fn note(&mut self, x: u16, y: u16, pen: Pen, cell: &Cell, width: usize) {
        let first = self.place(x, y);
        let is_blank = cell.symbol() == " " && pen.writes_blanks();
        let halves = [is_blank, true];
        self.blanks.iter_mut().skip(first).zip(halves).take(width.max(1)).for_each(|(blank, is)| *blank = is);
    }

    fn set_pen(&mut self, from: Pen, to: Pen) {
        let mut codes: Vec<String> = Vec::new();
        let mut from = from;
        if !(from.modifier - to.modifier).is_empty() {
            codes.push("0".to_owned());
            from = Pen::PLAIN;
        }
        let added = MODIFIERS.iter().filter(|(flag, _)| (to.modifier - from.modifier).contains(*flag));
        codes.extend(added.map(|(_, code)| code.to_string()));
        if from.fg != to.fg {
            codes.push(color_code(to.fg, Ground::Fore));
        }
        if from.bg != to.bg {
            codes.push(color_code(to.bg, Ground::Back));
        }
        self.push(format_args!("\x1b[{}m", codes.join(";")));
    }
}

const MODIFIERS: [(Modifier, u8); 6] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::REVERSED, 7),
    (Modifier::CROSSED_OUT, 9),
];

/// What a colour is the colour of; a background's codes are ten more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ground {
    Fore = 0,
    Back = 10,
}

/// The SGR code of a colour.
fn color_code(color: Color, ground: Ground) -> String {
    let ground = ground as u8;
    let classic = match color {
        Color::Reset => 39,
        Color::Black => 30,
        Color::Red => 31,
        Color::Green => 32,
        Color::Yellow => 33,
        Color::Blue => 34,
        Color::Magenta => 35,
        Color::Cyan => 36,
        Color::Gray => 37,
        Color::DarkGray => 90,
        Color::LightRed => 91,
        Color::LightGreen => 92,
        Color::LightYellow => 93,
        Color::LightBlue => 94,
        Color::LightMagenta => 95,
        Color::LightCyan => 96,
        Color::White => 97,
        Color::Indexed(index) => return format!("{};5;{index}", 38 + ground),
        Color::Rgb(red, green, blue) => return format!("{};2;{red};{green};{blue}", 38 + ground),
    };
    (classic + ground).to_string()
}

impl Backend for AnsiBackend {
    type Error = Infallible;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), Infallible>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut pen = Pen::PLAIN;
        let mut next = None;
        for (x, y, cell) in content {
            match next {
                Some((at, row)) if row == y && at <= x => self.go_right((at, row), x, pen),
                _ => self.go_to(x, y),
            }
            let to = Pen { fg: cell.fg, bg: cell.bg, modifier: cell.modifier };
            if pen != to {
                self.set_pen(pen, to);
                pen = to;
            }
            self.out.push_str(cell.symbol());
            let width = crate::text::width(cell.symbol());
            self.note(x, y, to, cell, width);
            // After a wide glyph terminals may disagree on where the cursor is: say it again.
            next = (width == 1).then_some((x + 1, y));
        }
        if pen != Pen::PLAIN {
            self.out.push_str("\x1b[0m");
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        if mem::replace(&mut self.cursor, Cursor::Hidden) == Cursor::Shown {
            self.out.push_str("\x1b[?25l");
        }
        Ok(())
    }

    fn show_cursor(&mut self) -> Result<(), Infallible> {
        if mem::replace(&mut self.cursor, Cursor::Shown) == Cursor::Hidden {
            self.out.push_str("\x1b[?25h");
        }
        Ok(())
    }

    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        if self.cursor == Cursor::Shown {
            let Position { x, y } = position.into();
            self.go_to(x, y);
        }
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        self.out.push_str("\x1b[0m\x1b[2J");
        self.blanks.fill(true);
        Ok(())
    }

    fn clear_region(&mut self, _region: ClearType) -> Result<(), Infallible> {
        self.clear()
    }

    fn size(&self) -> Result<Size, Infallible> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size::ZERO })
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
