//! What can be found out without a call: the configuration, the journal, the terminal.

use std::path::{Path, PathBuf};

use super::finding::{Check, Finding};
use crate::{
    cli::{Dashboard, GlobalArgs, config::check_key_map},
    exit::ExitCode,
    journal::Journal,
    looks::{Copies, Line, TerminalFacts},
};

/// A screen that is smaller shows hardly a job.
const SMALL: (u16, u16) = (40, 12);

/// Whether there is a configuration that can be used. One that is wrong is told of, and the others are looked at without it.
pub(super) fn configuration(global: &GlobalArgs) -> Finding {
    match (&global.fault, &global.file.path) {
        (Some(fault), _) => {
            let remedy =
                "correct it; `trailwatch config init --config NEW.toml` writes one that shows all that can be set";
            Finding::fail(Check::Configuration, None, fault.to_string(), remedy.to_owned(), ExitCode::Config)
        }
        (None, Some(path)) => Finding::ok(Check::Configuration, None, path.display().to_string()),
        (None, None) => Finding::ok(Check::Configuration, None, "there is no file: the defaults hold".to_owned()),
    }
}

/// What is wrong with the key map, which keeps the dashboard from its start.
pub(super) fn key_map(global: &GlobalArgs, dashboard: &Dashboard<'_>) -> Option<Finding> {
    let fault = check_key_map(global, dashboard).err()?;
    let remedy = "correct it; assets/keys.toml and the help of the dashboard (`?`) list contexts, actions and keys";
    Some(Finding::fail(Check::Configuration, None, fault, remedy.to_owned(), ExitCode::Config))
}

/// Whether what is seen can be kept.
pub(super) fn journal(path: Option<PathBuf>) -> Finding {
    let without = "without it nothing is remembered from run to run";
    let Some(path) = path else {
        return Finding::ok(Check::Journal, None, format!("none is kept: {without}"));
    };
    let shown = path.display();
    let trouble = match Journal::open_to_read(&path) {
        Ok(Some(_)) => writable(&path).err(),
        Ok(None) => return Finding::ok(Check::Journal, None, format!("{shown}, to be begun with the first read")),
        Err(error) => Some(error.to_string()),
    };
    match trouble {
        None => Finding::ok(Check::Journal, None, shown.to_string()),
        Some(trouble) => Finding::warn(
            Check::Journal,
            None,
            format!("{shown}: {trouble}"),
            format!("mend it, or --no-journal; {without}"),
        ),
    }
}

fn writable(path: &Path) -> Result<(), String> {
    std::fs::OpenOptions::new().append(true).open(path).map(drop).map_err(|error| error.to_string())
}

/// What the dashboard will look like.
pub(super) fn terminal(facts: &TerminalFacts) -> Finding {
    let Some((width, height)) = facts.size else {
        let words = "none: the dashboard needs one, the other commands do not";
        return Finding::ok(Check::Terminal, None, words.to_owned());
    };
    let copies = match &facts.copies {
        Copies::Pass => "copies by OSC 52".to_owned(),
        Copies::Perhaps(hint) => format!("copies by OSC 52: {hint}"),
        Copies::None => "nothing can be copied".to_owned(),
    };
    let line = match facts.line {
        Line::Ssh => ", over ssh",
        Line::Local => "",
    };
    let (term, colors, signs) = (&facts.term, facts.colors, facts.signs);
    let words = format!("{width}x{height}, {term}, {colors}, {signs}, {copies}{line}");
    if width < SMALL.0 || height < SMALL.1 {
        let remedy = format!("make it larger: {}x{} at least, 80x24 to see more", SMALL.0, SMALL.1);
        return Finding::warn(Check::Terminal, None, words, remedy);
    }
    Finding::ok(Check::Terminal, None, words)
}
