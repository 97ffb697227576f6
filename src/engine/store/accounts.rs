//! Whose targets are, and what follows: of two that see the same jobs, one is read.

use std::{borrow::Cow, sync::Arc};

use super::{Snapshot, Store, TargetIndex, TargetState, Timestamp};
use crate::{
    engine::twins,
    job::{Account, AccountId, JobKey, TargetKey},
};

impl Store {
    /// Takes in whose the key of these targets is, and nothing else: for one read of all.
    pub(in crate::engine) fn account(
        &mut self,
        concerned: &[TargetIndex],
        account: &AccountId,
        now: Timestamp,
    ) -> Option<Arc<Snapshot>> {
        let mut targets = self.snapshot.targets.to_vec();
        let is_new = |target: &TargetState| target.account.as_ref() != Some(account);
        for at in concerned.iter().filter(|at| is_new(&self.snapshot.targets[at.0])) {
            let target = Arc::make_mut(&mut targets[at.0]);
            if target.account.replace(account.clone()).is_some() {
                target.become_anothers();
            }
        }
        if targets.iter().zip(self.snapshot.targets.iter()).all(|(a, b)| Arc::ptr_eq(a, b)) {
            return None;
        }
        let changed = self.publish(|snapshot| snapshot.targets = targets.into());
        if self.acknowledged.is_empty() {
            return changed;
        }
        drop(changed);
        // What was settled through another profile of the account is settled.
        let meaning = self.meaning(now);
        self.find_out(&meaning, |_, _| true)
    }

    /// Under which names the jobs of each account are told of.
    pub(super) fn names(&self) -> Vec<(AccountId, Account)> {
        let name = |target: &Arc<TargetState>| Some((target.account.clone()?, target.owner()));
        let mut names: Vec<_> = self.snapshot.targets.iter().filter_map(name).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Every key under which a job may have been settled: this one, and those through other profiles of its account.
    pub(in crate::engine) fn keys_of(&self, job: &JobKey) -> Vec<JobKey> {
        let names = self.names();
        let accounts = || names.iter().filter(|(_, name)| *name == job.account).map(|(account, _)| account);
        let others =
            names.iter().filter(|(account, name)| *name != job.account && accounts().any(|own| own == account));
        let keys = others.map(|(_, name)| JobKey { account: name.clone(), ..job.clone() });
        keys.chain([job.clone()]).collect()
    }

    /// A target with what the one that was read while it could not be found: what that one told is not told again.
    pub(super) fn as_it_was_left(&self, at: TargetIndex) -> Cow<'_, TargetState> {
        let target = &self.snapshot.targets[at.0];
        let read_at = |state: &TargetState| state.read.as_ref().map(|read| read.at);
        let stood_for_it = |other: &&Arc<TargetState>| {
            let is_same = other.account.is_some() && other.account == target.account;
            is_same && other.key.region == target.key.region && read_at(other) > read_at(target)
        };
        match self.snapshot.targets.iter().filter(|_| target.read.is_some()).find(stood_for_it) {
            Some(other) => {
                let only_here = target.jobs.rows.iter().filter(|job| other.job(job.id).is_none());
                let jobs = Arc::new(other.jobs.rows.iter().chain(only_here).cloned().collect());
                Cow::Owned(TargetState { jobs, read: other.read.clone(), ..TargetState::clone(target) })
            }
            None => Cow::Borrowed(target),
        }
    }

    /// Lets each target rest in whose place another one is read, and no other.
    pub(super) fn pair(&mut self) {
        let twins = twins::find(&self.snapshot.targets);
        let mut both = twins.into_iter().zip(self.snapshot.targets.iter());
        if both.clone().all(|(twin, target)| twin == target.twin) {
            return;
        }
        let paired = |(twin, target): (Option<TargetKey>, &Arc<TargetState>)| {
            let mut target = Arc::clone(target);
            match twin {
                _ if twin == target.twin => {}
                Some(of) => Arc::make_mut(&mut target).become_twin(of),
                None => {
                    let from = target.twin.as_ref().and_then(|of| self.snapshot.target_of(of));
                    Arc::make_mut(&mut target).take_over(from);
                }
            }
            target
        };
        let targets: Vec<_> = both.by_ref().map(paired).collect();
        self.publish(|snapshot| snapshot.targets = targets.into());
    }
}
