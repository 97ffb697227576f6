//! The table component: columns as values, a selection that sticks to its job, and drawing that touches visible rows only.

mod column;
mod draw;
mod hit;
mod state;

pub(super) use column::{COLUMNS, Column, Widest};
pub(super) use draw::{Content, draw, order_words};
pub(super) use hit::{Hit, hit};
pub(super) use state::TableState;
