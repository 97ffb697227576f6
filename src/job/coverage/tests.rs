//! Coverage, by the documented jobs and at every edge.

mod properties;
mod trails;

use std::{collections::HashMap, time::Instant};

use super::{superseded::SLACK, *};
use crate::job::{RegionStatus, Window, tests::job as documented};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn days(count: i64) -> TimeDelta {
    TimeDelta::days(count)
}

fn minutes(count: i64) -> TimeDelta {
    TimeDelta::minutes(count)
}

/// Day 0 of all made-up jobs.
fn origin() -> Timestamp {
    at("2026-01-01T00:00:00Z")
}

/// A job made as the service makes them: from 90 days before to 5 minutes after its creation, which is so long after day 0.
fn made(id: i64, status: Status, created: TimeDelta) -> Job {
    let created = origin() + created;
    let window = Window { start: Some(created - KEPT), end: Some(created + minutes(5)) };
    Job { status, created: Some(created), updated: Some(created + minutes(10)), window, ..documented(id) }
}

fn failed(id: i64, day: i64) -> Job {
    made(id, Status::Failed, days(day))
}

fn complete(id: i64, day: i64) -> Job {
    made(id, Status::Complete, days(day))
}

fn regions(statuses: &[Status]) -> Regions {
    let row = |status: &Status| RegionStatus { region: "cn-hangzhou".into(), status: *status };
    Regions { rows: statuses.iter().map(row).collect(), read: origin(), request_id: None }
}

#[derive(Debug, Clone, Default)]
struct Known {
    regions: HashMap<JobId, Regions>,
    acknowledged: HashMap<JobId, Acknowledgement>,
}

impl Known {
    fn coverage(&self, jobs: &[Job], now: Timestamp) -> Coverage {
        let acknowledged = |job: &Job| self.acknowledged.get(&job.id);
        Coverage::of(jobs, |job| self.regions.get(&job.id), acknowledged, &Rules::default(), now)
    }
}

fn on_day(day: i64, jobs: &[Job]) -> Vec<Standing> {
    Known::default().coverage(jobs, origin() + days(day)).standings.into_vec()
}

fn superseded(by: i64, lost: TimeDelta) -> Standing {
    Standing::Failed(Failure::Superseded { by: JobId::new(by), lost: Some(lost) })
}

const OPEN: Standing = Standing::Failed(Failure::Open);

#[test]
fn the_documented_job_repairs_the_same_trail_and_no_other() {
    let repair = documented(16602);
    let before = |home: &str, trail: &str| {
        let created = at("2021-04-24T03:17:04Z");
        let window = Window { start: Some(created - KEPT), end: Some(created + minutes(5)) };
        let (home, trail) = (Some(home.into()), trail.into());
        Job { home, trail, status: Status::Failed, created: Some(created), window, ..documented(16601) }
    };
    for (home, trail, expected) in [
        ("cn-hangzhou", "trail-name", superseded(16602, days(2))),
        ("cn-hangzhou", "trail-Name", OPEN),
        ("cn-shanghai", "trail-name", OPEN),
        ("cn-hangzhou", "", OPEN),
    ] {
        let jobs = [before(home, trail), Job { trail: repair.trail.clone(), ..repair.clone() }];
        let now = at("2021-04-26T04:00:00Z");
        assert_eq!(*Known::default().coverage(&jobs, now).standings, [expected, Standing::Complete], "{home} {trail}");
    }
}

#[test]
fn only_a_later_complete_job_that_covers_what_remained_supersedes() {
    let window = |start: TimeDelta, end: TimeDelta| Window { start: Some(origin() + start), end: Some(origin() + end) };
    let second = TimeDelta::seconds(1);
    let until = days(10) + minutes(5);
    let repair = |window: Window| Job { window, ..complete(2, 10) };
    let gap = |length| superseded(2, length);
    let cases: Vec<(&str, Job, Job, Standing)> = vec![
        ("later, complete", failed(1, 0), complete(2, 10), gap(days(10))),
        ("a second later", failed(1, 0), made(2, Status::Complete, second), gap(second)),
        ("at the same time", failed(1, 0), complete(2, 0), OPEN),
        ("earlier", failed(1, 10), complete(2, 0), OPEN),
        ("also failed", failed(1, 0), failed(2, 10), OPEN),
        ("still at work", failed(1, 0), made(2, Status::Delivering, days(10)), OPEN),
        ("of an unknown status", failed(1, 0), made(2, Status::Unknown(7), days(10)), OPEN),
        ("ends with it", failed(1, 0), repair(window(days(-80), minutes(5))), gap(days(10))),
        ("ends before it", failed(1, 0), repair(window(days(-80), minutes(5) - second)), OPEN),
        ("starts a little late", failed(1, 0), repair(window(days(-80) + SLACK, until)), gap(days(10) + SLACK)),
        ("starts too late", failed(1, 0), repair(window(days(-80) + SLACK + second, until)), OPEN),
        ("upside down", failed(1, 0), repair(window(until, days(-80))), OPEN),
        ("without a start", failed(1, 0), repair(Window { start: None, ..complete(2, 10).window }), OPEN),
        ("without an end", failed(1, 0), repair(Window { end: None, ..complete(2, 10).window }), OPEN),
        ("without its creation", failed(1, 0), Job { created: None, ..complete(2, 10) }, OPEN),
        ("without its region", failed(1, 0), Job { home: None, ..complete(2, 10) }, OPEN),
        ("when a second was left", failed(1, 0), made(2, Status::Complete, days(90) + minutes(5) - second), {
            gap(days(90) + minutes(5) - second)
        }),
    ];
    for (case, failure, repair, expected) in cases {
        assert_eq!(on_day(10, &[failure, repair])[0], expected, "{case}");
    }
}

#[test]
fn a_short_window_is_covered_from_its_own_start() {
    let short = |start: TimeDelta| Window { start: Some(origin() + start), end: Some(origin() + minutes(5)) };
    let failure = Job { window: short(days(-20)), ..failed(1, 0) };
    let repair = |start| Job { window: short(start), ..complete(2, 1) };
    assert_eq!(on_day(1, &[failure.clone(), repair(days(-20))])[0], superseded(2, TimeDelta::zero()));
    assert_eq!(on_day(1, &[failure.clone(), repair(days(-30))])[0], superseded(2, TimeDelta::zero()));
    assert_eq!(on_day(1, &[failure, repair(days(-20) + minutes(1))])[0], OPEN, "no slack where nothing has aged out");
}

#[test]
fn what_is_missing_of_the_failure_proves_nothing() {
    let cover = complete(2, 10);
    let window = failed(1, 0).window;
    for (case, failure) in [
        ("creation", Job { created: None, ..failed(1, 0) }),
        ("end", Job { window: Window { end: None, ..window }, ..failed(1, 0) }),
        ("region", Job { home: None, ..failed(1, 0) }),
        ("order", Job { window: Window { start: window.end, end: window.start }, ..failed(1, 0) }),
    ] {
        assert_eq!(on_day(10, &[failure, cover.clone()])[0], OPEN, "{case}");
    }
    // Its start is not needed where the other reaches as far back as anything did; only the loss is not known.
    let failure = Job { window: Window { start: None, ..window }, ..failed(1, 0) };
    let expected = Standing::Failed(Failure::Superseded { by: JobId::new(2), lost: None });
    assert_eq!(on_day(10, &[failure.clone(), cover.clone()])[0], expected);
    let late = Window { start: cover.window.start.map(|start| start + days(1)), ..cover.window };
    assert_eq!(on_day(10, &[failure, Job { window: late, ..cover }])[0], OPEN);
}

#[test]
fn the_earliest_that_covers_is_named() {
    let short = Window { end: Some(origin()), ..complete(2, 1).window };
    let jobs = [
        complete(5, 30),
        complete(4, 20),
        complete(3, 20),
        failed(1, 0),
        Job { window: short, ..complete(2, 1) },
        failed(6, 40),
    ];
    let standings = on_day(41, &jobs);
    assert_eq!(standings[3], superseded(3, days(20)), "2 ends too early, 3 and 4 came together, 5 came later");
    assert_eq!(standings[5], OPEN);
}

#[test]
fn a_job_that_came_when_nothing_was_left_repaired_nothing() {
    let expired = Standing::Failed(Failure::Expired { since: origin() + minutes(5) + days(90) });
    let too_late = made(2, Status::Complete, days(90) + minutes(5));
    assert_eq!(on_day(91, &[failed(1, 0), too_late])[0], expired);
    assert_eq!(on_day(400, &[failed(1, 0), complete(2, 300)])[0], expired);
}

#[test]
fn a_complete_job_with_a_failed_region_is_flagged_and_repairs_nothing() {
    let jobs = [failed(1, 0), complete(2, 10), failed(3, 20), complete(4, 30)];
    let coverage = |statuses: &[Status]| {
        let known = Known { regions: [(JobId::new(2), regions(statuses))].into(), ..Known::default() };
        known.coverage(&jobs[..2], origin() + days(11)).standings.into_vec()
    };
    let incomplete = Standing::Incomplete { regions: 1, failure: Failure::Open };
    assert_eq!(coverage(&[Status::Complete, Status::Failed]), [OPEN, incomplete]);
    assert_eq!(coverage(&[Status::Unknown(7)]), [OPEN, Standing::Complete], "it may mean anything");
    let stale = [Status::Complete, Status::Initializing, Status::Delivering];
    for read in [&stale[..], &[]] {
        assert_eq!(coverage(read), [superseded(2, days(10)), Standing::Complete]);
    }

    let known = Known { regions: [(JobId::new(2), regions(&[Status::Failed; 3]))].into(), ..Known::default() };
    let failure = Failure::Superseded { by: JobId::new(4), lost: Some(days(20)) };
    let repaired = Standing::Incomplete { regions: 3, failure };
    assert_eq!(known.coverage(&jobs, origin() + days(30)).standings[1], repaired);
}

#[test]
fn a_proof_goes_before_the_users_word_and_that_before_time() {
    let word = Acknowledgement { at: origin() + days(1), note: "known outage".into() };
    let known = Known { acknowledged: [(JobId::new(1), word.clone())].into(), ..Known::default() };
    let acknowledged = Standing::Failed(Failure::Acknowledged(word.into()));
    for (day, jobs, expected) in [
        (2, &[failed(1, 0)][..], acknowledged.clone()),
        (200, &[failed(1, 0)], acknowledged),
        (20, &[failed(1, 0), complete(2, 10)], superseded(2, days(10))),
        (2, &[complete(1, 0)], Standing::Complete),
        (2, &[failed(2, 0)], OPEN),
    ] {
        assert_eq!(known.coverage(jobs, origin() + days(day)).standings[0], expected);
    }
}

#[test]
fn an_active_job_that_does_not_move_stalls_at_the_edge() {
    let job = made(1, Status::Delivering, days(0));
    let moved = job.updated.unwrap();
    let standing = |job: &Job, now| Known::default().coverage(std::slice::from_ref(job), now).standings[0].clone();
    let edge = moved + minutes(30);
    assert_eq!(standing(&job, edge - TimeDelta::nanoseconds(1)), Standing::Active);
    assert_eq!(standing(&job, edge), Standing::Stalled { since: moved });
    assert_eq!(standing(&job, moved - days(1)), Standing::Active, "the local clock is behind");
    let unmoved = Job { updated: None, ..job.clone() };
    assert_eq!(standing(&unmoved, edge), Standing::Stalled { since: origin() });
    let zero = Job { updated: Timestamp::from_timestamp(0, 0), ..job.clone() };
    assert_eq!(standing(&zero, origin() + minutes(29)), Standing::Active, "the later of both times");
    assert_eq!(standing(&Job { updated: None, created: None, ..job }, edge), Standing::Active);
}

#[test]
fn times_beyond_the_calendar_are_no_times() {
    let far = Timestamp::MAX_UTC;
    let window = Window { start: Some(Timestamp::MIN_UTC), end: Some(far) };
    let jobs = [
        Job { window, ..failed(1, 0) },
        Job { created: Some(Timestamp::MIN_UTC), window, ..complete(2, 0) },
        Job { updated: Some(far), ..made(3, Status::Delivering, days(0)) },
    ];
    let coverage = Known::default().coverage(&jobs, origin());
    assert_eq!(*coverage.standings, [OPEN, Standing::Complete, Standing::Active]);
    assert_eq!(coverage.next_change, None);
    assert_eq!(Risk::of(&jobs[0], None, origin()), None);
}

#[test]
fn each_standing_has_its_words() {
    let by = JobId::new(16644);
    let word = |note: &str| Failure::Acknowledged(Acknowledgement { at: origin(), note: note.into() }.into());
    let standings = [
        Standing::Active,
        Standing::Stalled { since: origin() },
        Standing::Complete,
        Standing::Incomplete { regions: 1, failure: Failure::Open },
        Standing::Incomplete { regions: 3, failure: Failure::Superseded { by, lost: None } },
        OPEN,
        Standing::Failed(Failure::Superseded { by, lost: None }),
        Standing::Failed(word("known outage")),
        Standing::Failed(word("")),
        Standing::Failed(Failure::Expired { since: origin() }),
        Standing::Unknown,
    ];
    let said: Vec<String> = standings
        .iter()
        .map(|standing| {
            let mark = if standing.needs_attention() { "!" } else { " " };
            let reason = standing.reason().unwrap_or_default();
            format!("{}{mark} {:12} {reason}", standing.urgency(), standing.word()).trim_end().to_owned()
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"));
    assert_eq!(standings.iter().filter(|standing| standing.is_open_failure()).count(), 1);
}

/// Every failure sees thousands of later complete jobs that almost cover it: looking at each would take minutes here.
#[test]
fn many_failures_of_one_trail_are_weighed_quickly() {
    let almost = |id: i64| {
        let job = made(id, Status::Complete, TimeDelta::seconds(id));
        Job { window: Window { end: Some(origin()), ..job.window }, ..job }
    };
    let mut jobs: Vec<Job> = (0..50_000).map(|id| made(id, Status::Failed, TimeDelta::seconds(id))).collect();
    jobs.extend((50_000..100_000).map(almost));
    jobs.push(complete(100_000, 30));
    let started = Instant::now();
    let standings = on_day(31, &jobs);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    let all = JobId::new(100_000);
    let by_it = |standing: &Standing| matches!(standing.failure(), Some(Failure::Superseded { by, .. }) if *by == all);
    assert!(standings[..50_000].iter().all(by_it));
}
