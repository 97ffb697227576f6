//! What is worth a signal, and for whom.

use super::fixture::*;
use crate::{
    engine::{Polling, Report, Snapshot},
    job::{Filter, Status},
    notify::{Kind, Rules, Signal},
};

fn kinds(signals: &[Signal]) -> Vec<Kind> {
    signals.iter().map(|signal| signal.kind).collect()
}

#[test]
fn jobs_that_fail_complete_or_stall_are_told_once() {
    let (mut world, mut rules) = (World::new(), Rules::default());
    let mut see = |snapshot: &Snapshot, seconds| kinds(&rules.see(snapshot, at(seconds)));
    let delivering = [1, 2, 3].map(|id| job(id, "audit", Status::Delivering));
    assert_eq!(see(&world.read(-10, &delivering), -10), [], "the first read is no news");
    let jobs = [
        job(1, "audit", Status::Failed),
        job(2, "audit", Status::Complete),
        job(3, "audit", Status::Delivering),
        job(4, "audit", Status::Failed),
        job(5, "audit", Status::Complete),
    ];
    let snapshot = world.read(10, &jobs);
    assert_eq!(see(&snapshot, 10), [Kind::Failed, Kind::Complete, Kind::Failed]);
    assert_eq!(see(&snapshot, 20), []);
    assert_eq!(see(&world.read(4000, &jobs), 4000), [Kind::Stalled]);
    assert_eq!(see(&world.read(4010, &jobs), 4010), []);
}

#[test]
fn a_signal_is_a_sentence_and_a_line_of_json() {
    let world = failed(16640..16641);
    let signal = Signal::of(&world.transitions()[0]).unwrap();
    assert_eq!(signal.to_string(), "job 16640 of audit failed (prod/cn-hangzhou)");
    insta::assert_snapshot!(signal.json());
}

#[test]
fn a_target_that_is_not_read_for_ten_minutes_is_told_once_until_it_heals() {
    let (mut world, mut rules) = (World::new(), Rules::default());
    world.read(0, &[]);
    let snapshot = world.fail(10, "ServiceUnavailable", 503);
    assert_eq!(rules.see(&snapshot, at(10)), []);
    assert_eq!(rules.next_change(), Some(at(610)));
    assert_eq!(rules.see(&snapshot, at(609)), []);
    let signals = rules.see(&snapshot, at(610));
    assert_eq!((kinds(&signals), rules.next_change()), (vec![Kind::Unread], None));
    let words = signals[0].to_string();
    assert!(words.starts_with("prod/cn-hangzhou could not be read for 10 minutes: "), "{words}");
    insta::assert_snapshot!(signals[0].json());
    assert_eq!(rules.see(&world.fail(700, "ServiceUnavailable", 503), at(700)), []);
    assert_eq!(rules.see(&world.read(800, &[]), at(800)), []);
    let snapshot = world.fail(810, "ServiceUnavailable", 503);
    assert_eq!(kinds(&rules.see(&snapshot, at(1410))), [Kind::Unread]);
}

#[test]
fn a_refusal_is_told_at_once_and_of_a_paused_target_nothing() {
    let (mut world, mut rules) = (World::new(), Rules::default());
    assert_eq!(kinds(&rules.see(&world.fail(0, "NoPermission", 403), at(0))), [Kind::Refused]);
    assert_eq!(rules.see(&world.fail(300, "NoPermission", 403), at(300)), []);
    let (mut world, mut rules) = (World::new(), Rules::default());
    world.report(Report::Polling(TARGET, Polling::Paused), 0);
    assert_eq!(rules.see(&world.fail(0, "NoPermission", 403), at(0)), []);
}

#[test]
fn a_filter_is_asked_of_the_job_as_it_was_when_it_changed() {
    let mut world = failed(1..2);
    let signal = Signal::of(&world.transitions()[0]).unwrap();
    let passes = |signal: &Signal, filter: &str, snapshot: &Snapshot| {
        signal.passes(&Filter::parse(filter).unwrap(), snapshot, at(20))
    };
    let listed = world.read(20, &[job(1, "audit", Status::Failed)]);
    let moved_on = world.read(30, &[job(1, "audit", Status::Complete)]);
    let (mut fresh, snapshots) = (World::new(), [listed, moved_on]);
    let unread = fresh.fail(0, "NoPermission", 403);
    for snapshot in snapshots.iter().chain([&unread]) {
        for filter in ["", "trail:aud*", "status:failed", "is:open", "profile:prod region:cn-*", "1"] {
            assert!(passes(&signal, filter, snapshot), "{filter}");
        }
        for filter in ["trail:pay*", "status:complete", "profile:test", "!is:open"] {
            assert!(!passes(&signal, filter, snapshot), "{filter}");
        }
    }
    let signal = Rules::default().see(&unread, at(0)).remove(0);
    assert!(passes(&signal, "trail:pay* profile:prod !region:us-*", &unread), "it may hide any job");
    assert!(!passes(&signal, "trail:pay* !profile:prod", &unread));
}
