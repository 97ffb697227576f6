//! The terminal itself: its modes, taken and given back on every way out, its size, and its bytes. What is drawn or
//! what a key means is not decided here.
//!
//! Nothing here waits for a terminal that does not read, except [`read`], which waits for one that does not write.

use std::{
    fs::File,
    io::{self, IsTerminal, Write as _},
    os::fd::AsFd,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use ratatui::layout::Size;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    process::{Signal, getpgrp, getsid, kill_current_process_group},
    termios::{
        Action, OptionalActions, QueueSelector, Termios, tcflow, tcflush, tcgetattr, tcgetpgrp, tcgetwinsize, tcsetattr,
    },
};

/// Alternate screen, hidden cursor, bracketed paste (so that a pasted text is not a row of keys); the window's title is put
/// aside, whether it will be changed or not, so that it always comes back.
pub(super) const ENTER: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[22;2t\x1b[0m\x1b[2J";

/// The same for the first time, when it is also asked whether it knows synchronized updates; nobody waits for the answer.
/// It is the only question: on its own screen, before that is cleared, so that one who prints it leaves no trace.
pub(super) const ENTER_FIRST: &[u8] = b"\x1b[?1049h\x1b[?2026$p\x1b[?25l\x1b[?2004h\x1b[22;2t\x1b[0m\x1b[2J";

/// Buttons and wheel, but no motion, which would send bytes at every move; with places beyond column 223.
const TAKE_MOUSE: &[u8] = b"\x1b[?1000h\x1b[?1006h";

/// The reverse of all, in reverse order; a frame that broke off is over. Also where the mouse was left alone: what is off stays
/// off, and no way out has to know.
pub(super) const LEAVE: &[u8] = b"\x1b[?2026l\x1b[0m\x1b[23;2t\x1b[?1006l\x1b[?1000l\x1b[?2004l\x1b[?25h\x1b[?1049l";

/// Whose the mouse is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mouse {
    /// The terminal's, which selects text with it.
    #[default]
    Terminal,
    /// The dashboard's.
    Dashboard,
}

impl Mouse {
    /// What gives it to whom it belongs, once the screen is entered.
    pub(super) const fn taken(self) -> &'static [u8] {
        match self {
            Self::Terminal => &[],
            Self::Dashboard => TAKE_MOUSE,
        }
    }
}

/// What a terminal that does not tell its size is taken for.
const USUAL_SIZE: Size = Size { width: 80, height: 24 };

/// How long room is made for the last words after a panic.
const ROOM: Duration = Duration::from_millis(200);

/// How long whoever writes may take to come up with the next piece of what is thrown away.
pub(super) const A_PIECE: Duration = Duration::from_millis(2);

/// The modes to give back, while the terminal is ours.
static FOUND: Mutex<Option<Termios>> = Mutex::new(None);

/// Whether it shows our screen.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// Whether there is a terminal to read keys from and to draw on.
#[must_use]
pub(super) fn is_there() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Standard output without std's line buffer, which would cut a frame into many writes.
pub(super) fn output() -> io::Result<File> {
    Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?))
}

/// How large it is.
pub(super) fn size() -> Size {
    let told = tcgetwinsize(io::stdout()).map(|size| Size { width: size.ws_col, height: size.ws_row });
    told.ok().filter(|size| size.width > 0 && size.height > 0).unwrap_or(USUAL_SIZE)
}

/// Keys come one by one from now on. Also where they did already: a shell changes modes while the program is stopped.
pub(super) fn take_modes() -> io::Result<()> {
    let mut modes = tcgetattr(io::stdin())?;
    found().get_or_insert_with(|| modes.clone());
    modes.make_raw();
    Ok(tcsetattr(io::stdin(), OptionalActions::Now, &modes)?)
}

/// Lets the terminal edit lines and raise signals again. On one that is gone there is nothing to restore, so nothing here
/// can fail.
pub(super) fn give_modes_back() {
    let modes = found().take();
    if let Some(modes) = modes {
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &modes);
    }
}

fn found() -> std::sync::MutexGuard<'static, Option<Termios>> {
    // It is only held for a copy, so whoever comes here after a panic does not wait either.
    FOUND.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes note, for [`restore`], that it shows our screen from now on.
pub(super) fn entered() {
    ENTERED.store(true, Ordering::Relaxed);
}

/// Takes note that it shows its own again.
pub(super) fn left() {
    ENTERED.store(false, Ordering::Relaxed);
}

/// Gives all back at once, from any thread and in any state; does nothing where the dashboard does not have it.
///
/// Writing can wait for a terminal that does not read: whoever calls this has to set a limit.
pub fn restore() {
    give_modes_back();
    if ENTERED.swap(false, Ordering::Relaxed) {
        let deadline = Instant::now() + ROOM;
        while !is_ready_within(&io::stdout(), PollFlags::OUT, Some(A_PIECE)) && Instant::now() < deadline {
            discard_output();
        }
        let _ = output().and_then(|mut output| output.write_all(LEAVE));
    }
}

/// Throws away what the terminal has not read yet, so that there is room for the last words.
pub(super) fn discard_output() {
    let _ = tcflush(io::stdout(), QueueSelector::OFlush);
    // Linux does not wake whoever waits to write: going on after a halt does.
    for action in [Action::OOff, Action::OOn] {
        let _ = tcflow(io::stdout(), action);
    }
}

/// Waits for bytes from the terminal. Where there are none, it is gone.
pub(super) fn read(buffer: &mut [u8]) -> io::Result<&[u8]> {
    loop {
        match rustix::io::read(io::stdin(), &mut *buffer) {
            Ok(length) => return Ok(&buffer[..length]),
            Err(Errno::INTR) => {}
            // Somebody shares it who does not want to wait.
            Err(Errno::AGAIN) => {
                let stdin = io::stdin();
                let _ = poll(&mut [PollFd::new(&stdin, PollFlags::IN)], None);
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Whether something can be read before the time is over, which it never is without a limit.
pub(super) fn is_readable_within(limit: Option<Duration>) -> bool {
    is_ready_within(&io::stdin(), PollFlags::IN, limit)
}

fn is_ready_within(file: &impl AsFd, what: PollFlags, limit: Option<Duration>) -> bool {
    let limit = limit.and_then(|limit| Timespec::try_from(limit).ok());
    loop {
        match poll(&mut [PollFd::new(file, what)], limit.as_ref()) {
            Ok(ready) => return ready > 0,
            // Signals are rare: it may wait once more.
            Err(Errno::INTR) => {}
            Err(_) => return true,
        }
    }
}

/// Waits until the terminal is gone. `Err` where that can't be watched.
pub(super) fn hang_up() -> io::Result<()> {
    let (stdin, stdout) = (io::stdin(), io::stdout());
    loop {
        let mut watched = [stdin.as_fd(), stdout.as_fd()].map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::empty()));
        match poll(&mut watched, None) {
            Err(Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
            Ok(_) => {}
        }
        let seen = watched.iter().fold(PollFlags::empty(), |seen, fd| seen | fd.revents());
        if seen.intersects(PollFlags::HUP | PollFlags::ERR) {
            return Ok(());
        }
        if seen.contains(PollFlags::NVAL) {
            return Err(Errno::BADF.into());
        }
    }
}

/// Whether somebody is there who can continue a program that stops: not in the group of the session's first process, as
/// where a terminal runs the program itself. Stopped there, it would stay so forever.
pub(super) fn can_stop() -> bool {
    getsid(None).is_ok_and(|session| session != getpgrp())
}

/// Whether another program has the terminal.
pub(super) fn is_in_background() -> bool {
    tcgetpgrp(io::stdin()).is_ok_and(|group| group != getpgrp()) && can_stop()
}

/// Stops this program, and a script that waits for it, until a shell continues them.
pub(super) fn stop() {
    let _ = kill_current_process_group(Signal::STOP);
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
        assert!(entered.contains("\x1b[22;2t") && left.contains("\x1b[23;2t"), "the title");
        for mode in modes {
            let (on, off) = (format!("\x1b[?{mode}h"), format!("\x1b[?{mode}l"));
            assert!(
                entered.contains(&on) == left.contains(&off) && entered.contains(&off) == left.contains(&on),
                "{mode}"
            );
        }
    }
}
