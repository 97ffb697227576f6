//! Which jobs the table lists, in which order and with which columns.

use std::collections::BTreeSet;

use super::{App, Update};
use crate::{
    job::{Order, Row, SortKey, Status, Timestamp, coverage::Standing},
    tui::{
        action::Action,
        session::Session,
        table::{COLUMNS, Column},
    },
};

/// What the table lists.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::tui) struct List {
    pub(in crate::tui) tab: Tab,
    pub(in crate::tui) order: Order,
    /// The titles of columns that the user does not want.
    hidden: BTreeSet<&'static str>,
}

/// The tabs of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::tui) enum Tab {
    /// Every job.
    #[default]
    All,
    /// Those under way.
    Active,
    /// Failures that still matter.
    Open,
    /// Those that are complete.
    Complete,
    /// Those that changed since the last visit.
    Changed,
}

impl Tab {
    /// Every tab, from left to right.
    pub(in crate::tui) const ALL: [Self; 5] = [Self::All, Self::Active, Self::Open, Self::Complete, Self::Changed];

    /// Its name.
    pub(in crate::tui) const fn title(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Active => "active",
            Self::Open => "open",
            Self::Complete => "complete",
            Self::Changed => "changed",
        }
    }

    /// What shows it.
    pub(in crate::tui) const fn action(self) -> Action {
        match self {
            Self::All => Action::ShowAll,
            Self::Active => Action::ShowActive,
            Self::Open => Action::ShowOpen,
            Self::Complete => Action::ShowComplete,
            Self::Changed => Action::ShowChanged,
        }
    }

    /// Whether it lists a job.
    pub(in crate::tui) fn holds(self, row: &Row<'_>) -> bool {
        match self {
            Self::All => true,
            Self::Active => row.job.status.is_active(),
            Self::Open => row.standing.is_some_and(Standing::is_open_failure),
            Self::Complete => row.job.status == Status::Complete,
            Self::Changed => row.changed,
        }
    }
}

impl List {
    /// Whether the user wants a column. The status is always shown.
    pub(in crate::tui) fn shows(&self, column: &Column) -> bool {
        !self.hidden.contains(column.title)
    }

    /// The titles of the columns that the user does not want.
    pub(super) fn hidden(&self) -> Vec<String> {
        self.hidden.iter().map(|title| (*title).to_owned()).collect()
    }

    /// Takes over how a list was left. What is not known here stays as it is.
    pub(super) fn restore(&mut self, session: &Session) {
        self.order = session.sort.unwrap_or(self.order);
        let tab = Tab::ALL.into_iter().find(|tab| Some(tab.title()) == session.tab.as_deref());
        self.tab = tab.unwrap_or(self.tab);
        let hidden =
            COLUMNS.iter().filter(|column| column.importance > 0 && session.hidden.contains(&column.title.to_owned()));
        self.hidden = hidden.map(|column| column.title).collect();
    }

    /// Shows a column, or hides it.
    pub(super) fn toggle(&mut self, column: &Column) {
        if column.importance > 0 && !self.hidden.remove(column.title) {
            self.hidden.insert(column.title);
        }
    }
}

impl App {
    pub(super) fn show_tab(&mut self, now: Timestamp, tab: Tab) -> Update {
        self.list.tab = tab;
        self.index(now);
        Update::changes()
    }

    pub(super) fn sort(&mut self, now: Timestamp) -> Update {
        let at = SortKey::ALL.iter().position(|key| *key == self.list.order.key).unwrap_or(0);
        self.order_by(now, SortKey::ALL[(at + 1) % SortKey::ALL.len()].into())
    }

    pub(super) fn reverse(&mut self, now: Timestamp) -> Update {
        let order = self.list.order;
        self.order_by(now, Order { direction: order.direction.reversed(), ..order })
    }

    pub(super) fn order_by(&mut self, now: Timestamp, order: Order) -> Update {
        self.list.order = order;
        self.index(now);
        Update::changes()
    }

    /// Selects the next job below that changed, from the top again behind the last.
    pub(super) fn next_changed(&mut self, now: Timestamp) -> Update {
        let count = self.rows.len();
        let places = (1..=count).map(|step| (self.table.place() + step) % count);
        let is_changed = |place: &usize| self.rows.get(*place).is_some_and(|at| self.snapshot.row(at).changed);
        match places.into_iter().find(is_changed) {
            Some(place) => {
                self.table.select(place, &self.rows, &self.snapshot);
                Update::changes()
            }
            None => self.say(super::Message::bad("no job of this list has changed", now)),
        }
    }
}
