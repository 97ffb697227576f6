//! Stopped and continued by a shell: the terminal is the shell's meanwhile, and the dashboard's again afterwards.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::{
    endpoint::{reading, still},
    screen::Screen,
    term::{Term, eventually},
};

/// Longer than the pieces of one frame lie apart, even on a busy machine.
const REST: Duration = Duration::from_millis(500);

/// Stops it twice; each time what is typed is the shell's.
const SHELL: &str = r#"
    set -m
    "$0"
    echo "stopped"; read -r line; echo "typed: $line"; fg >/dev/null
    echo "stopped again"; read -r line; echo "typed: $line"; fg >/dev/null
    echo "ended: $?"
"#;

fn drawn(screen: &Screen, framed: usize) -> bool {
    let footer = screen.last_row().starts_with(" Enter details  / filter ");
    footer && screen.framed() == framed && screen.faults().is_empty() && screen.place().is_some()
}

#[test]
fn ctrl_z_gives_the_terminal_to_the_shell_and_fg_takes_it_again() {
    let emulator = still(12);
    let term = Term::start_in_shell((80, 24), &reading(&emulator), SHELL);
    term.until("jobs", |screen| drawn(screen, 22) && screen.has(" of 22 "));

    term.press("\x1a");
    let shell = term.shows("stopped");
    assert!(
        !term.is_alternate() && !term.is_raw() && shell.cursor.is_some() && !shell.has("JOB ID"),
        "{}",
        shell.text()
    );
    // A size that it is not told of while it is stopped.
    term.resize((120, 40));
    term.press("q quit\n");
    term.until("all of it, in the new size", |screen| drawn(screen, 38) && screen.place() == Some(0));
    assert!(term.is_alternate() && term.is_raw());
    term.press("jj");
    term.until("keys work", |screen| screen.place() == Some(2));

    // The same by a signal, and from where text is typed.
    term.press("/");
    term.until("a cursor", |screen| screen.cursor.is_some());
    term.press("\x1a");
    term.shows("stopped again");
    assert!(!term.is_alternate() && !term.is_raw());
    term.press("\n");
    term.until("the search line", |screen| screen.last_row().starts_with(" / ") && screen.cursor.is_some());
    term.press("\x1b");
    term.until("the table", |screen| drawn(screen, 38) && screen.place() == Some(2));
    term.press("q");
    let ended = term.ends(0);
    ended.usable();
    // The shell read what was typed meanwhile, and its screen is as it was.
    let text = ended.text();
    assert!(text.contains("typed: q quit") && text.contains("stopped again") && text.contains("ended: 0"), "{text}");
}

/// In the background it stops again before it writes anything, as every program that wants the terminal.
#[test]
fn in_the_background_it_leaves_the_terminal_alone() {
    const SHELL: &str = r#"
        set -m
        "$0"
        echo "stopped"; read -r line; bg >/dev/null; wait
        jobs; echo "still stopped"; read -r line; fg >/dev/null
        echo "ended: $?"
    "#;
    let emulator = still(2);
    let term = Term::start_in_shell((80, 24), &reading(&emulator), SHELL);
    term.until("jobs", |screen| drawn(screen, 22));
    term.press("\x1a");
    term.shows("stopped");
    let before = term.bytes().len();
    term.press("\n");
    term.shows("still stopped");
    assert!(!term.is_alternate() && !term.is_raw());
    assert!(!term.bytes()[before..].contains(&0x1b), "it has written something");
    term.press("\n");
    term.until("all of it", |screen| drawn(screen, 22));
    term.press("q");
    let ended = term.ends(0);
    ended.usable();
    assert!(ended.text().contains("ended: 0"), "{}", ended.text());
}

/// A signal that ends it is looked at, although it may not touch the terminal.
#[test]
#[cfg(target_os = "linux")]
fn in_the_background_it_can_be_ended() {
    const SHELL: &str = r#"
        set -m
        "$0"
        bg >/dev/null; wait
        jobs -l; echo "in the background"; read -r line
    "#;
    let emulator = still(2);
    let term = Term::start_in_shell((80, 24), &reading(&emulator), SHELL);
    term.until("jobs", |screen| drawn(screen, 22));
    term.press("\x1a");
    let shell = term.shows("in the background").text();
    // `[1] + 4711 Stopped`
    let pid = shell.split_whitespace().find_map(|word| word.parse().ok().filter(|number| *number > 1)).unwrap();
    for signal in [Signal::TERM, Signal::CONT] {
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }
    // The shell has not asked for it yet, so that it can be looked at: dead, with the code of a program that was told to.
    eventually("its end", || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        stat.contains(") Z ") && stat.split_whitespace().last() == Some("36608")
    });
    term.press("\n");
    term.ends(0).usable();
}

#[test]
fn where_nobody_could_continue_it_nothing_stops() {
    let emulator = still(2);
    let term = Term::start((80, 24), &reading(&emulator), &[]);
    term.until("jobs", |screen| drawn(screen, 22));
    term.press("\x1a?");
    term.shows("┌ Keys ");
    term.signal(Signal::TSTP);
    term.press("q");
    term.until("the table", |screen| drawn(screen, 22));
    term.press("q");
    term.ends(0).restored();
}

/// Somebody stopped it who asked nobody, and the shell took its modes and its screen.
#[test]
fn after_a_stop_that_it_was_not_told_of_all_is_as_before() {
    let emulator = still(2);
    let term = Term::start((80, 24), &reading(&emulator), &[]);
    term.until("jobs", |screen| drawn(screen, 22));
    term.signal(Signal::STOP);
    term.take_away();
    assert!(!term.is_raw() && !term.is_alternate());
    term.signal(Signal::CONT);
    term.until("all of it", |screen| drawn(screen, 22));
    assert!(term.is_raw() && term.is_alternate());
    term.press("q");
    term.ends(0).usable();
}

#[test]
fn ctrl_l_draws_all_of_it_again() {
    let emulator = still(2);
    let term = Term::start((80, 24), &reading(&emulator), &[]);
    let before = term.until("jobs", |screen| drawn(screen, 22) && screen.has(" of 22 "));
    for keys in ["", "/", "?"] {
        term.press(keys);
        term.until(keys, |screen| keys.is_empty() || screen.text() != before.text());
        term.quiet(REST);
        let shown = term.screen();
        term.garble();
        term.press("\x0c");
        term.until("as before", |screen| *screen == shown);
        term.press(if keys.is_empty() { "" } else { "\x1b" });
        term.until("the table", |screen| *screen == before);
    }
}
