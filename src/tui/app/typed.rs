//! What is typed: the text to search for, and the note with which a failure is settled.
//!
//! Which keys begin and end the typing says the key map.

use crossterm::event::KeyEvent;
use tui_input::{Input, InputRequest, backend::crossterm::EventHandler};

use super::{App, Focus};
use crate::{
    engine::Command,
    job::{
        Filter, Timestamp,
        coverage::{Failure, Standing},
    },
    text,
    tui::event::{Effect, Update},
};

/// The text that jobs must have.
#[derive(Debug, Default)]
pub(in crate::tui) struct Search {
    pub(in crate::tui) input: Input,
    pub(in crate::tui) filter: Filter,
}

impl Search {
    /// Takes over a text as if it had been typed.
    pub(super) fn set(&mut self, text: &str) {
        self.input = Input::new(text.to_owned());
        self.filter = Filter::new(text);
    }
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
        for char in text::typed(text) {
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
        if self.focus == Focus::Search { self.filter(now) } else { Update::changes() }
    }

    fn filter(&mut self, now: Timestamp) -> Update {
        self.search.filter = Filter::new(self.search.input.value());
        self.index(now);
        Update::changes()
    }

    pub(super) fn drop_filter(&mut self, now: Timestamp) -> Update {
        self.search.input.reset();
        self.filter(now)
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
