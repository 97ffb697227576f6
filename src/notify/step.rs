//! The first step of a command, in the process that becomes it: this program, started anew, marks in the journal that what the
//! command tells of is begun, and becomes the command.
//!
//! Whoever started it may be killed at any moment: before the mark, the signal waits for the next; after it, the command runs.

use std::{
    ffi::{OsStr, OsString},
    io::{self, Write as _},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{exit::ExitCode, job::Timestamp, journal::Journal};

/// What the program is called with.
const MARK: &str = "--begin-notification";

/// How commands are begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Starter {
    /// By this program, whose `main` calls [`take_step`]: nothing is lost or doubled, whenever the process is killed.
    Program(PathBuf),
    /// At once: what is marked and not yet begun when the process is killed is lost.
    Direct,
}

impl Starter {
    /// This very program, also where its file was replaced since.
    #[must_use]
    pub fn this_program() -> Self {
        let own = Path::new("/proc/self/exe");
        let found = if own.exists() { Ok(own.to_owned()) } else { std::env::current_exe() };
        found.map_or(Self::Direct, Self::Program)
    }
}

/// The words before a command with which the program takes its first step.
pub(super) fn words(program: &Path, journal: &Path, ids: &[i64]) -> Vec<OsString> {
    let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
    vec![program.into(), MARK.into(), journal.into(), ids.join(",").into()]
}

/// Takes the first step of a command, if these arguments ask for it: it only comes back where there is nothing (more) to do.
#[must_use]
pub fn take_step(arguments: impl IntoIterator<Item = OsString>, now: Timestamp) -> Option<ExitCode> {
    let mut arguments = arguments.into_iter().skip(1);
    arguments.next().filter(|mark| mark == MARK)?;
    let (journal, ids) = (arguments.next()?, arguments.next()?);
    let ids: Vec<i64> = ids.to_str()?.split(',').map(str::parse).collect::<Result<_, _>>().ok()?;
    let program = arguments.next()?;
    let error = match begin(Path::new(&journal), &ids, now, || become_command(&program, arguments)) {
        Ok(None) => return Some(ExitCode::Done),
        Ok(Some(error)) => format!("{} can't be run: {error}", Path::new(&program).display()),
        Err(error) => format!("the journal can't be used: {error}"),
    };
    // Who started it reads this into the log.
    let _ = writeln!(io::stderr(), "{error}");
    Some(ExitCode::Internal)
}

/// Marks and runs; `None` where another process was faster, else why it could not be run: then it waits again.
fn begin(
    path: &Path,
    ids: &[i64],
    now: Timestamp,
    run: impl FnOnce() -> io::Error,
) -> Result<Option<io::Error>, crate::journal::Error> {
    if !Journal::open_again(path)?.begin(ids, now)? {
        return Ok(None);
    }
    let error = run();
    Journal::open_again(path)?.put_back(ids)?;
    Ok(Some(error))
}

fn become_command(program: &OsStr, arguments: impl Iterator<Item = OsString>) -> io::Error {
    Command::new(program).args(arguments).exec()
}
