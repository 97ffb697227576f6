//! How a dashboard was left is how the next one begins; a file that can't be used is in nobody's way.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

use rustix::process::Signal;
use tempfile::TempDir;
use trailwatch::emulator::Emulator;

use crate::{
    endpoint::{reading, still},
    screen::Screen,
    term::Term,
};

/// An endpoint and a place for what is remembered.
struct Desk {
    emulator: Emulator,
    state: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { emulator: still(12), state: TempDir::new().unwrap() }
    }

    fn file(&self) -> PathBuf {
        self.state.path().join("trailwatch/session.json")
    }

    fn begin(&self, arguments: &[&str]) -> Term {
        let mut variables = reading(&self.emulator);
        variables.push(("XDG_STATE_HOME", self.state.path().display().to_string()));
        let term = Term::start((120, 40), &variables, arguments);
        term.until("jobs", |screen| screen.place() == Some(0) && screen.is_drawn());
        term
    }

    /// Sorts by trail and filters.
    fn change(&self, arguments: &[&str]) -> Term {
        let term = self.begin(arguments);
        term.press("sss/audit\r");
        term.until("another look", is_changed);
        term
    }
}

fn is_changed(screen: &Screen) -> bool {
    screen.sort() == "trail ↑" && screen.title().contains("/audit ") && screen.cursor.is_none()
}

fn is_fresh(screen: &Screen) -> bool {
    screen.sort() == "default" && screen.title().contains(" 12 of 12 ")
}

#[test]
fn it_is_remembered_on_every_way_out() {
    for by_signal in [None, Some(Signal::TERM), Some(Signal::HUP)] {
        let desk = Desk::new();
        let term = desk.change(&[]);
        match by_signal {
            None => term.press("q"),
            Some(signal) => term.signal(signal),
        }
        term.ends(match by_signal {
            Some(Signal::HUP) => 129,
            Some(_) => 143,
            None => 0,
        });
        let mode = fs::metadata(desk.file()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        desk.begin(&[]).until("the same look", is_changed);
    }
}

#[test]
fn a_target_that_was_hidden_stays_so_and_the_header_says_it() {
    let desk = Desk::new();
    let term = desk.begin(&[]);
    let says = |words: &'static str| move |screen: &Screen| screen.text().contains(words);
    term.press("t ");
    term.until("hidden", says(" 1 hidden"));
    term.press("q");
    term.until("nothing", says("All targets are hidden; t lists them."));
    term.press("q");
    term.ends(0);
    let mut variables = reading(&desk.emulator);
    variables.push(("XDG_STATE_HOME", desk.state.path().display().to_string()));
    let term = Term::start((120, 40), &variables, &[]);
    term.until("nothing again", says("All targets are hidden; t lists them."));
    term.until("and why", says(" 1 hidden"));
}

#[test]
fn without_state_nothing_is_read_or_written() {
    let desk = Desk::new();
    let term = desk.change(&["--no-state"]);
    term.press("q");
    term.ends(0);
    assert!(!desk.file().exists());
    let term = desk.change(&[]);
    term.press("q");
    term.ends(0);
    let before = fs::read(desk.file()).unwrap();
    let term = desk.begin(&["--no-state"]);
    term.until("a fresh look", is_fresh);
    term.press("s");
    term.until("another order", |screen| screen.sort() == "status ↑");
    term.press("q");
    term.ends(0);
    assert_eq!(fs::read(desk.file()).unwrap(), before);
}

#[test]
fn a_damaged_file_is_told_and_replaced() {
    let desk = Desk::new();
    fs::create_dir_all(desk.file().parent().unwrap()).unwrap();
    fs::write(desk.file(), b"{\"version\": 1, \"filter\": \x1b[2J").unwrap();
    let term = desk.begin(&[]);
    term.shows("session.json is ignored: it is damaged");
    term.press("\x1b");
    term.hides("session.json");
    term.until("a fresh look", is_fresh);
    term.press("q");
    term.ends(0).restored();
    let term = desk.begin(&[]);
    term.whole();
    assert!(!term.screen().has("session.json"));
}

#[test]
fn a_flag_is_for_one_run() {
    let desk = Desk::new();
    let dark = b"38;5;";
    let uses_many_colours = |term: Term| {
        term.whole();
        term.press("q");
        term.ends(0).bytes.windows(dark.len()).any(|bytes| bytes == dark)
    };
    fs::create_dir_all(desk.file().parent().unwrap()).unwrap();
    fs::write(desk.file(), br#"{"version": 1, "theme": "dark"}"#).unwrap();
    let before = fs::read(desk.file()).unwrap();
    assert!(uses_many_colours(desk.begin(&[])));
    assert!(!uses_many_colours(desk.begin(&["--theme", "terminal"])));
    assert_eq!(fs::read(desk.file()).unwrap(), before, "nothing was changed, nothing is written");
}

#[test]
fn the_demo_neither_finds_nor_leaves_anything() {
    let desk = Desk::new();
    let state = [("XDG_STATE_HOME", desk.state.path().display().to_string())];
    let term = Term::start((120, 40), &state, &["--demo"]);
    term.until("jobs", |screen| screen.place().is_some());
    term.press("s");
    term.until("another order", |screen| screen.sort() == "status ↑");
    term.press("q");
    term.ends(0);
    assert!(!desk.file().exists());
}
