//! What changed since the user's last visit: while nobody looked, and since. Who finds that out is the store.

use std::collections::{HashMap, HashSet};

use super::TargetState;
use crate::job::{Change, Job, JobId, JobKey, JobSeen, StatusCounts, Timestamp, What};

/// What changed since the user's last visit.
#[derive(Debug, Clone, Default)]
pub struct News {
    /// When that visit ended.
    pub since: Option<Timestamp>,
    /// The jobs that changed while nobody looked, as they were first seen again.
    pub jobs: HashMap<JobKey, JobSeen>,
    /// Those of them that are gone.
    pub gone: HashSet<JobKey>,
    /// The jobs that changed since: they appeared, stalled, or have another status.
    seen: HashSet<JobKey>,
    /// The numbers of all of them: what is no news, as most jobs are, is found out without a key.
    ids: HashSet<JobId>,
}

impl News {
    /// Nothing, since a visit that ended then.
    #[must_use]
    pub fn since(visit: Timestamp) -> Self {
        Self { since: Some(visit), ..Self::default() }
    }

    /// Of how many jobs that are still there the last status is which.
    #[must_use]
    pub fn counts(&self) -> StatusCounts {
        self.jobs.iter().filter(|(key, _)| !self.gone.contains(key)).map(|(_, job)| job.status).collect()
    }

    /// Whether a job of this target changed.
    pub(super) fn has(&self, target: &TargetState, job: &Job) -> bool {
        self.ids.contains(&job.id) && {
            let key = target.job_key(job);
            self.seen.contains(&key) || self.jobs.contains_key(&key)
        }
    }

    /// Takes in what changed while nobody looked, in the order in which it was seen.
    pub(super) fn add(&mut self, what: &What) {
        let What::Job(job, change) = what else { return };
        self.ids.insert(job.key.id);
        self.jobs.insert(job.key.clone(), job.clone());
        match change {
            Change::Gone => self.gone.insert(job.key.clone()),
            _ => self.gone.remove(&job.key),
        };
    }

    /// Takes in a job that changed while somebody looked.
    pub(super) fn mark(&mut self, job: JobKey) {
        self.ids.insert(job.id);
        self.seen.insert(job);
    }
}
