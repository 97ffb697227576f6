//! Two profiles of one account: who they are is asked of the service, and one of them is read.

use std::{sync::Arc, time::Duration};

use trailwatch::{
    emulator::{Config, Emulator, Operation},
    engine::{Depth, Freshness, Interest, Setup, Snapshot, TargetSpec},
    job::{ProfileName, TargetKey},
};

use crate::watched::{Watched, setup, target};

/// The same account behind a port of its own.
fn emulator(port: u16) -> Emulator {
    Emulator::start(Config { port, jobs: 5, ..Config::default() }).unwrap()
}

fn called(emulator: &Emulator, name: &str) -> TargetSpec {
    let spec = target(emulator);
    TargetSpec { key: TargetKey { profile: ProfileName::new(name).unwrap(), ..spec.key.clone() }, ..spec }
}

fn freshness(snapshot: &Snapshot, at: usize) -> Freshness {
    snapshot.targets[at].freshness(snapshot.interval, chrono::Utc::now())
}

#[test]
fn the_second_of_two_profiles_rests_and_takes_over_while_the_first_fails() {
    let (first, second) = (emulator(0), emulator(0));
    let watched = Watched::start(vec![called(&first, "a"), called(&second, "b")], Duration::from_millis(100));
    // Whose the keys are may be known before the first one was read.
    let is_paired =
        |snapshot: &Snapshot| snapshot.targets[0].read.is_some() && freshness(snapshot, 1) == Freshness::Twin;
    let paired = watched.until("a twin", is_paired);
    assert_eq!(paired.rows().len(), 5, "each job once");
    let number = first.identities()[0].account.clone();
    assert!(paired.targets.iter().all(|target| target.account == Some(number.clone())));
    let resting = second.stats().calls(Operation::ListJobs);
    let before = first.stats().calls(Operation::ListJobs);
    watched.until("three more reads of the first", |_| first.stats().calls(Operation::ListJobs) >= before + 3);
    assert!(second.stats().calls(Operation::ListJobs) <= resting + 1, "but for one that was under way");
    let port = first.url().rsplit(':').next().unwrap().parse().unwrap();
    drop(first);
    let taken = watched.until("the second", |snapshot| snapshot.targets[1].read.is_some());
    assert!(taken.targets[0].lost.is_some() && taken.targets[1].twin.is_none());
    assert_eq!(taken.rows().iter().map(|row| row.target).collect::<Vec<_>>(), [1; 5]);
    let _again = emulator(port);
    let healed = watched.until("a twin again", |snapshot| freshness(snapshot, 1) == Freshness::Twin);
    assert_eq!(healed.rows().len(), 5);
    assert!(healed.log.iter().all(|transition: &Arc<_>| transition.what.job().is_none()), "no job came or went");
    assert_eq!(second.stats().calls(Operation::GetCallerIdentity), 1, "once");
}

#[test]
fn whoever_takes_over_again_learns_of_trails_and_regions_again() {
    let world = |port| Emulator::start(Config { port, ..Config::default() }).unwrap();
    let (first, second) = (world(0), world(0));
    let port = first.url().rsplit(':').next().unwrap().parse().unwrap();
    let targets = vec![called(&first, "a"), called(&second, "b")];
    let watched = Watched::with(&Setup { depth: Depth::Trails, ..setup(targets, Duration::from_millis(100)) });
    watched.until("a twin", |snapshot| freshness(snapshot, 1) == Freshness::Twin);
    drop(first);
    let taken = watched.until("the second", |snapshot| !snapshot.targets[1].jobs.rows.is_empty());
    let settled = taken.targets[1].jobs.rows.iter().find(|job| !job.status.is_active()).unwrap();
    let (id, selected) = (settled.id, Some(taken.targets[1].job_key(settled)));
    watched.engine.set_interest(Interest { selected });
    let is_deep = |snapshot: &Snapshot| {
        !snapshot.targets[1].trails.rows.is_empty() && snapshot.targets[1].regions.contains_key(&id)
    };
    watched.until("trails and regions", is_deep);
    let again = world(port);
    watched.until("a twin again", |snapshot| freshness(snapshot, 1) == Freshness::Twin);
    drop(again);
    watched.until("trails and regions once more", is_deep);
}
