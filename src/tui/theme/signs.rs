//! The signs on the screen: a set of Unicode and one of ASCII. Which colours they have is not decided here.

/// Which signs can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// Any.
    Unicode,
    /// ASCII only.
    Ascii,
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
    /// A trail that lacks events.
    pub uncovered: &'static str,
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
    uncovered: "◇",
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
    uncovered: "u",
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

impl Charset {
    /// The signs of the set.
    #[must_use]
    pub fn symbols(self) -> &'static Symbols {
        match self {
            Self::Unicode => &UNICODE,
            Self::Ascii => &ASCII,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ascii_sign_is_ascii() {
        let ascii = format!("{ASCII:?}");
        assert!(ascii.is_ascii());
    }
}
