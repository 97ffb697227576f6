//! The job table in its frame, or what is said in its place where there is no job to show.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    widgets::{Block, Widget},
};

use super::notice;
use crate::{
    text,
    tui::{
        app::App,
        look::Look,
        table::{self, Content, order_words},
    },
};

/// How many rows an area has room for, inside its frame and below the headings.
pub(super) fn rows_in(area: Rect) -> usize {
    area.height.saturating_sub(3) as usize
}

/// Draws the pane.
pub(super) fn draw(app: &App, look: &Look<'_>, area: Rect, buf: &mut Buffer) {
    let block = Block::bordered().border_set(look.theme.symbols.border).title(title(app, look, area));
    let inner = block.inner(area);
    block.render(area, buf);
    if app.rows.is_empty() {
        notice::draw(app, look, inner, buf);
        return;
    }
    let content = Content { snapshot: &app.snapshot, rows: &app.rows, state: &app.table, order: app.order };
    table::draw(&content, inner, look, buf);
}

fn title(app: &App, look: &Look<'_>, area: Rect) -> String {
    let dot = look.theme.symbols.dot;
    let count = format!("{} of {}", app.rows.len(), app.rows.total());
    let search = app.search.input.value();
    let filter = if search.is_empty() { String::new() } else { format!(" {dot} /{}", text::clean(search)) };
    let title = format!(" Backfill jobs {dot} {count}{filter} {dot} sort: {} ", order_words(app.order, look));
    look.cut(&title, area.width.saturating_sub(2) as usize)
}
