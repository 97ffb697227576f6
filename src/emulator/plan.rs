//! The whole life of one job, decided when it begins: its state at any moment is a function of that moment alone.
//!
//! No world and no wire here: which jobs there are is `world`'s matter.

use chrono::TimeDelta;

use super::{regions::DELIVERING, rng::Rng};
use crate::job::{JobId, Status, Timestamp};

/// How a job will end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Every region delivers.
    Complete,
    /// So many regions fail, and the ones after them are never begun.
    Failed(usize),
    /// It ends in a status that no documentation names.
    Unknown(i64),
}

impl Outcome {
    fn status(self) -> Status {
        match self {
            Self::Complete => Status::Complete,
            Self::Failed(_) => Status::Failed,
            Self::Unknown(code) => Status::Unknown(code),
        }
    }
}

/// How long the two phases of a run take, in whole seconds, as the service's times have no finer ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pace {
    pub(super) initializing: i64,
    pub(super) delivering: i64,
}

impl Pace {
    /// The whole run.
    pub(super) fn total(self) -> i64 {
        self.initializing + self.delivering
    }
}

/// One job, from its creation to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) id: JobId,
    /// Which of the account's trails.
    pub(super) trail: usize,
    pub(super) created: Timestamp,
    pub(super) pace: Pace,
    pub(super) outcome: Outcome,
    /// Decides the order of the regions, and which of them fail.
    pub(super) seed: u64,
}

/// One region's part in a run.
struct Leg {
    region: &'static str,
    begins: Timestamp,
    ends: Timestamp,
    result: Status,
}

impl Plan {
    /// When the first region begins.
    fn delivering_from(&self) -> Timestamp {
        self.created + TimeDelta::seconds(self.pace.initializing)
    }

    /// When it is over.
    pub(super) fn settled_from(&self) -> Timestamp {
        self.created + TimeDelta::seconds(self.pace.total())
    }

    /// Whether it occupies its account at that moment.
    pub(super) fn is_running(&self, now: Timestamp) -> bool {
        self.created <= now && now < self.settled_from()
    }

    /// `JobStatus` at that moment.
    pub(super) fn status(&self, now: Timestamp) -> Status {
        if now < self.delivering_from() {
            Status::Initializing
        } else if now < self.settled_from() {
            Status::Delivering
        } else {
            self.outcome.status()
        }
    }

    /// `UpdatedTime` at that moment: the last change of the job or of any of its regions.
    pub(super) fn updated(&self, now: Timestamp) -> Timestamp {
        if now >= self.settled_from() {
            return self.settled_from();
        }
        let legs = self.legs();
        let changes = legs.iter().flat_map(|leg| [leg.begins, leg.ends]);
        changes.filter(|change| *change <= now).max().unwrap_or(self.created)
    }

    /// `StartTime`: in both documented examples, exactly 90 days before the creation.
    pub(super) fn window_start(&self) -> Timestamp {
        self.created - TimeDelta::days(90)
    }

    /// `EndTime`: in both documented examples, exactly 5 minutes after the creation.
    pub(super) fn window_end(&self) -> Timestamp {
        self.created + TimeDelta::minutes(5)
    }

    /// `Status[]` at that moment, sorted by region.
    pub(super) fn regions(&self, now: Timestamp) -> Vec<(&'static str, Status)> {
        let legs = self.legs();
        let status = |region| match legs.iter().find(|leg| leg.region == region) {
            Some(leg) if now >= leg.ends => leg.result,
            Some(leg) if now >= leg.begins => Status::Delivering,
            _ => Status::Initializing,
        };
        DELIVERING.iter().map(|region| (*region, status(*region))).collect()
    }

    /// The regions that are begun at all, in the order of their ends: about three at a time, and the last one ends the run.
    fn legs(&self) -> Vec<Leg> {
        let mut rng = Rng::new(self.seed, 0);
        let mut order = DELIVERING;
        rng.shuffle(&mut order);
        let failures = match self.outcome {
            Outcome::Failed(regions) => regions.clamp(1, DELIVERING.len()),
            Outcome::Complete | Outcome::Unknown(_) => 0,
        };
        let begun = match failures {
            0 => DELIVERING.len(),
            failures => (11 + rng.below(7) as usize + failures).min(DELIVERING.len()),
        };
        // The region that fails last ends the run; the others fail in its second half.
        let mut late: Vec<usize> = (begun / 2..begun - 1).collect();
        rng.shuffle(&mut late);
        let failing = &late[..failures.saturating_sub(1).min(late.len())];

        let part = |step: usize| {
            let share = self.pace.delivering * step as i64 / begun as i64;
            self.delivering_from() + TimeDelta::seconds(share)
        };
        let result = |position: usize| match self.outcome {
            Outcome::Complete => Status::Complete,
            _ if position == begun - 1 => self.outcome.status(),
            _ if failing.contains(&position) => Status::Failed,
            _ => Status::Complete,
        };
        let leg = |(position, region): (usize, &&'static str)| Leg {
            region,
            begins: part(position.saturating_sub(2)),
            ends: part(position + 1),
            result: result(position),
        };
        order[..begun].iter().enumerate().map(leg).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plan(outcome: Outcome, seed: u64, pace: Pace) -> Plan {
        let created = "2026-11-24T03:17:04Z".parse().unwrap();
        Plan { id: JobId::new(16602), trail: 0, created, pace, outcome, seed }
    }

    fn outcomes() -> impl Strategy<Value = Outcome> {
        prop_oneof![Just(Outcome::Complete), (0..30_usize).prop_map(Outcome::Failed), Just(Outcome::Unknown(7))]
    }

    fn rank(status: Status) -> u8 {
        match status {
            Status::Initializing => 0,
            Status::Delivering => 1,
            _ => 2,
        }
    }

    proptest! {
        #[test]
        fn a_life_runs_one_way_and_says_when_it_changed(
            outcome in outcomes(), seed: u64, initializing in 0..30_i64, delivering in 1..400_i64,
        ) {
            let plan = plan(outcome, seed, Pace { initializing, delivering });
            let at = |second| plan.created + TimeDelta::seconds(second);
            let look = |second| (plan.status(at(second)), plan.regions(at(second)), plan.updated(at(second)));
            let mut before = look(0);
            for second in 1..=initializing + delivering + 2 {
                let now = look(second);
                prop_assert!(rank(now.0) >= rank(before.0));
                for (new, old) in now.1.iter().zip(&before.1) {
                    prop_assert_eq!(new.0, old.0);
                    prop_assert!(rank(new.1) >= rank(old.1), "{} went back from {} to {}", new.0, old.1, new.1);
                }
                let changed = now.0 != before.0 || now.1 != before.1;
                prop_assert_eq!(now.2 == at(second), changed, "UpdatedTime moves when anything changes, and only then");
                before = now;
            }
            prop_assert_eq!(plan.status(plan.settled_from()), outcome.status());
            prop_assert_eq!(before.2, plan.settled_from());
        }

        #[test]
        fn the_regions_agree_with_the_outcome(outcome in outcomes(), seed: u64) {
            let plan = plan(outcome, seed, Pace { initializing: 10, delivering: 170 });
            let end = plan.regions(plan.settled_from());
            let count = |status| end.iter().filter(|(_, s)| *s == status).count();
            prop_assert_eq!(count(Status::Delivering), 0);
            match outcome {
                Outcome::Complete => prop_assert_eq!(count(Status::Complete), 22),
                Outcome::Unknown(code) => prop_assert_eq!((count(Status::Complete), count(Status::Unknown(code))), (21, 1)),
                Outcome::Failed(regions) => {
                    prop_assert!(count(Status::Failed) >= 1);
                    prop_assert!(regions > 11 || count(Status::Failed) == regions.max(1));
                }
            }
        }
    }

    #[test]
    fn the_window_is_that_of_the_documented_examples() {
        let plan = plan(Outcome::Complete, 1, Pace { initializing: 10, delivering: 174 });
        let text = |at: Timestamp| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        assert_eq!(text(plan.window_start()), "2026-08-26T03:17:04Z");
        assert_eq!(text(plan.window_end()), "2026-11-24T03:22:04Z");
        assert_eq!(text(plan.updated(plan.settled_from())), "2026-11-24T03:20:08Z");
    }
}
