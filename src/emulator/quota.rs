//! How many calls the service answers: so many per account and operation in any one-second window.
//!
//! It counts; the refusal's words are `wire`'s.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use chrono::TimeDelta;

use super::operations::Operation;
use crate::job::Timestamp;

/// Calls per second that an account may make, by operation. [`Quota::DOCUMENTED`] is what the service allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// `ListDeliveryHistoryJobs`.
    pub list: u32,
    /// `GetDeliveryHistoryJob`.
    pub get: u32,
    /// `CreateDeliveryHistoryJob`.
    pub create: u32,
    /// `DeleteDeliveryHistoryJob`.
    pub delete: u32,
    /// `DescribeTrails`, `DescribeRegions`, `GetTrailStatus` and `GetCallerIdentity`, each.
    pub describe: u32,
}

impl Quota {
    /// The service's own.
    pub const DOCUMENTED: Self = Self { list: 10, get: 10, create: 5, delete: 5, describe: 100 };

    /// None at all.
    pub const UNLIMITED: Self =
        Self { list: u32::MAX, get: u32::MAX, create: u32::MAX, delete: u32::MAX, describe: u32::MAX };

    fn of(&self, operation: Operation) -> u32 {
        match operation {
            Operation::ListJobs => self.list,
            Operation::GetJob => self.get,
            Operation::CreateJob => self.create,
            Operation::DeleteJob => self.delete,
            Operation::DescribeTrails
            | Operation::DescribeRegions
            | Operation::GetTrailStatus
            | Operation::GetCallerIdentity => self.describe,
        }
    }
}

/// The calls of the last second.
#[derive(Debug)]
pub(super) struct Meter {
    quota: Quota,
    /// A sliding window and not a bucket: a bucket lets nearly twice the quota through within one second.
    recent: HashMap<(usize, Operation), VecDeque<Timestamp>>,
}

impl Meter {
    pub(super) fn new(quota: Quota) -> Self {
        Self { quota, recent: HashMap::new() }
    }

    /// Counts a call of this account.
    ///
    /// # Errors
    /// How long until the window has room again, where it is full. A refused call does not count.
    pub(super) fn take(&mut self, account: usize, operation: Operation, now: Timestamp) -> Result<(), Duration> {
        let limit = self.quota.of(operation);
        if limit == u32::MAX {
            return Ok(());
        }
        let window = TimeDelta::seconds(1);
        let recent = self.recent.entry((account, operation)).or_default();
        // A clock that was set back would leave calls in the future: they are forgotten like those of the past.
        recent.retain(|at| *at <= now && now - *at < window);
        if recent.len() < limit as usize {
            recent.push_back(now);
            return Ok(());
        }
        let oldest = recent.front().copied().unwrap_or(now);
        let free_in = (oldest + window - now).to_std().unwrap_or_default();
        Err(free_in.max(Duration::from_millis(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_timestamp_millis(1_790_000_000_000 + millis).unwrap()
    }

    #[test]
    fn a_full_window_says_when_it_has_room_again() {
        let mut meter = Meter::new(Quota::DOCUMENTED);
        for millis in 0..10 {
            assert_eq!(meter.take(0, Operation::ListJobs, at(millis)), Ok(()));
        }
        assert_eq!(meter.take(0, Operation::ListJobs, at(400)), Err(Duration::from_millis(600)));
        assert_eq!(meter.take(0, Operation::ListJobs, at(999)), Err(Duration::from_millis(1)));
        assert_eq!(meter.take(0, Operation::ListJobs, at(1000)), Ok(()), "the refused calls did not count");
        assert!(meter.take(0, Operation::ListJobs, at(1000)).is_err(), "only one call had left the window");
    }

    #[test]
    fn accounts_and_operations_have_their_own_window() {
        let mut meter = Meter::new(Quota { list: 1, get: 1, ..Quota::DOCUMENTED });
        assert!(meter.take(0, Operation::ListJobs, at(0)).is_ok());
        assert!(meter.take(0, Operation::GetJob, at(0)).is_ok());
        assert!(meter.take(1, Operation::ListJobs, at(0)).is_ok());
        assert!(meter.take(0, Operation::ListJobs, at(0)).is_err());
    }

    #[test]
    fn a_clock_that_was_set_back_blocks_nobody() {
        let mut meter = Meter::new(Quota { list: 1, ..Quota::DOCUMENTED });
        assert!(meter.take(0, Operation::ListJobs, at(3_600_000)).is_ok());
        assert!(meter.take(0, Operation::ListJobs, at(0)).is_ok());
    }

    #[test]
    fn without_a_quota_nothing_is_counted() {
        let mut meter = Meter::new(Quota::UNLIMITED);
        assert!((0..1000).all(|_| meter.take(0, Operation::ListJobs, at(0)).is_ok()));
        assert!(meter.recent.is_empty());
    }

    proptest! {
        #[test]
        fn no_window_of_a_second_ever_holds_more(gaps in proptest::collection::vec(0..300_i64, 1..200)) {
            let mut meter = Meter::new(Quota::DOCUMENTED);
            let (mut now, mut passed) = (0, Vec::new());
            for gap in gaps {
                now += gap;
                if meter.take(0, Operation::ListJobs, at(now)).is_ok() {
                    passed.push(now);
                }
            }
            prop_assert!(passed.windows(11).all(|calls| calls[10] - calls[0] >= 1000));
        }
    }
}
