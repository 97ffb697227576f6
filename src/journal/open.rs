//! Opening: begins a journal where there is none, sets a damaged one aside, and leaves alone what is not ours to touch.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, OpenFlags};

use super::{Error, Journal, Notice, schema};
use crate::{files, job::Timestamp};

/// How long to wait for another process that writes. A write takes milliseconds: one that takes longer hangs.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// What became of opening a journal.
#[derive(Debug)]
pub struct Opened {
    /// The journal, where it can be used.
    pub journal: Option<Journal>,
    /// What the user should know.
    pub notice: Option<Notice>,
}

impl Journal {
    /// Opens the journal at a path to read and write it, or begins one there, and forgets what is too old.
    ///
    /// It never fails: a damaged one is set aside, any other trouble is a notice, and there is no journal.
    #[must_use]
    pub fn open(path: &Path, now: Timestamp) -> Opened {
        open_within(path, now, PATIENCE)
    }

    /// Opens the journal at a path to read it: nothing is begun, set aside or forgotten. `None` where there is none yet.
    ///
    /// # Errors
    /// Where it can't be read.
    pub fn open_to_read(path: &Path) -> Result<Option<Self>, Error> {
        match is_there(path)? {
            true => patiently(PATIENCE, || begun(path, PATIENCE)),
            false => Ok(None),
        }
    }

    /// Opens the journal that another process has open, at once: it is not looked through, and nothing is forgotten.
    ///
    /// # Errors
    /// Where it can't be used.
    pub fn open_again(path: &Path) -> Result<Self, Error> {
        patiently(PATIENCE, || {
            let connection = connect(path, PATIENCE)?;
            match schema::version(&connection, schema::STEPS)? {
                found if found == schema::latest(schema::STEPS) => {
                    Ok(Self { connection, path: path.to_owned(), visit: None })
                }
                _ => Err(Error::Foreign),
            }
        })
    }

    /// A journal that is kept nowhere, for this process alone.
    ///
    /// # Errors
    /// Where there is no memory for it.
    pub fn in_memory() -> Result<Self, Error> {
        let mut connection = Connection::open_in_memory()?;
        schema::migrate(&mut connection, schema::STEPS)?;
        Ok(Self { connection, path: PathBuf::from(":memory:"), visit: None })
    }

    /// Sets the journal aside, which an operation found to be damaged, and begins a new one.
    pub(super) fn begin_anew(self, now: Timestamp, why: String) -> Opened {
        let Self { path, connection, .. } = self;
        drop(connection);
        set_aside(&path, now, why, PATIENCE)
    }
}

pub(super) fn open_within(path: &Path, now: Timestamp, patience: Duration) -> Opened {
    match open(path, patience) {
        Ok(mut journal) => {
            // What is too old can go another time; what is damaged shows again at the first use.
            let _ = journal.prune(now);
            Opened { journal: Some(journal), notice: None }
        }
        Err(Error::Damaged(why)) => set_aside(path, now, why, patience),
        Err(error) => ignored(path, error),
    }
}

fn ignored(path: &Path, error: Error) -> Opened {
    Opened { journal: None, notice: Some(Notice::Ignored { path: path.to_owned(), error }) }
}

fn open(path: &Path, patience: Duration) -> Result<Journal, Error> {
    patiently(patience, || try_to_open(path, patience))
}

/// Repeats what another process was in the way of. SQLite waits by itself, but not for one that changes the mode of the
/// journal, as each does that finds it new.
fn patiently<T>(patience: Duration, mut attempt: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
    let began = Instant::now();
    loop {
        match attempt() {
            Err(Error::Busy) if began.elapsed() < patience => thread::sleep(Duration::from_millis(5)),
            other => return other,
        }
    }
}

fn try_to_open(path: &Path, patience: Duration) -> Result<Journal, Error> {
    if !is_there(path)? {
        begin(path)?;
    }
    let mut connection = connect(path, patience)?;
    // Before anything is written, the mode of the journal included.
    schema::version(&connection, schema::STEPS)?;
    check(&connection)?;
    // The file may come from a backup, or be older than this rule.
    let _ = fs::set_permissions(path, fs::Permissions::from_mode(files::OWNER_ONLY));
    connection.pragma_update(None, "journal_mode", "wal")?;
    // Safe against a kill at any moment; after a power cut the last changes may be missing, and the next read finds them anew.
    connection.pragma_update(None, "synchronous", "normal")?;
    schema::migrate(&mut connection, schema::STEPS)?;
    Ok(Journal { connection, path: path.to_owned(), visit: None })
}

/// Opens to read; `None` where another process has begun it and not yet made its tables.
fn begun(path: &Path, patience: Duration) -> Result<Option<Journal>, Error> {
    let connection = connect(path, patience)?;
    let found = schema::version(&connection, schema::STEPS)?;
    if found == 0 {
        return Ok(None);
    }
    if found < schema::latest(schema::STEPS) {
        drop(connection);
        return open(path, patience).map(Some);
    }
    connection.pragma_update(None, "query_only", true)?;
    Ok(Some(Journal { connection, path: path.to_owned(), visit: None }))
}

/// Whether there is a file. Anything else at its place is not ours: opening a pipe would hang.
fn is_there(path: &Path) -> Result<bool, Error> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(true),
        Ok(_) => Err(Error::Foreign),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Makes an empty file for its owner only; SQLite gives its companions the same mode.
///
/// An existing one is never opened here: closing it would take away the locks that this process holds on it through SQLite.
fn begin(path: &Path) -> Result<(), Error> {
    files::make_parents(path)?;
    match OpenOptions::new().write(true).create_new(true).mode(files::OWNER_ONLY).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error.into()),
        _ => Ok(()),
    }
}

fn connect(path: &Path, patience: Duration) -> Result<Connection, Error> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(patience)?;
    // A journal is written rarely and read once: a cache of the usual 2 MiB is memory for nothing.
    connection.pragma_update(None, "cache_size", -128)?;
    Ok(connection)
}

/// Reads the whole file: a journal is small, and it is better to learn now that it is damaged than in the middle.
fn check(connection: &Connection) -> Result<(), Error> {
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(Error::Damaged(verdict)) }
}

/// Renames a damaged journal and begins a new one.
///
/// One process at a time, and only after another look: else the second would set aside what the first has begun.
fn set_aside(path: &Path, now: Timestamp, why: String, patience: Duration) -> Opened {
    let moved = || -> Result<Option<PathBuf>, Error> {
        let directory = File::open(path.parent().filter(|parent| *parent != "").unwrap_or(Path::new(".")))?;
        directory.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => Error::Busy,
            TryLockError::Error(error) => error.into(),
        })?;
        match connect(path, patience).and_then(|connection| {
            schema::version(&connection, schema::STEPS)?;
            check(&connection)
        }) {
            Err(Error::Damaged(_)) => rename(path, now).map(Some).map_err(Error::from),
            other => other.map(|()| None),
        }
    };
    let aside = match moved() {
        Ok(aside) => aside,
        Err(error) => return ignored(path, error),
    };
    match open(path, patience) {
        Ok(journal) => {
            let notice = aside.map(|aside| Notice::SetAside { path: path.to_owned(), aside, why });
            Opened { journal: Some(journal), notice }
        }
        Err(error) => ignored(path, error),
    }
}

/// Moves the file and its companions, which belong together, to a name that is free.
fn rename(path: &Path, now: Timestamp) -> io::Result<PathBuf> {
    let with = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let mut name = format!(".damaged-{}", now.format("%Y%m%dT%H%M%SZ"));
    while with(&name).exists() {
        name.push('+');
    }
    for companion in ["-wal", "-shm"] {
        // It is there only where the last process did not end in order.
        let _ = fs::rename(with(companion), with(&format!("{name}{companion}")));
    }
    fs::rename(path, with(&name))?;
    Ok(with(&name))
}
