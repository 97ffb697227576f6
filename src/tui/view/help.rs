//! The help over the screen, made from the key map and the grammar of filters.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::{Block, Clear, Paragraph, Widget},
};

use crate::{
    job::{GRAMMAR, Rule},
    tui::{
        app::App,
        keymap::{BINDINGS, Binding, SEARCH_BINDINGS},
        look::Look,
        theme::Tone,
    },
};

/// Two columns, the frame and a little air.
const WIDTH: u16 = 72;

const FILTER: &str = "a filter: terms with spaces between them, and every one must hold";

fn lines(look: &Look<'_>) -> Vec<Line<'static>> {
    let line = |binding: &Binding| {
        Line::from(vec![look.span(format!(" {:<14}", binding.keys_in_words()), Tone::Strong), Span::raw(binding.help)])
    };
    let rule = |rule: &Rule| {
        Line::from(vec![look.span(format!(" {:<22}", rule.example), Tone::Strong), Span::raw(rule.meaning)])
    };
    let heading = |words: &'static str| look.line(&format!(" {words}"), Tone::Dim, WIDTH as usize);
    let mut lines = Vec::new();
    lines.extend(BINDINGS.iter().map(line));
    lines.extend([Line::default(), heading("while text is typed")]);
    lines.extend(SEARCH_BINDINGS.iter().map(line));
    lines.extend([Line::default(), heading(FILTER)]);
    lines.extend(GRAMMAR.iter().map(rule));
    lines
}

fn area(screen: Rect) -> Rect {
    let height = (line_count() + 2).min(screen.height);
    let width = WIDTH.min(screen.width);
    Rect { x: (screen.width - width) / 2, y: (screen.height - height) / 2, width, height }
}

fn line_count() -> u16 {
    (BINDINGS.len() + 2 + SEARCH_BINDINGS.len() + 2 + GRAMMAR.len()) as u16
}

/// How far it can be scrolled.
pub(super) fn most_scroll(app: &App) -> u16 {
    let screen = Rect::new(0, 0, app.size.width, app.size.height);
    line_count().saturating_sub(area(screen).height.saturating_sub(2))
}

/// Draws it over the screen.
pub(super) fn draw(look: &Look<'_>, scroll: u16, screen: Rect, buf: &mut Buffer) {
    let area = area(screen);
    Clear.render(area, buf);
    let lines = lines(look);
    let more = usize::from(scroll + area.height.saturating_sub(2)) < lines.len();
    let title = if more { " Keys (j: more) " } else { " Keys " };
    let block = Block::bordered().border_set(look.theme.symbols.border).title(title);
    Paragraph::new(lines).scroll((scroll, 0)).block(block).render(area, buf);
}
