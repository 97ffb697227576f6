//! Transitions: written once, whoever sees them and how often; read back by job and time.

use std::sync::Arc;

use rusqlite::{Transaction, named_params};

use super::{Error, Journal, baseline::Advance, codec};
use crate::job::{AccountId, JobId, JobKey, ProfileName, Timestamp, Transition};

/// Which transitions are wanted; by default all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// Of which job.
    pub job: Option<Wanted>,
    /// Only those seen after this moment.
    pub since: Option<Timestamp>,
}

/// A job whose transitions are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Every job of this number: it is unique only within an account and a region.
    Id(JobId),
    /// Exactly this one.
    Key(JobKey),
}

impl Wanted {
    fn id(&self) -> JobId {
        match self {
            Self::Id(id) => *id,
            Self::Key(key) => key.id,
        }
    }

    fn key(&self) -> Option<&JobKey> {
        match self {
            Self::Id(_) => None,
            Self::Key(key) => Some(key),
        }
    }
}

impl Journal {
    /// Writes transitions, all or none, and tells of each whether it is new: another process, or this one, may have seen it
    /// before.
    ///
    /// # Errors
    /// Where the journal can't be written.
    pub fn record(&mut self, transitions: &[Arc<Transition>]) -> Result<Vec<bool>, Error> {
        if transitions.is_empty() {
            return Ok(Vec::new());
        }
        let write = self.write()?;
        let new = insert(&write, transitions)?;
        write.commit()?;
        Ok(new)
    }

    /// Takes note of whose a profile's changes are that were seen from a moment on, before anybody knew.
    ///
    /// # Errors
    /// Where the journal can't be written.
    pub fn name_account(&mut self, profile: &ProfileName, account: &AccountId, since: Timestamp) -> Result<(), Error> {
        let write = self.write()?;
        write.execute(
            "UPDATE transition SET account = ?2 WHERE seen_by >= ?3 AND profile = ?1 AND account IS NULL",
            (profile.as_str(), account.as_str(), codec::millis(since)),
        )?;
        Ok(write.commit()?)
    }

    /// The transitions that were asked for, in the order in which they were seen. [`Transition::seq`] is their number in the
    /// journal, not in the run that saw them.
    ///
    /// # Errors
    /// Where the journal can't be read.
    pub fn history(&self, asked: &Asked) -> Result<Vec<Transition>, Error> {
        let key = asked.job.as_ref().and_then(Wanted::key);
        let mut select = self.connection.prepare(
            "SELECT * FROM transition
             WHERE (:since IS NULL OR seen_by > :since) AND (:job IS NULL OR job = :job)
                 AND (:owner IS NULL OR (owner = :owner AND home = :home))
             ORDER BY seen_by, seq",
        )?;
        let wanted = named_params! {
            ":since": asked.since.map(codec::millis),
            ":job": asked.job.as_ref().map(|job| job.id().get()),
            ":owner": key.map(|key| codec::owner(&key.account)),
            ":home": key.map(|key| &*key.home),
        };
        select.query_and_then(wanted, codec::transition)?.collect()
    }

    /// Whether anything was ever seen of a job of this number.
    ///
    /// # Errors
    /// Where the journal can't be read.
    pub fn knows(&self, id: JobId) -> Result<bool, Error> {
        let query =
            "SELECT EXISTS (SELECT 1 FROM transition WHERE job = ?1) OR EXISTS (SELECT 1 FROM job WHERE job = ?1)";
        Ok(self.connection.query_row(query, [id.get()], |row| row.get(0))?)
    }
}

/// Writes transitions, unless they are there, and tells of each whether it is new. What a new one says of a job is what the next
/// run begins with: else one that ends between this and the end of its read would see the same change again, and take what
/// came after it for that.
pub(super) fn insert(write: &Transaction<'_>, transitions: &[Arc<Transition>]) -> Result<Vec<bool>, Error> {
    let mut insert = write.prepare(codec::INSERT)?;
    let mut advance = Advance::prepare(write)?;
    let one = |transition: &Arc<Transition>| {
        let is_new = codec::with_columns(transition, |columns| insert.execute(columns))? == 1;
        if is_new {
            advance.by(transition)?;
        }
        Ok(is_new)
    };
    transitions.iter().map(one).collect()
}
