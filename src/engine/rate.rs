//! How much is called.

use std::{cell::RefCell, collections::VecDeque, time::Duration};

use tokio::time::Instant;

/// The calls of the last minute: ActionTrail writes each into its user's own audit trail.
#[derive(Debug, Default)]
pub(super) struct Rate {
    calls: RefCell<VecDeque<Instant>>,
}

impl Rate {
    /// Takes note of a call that is made now.
    pub(super) fn count(&self) {
        self.calls.borrow_mut().push_back(Instant::now());
    }

    /// Calls within the last minute.
    pub(super) fn per_minute(&self) -> usize {
        let mut calls = self.calls.borrow_mut();
        while calls.front().is_some_and(|at| at.elapsed() > Duration::from_secs(60)) {
            calls.pop_front();
        }
        calls.len()
    }
}
