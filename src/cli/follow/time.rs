//! What the time is, and how much of it has passed: also while the machine slept, of which timers know nothing.

use std::time::{Duration, Instant};

use crate::{engine::Clock, job::Timestamp};

/// A moment of a command that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    /// On the wall clock.
    pub(crate) now: Timestamp,
    /// Since the command began.
    pub(crate) elapsed: Duration,
}

impl Moment {
    /// How long it is until so much has passed; nothing where it has.
    pub(crate) fn until(self, elapsed: Duration) -> Duration {
        elapsed.saturating_sub(self.elapsed)
    }
}

/// Measures a command.
pub(crate) struct Stopwatch {
    clock: Clock,
    began: Instant,
    began_at: Timestamp,
}

impl Stopwatch {
    pub(crate) fn start(clock: Clock) -> Self {
        let began_at = clock();
        Self { clock, began: Instant::now(), began_at }
    }

    pub(crate) fn moment(&self) -> Moment {
        let now = (self.clock)();
        let on_the_wall = (now - self.began_at).to_std().unwrap_or_default();
        Moment { now, elapsed: self.began.elapsed().max(on_the_wall) }
    }
}
