//! What is kept, and for how long: transitions once, the last state of jobs, acknowledgements, visits.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use chrono::TimeDelta;
use proptest::prelude::*;

use super::fixture::*;
use crate::{
    job::{AccountId, Change, JobId, JobSeen, Seen, Status, StatusCounts, Timestamp, Transition, Trouble, What},
    journal::{Asked, RETENTION_DAYS, Wanted},
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn each_change_is_kept_once_whoever_writes_it(
        changes in prop::collection::vec(any_transition(), 0..40),
        turns in prop::collection::vec((any::<bool>(), any::<prop::sample::Index>(), 1..5_usize), 0..20),
    ) {
        let place = Place::new();
        let (mut first, mut second) = (place.open(), place.open());
        let mut told = 0;
        let mut write = |by_first: bool, batch: &[Arc<Transition>]| {
            let journal = if by_first { &mut first } else { &mut second };
            told += journal.record(batch).unwrap().iter().filter(|new| **new).count();
        };
        // Pieces of it in any order by either, then all of it by both.
        for (by_first, from, count) in turns {
            let from = if changes.is_empty() { 0 } else { from.index(changes.len()) };
            write(by_first, &changes[from..(from + count).min(changes.len())]);
        }
        write(true, &changes);
        write(false, &changes);

        let kept = all(&first);
        prop_assert_eq!(&kept, &all(&second));
        let identities = |changes: &[Transition]| changes.iter().map(identity).collect::<HashSet<_>>();
        let wanted: Vec<Transition> = changes.iter().map(|change| change.as_ref().clone()).collect();
        prop_assert_eq!(kept.len(), identities(&kept).len(), "no doubles");
        prop_assert_eq!(identities(&kept), identities(&wanted), "no losses");
        prop_assert_eq!(told, kept.len(), "each was new to exactly one");
        prop_assert!(kept.iter().all(|change| wanted.contains(change)), "nothing is altered");
        prop_assert!(kept.is_sorted_by_key(|change| change.seen.by));
    }

    #[test]
    fn the_last_state_is_what_was_remembered(changes in prop::collection::vec(any_transition(), 0..20)) {
        let place = Place::new();
        let jobs: BTreeMap<_, JobSeen> =
            changes.iter().filter_map(|change| change.what.job()).map(|job| (job.key.clone(), job.clone())).collect();
        place.open().remember(&target("p"), &number(), jobs.values().cloned(), now()).unwrap();
        let baseline = place.open().baseline(&target("p")).unwrap().unwrap();
        prop_assert_eq!(baseline.jobs, jobs.into_values().collect::<Vec<_>>());
        prop_assert_eq!((baseline.read_at, baseline.account), (now(), number()));
    }
}

#[test]
fn changes_are_found_by_job_and_time() {
    let place = Place::new();
    let mut journal = place.open();
    let other = JobSeen {
        key: crate::job::JobKey { home: "cn-beijing".into(), ..job(1, Status::Failed).key },
        ..job(1, Status::Failed)
    };
    let lost = What::TargetLost(Trouble { code: "503".into(), message: "busy".into() });
    let seen = Seen { after: None, by: at(9) };
    let lost = Arc::new(Transition { what: lost, seen, ..failure(1, 0).as_ref().clone() });
    journal.record(&[failure(1, 30), failure(2, 20), changed(other.clone(), Change::Stalled, 10), lost]).unwrap();
    let found = |job, since: Option<i64>| {
        let found = journal.history(&Asked { job, since: since.map(at) }).unwrap();
        found.iter().map(|change| change.seen.by - now()).map(|age| age.num_seconds()).collect::<Vec<_>>()
    };
    let id = |id| Some(Wanted::Id(JobId::new(id)));
    assert_eq!(found(None, None), [9, 10, 20, 30]);
    assert_eq!(found(None, Some(10)), [20, 30], "only what came after");
    assert_eq!(found(id(1), None), [10, 30], "a number of two regions");
    assert_eq!(found(Some(Wanted::Key(other.key)), None), [10]);
    assert_eq!(found(id(1), Some(10)), [30]);
    assert_eq!(found(id(3), None), [0; 0]);
    assert_eq!([1, 2, 3].map(|id| journal.knows(JobId::new(id)).unwrap()), [true, true, false]);
}

#[test]
fn whose_a_change_is_is_told_later_and_not_of_what_was_seen_before() {
    let place = Place::new();
    let mut journal = place.open();
    let account = |id: &str| Some(AccountId::new(id));
    let other = Arc::new(Transition { target: target("audit"), ..failure(4, 30).as_ref().clone() });
    let known = Arc::new(Transition { account: account("2"), ..failure(3, 30).as_ref().clone() });
    journal.record(&[failure(1, 10), failure(2, 20), known, other]).unwrap();
    journal.name_account(&target("prod").profile, &AccountId::new("1"), at(20)).unwrap();
    let accounts: Vec<_> = all(&journal).into_iter().map(|change| change.account).collect();
    assert_eq!(accounts, [None, account("1"), account("2"), None]);
}

#[test]
fn a_job_comes_and_goes_once_however_late_it_is_seen() {
    let place = Place::new();
    let mut journal = place.open();
    let late = JobSeen { updated: Some(at(0)), ..job(1, Status::Delivering) };
    let early = changed(job(1, Status::Initializing), Change::Appeared, 1);
    let new = journal.record(&[early, changed(late.clone(), Change::Appeared, 2)]).unwrap();
    assert_eq!(new, [true, false]);
    let new = journal.record(&[changed(late, Change::Gone, 3), changed(job(1, Status::Delivering), Change::Gone, 4)]);
    assert_eq!(new.unwrap(), [true, false]);
}

#[test]
fn what_did_not_change_is_not_written_again() {
    let place = Place::new();
    let mut journal = place.open();
    let prod = target("prod");
    let counts: StatusCounts = [Status::Complete, Status::Delivering].into_iter().collect();
    let with_regions = JobSeen { regions: Some(counts), ..job(2, Status::Delivering) };
    let jobs = [job(1, Status::Complete), with_regions.clone()];
    assert_eq!(journal.remember(&prod, &number(), jobs.clone(), at(0)).unwrap(), 2);
    assert_eq!(journal.remember(&prod, &number(), jobs.clone(), at(1)).unwrap(), 0);
    let blind = [job(1, Status::Complete), job(2, Status::Delivering)];
    assert_eq!(journal.remember(&prod, &number(), blind, at(2)).unwrap(), 0, "regions that were not read are kept");
    let next = [job(2, Status::Failed), job(3, Status::Initializing)];
    assert_eq!(journal.remember(&prod, &number(), next.clone(), at(3)).unwrap(), 3, "one changed, one came, one went");
    assert_eq!(journal.remember(&prod, &number(), jobs, at(2)).unwrap(), 0, "another process has read later");

    let baseline = journal.baseline(&prod).unwrap().unwrap();
    let failed = JobSeen { regions: Some(counts), ..job(2, Status::Failed) };
    assert_eq!(baseline.read_at, at(3));
    assert_eq!(baseline.jobs, [failed, next[1].clone()]);
    assert_eq!(journal.baseline(&target("audit")).unwrap(), None);
    assert!(journal.knows(JobId::new(3)).unwrap(), "also where it never changed");
}

#[test]
fn once_the_account_is_known_it_has_what_its_profile_had() {
    let place = Place::new();
    let mut journal = place.open();
    let (prod, audit) = (target("prod"), target("audit"));
    let before = [1, 2].map(|id| owned(&job(id, Status::Failed), stand_in()));
    let after = [1, 2].map(|id| job(id, Status::Failed));
    let failed = Change::Status { from: Status::Delivering, to: Status::Failed };
    journal.remember(&prod, &stand_in(), before.clone(), at(0)).unwrap();
    journal.record(&before.clone().map(|job| changed(job, failed.clone(), 0))).unwrap();
    journal.acknowledge(&before[0].key, "known", at(1)).unwrap();
    // Another profile of the same account saw one of them, too.
    journal.record(&[Arc::new(Transition { target: audit, ..failure(2, 5).as_ref().clone() })]).unwrap();

    assert_eq!(journal.remember(&prod, &number(), after.clone(), at(2)).unwrap(), 0);
    assert_eq!(journal.baseline(&prod).unwrap().unwrap().jobs, after);
    assert_eq!(journal.acknowledgements().unwrap().into_keys().collect::<Vec<_>>(), [after[0].key.clone()]);
    let owners: Vec<_> = all(&journal).iter().map(|change| change.what.job().unwrap().key.clone()).collect();
    assert_eq!(owners, [after[0].key.clone(), after[1].key.clone()]);
    assert_eq!(journal.record(&[failure(1, 9)]).unwrap(), [false]);
}

#[test]
fn an_acknowledgement_is_shared_changed_and_taken_back() {
    let place = Place::new();
    let (mut first, mut second) = (place.open(), place.open());
    let key = job(1, Status::Failed).key;
    first.acknowledge(&key, "a ticket", at(1)).unwrap();
    second.acknowledge(&key, "\u{1b}[2J\0'; --", at(2)).unwrap();
    let found = first.acknowledgements().unwrap();
    assert_eq!((found.len(), found[&key].at, &*found[&key].note), (1, at(2), "\u{1b}[2J\0'; --"));
    first.take_back(&key).unwrap();
    first.take_back(&key).unwrap();
    assert!(second.acknowledgements().unwrap().is_empty());
}

#[test]
fn a_visit_knows_when_the_last_one_ended() {
    let place = Place::new();
    let mut journal = place.open();
    assert_eq!(journal.visit_begin(at(0)).unwrap(), None);
    journal.visit_end(at(10)).unwrap();
    journal.visit_end(at(99)).unwrap();
    assert_eq!(journal.visit_begin(at(20)).unwrap(), Some(at(10)));
    drop(journal);
    assert_eq!(
        place.open().visit_begin(at(40)).unwrap(),
        Some(at(20)),
        "one that was cut off counts from its beginning"
    );
}

#[test]
fn what_is_too_old_is_forgotten_at_the_next_start() {
    let place = Place::new();
    let days = |days: i64| -> Timestamp { now() - TimeDelta::days(days) };
    let seen = |id: i64, by: Timestamp| {
        Arc::new(Transition { seen: Seen { after: None, by }, ..failure(id, 0).as_ref().clone() })
    };
    let mut journal = place.open();
    journal.record(&[seen(1, days(RETENTION_DAYS + 1)), seen(2, days(RETENTION_DAYS - 1))]).unwrap();
    journal.remember(&target("old"), &number(), [job(3, Status::Failed)], days(RETENTION_DAYS + 1)).unwrap();
    journal.remember(&target("new"), &number(), [job(4, Status::Failed)], days(1)).unwrap();
    for id in [3, 4] {
        journal.acknowledge(&job(id, Status::Failed).key, "", days(RETENTION_DAYS + 1)).unwrap();
    }
    journal.visit_begin(days(RETENTION_DAYS + 2)).unwrap();
    drop(journal);
    let mut journal = place.open();
    let known = [1, 2, 3, 4].map(|id| journal.knows(JobId::new(id)).unwrap());
    assert_eq!(known, [false, true, false, true]);
    let acknowledged: Vec<_> = journal.acknowledgements().unwrap().into_keys().map(|key| key.id.get()).collect();
    assert_eq!(acknowledged, [4], "as long as the job is listed");
    assert_eq!(journal.visit_begin(now()).unwrap(), None);
}

#[test]
fn a_read_of_the_same_moment_undoes_nothing() {
    let mut journal = Place::new().open();
    let (prod, early) = (target("prod"), job(1, Status::Delivering));
    let late = JobSeen {
        status: Status::Failed,
        updated: early.updated.map(|at| at + TimeDelta::seconds(9)),
        ..early.clone()
    };
    journal.remember(&prod, &number(), [late.clone(), job(2, Status::Failed)], at(5)).unwrap();
    assert_eq!(journal.remember(&prod, &number(), [early.clone()], at(5) + TimeDelta::microseconds(9)).unwrap(), 0);
    assert_eq!(journal.baseline(&prod).unwrap().unwrap().jobs, [late.clone(), job(2, Status::Failed)]);
    assert_eq!(
        journal.remember(&prod, &number(), [early, job(3, Status::Failed)], at(5)).unwrap(),
        1,
        "what came is kept"
    );
    assert_eq!(journal.remember(&prod, &number(), [late], at(6)).unwrap(), 2, "the others went");
}
