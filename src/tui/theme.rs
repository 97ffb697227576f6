//! How things look: symbols and styles by meaning. The terminal's own 16 colours, so that light and dark stay readable.

use ratatui::style::{Color, Modifier, Style};

use crate::{
    engine::Freshness,
    job::{Row, Status, coverage::Standing},
};

/// What a piece of text means, which decides its style.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Plain text.
    Normal,
    /// Less important.
    Dim,
    /// A heading, a label, a key.
    Strong,
    /// Under way.
    Active,
    /// Done well.
    Good,
    /// It matters, and it is bad.
    Bad,
    /// Not to be trusted fully.
    Warning,
}

/// The signs on the screen. Each is one column wide, but the arrow in ASCII.
#[derive(Debug, PartialEq, Eq)]
pub struct Symbols {
    /// Of a status.
    pub initializing: &'static str,
    /// Of a status.
    pub delivering: &'static str,
    /// Of a status.
    pub complete: &'static str,
    /// Of a status.
    pub failed: &'static str,
    /// Of a status.
    pub unknown: &'static str,
    /// Read lately.
    pub live: &'static str,
    /// Not to be trusted to be current.
    pub stale: &'static str,
    /// Left alone.
    pub paused: &'static str,
    /// A part of a bar that is done.
    pub bar_full: &'static str,
    /// A part of a bar that failed.
    pub bar_lost: &'static str,
    /// A part of a bar that is not done.
    pub bar_empty: &'static str,
    /// The selected row.
    pub cursor: &'static str,
    /// A job that changed since the last visit.
    pub changed: &'static str,
    /// From one time to another.
    pub arrow: &'static str,
    /// Where text was cut.
    pub ellipsis: &'static str,
    /// Between facts.
    pub dot: &'static str,
    /// Sorted with the smallest first.
    pub ascending: &'static str,
    /// Sorted with the largest first.
    pub descending: &'static str,
    /// The scrollbar's track and thumb.
    pub scroll: (&'static str, &'static str),
    /// The frame.
    pub border: ratatui::symbols::border::Set<'static>,
}

const UNICODE: Symbols = Symbols {
    initializing: "○",
    delivering: "▶",
    complete: "✔",
    failed: "✖",
    unknown: "?",
    live: "●",
    stale: "▲",
    paused: "‖",
    bar_full: "█",
    bar_lost: "▒",
    bar_empty: "░",
    cursor: "›",
    changed: "•",
    arrow: "→",
    ellipsis: "…",
    dot: "·",
    ascending: "↑",
    descending: "↓",
    scroll: ("│", "█"),
    border: ratatui::symbols::border::PLAIN,
};

const ASCII: Symbols = Symbols {
    initializing: "o",
    delivering: ">",
    complete: "+",
    failed: "x",
    unknown: "?",
    live: "*",
    stale: "!",
    paused: "=",
    bar_full: "#",
    bar_lost: "x",
    bar_empty: ".",
    cursor: ">",
    changed: "*",
    arrow: "->",
    ellipsis: "~",
    dot: "-",
    ascending: "^",
    descending: "v",
    scroll: ("|", "#"),
    border: ratatui::symbols::border::Set {
        top_left: "+",
        top_right: "+",
        bottom_left: "+",
        bottom_right: "+",
        vertical_left: "|",
        vertical_right: "|",
        horizontal_top: "-",
        horizontal_bottom: "-",
    },
};

/// Whether colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colors {
    /// The terminal's own 16.
    Sixteen,
    /// None: bold, dim and reverse only.
    None,
}

/// Which signs can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// Any.
    Unicode,
    /// ASCII only.
    Ascii,
}

/// Symbols and styles.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    /// The signs.
    pub symbols: &'static Symbols,
    colors: Colors,
}

impl Theme {
    /// A theme for what the terminal can do.
    #[must_use]
    pub fn new(charset: Charset, colors: Colors) -> Self {
        let symbols = match charset {
            Charset::Unicode => &UNICODE,
            Charset::Ascii => &ASCII,
        };
        Self { symbols, colors }
    }

    /// What the environment says of the terminal. `variable` looks one up.
    #[must_use]
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG")).unwrap_or_default();
        let locale = locale.to_ascii_lowercase();
        let term = set("TERM").unwrap_or_default();
        let utf8 = locale.contains("utf-8") || locale.contains("utf8");
        let charset = if utf8 && term != "linux" { Charset::Unicode } else { Charset::Ascii };
        let mono = set("NO_COLOR").is_some() || term == "dumb" || term.starts_with("vt");
        Self::new(charset, if mono { Colors::None } else { Colors::Sixteen })
    }

    /// The same theme with ASCII signs.
    #[must_use]
    pub fn ascii(self) -> Self {
        Self { symbols: &ASCII, ..self }
    }

    /// The style of a meaning.
    #[must_use]
    pub fn style(&self, tone: Tone) -> Style {
        let style = Style::new();
        let (color, modifier) = match tone {
            Tone::Normal => return style,
            Tone::Dim => return style.add_modifier(Modifier::DIM),
            Tone::Strong => return style.add_modifier(Modifier::BOLD),
            Tone::Active => (Color::Cyan, Modifier::empty()),
            Tone::Good => (Color::Green, Modifier::empty()),
            Tone::Bad => (Color::Red, Modifier::BOLD),
            Tone::Warning => (Color::Magenta, Modifier::BOLD),
        };
        let style = style.add_modifier(modifier);
        match self.colors {
            Colors::Sixteen => style.fg(color),
            Colors::None => style,
        }
    }

    /// The style of what is selected.
    #[must_use]
    pub fn selected(&self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// The sign and the tone of a status: colour never stands alone.
    #[must_use]
    pub fn status(&self, status: Status) -> (&'static str, Tone) {
        match status {
            Status::Initializing => (self.symbols.initializing, Tone::Active),
            Status::Delivering => (self.symbols.delivering, Tone::Active),
            Status::Complete => (self.symbols.complete, Tone::Good),
            Status::Failed => (self.symbols.failed, Tone::Bad),
            Status::Unknown(_) => (self.symbols.unknown, Tone::Warning),
        }
    }

    /// The sign, the words and the tone of a job: what it means now, where that says more than its status.
    #[must_use]
    pub fn job(&self, row: &Row<'_>) -> (&'static str, String, Tone) {
        let (symbol, tone) = self.status(row.job.status);
        let status = || (symbol, row.job.status.to_string(), tone);
        let Some(standing) = row.standing else { return status() };
        let matters = if standing.needs_attention() { Tone::Bad } else { Tone::Dim };
        match standing {
            Standing::Active | Standing::Complete | Standing::Unknown => status(),
            Standing::Failed(_) => (symbol, standing.word().to_owned(), matters),
            Standing::Stalled { .. } | Standing::Incomplete { .. } => {
                (self.symbols.stale, standing.word().to_owned(), matters)
            }
        }
    }

    /// The sign, the word and the tone of a freshness.
    #[must_use]
    pub fn freshness(&self, freshness: Freshness) -> (&'static str, &'static str, Tone) {
        match freshness {
            Freshness::Live => (self.symbols.live, "live", Tone::Good),
            Freshness::Loading => (self.symbols.initializing, "loading", Tone::Active),
            Freshness::Unconfirmed => (self.symbols.stale, "unconfirmed", Tone::Warning),
            Freshness::Retrying => (self.symbols.stale, "retrying", Tone::Warning),
            Freshness::Unread => (self.symbols.stale, "not read", Tone::Warning),
            Freshness::Paused => (self.symbols.paused, "paused", Tone::Warning),
            Freshness::Stale => (self.symbols.stale, "stale", Tone::Warning),
            Freshness::Refused => (self.symbols.failed, "refused", Tone::Bad),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(variables: &[(&str, &str)]) -> (bool, Colors) {
        let theme = Theme::detect(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        });
        (*theme.symbols == UNICODE, theme.colors)
    }

    #[test]
    fn the_environment_decides_signs_and_colours() {
        assert_eq!(detect(&[("LANG", "zh_CN.UTF-8"), ("TERM", "xterm-256color")]), (true, Colors::Sixteen));
        assert_eq!(detect(&[("LANG", "C"), ("TERM", "xterm")]), (false, Colors::Sixteen));
        assert_eq!(detect(&[("LANG", "C"), ("LC_ALL", "C.utf8")]), (true, Colors::Sixteen));
        assert_eq!(detect(&[("LANG", "en_US.UTF-8"), ("LC_ALL", "C")]), (false, Colors::Sixteen));
        assert_eq!(detect(&[("LANG", "en_US.UTF-8"), ("TERM", "linux")]), (false, Colors::Sixteen));
        assert_eq!(detect(&[("NO_COLOR", "1")]), (false, Colors::None));
        assert_eq!(detect(&[("NO_COLOR", ""), ("TERM", "dumb")]), (false, Colors::None));
    }

    #[test]
    fn every_ascii_sign_is_ascii() {
        let ascii = format!("{ASCII:?}");
        assert!(ascii.is_ascii());
    }
}
