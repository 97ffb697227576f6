//! Nothing changes, nothing is sent.

use std::time::Duration;

use crate::{
    endpoint::{reading, still},
    term::Term,
};

/// Longer than the pieces of one frame lie apart, even on a busy machine.
const REST: Duration = Duration::from_millis(500);

/// A look at an idle screen that a clock or a spinner would not survive.
const LOOK: Duration = Duration::from_millis(1_500);

#[test]
fn a_screen_at_rest_writes_nothing() {
    // Two jobs that are so old that no age changes meanwhile, and a read every hour.
    let emulator = still(2);
    let term = Term::start((120, 40), &reading(&emulator), &[]);
    term.until("jobs and regions", |screen| screen.jobs().len() == 2 && screen.has(" of 22 "));
    term.whole();
    let settled = term.quiet(REST);
    let before = term.screen();
    assert_eq!(term.quiet(LOOK), settled);

    // The same way there and back costs the same bytes twice: nothing else was written meanwhile.
    let mut ends = vec![settled];
    for _ in 0..2 {
        term.press("?");
        term.shows("┌ Keys ");
        term.press("\x1b");
        term.until("as before", |screen| *screen == before);
        ends.push(term.quiet(REST));
    }
    let bytes = term.bytes();
    let round = |at: usize| String::from_utf8_lossy(&bytes[ends[at]..ends[at + 1]]).into_owned();
    assert_eq!(round(0), round(1));
    assert_eq!(term.screen(), before);

    // A key that means nothing here costs nothing.
    term.press("X\x1b[5;5~");
    assert_eq!(term.quiet(REST), ends[2]);
}
