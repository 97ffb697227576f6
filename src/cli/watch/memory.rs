//! What earlier runs told, and what this one told: kept in the journal, so that a restart neither loses a line nor repeats one.
//!
//! Without a journal, or with one that can't be used, everything is told as if it were for the first time.

use std::{mem, path::Path, sync::Arc};

use crate::{
    cli::report::{self, Severity},
    job::{TargetKey, Timestamp, Transition},
    journal::{Error, Journal, Notice, Reader},
};

/// How many changes wait to be marked while the disk is full. Those beyond may come twice.
const WAITING: usize = 10_000;

/// The last moment of what a state shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Until(pub(super) Timestamp);

/// What was told.
pub(super) trait Marks {
    /// What happened to the jobs of a target since the last run, and nobody told.
    fn untold(&mut self, target: &TargetKey) -> Vec<Arc<Transition>>;
    /// Whether a change was told.
    fn was_told(&mut self, change: &Transition) -> bool;
    /// What was seen of a target until then needs not to be told.
    fn pass_over(&mut self, target: &TargetKey, until: Until);
    /// These were told just now.
    fn told(&mut self, changes: Vec<Arc<Transition>>);
}

/// Marks in the journal.
pub(super) struct Memory {
    journal: Option<Journal>,
    reader: Reader,
    /// Told, and not marked yet: the journal could not be written.
    unmarked: Vec<Arc<Transition>>,
    /// The trouble that was told last, so that a full disk is told once.
    trouble: Option<Error>,
}

impl Memory {
    /// Opens the journal, where there is one.
    pub(super) fn open(path: Option<&Path>, reader: Reader, targets: &[TargetKey], now: Timestamp) -> Self {
        let opened = path.map(|path| Journal::open(path, now));
        // Any other trouble says the engine, which opens it as well; but it will find the new one.
        if let Some(notice @ Notice::SetAside { .. }) = opened.as_ref().and_then(|opened| opened.notice.as_ref()) {
            report::say(Severity::Warning, &notice.to_string());
        }
        let journal = opened.and_then(|opened| opened.journal);
        let mut memory = Self { journal, reader, unmarked: Vec::new(), trouble: None };
        memory.attempt(|journal, reader| journal.begin_to_tell(reader, targets));
        memory
    }

    /// Asks the journal for something. What goes wrong is said once.
    fn attempt<T>(&mut self, ask: impl FnOnce(&mut Journal, &Reader) -> Result<T, Error>) -> Option<T> {
        let answer = ask(self.journal.as_mut()?, &self.reader);
        match answer {
            Ok(answer) => {
                self.trouble = None;
                Some(answer)
            }
            Err(error) => {
                if self.trouble.as_ref() != Some(&error) {
                    let words = format!(
                        "the journal can't keep what was told: {error}; after a restart, lines may be missing or come twice"
                    );
                    report::say(Severity::Warning, &words);
                    self.trouble = Some(error);
                }
                None
            }
        }
    }
}

impl Marks for Memory {
    fn untold(&mut self, target: &TargetKey) -> Vec<Arc<Transition>> {
        let untold = self.attempt(|journal, reader| journal.untold(reader, target));
        untold.unwrap_or_default().into_iter().map(Arc::new).collect()
    }

    fn was_told(&mut self, change: &Transition) -> bool {
        self.attempt(|journal, reader| journal.was_told(reader, change)).unwrap_or(false)
    }

    fn pass_over(&mut self, target: &TargetKey, until: Until) {
        self.attempt(|journal, reader| journal.pass_over(reader, target, until.0));
    }

    fn told(&mut self, changes: Vec<Arc<Transition>>) {
        if self.journal.is_none() {
            return;
        }
        self.unmarked.extend(changes);
        if self.unmarked.is_empty() {
            return;
        }
        let told = mem::take(&mut self.unmarked);
        if self.attempt(|journal, reader| journal.tell(reader, &told)).is_none() {
            self.unmarked = told;
            let beyond = self.unmarked.len().saturating_sub(WAITING);
            self.unmarked.drain(..beyond);
        }
    }
}
