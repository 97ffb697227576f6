//! Who is told of what, and how. How the configuration file says it is in `config`.

use std::{sync::Arc, time::Duration};

use super::rules::Kind;
use crate::job::Filter;

/// How long a command may take where nobody says otherwise.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// How people are called.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    /// Whether the dashboard rings the terminal's bell.
    pub bell: Bell,
    /// Whether the dashboard writes the window's title.
    pub title: Title,
    /// The commands.
    pub ways: Vec<Way>,
}

/// Whether the terminal's bell is rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Bell {
    /// For a signal of a kind that [rings](Kind::rings).
    #[default]
    Rings,
    /// Never.
    Silent,
}

/// Whose the window's title is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Title {
    /// The dashboard's, while it is shown.
    #[default]
    Ours,
    /// The terminal's.
    Theirs,
}

/// A command and what it is for: a table `[[notify]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Its name, by which it is remembered what it told.
    pub name: Arc<str>,
    /// Which kinds of signals it is for.
    pub on: Vec<Kind>,
    /// Which jobs it is for.
    pub filter: Filter,
    /// The program and its arguments; never empty.
    pub command: Vec<String>,
    /// How long it may take.
    pub timeout: Duration,
    /// How long after a signal it is begun, once for all that came meanwhile.
    pub debounce: Duration,
}
