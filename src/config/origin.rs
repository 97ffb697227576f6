//! Where a value comes from, so that whoever wonders about it finds the place.

use std::{fmt, path::PathBuf};

use super::Setting;

/// Who says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag: `--interval`.
    Flag(String),
    /// An environment variable.
    Variable(String),
    /// The configuration file.
    File {
        /// Which one.
        path: PathBuf,
        /// In which line, from 1.
        line: usize,
    },
    /// Nobody.
    Default,
}

impl Origin {
    /// The rank of what the file says.
    pub const FILE: u8 = 1;

    /// What is said with a higher rank holds.
    #[must_use]
    pub const fn rank(&self) -> u8 {
        match self {
            Self::Default => 0,
            Self::File { .. } => Self::FILE,
            Self::Variable(_) => 2,
            Self::Flag(_) => 3,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Variable(name) => f.write_str(name),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// What holds for a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Which setting.
    pub setting: &'static Setting,
    /// Its values as texts, one unless it is a list; none where nothing is set.
    pub values: Vec<String>,
    /// Who says so.
    pub origin: Origin,
}
