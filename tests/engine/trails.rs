//! Trails beside the jobs, over real HTTP: who is asked what and how often, and what is known without a permission.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    time::Duration,
};

use chrono::{TimeDelta, Utc};
use trailwatch::{
    cli::demo_targets,
    emulator::{Config, Emulator, Fault, FaultKind, Operation},
    engine::{self, Command, Depth, Fate, Health, Scope, Setup, Snapshot, TargetSpec, TargetState, TrailOf},
    job::ProfileName,
};

use crate::watched::{Watched, setup, target};

fn deep(targets: Vec<TargetSpec>, interval: Duration) -> Setup {
    Setup { depth: Depth::Trails, patience: Duration::from_secs(10), ..setup(targets, interval) }
}

fn calls(emulator: &Emulator) -> [u64; 2] {
    [Operation::DescribeTrails, Operation::GetTrailStatus].map(|operation| emulator.stats().calls(operation))
}

fn uncovered(target: &TargetState) -> Vec<&str> {
    let rows = target.trails.rows.iter().filter(|row| row.delivered.is_uncovered(Utc::now()));
    rows.map(|row| &*row.trail.name).collect()
}

fn fares(snapshot: &Snapshot) -> bool {
    snapshot.targets[0].trails.read.is_some() && snapshot.targets[0].trails.statuses.contains_key("legacy-audit")
}

fn is_complete(target: &TargetState) {
    assert_eq!(uncovered(target), ["legacy-audit", "orders-audit"]);
    let Some(Fate::Status(ill)) = target.trails.statuses.get("legacy-audit") else { panic!("{:?}", target.trails) };
    assert!(ill.sls_error.as_deref().unwrap().starts_with("write sls failed"));
    let trail = |name: &str| target.trail_of(target.jobs.rows.iter().find(|job| &*job.trail == name).unwrap());
    assert!(matches!(trail("audit-all"), TrailOf::Known(_)));
    assert!(matches!(trail("retired-audit"), TrailOf::Gone));
}

#[test]
fn trails_are_read_once_and_again_only_when_somebody_asks() {
    let emulator = Emulator::start(Config::default()).unwrap();
    let watched = Watched::with(&deep(vec![target(&emulator)], Duration::from_millis(20)));
    let snapshot = watched.until("trails", fares);
    is_complete(&snapshot.targets[0]);
    let failing = snapshot.targets[0].trails.statuses.len() as u64;
    let polls = emulator.stats().calls(Operation::ListJobs);
    watched.until("more polls", |_| emulator.stats().calls(Operation::ListJobs) > polls + 5);
    assert_eq!(calls(&emulator), [1, failing]);
    watched.engine.send(Command::Refresh(Scope::All));
    watched.until("the read that was asked for", |_| calls(&emulator) == [2, 2 * failing]);
}

#[test]
fn trails_grow_old_slowly_and_how_they_fare_a_little_faster() {
    let ahead = Arc::new(AtomicI64::new(0));
    let shared = Arc::clone(&ahead);
    let clock: engine::Clock = Arc::new(move || Utc::now() + TimeDelta::minutes(shared.load(Relaxed)));
    let emulator = Emulator::start(Config { clock: Arc::clone(&clock), ..Config::default() }).unwrap();
    let setup = Setup { clock, ..deep(vec![target(&emulator)], Duration::from_millis(20)) };
    let watched = Watched::with(&setup);
    watched.until("trails", fares);
    let failing = calls(&emulator)[1];
    for (minutes, expected) in [(11, [1, 2]), (22, [1, 3]), (33, [2, 4])] {
        ahead.store(minutes, Relaxed);
        let expected = [expected[0], expected[1] * failing];
        watched.until("the next questions", |_| calls(&emulator) == expected);
    }
}

#[test]
fn nobody_is_asked_for_what_nobody_needs() {
    let emulator = Emulator::start(Config::default()).unwrap();
    let watched = Watched::start(vec![target(&emulator)], Duration::from_millis(20));
    watched.until("polls", |_| emulator.stats().calls(Operation::ListJobs) > 5);
    engine::read_once(&setup(vec![target(&emulator)], Duration::from_secs(1)), |_, _| ()).unwrap();
    assert_eq!(calls(&emulator), [0, 0]);
}

#[test]
fn a_script_that_needs_trails_has_them_with_one_read() {
    let emulator = Emulator::start(Config::default()).unwrap();
    let snapshot = engine::read_once(&deep(vec![target(&emulator)], Duration::from_secs(1)), |_, _| ()).unwrap();
    is_complete(&snapshot.targets[0]);
    assert_eq!(calls(&emulator)[0], 1);
}

#[test]
fn a_missing_permission_takes_its_feature_away_and_nothing_else() {
    let emulator = Emulator::start(Config::default()).unwrap();
    let as_who = |suffix: &str| {
        let mut targets = demo_targets(&emulator).unwrap();
        targets.retain(|target| target.key.profile.as_str().ends_with(suffix));
        Watched::with(&deep(targets, Duration::from_millis(20)))
    };
    let without_trails = as_who("-no-trails");
    let snapshot = without_trails.until("both refusals", |snapshot| {
        snapshot.targets[0].trails.error.is_some() && snapshot.targets[0].trails.status_error.is_some()
    });
    let target = &snapshot.targets[0];
    assert_eq!((target.jobs.rows.len(), &target.health), (44, &Health::Ok));
    let trails = &target.trails;
    assert!(trails.error.as_ref().unwrap().remedy().contains("actiontrail:DescribeTrails"));
    assert!(trails.status_error.as_ref().unwrap().remedy().contains("actiontrail:GetTrailStatus"));
    let polls = emulator.stats().calls(Operation::ListJobs);
    without_trails.until("more polls", |_| emulator.stats().calls(Operation::ListJobs) > polls + 5);
    assert_eq!(calls(&emulator), [1, 1], "a refusal is left alone");
    without_trails.engine.send(Command::Refresh(Scope::All));
    without_trails.until("another try", |_| calls(&emulator) == [2, 2]);

    let without_get = as_who("-no-get");
    let snapshot = without_get.until("trails", fares);
    assert_eq!(uncovered(&snapshot.targets[0]), ["legacy-audit", "orders-audit"]);
}

#[test]
fn no_second_has_more_questions_about_trails_than_allowed() {
    // Else all but one profile of the account would rest.
    let no_identity = Fault::new(FaultKind::ServiceUnavailable, 1.0).on(&[Operation::GetCallerIdentity]);
    let emulator = Emulator::start(Config { faults: vec![no_identity], ..Config::default() }).unwrap();
    let profile = |number: usize| {
        let mut target = target(&emulator);
        target.key.profile = ProfileName::new(&format!("profile-{number}")).unwrap();
        target
    };
    let setup = Setup { max_qps: 5, ..deep((0..8).map(profile).collect(), Duration::from_secs(3600)) };
    let watched = Watched::with(&setup);
    watched.until("all trails", |snapshot| snapshot.targets.iter().all(|target| target.trails.read.is_some()));
    let busiest = emulator.busiest_second(Operation::DescribeTrails);
    assert!(busiest <= 5, "{busiest} calls in one second");
}
