//! Whose targets are, and what follows: of two that see the same jobs, one is read.

use std::sync::Arc;

use super::{Snapshot, Store, TargetIndex, TargetState};
use crate::{
    engine::twins,
    job::{AccountId, TargetKey},
};

impl Store {
    /// Takes in whose the key of these targets is, and nothing else: for one read of all.
    pub(in crate::engine) fn account(
        &mut self,
        concerned: &[TargetIndex],
        account: &AccountId,
    ) -> Option<Arc<Snapshot>> {
        let mut targets = self.snapshot.targets.to_vec();
        let is_new = |target: &TargetState| target.account.as_ref() != Some(account);
        for at in concerned.iter().filter(|at| is_new(&self.snapshot.targets[at.0])) {
            Arc::make_mut(&mut targets[at.0]).account = Some(account.clone());
        }
        if targets.iter().zip(self.snapshot.targets.iter()).all(|(a, b)| Arc::ptr_eq(a, b)) {
            return None;
        }
        self.publish(|snapshot| snapshot.targets = targets.into())
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
                None => Arc::make_mut(&mut target).twin = None,
            }
            target
        };
        let targets: Vec<_> = both.by_ref().map(paired).collect();
        self.publish(|snapshot| snapshot.targets = targets.into());
    }
}
