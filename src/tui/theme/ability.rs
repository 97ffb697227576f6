//! What a terminal can show, as the environment tells it: it is never asked, since late answers become key presses.

use super::Charset;

/// Which colours a terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colors {
    /// None, or its user wants none: bold, dim, underlined and reversed only.
    None,
    /// Its own 16.
    Sixteen,
    /// The 256 of xterm as well, of which those above 15 look the same everywhere.
    Many,
}

impl Colors {
    /// What these variables tell. `set` looks up one that is not empty.
    pub(super) fn detect(set: impl Fn(&str) -> Option<String>) -> Self {
        let term = set("TERM").unwrap_or_default();
        if set("NO_COLOR").is_some() || term == "dumb" || term.starts_with("vt") {
            Self::None
        } else if set("COLORTERM").is_some() || term.contains("256color") || term.ends_with("-direct") {
            Self::Many
        } else {
            Self::Sixteen
        }
    }
}

impl Charset {
    /// What these variables tell. `set` looks up one that is not empty.
    pub(super) fn detect(set: impl Fn(&str) -> Option<String>) -> Self {
        let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG")).unwrap_or_default();
        let locale = locale.to_ascii_lowercase();
        let utf8 = locale.contains("utf-8") || locale.contains("utf8");
        // The console of Linux knows UTF-8, but its font has hardly a sign.
        if utf8 && set("TERM").as_deref() != Some("linux") { Self::Unicode } else { Self::Ascii }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(variables: &[(&str, &str)]) -> (Charset, Colors) {
        let set = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let set = |name: &str| set(name).filter(|value| !value.is_empty());
        (Charset::detect(set), Colors::detect(set))
    }

    #[test]
    fn the_locale_and_the_console_decide_on_signs() {
        let charset = |variables: &[(&str, &str)]| detect(variables).0;
        assert_eq!(charset(&[("LANG", "zh_CN.UTF-8"), ("TERM", "xterm-256color")]), Charset::Unicode);
        assert_eq!(charset(&[("LANG", "C"), ("LC_ALL", "C.utf8")]), Charset::Unicode);
        assert_eq!(charset(&[("LANG", "C")]), Charset::Ascii);
        assert_eq!(charset(&[]), Charset::Ascii);
        assert_eq!(charset(&[("LANG", "en_US.UTF-8"), ("LC_ALL", "C")]), Charset::Ascii);
        assert_eq!(charset(&[("LANG", "en_US.UTF-8"), ("TERM", "linux")]), Charset::Ascii);
    }

    #[test]
    fn the_terminal_and_its_user_decide_on_colours() {
        let colors = |variables: &[(&str, &str)]| detect(variables).1;
        for term in ["xterm-256color", "screen-256color", "tmux-256color", "xterm-direct"] {
            assert_eq!(colors(&[("TERM", term)]), Colors::Many, "{term}");
            assert_eq!(colors(&[("TERM", term), ("NO_COLOR", "1")]), Colors::None, "{term}");
            assert_eq!(colors(&[("TERM", term), ("NO_COLOR", "")]), Colors::Many, "{term}");
        }
        for term in ["xterm", "screen", "linux", ""] {
            assert_eq!(colors(&[("TERM", term)]), Colors::Sixteen, "{term}");
            assert_eq!(colors(&[("TERM", term), ("COLORTERM", "truecolor")]), Colors::Many, "{term}");
        }
        for term in ["dumb", "vt100", "vt220"] {
            assert_eq!(colors(&[("TERM", term), ("COLORTERM", "truecolor")]), Colors::None, "{term}");
        }
    }
}
