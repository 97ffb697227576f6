//! Whether and how words are coloured on a plain stream. The dashboard has a theme of its own.

use std::io::IsTerminal;

use anstyle::{AnsiColor, Style};

use crate::job::Status;

/// Whether words are coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// With the terminal's own sixteen colours.
    Coloured,
    /// Never: a pipe, a file, or a user who does not want it.
    Plain,
}

impl Paint {
    /// Coloured only on a terminal that can, for a user who did not refuse: the values of `NO_COLOR` and `TERM` decide.
    #[must_use]
    pub fn choose(stream: &impl IsTerminal, no_color: Option<&str>, term: Option<&str>) -> Self {
        let refused = no_color.is_some_and(|value| !value.is_empty()) || term == Some("dumb");
        if stream.is_terminal() && !refused { Self::Coloured } else { Self::Plain }
    }

    /// The style of a status.
    pub(super) fn status(self, status: Status) -> Style {
        let colour = match (self, status) {
            (Self::Plain, _) => return Style::new(),
            (_, Status::Initializing | Status::Delivering) => AnsiColor::Cyan,
            (_, Status::Complete) => AnsiColor::Green,
            (_, Status::Failed) => AnsiColor::Red,
            (_, Status::Unknown(_)) => AnsiColor::Yellow,
        };
        Style::new().fg_color(Some(colour.into()))
    }

    /// The style of a heading.
    pub(super) fn heading(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Coloured => Style::new().bold(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_never_coloured() {
        let file = std::fs::File::open("/dev/null").unwrap();
        assert_eq!(Paint::choose(&file, None, Some("xterm")), Paint::Plain);
    }

    #[test]
    fn plain_words_have_no_escape_sequence() {
        assert_eq!(Paint::Plain.status(Status::Failed).to_string(), "");
        assert_eq!(Paint::Coloured.status(Status::Failed).to_string(), "\u{1b}[31m");
        assert_eq!(Paint::Plain.heading().to_string(), "");
    }
}
