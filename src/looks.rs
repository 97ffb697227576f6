//! The names of the looks that can be asked for: what the command line, the session and the dashboard call them. How they
//! look is the dashboard's matter.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

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

#[cfg(test)]
mod tests {
    use super::*;

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
