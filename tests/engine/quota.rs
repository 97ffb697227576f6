//! The quota as the server counts it: no second has more calls of one account than it may, whatever goes wrong and whoever asks.

use std::{
    thread,
    time::{Duration, Instant},
};

use trailwatch::{
    cli::demo_targets,
    emulator::{Config, Emulator, Fault, FaultKind, Operation, Quota, Scenario},
    engine::{Command, Depth, Interest, Scope, Setup, TargetSpec, read_once},
    job::ProfileName,
};

use crate::watched::{DEADLINE, Watched, is_read, setup, target};

const MAX_QPS: u32 = 5;

/// Nobody is told whose a key is: else all but one profile of an account would rest.
fn no_identity() -> Fault {
    Fault::new(FaultKind::ServiceUnavailable, 1.0).on(&[Operation::GetCallerIdentity])
}

/// So many profiles that have the same key, and so the same account.
fn profiles_of_one_key(emulator: &Emulator, count: usize) -> Vec<TargetSpec> {
    let profile = |number: usize| {
        let mut target = target(emulator);
        target.key.profile = ProfileName::new(&format!("profile-{number}")).unwrap();
        target
    };
    (0..count).map(profile).collect()
}

/// Waits for so many calls; meanwhile `r` is held, as fast as a keyboard repeats it.
fn hold_r(watched: &Watched, emulator: &Emulator, operation: Operation, calls: u64) {
    let deadline = Instant::now() + DEADLINE;
    while emulator.stats().calls(operation) < calls {
        assert!(Instant::now() < deadline, "{:?}", emulator.stats());
        watched.engine.send(Command::Refresh(Scope::All));
        thread::sleep(Duration::from_millis(30));
    }
}

#[test]
fn no_second_has_more_lists_than_allowed_with_20_targets_retries_throttling_and_a_user_who_holds_r() {
    use Operation::{GetJob, ListJobs};
    let faults = [
        Fault::new(FaultKind::ServiceUnavailable, 0.2),
        Fault::new(FaultKind::Throttle, 0.05),
        Fault::new(FaultKind::Throttle400, 0.05),
        Fault::new(FaultKind::Reset, 0.1),
        Fault::new(FaultKind::Hang, 0.05),
        Fault::new(FaultKind::Nonce, 0.1),
    ];
    let faults = faults.map(|fault| fault.on(&[ListJobs, GetJob])).into_iter().chain([no_identity()]).collect();
    let emulator = Emulator::start(Config { jobs: 150, faults, ..Config::default() }).unwrap();
    let setup = Setup {
        max_qps: MAX_QPS,
        patience: Duration::from_secs(1),
        ..setup(profiles_of_one_key(&emulator, 20), Duration::from_millis(10))
    };
    let watched = Watched::with(&setup);
    hold_r(&watched, &emulator, Operation::ListJobs, 40);
    let busiest = emulator.busiest_second(Operation::ListJobs);
    assert!(busiest <= MAX_QPS as usize, "{busiest} calls in one second");
    assert!(emulator.calls().iter().any(|call| call.fault.is_some()), "there was trouble");
}

#[test]
fn no_second_has_more_gets_than_allowed() {
    let emulator =
        Emulator::start(Config { scenario: Scenario::Living, faults: vec![no_identity()], ..Config::default() })
            .unwrap();
    let setup = Setup { max_qps: MAX_QPS, ..setup(profiles_of_one_key(&emulator, 20), Duration::from_millis(10)) };
    let watched = Watched::with(&setup);
    let snapshot = watched.until("a read of every target", is_read);
    emulator.set_faults(vec![no_identity(), Fault::new(FaultKind::InternalError, 0.3).on(&[Operation::GetJob])]);
    // Somebody looks at one job after the other, too.
    for job in &snapshot.targets[0].jobs.rows[..10] {
        watched.engine.set_interest(Interest { selected: Some(snapshot.targets[0].job_key(job)) });
        let asked = emulator.stats().calls(Operation::GetJob) + 2;
        hold_r(&watched, &emulator, Operation::GetJob, asked);
    }
    for operation in [Operation::GetJob, Operation::ListJobs] {
        let busiest = emulator.busiest_second(operation);
        assert!(busiest <= MAX_QPS as usize, "{busiest} calls of {operation:?} in one second");
    }
}

/// Profiles with keys of their own, all of one account. Those who may do less may still list.
fn keys_of_one_account(emulator: &Emulator) -> Vec<TargetSpec> {
    let mut targets = demo_targets(emulator).unwrap();
    let place = targets[0].key.region.clone();
    targets.retain(|target| target.key.region == place && !target.key.profile.as_str().contains("denied"));
    assert!(targets.len() >= 4, "{targets:?}");
    targets
}

#[test]
fn profiles_of_one_account_share_its_quota_from_the_first_call_on() {
    for latency in [0, 50].map(Duration::from_millis) {
        let emulator = Emulator::start(Config { jobs: 350, latency, ..Config::default() }).unwrap();
        let targets = keys_of_one_account(&emulator);
        let account = emulator.identities()[0].account.clone();
        assert!(targets.iter().all(|target| {
            emulator
                .identities()
                .iter()
                .any(|identity| identity.profile == target.key.profile.as_str() && identity.account == account)
        }));
        let setup = Setup {
            max_qps: MAX_QPS,
            patience: Duration::from_secs(10),
            depth: Depth::Trails,
            ..setup(targets, Duration::from_millis(100))
        };
        read_once(&setup, |_, _| ()).unwrap();
        let once = emulator.stats().calls(Operation::ListJobs);
        thread::sleep(Duration::from_millis(1_100)); // the next run knows nothing of this one's calls
        let watched = Watched::with(&setup);
        watched.until("twins", |snapshot| snapshot.targets.iter().filter(|target| target.twin.is_some()).count() > 2);
        hold_r(&watched, &emulator, Operation::ListJobs, once + 12);
        for operation in [Operation::ListJobs, Operation::GetJob, Operation::DescribeTrails] {
            let busiest = emulator.busiest_second(operation);
            assert!(busiest <= MAX_QPS as usize, "{busiest} calls of {operation:?} in one second");
        }
        assert_eq!(emulator.stats().throttled, 0);
    }
}

#[test]
fn an_sts_that_is_silent_holds_nobody_up_for_long() {
    let silent = Fault::new(FaultKind::Hang, 1.0).on(&[Operation::GetCallerIdentity]);
    let emulator = Emulator::start(Config { jobs: 5, faults: vec![silent], ..Config::default() }).unwrap();
    let setup = setup(keys_of_one_account(&emulator), Duration::from_millis(100));
    let watched = Watched::with(&setup);
    let calls = emulator.stats().calls(Operation::ListJobs);
    watched.until("a read of every target", is_read);
    hold_r(&watched, &emulator, Operation::ListJobs, calls + 40);
}

#[test]
fn waiting_for_a_place_within_the_quota_is_no_trouble() {
    let emulator = Emulator::start(Config {
        jobs: 350,
        quota: Quota::UNLIMITED,
        faults: vec![no_identity()],
        ..Config::default()
    })
    .unwrap();
    let setup = Setup {
        max_qps: MAX_QPS,
        patience: Duration::from_secs(2),
        ..setup(profiles_of_one_key(&emulator, 5), Duration::from_secs(3600))
    };
    // Two reads of four pages by five targets are eight seconds of the quota, and nobody's patience ends.
    let watched = Watched::with(&setup);
    let whole = watched.until("a whole read of every target", |snapshot| {
        for target in snapshot.targets.iter() {
            assert_eq!(target.health.error(), None);
        }
        snapshot.targets.iter().all(|target| target.is_complete())
    });
    assert!(whole.targets.iter().all(|target| target.jobs.rows.len() == 350));
}
