//! The engine against the embedded endpoint, over real HTTP: what it reads, obeys and survives.
//!
//! Nothing sleeps to be in step: each test waits for a snapshot that shows what it is about.

#![allow(clippy::unwrap_used)]

mod accounts;
mod churn;
mod quota;
mod regions;
mod steady;
mod trails;
mod watched;

use std::{net::TcpListener, time::Duration};

use trailwatch::{
    acs::{Endpoint, PlainHttp},
    cli::demo_targets,
    emulator::{Config, Emulator, Fault, FaultKind, Operation, Scenario},
    engine::{Command, Freshness, Health, Interest, Scope, Setup, Snapshot},
    job::ProfileName,
};

use crate::watched::{Watched, is_read, setup, target};

fn still(jobs: usize) -> Emulator {
    Emulator::start(Config { jobs, scenario: Scenario::Still, ..Config::default() }).unwrap()
}

#[test]
fn all_pages_become_one_snapshot() {
    let emulator = still(250);
    let watched = Watched::start(vec![target(&emulator)], Duration::from_secs(3600));
    // A first read of several pages may be shown before a second one has confirmed it.
    let snapshot = watched.until("a whole read", |snapshot| snapshot.targets[0].is_complete());
    let read = &snapshot.targets[0];
    assert_eq!((read.jobs.rows.len(), read.read.as_ref().unwrap().request_ids.len()), (250, 3));
}

#[test]
fn active_jobs_and_the_selected_one_get_their_regions() {
    let emulator = Emulator::start(Config { scenario: Scenario::Demo, ..Config::default() }).unwrap();
    let watched = Watched::start(vec![target(&emulator)], Duration::from_secs(1));
    let active = |snapshot: &Snapshot| {
        let target = &snapshot.targets[0];
        let active = target.jobs.rows.iter().find(|job| job.status.is_active()).map(|job| job.id);
        active.is_some_and(|id| target.regions.get(&id).is_some_and(|regions| !regions.rows.is_empty()))
    };
    let snapshot = watched.until("the regions of the active job", active);
    let target = &snapshot.targets[0];
    let settled = target.jobs.rows.iter().find(|job| !job.status.is_active()).unwrap();
    assert!(!target.regions.contains_key(&settled.id), "nobody looks at a settled job");
    watched.engine.set_interest(Interest { selected: Some(target.job_key(settled)) });
    let id = settled.id;
    watched.until("the regions of the selected job", |snapshot| snapshot.targets[0].regions.contains_key(&id));
}

#[test]
fn a_dead_endpoint_holds_up_nobody_else() {
    let emulator = still(3);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = format!("http://{}", silent.local_addr().unwrap());
    let mut other = target(&emulator);
    other.key.profile = ProfileName::new("dead").unwrap();
    other.endpoint = Endpoint::parse(&dead, PlainHttp::LoopbackOnly).unwrap();
    let watched = Watched::start(vec![other, target(&emulator)], Duration::from_secs(1));
    let snapshot = watched.until("the other target's read", |snapshot| snapshot.targets[1].read.is_some());
    assert!(snapshot.targets[0].read.is_none());
    let failed = watched.until("the dead one's error", |snapshot| snapshot.targets[0].health.error().is_some());
    assert!(matches!(failed.targets[0].health, Health::Retrying { .. }), "{:?}", failed.targets[0].health);
    drop(watched);
}

#[test]
fn a_failed_read_keeps_the_last_whole_one_and_heals() {
    let emulator = still(3);
    let url = emulator.url();
    let watched = Watched::start(vec![target(&emulator)], Duration::from_secs(1));
    watched.until("a read", is_read);
    drop(emulator);
    let broken = watched.until("trouble", |snapshot| snapshot.targets[0].health.error().is_some());
    assert_eq!(broken.targets[0].jobs.rows.len(), 3);
    let port = url.rsplit(':').next().unwrap().parse().unwrap();
    let _again = Emulator::start(Config { port, jobs: 3, scenario: Scenario::Still, ..Config::default() }).unwrap();
    watched.until("the end of trouble", |snapshot| snapshot.targets[0].health == Health::Ok);
}

#[test]
fn a_refusal_is_left_alone_until_somebody_asks() {
    let emulator = still(3);
    let mut targets = demo_targets(&emulator).unwrap();
    targets.retain(|target| target.key.profile.as_str().contains("denied"));
    let watched = Watched::start(targets, Duration::from_secs(1));
    let refused = watched.until("the refusal", |snapshot| snapshot.targets[0].health.error().is_some());
    let freshness = refused.targets[0].freshness(refused.interval, chrono::Utc::now());
    assert_eq!(freshness, Freshness::Refused);
    assert_eq!(emulator.stats().calls(Operation::ListJobs), 1);
    watched.engine.send(Command::Refresh(Scope::All));
    watched.until("another try", |_| emulator.stats().calls(Operation::ListJobs) == 2);
}

#[test]
fn a_paused_target_is_read_only_when_somebody_asks() {
    let emulator = still(3);
    let watched = Watched::start(vec![target(&emulator)], Duration::from_secs(3600));
    let first = watched.until("a read", is_read).targets[0].read.as_ref().unwrap().at;
    watched.engine.send(Command::Pause(Scope::All));
    watched.until("the pause", |snapshot| snapshot.targets[0].paused);
    // The hourly read would be due at once.
    watched.engine.send(Command::Interval(Duration::from_secs(1)));
    watched.engine.send(Command::Refresh(Scope::All));
    let asked =
        watched.until("the read that was asked for", |snapshot| snapshot.targets[0].read.as_ref().unwrap().at > first);
    assert!(asked.targets[0].paused);
    assert_eq!(emulator.stats().calls(Operation::ListJobs), 2);
    watched.engine.send(Command::Resume(Scope::All));
    watched.until("polling", |snapshot| !snapshot.targets[0].paused);
    let resumed = asked.targets[0].read.as_ref().unwrap().at;
    watched.until("the next read", |snapshot| snapshot.targets[0].read.as_ref().unwrap().at > resumed);
}

#[test]
fn a_paused_target_stays_paused_however_often_it_is_asked_for_in_trouble() {
    let emulator = still(3);
    let (interval, patience) = (Duration::from_millis(20), Duration::from_secs(30));
    let watched = Watched::with(&Setup { patience, ..setup(vec![target(&emulator)], interval) });
    watched.until("a read", is_read);
    watched.engine.send(Command::Pause(Scope::All));
    watched.until("the pause", |snapshot| snapshot.targets[0].paused);
    emulator.set_faults(vec![Fault::always(FaultKind::ServiceUnavailable)]);
    watched.engine.send(Command::Refresh(Scope::All));
    watched.until("trouble", |snapshot| snapshot.targets[0].health.error().is_some());
    emulator.set_faults(Vec::new());
    let read_at = |snapshot: &Snapshot| snapshot.targets[0].read.as_ref().unwrap().at;
    let read = || {
        let before = read_at(&watched.engine.snapshot());
        watched.engine.send(Command::Refresh(Scope::All));
        watched.until("the read that was asked for", |snapshot| read_at(snapshot) > before);
    };
    read();
    let before = emulator.stats().calls(Operation::ListJobs);
    (0..10).for_each(|_| read());
    assert_eq!(emulator.stats().calls(Operation::ListJobs), before + 10, "it is not polled");
}

#[test]
fn a_shorter_interval_holds_at_once() {
    let emulator = still(3);
    let watched = Watched::start(vec![target(&emulator)], Duration::from_secs(3600));
    let first = watched.until("a read", is_read).targets[0].read.as_ref().unwrap().at;
    watched.engine.send(Command::Interval(Duration::from_secs(1)));
    let next = watched.until("the next read", |snapshot| snapshot.targets[0].read.as_ref().unwrap().at > first);
    assert_eq!(next.interval, Duration::from_secs(1));
}
