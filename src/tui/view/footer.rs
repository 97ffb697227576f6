//! The last line: what the keys do here, or the text that is typed: the filter with what is wrong with it, or a note.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Modifier,
    text::{Line, Span},
};
use tui_input::Input;

use crate::{
    job::Fault,
    text,
    tui::{
        action::Action,
        app::{App, Overlay},
        keymap::Hint,
        look::Look,
        paint,
        theme::Tone,
    },
};

/// The least that a message is worth drawing for.
const WORTH_READING: usize = 16;

/// A line in which text is typed.
struct Typed<'a> {
    prompt: &'static str,
    input: &'a Input,
    fault: Option<&'a Fault>,
}

/// Draws the line; answers where the cursor belongs, if anywhere.
pub(super) fn draw(app: &App, look: &Look<'_>, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
    let search = &app.search;
    let typed = match &app.overlay {
        Some(Overlay::Filter) => Typed { prompt: " /", input: &search.input, fault: search.fault.as_ref() },
        Some(Overlay::Note) => Typed { prompt: " note: ", input: &app.note, fault: None },
        Some(Overlay::Command(palette)) => Typed { prompt: " :", input: &palette.input, fault: None },
        Some(Overlay::Export(input)) => Typed { prompt: " write to: ", input, fault: None },
        Some(Overlay::Help(_) | Overlay::Columns(_) | Overlay::Copy(_) | Overlay::Overwrite(_)) | None => {
            let width = area.width as usize;
            let line = question(app, look, width).or_else(|| message(app, look, width));
            let line = line.unwrap_or_else(|| hints(app, look, width));
            paint::line(buf, area.x, area.y, &line, area.width);
            return None;
        }
    };
    // What is wrong is more use than what the keys do.
    let hints = match typed.fault {
        None if area.width >= 46 => hints(app, look, area.width as usize / 2),
        _ => Line::default(),
    };
    let room = (area.width as usize).saturating_sub(hints.width() + typed.prompt.len() + 2).max(4);
    let cursor = typed.draw(look, Rect { width: area.width.min((typed.prompt.len() + room) as u16), ..area }, buf);
    let x = area.right().saturating_sub(hints.width() as u16 + 1);
    paint::line(buf, x, area.y, &hints, area.right() - x);
    Some((cursor.min(area.right() - 1), area.y))
}

/// Whether a file may be overwritten, with the keys that answer.
fn question(app: &App, look: &Look<'_>, width: usize) -> Option<Line<'static>> {
    let Some(Overlay::Overwrite(export)) = &app.overlay else { return None };
    let hints = hints(app, look, width);
    let words = format!(" {} is there already.", text::clean(&export.to));
    let mut line = look.line(&words, Tone::Warning, width.saturating_sub(hints.width()));
    line.spans.extend(hints.spans);
    Some(line)
}

/// What was done, or why it was not.
fn message(app: &App, look: &Look<'_>, width: usize) -> Option<Line<'static>> {
    let message = app.message.as_ref().filter(|message| message.until > look.now)?;
    look.changes_at(message.until);
    Some(look.line(&format!(" {}", message.words), message.tone, width))
}

impl Typed<'_> {
    /// Draws prompt and text, what is wrong with it underlined and, where there is room, said; answers the cursor's column.
    fn draw(&self, look: &Look<'_>, area: Rect, buf: &mut Buffer) -> u16 {
        let room = area.width as usize - self.prompt.len();
        // Scrolled by columns, so that the cursor stays in sight whatever wide or escaped characters there are.
        let before: String = self.input.value().chars().take(self.input.cursor()).collect();
        let cursor = text::width(&text::clean(&before));
        let skipped = (cursor + 1).saturating_sub(room);
        let shown = text::window(&text::clean(self.input.value()), skipped, room);
        let used = text::width(&shown);
        let line = Line::from(vec![look.span(self.prompt, Tone::Strong), Span::raw(shown)]);
        paint::line(buf, area.x, area.y, &line, area.width);
        let start = area.x + self.prompt.len() as u16;
        if let Some(fault) = self.fault {
            let area = Rect { x: start, width: room as u16, ..area };
            self.underline(fault, look, skipped, area, buf);
            say(fault, look, Rect { x: start + used as u16, width: (room - used) as u16, ..area }, buf);
        }
        start + (cursor - skipped) as u16
    }

    /// Underlines what is wrong, as much of it as is in sight.
    fn underline(&self, fault: &Fault, look: &Look<'_>, skipped: usize, area: Rect, buf: &mut Buffer) {
        let column = |place: usize| {
            let before = text::width(&text::clean(&self.input.value()[..place]));
            before.saturating_sub(skipped).min(area.width as usize) as u16
        };
        let (from, to) = (column(fault.span().start), column(fault.span().end));
        let style = look.theme.style(Tone::Warning).add_modifier(Modifier::UNDERLINED);
        buf.set_style(Rect { x: area.x + from, width: to - from, ..area }, style);
    }
}

/// Says what is wrong behind the text and the cursor, if there is room.
fn say(fault: &Fault, look: &Look<'_>, area: Rect, buf: &mut Buffer) {
    let room = (area.width as usize).saturating_sub(2);
    if room >= WORTH_READING {
        let message = look.line(&text::clean(&fault.to_string()), Tone::Warning, room);
        paint::line(buf, area.x + 2, area.y, &message, room as u16);
    }
}

/// What a key does now, where that is to take back what it did before.
fn as_things_are(app: &App, hint: Hint) -> Hint {
    let target = app.target_looked_at();
    let word = match hint.action {
        Action::PauseTarget if target.is_some_and(|target| target.paused) => "resume it",
        Action::HideTarget if target.is_some_and(|target| app.hidden.holds(&target.key)) => "show it",
        Action::Pause if app.snapshot.targets.iter().any(|target| target.paused) => "go on",
        _ => hint.word,
    };
    Hint { word, ..hint }
}

/// As many hints as fit, none of them cut; how to get help and how to get out come before all others.
fn hints(app: &App, look: &Look<'_>, width: usize) -> Line<'static> {
    let all: Vec<Hint> = app.preferences.keys.hints(app.context()).map(|hint| as_things_are(app, hint)).collect();
    let (first, others): (Vec<&Hint>, Vec<&Hint>) = all.iter().partition(|hint| hint.is_essential());
    let columns = |hint: &Hint| hint.key.to_string().len() + hint.word.len() + 3;
    let mut room = width.saturating_sub(first.iter().map(|hint| columns(hint)).sum());
    let mut shown: Vec<&Hint> = Vec::new();
    for hint in others {
        if columns(hint) > room {
            break;
        }
        room -= columns(hint);
        shown.push(hint);
    }
    shown.extend(first);
    let spans = shown.iter().flat_map(|hint| {
        [look.span(format!(" {}", hint.key), Tone::Strong), look.span(format!(" {} ", hint.word), Tone::Dim)]
    });
    Line::from(spans.collect::<Vec<_>>())
}
