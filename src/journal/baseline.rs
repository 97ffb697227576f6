//! The last known state of every job: what the first read of the next run is compared with.

use rusqlite::{OptionalExtension as _, Row, Statement, Transaction, named_params};

use super::{Error, Journal, codec};
use crate::job::{Account, Change, JobKey, JobSeen, Names, TargetKey, Timestamp, Transition, What};

/// What was known of a target when it was last read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// When that was.
    pub read_at: Timestamp,
    /// Whose jobs they are: until the account is known again, this is the best guess.
    pub account: Account,
    /// Every job, sorted by its key.
    pub jobs: Vec<JobSeen>,
}

const SAVE: &str = "
    INSERT INTO job (profile, region, owner, home, job, trail, status, created, updated, window_start,
        window_end, regions)
    VALUES (:profile, :region, :owner, :home, :job, :trail, :status, :created, :updated, :window_start,
        :window_end, :regions)
    ON CONFLICT DO UPDATE SET trail = excluded.trail, status = excluded.status, created = excluded.created,
        updated = excluded.updated, window_start = excluded.window_start, window_end = excluded.window_end,
        regions = ifnull(excluded.regions, job.regions)";

impl Journal {
    /// Keeps the state of every job of a target as of one read, sorted by its key. A job that is not among them is forgotten;
    /// one whose regions were not read keeps those that were read before. A read that is older than what is kept changes
    /// nothing; one of the same moment, which another process may have made, undoes nothing.
    ///
    /// Once the account of a target is known, what was kept under its profile's name becomes the account's.
    ///
    /// Returns how many jobs were written: those that did not change are not.
    ///
    /// # Errors
    /// Where the journal can't be written.
    pub fn remember(
        &mut self,
        target: &TargetKey,
        account: &Account,
        jobs: impl IntoIterator<Item = JobSeen>,
        read_at: Timestamp,
    ) -> Result<usize, Error> {
        let write = self.write()?;
        let kept = kept_of(&write, target)?;
        if kept.as_ref().is_some_and(|(_, kept_at)| *kept_at > read_at) {
            return Ok(0);
        }
        if let (Some((before @ Account::Profile(_), _)), Account::Id(_)) = (&kept, account) {
            adopt(&write, target, before, account)?;
        }
        // What is kept is kept to the millisecond.
        let same = kept.as_ref().is_some_and(|(_, kept_at)| codec::millis(*kept_at) == codec::millis(read_at));
        let written = replace(&write, target, jobs, if same { Standing::Beside } else { Standing::After })?;
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
        let transaction = self.connection.transaction()?;
        let Some((account, read_at)) = kept_of(&transaction, target)? else { return Ok(None) };
        let mut select = transaction.prepare(KEPT)?;
        let mut names = Names::default();
        let of_target = (target.profile.as_str(), target.region.as_str());
        let mut jobs = Vec::new();
        for job in select.query_and_then(of_target, codec::job)? {
            let mut job = job?;
            names.share(&mut job.trail);
            names.share(&mut job.key.home);
            if job.key.account == account {
                job.key.account = account.clone();
            }
            jobs.push(job);
        }
        Ok(Some(Baseline { read_at, account, jobs }))
    }
}

/// Brings what is known of jobs up to date with transitions.
pub(super) struct Advance<'a> {
    write: &'a Transaction<'a>,
    save: Statement<'a>,
}

impl<'a> Advance<'a> {
    pub(super) fn prepare(write: &'a Transaction<'_>) -> Result<Self, Error> {
        let save = write.prepare(&format!("{SAVE} WHERE ifnull(excluded.updated, 0) >= ifnull(job.updated, 0)"))?;
        Ok(Self { write, save })
    }

    /// What a transition says of a job is what is known of it, unless something newer is. Of a target that was never read
    /// whole, nothing is known: its first read tells of no changes.
    pub(super) fn by(&mut self, transition: &Transition) -> Result<(), Error> {
        let What::Job(job, change) = &transition.what else { return Ok(()) };
        if kept_of(self.write, &transition.target)?.is_none() {
            return Ok(());
        }
        if matches!(change, Change::Gone) {
            return forget(self.write, &transition.target, &job.key).map(drop);
        }
        save(&mut self.save, &transition.target, job)
    }
}

/// Whose jobs are kept of a target, and as of when.
fn kept_of(transaction: &Transaction<'_>, target: &TargetKey) -> Result<Option<(Account, Timestamp)>, Error> {
    let query = "SELECT owner, read_at FROM target WHERE profile = ?1 AND region = ?2";
    let kept = |row: &Row<'_>| Ok((codec::account(row), codec::known_time(row, "read_at")));
    let kept = transaction.query_row(query, (target.profile.as_str(), target.region.as_str()), kept).optional()?;
    kept.map(|(account, read_at)| Ok((account?, read_at?))).transpose()
}

/// Selects what is kept of the jobs of a target, sorted as their keys are.
const KEPT: &str = "SELECT * FROM job WHERE profile = ?1 AND region = ?2 ORDER BY job, home, owner";

/// How a read stands to what is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It is newer.
    After,
    /// It is of the same moment: which of both saw more, only the jobs tell.
    Beside,
}

/// Writes what differs from what is kept. Both are gone through side by side, so that not all of it is held in memory.
fn replace(
    write: &Transaction<'_>,
    target: &TargetKey,
    jobs: impl IntoIterator<Item = JobSeen>,
    standing: Standing,
) -> Result<usize, Error> {
    let (mut changed, mut gone) = (Vec::new(), Vec::new());
    let mut jobs = jobs.into_iter().peekable();
    let mut select = write.prepare(KEPT)?;
    let of_target = (target.profile.as_str(), target.region.as_str());
    for kept in select.query_and_then(of_target, codec::job)? {
        let kept = kept?;
        while let Some(new) = jobs.next_if(|job| job.key < kept.key) {
            changed.push(new);
        }
        let Some(job) = jobs.next_if(|job| job.key == kept.key) else {
            if standing == Standing::After {
                gone.push(kept.key);
            }
            continue;
        };
        if standing == Standing::Beside && job.updated < kept.updated {
            continue;
        }
        let job = JobSeen { regions: job.regions.or(kept.regions), ..job };
        if job != kept {
            changed.push(job);
        }
    }
    let mut written = 0;
    let mut insert = write.prepare(SAVE)?;
    for job in changed.into_iter().chain(jobs) {
        save(&mut insert, target, &job)?;
        written += 1;
    }
    for key in gone {
        written += forget(write, target, &key)?;
    }
    Ok(written)
}

fn save(insert: &mut Statement<'_>, target: &TargetKey, job: &JobSeen) -> Result<(), Error> {
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
    insert.execute(columns)?;
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
    for (table, which) in
        [("acknowledgement", of_its_jobs), ("job", of_target), ("transition", of_target), ("signal", of_target)]
    {
        write.execute(&format!("UPDATE OR IGNORE {table} SET owner = :owner WHERE {which}"), columns)?;
    }
    let without_account = &columns[..3];
    for table in ["job", "transition", "signal"] {
        write.execute(&format!("DELETE FROM {table} WHERE {of_target}"), without_account)?;
    }
    Ok(())
}
