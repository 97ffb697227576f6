//! One line at the bottom of a terminal that says how things are, replaced as they change. Nowhere else is it drawn.

use std::io::{self, IsTerminal, Write as _};

use rustix::termios::tcgetwinsize;

use crate::{
    cli::report::{self, Severity},
    text,
};

/// The columns of a terminal that does not tell.
const USUAL: usize = 80;

/// Clears the line that the cursor is in.
const CLEAR: &str = "\r\x1b[K";

/// The line, on standard error.
#[derive(Debug)]
pub(crate) struct StatusLine {
    place: Place,
    /// What stands there.
    shown: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Terminal,
    /// A pipe, a file, or a terminal that knows no sequences.
    Nowhere,
}

impl StatusLine {
    /// Drawn where standard error is a terminal that can; `term` is the value of `TERM`.
    pub(crate) fn new(term: Option<&str>) -> Self {
        let can = term.is_some_and(|name| !name.is_empty() && name != "dumb");
        let place = if can && io::stderr().is_terminal() { Place::Terminal } else { Place::Nowhere };
        Self { place, shown: String::new() }
    }

    /// Whether somebody sees it.
    pub(crate) fn is_shown(&self) -> bool {
        self.place == Place::Terminal
    }

    /// Replaces it.
    pub(crate) fn show(&mut self, line: &str) {
        if !self.is_shown() || self.shown == line {
            return;
        }
        line.clone_into(&mut self.shown);
        // The last column stays free: a terminal may wrap there.
        let columns = tcgetwinsize(io::stderr()).map_or(USUAL, |size| usize::from(size.ws_col).max(2)) - 1;
        let line = text::clean(line);
        let _ = write!(io::stderr(), "{CLEAR}{}", text::truncate(&line, columns, "…"));
    }

    /// Says something on standard error, in its place.
    pub(crate) fn say(&mut self, severity: Severity, words: &str) {
        self.clear();
        report::say(severity, words);
    }

    /// Takes it away, so that something else can be said.
    pub(crate) fn clear(&mut self) {
        if self.is_shown() && !self.shown.is_empty() {
            self.shown.clear();
            let _ = write!(io::stderr(), "{CLEAR}");
        }
    }
}

impl Drop for StatusLine {
    fn drop(&mut self) {
        self.clear();
    }
}
