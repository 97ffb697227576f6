//! What changed while nobody looked: the jobs that differ from what the user's last visit showed. Who finds that out is the store.

use std::collections::{HashMap, HashSet};

use super::TargetState;
use crate::job::{Job, JobId, JobKey, JobSeen, StatusCounts, Timestamp};

/// What changed since the user's last visit.
#[derive(Debug, Clone, Default)]
pub struct News {
    /// When that visit ended.
    pub since: Option<Timestamp>,
    /// The jobs that changed, as they were last seen.
    pub jobs: HashMap<JobKey, JobSeen>,
    /// Their numbers: what is no news, as most jobs are, is found out without a key.
    ids: HashSet<JobId>,
}

impl News {
    /// What changed since a visit that ended then.
    #[must_use]
    pub fn new(since: Option<Timestamp>, jobs: HashMap<JobKey, JobSeen>) -> Self {
        Self { since, ids: jobs.keys().map(|key| key.id).collect(), jobs }
    }

    /// Whether a job of this target changed.
    pub(super) fn has(&self, target: &TargetState, job: &Job) -> bool {
        self.ids.contains(&job.id) && self.jobs.contains_key(&target.job_key(job))
    }

    /// Of how many jobs the last status is which.
    #[must_use]
    pub fn counts(&self) -> StatusCounts {
        self.jobs.values().map(|job| job.status).collect()
    }
}
