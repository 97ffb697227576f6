//! A terminal with the program in it: a pty, a thread that reads it into an emulator, and waiting until something is so.

use std::{
    fmt::Write as _,
    io::{Read as _, Write as _},
    num::NonZeroU16,
    process::Child,
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread,
    time::{Duration, Instant},
};

use pty_process::{
    Size,
    blocking::{Command, Pty, open},
};
use rustix::{
    process::{Pid, Signal, kill_process},
    termios::tcgetattr,
};
use tempfile::TempDir;
use vt100::{MouseProtocolEncoding, MouseProtocolMode, Parser};

use crate::screen::Screen;

/// When a test gives up. Nothing is measured by it: what passes takes a fraction of a second.
const DEADLINE: Duration = Duration::from_secs(20);

/// Bytes of the sequence that takes the screen over.
pub(crate) const ALTERNATE_SCREEN: &[u8] = b"\x1b[?1049h";

/// What stands on the terminal before the program starts.
const BEFORE: &str = "$ trailwatch";

/// Waits for something that no screen shows.
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + DEADLINE;
    while !holds() {
        assert!(Instant::now() < end, "never: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// The binary in an environment that has these variables and no other of this machine.
pub(crate) fn command(home: &TempDir, variables: &[(&str, String)], arguments: &[&str]) -> Command {
    Command::new(env!("CARGO_BIN_EXE_trailwatch"))
        .env_clear()
        .env("HOME", home.path())
        .env("TERM", "xterm-256color")
        .env("LANG", "C.UTF-8")
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .args(arguments)
}

/// A terminal in which the program runs. Dropping it ends the program.
pub(crate) struct Term {
    pty: Arc<Pty>,
    child: Child,
    output: Arc<Output>,
    /// The terminal's modes before the program started.
    modes: String,
    _home: TempDir,
}

/// What the program wrote so far.
struct Output {
    seen: Mutex<Seen>,
    more: Condvar,
}

struct Seen {
    parser: Parser,
    bytes: Vec<u8>,
    end: bool,
}

impl Term {
    /// Starts the program in a terminal of so many columns and rows.
    pub(crate) fn start(size: (u16, u16), variables: &[(&str, String)], arguments: &[&str]) -> Self {
        let (pty, pts) = open().unwrap();
        pty.resize(Size::new(size.1, size.0)).unwrap();
        let home = TempDir::new().unwrap();
        let modes = modes(&pty);
        let child = command(&home, variables, arguments).spawn(pts).unwrap();
        let mut parser = Parser::new(count(size.1), count(size.0), 0);
        parser.process(format!("{BEFORE}\r\n").as_bytes());
        let seen = Mutex::new(Seen { parser, bytes: Vec::new(), end: false });
        let (pty, output) = (Arc::new(pty), Arc::new(Output { seen, more: Condvar::new() }));
        let (from, to) = (Arc::clone(&pty), Arc::clone(&output));
        thread::spawn(move || to.read(&from));
        Self { pty, child, output, modes, _home: home }
    }

    /// Types, or sends any other bytes.
    pub(crate) fn press(&self, keys: &str) {
        (&*self.pty).write_all(keys.as_bytes()).unwrap();
    }

    /// Gives the terminal another size, of which the system tells the program.
    pub(crate) fn resize(&self, (width, height): (u16, u16)) {
        // Under the lock: what is read from now on is for the new size, and what is under way is drawn over.
        let mut seen = self.output.lock();
        seen.parser.set_size(count(height), count(width));
        self.pty.resize(Size::new(height, width)).unwrap();
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// The screen as it is.
    pub(crate) fn screen(&self) -> Screen {
        self.output.lock().parser.screen().into()
    }

    /// Waits until the screen is so.
    pub(crate) fn until(&self, what: &str, holds: impl Fn(&Screen) -> bool) -> Screen {
        let mut shown = self.screen();
        let end = Instant::now() + DEADLINE;
        let mut seen = self.output.lock();
        loop {
            shown.clone_from(&seen.parser.screen().into());
            let rest = end.saturating_duration_since(Instant::now());
            if holds(&shown) {
                return shown;
            }
            assert!(!seen.end && !rest.is_zero(), "never: {what}; faults {:#?}\n{}", shown.faults(), shown.text());
            seen = self.output.more.wait_timeout(seen, rest).unwrap().0;
        }
    }

    /// Waits until the words are on the screen.
    pub(crate) fn shows(&self, words: &str) -> Screen {
        self.until(words, |screen| screen.has(words))
    }

    /// Waits until the words are not on the screen.
    pub(crate) fn hides(&self, words: &str) -> Screen {
        self.until(&format!("without {words}"), |screen| !screen.has(words))
    }

    /// Waits until the frames of the table have arrived whole; answers what stands above the footer.
    pub(crate) fn whole(&self) -> String {
        // The search line is below all the rest: when it shows, what was drawn before it has come.
        self.press("/");
        let screen = self.until("the search line", |screen| screen.last_row().starts_with(" / "));
        self.press("\x1b");
        self.until("the table", |screen| screen.last_row().starts_with(" Enter "));
        screen.above_footer()
    }

    /// Waits until the program has written nothing for so long; answers how much it wrote before.
    pub(crate) fn quiet(&self, length: Duration) -> usize {
        let end = Instant::now() + DEADLINE;
        let mut seen = self.output.lock();
        loop {
            let before = seen.bytes.len();
            let (later, _) =
                self.output.more.wait_timeout_while(seen, length, |seen| seen.bytes.len() == before).unwrap();
            seen = later;
            if seen.bytes.len() == before {
                return before;
            }
            assert!(Instant::now() < end, "it never comes to rest");
        }
    }

    /// What the program wants to hear of the mouse, and how.
    pub(crate) fn mouse(&self) -> (MouseProtocolMode, MouseProtocolEncoding) {
        let seen = self.output.lock();
        (seen.parser.screen().mouse_protocol_mode(), seen.parser.screen().mouse_protocol_encoding())
    }

    /// All that was written.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.output.lock().bytes.clone()
    }

    /// Whether the program has the terminal's modes for itself.
    pub(crate) fn is_raw(&self) -> bool {
        modes(&self.pty) != self.modes
    }

    /// Waits for the end, and checks its exit code.
    pub(crate) fn ends(mut self, code: i32) -> Ended {
        let end = Instant::now() + DEADLINE;
        let mut seen = self.output.lock();
        while !seen.end {
            let rest = end.saturating_duration_since(Instant::now());
            assert!(!rest.is_zero(), "it does not end:\n{}", Screen::from(seen.parser.screen()).text());
            seen = self.output.more.wait_timeout(seen, rest).unwrap().0;
        }
        let ended = Ended {
            screen: seen.parser.screen().clone(),
            bytes: seen.bytes.clone(),
            modes: [self.modes.clone(), modes(&self.pty)],
        };
        drop(seen);
        // Its terminal is closed; now the process itself has to go.
        let mut status = None;
        eventually("its end", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        assert_eq!(status.unwrap().code(), Some(code), "{}", ended.screen.contents());
        ended
    }
}

impl Drop for Term {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Output {
    fn lock(&self) -> MutexGuard<'_, Seen> {
        // A test that fails while it looks must not hide its reason behind a poisoned lock.
        self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Reads until the program and its children have closed the terminal.
    fn read(&self, mut pty: &Pty) {
        let mut buffer = [0; 16 * 1024];
        loop {
            let length = pty.read(&mut buffer).unwrap_or(0);
            let mut seen = self.lock();
            seen.parser.process(&buffer[..length]);
            seen.bytes.extend_from_slice(&buffer[..length]);
            seen.end = length == 0;
            self.more.notify_all();
            if seen.end {
                return;
            }
        }
    }
}

/// What a program that ended left behind.
pub(crate) struct Ended {
    screen: vt100::Screen,
    pub(crate) bytes: Vec<u8>,
    modes: [String; 2],
}

impl Ended {
    /// The text on the terminal.
    pub(crate) fn text(&self) -> String {
        self.screen.contents()
    }

    /// Checks that the terminal is as it was before, down to its text.
    pub(crate) fn restored(&self) {
        let screen = &self.screen;
        let left = [screen.alternate_screen(), screen.hide_cursor(), screen.bracketed_paste()];
        assert_eq!(left, [false; 3], "alternate screen, hidden cursor, bracketed paste");
        let mouse = (screen.mouse_protocol_mode(), screen.mouse_protocol_encoding());
        assert_eq!(mouse, (MouseProtocolMode::None, MouseProtocolEncoding::Default));
        assert!(!screen.application_cursor() && !screen.application_keypad());
        assert_eq!(screen.attributes_formatted(), Parser::default().screen().attributes_formatted());
        assert_eq!((screen.contents().as_str(), screen.cursor_position()), (BEFORE, (1, 0)));
        assert_eq!(self.modes[0], self.modes[1], "termios");
    }
}

/// The terminal's modes in words that can be compared.
fn modes(pty: &Pty) -> String {
    let modes = tcgetattr(pty).unwrap();
    let mut words = format!("{:?}", (modes.input_modes, modes.output_modes, modes.control_modes, modes.local_modes));
    write!(words, " {:?}", modes.special_codes).unwrap();
    words
}

fn count(cells: u16) -> NonZeroU16 {
    NonZeroU16::new(cells).unwrap()
}
