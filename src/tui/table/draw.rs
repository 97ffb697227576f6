//! Drawing the table: the headings, and of the rows only those in view.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::Line,
    widgets::{Scrollbar, ScrollbarOrientation, ScrollbarState, StatefulWidget},
};

use super::{
    TableState,
    column::{Align, COLUMNS, Column, GAP, fit},
};
use crate::{
    engine::Snapshot,
    job::{Direction, Order, SortKey},
    text,
    tui::{app::List, look::Look, paint, rows::Rows, theme::Tone},
};

/// What is drawn.
#[derive(Debug)]
pub(in crate::tui) struct Content<'a> {
    /// The jobs.
    pub snapshot: &'a Snapshot,
    /// Which of them, in which order.
    pub rows: &'a Rows,
    /// Which is selected, and where the view is.
    pub state: &'a TableState,
    /// Which columns are wanted, and by what the rows are sorted.
    pub list: &'a List,
}

/// Draws headings and visible rows into `area`; the scrollbar goes onto the column right of it.
pub(in crate::tui) fn draw(content: &Content<'_>, area: Rect, look: &Look<'_>, buf: &mut Buffer) {
    let Content { snapshot, rows, state, .. } = content;
    if area.width < 2 || area.height == 0 {
        return;
    }
    let (inner, columns) = layout(content, area);
    headings(&columns, content.list.order, inner, look, buf);
    let visible = state.offset()..rows.len().min(state.offset() + state.height());
    for (y, place) in (area.y + 1..area.bottom()).zip(visible) {
        let Some(at) = rows.get(place) else { break };
        let row = snapshot.row(at);
        let mut x = inner.x;
        for (column, width) in &columns {
            let cell = Rect { x, y, width: *width as u16, height: 1 };
            put(&(column.cell)(&row, look, *width), cell, column.align, buf);
            x += (*width + GAP) as u16;
        }
        if row.changed {
            buf.set_string(area.x, y, look.theme.symbols.changed, look.theme.style(Tone::Strong));
        }
        if place == state.place() {
            buf.set_string(area.x, y, look.theme.symbols.cursor, look.theme.style(Tone::Strong));
            buf.set_style(selection(&columns, inner, y), look.theme.selected());
        }
    }
    scrollbar(rows.len(), state, area, look, buf);
}

/// Where the cells lie, and which columns they have, each with its width.
pub(super) fn layout(content: &Content<'_>, area: Rect) -> (Rect, Vec<(&'static Column, usize)>) {
    // The first column is the cursor's or the mark's, the last one air before the scrollbar.
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let many = content.snapshot.targets.len() > 1;
    let wanted = |column: &Column| (many || column.key != Some(SortKey::Target)) && content.list.shows(column);
    (inner, fit(inner.width as usize, content.rows.widest(), wanted))
}

fn headings(columns: &[(&Column, usize)], order: Order, area: Rect, look: &Look<'_>, buf: &mut Buffer) {
    let mut x = area.x;
    for (column, width) in columns {
        let sorted = column.key == Some(order.key);
        let tone = if sorted { Tone::Strong } else { Tone::Dim };
        let title = look.line(column.title, tone, *width);
        put(&title, Rect { x, y: area.y, width: *width as u16, height: 1 }, column.align, buf);
        x += (*width + GAP) as u16;
    }
}

/// Only the id and the trail are reversed: a highlight over the whole row would cost ten times the bytes at every move.
fn selection(columns: &[(&Column, usize)], area: Rect, y: u16) -> Rect {
    let mut x = area.x as usize;
    let (mut from, mut to) = (x, x);
    for (column, width) in columns {
        match column.key {
            Some(SortKey::Id) => (from, to) = (x, x + width),
            Some(SortKey::Trail) => to = x + width,
            None | Some(_) => {}
        }
        x += width + GAP;
    }
    if from == to {
        to = area.right() as usize;
    }
    Rect { x: from as u16, y, width: (to - from) as u16, height: 1 }.intersection(area)
}

fn put(line: &Line<'_>, cell: Rect, align: Align, buf: &mut Buffer) {
    let missing = || {
        let used: usize = line.spans.iter().map(|span| text::width(&span.content)).sum();
        (cell.width as usize).saturating_sub(used) as u16
    };
    let x = if align == Align::Right { cell.x + missing() } else { cell.x };
    paint::line(buf, x, cell.y, line, cell.width);
}

fn scrollbar(len: usize, state: &TableState, area: Rect, look: &Look<'_>, buf: &mut Buffer) {
    let Some(positions) = len.checked_sub(state.height()).filter(|positions| *positions > 0) else { return };
    let (track, thumb) = look.theme.symbols.scroll;
    let bar = Scrollbar::new(ScrollbarOrientation::VerticalRight)
        .begin_symbol(None)
        .end_symbol(None)
        .track_symbol(Some(track))
        .thumb_symbol(thumb)
        .style(Style::new());
    // `content_length` is the number of scroll positions, one more than the last offset.
    let mut position =
        ScrollbarState::new(positions + 1).position(state.offset()).viewport_content_length(state.height());
    let column = Rect { x: area.right(), y: area.y + 1, width: 1, height: area.height - 1 };
    bar.render(column, buf, &mut position);
}

/// The heading's name of an order, as the table's title shows it.
#[must_use]
pub fn order_words(order: Order, look: &Look<'_>) -> String {
    let arrow = match order.direction {
        Direction::Ascending => look.theme.symbols.ascending,
        Direction::Descending => look.theme.symbols.descending,
    };
    let title = COLUMNS.iter().find(|column| column.key == Some(order.key)).map(|column| column.title.to_lowercase());
    match title {
        Some(title) => format!("{title} {arrow}"),
        None if order == Order::default() => order.key.to_string(),
        None => format!("{} {arrow}", order.key),
    }
}
