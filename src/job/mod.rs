//! The vocabulary: what a backfill job is, and the rules that follow from its fields alone.
//!
//! Pure: no I/O and no clock. Whoever asks for an age passes `now`.

pub mod coverage;
mod filter;
mod ids;
mod names;
mod regions;
mod row;
mod sort;
mod status;
mod trail;
mod transition;
mod window;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::value::RawValue;

pub use filter::{Fault, Filter, GRAMMAR, Rule, StatusChoice, UnknownStatusChoice};
pub use ids::{Account, AccountId, InvalidJobId, InvalidName, JobId, JobKey, ProfileName, Region, TargetKey};
pub use names::Names;
pub use regions::{RegionStatus, Regions, StatusCounts};
pub use row::{Row, TrailRow};
pub use sort::{Direction, Order, SortKey, UnknownSortKey};
pub use status::{Status, UnknownStatusWord};
pub use trail::{Switch, Trail, TrailScope, TrailStatus};
pub use transition::{Change, ChangeId, JobSeen, Seen, Seq, Transition, Trouble, What};
pub use window::Window;

/// A moment on the wall clock, UTC.
pub type Timestamp = DateTime<Utc>;

/// One delivery history job, as one read of the service described it.
///
/// Every text field is what the service sent: it is made safe by [`crate::text`] where it is printed.
#[derive(Debug, Clone)]
pub struct Job {
    /// `JobId`.
    pub id: JobId,
    /// `TrailName`; empty where the service sent none.
    pub trail: Arc<str>,
    /// `HomeRegion` as it came. Not a [`Region`]: it is shown, and never becomes a host.
    pub home: Option<Arc<str>>,
    /// `JobStatus`.
    pub status: Status,
    /// `CreatedTime`: the run begins here.
    pub created: Option<Timestamp>,
    /// `UpdatedTime`: the last change; for a settled job, the end of its run.
    pub updated: Option<Timestamp>,
    /// `StartTime`..`EndTime`: the range of *event* times that the job covers, not its run.
    pub window: Window,
    /// The job's JSON object as it came, fields that we do not know included.
    pub raw: Arc<RawValue>,
}

impl Job {
    /// The run so far: `CreatedTime` to `UpdatedTime`, or to `now` while the job is active.
    ///
    /// `None` where a time that it takes is missing or would make it negative.
    ///
    /// ```text
    /// created 03:17:04, updated 03:20:08, complete → 3m 4s, whatever StartTime and EndTime say
    /// ```
    #[must_use]
    pub fn elapsed(&self, now: Timestamp) -> Option<TimeDelta> {
        elapsed(self.status, self.created, self.updated, now)
    }

    /// How long ago the job was created; never negative.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> Option<TimeDelta> {
        self.created.map(|at| since(at, now))
    }

    /// Whether two reads describe the same state: what we know of it, and byte for byte what the service wrote.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        (self.id, self.status, self.updated) == (other.id, other.status, other.updated)
            && (Arc::ptr_eq(&self.raw, &other.raw) || self.raw.get() == other.raw.get())
    }
}

fn elapsed(
    status: Status,
    created: Option<Timestamp>,
    updated: Option<Timestamp>,
    now: Timestamp,
) -> Option<TimeDelta> {
    let end = if status.is_active() { Some(now) } else { updated };
    let run = end? - created?;
    (run >= TimeDelta::zero()).then_some(run)
}

/// The time from `at` to `now`, zero where `at` lies ahead (a clock that is off by seconds is normal).
#[must_use]
pub fn since(at: Timestamp, now: Timestamp) -> TimeDelta {
    (now - at).max(TimeDelta::zero())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The documented job under another id, for tests that need many.
    pub(crate) fn job(id: i64) -> Job {
        let raw = format!(r#"{{"JobId":{id}}}"#);
        Job { id: JobId::new(id), raw: RawValue::from_string(raw).unwrap().into(), ..documented() }
    }

    fn at(text: &str) -> Option<Timestamp> {
        Some(text.parse().unwrap())
    }

    /// The example of the service's documentation for `ListDeliveryHistoryJobs`.
    fn documented() -> Job {
        Job {
            id: JobId::new(16602),
            trail: "trail-name".into(),
            home: Some("cn-hangzhou".into()),
            status: Status::Complete,
            created: at("2021-04-26T03:17:04Z"),
            updated: at("2021-04-26T03:20:08Z"),
            window: Window { start: at("2021-01-26T03:17:04Z"), end: at("2021-04-26T03:22:04Z") },
            raw: RawValue::from_string("{}".into()).unwrap().into(),
        }
    }

    #[test]
    fn the_run_is_not_the_window_of_events() {
        let now = at("2026-11-24T00:00:00Z").unwrap();
        assert_eq!(documented().elapsed(now), Some(TimeDelta::seconds(184)));
        assert_eq!(documented().window.length(), Some(TimeDelta::days(90) + TimeDelta::minutes(5)));
    }

    #[test]
    fn an_active_job_runs_until_now() {
        let job = Job { status: Status::Delivering, ..documented() };
        assert_eq!(job.elapsed(at("2021-04-26T03:27:04Z").unwrap()), Some(TimeDelta::minutes(10)));
    }

    #[test]
    fn no_run_without_its_times_and_none_below_zero() {
        let now = at("2021-04-26T03:00:00Z").unwrap();
        assert_eq!(Job { created: None, ..documented() }.elapsed(now), None);
        assert_eq!(Job { updated: None, ..documented() }.elapsed(now), None);
        assert_eq!(Job { status: Status::Delivering, ..documented() }.elapsed(now), None, "the local clock is behind");
        assert_eq!(documented().age(now), Some(TimeDelta::zero()));
    }
}
