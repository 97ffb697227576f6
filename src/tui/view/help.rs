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
        keymap::{Binding, Context, Keymap},
        look::Look,
        theme::Tone,
    },
};

/// Two columns, the frame and a little air.
const WIDTH: u16 = 76;

const FILTER: &str = "a filter: terms with spaces between them, and every one must hold";

fn lines(keys: &Keymap, look: &Look<'_>) -> Vec<Line<'static>> {
    let line = |binding: &Binding| {
        let keys = look.span(format!(" {:<16}", binding.keys_in_words()), Tone::Strong);
        Line::from(vec![keys, Span::raw(binding.action.help())])
    };
    let rule = |rule: &Rule| {
        Line::from(vec![look.span(format!(" {:<22}", rule.example), Tone::Strong), Span::raw(rule.meaning)])
    };
    let heading = |words: &str| look.line(&format!(" {words}"), Tone::Dim, WIDTH as usize);
    let mut lines = Vec::new();
    for context in Context::ALL {
        let bindings: Vec<_> = keys.of(context).map(line).collect();
        if !bindings.is_empty() {
            lines.push(heading(context.title()));
            lines.extend(bindings);
            lines.push(Line::default());
        }
    }
    lines.push(heading(FILTER));
    lines.extend(GRAMMAR.iter().map(rule));
    lines
}

fn area(lines: usize, screen: Rect) -> Rect {
    let height = (lines as u16 + 2).min(screen.height);
    let width = WIDTH.min(screen.width);
    Rect { x: (screen.width - width) / 2, y: (screen.height - height) / 2, width, height }
}

/// How far it can be scrolled.
pub(super) fn most_scroll(app: &App, look: &Look<'_>) -> u16 {
    let lines = lines(&app.preferences.keys, look).len();
    let area = area(lines, Rect::new(0, 0, app.size.width, app.size.height));
    (lines as u16).saturating_sub(area.height.saturating_sub(2))
}

/// Draws it over the screen.
pub(super) fn draw(app: &App, look: &Look<'_>, scroll: u16, screen: Rect, buf: &mut Buffer) {
    let lines = lines(&app.preferences.keys, look);
    let area = area(lines.len(), screen);
    Clear.render(area, buf);
    let more = usize::from(scroll + area.height.saturating_sub(2)) < lines.len();
    let title = if more { " Keys (j: more) " } else { " Keys " };
    let block = Block::bordered().border_set(look.theme.symbols.border).title(title);
    Paragraph::new(lines).scroll((scroll, 0)).block(block).render(area, buf);
}
