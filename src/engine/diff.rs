//! What changed from one state of a target to the next: pure functions from two states to transitions.

use std::sync::Arc;

use super::{TargetState, sweep::Sweep};
use crate::job::{Change, Job, JobId, JobKey, JobSeen, Regions, Seen, Status, Timestamp, What, coverage::Rules};

/// What was known of a target's jobs before the program began, from the journal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Baseline {
    /// When the list was last read.
    pub read: Option<Timestamp>,
    /// The last state of each job, sorted by its key.
    pub jobs: Vec<JobSeen>,
}

impl Baseline {
    /// A job by its id, which is unique within a target.
    pub fn by_id(&self, id: JobId) -> Option<&JobSeen> {
        self.jobs.iter().find(|job| job.key.id == id)
    }

    /// A job by its key.
    pub fn job(&self, key: &JobKey) -> Option<&JobSeen> {
        self.jobs.binary_search_by(|job| job.key.cmp(key)).ok().map(|at| &self.jobs[at])
    }
}

/// The changes that a sweep shows: against the sweep before, and against what an earlier run knew of jobs that come up now.
pub(super) fn swept(before: &TargetState, rules: &Rules, sweep: &Sweep) -> Vec<(Seen, What)> {
    let Some(after) = before.read.as_ref().map(|read| read.at).or(before.missing.read) else { return Vec::new() };
    let seen = Seen { after: Some(after), by: sweep.at };
    let mut changes = Vec::new();
    for id in &sweep.gone {
        let job = before.job(*id).map(|job| job_seen(before, job)).or_else(|| before.missing.by_id(*id).cloned());
        changes.extend(job.map(|job| What::Job(job, Change::Gone)));
    }
    for job in &sweep.jobs.rows {
        let change = match known(before, job) {
            None => Some(Change::Appeared),
            Some((from, _)) if from != job.status => Some(Change::Status { from, to: job.status }),
            Some((_, updated)) if updated == job.updated && stalls_between(job, rules, after, sweep.at) => {
                Some(Change::Stalled)
            }
            Some(_) => None,
        };
        changes.extend(change.map(|change| What::Job(job_seen(before, job), change)));
    }
    changes.into_iter().map(|what| (seen, what)).collect()
}

/// The status and `UpdatedTime` that a job had before.
fn known(before: &TargetState, job: &Job) -> Option<(Status, Option<Timestamp>)> {
    let listed = before.job(job.id).map(|job| (job.status, job.updated));
    listed.or_else(|| before.missing.job(&before.job_key(job)).map(|seen| (seen.status, seen.updated)))
}

/// Whether a job becomes stalled after the one moment and not after the other.
fn stalls_between(job: &Job, rules: &Rules, after: Timestamp, by: Timestamp) -> bool {
    let edge = job.updated.or(job.created).map(|moved| moved + rules.stalled_after);
    job.status.is_active() && edge.is_some_and(|edge| after < edge && edge <= by)
}

/// The changes that a new read of a job's regions shows.
pub(super) fn regions(target: &TargetState, id: JobId, now: &Regions) -> Vec<(Seen, What)> {
    let (Some(before), Some(job)) = (target.regions.get(&id), target.job(id)) else { return Vec::new() };
    let seen = Seen { after: Some(before.read), by: now.read };
    let was = |region: &str| before.rows.iter().find(|row| &*row.region == region).map(|row| row.status);
    let changed = now.rows.iter().filter_map(|row| {
        let from = was(&row.region).filter(|from| *from != row.status)?;
        let change = Change::Region { region: Arc::clone(&row.region), from, to: row.status };
        let job = JobSeen { regions: Some(now.counts()), ..job_seen(target, job) };
        Some((seen, What::Job(job, change)))
    });
    changed.collect()
}

/// A job as transitions and the journal keep it.
pub(super) fn job_seen(target: &TargetState, job: &Job) -> JobSeen {
    JobSeen {
        key: target.job_key(job),
        trail: Arc::clone(&job.trail),
        status: job.status,
        created: job.created,
        updated: job.updated,
        window: job.window,
        regions: target.regions.get(&job.id).map(|regions| regions.counts()),
    }
}
