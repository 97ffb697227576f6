//! Which jobs there really were, and when: what a test holds against what a client made of the pages. Written by the endpoint.

use std::{
    collections::{BTreeSet, HashSet, VecDeque},
    ops::RangeInclusive,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::job::{AccountId, JobId};

/// How many changes are remembered. Beyond, the oldest tenth is forgotten, and so are the jobs that it deleted.
const REMEMBERED: usize = 200_000;

/// One change of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TruthEvent {
    /// It came after this call was answered and before the next one was: calls are numbered from 1 as they are decided.
    pub after_call: u64,
    /// Whose list changed.
    pub account: AccountId,
    /// What changed.
    pub what: Change,
}

/// What changed in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A job is there that was not.
    Inserted(JobId),
    /// A job is gone, for ever.
    Deleted(JobId),
    /// The same jobs come in another order.
    Reordered,
}

/// From when to when each job was there.
#[derive(Debug)]
pub(super) struct Truth(Mutex<Log>);

#[derive(Debug)]
struct Log {
    accounts: Vec<(AccountId, Vec<Life>)>,
    events: VecDeque<TruthEvent>,
}

/// When one job came and went: after which calls.
#[derive(Debug)]
struct Life {
    id: JobId,
    born: u64,
    died: Option<u64>,
}

impl Truth {
    /// The accounts with the jobs that they have at the start, by id.
    pub(super) fn new(accounts: Vec<(AccountId, Vec<JobId>)>) -> Self {
        let life = |id| Life { id, born: 0, died: None };
        let lives = |(account, ids): (_, Vec<JobId>)| (account, ids.into_iter().map(life).collect());
        Self(Mutex::new(Log { accounts: accounts.into_iter().map(lives).collect(), events: VecDeque::new() }))
    }

    /// Notes changes of an account. New jobs have higher ids than all before.
    pub(super) fn note(&self, account: usize, after_call: u64, changes: Vec<Change>) {
        if changes.is_empty() {
            return;
        }
        let log = &mut *self.log();
        let Some((name, lives)) = log.accounts.get_mut(account) else { return };
        for what in changes {
            match what {
                Change::Inserted(id) => lives.push(Life { id, born: after_call, died: None }),
                Change::Deleted(id) => {
                    if let Some(life) = find(lives, id).and_then(|place| lives.get_mut(place)) {
                        life.died = Some(after_call);
                    }
                }
                Change::Reordered => {}
            }
            log.events.push_back(TruthEvent { after_call, account: name.clone(), what });
        }
        if log.events.len() > REMEMBERED {
            log.forget();
        }
    }

    /// Every change so far.
    pub(super) fn events(&self) -> Vec<TruthEvent> {
        self.log().events.iter().cloned().collect()
    }

    /// The jobs that each of these calls could see.
    pub(super) fn throughout(&self, account: &AccountId, calls: &RangeInclusive<u64>) -> BTreeSet<JobId> {
        self.jobs(account, |life| life.sees(*calls.start()) && life.sees(*calls.end()))
    }

    /// The jobs that at least one of these calls could see.
    pub(super) fn ever(&self, account: &AccountId, calls: &RangeInclusive<u64>) -> BTreeSet<JobId> {
        self.jobs(account, |life| life.born < *calls.end() && life.died.is_none_or(|died| died >= *calls.start()))
    }

    fn jobs(&self, account: &AccountId, wanted: impl Fn(&Life) -> bool) -> BTreeSet<JobId> {
        let log = self.log();
        let lives = log.accounts.iter().filter(|(name, _)| name == account).flat_map(|(_, lives)| lives);
        lives.filter(|life| wanted(life)).map(|life| life.id).collect()
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    /// Many at once: each forgotten job moves all that are younger.
    fn forget(&mut self) {
        let oldest: Vec<TruthEvent> = self.events.drain(..REMEMBERED / 10).collect();
        for (account, lives) in &mut self.accounts {
            let deleted =
                oldest.iter().filter(|event| event.account == *account).filter_map(|event| match event.what {
                    Change::Deleted(id) => Some(id),
                    Change::Inserted(_) | Change::Reordered => None,
                });
            let deleted: HashSet<JobId> = deleted.collect();
            lives.retain(|life| !deleted.contains(&life.id));
        }
    }
}

impl Life {
    /// Whether a call could see it: what comes after a call is seen by the next.
    fn sees(&self, call: u64) -> bool {
        self.born < call && self.died.is_none_or(|died| died >= call)
    }
}

fn find(lives: &[Life], id: JobId) -> Option<usize> {
    lives.binary_search_by_key(&id, |life| life.id).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(of: &[i64]) -> BTreeSet<JobId> {
        of.iter().copied().map(JobId::new).collect()
    }

    #[test]
    fn a_job_is_there_from_the_call_after_it_came_to_the_call_before_it_went() {
        let me = AccountId::new("1");
        let truth = Truth::new(vec![(me.clone(), vec![JobId::new(1), JobId::new(2)])]);
        truth.note(0, 3, vec![Change::Inserted(JobId::new(5)), Change::Deleted(JobId::new(1))]);
        truth.note(0, 6, vec![Change::Reordered, Change::Deleted(JobId::new(5))]);
        truth.note(7, 6, vec![Change::Reordered]);
        for (calls, throughout, ever) in [
            (1..=3, &[1, 2][..], &[1, 2][..]),
            (3..=4, &[2], &[1, 2, 5]),
            (4..=6, &[2, 5], &[2, 5]),
            (4..=7, &[2], &[2, 5]),
            (7..=9, &[2], &[2]),
            (3..=7, &[2], &[1, 2, 5]),
        ] {
            assert_eq!(truth.throughout(&me, &calls), ids(throughout), "{calls:?}");
            assert_eq!(truth.ever(&me, &calls), ids(ever), "{calls:?}");
        }
        assert_eq!(truth.events().len(), 4);
        assert_eq!(truth.ever(&AccountId::new("2"), &(1..=9)), ids(&[]));
    }

    #[test]
    fn it_does_not_grow_for_ever() {
        let me = AccountId::new("1");
        let truth = Truth::new(vec![(me.clone(), vec![])]);
        for n in 0..REMEMBERED as u64 {
            let id = JobId::new(n as i64);
            truth.note(0, n, vec![Change::Inserted(id), Change::Deleted(id)]);
        }
        let (events, lives) = (truth.events().len(), truth.log().accounts[0].1.len());
        assert!((REMEMBERED * 9 / 10..=REMEMBERED).contains(&events), "{events}");
        assert!(lives <= events, "{lives}");
        let last = JobId::new(REMEMBERED as i64 - 1);
        assert_eq!(truth.events().last().map(|event| event.what), Some(Change::Deleted(last)));
    }
}
