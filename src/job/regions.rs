//! The status of a job in each region of delivery: the only progress that the service tells.

use std::sync::Arc;

use super::{Status, Timestamp};

/// One entry of `Status[]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionStatus {
    /// `Region` as it came.
    pub region: Arc<str>,
    /// `Status`.
    pub status: Status,
}

/// `Status[]` of one `GetDeliveryHistoryJob`.
#[derive(Debug, Clone)]
pub struct Regions {
    /// Each region once, sorted by name.
    pub rows: Box<[RegionStatus]>,
    /// When the answer came.
    pub read: Timestamp,
    /// `RequestId` of the answer, to quote in a support ticket.
    pub request_id: Option<Arc<str>>,
}

impl Regions {
    /// How many regions have which status.
    #[must_use]
    pub fn counts(&self) -> StatusCounts {
        self.rows.iter().map(|row| row.status).collect()
    }
}

/// How many of a set have which status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StatusCounts {
    /// Of status initializing.
    pub initializing: usize,
    /// Of status delivering.
    pub delivering: usize,
    /// Of status complete.
    pub complete: usize,
    /// Of status failed.
    pub failed: usize,
    /// Of a status that we do not know.
    pub unknown: usize,
}

impl StatusCounts {
    /// How many there are in all.
    #[must_use]
    pub const fn total(&self) -> usize {
        self.active() + self.complete + self.failed + self.unknown
    }

    /// How many the service is still working on.
    #[must_use]
    pub const fn active(&self) -> usize {
        self.initializing + self.delivering
    }

    /// Counts one more.
    pub const fn count(&mut self, status: Status) {
        match status {
            Status::Initializing => self.initializing += 1,
            Status::Delivering => self.delivering += 1,
            Status::Complete => self.complete += 1,
            Status::Failed => self.failed += 1,
            Status::Unknown(_) => self.unknown += 1,
        }
    }

    /// How many have this status.
    #[must_use]
    pub const fn of(&self, status: Status) -> usize {
        match status {
            Status::Initializing => self.initializing,
            Status::Delivering => self.delivering,
            Status::Complete => self.complete,
            Status::Failed => self.failed,
            Status::Unknown(_) => self.unknown,
        }
    }
}

impl FromIterator<Status> for StatusCounts {
    fn from_iter<I: IntoIterator<Item = Status>>(statuses: I) -> Self {
        let mut counts = Self::default();
        statuses.into_iter().for_each(|status| counts.count(status));
        counts
    }
}

impl std::ops::AddAssign for StatusCounts {
    fn add_assign(&mut self, other: Self) {
        self.initializing += other.initializing;
        self.delivering += other.delivering;
        self.complete += other.complete;
        self.failed += other.failed;
        self.unknown += other.unknown;
    }
}
