//! The dashboard in a terminal at the near end: the same screen as without ssh, in every size, and no key is lost.

use std::process::Command;

use tempfile::TempDir;
use trailwatch::emulator::Emulator;

use crate::{
    endpoint::{reading, still},
    line::Line,
    program,
    screen::Screen,
    server::{Sshd, Tty},
    term::Term,
};

/// As high as it must be for all jobs of these tests.
const HIGH: (u16, u16) = (100, 90);

/// How many keys are pressed, and so how far the selection goes.
const KEYS: usize = 50;

/// The length of a RequestId.
const REQUEST_ID: usize = 36;

/// What the dashboard is started with, on either side.
fn variables(emulator: &Emulator) -> Vec<(&'static str, String)> {
    let terminal = [("TERM", "xterm-256color".to_owned()), ("LANG", "C.UTF-8".to_owned())];
    reading(emulator).into_iter().chain(terminal).collect()
}

/// A terminal in which `ssh` runs the program behind that port.
fn over_ssh(sshd: &Sshd, port: u16, size: (u16, u16), emulator: &Emulator) -> Term {
    let home = TempDir::new().unwrap();
    let variables = variables(emulator);
    let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let ssh = sshd.ssh(port, Tty::Given, &program::command(home.path(), &variables, &[]));
    Term::spawn(size, home, in_pty(&ssh))
}

/// The same command for a terminal.
pub(crate) fn in_pty(command: &Command) -> pty_process::blocking::Command {
    let variables = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
    let same = pty_process::blocking::Command::new(command.get_program()).args(command.get_args());
    same.env_clear().envs(variables)
}

/// What is shown, but for the moments and the numbers of the calls, which are each dashboard's own.
fn lasting(screen: &Screen) -> String {
    let own = |word: &str| word.contains(':') || word.len() == REQUEST_ID;
    let blank = |word: &str| if own(word) { "#".repeat(word.chars().count()) } else { word.to_owned() };
    screen.text().split(' ').map(blank).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_screen_is_that_without_ssh_in_every_size() {
    let Some(sshd) = Sshd::start() else { return };
    let emulator = still(12);
    let here = Term::start((80, 24), &variables(&emulator), &[]);
    let there = over_ssh(&sshd, sshd.port, (80, 24), &emulator);
    for size in [(80, 24), (120, 40), (40, 12), (100, 30)] {
        for term in [&here, &there] {
            term.resize(size);
        }
        let drawn = |screen: &Screen| screen.place() == Some(0) && screen.faults().is_empty();
        here.until("jobs", |screen| drawn(screen) && (size == (40, 12) || screen.is_drawn() && screen.has(" of 22 ")));
        // Ages go on here as well.
        let shown = there.until("the same screen", |screen| lasting(screen) == lasting(&here.screen()));
        assert_eq!((shown.height(), shown.cursor), (usize::from(size.1), None));
    }
    there.press("q");
    there.ends(0).restored();
}

#[test]
fn no_key_is_lost_on_a_thin_line() {
    let Some(sshd) = Sshd::start() else { return };
    let emulator = still(KEYS + 5);
    let line = Line::to(sshd.port);
    let term = over_ssh(&sshd, line.port, HIGH, &emulator);
    term.until("all jobs", |screen| screen.jobs().len() == KEYS + 5 && screen.place() == Some(0));
    line.slow_down();
    // One key at a time, and some of them are sequences of bytes, of which none may come for an Esc.
    for key in ["j", "\x1b[B"].into_iter().cycle().take(KEYS) {
        term.press(key);
    }
    let shown = term.until("so many rows on", |screen| screen.place() == Some(KEYS));
    assert_eq!(shown.faults(), Vec::<String>::new());
    term.press("k");
    term.until("and one back", |screen| screen.place() == Some(KEYS - 1));
    term.press("q");
    term.ends(0).restored();
}
