//! The last line: what the keys do here, or the search text while it is typed.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    text,
    tui::{
        app::{App, Overlay},
        keymap::Hint,
        look::Look,
        theme::Tone,
    },
};

/// Draws the line; answers where the cursor belongs, if anywhere.
pub(super) fn draw(app: &App, look: &Look<'_>, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
    let (prompt, input) = match &app.overlay {
        Some(Overlay::Filter) => (" /", &app.search.input),
        Some(Overlay::Note) => (" note: ", &app.note),
        Some(Overlay::Command(palette)) => (" :", &palette.input),
        Some(Overlay::Help(_) | Overlay::Columns(_)) | None => {
            let line = message(app, look, area.width as usize).unwrap_or_else(|| hints(app, look, area.width as usize));
            buf.set_line(area.x, area.y, &line, area.width);
            return None;
        }
    };
    let wide = area.width >= 46;
    let hints = if wide { hints(app, look, area.width as usize / 2) } else { Line::default() };
    let room = (area.width as usize).saturating_sub(hints.width() + prompt.len() + 2).max(4);
    // Scrolled by columns, so that the cursor stays in sight whatever wide or escaped characters there are.
    let before: String = input.value().chars().take(input.cursor()).collect();
    let cursor = text::width(&text::clean(&before));
    let skipped = (cursor + 1).saturating_sub(room);
    let shown = text::window(&text::clean(input.value()), skipped, room);
    buf.set_line(area.x, area.y, &Line::from(vec![look.span(prompt, Tone::Strong), Span::raw(shown)]), area.width);
    let cursor = area.x + (prompt.len() + cursor - skipped) as u16;
    let x = area.right().saturating_sub(hints.width() as u16 + 1);
    buf.set_line(x, area.y, &hints, area.right() - x);
    Some((cursor.min(area.right() - 1), area.y))
}

/// What was done, or why it was not.
fn message(app: &App, look: &Look<'_>, width: usize) -> Option<Line<'static>> {
    let message = app.message.as_ref().filter(|message| message.until > look.now)?;
    look.changes_at(message.until);
    Some(look.line(&format!(" {}", message.words), message.tone, width))
}

/// As many hints as fit, none of them cut; how to get help and how to get out come before all others.
fn hints(app: &App, look: &Look<'_>, width: usize) -> Line<'static> {
    let all: Vec<Hint> = app.preferences.keys.hints(app.context()).collect();
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
