//! The last line: what the keys do here, or the search text while it is typed.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{
    text,
    tui::{
        app::{App, Focus},
        keymap,
        look::Look,
        theme::Tone,
    },
};

/// Draws the line; answers where the cursor belongs, if anywhere.
pub(super) fn draw(app: &App, look: &Look<'_>, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
    if app.focus != Focus::Search {
        buf.set_line(area.x, area.y, &hints(app, look, area.width as usize), area.width);
        return None;
    }
    // Scrolled, so that the end of a long text stays in sight.
    let room = (area.width as usize).saturating_sub(24).max(8);
    let input = &app.search.input;
    let shown: String = input.value().chars().skip(input.visual_scroll(room)).collect();
    let shown = look.cut(&text::clean(&shown), room);
    buf.set_line(area.x, area.y, &Line::from(vec![look.span(" /", Tone::Strong), Span::raw(shown)]), area.width);
    let cursor = area.x + 2 + input.visual_cursor().saturating_sub(input.visual_scroll(room)) as u16;
    let hints = hints(app, look, 22);
    let x = area.right().saturating_sub(hints.width() as u16 + 1);
    buf.set_line(x, area.y, &hints, area.right() - x);
    Some((cursor.min(area.right() - 1), area.y))
}

/// As many hints as fit, none of them cut.
fn hints(app: &App, look: &Look<'_>, width: usize) -> Line<'static> {
    let mut spans = Vec::new();
    let mut taken = 0;
    for (key, word) in keymap::hints(app.context()) {
        let (key, word) = (format!(" {key}"), format!(" {word} "));
        taken += key.len() + word.len();
        if taken > width {
            break;
        }
        spans.push(look.span(key, Tone::Strong));
        spans.push(look.span(word, Tone::Dim));
    }
    Line::from(spans)
}
