//! What is carried out of the dashboard: texts to the clipboard, the list to a file; and what is said of it afterwards.

use std::sync::Arc;

use tui_input::Input;

use super::{App, Message, Overlay, Screen};
use crate::{
    engine::RowRef,
    export::{Clip, Export, FileFormat, Overwrite, View, default_name},
    job::Timestamp,
    tui::event::{Effect, Outcome, Update},
};

impl App {
    /// Offers what can be copied of the job that is looked at.
    pub(super) fn choose_copy(&mut self) -> Update {
        if self.row_looked_at().is_none() { Update::default() } else { self.lay(Overlay::Copy(0)) }
    }

    /// Copies something of the job that is looked at.
    pub(super) fn copy(&mut self, now: Timestamp, clip: Clip) -> Update {
        let Some(at) = self.row_looked_at() else { return Update::default() };
        match clip.text(&self.snapshot, at, now) {
            Some(text) => Update::with(Effect::Copy(text)),
            None => self.say(Message::bad(format!("the {} of this job is not known", clip.title()), now)),
        }
    }

    fn row_looked_at(&self) -> Option<RowRef> {
        if matches!(self.screen, Screen::Events(_) | Screen::Coverage(_) | Screen::Targets(_)) {
            return None;
        }
        self.snapshot.find(self.selected()?)
    }

    /// Asks for the name of a file.
    pub(super) fn ask_for_file(&mut self, now: Timestamp) -> Update {
        self.lay(Overlay::Export(Input::new(default_name(FileFormat::Csv, now))))
    }

    /// Writes the list, as it is seen, to a file of this name.
    pub(super) fn export(&mut self, now: Timestamp, input: Input) -> Update {
        let Some(format) = FileFormat::of_name(input.value().trim()) else {
            self.overlay = Some(Overlay::Export(input));
            return self.say(Message::bad("the name must end in .csv or .json, which is what is written", now));
        };
        let view = View { snapshot: Arc::clone(&self.snapshot), rows: self.rows.shown().into() };
        let to = input.value().trim().to_owned();
        Update::with(Effect::Export(Export { view, format, to, overwrite: Overwrite::No }))
    }

    /// Does what was asked whether to do.
    pub(super) fn confirm(&mut self) -> Update {
        match self.overlay.take() {
            Some(Overlay::Overwrite(export)) => Update::with(Effect::Export((*export).confirmed())),
            other => {
                self.overlay = other;
                Update::default()
            }
        }
    }

    /// Says how a copy or an export ended.
    pub(super) fn done(&mut self, now: Timestamp, outcome: Outcome) -> Update {
        let message = match outcome {
            Outcome::Copied(copied) => {
                let hint = copied.through.hint().map_or_else(String::new, |hint| format!("; {hint}"));
                Message::good(format!("copied {} bytes{hint}", copied.bytes), now)
            }
            Outcome::NotCopied(error) => Message::bad(error.to_string(), now),
            Outcome::Saved(saved) => {
                Message::good(format!("{} jobs written to {}", saved.jobs, saved.path.display()), now)
            }
            Outcome::Exists(export, _) => return self.lay(Overlay::Overwrite(Box::new(export))),
            Outcome::NotSaved(error) => Message::bad(error.to_string(), now),
        };
        self.say(message)
    }
}
