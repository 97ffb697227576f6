//! Reports about trails in, what is known of them out.

use super::*;
use crate::{
    actiontrail::TrailList,
    engine::{Fate, TrailOf, trails::Trails},
    job::{Switch, Trail, TrailStatus},
};

fn trail(name: &str) -> Trail {
    let on = Some(now(-20 * 86_400));
    Trail {
        name: name.into(),
        home: Some("cn-hangzhou".into()),
        switch: Switch::On,
        sls_project: Some("acs:log:cn-hangzhou:1:project/p".into()),
        created: on,
        started: on,
        ..Trail::default()
    }
}

fn list(names: &[&str]) -> Report {
    let trails = names.iter().map(|name| trail(name)).collect();
    Report::Trails(HERE, Ok(TrailList { trails, faults: Vec::new(), request_id: None }))
}

fn status(second: i64) -> TrailStatus {
    TrailStatus {
        logging: Some(true),
        sls_error: Some("write sls failed".into()),
        sls_delivered: Some(now(-86_400)),
        sls_usable: Some(false),
        error: None,
        started: None,
        stopped: None,
        read: now(second),
    }
}

fn fares(name: &str, status: Option<TrailStatus>) -> Report {
    Report::TrailStatus(HERE, name.into(), Ok(status))
}

fn denied(operation: Operation) -> Arc<Error> {
    let Error::Call(error) = Error::clone(&error("NoPermission", 403)) else { panic!("a call") };
    Arc::new(Error::Call(actiontrail::Error { operation, ..error }))
}

/// A job of "trail-name", so many days old.
fn made(id: i64, status: Status, day: i64) -> Job {
    let created = now(-day * 86_400);
    let window = crate::job::Window { start: Some(created - coverage::KEPT), end: Some(created) };
    Job { status, created: Some(created), updated: Some(created), window, ..job(id) }
}

fn trails(store: &Store) -> &Arc<Trails> {
    &store.snapshot().targets[0].trails
}

fn uncovered(store: &Store) -> Vec<&str> {
    let rows = trails(store).rows.iter().filter(|row| row.delivered.is_uncovered(now(0)));
    rows.map(|row| &*row.trail.name).collect()
}

#[test]
fn trails_are_weighed_whenever_jobs_change() {
    let mut store = store();
    store.apply(list(&["trail-name", "other-trail"]), now(0));
    assert_eq!(uncovered(&store), ["other-trail", "trail-name"], "before any job is known");
    store.apply(Report::Swept(HERE, sweep_of([made(1, Status::Delivering, 0)], 1)), now(1));
    assert_eq!(uncovered(&store).len(), 2);
    let before = Arc::clone(&trails(&store).rows);
    store.apply(Report::Swept(HERE, sweep_of([made(1, Status::Delivering, 0)], 2)), now(2));
    store.apply(list(&["other-trail", "trail-name"]), now(3));
    assert!(Arc::ptr_eq(&before, &trails(&store).rows), "nothing about them changed");
    assert_eq!(trails(&store).read, Some(now(3)));
    store.apply(Report::Swept(HERE, sweep_of([made(1, Status::Complete, 0)], 4)), now(4));
    assert_eq!(uncovered(&store), ["other-trail"]);
}

#[test]
fn what_can_not_be_read_is_told_once_and_keeps_what_was_read() {
    let mut store = store();
    store.apply(list(&["trail-name"]), now(0));
    let refused = || Report::Trails(HERE, Err(denied(Operation::Trails)));
    assert!(store.apply(refused(), now(1)).is_some());
    assert!(store.apply(refused(), now(2)).is_none());
    assert_eq!((trails(&store).rows.len(), store.snapshot().errors.count()), (1, 1));
    assert!(trails(&store).error.as_ref().unwrap().remedy().contains("actiontrail:DescribeTrails"));
    assert_eq!(store.snapshot().targets[0].health, Health::Unknown, "it does not concern the reading of jobs");
    store.apply(list(&["trail-name"]), now(3));
    assert!(trails(&store).error.is_none());

    let refused = || Report::TrailStatus(HERE, "trail-name".into(), Err(denied(Operation::TrailStatus)));
    assert!(store.apply(refused(), now(4)).is_some());
    assert!(store.apply(refused(), now(5)).is_none());
    assert!(trails(&store).status_error.as_ref().unwrap().remedy().contains("actiontrail:GetTrailStatus"));
}

#[test]
fn how_a_delivery_fares_is_known_until_a_failure_is_repaired() {
    let mut store = store();
    store.apply(list(&["trail-name"]), now(0));
    let failed = made(1, Status::Failed, 3);
    store.apply(Report::Swept(HERE, sweep_of([failed.clone()], 1)), now(1));
    assert_eq!(store.snapshot().targets[0].failing_trails(), ["trail-name".into()]);
    assert!(store.apply(fares("trail-name", Some(status(2))), now(2)).is_some());
    assert!(store.apply(fares("trail-name", Some(status(600))), now(600)).is_none(), "it says the same");
    let known = trails(&store).status("trail-name").unwrap();
    assert_eq!((known.sls_error.as_deref(), known.read), (Some("write sls failed"), now(2)));
    let live = trails(&store).rows[0].delivered.live.unwrap();
    assert_eq!(live.to, Some(now(-86_400)), "nothing has arrived since");

    let key = store.snapshot().targets[0].job_key(&failed);
    let settled = Acknowledgement { at: now(600), note: "ticket 4711".into() };
    store.apply(Report::Settled(key, Some(settled)), now(600));
    assert_eq!(trails(&store).rows[0].delivered.live, Some(live), "to settle a failure delivers nothing");
    assert_eq!(store.snapshot().targets[0].failing_trails(), ["trail-name".into()]);

    let repaired = made(2, Status::Complete, 0);
    store.apply(Report::Swept(HERE, sweep_of([failed, repaired], 601)), now(601));
    assert!(trails(&store).statuses.is_empty(), "nobody asks any more whether that is still so");
    assert_eq!(trails(&store).rows[0].delivered.live.unwrap().to, None);
    assert_eq!(uncovered(&store), Vec::<&str>::new());
}

#[test]
fn a_job_whose_trail_is_gone_is_told_apart_from_one_that_nobody_was_told_of() {
    let is_gone = |store: &Store, job: &Job| matches!(store.snapshot().targets[0].trail_of(job), TrailOf::Gone);
    let mut store = store();
    let old = made(1, Status::Failed, 3);
    store.apply(Report::Swept(HERE, sweep_of([old.clone()], 0)), now(0));
    assert!(matches!(store.snapshot().targets[0].trail_of(&old), TrailOf::Unknown));
    store.apply(Report::Trails(HERE, Err(denied(Operation::Trails))), now(1));
    assert!(matches!(store.snapshot().targets[0].trail_of(&old), TrailOf::Unreadable(_)));
    store.apply(fares("trail-name", None), now(2));
    assert!(is_gone(&store, &old), "the other call said so");
    assert_eq!(trails(&store).statuses.get("trail-name"), Some(&Fate::Gone));

    store.apply(list(&["other-trail"]), now(3));
    assert!(is_gone(&store, &old));
    let newer = Job { created: Some(now(4)), trail: "newer-trail".into(), ..old.clone() };
    assert!(!is_gone(&store, &newer), "its trail may be as new");
    let elsewhere = Job { home: Some("cn-beijing".into()), trail: "far-away".into(), ..old.clone() };
    assert!(!is_gone(&store, &elsewhere), "another endpoint would tell");
    let faults = vec!["a trail has no Name".to_owned()];
    store.apply(Report::Trails(HERE, Ok(TrailList { trails: Vec::new(), faults, request_id: None })), now(5));
    assert!(!is_gone(&store, &Job { trail: "unreadable".into(), ..old }), "it may be the one that can't be read");
}
