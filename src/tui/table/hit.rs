//! What of the table lies at a place of the screen, for the mouse: the reverse of drawing it.

use ratatui::layout::{Position, Rect};

use super::{
    column::GAP,
    draw::{Content, layout},
};
use crate::job::SortKey;

/// A part of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    /// The heading of a column by which jobs can be sorted.
    Heading(SortKey),
    /// The row at this place of the list.
    Row(usize),
}

/// What lies at a place of a table that is drawn into `area`.
#[must_use]
pub fn hit(content: &Content<'_>, area: Rect, at: Position) -> Option<Hit> {
    if !area.contains(at) {
        return None;
    }
    let (below, place) = (usize::from(at.y - area.y), content.state.offset());
    match below.checked_sub(1) {
        None => heading(content, area, at.x).map(Hit::Heading),
        Some(row) if row < content.state.height() && place + row < content.rows.len() => Some(Hit::Row(place + row)),
        Some(_) => None,
    }
}

fn heading(content: &Content<'_>, area: Rect, x: u16) -> Option<SortKey> {
    let (inner, columns) = layout(content, area);
    let mut left = usize::from(inner.x);
    for (column, width) in columns {
        if (left..left + width).contains(&usize::from(x)) {
            return column.key;
        }
        left += width + GAP;
    }
    None
}
