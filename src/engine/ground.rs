//! What is there to be read in a region that nobody has named: where there is nothing, it is read rarely.
//!
//! How rarely is the matter of `pace`.

use std::sync::Arc;

use chrono::TimeDelta;

use super::{Error, Sweep, Wish, caller::Caller};
use crate::{actiontrail::TrailList, job::Timestamp};

/// How long it is believed whether there are trails: longer than it takes `followed` to read them again.
const BELIEVED: TimeDelta = TimeDelta::hours(1);

/// What is there to be read in a region that nobody has named.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Ground {
    /// Jobs, or trails that can have some; or somebody has named the region.
    #[default]
    Used,
    /// Neither a job nor a trail that is known: it is read rarely.
    Barren,
    /// The service says that the region is not there for this account.
    Absent(Arc<Error>),
}

/// How many trails there are, as the last call for them told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TrailsSeen {
    at: Timestamp,
    count: usize,
}

impl TrailsSeen {
    /// `None` where the call tells nothing. Who may not know of trails knows of none.
    pub(super) fn of(outcome: &Result<TrailList, Error>, at: Timestamp) -> Option<Self> {
        let count = match outcome {
            Ok(list) => list.trails.len() + list.faults.len(),
            Err(error) if error.verdict().is_lasting() => 0,
            Err(_) => return None,
        };
        Some(Self { at, count })
    }
}

impl Caller {
    /// Makes the best of a read of a region that nobody has named: one that is not there is an empty one.
    pub(super) fn empty_where_absent(&self, outcome: Result<Sweep, Error>) -> Result<Sweep, Error> {
        match outcome {
            Err(error) if self.wish() == Wish::Found && error.is_no_region() => {
                let ground = Ground::Absent(Arc::new(error));
                Ok(Sweep { at: self.clock().now(), total: Some(0), ground, ..Sweep::default() })
            }
            outcome => outcome,
        }
    }

    /// The ground of a sweep: where nobody has named the region and there are no jobs, it takes trails that can have some. They
    /// are asked for only where nobody did so of late.
    pub(super) async fn ground(&self, sweep: &Sweep) -> Ground {
        let may_be_barren = self.wish() == Wish::Found && sweep.ground == Ground::Used && sweep.jobs.rows.is_empty();
        if may_be_barren && self.has_no_trails().await { Ground::Barren } else { sweep.ground.clone() }
    }

    async fn has_no_trails(&self) -> bool {
        let now = self.clock().now();
        if self.trails_seen().is_none_or(|seen| now - seen.at >= BELIEVED) {
            // What it tells is kept; a failure tells nothing.
            let _ = self.trails_at_once().await;
        }
        self.trails_seen().is_some_and(|seen| seen.count == 0)
    }
}
