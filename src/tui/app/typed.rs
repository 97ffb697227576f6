//! Where typed text goes: the filter, whose matter is in `search`, the note with which a failure is settled, a command.
//!
//! Which keys begin and end the typing says the key map.

use crossterm::event::KeyEvent;
use tui_input::{Input, InputRequest, backend::crossterm::EventHandler};

use super::{App, Overlay, Screen};
use crate::{
    engine::Command,
    job::{
        Timestamp,
        coverage::{Failure, Standing},
    },
    text,
    tui::event::{Effect, Update},
};

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
        match &mut self.overlay {
            Some(Overlay::Filter) => Some(&mut self.search.input),
            Some(Overlay::Note) => Some(&mut self.note),
            Some(Overlay::Command(palette)) => Some(&mut palette.input),
            Some(Overlay::Export(input)) => Some(input),
            Some(Overlay::Help(_) | Overlay::Columns(_) | Overlay::Copy(_) | Overlay::Overwrite(_)) | None => None,
        }
    }

    fn has_typed(&mut self, now: Timestamp) -> Update {
        match &mut self.overlay {
            Some(Overlay::Filter) => {
                self.search.history.leave();
                return self.filter(now);
            }
            Some(Overlay::Command(palette)) => palette.place = 0,
            _ => {}
        }
        Update::changes()
    }

    /// Takes what was typed.
    pub(super) fn accept(&mut self, now: Timestamp) -> Update {
        if matches!(self.overlay, Some(Overlay::Filter)) {
            return self.keep_filter();
        }
        match self.overlay.take() {
            Some(Overlay::Note) => self.settled(),
            Some(Overlay::Command(palette)) => match palette.chosen() {
                Some(action) => {
                    self.fit();
                    self.act(now, action)
                }
                None => {
                    let words = format!("{:?} is no command", palette.input.value());
                    self.say(super::Message::bad(words, now))
                }
            },
            Some(Overlay::Export(input)) => self.export(now, input),
            _ => self.uncover(),
        }
    }

    /// Completes the name of a command.
    pub(super) fn complete(&mut self) -> Update {
        if let Some(Overlay::Command(palette)) = &mut self.overlay
            && let Some(action) = palette.chosen()
        {
            palette.input = Input::new(action.name().to_owned());
            palette.place = 0;
        }
        Update::changes()
    }

    /// Asks for the note with which the failure that is looked at is settled.
    pub(super) fn settle(&mut self) -> Update {
        let failure = self.standing().and_then(Standing::failure);
        if failure.is_none_or(|failure| !failure.is_open()) {
            return Update::default();
        }
        self.note.reset();
        self.lay(Overlay::Note)
    }

    /// Settles the failure with the note that was typed.
    fn settled(&mut self) -> Update {
        self.fit();
        let note = self.note.value().trim().into();
        let job = self.selected().cloned();
        job.map_or_else(Update::changes, |job| Update::with(Effect::Send(Command::Acknowledge(job, note))))
    }

    /// Opens a failure again that was settled.
    pub(super) fn take_back(&mut self) -> Update {
        let failure = self.standing().and_then(Standing::failure);
        match (failure, self.selected()) {
            (Some(Failure::Acknowledged(_)), Some(job)) => Update::with(Effect::Send(Command::TakeBack(job.clone()))),
            _ => Update::default(),
        }
    }

    /// What the job means that is looked at.
    fn standing(&self) -> Option<&Standing> {
        if matches!(self.screen, Screen::Events(_) | Screen::Coverage(_) | Screen::Targets(_)) {
            return None;
        }
        self.snapshot.row(self.snapshot.find(self.selected()?)?).standing
    }
}
