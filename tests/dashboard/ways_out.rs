//! Every way out ends with its code and leaves the terminal as it was; other sizes of the terminal are followed meanwhile.

use rustix::process::Signal;

use crate::{
    endpoint::{reading, still},
    screen::Screen,
    term::{ALTERNATE_SCREEN, Term},
};

/// How the user or the system ends it.
enum Way {
    Keys(&'static str),
    Signal(Signal),
}

#[test]
fn each_leaves_the_terminal_as_it_was() {
    let emulator = still(12);
    let variables = reading(&emulator);
    let help = |screen: &Screen| screen.has("┌ Keys ");
    let typing = |screen: &Screen| screen.cursor.is_some() && screen.title().contains("/x ");
    let table = |screen: &Screen| screen.place() == Some(0);
    // What is pressed first, what that shows, how it ends, and with which code.
    type Case = (&'static str, fn(&Screen) -> bool, Way, i32);
    let cases: [Case; 8] = [
        ("", table, Way::Keys("q"), 0),
        ("", table, Way::Keys("\x03"), 130),
        ("", table, Way::Signal(Signal::TERM), 143),
        ("", table, Way::Signal(Signal::INT), 130),
        ("/x", typing, Way::Keys("\x03"), 130),
        ("/x", typing, Way::Signal(Signal::TERM), 143),
        ("?", help, Way::Keys("qq"), 0),
        ("\r", Screen::has_full_details, Way::Keys("?\x03"), 130),
    ];
    for (keys, state, way, code) in cases {
        let term = Term::start((80, 24), &variables, &[]);
        term.until("jobs", table);
        term.press(keys);
        term.until(keys, state);
        assert!(term.is_raw(), "while it runs, keys come one by one");
        match way {
            Way::Keys(keys) => term.press(keys),
            Way::Signal(signal) => term.signal(signal),
        }
        let ended = term.ends(code);
        assert!(ended.bytes.windows(ALTERNATE_SCREEN.len()).any(|bytes| bytes == ALTERNATE_SCREEN));
        ended.restored();
    }
}

#[test]
fn an_endpoint_that_never_answers_holds_up_nothing() {
    // The system takes the connections in; nobody reads them.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    for (keys, code) in [("q", 0), ("\x03", 130)] {
        let term = Term::start((80, 24), &crate::endpoint::reading_url(&url), &[]);
        let words = format!("cn-hangzhou: reading from {url}");
        term.until("it is loading", |screen| screen.row(0).contains(" loading ") && screen.has(&words));
        term.press("?");
        term.shows("┌ Keys ");
        term.press("q");
        term.hides("┌ Keys ");
        term.press("+");
        term.shows("every 15s");
        term.press(keys);
        term.ends(code).restored();
    }
}

#[test]
fn the_terminals_size_is_followed() {
    // Two jobs that are so old that no age changes meanwhile.
    let emulator = still(2);
    let term = Term::start((120, 40), &reading(&emulator), &[]);
    let drawn = |screen: &Screen, framed| {
        let footer = screen.last_row().starts_with(" Enter details  / filter ");
        footer && screen.framed() == framed && screen.faults().is_empty() && screen.jobs().len() == 2
    };
    term.until("regions", |screen| screen.has(" 22/22 "));
    let wide = term.whole();
    assert!(wide.contains("UPDATED") && wide.contains("us-west-1"), "{wide}");
    for _ in 0..2 {
        term.resize((80, 24));
        term.until("narrow", |screen| drawn(screen, 22) && !screen.has("UPDATED") && screen.has("ELAPSED"));
        term.resize((20, 5));
        term.until("too small", |screen| screen.text() == "too small\nneeds 30x8, has 20x5\n\n\n");
        term.resize((120, 40));
        term.until("as before", |screen| drawn(screen, 38) && screen.above_footer() == wide);
    }
    // Also where a key comes at the same moment: both wait for the program, which was held up.
    for round in 0..20 {
        let (size, framed) = if round % 2 == 0 { ((80, 24), 22) } else { ((120, 40), 38) };
        term.signal(Signal::STOP);
        term.press("j");
        term.resize(size);
        term.signal(Signal::CONT);
        term.until("the new size", |screen| drawn(screen, framed));
    }
    term.press("q");
    term.ends(0).restored();
}
