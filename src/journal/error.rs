//! What can go wrong with the journal, and the words for it. None of it ends the program: whoever watches goes on without.

use std::{io, path::PathBuf};

use rusqlite::ErrorCode;

/// Why the journal could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A later version of this program wrote it.
    #[error("a newer version of trailwatch wrote it (its format is {found}, this version knows {known})")]
    Newer {
        /// Its format.
        found: i64,
        /// The latest one that we know.
        known: i64,
    },
    /// A database of another program, or no database but something else that is not ours to move.
    #[error("it is not a journal of trailwatch")]
    Foreign,
    /// Its bytes make no sense.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// A row that this program does not write.
    #[error("a row of it can't be read: {0}")]
    Unreadable(String),
    /// Other processes would not let go of it.
    #[error("another process keeps it locked")]
    Busy,
    /// There is no room.
    #[error("the disk is full")]
    Full,
    /// It, or the directory that holds it, may not be written.
    #[error("it can't be written: permission denied, or the file system is read-only")]
    ReadOnly,
    /// Anything else that the system or SQLite said.
    #[error("{0}")]
    Other(String),
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let text = match &error {
            rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
            other => other.to_string(),
        };
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(text),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly,
            _ => Self::Other(text),
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Other(error.to_string()),
        }
    }
}

/// What the user should know about the journal. Its texts are not made safe to print: paths come from outside.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Notice {
    /// The program goes on without it.
    #[error("the journal {} is not used: {error}", .path.display())]
    Ignored {
        /// The file.
        path: PathBuf,
        /// Why.
        error: Error,
    },
    /// It was damaged, and a new one was begun.
    #[error("the journal {} was damaged ({why}): it is kept as {}, and a new one was begun", .path.display(), .aside.display())]
    SetAside {
        /// The file.
        path: PathBuf,
        /// What it is called now.
        aside: PathBuf,
        /// What was wrong with it.
        why: String,
    },
    /// Something could not be written.
    #[error("what was seen could not be written to the journal {}: {error}", .path.display())]
    NotWritten {
        /// The file.
        path: PathBuf,
        /// Why.
        error: Error,
    },
    /// Something could not be read back.
    #[error("the journal {} could not be read: {error}", .path.display())]
    NotRead {
        /// The file.
        path: PathBuf,
        /// Why.
        error: Error,
    },
}
