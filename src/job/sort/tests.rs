//! The orders by example, and against a comparison of two rows in plain words.

use std::cmp::Ordering;

use proptest::prelude::*;
use serde_json::value::RawValue;

use super::*;
use crate::job::{Job, JobId, ProfileName, Region, TargetKey, Window, coverage::Failure};

fn now() -> Timestamp {
    at(1_000)
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(seconds, 0).unwrap()
}

fn target(name: &str) -> TargetKey {
    TargetKey { profile: ProfileName::new(name).unwrap(), region: Region::new("cn-hangzhou").unwrap() }
}

fn job(id: i64, status: i64, created: Option<i64>) -> Job {
    Job {
        id: JobId::new(id),
        trail: "trail".into(),
        home: None,
        status: Status::from_code(status),
        created: created.map(at),
        updated: created.map(|seconds| at(seconds + 10)),
        window: Window::default(),
        raw: RawValue::from_string("{}".into()).unwrap().into(),
    }
}

fn sorted(jobs: &[(Job, TargetKey)], order: Order) -> Vec<(i64, String)> {
    let mut rows: Vec<Row<'_>> = jobs.iter().map(|(job, target)| Row::new(job, target)).collect();
    order.sort(&mut rows, |row| *row, now());
    rows.iter().map(|row| (row.job.id.get(), row.target.profile.to_string())).collect()
}

fn ids(jobs: &[Job], order: impl Into<Order>) -> Vec<i64> {
    let jobs: Vec<_> = jobs.iter().cloned().map(|job| (job, target("p"))).collect();
    sorted(&jobs, order.into()).into_iter().map(|row| row.0).collect()
}

#[test]
fn by_default_what_runs_then_what_failed_then_the_newest() {
    let jobs = [
        job(1, 2, Some(900)),
        job(2, 3, Some(100)),
        job(3, 1, Some(50)),
        job(4, 2, None),
        job(5, 0, Some(60)),
        job(6, 7, Some(950)),
        job(7, 3, Some(200)),
    ];
    assert_eq!(ids(&jobs, SortKey::Default), [5, 3, 7, 2, 6, 1, 4]);
}

#[test]
fn what_is_unknown_comes_last_in_both_directions() {
    let jobs = [job(1, 2, None), job(2, 2, Some(100)), job(3, 2, Some(200))];
    for key in [SortKey::Created, SortKey::Updated] {
        assert_eq!(ids(&jobs, key), [3, 2, 1]);
        assert_eq!(ids(&jobs, Order { key, direction: Direction::Ascending }), [2, 3, 1]);
    }
    let unnamed = Job { trail: "".into(), ..job(9, 2, None) };
    assert_eq!(ids(&[unnamed, job(1, 2, None)], SortKey::Trail), [1, 9]);
}

#[test]
fn equal_rows_follow_by_id_then_target() {
    let jobs = [(job(1, 2, None), target("b")), (job(2, 2, None), target("z")), (job(1, 2, None), target("a"))];
    let expected = [(2, "z".to_owned()), (1, "a".to_owned()), (1, "b".to_owned())];
    assert_eq!(sorted(&jobs, SortKey::Status.into()), expected);
}

#[test]
fn a_run_that_goes_on_is_measured_until_now() {
    assert_eq!(ids(&[job(1, 2, Some(1)), job(2, 1, Some(500)), job(3, 1, Some(2))], SortKey::Elapsed), [3, 2, 1]);
}

#[test]
fn words_name_keys_and_mistakes_get_a_hint() {
    for key in SortKey::ALL {
        assert_eq!(key.word().to_uppercase().parse(), Ok(key));
    }
    let hint = "creatd".parse::<SortKey>().unwrap_err().to_string();
    assert!(hint.starts_with("\"creatd\" is no column to sort by, did you mean created? (one of default, "), "{hint}");
    assert!(!"xyzzy".parse::<SortKey>().unwrap_err().to_string().contains("did you mean"));
}

fn any_row() -> impl Strategy<Value = (Job, TargetKey)> {
    let time = || prop::option::of(0..5_i64);
    (0..4_i64, 0..6_i64, time(), time(), "[ab]?", "[pq]").prop_map(|(id, status, created, updated, trail, profile)| {
        let job = Job { updated: updated.map(at), trail: trail.into(), ..job(id, status, created) };
        (job, target(&profile))
    })
}

fn any_order() -> impl Strategy<Value = Order> {
    let direction = prop_oneof![Just(Direction::Ascending), Just(Direction::Descending)];
    (prop::sample::select(&SortKey::ALL), direction).prop_map(|(key, direction)| Order { key, direction })
}

/// How two rows follow each other.
fn compare(order: Order, a: &Row<'_>, b: &Row<'_>) -> Ordering {
    let Order { key, direction } = order;
    let name = |row: &Row<'_>| Some(row.job.trail.to_string()).filter(|name| !name.is_empty());
    let by_key = match key {
        SortKey::Default => {
            let newest = || known_first(a.job.created, b.job.created, Direction::Descending);
            directed(direction, group(a).cmp(&group(b)).then_with(newest))
        }
        SortKey::Status => {
            let rank = |row: &Row<'_>| (row.job.status.urgency(), row.job.status.code());
            directed(direction, rank(a).cmp(&rank(b)))
        }
        SortKey::Id => directed(direction, a.job.id.cmp(&b.job.id)),
        SortKey::Trail => known_first(name(a), name(b), direction),
        SortKey::Target => directed(direction, a.target.cmp(b.target)),
        SortKey::Created => known_first(a.job.created, b.job.created, direction),
        SortKey::Elapsed => known_first(a.job.elapsed(now()), b.job.elapsed(now()), direction),
        SortKey::Updated => known_first(a.job.updated, b.job.updated, direction),
    };
    by_key.then_with(|| b.job.id.cmp(&a.job.id)).then_with(|| a.target.cmp(b.target))
}

fn group(row: &Row<'_>) -> u8 {
    match (row.standing, row.job.status) {
        (Some(Standing::Stalled { .. }), _) => 0,
        (Some(Standing::Active), _) => 1,
        (Some(Standing::Failed(failure)), _) if failure.is_open() => 2,
        (Some(Standing::Incomplete { failure, .. }), _) if failure.is_open() => 3,
        (_, Status::Unknown(_)) => 4,
        (Some(_), _) => 5,
        (None, Status::Initializing | Status::Delivering) => 1,
        (None, Status::Failed) => 2,
        (None, Status::Complete) => 5,
    }
}

fn directed(direction: Direction, ordering: Ordering) -> Ordering {
    if direction == Direction::Ascending { ordering } else { ordering.reverse() }
}

fn known_first<T: Ord>(a: Option<T>, b: Option<T>, direction: Direction) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => directed(direction, a.cmp(&b)),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

fn any_standing() -> impl Strategy<Value = Option<Standing>> {
    let open = Failure::Open;
    let known = prop::sample::select(vec![
        Standing::Active,
        Standing::Stalled { since: now() },
        Standing::Failed(open.clone()),
        Standing::Failed(Failure::Expired { since: now() }),
        Standing::Incomplete { regions: 1, failure: open },
        Standing::Complete,
        Standing::Unknown,
    ]);
    prop::option::of(known)
}

/// Times from the first to the last, also within one second.
fn any_time() -> impl Strategy<Value = Option<Timestamp>> {
    let ends = [Timestamp::MIN_UTC, Timestamp::MAX_UTC, Timestamp::UNIX_EPOCH];
    let near = (-2..3_i64, 0..3_u32).prop_map(|(seconds, nanos)| Timestamp::from_timestamp(seconds, nanos).unwrap());
    prop::option::of(prop_oneof![1 => prop::sample::select(ends.to_vec()).boxed(), 4 => near.boxed()])
}

proptest! {
    #[test]
    fn numbers_sort_as_a_comparison_of_rows_does(
        rows in prop::collection::vec((any_row(), any_time(), any_time(), any_standing()), 0..20), order in any_order(),
    ) {
        let rows: Vec<_> = rows.into_iter().map(|((job, target), created, updated, standing)| {
            (Job { created, updated, ..job }, target, standing)
        }).collect();
        let mut sorted: Vec<Row<'_>> = rows.iter().map(|(job, target, standing)| {
            Row { standing: standing.as_ref(), ..Row::new(job, target) }
        }).collect();
        let mut compared = sorted.clone();
        order.sort(&mut sorted, |row| *row, now());
        compared.sort_by(|a, b| compare(order, a, b));
        let same = sorted.iter().zip(&compared).all(|(a, b)| compare(order, a, b).is_eq());
        prop_assert!(same, "{sorted:?} {compared:?}");
    }

    #[test]
    fn the_order_does_not_depend_on_how_rows_arrive(
        rows in prop::collection::vec(any_row(), 0..20), order in any_order(), seed in any::<prop::sample::Index>(),
    ) {
        let mut rotated = rows.clone();
        if !rows.is_empty() {
            rotated.rotate_left(seed.index(rows.len()));
        }
        prop_assert_eq!(sorted(&rows, order), sorted(&rotated, order));
    }

    #[test]
    fn nothing_known_follows_something_unknown(rows in prop::collection::vec(any_row(), 0..20), reversed: bool) {
        let natural = SortKey::Created.natural();
        let direction = if reversed { natural.reversed() } else { natural };
        let mut sorted: Vec<Row<'_>> = rows.iter().map(|(job, target)| Row::new(job, target)).collect();
        Order { key: SortKey::Created, direction }.sort(&mut sorted, |row| *row, now());
        prop_assert!(sorted.is_sorted_by_key(|row| row.job.created.is_none()));
    }
}
