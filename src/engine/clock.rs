//! The time as the server has it: the local clock, corrected by the `Date` of answers.

use std::cell::Cell;

use chrono::TimeDelta;

use super::Clock;
use crate::{acs::CLOCK_NOISE, job::Timestamp};

/// A clock that learns how far the local one is off.
pub(super) struct ServerClock {
    local: Clock,
    offset: Cell<TimeDelta>,
}

impl ServerClock {
    pub(super) fn new(local: Clock) -> Self {
        Self { local, offset: Cell::new(TimeDelta::zero()) }
    }

    /// The corrected time.
    pub(super) fn now(&self) -> Timestamp {
        (self.local)() + self.offset.get()
    }

    /// The local time.
    pub(super) fn local(&self) -> Timestamp {
        (self.local)()
    }

    /// How far the server's clock is ahead of ours; zero where whole seconds explain it.
    pub(super) fn offset(&self) -> TimeDelta {
        self.offset.get()
    }

    /// Takes note of the server's time, as an answer that came just now says it.
    pub(super) fn learn(&self, server: Timestamp) {
        let ahead = server - (self.local)();
        self.offset.set(if ahead.abs() > CLOCK_NOISE { ahead } else { TimeDelta::zero() });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn whole_seconds_and_latency_are_no_offset() {
        let clock = ServerClock::new(Arc::new(|| Timestamp::UNIX_EPOCH));
        clock.learn(Timestamp::UNIX_EPOCH + TimeDelta::seconds(4));
        assert_eq!(clock.offset(), TimeDelta::zero());
        let server = Timestamp::UNIX_EPOCH + TimeDelta::minutes(20);
        clock.learn(server);
        assert_eq!(clock.now(), server);
        clock.learn(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH, "set right again");
    }
}
