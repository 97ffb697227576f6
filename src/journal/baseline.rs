//! The last known state of every job: what the first read of the next run is compared with.

use std::collections::HashMap;

use rusqlite::{OptionalExtension as _, Transaction, named_params};

use super::{Error, Journal, codec};
use crate::job::{Account, JobKey, JobSeen, TargetKey, Timestamp};

/// What was known of a target when it was last read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// When that was.
    pub read_at: Timestamp,
    /// Whose jobs they are: until the account is known again, this is the best guess.
    pub account: Account,
    /// Every job.
    pub jobs: HashMap<JobKey, JobSeen>,
}

const SAVE: &str = "
    INSERT INTO job (profile, region, owner, home, job, trail, status, created, updated, window_start,
        window_end, regions)
    VALUES (:profile, :region, :owner, :home, :job, :trail, :status, :created, :updated, :window_start,
        :window_end, :regions)
    ON CONFLICT DO UPDATE SET trail = excluded.trail, status = excluded.status, created = excluded.created,
        updated = excluded.updated, window_start = excluded.window_start, window_end = excluded.window_end,
        regions = excluded.regions";

impl Journal {
    /// Keeps the state of every job of a target as of one read. A job that is not among them is forgotten; one whose regions
    /// were not read keeps those that were read before. A read that is older than what is kept changes nothing.
    ///
    /// Once the account of a target is known, what was kept under its profile's name becomes the account's.
    ///
    /// Returns how many jobs were written: those that did not change are not.
    ///
    /// # Errors
    /// Where the journal can't be written.
    pub fn remember<'a>(
        &mut self,
        target: &TargetKey,
        account: &Account,
        jobs: impl IntoIterator<Item = &'a JobSeen>,
        read_at: Timestamp,
    ) -> Result<usize, Error> {
        let write = self.write()?;
        let kept = read(&write, target)?;
        if kept.as_ref().is_some_and(|kept| kept.read_at > read_at) {
            return Ok(0);
        }
        let (known, mut kept) = match kept {
            Some(Baseline { account, jobs, .. }) => (Some(account), jobs),
            None => (None, HashMap::new()),
        };
        if let (Some(before @ Account::Profile(_)), Account::Id(_)) = (&known, account) {
            adopt(&write, target, before, account)?;
            kept = read(&write, target)?.map(|baseline| baseline.jobs).unwrap_or_default();
        }
        let mut written = 0;
        for job in jobs {
            let before = kept.remove(&job.key);
            let regions = job.regions.or_else(|| before.as_ref().and_then(|before| before.regions));
            let job = JobSeen { regions, ..job.clone() };
            if before.as_ref() != Some(&job) {
                save(&write, target, &job)?;
                written += 1;
            }
        }
        for key in kept.keys() {
            written += forget(&write, target, key)?;
        }
        write.execute(
            "INSERT INTO target (profile, region, owner, read_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET owner = excluded.owner, read_at = excluded.read_at",
            (target.profile.as_str(), target.region.as_str(), codec::owner(account), codec::millis(read_at)),
        )?;
        write.commit()?;
        Ok(written)
    }

    /// What was known of a target when any process last remembered it; `None` where none ever did.
    ///
    /// # Errors
    /// Where the journal can't be read.
    pub fn baseline(&mut self, target: &TargetKey) -> Result<Option<Baseline>, Error> {
        // One transaction, so that the jobs are those of the read that is named.
        read(&self.connection.transaction()?, target)
    }
}

fn read(transaction: &Transaction<'_>, target: &TargetKey) -> Result<Option<Baseline>, Error> {
    let of_target = (target.profile.as_str(), target.region.as_str());
    let query = "SELECT owner, read_at FROM target WHERE profile = ?1 AND region = ?2";
    let found = transaction
        .query_row(query, of_target, |row| Ok((codec::account(row), codec::known_time(row, "read_at"))))
        .optional()?;
    let Some((account, read_at)) = found else { return Ok(None) };
    let mut select = transaction.prepare("SELECT * FROM job WHERE profile = ?1 AND region = ?2")?;
    let jobs = select.query_and_then(of_target, codec::job)?.map(|job| job.map(|job| (job.key.clone(), job)));
    Ok(Some(Baseline { read_at: read_at?, account: account?, jobs: jobs.collect::<Result<_, _>>()? }))
}

fn save(write: &Transaction<'_>, target: &TargetKey, job: &JobSeen) -> Result<(), Error> {
    let columns = named_params! {
        ":profile": target.profile.as_str(),
        ":region": target.region.as_str(),
        ":owner": codec::owner(&job.key.account),
        ":home": &*job.key.home,
        ":job": job.key.id.get(),
        ":trail": &*job.trail,
        ":status": job.status.code(),
        ":created": job.created.map(codec::millis),
        ":updated": job.updated.map(codec::millis),
        ":window_start": job.window.start.map(codec::millis),
        ":window_end": job.window.end.map(codec::millis),
        ":regions": job.regions.map(codec::counts),
    };
    write.execute(SAVE, columns)?;
    Ok(())
}

fn forget(write: &Transaction<'_>, target: &TargetKey, key: &JobKey) -> Result<usize, Error> {
    Ok(write.execute(
        "DELETE FROM job WHERE profile = ?1 AND region = ?2 AND owner = ?3 AND home = ?4 AND job = ?5",
        (target.profile.as_str(), target.region.as_str(), codec::owner(&key.account), &*key.home, key.id.get()),
    )?)
}

/// Gives what was kept under a stand-in for the account to the account. What the account has already is not doubled.
fn adopt(write: &Transaction<'_>, target: &TargetKey, before: &Account, account: &Account) -> Result<(), Error> {
    // Acknowledgements know no target: those of its jobs go along, and so before the jobs.
    let of_its_jobs = "owner = :before AND EXISTS (SELECT 1 FROM job
        WHERE profile = :profile AND region = :region AND owner = :before AND job.home = acknowledgement.home
            AND job.job = acknowledgement.job)";
    let of_target = "owner = :before AND profile = :profile AND region = :region";
    let (before, account) = (codec::owner(before), codec::owner(account));
    let columns = named_params! {
        ":profile": target.profile.as_str(),
        ":region": target.region.as_str(),
        ":before": before,
        ":owner": account,
    };
    for (table, which) in [("acknowledgement", of_its_jobs), ("job", of_target), ("transition", of_target)] {
        write.execute(&format!("UPDATE OR IGNORE {table} SET owner = :owner WHERE {which}"), columns)?;
    }
    let without_account = &columns[..3];
    for table in ["job", "transition"] {
        write.execute(&format!("DELETE FROM {table} WHERE {of_target}"), without_account)?;
    }
    Ok(())
}
