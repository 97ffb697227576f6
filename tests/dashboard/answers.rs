//! What the terminal says of itself, asked for or late: never a key.

use std::time::Duration;

use crate::{
    endpoint::{reading, still},
    screen::Screen,
    term::Term,
};

/// Of a background colour, of the kind of terminal, of a mode, of the cursor, of the clipboard; some with letters that are keys.
const LATE: &str = "\x1b]11;rgb:0000/aaaa/ffff\x1b\\\x1b]10;rgb:ffff/ffff/ffff\x07\x1b[?1;2c\x1b[?2027;0$y\x1b[24;80R\x1bP>|spaq 1\x1b\\";

#[test]
fn a_late_one_changes_nothing() {
    let emulator = still(12);
    let term = Term::start((80, 24), &reading(&emulator), &[]);
    let drawn = |screen: &Screen| screen.is_drawn() && screen.has(" of 22 ");
    let before = term.until("jobs", |screen| screen.place() == Some(0) && drawn(screen));
    for (length, keys) in [(LATE.len(), ""), (1, ""), (7, ""), (LATE.len(), "/")] {
        term.press(keys);
        for piece in LATE.as_bytes().chunks(length) {
            term.press(std::str::from_utf8(piece).unwrap());
        }
        // The next key comes after it, and is one.
        term.press(if keys.is_empty() { "/x" } else { "x" });
        term.until("a filter of one letter", |screen| screen.last_row().starts_with(" /x "));
        term.press("\x1b");
        let same = |screen: &Screen| screen.jobs() == before.jobs() && screen.title() == before.title();
        term.until("all as before", |screen| drawn(screen) && same(screen));
    }
    term.press("\x1b]11;rgb:00\x03");
    term.ends(130).restored();
}

#[test]
fn frames_are_marked_once_it_says_that_it_knows_marks() {
    const BEGIN: &str = "\x1b[?2026h";
    const END: &str = "\x1b[?2026l";
    let emulator = still(2);
    let term = Term::start((80, 24), &reading(&emulator), &[]);
    term.until("jobs", |screen| screen.place() == Some(0) && screen.has(" of 22 "));
    let before = term.quiet(Duration::from_millis(300));
    assert!(!String::from_utf8(term.bytes()).unwrap().contains(BEGIN), "it said nothing yet");
    term.press("\x1b[?2026;2$y?");
    term.shows("┌ Keys ");
    term.press("\x0cq");
    term.until("the table", |screen| screen.last_row().starts_with(" Enter "));
    term.quiet(Duration::from_millis(300));
    let marked = String::from_utf8(term.bytes()[before..].to_vec()).unwrap();
    let frames: Vec<&str> = marked.split_inclusive(END).collect();
    assert!(frames.len() >= 2, "{marked:?}");
    for frame in frames {
        let is_one = frame.starts_with(BEGIN) && frame.ends_with(END) && frame.matches(BEGIN).count() == 1;
        assert!(is_one, "{frame:?}");
    }
    term.press("q");
    term.ends(0).restored();
}
