//! A text for the clipboard of the user's own machine, as the bytes that carry it there through ssh, tmux and screen: OSC 52.
//!
//! When they are written, and by whom, is not decided here. Whether they arrive, nobody tells: terminals do not answer.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{looks::Copies, text};

/// The longest sequence that terminals are known to take: hterm's limit, which others have copied
/// (<https://github.com/chromium/hterm/blob/master/etc/osc52.sh>); xterm, kitty, foot, Ghostty and tmux take more.
const LONGEST_SEQUENCE: usize = 100_000;

/// How many bytes of text a copy may have: as base64, and with what stands around it, terminals take no more.
pub const LONGEST_COPY: usize = (LONGEST_SEQUENCE - START.len() - END.len()) / 4 * 3;

/// To the clipboard itself, not to the primary selection.
const START: &str = "\x1b]52;c;";

/// BEL: every terminal takes it where ST is the rule, and within the DCS of tmux or screen an ST would end the wrong string.
const END: &str = "\x07";

/// The longest string that every version of screen takes; newer ones take 768 bytes. The rest of a longer one is printed.
const SCREEN_STRING: usize = 256;

/// What stands between us and the terminal, as far as one can see from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Multiplexer {
    /// Nothing that is known.
    None,
    /// tmux, here or at the other end of an ssh.
    Tmux,
    /// GNU screen; or a tmux at the other end of an ssh that calls itself `screen`.
    Screen,
}

/// Where copies go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clipboard {
    multiplexer: Multiplexer,
    /// The `TERM` that has no clipboard, where it is one of those.
    without: Option<String>,
}

/// Why a text can't be copied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CopyError {
    /// More than terminals take.
    #[error("too long to copy: {bytes} bytes, and terminals take {limit} at most; export it to a file")]
    TooLong {
        /// How long the text is.
        bytes: usize,
        /// How long it may be.
        limit: usize,
    },
    /// The terminal has no clipboard, and would at best ignore the sequence.
    #[error("a terminal of type {} has no clipboard to copy to: export to a file, or connect from a terminal window", text::clean(.term))]
    NoClipboard {
        /// `TERM`.
        term: String,
    },
}

/// A text that was given to the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// How long it is.
    pub bytes: usize,
    /// What it has to pass.
    pub through: Multiplexer,
}

impl Multiplexer {
    /// What its user can do where copies do not arrive.
    #[must_use]
    pub const fn hint(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Tmux => Some("tmux passes it on after `tmux set -s set-clipboard on`"),
            Self::Screen => Some("whether it arrives depends on the terminal around screen"),
        }
    }
}

impl Clipboard {
    /// What the environment tells: `TMUX`, `STY` and `TERM`.
    #[must_use]
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let is_set = |name| variable(name).is_some_and(|value| !value.is_empty());
        let term = variable("TERM").unwrap_or_default();
        let multiplexer = if is_set("TMUX") || term.starts_with("tmux") {
            Multiplexer::Tmux
        } else if is_set("STY") || term.starts_with("screen") {
            Multiplexer::Screen
        } else {
            Multiplexer::None
        };
        let without = (multiplexer == Multiplexer::None && has_no_clipboard(&term)).then_some(term);
        Self { multiplexer, without }
    }

    /// Whether copies arrive.
    #[must_use]
    pub fn copies(&self) -> Copies {
        match (&self.without, self.multiplexer.hint()) {
            (Some(_), _) => Copies::None,
            (None, Some(hint)) => Copies::Perhaps(hint),
            (None, None) => Copies::Pass,
        }
    }

    /// The bytes that copy a text.
    ///
    /// # Errors
    /// [`CopyError`] where it would not arrive whole, or not at all.
    pub fn sequence(&self, text: &str) -> Result<(Vec<u8>, Copied), CopyError> {
        if let Some(term) = &self.without {
            return Err(CopyError::NoClipboard { term: term.clone() });
        }
        let (bytes, limit) = (text.len(), LONGEST_COPY);
        if bytes > limit {
            return Err(CopyError::TooLong { bytes, limit });
        }
        let plain = format!("{START}{}{END}", STANDARD.encode(text));
        let sequence = match self.multiplexer {
            Multiplexer::None => plain,
            Multiplexer::Tmux => in_tmux(&plain),
            Multiplexer::Screen => in_screen(&plain),
        };
        Ok((sequence.into_bytes(), Copied { bytes, through: self.multiplexer }))
    }
}

/// Consoles and printers: no window system is behind them, and old ones would print what they do not know.
fn has_no_clipboard(term: &str) -> bool {
    let family = term.split('-').next().unwrap_or_default();
    matches!(family, "" | "dumb" | "linux" | "cons25" | "sun" | "ansi" | "hurd" | "wsvt25")
        || family.strip_prefix("vt").is_some_and(|model| model.starts_with(|char: char| char.is_ascii_digit()))
}

/// Both ways, since either may be shut: tmux takes the plain sequence with `set-clipboard on` only (its default, `external`,
/// is for its own copies), and hands a wrapped one through where `allow-passthrough` is on, as it always was before tmux 3.3.
/// Where both are open the terminal copies the same text twice; where one is shut tmux drops it unseen.
fn in_tmux(plain: &str) -> String {
    format!("{plain}\x1bPtmux;{}\x1b\\", plain.replace('\x1b', "\x1b\x1b"))
}

/// Screen hands the content of DCS strings through, in pieces that it can hold. A short sequence goes ahead plainly, too:
/// screen drops it, and a tmux that calls itself `screen` drops the pieces and takes this one.
fn in_screen(plain: &str) -> String {
    const WRAPPING: usize = "\x1bP\x1b\\".len();
    let mut sequence = if plain.len() <= SCREEN_STRING { plain.to_owned() } else { String::new() };
    let mut rest = plain;
    while !rest.is_empty() {
        // All of it is ASCII, so that it can be cut anywhere.
        let (piece, tail) = rest.split_at(rest.len().min(SCREEN_STRING - WRAPPING));
        sequence.extend(["\x1bP", piece, "\x1b\\"]);
        rest = tail;
    }
    sequence
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clipboard(variables: &[(&str, &str)]) -> Clipboard {
        let value = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Clipboard::detect(value)
    }

    fn copied(variables: &[(&str, &str)], text: &str) -> String {
        let (sequence, _) = clipboard(variables).sequence(text).unwrap();
        String::from_utf8(sequence).unwrap()
    }

    #[test]
    fn the_environment_tells_what_is_between() {
        use Multiplexer::{None, Screen, Tmux};
        for (variables, expected) in [
            (&[("TERM", "xterm-256color")][..], None),
            (&[("TERM", "screen-256color"), ("TMUX", "/tmp/tmux-0/default,1,0")], Tmux),
            (&[("TERM", "tmux-256color")], Tmux),
            (&[("TERM", "xterm"), ("STY", "1.pts-0")], Screen),
            (&[("TERM", "screen.xterm-256color")], Screen),
            (&[("TERM", "xterm"), ("TMUX", ""), ("STY", "")], None),
        ] {
            assert_eq!(clipboard(variables).multiplexer, expected, "{variables:?}");
        }
    }

    #[test]
    fn a_plain_terminal_gets_one_sequence() {
        assert_eq!(copied(&[("TERM", "xterm")], "16640"), "\x1b]52;c;MTY2NDA=\x07");
        assert_eq!(copied(&[("TERM", "xterm")], "审"), "\x1b]52;c;5a6h\x07");
    }

    #[test]
    fn tmux_gets_it_for_itself_and_for_the_terminal() {
        let expected = "\x1b]52;c;MTY2NDA=\x07\x1bPtmux;\x1b\x1b]52;c;MTY2NDA=\x07\x1b\\";
        assert_eq!(copied(&[("TMUX", "x")], "16640"), expected);
    }

    #[test]
    fn screen_gets_pieces_that_it_can_hold() {
        let short = copied(&[("STY", "x")], "16640");
        assert_eq!(short, "\x1b]52;c;MTY2NDA=\x07\x1bP\x1b]52;c;MTY2NDA=\x07\x1b\\");
        let long = copied(&[("STY", "x")], &"x".repeat(5000));
        let pieces: Vec<_> = long.split_inclusive("\x1b\\").collect();
        assert!(pieces.len() > 2 && pieces.iter().all(|piece| piece.len() <= SCREEN_STRING));
        let content = pieces.iter().map(|piece| piece.strip_prefix("\x1bP").unwrap().strip_suffix("\x1b\\").unwrap());
        assert_eq!(content.collect::<String>(), copied(&[("TERM", "xterm")], &"x".repeat(5000)));
    }

    #[test]
    fn too_long_is_told_with_sizes() {
        let clipboard = clipboard(&[("TERM", "xterm")]);
        let (sequence, copied) = clipboard.sequence(&"x".repeat(LONGEST_COPY)).unwrap();
        assert!(sequence.len() <= LONGEST_SEQUENCE && copied.bytes == LONGEST_COPY);
        let error = clipboard.sequence(&"x".repeat(LONGEST_COPY + 1)).unwrap_err();
        let words = "too long to copy: 74995 bytes, and terminals take 74994 at most; export it to a file";
        assert_eq!(error.to_string(), words);
    }

    #[test]
    fn a_console_has_no_clipboard() {
        for term in ["linux", "linux-16color", "vt100", "vt220-8bit", "dumb", "", "ansi"] {
            assert!(clipboard(&[("TERM", term)]).sequence("x").is_err(), "{term}");
        }
        for term in ["vte-256color", "xterm", "foot", "alacritty", "rxvt-unicode", "st-256color"] {
            assert!(clipboard(&[("TERM", term)]).sequence("x").is_ok(), "{term}");
        }
        let words = clipboard(&[("TERM", "linux")]).sequence("x").unwrap_err().to_string();
        assert!(words.starts_with("a terminal of type linux has no clipboard"), "{words}");
    }
}
