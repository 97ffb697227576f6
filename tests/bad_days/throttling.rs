//! Throttling: it slows down, waits as long as the service asks, whoever asks meanwhile, and wins its pace back.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use trailwatch::{
    acs::{Endpoint, PlainHttp},
    emulator::{Config, Emulator, Fault, FaultKind, Quota},
    engine::{Command, Scope, Setup, Snapshot},
    job::ProfileName,
};

use crate::{
    days::whole,
    program::{KEYS, run, serve},
    watched::{Watched, is_read, setup, target},
};

/// Longer than snapshots take to be published, so that each read is seen.
const INTERVAL: Duration = Duration::from_millis(300);

fn next_in(snapshot: &Snapshot) -> Duration {
    snapshot.targets[0].read.as_ref().unwrap().next_in
}

fn emulator() -> Emulator {
    Emulator::start(Config { jobs: 3, quota: Quota::UNLIMITED, ..Config::default() }).unwrap()
}

#[test]
fn it_waits_slows_down_and_wins_its_pace_back() {
    for kind in [FaultKind::Throttle, FaultKind::Throttle400] {
        let emulator = emulator();
        let patient = Setup { patience: Duration::from_secs(60), ..setup(vec![target(&emulator)], INTERVAL) };
        let watched = Watched::with(&patient);
        assert_eq!(next_in(&whole(&watched)), INTERVAL);
        emulator.set_faults(vec![Fault::always(kind)]);
        watched.until("a second failure", |snapshot| {
            let struck = emulator.calls().iter().filter(|call| call.fault == Some(kind)).count();
            // Somebody holds `r`, and is not obeyed: it would make things worse.
            watched.engine.send(Command::Refresh(Scope::All));
            struck >= 2 && snapshot.targets[0].health.error().is_some()
        });
        emulator.set_faults(Vec::new());
        let slower = watched.until("a slower pace", |snapshot| next_in(snapshot) > INTERVAL);
        assert_eq!((next_in(&slower), slower.targets[0].is_complete()), (2 * INTERVAL, true));
        watched.until("the pace of before", |snapshot| next_in(snapshot) == INTERVAL);
        let calls = emulator.calls();
        let after_struck = calls.windows(2).filter(|two| two[0].fault.is_some());
        for two in after_struck {
            let waited = two[1].at - two[0].at;
            assert!(waited >= Duration::from_millis(500), "asked again after {waited:?}");
        }
    }
}

#[test]
fn reads_that_were_given_up_slow_it_down_too() {
    let emulator = emulator();
    let watched = Watched::start(vec![target(&emulator)], INTERVAL);
    whole(&watched);
    emulator.set_faults(vec![Fault::always(FaultKind::Throttle400)]);
    watched.until("three failures", |_| emulator.calls().iter().filter(|call| call.fault.is_some()).count() >= 3);
    emulator.set_faults(Vec::new());
    watched.engine.send(Command::Refresh(Scope::All));
    let slower = watched.until("a read", |snapshot| snapshot.targets[0].is_complete());
    assert!(next_in(&slower) >= 4 * INTERVAL, "{:?}", next_in(&slower));
    watched.until("the pace of before", |snapshot| {
        watched.engine.send(Command::Refresh(Scope::All));
        next_in(snapshot) == INTERVAL
    });
}

/// A service that wants to be left alone for so many milliseconds, and how often it was asked for jobs.
fn asks_for_time(millis: u32) -> (String, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let url = serve(move |head| {
        count.fetch_add(usize::from(head.contains("ListDeliveryHistoryJobs")), SeqCst);
        let body = r#"{"RequestId":"R","Code":"ServiceBusy","Message":"later"}"#;
        format!(
            "HTTP/1.1 503 Busy\r\nx-acs-retry-after: {millis}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
    });
    (url, asked)
}

#[test]
fn a_service_that_asks_for_more_time_than_there_is_is_not_asked_again() {
    let (url, asked) = asks_for_time(60_000);
    run(&KEYS, &["list", "--endpoint", &url]).ends(69).says("ServiceBusy (HTTP 503)");
    assert_eq!(asked.load(SeqCst), 1);
}

#[test]
fn whoever_asks_a_service_that_wants_to_be_left_alone_waits() {
    let (url, asked) = asks_for_time(120_000);
    let emulator = emulator();
    let mut busy = target(&emulator);
    busy.key.profile = ProfileName::new("busy").unwrap();
    busy.endpoint = Endpoint::parse(&url, PlainHttp::LoopbackOnly).unwrap();
    let watched = Watched::start(vec![target(&emulator), busy], INTERVAL);
    watched.until("the refusal", |snapshot| snapshot.targets[1].lost.is_some());
    for _ in 0..3 {
        let read = |snapshot: &Snapshot| snapshot.targets[0].read.as_ref().map(|read| read.at);
        let before = read(&watched.engine.snapshot());
        watched.engine.send(Command::Refresh(Scope::All));
        watched.until("the other target's next read", |snapshot| read(snapshot) > before);
    }
    let snapshot = watched.until("trouble", |snapshot| !is_read(snapshot));
    assert_eq!(snapshot.targets[1].health.error().unwrap().code(), "ServiceBusy");
    assert_eq!(asked.load(SeqCst), 1);
}
