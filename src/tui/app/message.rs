//! What the footer says for a while: that something was done, or why it was not.

use chrono::TimeDelta;

use crate::{job::Timestamp, text, tui::theme::Tone};

/// How long it stands where no key is pressed.
const STANDS: TimeDelta = TimeDelta::seconds(8);

/// Words for the footer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tui) struct Message {
    pub(in crate::tui) words: String,
    pub(in crate::tui) tone: Tone,
    /// When it goes by itself.
    pub(in crate::tui) until: Timestamp,
}

impl Message {
    /// Something was done.
    pub(super) fn good(words: impl AsRef<str>, now: Timestamp) -> Self {
        Self::new(words.as_ref(), Tone::Good, now)
    }

    /// Something was not done.
    pub(super) fn bad(words: impl AsRef<str>, now: Timestamp) -> Self {
        Self::new(words.as_ref(), Tone::Warning, now)
    }

    fn new(words: &str, tone: Tone, now: Timestamp) -> Self {
        Self { words: text::clean(words).into_owned(), tone, until: now + STANDS }
    }
}
