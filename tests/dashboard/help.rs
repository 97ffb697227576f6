//! Every key of the map does what the help says of it.

use trailwatch::{
    emulator::{Emulator, Operation},
    tui::{Action, Context, Keymap},
};

use crate::{
    endpoint::{reading, still},
    screen::Screen,
    term::{Term, eventually},
};

/// Where the jobs of this test end: all of them are in view.
const LAST: usize = 19;

/// What a terminal sends for a key, by the name that the help gives it.
fn sent(key: &str) -> String {
    match key {
        "Up" => "\x1b[A".to_owned(),
        "Down" => "\x1b[B".to_owned(),
        "PgUp" => "\x1b[5~".to_owned(),
        "PgDn" => "\x1b[6~".to_owned(),
        "Home" => "\x1b[H".to_owned(),
        "End" => "\x1b[F".to_owned(),
        "Enter" => "\r".to_owned(),
        "Esc" => "\x1b".to_owned(),
        "Space" => " ".to_owned(),
        "Tab" => "\t".to_owned(),
        "BackTab" => "\x1b[Z".to_owned(),
        "Left" => "\x1b[D".to_owned(),
        "Right" => "\x1b[C".to_owned(),
        _ => match key.strip_prefix("Ctrl-") {
            Some(letter) => char::from(letter.as_bytes()[0] & 0x1f).to_string(),
            None => key.to_owned(),
        },
    }
}

/// Leaves only failures in the table, sorted so that an open one is first.
fn open_failures(term: &Term) {
    while term.screen().sort() != "default" {
        let before = term.screen().sort();
        term.press("s");
        term.until("another order", |screen| screen.sort() != before);
    }
    term.press("/failed\rg");
    term.until("failures only", |screen| screen.title().contains("/failed") && screen.place() == Some(0));
}

fn all(term: &Term) {
    term.press("\x1b");
    term.until("all jobs", |screen| screen.title().contains(" 20 of 20 "));
}

/// Presses a key where the table has the focus, and waits until what it asks for is seen. The table has the focus again
/// afterwards.
fn obeyed(term: &Term, emulator: &Emulator, action: Action, key: &str) {
    let place = |expected: fn(usize) -> bool| {
        term.until(&format!("{action:?} by {key:?}"), |screen| screen.place().is_some_and(expected));
    };
    let from = |end: &str, expected: fn(usize) -> bool| {
        term.press(end);
        place(if end == "g" { |at| at == 0 } else { |at| at == LAST });
        term.press(key);
        place(expected);
    };
    let header = |words: &str| term.until(words, |screen| screen.row(0).contains(words));
    match action {
        Action::Down => from("g", |at| at == 1),
        Action::HalfDown | Action::PageDown => from("g", |at| at > 1),
        Action::Bottom => from("g", |at| at == LAST),
        Action::Up => from("G", |at| at == LAST - 1),
        Action::HalfUp | Action::PageUp => from("G", |at| at < LAST - 1),
        Action::Top => from("G", |at| at == 0),
        Action::Open | Action::Details => {
            term.press(key);
            term.until("full details", Screen::has_full_details);
            term.press("q");
            term.until("the table", |screen| !screen.title().is_empty());
        }
        Action::Back => {
            term.press("\r");
            term.until("full details", Screen::has_full_details);
            term.press(key);
            term.until("the table", |screen| !screen.title().is_empty());
        }
        Action::Settle => {
            open_failures(term);
            term.press(key);
            term.until("the note", |screen| screen.last_row().contains("note:"));
            term.press("\x1b");
            term.until("the hints again", |screen| !screen.last_row().contains("note:"));
            all(term);
        }
        Action::TakeBack => {
            open_failures(term);
            term.press("aknown\r");
            term.until("a settled failure", |screen| screen.text().contains("acknowledged"));
            all(term);
            term.press("/acknowledged\r");
            term.until("only that one", |screen| screen.title().contains(" 1 of 20 "));
            term.press(key);
            term.until("it is open again", |screen| screen.title().contains(" 0 of 20 "));
            all(term);
        }
        Action::Refresh => {
            let before = emulator.stats().calls(Operation::ListJobs);
            // While the last read goes on, there is no other one to ask for.
            eventually("another read", || {
                term.press(key);
                emulator.stats().calls(Operation::ListJobs) > before
            });
            term.until("the read is over", |screen| !screen.row(0).contains("refreshing"));
        }
        Action::Pause => {
            term.press(key);
            header(" paused ");
            term.press(key);
            header(" live ");
        }
        Action::Slower => {
            header(" every 1m ");
            term.press(key);
            header(" every 2m ");
            term.press("-");
        }
        Action::Faster => {
            header(" every 1m ");
            term.press(key);
            header(" every 30s ");
            term.press("+");
        }
        Action::Sort | Action::Reverse => {
            let before = term.screen().sort();
            term.press(key);
            term.until("another order", |screen| screen.sort() != before);
        }
        Action::Filter | Action::Command => {
            term.press(key);
            term.until("a cursor", |screen| screen.cursor.is_some());
            term.press("\x1b");
            term.until("no cursor", |screen| screen.cursor.is_none());
        }
        Action::Zone => {
            term.press(key);
            header("+08:00 ");
            term.press(key);
            header("Z ");
        }
        Action::Help => {
            term.press(key);
            term.shows("┌ Keys ");
            term.press("q");
            term.hides("┌ Keys ");
        }
        Action::Close => {
            term.press("?");
            term.shows("┌ Keys ");
            term.press(key);
            term.hides("┌ Keys ");
        }
        Action::Events => {
            term.press(key);
            term.shows("┌ Events ");
            term.press("q");
            term.hides("┌ Events ");
        }
        Action::Coverage => {
            term.press(key);
            term.shows("┌ Coverage ");
            term.press("q");
            term.hides("┌ Coverage ");
        }
        Action::Targets => {
            term.press(key);
            term.shows("┌ Targets ");
            term.press("q");
            term.hides("┌ Targets ");
        }
        Action::Columns => {
            term.press(key);
            term.shows("┌ Columns ");
            term.press("q");
            term.hides("┌ Columns ");
        }
        Action::NextChanged => {
            term.press(key);
            term.shows("no job of this list has changed");
        }
        Action::ShowAll => {
            term.press("4");
            term.shows("[4 complete ");
            term.press(key);
            term.shows("[1 all 20]");
        }
        Action::ShowActive | Action::ShowOpen | Action::ShowComplete | Action::ShowChanged => {
            term.press(key);
            term.shows(&format!("[{key} "));
            term.press("1");
            term.shows("[1 all 20]");
        }
        // Without a shell that could continue it, it does not stop, but looks as after that.
        Action::Redraw | Action::Suspend => {
            term.garble();
            term.shows("what is this");
            term.press(key);
            term.hides("what is this");
        }
        // Pressed last, or in tests of their own.
        Action::Quit | Action::CopyId | Action::Copy | Action::Export => {}
        other => panic!("{other:?} has no key in the table"),
    }
}

/// What the details make of a key of theirs.
fn obeyed_in_details(term: &Term, action: Action, key: &str) {
    let shows = |tab: &str| term.shows(&format!("[{tab}]"));
    term.press("\r");
    shows("summary");
    term.press(key);
    match action {
        Action::NextTab => shows("regions"),
        Action::PreviousTab => shows("json"),
        Action::Events => term.shows("┌ Events "),
        Action::Coverage => term.shows("┌ Coverage "),
        Action::Targets => term.shows("┌ Targets "),
        _ => return term.press("q"),
    };
    term.press("q");
    term.until("the table", |screen| !screen.title().is_empty());
}

/// The same while a filter is typed.
fn obeyed_while_typing(term: &Term, action: Action, key: &str) {
    let filtered = |shown: bool| {
        term.until("the table has the focus", |screen| {
            screen.cursor.is_none() && screen.title().contains("/audit ") == shown
        });
    };
    let typing = || {
        term.press("/");
        term.until("a cursor", |screen| screen.cursor.is_some());
    };
    match action {
        Action::Down | Action::PageDown | Action::Up | Action::PageUp => {
            let (start, end) = if matches!(action, Action::Down | Action::PageDown) { ("g", 0) } else { ("G", LAST) };
            let next = |at: usize| match action {
                Action::Down | Action::Up => at.abs_diff(end) == 1,
                _ => at.abs_diff(end) > 1,
            };
            term.press(start);
            term.until("an end", |screen| screen.place() == Some(end));
            typing();
            term.press(key);
            term.until("another row", |screen| screen.place().is_some_and(next));
            term.press("\x1b");
            filtered(false);
        }
        Action::Previous | Action::Next => {
            term.press("/audit");
            // Or the screen before would do, and Esc and the next key would be one.
            term.shows("/audit ");
            term.press("\x1b");
            filtered(false);
            typing();
            term.press(if action == Action::Previous { key } else { "\x1b[A" });
            term.shows("/audit ");
            if action == Action::Next {
                term.press(key);
                term.hides("/audit ");
            }
            term.press("\x1b");
            filtered(false);
        }
        Action::Accept => {
            term.press("/audit");
            term.shows("/audit ");
            term.press(key);
            filtered(true);
            term.press("\x1b");
            filtered(false);
        }
        Action::Cancel => {
            term.press("/audit");
            term.shows("/audit ");
            term.press(key);
            filtered(false);
        }
        other => panic!("{other:?} can't be meant while typing"),
    }
}

#[test]
fn every_key_does_what_the_help_says() {
    let emulator = still(LAST + 1);
    let variables = [reading(&emulator), vec![("TZ", "CST-8".to_owned())]].concat();
    let term = Term::start((120, 60), &variables, &["--interval", "60s"]);
    term.until("all jobs", |screen| screen.jobs().len() == LAST + 1);
    let map = Keymap::default();
    for context in [Context::Panes, Context::Table, Context::Everywhere] {
        for binding in map.of(context) {
            binding.keys.iter().for_each(|key| obeyed(&term, &emulator, binding.action, &sent(&key.to_string())));
        }
    }
    for binding in map.of(Context::Filter) {
        binding.keys.iter().for_each(|key| obeyed_while_typing(&term, binding.action, &sent(&key.to_string())));
    }
    for binding in map.of(Context::Details) {
        binding.keys.iter().for_each(|key| obeyed_in_details(&term, binding.action, &sent(&key.to_string())));
    }
    term.press("\x03");
    term.ends(130);
}
