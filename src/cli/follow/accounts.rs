//! Whose the targets are, which STS tells a moment after the first read: what is told of a job waits for that, but not for long,
//! so that it says whose the job is, and two profiles of one account tell of it once. Pure.

use std::time::Duration;

use super::Moment;
use crate::engine::{GRACE, Snapshot, TargetState};

/// Which targets have a list, and since when.
#[derive(Debug, Default)]
pub(in crate::cli) struct Accounts {
    /// In the order of the snapshot's.
    listed: Vec<Option<Duration>>,
}

impl Accounts {
    /// Takes in what a snapshot says.
    pub(in crate::cli) fn see(&mut self, snapshot: &Snapshot, moment: Moment) {
        self.listed.resize(snapshot.targets.len(), None);
        for (listed, state) in self.listed.iter_mut().zip(snapshot.targets.iter()) {
            *listed = listed.or(state.has_list().then_some(moment.elapsed));
        }
    }

    /// Whether a target has a list that can be told: of it, and of every other one that may turn out to be its twin, it is
    /// known whose it is, or it was waited for that.
    pub(in crate::cli) fn may_tell(&self, at: usize, snapshot: &Snapshot, moment: Moment) -> bool {
        let Some(listed) = self.listed[at] else { return false };
        let region = &snapshot.targets[at].key.region;
        moment.elapsed >= listed + GRACE
            || snapshot.targets.iter().filter(|other| other.key.region == *region).all(|other| is_known(other))
    }

    /// Whether nothing that has a list is waited for.
    pub(in crate::cli) fn are_known(&self, snapshot: &Snapshot, moment: Moment) -> bool {
        let is_listed = |at: &usize| self.listed[*at].is_some();
        (0..self.listed.len()).filter(is_listed).all(|at| self.may_tell(at, snapshot, moment))
    }

    /// When the next target is not waited for any more, if nothing happens.
    pub(in crate::cli) fn rest(&self, moment: Moment) -> Option<Duration> {
        let ends = self.listed.iter().flatten().map(|listed| *listed + GRACE);
        ends.filter(|end| *end > moment.elapsed).min()
    }
}

/// Whether it is known whose it is, or it will not be: nobody tells of a key that is refused.
fn is_known(state: &TargetState) -> bool {
    state.account.is_some() || state.twin.is_some() || state.health.error().is_some()
}
