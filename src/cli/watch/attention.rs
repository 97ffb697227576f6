//! What calls a person who looks at another window: the bell and the window's title, on a terminal only.

use std::io::{self, Write as _};

use crate::{
    cli::follow::Moment,
    engine::Snapshot,
    export::Arrow,
    notify::{self, Bell, Rules, Title},
};

/// What a terminal was told.
pub(super) struct Attention {
    /// By which the bell is rung, if it is.
    rules: Option<Rules>,
    /// The title that was written last, where the title is ours.
    title: Option<String>,
    arrow: Arrow,
}

impl Attention {
    /// Nothing is written where there is no terminal, which has a `TERM`.
    pub(super) fn new(config: &notify::Config, term: Option<&str>, arrow: Arrow) -> Self {
        let rules = (term.is_some() && config.bell == Bell::Rings).then(Rules::default);
        let title = (config.title.on(term.unwrap_or_default()) == Title::Ours).then(String::new);
        Self { rules, title, arrow }
    }

    /// Rings where a snapshot brings what people should hear of, and counts open failures and active jobs in the title.
    pub(super) fn see(&mut self, snapshot: &Snapshot, moment: Moment, open: usize, active: usize) {
        let signals = self.rules.as_mut().map(|rules| rules.see(snapshot, moment.now)).unwrap_or_default();
        if signals.iter().any(|signal| signal.kind.rings()) {
            write(notify::BELL);
        }
        let Some(title) = &mut self.title else { return };
        let [failed, delivering] = match self.arrow {
            Arrow::Drawn => ["✖", "▶"],
            Arrow::Ascii => ["x", ">"],
        };
        let words = notify::title((failed, open), (delivering, active));
        if words != *title {
            let keep = if title.is_empty() { notify::KEEP_TITLE } else { "" };
            write(&format!("{keep}{}", notify::titled(&words)));
            *title = words;
        }
    }
}

impl Drop for Attention {
    fn drop(&mut self) {
        if self.title.as_ref().is_some_and(|title| !title.is_empty()) {
            write(notify::GIVE_BACK_TITLE);
        }
    }
}

/// Where nobody can be reached any more, there is nothing to do about it.
fn write(sequence: &str) {
    let _ = io::stderr().write_all(sequence.as_bytes());
}
