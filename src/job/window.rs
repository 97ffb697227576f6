//! The window of events that a job covers.

use chrono::TimeDelta;

use super::Timestamp;

/// `StartTime`..`EndTime`: the range of event times that the job delivers.
///
/// The service's documentation calls them the start and end of the task, but its own examples show a job that took three
/// minutes with a window of 90 days. They are displayed as they came, never computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Window {
    /// The oldest event time that it covers.
    pub start: Option<Timestamp>,
    /// The newest one.
    pub end: Option<Timestamp>,
}

impl Window {
    /// How much time of events it covers, where both ends are known and in order.
    #[must_use]
    pub fn length(&self) -> Option<TimeDelta> {
        let length = self.end? - self.start?;
        (length >= TimeDelta::zero()).then_some(length)
    }
}
