//! The help shows every key of the map, and every key that it shows does what it says.

use trailwatch::{
    emulator::{Emulator, Operation},
    tui::{Action, BINDINGS, Binding, SEARCH_BINDINGS},
};

use crate::{
    endpoint::{reading, still},
    screen::Screen,
    term::{Term, eventually},
};

/// Where the jobs of this test end: all of them are in view.
const LAST: usize = 19;

/// A line of the help: keys, and what it says of them.
type Line = (Vec<String>, String);

/// The columns of the keys.
const KEYS: usize = 15;

/// The lines of the help, blank ones and headings left out.
fn lines(screen: &Screen) -> Vec<Line> {
    let title: Vec<char> = "┌ Keys ".chars().collect();
    let rows: Vec<Vec<char>> = (0..screen.height()).map(|y| screen.row(y).chars().collect()).collect();
    let place = |row: &Vec<char>| row.windows(title.len()).position(|part| *part == *title);
    let Some((top, left)) = rows.iter().enumerate().find_map(|(y, row)| Some((y, place(row)?))) else {
        return Vec::new();
    };
    let framed = rows[top + 1..].iter().take_while(|row| row[left] == '│');
    let inside = framed.map(|row| row[left + 1..].iter().take_while(|char| **char != '│').collect::<String>());
    let line = |text: String| {
        let (keys, words) = text.split_at_checked(KEYS)?;
        let keys: Vec<String> = keys.split_whitespace().map(str::to_owned).collect();
        let is_heading = keys.is_empty() || keys[0] == "while";
        (!is_heading).then(|| (keys, words.trim().to_owned()))
    };
    inside.filter_map(line).collect()
}

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
        Action::Open => {
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
            term.press(key);
            eventually("another read", || emulator.stats().calls(Operation::ListJobs) > before);
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
        Action::SortNext | Action::SortReverse => {
            let before = term.screen().sort();
            term.press(key);
            term.until("another order", |screen| screen.sort() != before);
        }
        Action::Search => {
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
        // Without a shell that could continue it, it does not stop, but looks as after that.
        Action::Redraw | Action::Suspend => {
            term.garble();
            term.shows("what is this");
            term.press(key);
            term.hides("what is this");
        }
        Action::Quit => unreachable!("it is pressed last"),
    }
}

/// The same while a filter is typed.
fn obeyed_while_typing(term: &Term, action: Action, key: &str) {
    let filtered = |shown: bool| {
        term.until("the table has the focus", |screen| {
            screen.cursor.is_none() && screen.title().contains("/audit ") == shown
        });
    };
    match action {
        Action::Down | Action::Up => {
            let (start, end, next) = if action == Action::Down { ("g", 0, 1) } else { ("G", LAST, LAST - 1) };
            term.press(start);
            term.until("an end", |screen| screen.place() == Some(end));
            term.press("/");
            term.until("a cursor", |screen| screen.cursor.is_some());
            term.press(key);
            term.until("the next row", |screen| screen.place() == Some(next));
            term.press("\x1b");
            filtered(false);
        }
        Action::Open => {
            term.press("/audit");
            term.shows("/audit ");
            term.press(key);
            filtered(true);
            term.press("\x1b");
            filtered(false);
        }
        Action::Back => {
            term.press("/audit");
            term.shows("/audit ");
            term.press(key);
            filtered(false);
        }
        other => panic!("{other:?} can't be meant while typing"),
    }
}

#[test]
fn every_key_of_the_help_does_what_it_says() {
    let emulator = still(LAST + 1);
    let variables = [reading(&emulator), vec![("TZ", "CST-8".to_owned())]].concat();
    let term = Term::start((120, 40), &variables, &["--interval", "60s"]);
    term.until("all jobs", |screen| screen.jobs().len() == LAST + 1);
    let typing = SEARCH_BINDINGS.iter().map(|binding| (binding, true));
    let map: Vec<(&Binding, bool)> = BINDINGS.iter().map(|binding| (binding, false)).chain(typing).collect();
    let is_the_map = |screen: &Screen| {
        lines(screen).iter().map(|(_, words)| words.as_str()).eq(map.iter().map(|(binding, _)| binding.help))
    };
    term.press("?");
    let lines = lines(&term.until("the whole key map", is_the_map));
    term.press("q");
    term.hides("┌ Keys ");

    let mut quit = None;
    for ((keys, _), (binding, typing)) in lines.iter().zip(map) {
        assert_eq!(keys.len(), binding.keys.len(), "{keys:?}");
        for key in keys.iter().map(|key| sent(key)) {
            match (binding.action, typing) {
                (Action::Quit, _) => quit = Some(key),
                (action, true) => obeyed_while_typing(&term, action, &key),
                (action, false) => obeyed(&term, &emulator, action, &key),
            }
        }
    }
    term.press(&quit.unwrap());
    term.ends(130);
}
