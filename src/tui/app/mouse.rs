//! What the mouse does: the wheel moves what has the focus, a click means what it hits. What lies where is asked of the view.

use ratatui::layout::Position;

use super::{App, Overlay, Screen};
use crate::{
    job::{Order, SortKey, Timestamp},
    tui::{
        event::{Gesture, Update},
        table::Hit,
        view,
    },
};

/// The rows or lines that a notch of the wheel moves.
const NOTCH: isize = 3;

impl App {
    /// Takes a gesture in.
    pub(super) fn mouse(&mut self, now: Timestamp, gesture: Gesture, at: Position) -> Update {
        // A note is for the job that was selected when it was begun.
        if matches!(self.overlay, Some(Overlay::Note)) {
            return Update::default();
        }
        match gesture {
            Gesture::WheelUp => self.step(now, -NOTCH),
            Gesture::WheelDown => self.step(now, NOTCH),
            Gesture::Click => self.click(now, at),
        }
    }

    fn click(&mut self, now: Timestamp, at: Position) -> Update {
        let in_table = self.screen == Screen::Table && matches!(self.overlay, None | Some(Overlay::Filter));
        match view::hit(self, at).filter(|_| in_table) {
            Some(Hit::Row(place)) => {
                self.table.select(place, &self.rows, &self.snapshot);
                Update::changes()
            }
            Some(Hit::Heading(key)) => self.order_by(now, ordered_by(self.list.order, key)),
            None => Update::default(),
        }
    }
}

/// The order after a click on a heading: by that column, or the other way round where it is by that column.
fn ordered_by(order: Order, key: SortKey) -> Order {
    if order.key == key { Order { direction: order.direction.reversed(), ..order } } else { key.into() }
}
