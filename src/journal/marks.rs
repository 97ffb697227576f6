//! What the user did: acknowledged a failure, looked at the dashboard. And how long anything is kept.

use std::collections::HashMap;

use chrono::TimeDelta;

use super::{Error, Journal, codec, told};
use crate::job::{JobKey, Timestamp, coverage::Acknowledgement};

/// How long what was seen is kept: longer than a year, so that last year's audit can be answered.
pub const RETENTION_DAYS: i64 = 400;

impl Journal {
    /// Settles a job by the user's word; a second time changes the note.
    ///
    /// # Errors
    /// Where the journal can't be written.
    pub fn acknowledge(&mut self, key: &JobKey, note: &str, now: Timestamp) -> Result<(), Error> {
        self.connection.execute(
            "INSERT INTO acknowledgement (owner, home, job, at, note) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET at = excluded.at, note = excluded.note",
            (codec::owner(&key.account), &*key.home, key.id.get(), codec::millis(now), note),
        )?;
        Ok(())
    }

    /// Takes an acknowledgement back; where there is none, nothing happens.
    ///
    /// # Errors
    /// Where the journal can't be written.
    pub fn take_back(&mut self, key: &JobKey) -> Result<(), Error> {
        let which = (codec::owner(&key.account), &*key.home, key.id.get());
        self.connection.execute("DELETE FROM acknowledgement WHERE owner = ?1 AND home = ?2 AND job = ?3", which)?;
        Ok(())
    }

    /// What is acknowledged now, by any process.
    ///
    /// # Errors
    /// Where the journal can't be read.
    pub fn acknowledgements(&self) -> Result<HashMap<JobKey, Acknowledgement>, Error> {
        let mut select = self.connection.prepare("SELECT * FROM acknowledgement")?;
        let rows = select.query_and_then([], |row| {
            let acknowledgement = Acknowledgement { at: codec::known_time(row, "at")?, note: row.get("note")? };
            Ok((codec::key(row)?, acknowledgement))
        })?;
        rows.collect()
    }

    /// Begins a visit of the dashboard, and tells when the one before ended. One that was cut off, or that goes on in another
    /// window, counts from its beginning: rather too much is shown as new than too little.
    ///
    /// # Errors
    /// Where the journal can't be written.
    pub fn visit_begin(&mut self, now: Timestamp) -> Result<Option<Timestamp>, Error> {
        let write = self.write()?;
        let last = write.query_row("SELECT max(ifnull(ended, began)) AS last FROM visit", [], |row| {
            Ok(codec::time(row, "last"))
        })??;
        write.execute("INSERT INTO visit (began) VALUES (?1)", [codec::millis(now)])?;
        let visit = write.last_insert_rowid();
        write.commit()?;
        self.visit = Some(visit);
        Ok(last)
    }

    /// Ends the visit that this journal began, if it did.
    ///
    /// # Errors
    /// Where the journal can't be written.
    pub fn visit_end(&mut self, now: Timestamp) -> Result<(), Error> {
        if let Some(visit) = self.visit {
            self.connection.execute("UPDATE visit SET ended = ?2 WHERE id = ?1", (visit, codec::millis(now)))?;
            self.visit = None;
        }
        Ok(())
    }

    /// Forgets what is older than [`RETENTION_DAYS`]. An acknowledgement stays as long as its job is listed.
    ///
    /// # Errors
    /// Where the journal can't be written.
    pub fn prune(&mut self, now: Timestamp) -> Result<(), Error> {
        let Some(limit) = now.checked_sub_signed(TimeDelta::days(RETENTION_DAYS)) else { return Ok(()) };
        let write = self.write()?;
        for old in [
            "DELETE FROM transition WHERE seen_by < ?1",
            "DELETE FROM job WHERE EXISTS (SELECT 1 FROM target
                 WHERE target.profile = job.profile AND target.region = job.region AND read_at < ?1)",
            "DELETE FROM target WHERE read_at < ?1",
            "DELETE FROM acknowledgement WHERE at < ?1 AND NOT EXISTS (SELECT 1 FROM job
                 WHERE job.job = acknowledgement.job AND job.home = acknowledgement.home
                     AND job.owner = acknowledgement.owner)",
            "DELETE FROM visit WHERE ifnull(ended, began) < ?1",
            "DELETE FROM signal WHERE at < ?1",
        ] {
            write.execute(old, [codec::millis(limit)])?;
        }
        told::forget(&write)?;
        Ok(write.commit()?)
    }
}
