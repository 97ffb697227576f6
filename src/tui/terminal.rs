//! The terminal's modes: entered once, left on every way out. What is drawn is not decided here.

use std::{
    fs::File,
    io::{self, IsTerminal, Write as _},
    os::fd::AsFd,
    panic,
    sync::Once,
};

use crossterm::terminal;

use crate::exit::ExitCode;

/// Alternate screen, hidden cursor, bracketed paste (so that a pasted text is not a row of keys).
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[0m\x1b[2J";
/// The reverse, in reverse order.
pub(super) const LEAVE: &[u8] = b"\x1b[0m\x1b[?2004l\x1b[?25h\x1b[?1049l";

/// Whether there is a terminal to read keys from and to draw on.
#[must_use]
pub(crate) fn is_there() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Standard output without std's line buffer, which would cut a frame into many writes.
pub(crate) fn output() -> io::Result<File> {
    Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?))
}

/// Takes the terminal over.
pub(crate) fn enter() -> io::Result<()> {
    install_panic_hook();
    terminal::enable_raw_mode()?;
    output()?.write_all(ENTER)
}

/// Gives the terminal back at once. On one that is gone there is nothing to restore, so nothing here can fail.
pub(crate) fn leave() {
    let _ = output().and_then(|mut output| output.write_all(LEAVE));
    leave_raw_mode();
}

/// Lets the terminal edit lines and raise signals again.
pub(crate) fn leave_raw_mode() {
    let _ = terminal::disable_raw_mode();
}

/// A panic on any thread gives the terminal back, says what happened and ends the process: no half-dead program draws on.
fn install_panic_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            leave();
            report(info);
            let _ = writeln!(io::stderr(), "trailwatch: this is an error of the program itself; please report it");
            std::process::exit(ExitCode::Internal.code().into());
        }));
    });
}
