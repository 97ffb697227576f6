//! Lists that change while they are read, held against the log of what there was; and the log of what was asked.

#![allow(clippy::unwrap_used)] // Also in the helpers: what goes wrong there must end the test.

use std::{collections::BTreeSet, io::Write, net::TcpStream, thread, time::Duration};

use trailwatch::{
    emulator::{Change, Churn, Config, Emulator, Fault, FaultKind, ListOrder, Operation, Quota, Scenario},
    job::JobId,
};

use crate::{
    CREATE, DELETE, GET, LIST, call,
    caller::{Call, Hand, emulator},
};

const ORDERS: [ListOrder; 3] = [ListOrder::NewestFirst, ListOrder::OldestFirst, ListOrder::Shuffled];
const RESTLESS: Churn = Churn { insert: 0.5, delete: 0.5, reorder: 0.3 };

fn churning(seed: u64, order: ListOrder, churn: Churn) -> (Emulator, Hand) {
    emulator(Config { jobs: 50, seed, order, churn, quota: Quota::UNLIMITED, ..Config::default() })
}

/// One page: its ids in their order, and the whole count.
fn page(emulator: &Emulator, hand: &Hand, number: usize, size: usize) -> (Vec<JobId>, usize) {
    let answer = call(emulator, hand, LIST, &format!("PageNumber={number}&PageSize={size}")).good();
    let jobs = answer["DeliveryHistoryJobs"].as_array().unwrap();
    let ids = jobs.iter().map(|job| JobId::new(job["JobId"].as_i64().unwrap())).collect();
    (ids, answer["TotalCount"].as_u64().unwrap() as usize)
}

fn set(ids: &[JobId]) -> BTreeSet<JobId> {
    ids.iter().copied().collect()
}

#[test]
fn the_log_agrees_with_what_each_page_shows() {
    for (seed, order) in (1..5).flat_map(|seed| ORDERS.map(|order| (seed, order))) {
        let (emulator, hand) = churning(seed, order, RESTLESS);
        let me = emulator.identities()[0].account.clone();
        for call in 1..=60 {
            let (ids, total) = page(&emulator, &hand, 1, 100);
            assert_eq!(emulator.last_call(), call);
            let there = emulator.present_throughout(&me, &(call..=call));
            assert_eq!((set(&ids), total), (there.clone(), ids.len()), "call {call} of seed {seed}, {order:?}");
            assert_eq!(emulator.ever_present(&me, &(call..=call)), there);
        }
        let events = emulator.truth();
        let count = |wanted: fn(&Change) -> bool| events.iter().filter(|event| wanted(&event.what)).count();
        let inserted = count(|what| matches!(what, Change::Inserted(_)));
        let deleted = count(|what| matches!(what, Change::Deleted(_)));
        let reordered = count(|what| matches!(what, Change::Reordered));
        assert!(inserted > 10 && deleted > 10 && reordered > 5, "{inserted} {deleted} {reordered}");
        assert!(events.iter().all(|event| event.account == me && event.after_call < 60));
        assert!(events.is_sorted_by_key(|event| event.after_call));
    }
}

#[test]
fn a_naive_sweep_loses_jobs_that_lived_through_it_even_where_the_count_adds_up() {
    let (mut lost, mut deceived) = (0, 0);
    for (seed, order) in (1..8).flat_map(|seed| ORDERS.map(|order| (seed, order))) {
        let (emulator, hand) = churning(seed, order, Churn { reorder: 0.0, ..RESTLESS });
        let me = emulator.identities()[0].account.clone();
        for _ in 0..5 {
            let from = emulator.last_call() + 1;
            let mut seen = BTreeSet::new();
            let total = (1..=10).map(|number| {
                let (ids, total) = page(&emulator, &hand, number, 10);
                seen.extend(ids);
                total
            });
            let total = total.last().unwrap();
            let calls = from..=emulator.last_call();
            assert!(seen.is_subset(&emulator.ever_present(&me, &calls)));
            if !emulator.present_throughout(&me, &calls).is_subset(&seen) {
                lost += 1;
                deceived += usize::from(seen.len() == total);
            }
        }
    }
    assert!(lost > 20 && deceived > 0, "{lost} sweeps lost jobs, {deceived} of them unnoticed");
}

#[test]
fn jobs_slip_in_at_the_front_in_the_middle_and_at_the_back() {
    let (emulator, hand) = churning(3, ListOrder::NewestFirst, Churn { insert: 1.0, ..Churn::NONE });
    let (mut before, _) = page(&emulator, &hand, 1, 100);
    let (mut front, mut middle, mut back) = (0, 0, 0);
    for _ in 0..40 {
        let (after, _) = page(&emulator, &hand, 1, 100);
        let place = after.iter().position(|id| !before.contains(id)).unwrap();
        match place {
            0 => front += 1,
            place if place == before.len() => back += 1,
            _ => middle += 1,
        }
        let mut without = after.clone();
        without.remove(place);
        assert_eq!(without, before, "all others stay where they were");
        before = after;
    }
    assert!(front > 5 && middle > 5 && back > 5, "{front} {middle} {back}");
}

#[test]
fn churn_begins_and_ends_while_it_runs() {
    let (emulator, hand) = churning(1, ListOrder::default(), Churn::NONE);
    let read = || page(&emulator, &hand, 1, 100);
    let still = read();
    assert_eq!(read(), still);
    emulator.set_churn(Churn { delete: 2.0, ..Churn::NONE });
    assert_eq!((read().1, read().1), (48, 46));
    call(&emulator, &hand, GET, "JobId=1");
    emulator.set_churn(Churn::NONE);
    let after = read();
    assert_eq!((after.1, read()), (46, after), "only lists change it");
    emulator.set_churn(Churn { delete: 100.0, reorder: 1.0, ..Churn::NONE });
    assert_eq!((read().1, read().1), (0, 0), "no more can go than there are");
}

#[test]
fn the_same_seed_and_calls_have_the_same_churn() {
    let record = |seed| {
        let (emulator, hand) = churning(seed, ListOrder::Shuffled, RESTLESS);
        let answers = (0..20).map(|_| call(&emulator, &hand, LIST, "PageSize=100")).collect::<Vec<_>>();
        (answers, emulator.truth())
    };
    let one = record(7);
    assert_eq!(one, record(7));
    assert_ne!(one.1, record(8).1);
}

#[test]
fn what_clients_and_scripts_do_is_in_the_log() {
    let (still, hand) = churning(1, ListOrder::OldestFirst, Churn::NONE);
    let (ids, _) = page(&still, &hand, 1, 100);
    assert!(ids.is_sorted(), "the oldest first");
    call(&still, &hand, DELETE, &format!("JobId={}", ids[7])).good();
    let created = call(&still, &hand, CREATE, "TrailName=audit-all").good()["JobId"].as_i64().unwrap();
    let (after, _) = page(&still, &hand, 1, 100);
    assert_eq!(after.last(), Some(&JobId::new(created)));
    let log: Vec<_> = still.truth().iter().map(|event| (event.after_call, event.what)).collect();
    assert_eq!(log, [(2, Change::Deleted(ids[7])), (3, Change::Inserted(JobId::new(created)))]);

    let (living, hand) = emulator(Config { scenario: Scenario::Living, ..Config::default() });
    page(&living, &hand, 1, 20);
    assert_eq!(living.truth(), [], "what was there at the start did not change");
    hand.pass(600_000);
    let (ids, _) = page(&living, &hand, 1, 20);
    let log: Vec<_> = living.truth().iter().map(|event| (event.after_call, event.what)).collect();
    assert_eq!(log, [(1, Change::Inserted(ids[0]))]);
}

#[test]
fn every_request_is_recorded_as_it_arrived() {
    let (emulator, hand) = emulator(Config::default());
    let [me, _, denied, ..] = emulator.identities() else { panic!("a user without permissions") };
    let mut nobody = me.clone();
    nobody.key_id = "LTAI5tNobodyNobodyNobody".into();
    Call::new(me, &hand, LIST, "").send(&emulator);
    Call::new(denied, &hand, GET, "JobId=1").send(&emulator);
    Call::new(&nobody, &hand, LIST, "").send(&emulator);
    Call::new(me, &hand, "Nonsense", "").send(&emulator);
    emulator.set_faults(vec![Fault::always(FaultKind::Html)]);
    Call::new(me, &hand, LIST, "").send(&emulator);
    emulator.set_faults(vec![Fault::always(FaultKind::Hang)]);
    let mut hanging = TcpStream::connect(emulator.url().trim_start_matches("http://")).unwrap();
    hanging.write_all(&Call::new(me, &hand, LIST, "").bytes()).unwrap();
    while emulator.last_call() < 6 {
        thread::sleep(Duration::from_millis(5));
    }
    let calls = emulator.calls();
    let (mine, list) = (Some(me.account.clone()), Some(Operation::ListJobs));
    let wanted = [
        (mine.clone(), list, Some(200), None),
        (mine.clone(), Some(Operation::GetJob), Some(403), None),
        (None, list, Some(404), None),
        (mine.clone(), None, Some(404), None),
        (mine.clone(), list, Some(502), Some(FaultKind::Html)),
        (mine, list, None, Some(FaultKind::Hang)),
    ];
    let seen = calls.iter().map(|call| (call.account.clone(), call.operation, call.status, call.fault));
    assert_eq!(seen.collect::<Vec<_>>(), wanted);
    assert!(calls.iter().map(|call| call.number.unwrap()).eq(1..=6));
    assert!(calls.is_sorted_by_key(|call| call.at));
}

#[test]
fn a_call_counts_when_it_arrives_and_not_when_it_is_answered() {
    let latency = Duration::from_secs(60);
    let (emulator, hand) = emulator(Config { latency, ..Config::default() });
    let mut waiting = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(emulator.url().trim_start_matches("http://")).unwrap();
        stream.write_all(&Call::new(&emulator.identities()[0], &hand, LIST, "").bytes()).unwrap();
        waiting.push(stream);
    }
    while emulator.calls().len() < 3 {
        thread::sleep(Duration::from_millis(5));
    }
    assert!(emulator.calls().iter().all(|call| call.number.is_none() && call.status.is_none()));
    assert!((1..=3).contains(&emulator.busiest_second(Operation::ListJobs)));
    assert_eq!(emulator.busiest_second(Operation::GetJob), 0);
}
