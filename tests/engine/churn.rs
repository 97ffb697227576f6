//! Lists that change while they are read, over real HTTP: no job that was there is missing from what is believed, none is
//! called gone that lives.

use std::{collections::BTreeSet, time::Duration};

use trailwatch::{
    emulator::{Change as Truth, Churn, Config, Emulator, Fault, FaultKind, ListOrder, Operation, Quota},
    engine::{Command, Quality, Scope, Setup, Snapshot, TargetState, Why, read_once},
    job::{Change, JobId, Timestamp, What},
};

use crate::watched::{Watched, setup, target};

const HOUR: Duration = Duration::from_secs(3600);

const ORDERS: [ListOrder; 3] = [ListOrder::NewestFirst, ListOrder::OldestFirst, ListOrder::Shuffled];

/// Now and then something moves between two pages.
const LIVELY: Churn = Churn { insert: 0.1, delete: 0.1, reorder: 0.05 };

/// Something moves between any two pages.
const RESTLESS: Churn = Churn { insert: 1.0, delete: 1.0, reorder: 0.3 };

/// Three pages of jobs.
fn churning(seed: u64, order: ListOrder, churn: Churn) -> Emulator {
    Emulator::start(Config { jobs: 250, seed, order, churn, quota: Quota::UNLIMITED, ..Config::default() }).unwrap()
}

fn quick(emulator: &Emulator) -> Setup {
    let patience = Duration::from_secs(10);
    Setup { max_qps: 1000, patience, ..setup(vec![target(emulator)], Duration::from_millis(1)) }
}

fn ids(target: &TargetState) -> BTreeSet<JobId> {
    target.jobs.rows.iter().map(|job| job.id).collect()
}

fn read_at(snapshot: &Snapshot) -> Timestamp {
    snapshot.targets[0].read.as_ref().unwrap().at
}

fn is_whole(target: &TargetState) -> bool {
    target.read.as_ref().is_some_and(|read| read.quality == Quality::Whole)
}

#[test]
fn a_read_that_is_believed_lacks_no_job_that_lived_through_it() {
    let (mut whole, mut torn) = (0, 0);
    for (seed, order) in (1..4).flat_map(|seed| ORDERS.map(|order| (seed, order))) {
        let emulator = churning(seed, order, LIVELY);
        let account = &emulator.identities()[0].account;
        for _ in 0..10 {
            let first = emulator.last_call() + 1;
            let snapshot = read_once(&quick(&emulator), |_, _| ()).unwrap();
            let calls = first..=emulator.last_call();
            let target = &snapshot.targets[0];
            assert!(ids(target).is_subset(&emulator.ever_present(account, &calls)), "nothing is made up");
            if is_whole(target) {
                let lived = emulator.present_throughout(account, &calls);
                assert!(lived.is_subset(&ids(target)), "seed {seed}, {order:?}, calls {calls:?}");
                whole += 1;
            } else {
                assert!(!target.is_complete());
                torn += 1;
            }
        }
    }
    assert!(whole > 10 && torn > 10, "{whole} whole reads, {torn} torn ones");
}

#[test]
fn polls_lose_no_job_and_call_none_gone_that_lives() {
    for order in ORDERS {
        let emulator = churning(7, order, Churn::NONE);
        let account = &emulator.identities()[0].account;
        let watched = Watched::with(&Setup { interval: HOUR, idle_interval: HOUR, ..quick(&emulator) });
        let mut last = watched.until("a whole read", |snapshot| is_whole(&snapshot.targets[0]));
        emulator.set_churn(LIVELY);
        let mut whole = 0;
        while whole < 10 {
            // Nothing is under way: the next read makes all of these calls.
            let first = emulator.last_call() + 1;
            watched.engine.send(Command::Refresh(Scope::All));
            last = watched.until("the next read", |snapshot| read_at(snapshot) > read_at(&last));
            let target = &last.targets[0];
            if is_whole(target) {
                let calls = first..=emulator.last_call();
                let lived = emulator.present_throughout(account, &calls);
                assert!(lived.is_subset(&ids(target)), "{order:?}, calls {calls:?}");
                whole += 1;
            }
        }
        emulator.set_churn(Churn::NONE);
        watched.engine.send(Command::Refresh(Scope::All));
        let read = read_at(&last);
        last = watched.until("that all that are missing are asked for", |snapshot| {
            read_at(snapshot) > read && snapshot.targets[0].unlisted.is_empty()
        });
        let deleted: BTreeSet<JobId> = emulator.truth().iter().filter_map(deleted).collect();
        let gone: Vec<JobId> = last.log.iter().filter_map(|change| gone(&change.what)).collect();
        assert!(gone.len() > 5 && gone.iter().all(|id| deleted.contains(id)), "{gone:?}");
        let once: BTreeSet<&JobId> = gone.iter().collect();
        assert_eq!(once.len(), gone.len(), "each goes once");
    }
}

fn deleted(event: &trailwatch::emulator::TruthEvent) -> Option<JobId> {
    if let Truth::Deleted(id) = event.what { Some(id) } else { None }
}

fn gone(what: &What) -> Option<JobId> {
    if let What::Job(job, Change::Gone) = what { Some(job.key.id) } else { None }
}

#[test]
fn a_job_that_the_list_lacks_is_gone_when_the_service_says_so() {
    let emulator = churning(1, ListOrder::default(), Churn::NONE);
    let watched = Watched::with(&quick(&emulator));
    let before = watched.until("a whole read", |snapshot| is_whole(&snapshot.targets[0]));
    emulator.set_faults(vec![Fault::always(FaultKind::ServiceUnavailable).on(&[Operation::GetJob])]);
    emulator.set_churn(Churn { delete: 2.0, ..Churn::NONE });
    watched.until("that jobs are missing", |snapshot| {
        if emulator.truth().len() >= 10 {
            emulator.set_churn(Churn::NONE);
        }
        !snapshot.targets[0].unlisted.is_empty()
    });
    emulator.set_churn(Churn::NONE);
    let kept = watched.until("all that are missing", |snapshot| {
        is_whole(&snapshot.targets[0]) && snapshot.targets[0].unlisted.len() == emulator.truth().len()
    });
    let known = emulator.truth();
    assert_eq!(ids(&kept.targets[0]), ids(&before.targets[0]), "nobody said that they are gone");
    assert!(kept.log.iter().all(|change| gone(&change.what).is_none()));

    emulator.set_faults(Vec::new());
    let after = watched.until("that all of them are gone", |snapshot| {
        snapshot.log.iter().filter(|change| gone(&change.what).is_some()).count() == known.len()
    });
    let target = &after.targets[0];
    assert!(target.unlisted.is_empty() && ids(target).len() == 250 - known.len());
}

#[test]
fn a_list_that_never_rests_is_read_three_times_and_not_believed() {
    let emulator = churning(1, ListOrder::default(), RESTLESS);
    let snapshot = read_once(&quick(&emulator), |_, _| ()).unwrap();
    let target = &snapshot.targets[0];
    assert_eq!(target.read.as_ref().unwrap().quality, Quality::Unconfirmed(Why::Moved { reads: 3 }));
    assert!(!target.is_complete());
    let calls = emulator.stats().calls(Operation::ListJobs);
    assert!((9..=12).contains(&calls), "{calls} calls for three reads of three or four pages");
}
