//! A terminal that no longer reads, and one that is gone.

use std::time::Duration;

use rustix::process::Signal;

use crate::{
    endpoint::{reading, still},
    term::{Term, eventually},
};

/// So large that the system does not take a whole frame for a reader that does not read (64 KiB and a little).
const HUGE: (u16, u16) = (200, 950);

/// It is to end within a second; the other one is for a busy machine.
const SECOND: Duration = Duration::from_millis(2_000);

const REDRAW: &str = "\x0c";

/// A dashboard with a frame that the terminal does not take, and how long that is.
fn stuck(variables: &[(&str, String)]) -> (Term, usize) {
    let term = Term::start(HUGE, variables, &[]);
    term.until("jobs", |screen| screen.jobs().len() >= 850 && screen.has(" of 22 "));
    let before = term.quiet(Duration::from_millis(500));
    term.press(REDRAW);
    eventually("a frame", || term.bytes().len() > before);
    let frame = term.quiet(Duration::from_millis(500)) - before;
    assert!(frame > 80 << 10, "{frame} B fit into what the system keeps");
    term.hold();
    term.press(REDRAW);
    term.is_full();
    (term, frame)
}

#[test]
fn keys_count_while_it_does_not_read_and_states_replace_each_other() {
    let emulator = still(1_000);
    let (term, frame) = stuck(&reading(&emulator));
    let before = term.bytes().len();
    for _ in 0..20 {
        term.press(&format!("j{REDRAW}"));
    }
    term.go_on();
    term.until("the twentieth job", |screen| screen.place() == Some(20));
    let written = term.quiet(Duration::from_millis(500)) - before;
    // The one that was stuck, the one that is seen, and at most one for keys that came after that was begun.
    assert!(written <= 3 * frame + frame / 2, "{written} B are more than three frames of {frame} B");
    term.press("q");
    term.ends(0).restored();
}

#[test]
fn signals_end_it_while_it_does_not_read() {
    let emulator = still(1_000);
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::HUP, 129)] {
        let (mut term, _) = stuck(&reading(&emulator));
        term.signal(signal);
        let (ended, took) = term.is_gone();
        assert_eq!(ended, Some(code));
        assert!(took < SECOND, "{signal:?}: {took:?}");
        // Once it reads again, it finds that its screen was given back.
        term.go_on();
        term.ends(code).restored();
    }
}

#[test]
fn so_does_its_user() {
    let emulator = still(1_000);
    for (keys, code) in [("q", 0), ("\x03", 130)] {
        let (mut term, _) = stuck(&reading(&emulator));
        term.press(keys);
        let (ended, took) = term.is_gone();
        assert_eq!(ended, Some(code));
        assert!(took < SECOND, "{took:?}");
        term.go_on();
        term.ends(code).restored();
    }
}

#[test]
fn so_does_a_panic() {
    let emulator = still(1_000);
    let mut variables = reading(&emulator);
    variables.push(("TRAILWATCH_PANIC", "Task".to_owned()));
    let (mut term, _) = stuck(&variables);
    term.press("r");
    // A build for tests takes its time to find the names for the report, so that is not measured.
    let (ended, _) = term.is_gone();
    assert_eq!(ended, Some(70));
    let kept = std::fs::read_dir(term.home().join(".local/state/trailwatch")).unwrap();
    let names = kept.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(names.into_iter().any(|name| name.starts_with("panic-")));
    term.go_on();
    term.ends(70).usable();
}

#[test]
fn it_is_gone_and_so_is_the_program_even_where_it_ignores_the_signal() {
    let emulator = still(2);
    let start = |script| Term::start_in_shell((80, 24), &reading(&emulator), script);
    for script in ["exec \"$0\"", "trap '' HUP; exec \"$0\""] {
        let mut term = start(script);
        term.until("jobs", |screen| screen.place() == Some(0));
        term.close();
        let (code, took) = term.is_gone();
        assert_eq!(code, Some(129), "{script}");
        assert!(took < SECOND, "{script}: {took:?}");
    }
}

/// Without the signal, as where another process has the terminal: what remains is to watch it. Blocking a signal needs a
/// program of Linux's.
#[test]
#[cfg(target_os = "linux")]
fn a_terminal_that_goes_without_a_signal_is_noticed() {
    let works = std::process::Command::new("env").args(["--block-signal=HUP", "true"]).status();
    if !works.is_ok_and(|status| status.success()) {
        return;
    }
    let emulator = still(2);
    let script = "PATH=/usr/bin:/bin; exec env --block-signal=HUP \"$0\"";
    let mut term = Term::start_in_shell((80, 24), &reading(&emulator), script);
    term.until("jobs", |screen| screen.place() == Some(0));
    let before = term.cpu();
    term.close();
    let cpu = term.cpu_at_the_end();
    assert!(cpu - before < Duration::from_millis(300), "it burnt {:?}", cpu - before);
    let (code, took) = term.is_gone();
    assert_eq!(code, Some(129));
    assert!(took < SECOND, "{took:?}");
}
