//! Pasted text is text, never a row of keys.

use crate::{
    endpoint::{reading, still},
    screen::Screen,
    term::Term,
};

/// What a terminal sends for a pasted text once it was asked to mark it.
fn pasted(text: &str) -> String {
    format!("\x1b[200~{text}\x1b[201~")
}

/// Keys that would quit, move, sort, pause, and an arrow.
const KEYS: &str = "q\x03jG\rs\x1b[Bp";

#[test]
fn outside_of_the_filter_it_is_nothing() {
    let emulator = still(12);
    let term = Term::start((80, 24), &reading(&emulator), &[]);
    let drawn = |screen: &Screen| screen.is_drawn() && screen.has(" of 22 ");
    let before = term.until("jobs", |screen| screen.place() == Some(0) && drawn(screen));
    term.press(&pasted(KEYS));
    // The help comes after the paste: when it shows, the paste was taken in.
    term.press("?");
    term.shows("┌ Keys ");
    term.press(&pasted(KEYS));
    term.press("q");
    let same = |screen: &Screen| screen.jobs() == before.jobs() && screen.title() == before.title();
    term.until("all as before", |screen| drawn(screen) && same(screen) && screen.row(0) == before.row(0));
}

#[test]
fn in_the_filter_it_is_typed_with_blanks_for_line_breaks_and_no_control_characters() {
    let emulator = still(12);
    let term = Term::start((80, 24), &reading(&emulator), &[]);
    term.until("jobs", |screen| screen.place() == Some(0));
    term.press("/");
    term.until("a cursor", |screen| screen.cursor.is_some());
    term.press(&pasted("q\x03\r\n\t\x07é"));
    term.until("the pasted text", |screen| {
        screen.title().contains(" 0 of 12 · /q   é ") && screen.last_row().starts_with(" /q   é ")
    });
    // It is an input line like any other.
    term.press(&format!("{}audit", "\x7f".repeat(5)));
    term.until("what is typed after it", |screen| screen.title().contains("/audit ") && !screen.jobs().is_empty());
    term.press(&pasted("審"));
    term.until("wide characters", |screen| screen.title().contains("/audit審 ") && screen.faults().is_empty());
}
