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
    out: String,
    cursor: Cursor,
    marks: Marks,
}

/// The most bytes of a frame that reach any terminal, and any network, in one piece: it needs no marks. Most of what is drawn
/// while jobs progress is smaller than they are.
const ONE_PIECE: usize = 256;

/// Whether a larger frame says where it begins and ends, so that no half of it is shown.
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
}

impl AnsiBackend {
    /// A backend for a terminal of this size whose cursor is hidden.
    #[must_use]
    pub fn new(size: Size) -> Self {
        Self { size, out: String::new(), cursor: Cursor::Hidden, marks: Marks::None }
    }

    /// Says where each frame of more than a few bytes begins and ends, from the next one on.
    pub fn mark_frames(&mut self) {
        self.marks = Marks::Synchronized;
    }

    /// Takes over the terminal's new size.
    pub fn set_size(&mut self, size: Size) {
        self.size = size;
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
            Marks::Synchronized if frame.len() > ONE_PIECE => format!("\x1b[?2026h{frame}\x1b[?2026l").into_bytes(),
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
            if next != Some((x, y)) {
                self.go_to(x, y);
            }
            let to = Pen { fg: cell.fg, bg: cell.bg, modifier: cell.modifier };
            if pen != to {
                self.set_pen(pen, to);
                pen = to;
            }
            self.out.push_str(cell.symbol());
            let width = crate::text::width(cell.symbol());
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
mod tests {
    use super::*;
    use ratatui::{Terminal, style::Style, widgets::Paragraph};

    fn frame(terminal: &mut Terminal<AnsiBackend>, text: &str, style: Style) -> String {
        terminal.draw(|frame| frame.render_widget(Paragraph::new(text.to_owned()).style(style), frame.area())).unwrap();
        String::from_utf8(terminal.backend_mut().take_frame()).unwrap()
    }

    #[test]
    fn only_what_changed_is_sent_and_nothing_for_nothing() {
        let mut terminal = Terminal::new(AnsiBackend::new(Size::new(10, 2))).unwrap();
        assert_eq!(frame(&mut terminal, "abc", Style::new()), "\x1b[1;1Habc");
        assert_eq!(frame(&mut terminal, "abc", Style::new()), "");
        assert_eq!(frame(&mut terminal, "abd", Style::new()), "\x1b[1;3Hd");
    }

    #[test]
    fn a_frame_of_some_size_is_marked_where_the_terminal_knows_marks() {
        let mut terminal = Terminal::new(AnsiBackend::new(Size::new(300, 1))).unwrap();
        terminal.backend_mut().mark_frames();
        let long = "abc".repeat(100);
        assert_eq!(frame(&mut terminal, &long, Style::new()), format!("\x1b[?2026h\x1b[1;1H{long}\x1b[?2026l"));
        assert_eq!(frame(&mut terminal, &long, Style::new()), "");
        assert_eq!(frame(&mut terminal, &long.replacen('a', "x", 1), Style::new()), "\x1b[1;1Hx");
    }

    #[test]
    fn colours_are_the_terminals_own_sixteen() {
        let mut terminal = Terminal::new(AnsiBackend::new(Size::new(2, 1))).unwrap();
        assert_eq!(frame(&mut terminal, "ab", Style::new().red().bold()), "\x1b[1;1H\x1b[1;31mab\x1b[0m");
        assert_eq!(frame(&mut terminal, "ab", Style::new().light_red().reversed()), "\x1b[1;1H\x1b[7;91mab\x1b[0m");
    }

    #[test]
    fn other_colours_are_sent_by_their_number() {
        let mut terminal = Terminal::new(AnsiBackend::new(Size::new(1, 1))).unwrap();
        let style = |fg, bg| Style::new().fg(fg).bg(bg);
        let indexed = style(Color::Indexed(210), Color::Indexed(16)).bold();
        assert_eq!(frame(&mut terminal, "a", indexed), "\x1b[1;1H\x1b[1;38;5;210;48;5;16ma\x1b[0m");
        let rgb = style(Color::Rgb(1, 2, 3), Color::LightBlue);
        assert_eq!(frame(&mut terminal, "a", rgb), "\x1b[1;1H\x1b[38;2;1;2;3;104ma\x1b[0m");
        let plain = style(Color::Reset, Color::Reset);
        assert_eq!(frame(&mut terminal, "a", plain), "\x1b[1;1Ha");
    }

    #[test]
    fn a_wide_glyph_is_followed_by_an_explicit_position() {
        let mut terminal = Terminal::new(AnsiBackend::new(Size::new(4, 1))).unwrap();
        assert_eq!(frame(&mut terminal, "审x", Style::new()), "\x1b[1;1H审\x1b[1;3Hx");
    }
}
