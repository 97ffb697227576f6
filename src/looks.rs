//! The names of the looks that can be asked for: what the command line, the configuration, the session and the dashboard call
//! them. How they look is the dashboard's matter.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::job::TargetKey;

/// A theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeName {
    /// The terminal's own 16 colours, which its owner has made readable.
    #[default]
    Terminal,
    /// Colours of our own, for a dark background.
    Dark,
    /// Colours of our own, for a light background.
    Light,
    /// No colour.
    Mono,
}

impl ThemeName {
    /// Every theme, in the order in which they are gone through.
    pub const ALL: [Self; 4] = [Self::Terminal, Self::Dark, Self::Light, Self::Mono];

    /// Its name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Mono => "mono",
        }
    }

    /// The one that comes after it; after the last one, the first.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Terminal => Self::Dark,
            Self::Dark => Self::Light,
            Self::Light => Self::Mono,
            Self::Mono => Self::Terminal,
        }
    }
}

impl fmt::Display for ThemeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A word that names no theme.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no theme: expected terminal, dark, light or mono")]
pub struct UnknownTheme(String);

impl FromStr for ThemeName {
    type Err = UnknownTheme;

    /// A word of [`ThemeName::word`] in any case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let word = text.trim();
        let known = Self::ALL.into_iter().find(|theme| theme.word().eq_ignore_ascii_case(word));
        known.ok_or_else(|| UnknownTheme(text.to_owned()))
    }
}

/// One of the terminal's own 16 colours, with which a target is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
#[expect(missing_docs, reason = "each is the colour of its name")]
pub enum Mark {
    Black,
    Red,
    Green,
    Yellow,
    Blue,
    Magenta,
    Cyan,
    White,
    BrightBlack,
    BrightRed,
    BrightGreen,
    BrightYellow,
    BrightBlue,
    BrightMagenta,
    BrightCyan,
    BrightWhite,
}

impl Mark {
    /// Every colour, in the terminal's order.
    pub const ALL: [Self; 16] = [
        Self::Black,
        Self::Red,
        Self::Green,
        Self::Yellow,
        Self::Blue,
        Self::Magenta,
        Self::Cyan,
        Self::White,
        Self::BrightBlack,
        Self::BrightRed,
        Self::BrightGreen,
        Self::BrightYellow,
        Self::BrightBlue,
        Self::BrightMagenta,
        Self::BrightCyan,
        Self::BrightWhite,
    ];

    /// Its name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Black => "black",
            Self::Red => "red",
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Blue => "blue",
            Self::Magenta => "magenta",
            Self::Cyan => "cyan",
            Self::White => "white",
            Self::BrightBlack => "bright-black",
            Self::BrightRed => "bright-red",
            Self::BrightGreen => "bright-green",
            Self::BrightYellow => "bright-yellow",
            Self::BrightBlue => "bright-blue",
            Self::BrightMagenta => "bright-magenta",
            Self::BrightCyan => "bright-cyan",
            Self::BrightWhite => "bright-white",
        }
    }

    /// Its place in the terminal's palette, from 0 to 15.
    #[must_use]
    pub const fn index(self) -> u8 {
        self as u8
    }
}

impl FromStr for Mark {
    type Err = ();

    /// A word of [`Mark::word`].
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|mark| mark.word() == word).ok_or(())
    }
}

/// Which targets are marked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marks(Vec<Marked>);

/// A mark, as the configuration file says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// The profile, or `PROFILE/REGION`.
    pub name: String,
    /// The colour.
    pub mark: Mark,
    /// In which line of the file.
    pub line: usize,
}

impl Marks {
    /// Marks the targets of a name.
    pub fn add(&mut self, name: &str, mark: Mark, line: usize) {
        self.0.push(Marked { name: name.to_owned(), mark, line });
    }

    /// The mark of a target: its own, else that of its profile.
    #[must_use]
    pub fn of(&self, key: &TargetKey) -> Option<Mark> {
        if self.0.is_empty() {
            return None;
        }
        let called = |name: &str| self.0.iter().find(|marked| marked.name == name).map(|marked| marked.mark);
        called(&key.to_string()).or_else(|| called(key.profile.as_str()))
    }

    /// All marks, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Marked> {
        self.0.iter()
    }
}

/// What a terminal is, as far as its environment and its size tell: nothing is asked of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalFacts {
    /// Columns and rows, where there is a terminal.
    pub size: Option<(u16, u16)>,
    /// `TERM`.
    pub term: String,
    /// How many colours it has, in words.
    pub colors: &'static str,
    /// Which signs are drawn on it, in words.
    pub signs: &'static str,
    /// Whether copies arrive.
    pub copies: Copies,
    /// What lies between.
    pub line: Line,
}

/// Whether what is copied reaches its user's clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copies {
    /// As far as one can see from here.
    Pass,
    /// It depends, and on what.
    Perhaps(&'static str),
    /// The terminal has none.
    None,
}

/// What lies between the program and the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// Nothing that is known.
    Local,
    /// An ssh.
    Ssh,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{ProfileName, Region};

    #[test]
    fn the_mark_of_a_target_comes_before_that_of_its_profile() {
        let mut marks = Marks::default();
        marks.add("prod", Mark::Red, 1);
        marks.add("prod/cn-beijing", Mark::Yellow, 3);
        let of = |profile, region| {
            marks.of(&TargetKey { profile: ProfileName::new(profile).unwrap(), region: Region::new(region).unwrap() })
        };
        assert_eq!(of("prod", "cn-hangzhou"), Some(Mark::Red));
        assert_eq!(of("prod", "cn-beijing"), Some(Mark::Yellow));
        assert_eq!(of("test", "cn-beijing"), None);
    }

    #[test]
    fn a_colour_is_called_as_in_the_palette() {
        for (index, mark) in (0_u8..).zip(Mark::ALL) {
            assert_eq!((mark.word().parse(), mark.index()), (Ok(mark), index));
        }
    }

    #[test]
    fn a_theme_is_called_the_same_everywhere() {
        for (theme, next) in ThemeName::ALL.into_iter().zip(ThemeName::ALL.into_iter().cycle().skip(1)) {
            assert_eq!(theme.word().to_uppercase().parse(), Ok(theme));
            assert_eq!(serde_json::to_string(&theme).unwrap(), format!("{:?}", theme.word()));
            assert!(UnknownTheme(String::new()).to_string().contains(theme.word()));
            assert_eq!(theme.next(), next);
        }
        assert!("solarized".parse::<ThemeName>().is_err());
    }
}
