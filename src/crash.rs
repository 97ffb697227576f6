//! What happens after a panic, on whichever thread and in whichever task: the terminal is given back, a report is kept, and
//! the process ends. No half-dead program goes on, and nothing here is waited for without a limit.
//!
//! How the terminal is given back is the dashboard's to know.

use std::{
    any::Any,
    backtrace::Backtrace,
    fmt::Write as _,
    fs::OpenOptions,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt,
    panic::{self, PanicHookInfo},
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::channel,
    },
    thread,
    time::Duration,
};

use chrono::{DateTime, Utc};

use crate::{exit::ExitCode, files, text, units};

/// How long a terminal that does not read, or a disk that does not write, may hold up the end.
const LIMIT: Duration = Duration::from_millis(700);

/// From now on, a panic ends the program so. `restore` gives the terminal back, where something has it.
pub fn install(restore: fn()) {
    panic::set_hook(Box::new(move |info| {
        static BEGUN: AtomicBool = AtomicBool::new(false);
        if BEGUN.swap(true, Ordering::SeqCst) {
            // Another thread has panicked before, and ends the process.
            loop {
                thread::park();
            }
        }
        let (restored, is_restored) = channel::<()>();
        // Where no thread can be had, the sender is dropped, and nothing is waited for.
        let _ = thread::Builder::new().spawn(move || {
            restore();
            drop(restored);
        });
        let now = Utc::now();
        let report = report(info, now);
        // Only now: finding the names for a backtrace takes its time, but waits for nobody.
        let _ = thread::Builder::new().spawn(|| {
            thread::sleep(LIMIT);
            end()
        });
        let kept = keep(&report, now);
        // What is said on the dashboard's own screen nobody would see.
        let _ = is_restored.recv_timeout(LIMIT / 2);
        let _ = io::stderr().write_all(words(info, &report, kept.as_deref()).as_bytes());
        end()
    }));
}

/// Neither destructors nor handlers run: any of them may wait for what has just broken.
fn end() -> ! {
    signal_hook::low_level::exit(ExitCode::Internal.code().into())
}

/// What whoever mends it needs. Neither arguments nor environment: there are secrets in there.
fn report(info: &PanicHookInfo<'_>, now: DateTime<Utc>) -> String {
    let thread = thread::current();
    format!(
        "trailwatch {} on {} {}, {}\nthread {}, {}\n\n{}\n\n{}",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        units::rfc3339(now),
        thread.name().unwrap_or("without a name"),
        place(info),
        message(info.payload()),
        Backtrace::force_capture(),
    )
}

fn place(info: &PanicHookInfo<'_>) -> String {
    info.location().map_or_else(|| "somewhere".to_owned(), ToString::to_string)
}

fn message(payload: &dyn Any) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic without words")
}

/// Puts the report into a file of its own. `None` where that can't be done.
fn keep(report: &str, now: DateTime<Utc>) -> Option<PathBuf> {
    let path = files::in_state_directory(&format!("panic-{}.txt", now.format("%Y%m%dT%H%M%S%.3fZ")))?;
    files::make_parents(&path).ok()?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(files::OWNER_ONLY).open(&path).ok()?;
    file.write_all(report.as_bytes()).ok()?;
    Some(path)
}

/// What is said of it: two lines, and the report where it lies nowhere.
fn words(info: &PanicHookInfo<'_>, report: &str, kept: Option<&Path>) -> String {
    let message = text::clean(message(info.payload()));
    let mut words = format!("trailwatch: an error of the program itself: {message} ({})\n", place(info));
    // Writing to a String can't fail.
    let _ = match kept {
        Some(path) => writeln!(words, "trailwatch: please report it, with {}", path.display()),
        None => writeln!(words, "trailwatch: please report it, with what follows\n{report}"),
    };
    words
}

/// Where a test can make the program panic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The dashboard's loop, at a key.
    Loop,
    /// The input thread, at a key.
    Input,
    /// A task of the engine, when it is told to read.
    Task,
}

/// Panics here where `TRAILWATCH_PANIC` names the place. Only in builds for tests.
#[cfg(debug_assertions)]
pub fn rehearse(place: Place) {
    let asked = std::env::var("TRAILWATCH_PANIC").is_ok_and(|name| name == format!("{place:?}"));
    assert!(!asked, "a rehearsal in {place:?}");
}

/// Does nothing: this is no build for tests.
#[cfg(not(debug_assertions))]
pub fn rehearse(_place: Place) {}
