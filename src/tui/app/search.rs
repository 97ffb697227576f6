//! The filter's line: what stands in it, what is in force, and the filters that were typed before.

use tui_input::Input;

use super::{
    App, Overlay,
    history::{Entries, History},
};
use crate::{
    job::{Fault, Filter, Timestamp},
    tui::event::Update,
};

/// The filter's line: what stands in it, and what is in force.
#[derive(Debug, Default)]
pub(in crate::tui) struct Search {
    pub(in crate::tui) input: Input,
    /// The last filter that was right: while the text is wrong, it stays in force.
    pub(in crate::tui) filter: Filter,
    /// The text of that filter.
    pub(in crate::tui) in_force: String,
    /// What is wrong with the text in the line.
    pub(in crate::tui) fault: Option<Fault>,
    pub(in crate::tui) history: History,
    /// What stood in the line when it was opened.
    opened_with: String,
}

/// Where a walk through earlier filters goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recall {
    Older,
    Newer,
}

impl Search {
    /// Takes over a text as if it had been typed. One that is wrong filters nothing.
    pub(super) fn set(&mut self, text: &str) {
        if let Ok(filter) = Filter::parse(text) {
            (self.input, self.filter, self.in_force) = (Input::new(text.to_owned()), filter, text.to_owned());
        }
    }
}

impl App {
    /// Puts the text into force if it is right, and says what is wrong with it if not.
    pub(super) fn filter(&mut self, now: Timestamp) -> Update {
        let text = self.search.input.value().to_owned();
        match Filter::parse(&text) {
            Ok(filter) => {
                self.search.fault = None;
                self.put(now, filter, &text);
            }
            Err(fault) => {
                self.forget_half_a_term(now, &text, &fault);
                self.search.fault = Some(fault);
            }
        }
        Update::changes()
    }

    /// While `status:failed` is typed, the last filter that was right looks for the word `status`, which nobody meant: the one
    /// before that word was begun stays in force instead.
    fn forget_half_a_term(&mut self, now: Timestamp, text: &str, fault: &Fault) {
        let whole = text[..fault.term_start()].trim_end();
        let in_force = &self.search.in_force;
        if in_force.len() <= fault.term_start() || !text.starts_with(in_force.as_str()) {
            return;
        }
        if let Ok(filter) = Filter::parse(whole) {
            self.put(now, filter, whole);
        }
    }

    fn put(&mut self, now: Timestamp, filter: Filter, text: &str) {
        self.search.in_force = text.to_owned();
        self.search.filter = filter;
        self.index(now);
    }

    /// Opens the line of the filter.
    pub(super) fn open_search(&mut self) -> Update {
        self.search.opened_with = self.search.input.value().to_owned();
        self.lay(Overlay::Filter)
    }

    /// Leaves the line, and the filter in force. A text that is wrong is not left: the filter in force is an earlier one, and
    /// nobody should take the list for what the text says.
    pub(super) fn keep_filter(&mut self) -> Update {
        if self.search.fault.is_some() {
            return Update::changes();
        }
        self.search.history.add(self.search.input.value());
        self.uncover()
    }

    /// Lets all jobs through again. What stood in the line, right or wrong, is an earlier filter from now on.
    pub(super) fn drop_filter(&mut self, now: Timestamp) -> Update {
        self.search.history.add(self.search.input.value());
        self.search.input.reset();
        self.filter(now)
    }

    /// Puts an earlier or later filter into the line: one that begins as what was typed, if something was.
    pub(super) fn recall(&mut self, now: Timestamp, direction: Recall) -> Update {
        let Search { input, history, opened_with, .. } = &mut self.search;
        let entries = if input.value() == opened_with { Entries::All } else { Entries::Alike };
        let found = match direction {
            Recall::Older => history.older(input.value(), entries),
            Recall::Newer => history.newer(input.value()),
        };
        let Some(text) = found else { return Update::default() };
        self.search.input = text.into();
        self.filter(now)
    }

    /// Rebuilds the row index where a job has crossed an edge of time that the filter names, and the trails where a hole has
    /// gone for good.
    pub(super) fn pass_time(&mut self, now: Timestamp) {
        if self.rows.next_change().is_some_and(|at| at <= now) {
            self.index(now);
        }
        if self.trails.next_change.is_some_and(|at| at <= now) {
            let looked_at = self.trail_looked_at(&self.snapshot);
            self.index_trails(now, looked_at.as_ref());
        }
        if !self.fare.holds_at(now) {
            self.sum_up(now);
        }
    }
}
