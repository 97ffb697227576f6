//! A moment by the two clocks that matter here: the local one measures pauses, the service's says when keys end. A provider is
//! asked by targets that know the service's clock more or less well, so it keeps what it learned of it itself.

use chrono::TimeDelta;
use tokio::time::Instant;

use crate::{acs::CLOCK_NOISE, job::Timestamp};

/// A moment by both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) local: Timestamp,
    pub(super) service: Timestamp,
}

impl Moment {
    /// This moment by the local clock, where the service's is so far ahead.
    pub(super) fn new(local: Timestamp, ahead: TimeDelta) -> Self {
        let service = if ahead.abs() > CLOCK_NOISE { local.checked_add_signed(ahead).unwrap_or(local) } else { local };
        Self { local, service }
    }

    /// The moment now, where it was this one when that began. Whole seconds: nothing here is more precise.
    pub(super) fn later(self, begun: Instant) -> Self {
        let passed = TimeDelta::seconds(i64::try_from(begun.elapsed().as_secs()).unwrap_or(0));
        Self { local: self.local + passed, service: self.service + passed }
    }
}
