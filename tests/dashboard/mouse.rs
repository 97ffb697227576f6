//! The mouse is the terminal's own, unless it was asked for; then it works, and every way out gives it back.

use rustix::process::Signal;
use vt100::{MouseProtocolEncoding, MouseProtocolMode};

use crate::{
    endpoint::{reading, still},
    screen::Screen,
    term::{Term, eventually},
};

const OFF: (MouseProtocolMode, MouseProtocolEncoding) = (MouseProtocolMode::None, MouseProtocolEncoding::Default);
const ON: (MouseProtocolMode, MouseProtocolEncoding) = (MouseProtocolMode::PressRelease, MouseProtocolEncoding::Sgr);

/// The codes of a notch of the wheel.
const UP: u8 = 64;
const DOWN: u8 = 65;

/// What a terminal sends for a notch of the wheel at a cell.
fn wheel(code: u8, (x, y): (usize, usize)) -> String {
    format!("\x1b[<{code};{};{}M", x + 1, y + 1)
}

/// What it sends for a button that is pressed and let go.
fn button(code: u8, place: (usize, usize)) -> String {
    let pressed = wheel(code, place);
    format!("{pressed}{}", pressed.replace('M', "m"))
}

/// Where the words are.
fn place(screen: &Screen, words: &str) -> (usize, usize) {
    let find = |y| Some((screen.row(y).split_once(words)?.0.chars().count(), y));
    (0..screen.height()).find_map(find).unwrap()
}

#[test]
fn without_the_flag_text_is_selected_with_it() {
    let emulator = still(3);
    let term = Term::start((80, 24), &reading(&emulator), &[]);
    term.until("jobs", |screen| screen.place() == Some(0));
    assert_eq!(term.mouse(), OFF);
    term.press("q");
    let ended = term.ends(0);
    assert!(!ended.bytes.windows(8).any(|bytes| bytes == b"\x1b[?1000h"));
}

#[test]
fn wheel_and_clicks_do_what_they_hit() {
    let emulator = still(44);
    let term = Term::start((120, 40), &reading(&emulator), &["--mouse"]);
    let first = term.until("jobs", |screen| screen.place() == Some(0) && screen.is_drawn() && screen.has(" of 22 "));
    eventually("the mouse is taken", || term.mouse() == ON);
    let at = |row| term.until(&format!("row {row}"), |screen| screen.place() == Some(row) && screen.is_drawn());
    let middle = place(&first, "STATUS");
    term.press(&wheel(DOWN, middle));
    at(3);
    term.press(&wheel(UP, middle));
    at(0);
    let fifth = first.jobs()[5].id.clone();
    term.press(&button(0, place(&first, &format!(" {fifth} "))));
    at(5);
    // The right button is nobody's.
    term.press(&button(2, middle));
    for words in ["trail ↑", "trail ↓"] {
        term.press(&button(0, place(&first, "TRAIL ")));
        term.until(words, |screen| screen.sort() == words);
    }
    term.press("\r");
    term.until("full details", Screen::has_full_details);
    term.press("q");
    term.until("the table", Screen::is_drawn);
    term.press("q");
    term.ends(0).restored();
}

#[test]
fn every_way_out_gives_it_back() {
    for (keys, signal, code) in
        [("q", None, 0), ("\x03", None, 130), ("", Some(Signal::TERM), 143), ("", Some(Signal::INT), 130)]
    {
        let emulator = still(3);
        let term = Term::start((80, 24), &reading(&emulator), &["--mouse"]);
        term.until("jobs", |screen| screen.place() == Some(0));
        assert_eq!(term.mouse(), ON);
        term.press(keys);
        signal.into_iter().for_each(|signal| term.signal(signal));
        term.ends(code).restored();
    }
}
