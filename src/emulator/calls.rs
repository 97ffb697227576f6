//! Every request that arrived, but those of STS: when, from whom, for what, and what became of it. Written by the endpoint, read by tests.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{faults::FaultKind, operations::Operation};
use crate::job::{AccountId, Region};

/// How many are remembered; the oldest is forgotten first.
const REMEMBERED: usize = 100_000;

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecord {
    /// When its head arrived, counted from the emulator's start by a clock that never goes back.
    pub at: Duration,
    /// Whose key it names, whether or not its signature is right; none for a key that nobody has.
    pub account: Option<AccountId>,
    /// The region whose port it came to.
    pub region: Option<Region>,
    /// What it asks for; none for what is no call of this API.
    pub operation: Option<Operation>,
    /// Its place among the calls that were decided, from 1 on; none while it waits, or if its client left before.
    pub number: Option<u64>,
    /// The fault that struck it.
    pub fault: Option<FaultKind>,
    /// The status of its answer; none where it got none.
    pub status: Option<u16>,
}

/// The requests, in order of arrival. A lock and no channel: a test asks what was, and the endpoint never waits for it.
#[derive(Debug)]
pub(super) struct Calls {
    start: Instant,
    log: Mutex<Log>,
}

#[derive(Debug, Default)]
struct Log {
    /// How many were forgotten.
    forgotten: u64,
    records: VecDeque<CallRecord>,
}

/// Stands for a request that was noted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ticket(u64);

impl Calls {
    pub(super) fn new() -> Self {
        Self { start: Instant::now(), log: Mutex::default() }
    }

    /// Notes that a request arrived, now.
    pub(super) fn arrived(
        &self,
        account: Option<AccountId>,
        region: Option<Region>,
        operation: Option<Operation>,
    ) -> Ticket {
        let mut log = self.log();
        if log.records.len() >= REMEMBERED {
            log.records.pop_front();
            log.forgotten += 1;
        }
        let at = self.start.elapsed();
        log.records.push_back(CallRecord { at, account, region, operation, number: None, fault: None, status: None });
        Ticket(log.forgotten + log.records.len() as u64 - 1)
    }

    /// Notes what became of it.
    pub(super) fn decided(&self, ticket: Ticket, number: u64, fault: Option<FaultKind>, status: Option<u16>) {
        let mut log = self.log();
        let place = ticket.0.checked_sub(log.forgotten).and_then(|place| usize::try_from(place).ok());
        if let Some(record) = place.and_then(|place| log.records.get_mut(place)) {
            *record = CallRecord { number: Some(number), fault, status, ..record.clone() };
        }
    }

    /// All that are remembered.
    pub(super) fn all(&self) -> Vec<CallRecord> {
        self.log().records.iter().cloned().collect()
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The most calls of an operation that one account made in any one second.
pub(super) fn busiest_second(calls: &[CallRecord], operation: Operation) -> usize {
    let mut recent: HashMap<&Option<AccountId>, VecDeque<Duration>> = HashMap::new();
    let mut most = 0;
    for call in calls.iter().filter(|call| call.operation == Some(operation)) {
        let window = recent.entry(&call.account).or_default();
        while window.front().is_some_and(|at| call.at - *at >= Duration::from_secs(1)) {
            window.pop_front();
        }
        window.push_back(call.at);
        most = most.max(window.len());
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(account: &str, millis: u64, operation: Operation) -> CallRecord {
        let (account, at) = (Some(AccountId::new(account)), Duration::from_millis(millis));
        CallRecord { at, account, region: None, operation: Some(operation), number: None, fault: None, status: None }
    }

    #[test]
    fn a_second_is_any_second_of_one_account_and_operation() {
        let list = |account, millis| at(account, millis, Operation::ListJobs);
        let calls = [list("1", 0), list("1", 900), list("2", 950), list("1", 999), list("1", 1_000), list("1", 5_000)];
        assert_eq!(busiest_second(&calls, Operation::ListJobs), 3, "the first and the last of them are a second apart");
        assert_eq!(busiest_second(&calls, Operation::GetJob), 0);
    }

    #[test]
    fn the_oldest_are_forgotten_and_their_tickets_are_worth_nothing() {
        let calls = Calls::new();
        let first = calls.arrived(None, None, None);
        let second = calls.arrived(None, None, None);
        for _ in 1..REMEMBERED {
            calls.arrived(None, None, Some(Operation::GetJob));
        }
        calls.decided(first, 1, None, Some(500));
        calls.decided(second, 2, Some(FaultKind::Html), Some(502));
        let all = calls.all();
        assert_eq!(all.len(), REMEMBERED);
        assert_eq!((all[0].number, all[0].fault, all[0].status), (Some(2), Some(FaultKind::Html), Some(502)));
        assert!(all[1..].iter().all(|call| call.status.is_none() && call.number.is_none()));
        assert!(all.is_sorted_by_key(|call| call.at));
    }
}
