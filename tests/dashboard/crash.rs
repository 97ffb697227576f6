//! After a panic, wherever it happens: the terminal is given back, a report lies where it is said to lie, and the code is 70.

use std::{fs, os::unix::fs::PermissionsExt as _};

use crate::{
    endpoint::{Variables, reading, still},
    term::{ALTERNATE_SCREEN, Ended, Term},
};

/// A dashboard that panics at this place once it is told to read.
fn crashed(variables: &Variables, place: &str) -> (Term, Ended) {
    let mut variables = variables.clone();
    variables.push(("TRAILWATCH_PANIC", place.to_owned()));
    let mut term = Term::start((160, 24), &variables, &[]);
    term.until("jobs", |screen| screen.place().is_some());
    term.press("r");
    let ended = term.end(70);
    assert!(ended.bytes.windows(ALTERNATE_SCREEN.len()).any(|bytes| bytes == ALTERNATE_SCREEN));
    (term, ended)
}

#[test]
fn the_terminal_is_given_back_and_a_report_is_kept() {
    let emulator = still(2);
    for place in ["Loop", "Input", "Task"] {
        let (term, ended) = crashed(&reading(&emulator), place);
        ended.usable();
        let text = ended.text();
        assert!(
            text.contains(&format!("an error of the program itself: a rehearsal in {place} (src/crash.rs:")),
            "{text}"
        );
        let state = term.home().join(".local/state/trailwatch");
        let mut files = fs::read_dir(state).unwrap().map(|entry| entry.unwrap().path());
        let report = files.find(|path| path.extension().is_some_and(|extension| extension == "txt")).unwrap();
        assert!(text.replace('\n', "").contains(report.to_str().unwrap()), "{text}");
        assert_eq!(report.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let kept = fs::read_to_string(report).unwrap();
        for part in
            [&format!("a rehearsal in {place}"), env!("CARGO_PKG_VERSION"), "thread ", "src/crash.rs:", "rehearse"]
        {
            assert!(kept.contains(part), "no {part} in:\n{kept}");
        }
        assert!(!kept.contains(&emulator.identities()[0].secret), "a secret");
    }
}

#[test]
fn where_no_report_can_be_kept_it_is_said() {
    let emulator = still(2);
    let mut variables = reading(&emulator);
    variables.push(("XDG_STATE_HOME", "/dev/null".to_owned()));
    let (_, ended) = crashed(&variables, "Loop");
    ended.usable();
    let written = String::from_utf8_lossy(&ended.bytes).into_owned();
    assert!(written.contains("with what follows") && written.contains("thread main"), "{written}");
}
