//! What `watch` has told of what was seen, so that a restart neither loses a line nor repeats one.
//!
//! Which lines there are and how they look is not known here.

use std::sync::Arc;

use rusqlite::{OptionalExtension as _, Transaction, named_params};

use super::{Error, Journal, codec, record};
use crate::job::{TargetKey, Timestamp, Transition};

/// Who is told: each reader is told everything once, whatever others were told. Two runs that ask the same are one reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader(String);

impl Reader {
    /// The reader who asks for the jobs of a filter, as its user wrote it; without one, for all.
    #[must_use]
    pub fn of_filter(text: &str) -> Self {
        Self(text.trim().to_owned())
    }
}

/// The changes of jobs of a target that a reader is still to be told.
const UNTOLD: &str = "
    FROM transition JOIN watch_reader USING (profile, region)
    WHERE reader = :reader AND profile = :profile AND region = :region AND job IS NOT NULL AND transition.seq > since
        AND NOT EXISTS (SELECT 1 FROM watch_told AS told WHERE told.reader = :reader AND told.seq = transition.seq)";

impl Journal {
    /// Takes note that a reader is told of these targets from now on. Where it was before, nothing changes.
    ///
    /// # Errors
    /// Where the journal can't be written.
    pub fn begin_to_tell(&mut self, reader: &Reader, targets: &[TargetKey]) -> Result<(), Error> {
        let write = self.write()?;
        for target in targets {
            write.execute(
                "INSERT OR IGNORE INTO watch_reader (reader, profile, region, since)
                 SELECT ?1, ?2, ?3, ifnull(max(seq), 0) FROM transition",
                (&reader.0, target.profile.as_str(), target.region.as_str()),
            )?;
        }
        Ok(write.commit()?)
    }

    /// The changes of jobs of a target that were seen since the reader first came, and that it was never told; in the order in
    /// which they were seen.
    ///
    /// # Errors
    /// Where the journal can't be read.
    pub fn untold(&self, reader: &Reader, target: &TargetKey) -> Result<Vec<Transition>, Error> {
        let mut select =
            self.connection.prepare(&format!("SELECT transition.* {UNTOLD} ORDER BY seen_by, transition.seq"))?;
        let wanted = named_params! {
            ":reader": reader.0,
            ":profile": target.profile.as_str(),
            ":region": target.region.as_str(),
        };
        select.query_and_then(wanted, codec::transition)?.collect()
    }

    /// Whether a reader was told a change of a job, by any process.
    ///
    /// # Errors
    /// Where the journal can't be read.
    pub fn was_told(&self, reader: &Reader, transition: &Transition) -> Result<bool, Error> {
        let mut find = self.connection.prepare(codec::FIND)?;
        let seq = codec::with_identity(&transition.what, |of| find.query_row(of, |row| row.get(0)).optional())?;
        let Some(seq): Option<i64> = seq else { return Ok(false) };
        let query = "SELECT EXISTS (SELECT 1 FROM watch_told WHERE reader = ?1 AND seq = ?2)";
        Ok(self.connection.query_row(query, (&reader.0, seq), |row| row.get(0))?)
    }

    /// Takes note that a reader was told these changes, all or none; those that are not recorded yet are. Changes of targets
    /// are left out: they are told as they happen, and never again.
    ///
    /// # Errors
    /// Where the journal can't be written.
    pub fn tell(&mut self, reader: &Reader, transitions: &[Arc<Transition>]) -> Result<(), Error> {
        let of_jobs = transitions.iter().filter(|transition| transition.what.job().is_some());
        let of_jobs: Vec<_> = of_jobs.cloned().collect();
        let write = self.write()?;
        record::insert(&write, &of_jobs)?;
        let mut find = write.prepare(codec::FIND)?;
        let mut mark = write.prepare("INSERT OR IGNORE INTO watch_told (reader, seq) VALUES (?1, ?2)")?;
        for transition in &of_jobs {
            let seq = codec::with_identity(&transition.what, |of| find.query_row(of, |row| row.get::<_, i64>(0)))?;
            mark.execute((&reader.0, seq))?;
        }
        drop((find, mark));
        Ok(write.commit()?)
    }

    /// Takes note that a reader needs not to be told what was seen of a target until then: it was shown the state of its jobs.
    ///
    /// # Errors
    /// Where the journal can't be written.
    pub fn pass_over(&mut self, reader: &Reader, target: &TargetKey, until: Timestamp) -> Result<(), Error> {
        let write = self.write()?;
        let which = named_params! {
            ":reader": reader.0,
            ":profile": target.profile.as_str(),
            ":region": target.region.as_str(),
            ":until": codec::millis(until),
        };
        let mark = format!(
            "INSERT OR IGNORE INTO watch_told (reader, seq) SELECT :reader, transition.seq {UNTOLD} AND seen_by <= :until"
        );
        write.execute(&mark, which)?;
        Ok(write.commit()?)
    }
}

/// Forgets what was told of changes that are forgotten. Numbers may come again where no change is left.
pub(super) fn forget(write: &Transaction<'_>) -> Result<(), Error> {
    write.execute("DELETE FROM watch_told WHERE seq NOT IN (SELECT seq FROM transition)", [])?;
    write.execute("UPDATE watch_reader SET since = min(since, (SELECT ifnull(max(seq), 0) FROM transition))", [])?;
    Ok(())
}
