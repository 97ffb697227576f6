//! The keys, as they are pressed: each test follows one task of an operator from key to screen.

use trailwatch::emulator::Operation;

use crate::{
    endpoint::{Variables, reading, still},
    screen::Screen,
    term::{Term, eventually},
};

/// A dashboard on jobs that stay as they are, with its first frames drawn to their end: the regions are read after them.
fn started(size: (u16, u16), variables: &Variables) -> Term {
    let term = Term::start(size, variables, &[]);
    term.until("jobs", |screen| screen.place() == Some(0) && screen.is_drawn() && screen.has(" of 22 "));
    term
}

#[test]
fn the_cursor_goes_down_and_up_and_to_both_ends() {
    let emulator = still(44);
    let term = started((80, 24), &reading(&emulator));
    let first = term.screen().jobs();
    let at = |id: &str| {
        term.until(id, |screen| {
            screen.selected().as_deref() == Some(id) && screen.is_drawn() && screen.faults().is_empty()
        })
    };
    term.press("j");
    at(&first[1].id);
    term.press("jj");
    at(&first[3].id);
    term.press("k");
    at(&first[2].id);
    term.press("G");
    let end =
        term.until("the end", |screen| screen.place() == Some(screen.jobs().len() - 1) && screen.is_drawn()).jobs();
    let last = &end[end.len() - 1].id;
    assert!(!first.iter().any(|job| job.id == *last), "44 jobs are more than a screen of them");
    // There is nothing below the last one.
    term.press("jk");
    at(&end[end.len() - 2].id);
    term.press("g");
    assert_eq!(at(&first[0].id).jobs(), first);
}

#[test]
fn the_filter_works_as_it_is_typed_and_is_dropped() {
    let emulator = still(44);
    let term = started((120, 40), &reading(&emulator));
    let all = term.screen().jobs();
    term.press("/");
    term.until("a cursor behind the sign", |screen| screen.cursor == Some((39, 2)));
    let mut counts = vec![44];
    for (typed, filter) in [("p", "/p "), ("ay", "/pay "), ("ments q", "/payments q ")] {
        term.press(typed);
        let title = term.until(filter, |screen| screen.title().contains(filter)).title();
        counts.push(title.split(" · ").nth(1).unwrap().split_once(" of 44").unwrap().0.parse().unwrap());
        if filter == "/pay " {
            term.until("only such jobs", |screen| screen.jobs().iter().all(|job| job.trail == "payments-audit"));
        }
    }
    assert!(counts.is_sorted_by(|a, b| a >= b) && counts[2] > 0 && counts[3] == 0, "{counts:?}");
    term.shows("Esc drops the filter");
    let is_dropped = |screen: &Screen| screen.title().contains("44 of 44") && screen.cursor.is_none();
    term.press("\x1b");
    term.until("all jobs", |screen| is_dropped(screen) && screen.jobs() == all);

    term.press("/pay\r");
    term.until("the filter is kept", |screen| screen.title().contains("/pay ") && screen.cursor.is_none());
    term.press("\x1b");
    term.until("all jobs", is_dropped);
}

#[test]
fn details_open_in_two_steps_and_close_in_two() {
    let emulator = still(12);
    let term = started((80, 24), &reading(&emulator));
    let job = format!("┌ Job {} · ", term.screen().selected().unwrap());
    let below = || term.until("details below", |screen| !screen.title().is_empty() && screen.has(&job));
    let table = || term.until("the table alone", |screen| screen.details().is_none() && screen.framed() == 22);
    below();
    for _ in 0..2 {
        term.press("\x1b");
        table();
        term.press("\r");
        below();
        term.press("\r");
        let full = |screen: &Screen| screen.has_full_details() && screen.has(&job) && screen.faults().is_empty();
        term.until("full details", full);
        term.press("\x1b");
        below();
    }
    term.press("\x1b");
    table();
    // Nothing is left to go back from. (An Esc with a letter right after it would be Alt and that letter.)
    term.press("\x1b\x1b");
    term.press("j");
    term.until("it lives on", |screen| screen.place() == Some(1));
}

#[test]
fn a_read_behind_the_details_leaves_the_table_as_it_was() {
    let emulator = still(44);
    let term = started((80, 24), &reading(&emulator));
    term.press("Gkkkk");
    let near_the_end = |screen: &Screen| screen.place().is_some_and(|at| at + 5 == screen.jobs().len());
    // With its regions: no more than the read that is asked for comes in later.
    let settled = |screen: &Screen| screen.is_drawn() && screen.has(" of 22 ");
    let before = term.until("a row near the end", |screen| near_the_end(screen) && settled(screen)).jobs();
    term.press("\r");
    term.until("full details", |screen| screen.has_full_details() && screen.has("│ key "));
    let reads = emulator.stats().calls(Operation::ListJobs);
    term.press("r");
    eventually("another read", || emulator.stats().calls(Operation::ListJobs) > reads);
    term.press("q");
    term.until("the table as it was", |screen| screen.is_drawn() && screen.jobs() == before);
}

#[test]
fn sorting_shows_in_the_title_and_in_the_rows() {
    let emulator = still(12);
    let term = started((120, 40), &reading(&emulator));
    assert_eq!(term.screen().sort(), "default");
    let sorted = |words: &str| {
        term.press("s");
        term.until(words, |screen| screen.sort() == words);
    };
    sorted("status ↑");
    sorted("job id ↓");
    term.press("s");
    let trails = |screen: &Screen| screen.jobs().into_iter().map(|job| job.trail).collect::<Vec<_>>();
    term.until("by trail", |screen| screen.sort() == "trail ↑" && trails(screen).is_sorted());
    term.press("S");
    let falls = |screen: &Screen| trails(screen).is_sorted_by(|a, b| a >= b);
    term.until("by trail, reversed", |screen| screen.sort() == "trail ↓" && falls(screen));
    for words in ["target ↑", "created ↓", "elapsed ↓", "updated ↓", "default"] {
        sorted(words);
    }
}

#[test]
fn times_are_utc_or_local_and_say_which() {
    let emulator = still(12);
    // A rule, not a name: a machine without a time zone database has it, too.
    let zone = [("TZ", "CST-8".to_owned())];
    let term = started((120, 40), &[reading(&emulator), zone.to_vec()].concat());
    let labelled = |time: &str, window: &str| {
        term.until(time, |screen| {
            let header = screen.row(0).contains(&format!("{time} · every"));
            header && screen.has(&format!("{time} · request")) && screen.has(window) && screen.faults().is_empty()
        })
    };
    labelled("Z", " UTC (90d)");
    term.press("u");
    labelled("+08:00", " +08:00 (90d)");
    term.press("u");
    labelled("Z", " UTC (90d)");
}

#[test]
fn polling_pauses_and_goes_on_and_the_interval_changes() {
    let term = Term::start((120, 40), &[], &["--demo"]);
    let header = |words: &str| term.until(words, |screen| screen.row(0).contains(words));
    header("every 2s");
    for (key, words) in [("+", "every 5s"), ("=", "every 10s"), ("-", "every 5s"), ("-", "every 2s"), ("-", "every 1s")]
    {
        term.press(key);
        header(words);
    }
    term.press("p");
    header("‖ paused");
    term.press("p");
    term.until("it goes on", |screen| !screen.row(0).contains("paused") && screen.row(0).contains("live"));
}

#[test]
fn a_refresh_is_another_read() {
    let emulator = still(12);
    let term = started((120, 40), &reading(&emulator));
    for _ in 0..2 {
        let before = emulator.stats().calls(Operation::ListJobs);
        // What is asked for during a read is served by it: the next one is asked for until this one is over.
        eventually("another read", || {
            term.press("r");
            emulator.stats().calls(Operation::ListJobs) > before
        });
    }
}
