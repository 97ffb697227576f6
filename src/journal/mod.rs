//! The journal: what was seen, kept in SQLite from run to run. Changes, the last known state of every job, acknowledgements,
//! visits, and who was told of what.
//!
//! Several processes write at once. A [`Journal`] belongs to one thread, a [`JournalWriter`] gives it one of its own. How
//! changes are found is the engine's matter; how they are shown is `export`'s and the dashboard's.

mod baseline;
mod codec;
mod error;
mod marks;
mod open;
mod record;
mod schema;
mod signals;
#[cfg(test)]
mod tests;
mod told;
mod writer;

use std::path::PathBuf;

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use baseline::Baseline;
pub use error::{Error, Notice};
pub use marks::RETENTION_DAYS;
pub use open::Opened;
pub use record::{Asked, Wanted};
pub use signals::{Pending, Post, Subject};
pub use told::Reader;
pub use writer::{Answer, Behind, JournalWriter};

use crate::files;

/// What was seen, on disk.
#[derive(Debug)]
pub struct Journal {
    connection: Connection,
    path: PathBuf,
    /// The visit of this run, once it began.
    visit: Option<i64>,
}

impl Journal {
    /// Begins to write. It waits for other processes here, not in the middle, where it would have to give up.
    fn write(&mut self) -> Result<Transaction<'_>, Error> {
        Ok(self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }
}

/// Where the journal is kept: `$XDG_STATE_HOME/trailwatch/journal.db`. `None` where there is no home to have it in.
#[must_use]
pub fn default_path() -> Option<PathBuf> {
    files::in_state_directory("journal.db")
}
