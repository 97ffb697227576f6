//! What jobs mean at a moment: coverage, weighed with what the user settled.

use std::{collections::HashMap, sync::Arc};

use super::TargetState;
use crate::job::{
    Account, AccountId, Job, JobKey, Timestamp,
    coverage::{Acknowledgement, Coverage, Rules},
};

/// Finds out what jobs mean at a moment.
pub(super) struct Meaning {
    pub(super) acknowledged: Arc<HashMap<JobKey, Acknowledgement>>,
    /// Under which names the jobs of an account may have been settled: several profiles may be its.
    pub(super) names: Vec<(AccountId, Account)>,
    pub(super) rules: Rules,
    pub(super) now: Timestamp,
}

impl Meaning {
    /// Whether a target's jobs mean something else by now.
    pub(super) fn is_due(&self, target: &TargetState) -> bool {
        target.coverage.next_change.is_some_and(|at| at <= self.now)
    }

    /// Weighs the jobs of a target anew, and what they say of its trails.
    pub(super) fn find_out(&self, target: &mut TargetState) {
        let regions = |job: &Job| target.regions.get(&job.id).map(Arc::as_ref);
        let known = |account: &AccountId| target.account.as_ref() == Some(account);
        let names: Vec<&Account> =
            self.names.iter().filter(|(account, _)| known(account)).map(|(_, name)| name).collect();
        let acknowledged = |job: &Job| {
            let key = target.job_key(job);
            let by_name = |name: &&Account| self.acknowledged.get(&JobKey { account: (*name).clone(), ..key.clone() });
            self.acknowledged.get(&key).or_else(|| names.iter().find_map(by_name))
        };
        let coverage = Coverage::of(&target.jobs.rows, regions, acknowledged, &self.rules, self.now);
        if coverage != *target.coverage {
            target.coverage = Arc::new(coverage);
        }
        target.forget_how_they_fared();
        target.weigh_trails();
    }
}
