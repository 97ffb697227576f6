//! What it costs that a job is not repeated.

use chrono::TimeDelta;

use super::expires;
use crate::job::{Job, JobSeen, Regions, Status, StatusCounts, Timestamp, Window};

/// What is being lost while a failed, stalled or deleted job is not repeated. All of it "at most": regions that completed are
/// safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Risk {
    /// How much of the window is past the 90 days already.
    pub lost: TimeDelta,
    /// How much of it could still be delivered.
    pub left: TimeDelta,
    /// How much goes within the next day: a day, less where the window ends, nothing where it begins only later.
    pub next_day: TimeDelta,
    /// When nothing is left.
    pub all_gone: Timestamp,
    /// How much of the regions it concerns, where they were read.
    pub unfinished: Option<Unfinished>,
}

/// The regions of a job that were not delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfinished {
    /// How many are not complete.
    pub regions: usize,
    /// Of how many in all.
    pub of: usize,
}

impl Risk {
    /// What is lost of a job's window and what is left, if no other job repairs it.
    ///
    /// To be asked of a job whose standing needs attention, or that is gone from the service. `None` for a complete job of which
    /// no region failed, and where the window is not known.
    #[must_use]
    pub fn of(job: &Job, regions: Option<&Regions>, now: Timestamp) -> Option<Self> {
        Self::at(job.status, job.window, regions.map(Regions::counts), now)
    }

    /// The same of a job that the service does not know any more, as it was last seen.
    #[must_use]
    pub fn of_gone(job: &JobSeen, now: Timestamp) -> Option<Self> {
        Self::at(job.status, job.window, job.regions, now)
    }

    fn at(status: Status, window: Window, regions: Option<StatusCounts>, now: Timestamp) -> Option<Self> {
        let counts = regions.filter(|counts| counts.total() > 0);
        if status == Status::Complete && counts.is_none_or(|counts| counts.failed == 0) {
            return None;
        }
        let (length, all_gone) = (window.length()?, expires(window)?);
        // How far the edge of the 90 days has moved past the start of the window.
        let passed = now - (all_gone - length);
        let gone_after = |wait: TimeDelta| (passed + wait).clamp(TimeDelta::zero(), length);
        let lost = gone_after(TimeDelta::zero());
        Some(Self {
            lost,
            left: length - lost,
            next_day: gone_after(TimeDelta::days(1)) - lost,
            all_gone,
            unfinished: counts
                .map(|counts| Unfinished { regions: counts.total() - counts.complete, of: counts.total() }),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::KEPT, *};
    use crate::job::{RegionStatus, Window, tests::job as documented};

    fn failed() -> Job {
        Job { status: Status::Failed, ..documented(16602) }
    }

    fn regions(codes: &[i64], read: Timestamp) -> Regions {
        let row = |code: &i64| RegionStatus { region: "cn-hangzhou".into(), status: Status::from_code(*code) };
        Regions { rows: codes.iter().map(row).collect(), read, request_id: None }
    }

    #[test]
    fn a_day_of_waiting_costs_a_day_of_the_oldest_events() {
        let created = failed().created.unwrap();
        let (day, tail) = (TimeDelta::days(1), TimeDelta::minutes(5));
        let hours = TimeDelta::hours;
        let all_gone = created + KEPT + tail;
        for (waited, lost, next_day) in [
            (-day * 2, hours(0), hours(0)),
            (-hours(6), hours(0), hours(18)),
            (hours(0), hours(0), day),
            (hours(3), hours(3), day),
            (KEPT, KEPT, tail),
            (KEPT + tail, KEPT + tail, hours(0)),
            (KEPT * 2, KEPT + tail, hours(0)),
        ] {
            let left = KEPT + tail - lost;
            let expected = Risk { lost, left, next_day, all_gone, unfinished: None };
            assert_eq!(Risk::of(&failed(), None, created + waited), Some(expected), "{waited}");
        }
    }

    #[test]
    fn regions_that_completed_are_safe() {
        let now = failed().created.unwrap();
        let unfinished = |codes: &[i64]| Risk::of(&failed(), Some(&regions(codes, now)), now).unwrap().unfinished;
        assert_eq!(unfinished(&[2, 2, 3, 0, 1, 7]), Some(Unfinished { regions: 4, of: 6 }));
        assert_eq!(unfinished(&[2, 2]), Some(Unfinished { regions: 0, of: 2 }));
        assert_eq!(unfinished(&[]), None, "an empty answer tells nothing");
    }

    #[test]
    fn a_complete_job_is_at_risk_only_where_a_region_failed() {
        let now = failed().created.unwrap();
        let complete = documented(1);
        assert_eq!(Risk::of(&complete, None, now), None);
        assert_eq!(Risk::of(&complete, Some(&regions(&[2, 1], now)), now), None);
        let risk = Risk::of(&complete, Some(&regions(&[2, 3], now)), now).unwrap();
        assert_eq!(risk.unfinished, Some(Unfinished { regions: 1, of: 2 }));
    }

    #[test]
    fn without_a_window_nothing_is_said() {
        let window = failed().window;
        for window in [
            Window::default(),
            Window { start: None, ..window },
            Window { end: None, ..window },
            Window { start: window.end, end: window.start },
        ] {
            let job = Job { window, ..failed() };
            assert_eq!(Risk::of(&job, None, job.created.unwrap()), None);
        }
    }

    proptest! {
        #[test]
        fn what_is_lost_and_what_is_left_are_the_window(
            start in -20_000_000..20_000_000_i64, length in 0..20_000_000_i64, wait in 0..10_000_000_i64,
        ) {
            let now = failed().created.unwrap();
            let from = now + TimeDelta::seconds(start);
            let window = Window { start: Some(from), end: Some(from + TimeDelta::seconds(length)) };
            let job = Job { window, ..failed() };
            let risk = |at| Risk::of(&job, None, at).unwrap();
            let zero = TimeDelta::zero();
            prop_assert!(risk(now).lost >= zero && risk(now).left >= zero);
            prop_assert_eq!(Some(risk(now).lost + risk(now).left), window.length());
            prop_assert_eq!(risk(now).lost + risk(now).next_day, risk(now + TimeDelta::days(1)).lost);
            prop_assert_eq!(risk(now).left == zero, now >= risk(now).all_gone || length == 0);
            prop_assert!(risk(now + TimeDelta::seconds(wait)).lost >= risk(now).lost);
        }
    }
}
