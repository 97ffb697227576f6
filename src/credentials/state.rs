//! What a provider knows: its plan, the key at hand, the files as they were read last, and how far the clocks are apart. It never
//! waits; who asks the source, and when, is the provider's matter.

use std::sync::Arc;

use chrono::TimeDelta;

use super::{
    Source,
    file::Stamp,
    kept::Kept,
    moment::Moment,
    plan::{Origin, Plan},
    way::Way,
};
use crate::job::Timestamp;

/// How often a file is looked at, at most.
const LOOK_EVERY: TimeDelta = TimeDelta::seconds(1);

/// What a provider knows.
pub(super) struct State {
    pub(super) plan: Arc<Plan>,
    pub(super) kept: Kept,
    stamp: Option<Stamp>,
    /// Of the file that the way depends on beside it.
    beside: Option<Stamp>,
    /// When the file was last looked at, by the local clock.
    looked: Option<Timestamp>,
    /// How far the service's clock is ahead of the local one, as far as is known.
    pub(super) ahead: TimeDelta,
    /// What was read last is no plan: it is read again before the source is asked.
    is_unread: bool,
    pub(super) edition: Edition,
}

/// Counts what may change the answer to a refused call: another key, another text of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Edition {
    own: u64,
    /// The same of the provider by whose key a role is assumed, and of those below it.
    below: u64,
}

impl Edition {
    pub(super) fn bump(&mut self) {
        self.own += 1;
    }

    pub(super) fn with(self, below: Self) -> Self {
        Self { below: below.own + below.below, ..self }
    }
}

impl State {
    pub(super) fn new(plan: Plan, stamp: Option<Stamp>) -> Self {
        let kept = plan.kept().unwrap_or_default();
        let (beside, edition) = (plan.way.depends_on().map(Stamp::of), Edition::default());
        let is_unread = matches!(plan.way, Way::Broken(_));
        let plan = Arc::new(plan);
        Self { plan, kept, stamp, beside, looked: None, ahead: TimeDelta::zero(), is_unread, edition }
    }

    /// Looks at the files where that is due.
    pub(super) fn look(&mut self, origin: Option<&Origin>, now: Timestamp) {
        let is_due = self.looked.is_none_or(|at| at > now || now - at >= LOOK_EVERY);
        if is_due {
            self.looked = Some(now);
            self.look_beside();
        }
        if let (true, Some(origin)) = (is_due, origin)
            && (self.is_unread || self.stamp != Some(origin.stamp()))
        {
            self.read_again(origin, now);
        }
    }

    /// Where the key at hand comes from, else where one would.
    pub(super) fn source(&self) -> &Source {
        self.kept.giver().unwrap_or(&self.plan.source)
    }

    /// What was read can't be used, and never could.
    pub(super) fn is_broken(&self) -> bool {
        matches!(self.plan.way, Way::Broken(_))
    }

    /// A moment of the local clock by both clocks.
    pub(super) fn moment(&self, local: Timestamp) -> Moment {
        Moment::new(local, self.ahead)
    }

    /// Looks at what the way depends on beside the file of the profiles.
    fn look_beside(&mut self) {
        let stamp = self.plan.way.depends_on().map(Stamp::of);
        if self.beside != stamp {
            self.beside = stamp;
            self.edition.bump();
            self.kept.healed();
        }
    }

    /// Reads the plan from its file. What can't be read changes nothing but for the word of it.
    pub(super) fn read_again(&mut self, origin: &Origin, now: Timestamp) {
        let now = self.moment(now);
        let stamp = Some(origin.stamp());
        let changed = self.stamp != stamp;
        self.stamp = stamp;
        let read = origin.read();
        if changed || (self.is_unread && read.is_ok()) {
            self.edition.bump();
        }
        match read {
            Ok(plan) if plan.print == self.plan.print => {
                if changed || self.is_unread {
                    self.kept.healed();
                }
                self.is_unread = false;
            }
            Ok(plan) => {
                tracing::info!("profile {}: read again from {}", origin.profile, plan.source);
                self.is_unread = false;
                match plan.kept() {
                    Some(kept) => self.kept = kept,
                    None => self.kept.replaced(now),
                }
                self.plan = Arc::new(plan);
            }
            Err(error) => {
                if changed {
                    tracing::warn!("profile {}: {error}", origin.profile);
                    self.kept.healed();
                }
                self.is_unread = true;
                self.kept.failed(error, now);
            }
        }
    }
}
