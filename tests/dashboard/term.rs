//! A terminal with the program in it: a pty, a thread that reads it into an emulator, and waiting until something is so.

use std::{
    io::{Read as _, Write as _},
    num::NonZeroU16,
    path::Path,
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
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid},
    termios::{OptionalActions, Termios, tcgetattr, tcsetattr},
};
use tempfile::TempDir;
use vt100::{MouseProtocolEncoding, MouseProtocolMode, Parser};

use crate::{
    ended::{in_words, modes},
    screen::Screen,
};

pub(crate) use crate::ended::Ended;

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
    surrounded(Command::new(env!("CARGO_BIN_EXE_trailwatch")), home, variables).args(arguments)
}

fn surrounded(command: Command, home: &TempDir, variables: &[(&str, String)]) -> Command {
    command
        .env_clear()
        .env("HOME", home.path())
        .env("TERM", "xterm-256color")
        .env("LANG", "C.UTF-8")
        .envs(variables.iter().map(|(name, value)| (name, value)))
}

/// A terminal in which the program runs. Dropping it ends the program.
pub(crate) struct Term {
    /// `None` once it is closed.
    pty: Option<Arc<Pty>>,
    child: Child,
    output: Arc<Output>,
    /// The terminal's modes before the program started.
    found: Termios,
    home: TempDir,
}

/// What the program wrote so far.
struct Output {
    seen: Mutex<Seen>,
    more: Condvar,
}

struct Seen {
    parser: Parser,
    bytes: Vec<u8>,
    reading: Reading,
    end: bool,
}

/// What the terminal does with what is written to it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    Going,
    /// It takes nothing.
    Held,
    /// It is gone.
    Closed,
}

impl Term {
    /// Starts the program in a terminal of so many columns and rows.
    pub(crate) fn start(size: (u16, u16), variables: &[(&str, String)], arguments: &[&str]) -> Self {
        let home = TempDir::new().unwrap();
        let command = command(&home, variables, arguments);
        Self::spawn(size, home, command)
    }

    /// Starts a shell with this script, whose `$0` is the program.
    pub(crate) fn start_in_shell(size: (u16, u16), variables: &[(&str, String)], script: &str) -> Self {
        let home = TempDir::new().unwrap();
        let shell = Command::new("/bin/sh").args(["-c", script, env!("CARGO_BIN_EXE_trailwatch")]);
        let command = surrounded(shell, &home, variables);
        Self::spawn(size, home, command)
    }

    /// Starts any program, with this home for its files.
    pub(crate) fn spawn(size: (u16, u16), home: TempDir, command: Command) -> Self {
        let (pty, pts) = open().unwrap();
        pty.resize(Size::new(size.1, size.0)).unwrap();
        let found = tcgetattr(&pty).unwrap();
        let child = command.spawn(pts).unwrap();
        let mut parser = Parser::new(count(size.1), count(size.0), 0);
        parser.process(format!("{BEFORE}\r\n").as_bytes());
        let seen = Mutex::new(Seen { parser, bytes: Vec::new(), reading: Reading::Going, end: false });
        let (pty, output) = (Arc::new(pty), Arc::new(Output { seen, more: Condvar::new() }));
        let (from, to) = (Arc::clone(&pty), Arc::clone(&output));
        thread::spawn(move || to.read(&from));
        Self { pty: Some(pty), child, output, found, home }
    }

    fn pty(&self) -> &Pty {
        self.pty.as_ref().unwrap()
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Where the program finds its files.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Reads nothing that the program writes, until [`Self::go_on`].
    pub(crate) fn hold(&self) {
        self.output.lock().reading = Reading::Held;
    }

    pub(crate) fn go_on(&self) {
        self.output.lock().reading = Reading::Going;
    }

    /// Waits until the program has written as much as the system keeps ready for the reader.
    pub(crate) fn is_full(&self) {
        eventually("what nobody reads", || rustix::io::ioctl_fionread(self.pty()).unwrap() >= 4_000);
    }

    /// The terminal is gone, as when its window is closed.
    pub(crate) fn close(&mut self) {
        self.output.lock().reading = Reading::Closed;
        let pty = self.pty.take().unwrap();
        eventually("the closed terminal", || Arc::strong_count(&pty) == 1);
    }

    /// Waits until the process is gone, and answers its exit code and how long it took.
    pub(crate) fn is_gone(&mut self) -> (Option<i32>, Duration) {
        let start = Instant::now();
        let mut status = None;
        eventually("its end", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        (status.unwrap().code(), start.elapsed())
    }

    /// Types, or sends any other bytes.
    pub(crate) fn press(&self, keys: &str) {
        { self.pty() }.write_all(keys.as_bytes()).unwrap();
    }

    /// Gives the terminal another size, of which the system tells the program.
    pub(crate) fn resize(&self, (width, height): (u16, u16)) {
        // Under the lock: what is read from now on is for the new size, and what is under way is drawn over.
        let mut seen = self.output.lock();
        seen.parser.set_size(count(height), count(width));
        self.pty().resize(Size::new(height, width)).unwrap();
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
        modes(self.pty()) != in_words(&self.found)
    }

    /// Whether the terminal shows the program's own screen.
    pub(crate) fn is_alternate(&self) -> bool {
        self.output.lock().parser.screen().alternate_screen()
    }

    /// Writes on the screen what the program knows nothing of.
    pub(crate) fn garble(&self) {
        self.output.lock().parser.process(b"\x1b[3;3H\x1b[7m what is this \x1b[m\x1b[9;9H??");
    }

    /// Takes the terminal from the program, as a shell does when that is stopped.
    pub(crate) fn take_away(&self) {
        tcsetattr(self.pty(), OptionalActions::Now, &self.found).unwrap();
        self.output.lock().parser.process(b"\x1b[?1049l\x1b[?25h$ ");
    }

    /// How much it has computed so far.
    #[cfg(target_os = "linux")]
    pub(crate) fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        // After the name, which may have blanks in it: state, 10 more, then user and system time in hundredths.
        let numbers = stat.rsplit_once(')').unwrap().1.split_whitespace().skip(11).take(2);
        Duration::from_millis(numbers.map(|number| number.parse::<u64>().unwrap() * 10).sum())
    }

    /// Waits until the process has ended, and answers how much it has computed in all.
    #[cfg(target_os = "linux")]
    pub(crate) fn cpu_at_the_end(&self) -> Duration {
        let pid = Pid::from_child(&self.child);
        // It stays to be asked, and to be waited for.
        let ended = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        eventually("its end", || waitid(WaitId::Pid(pid), ended).unwrap().is_some());
        self.cpu()
    }

    /// Waits for the end, and checks its exit code.
    pub(crate) fn ends(mut self, code: i32) -> Ended {
        self.end(code)
    }

    /// The same, and its files stay.
    pub(crate) fn end(&mut self, code: i32) -> Ended {
        let end = Instant::now() + DEADLINE;
        let mut seen = self.output.lock();
        while !seen.end {
            let rest = end.saturating_duration_since(Instant::now());
            assert!(!rest.is_zero(), "it does not end:\n{}", Screen::from(seen.parser.screen()).text());
            seen = self.output.more.wait_timeout(seen, rest).unwrap().0;
        }
        let ended = Ended {
            before: BEFORE,
            screen: seen.parser.screen().clone(),
            bytes: seen.bytes.clone(),
            modes: [in_words(&self.found), modes(self.pty())],
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

    /// Reads until the program and its children have closed the terminal, or the test has.
    fn read(&self, mut pty: &Pty) {
        let mut buffer = [0; 16 * 1024];
        let moment = Timespec { tv_sec: 0, tv_nsec: 10_000_000 };
        loop {
            let reading = self.lock().reading;
            match reading {
                Reading::Closed => return,
                Reading::Held => {
                    thread::sleep(Duration::from_millis(5));
                    continue;
                }
                Reading::Going if poll(&mut [PollFd::new(pty, PollFlags::IN)], Some(&moment)) == Ok(0) => continue,
                Reading::Going => {}
            }
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

fn count(cells: u16) -> NonZeroU16 {
    NonZeroU16::new(cells).unwrap()
}
