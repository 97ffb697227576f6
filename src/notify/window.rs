//! Bell and window title: what reaches a person who looks at another window. Who writes it to a terminal, and when, is not known
//! here.

use super::Title;

/// Rings the bell.
pub const BELL: &str = "\x07";
/// Puts the window's title aside (XTWINOPS 22).
pub const KEEP_TITLE: &str = "\x1b[22;2t";
/// Gives back the title that was put aside (XTWINOPS 23).
pub const GIVE_BACK_TITLE: &str = "\x1b[23;2t";

impl Title {
    /// Whose it is on the terminal that `TERM` names. Consoles have none, and what a terminal of old makes of the sequence nobody
    /// knows.
    #[must_use]
    pub fn on(self, term: &str) -> Self {
        let has_none = term.is_empty() || ["linux", "dumb", "cons25"].contains(&term) || term.starts_with("vt");
        if has_none { Self::Theirs } else { self }
    }
}

/// What makes a text the window's title.
#[must_use]
pub fn titled(text: &str) -> String {
    format!("\x1b]2;{text}\x07")
}

/// Open failures and jobs under way with their signs, as in `✖1 ▶2 trailwatch`.
#[must_use]
pub fn title(open: (&str, usize), active: (&str, usize)) -> String {
    let of = |(sign, count)| if count == 0 { String::new() } else { format!("{sign}{count} ") };
    format!("{}{}trailwatch", of(open), of(active))
}
