//! What is typed: the filter, and the note with which a failure is settled.
//!
//! Which keys begin and end the typing says the key map.

use crossterm::event::KeyEvent;
use tui_input::{Input, InputRequest, backend::crossterm::EventHandler};

use super::{
    App, Focus,
    history::{Entries, History},
};
use crate::{
    engine::Command,
    job::{
        Fault, Filter, Timestamp,
        coverage::{Failure, Standing},
    },
    tui::event::{Effect, Update},
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

impl App {
    /// Takes a key that means nothing but itself.
    pub(super) fn typed(&mut self, now: Timestamp, key: KeyEvent) -> Update {
        let Some(input) = self.input() else { return Update::default() };
        input.handle_event(&crossterm::event::Event::Key(key));
        self.has_typed(now)
    }

    /// Pasted text is text where text is typed, and nothing elsewhere: never a row of keys.
    pub(super) fn paste(&mut self, now: Timestamp, text: &str) -> Update {
        let Some(input) = self.input() else { return Update::default() };
        let spaced = text.chars().map(|char| if char.is_whitespace() { ' ' } else { char });
        for char in spaced.filter(|char| !char.is_control()) {
            input.handle(InputRequest::InsertChar(char));
        }
        self.has_typed(now)
    }

    /// The line in which text is typed now.
    fn input(&mut self) -> Option<&mut Input> {
        match self.focus {
            Focus::Search => Some(&mut self.search.input),
            Focus::Note => Some(&mut self.note),
            Focus::Table | Focus::Detail { .. } | Focus::Help { .. } => None,
        }
    }

    fn has_typed(&mut self, now: Timestamp) -> Update {
        if self.focus != Focus::Search {
            return Update::changes();
        }
        self.search.history.leave();
        self.filter(now)
    }

    /// Puts the text into force if it is right, and says what is wrong with it if not.
    fn filter(&mut self, now: Timestamp) -> Update {
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

    /// The filters that were typed, oldest first: what a later run may want back.
    #[must_use]
    pub fn filters(&self) -> &[String] {
        self.search.history.entries()
    }

    /// Brings back the filters of an earlier run, oldest first.
    pub fn restore_filters<T: AsRef<str>>(&mut self, filters: impl IntoIterator<Item = T>) {
        self.search.history = History::restored(filters);
    }

    /// Opens the line of the filter.
    pub(super) fn search(&mut self) -> Update {
        self.search.opened_with = self.search.input.value().to_owned();
        self.focus_on(Focus::Search)
    }

    /// Leaves the line, and the filter in force. A text that is wrong is not left: the filter in force is an earlier one, and
    /// nobody should take the list for what the text says.
    pub(super) fn keep_filter(&mut self) -> Update {
        if self.search.fault.is_some() {
            return Update::changes();
        }
        self.search.history.add(self.search.input.value());
        self.focus_on(Focus::Table)
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

    /// Rebuilds the row index where a job has crossed an edge of time that the filter names.
    pub(super) fn pass_time(&mut self, now: Timestamp) {
        if self.rows.next_change().is_some_and(|at| at <= now) {
            self.index(now);
        }
    }

    /// Asks for the note with which the selected failure is settled.
    pub(super) fn settle(&mut self) -> Update {
        let failure = self.standing().and_then(Standing::failure);
        if failure.is_none_or(|failure| !failure.is_open()) {
            return Update::default();
        }
        self.note.reset();
        self.focus_on(Focus::Note)
    }

    /// Settles the selected failure with the note that was typed.
    pub(super) fn settled(&mut self) -> Update {
        self.focus = Focus::Table;
        let note = self.note.value().trim().into();
        let job = self.table.selected().cloned();
        job.map_or_else(Update::changes, |job| Update::with(Effect::Send(Command::Acknowledge(job, note))))
    }

    /// Opens a failure again that was settled.
    pub(super) fn take_back(&mut self) -> Update {
        let failure = self.standing().and_then(Standing::failure);
        match (failure, self.table.selected()) {
            (Some(Failure::Acknowledged(_)), Some(job)) => Update::with(Effect::Send(Command::TakeBack(job.clone()))),
            _ => Update::default(),
        }
    }

    /// What the selected job means.
    fn standing(&self) -> Option<&Standing> {
        self.snapshot.row(self.rows.get(self.table.place())?).standing
    }
}
