//! A short list over the screen from which something is chosen: columns, commands.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::Line,
    widgets::{Block, Clear, Paragraph, Widget},
};

use crate::{
    export::Clip,
    tui::{
        action::Action,
        app::{App, Palette},
        keymap::Context,
        look::Look,
        table::COLUMNS,
        theme::Tone,
    },
};

/// What is drawn: a title and an entry a line.
struct Choice {
    title: &'static str,
    entries: Vec<String>,
    place: usize,
}

/// Draws the choice of columns.
pub(super) fn columns(app: &App, look: &Look<'_>, place: usize, screen: Rect, buf: &mut Buffer) {
    let entry = |column: &crate::tui::table::Column| {
        let sign = if app.list.shows(column) { "[x]" } else { "[ ]" };
        let always = if column.importance == 0 { " (always)" } else { "" };
        format!("{sign} {}{always}", column.title.to_lowercase())
    };
    let choice = Choice { title: " Columns ", entries: COLUMNS.iter().map(entry).collect(), place };
    draw(&choice, look, screen, buf);
}

/// Draws the choice of what to copy of a job.
pub(super) fn copies(look: &Look<'_>, place: usize, screen: Rect, buf: &mut Buffer) {
    let entries = Clip::ALL.map(|clip| clip.title().to_owned()).to_vec();
    draw(&Choice { title: " Copy ", entries, place }, look, screen, buf);
}

/// Draws the commands that match what was typed.
pub(super) fn commands(app: &App, look: &Look<'_>, palette: &Palette, screen: Rect, buf: &mut Buffer) {
    let key = |action: Action| {
        let contexts = [Context::Table, Context::Details, Context::Everywhere];
        contexts.into_iter().find_map(|context| app.preferences.keys.key(context, action))
    };
    let entry = |action: Action| {
        let key = key(action).map_or_else(String::new, |key| key.to_string());
        format!("{:<15} {key:<7} {}", action.name(), action.help())
    };
    let entries: Vec<_> = palette.matches().into_iter().map(entry).collect();
    let title = if entries.is_empty() { " No such command " } else { " Commands " };
    draw(&Choice { title, entries, place: palette.place }, look, screen, buf);
}

/// Above the footer, as wide as its entries, as high as there is room for.
fn draw(choice: &Choice, look: &Look<'_>, screen: Rect, buf: &mut Buffer) {
    let widest = choice.entries.iter().map(|entry| crate::text::width(entry)).max().unwrap_or(0);
    let width = (widest.max(choice.title.len()) as u16 + 4).min(screen.width);
    let height = (choice.entries.len() as u16 + 2).min(screen.height.saturating_sub(1));
    let area = Rect { x: screen.x, y: screen.bottom().saturating_sub(height + 1), width, height };
    Clear.render(area, buf);
    let block = Block::bordered().border_set(look.theme.symbols.border).title(choice.title);
    let inner = block.inner(area);
    block.render(area, buf);
    let rows = inner.height as usize;
    let first = (choice.place + 1).saturating_sub(rows);
    let line = |(at, entry): (usize, &String)| {
        let chosen = at == choice.place;
        let sign = if chosen { look.theme.symbols.cursor } else { " " };
        let line = Line::from(look.span(
            look.cut(&format!("{sign}{entry}"), inner.width as usize),
            if chosen { Tone::Strong } else { Tone::Normal },
        ));
        if chosen { line.style(look.theme.selected()) } else { line }
    };
    let lines: Vec<_> = choice.entries.iter().enumerate().skip(first).take(rows).map(line).collect();
    Paragraph::new(lines).render(inner, buf);
}
