//! The terminal's modes: entered once, left on every way out. What is drawn is not decided here.

use std::{
    fs::File,
    io::{self, IsTerminal, Write as _},
    os::fd::AsFd,
    panic,
    sync::Once,
};

use crossterm::terminal;
use rustix::fs::{Mode, OFlags};

use crate::exit::ExitCode;

/// Alternate screen, hidden cursor, bracketed paste (so that a pasted text is not a row of keys).
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[0m\x1b[2J";
/// Buttons and wheel, but no motion, which would send bytes at every move; with places beyond column 223.
const TAKE_MOUSE: &[u8] = b"\x1b[?1000h\x1b[?1006h";
/// The reverse of both, in reverse order. Also where the mouse was left alone: what is off stays off, and no way out has to
/// know.
pub(super) const LEAVE: &[u8] = b"\x1b[0m\x1b[?1006l\x1b[?1000l\x1b[?2004l\x1b[?25h\x1b[?1049l";

/// Whose the mouse is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mouse {
    /// The terminal's, which selects text with it.
    #[default]
    Terminal,
    /// The dashboard's.
    Dashboard,
}

/// Whether there is a terminal to read keys from and to draw on.
#[must_use]
pub(crate) fn is_there() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Standard output without std's line buffer, which would cut a frame into many writes.
pub(crate) fn output() -> io::Result<File> {
    Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?))
}

/// The same terminal, opened once more so that writing to it never waits: a mode of its own, which nobody else sees. `None`
/// where it can't be opened, as after `su`.
pub(super) fn output_at_once() -> Option<File> {
    let path = rustix::termios::ttyname(io::stdout(), Vec::new()).ok()?;
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    Some(rustix::fs::open(path, flags, Mode::empty()).ok()?.into())
}

/// Takes the terminal over.
pub(crate) fn enter(mouse: Mouse) -> io::Result<()> {
    install_panic_hook();
    terminal::enable_raw_mode()?;
    let mouse = match mouse {
        Mouse::Terminal => &[][..],
        Mouse::Dashboard => TAKE_MOUSE,
    };
    output()?.write_all(&[ENTER, mouse].concat())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_that_is_entered_is_left() {
        let entered = [ENTER, TAKE_MOUSE].concat();
        let [entered, left] = [&entered[..], LEAVE].map(|bytes| std::str::from_utf8(bytes).unwrap());
        let modes: Vec<_> =
            entered.split("\x1b[?").skip(1).map(|rest| &rest[..rest.find(['h', 'l']).unwrap()]).collect();
        assert_eq!(modes, ["1049", "25", "2004", "1000", "1006"]);
        for mode in modes {
            let (on, off) = (format!("\x1b[?{mode}h"), format!("\x1b[?{mode}l"));
            assert!(
                entered.contains(&on) == left.contains(&off) && entered.contains(&off) == left.contains(&on),
                "{mode}"
            );
        }
    }
}
