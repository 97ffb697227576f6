//! Coverage of random lists: against the rule written down naively, in any order, and over time.

use proptest::prelude::*;

use super::{super::superseded::SLACK, *};

/// The rule as it is said, a job against all others.
fn naive(jobs: &[Job], known: &Known, failure: &Job) -> Option<JobId> {
    let proves = |job: &&Job| {
        let counts = known.regions.get(&job.id).map(Regions::counts).unwrap_or_default();
        job.status == Status::Complete && counts.failed + counts.unknown == 0
    };
    let covers = |repair: &&Job| {
        let horizon = repair.created? - KEPT;
        let (from, to) = (repair.window.start?, repair.window.end?);
        let (start, end) = (failure.window.start, failure.window.end?);
        let reaches = from <= horizon + SLACK || start.is_some_and(|start| from <= start);
        let in_order = from <= to && start.is_none_or(|start| start <= end);
        let later = repair.created? > failure.created?;
        Some(in_order && later && reaches && to >= end && horizon < end)
    };
    let same_trail = |job: &&Job| {
        job.home.is_some() && job.home == failure.home && !job.trail.is_empty() && job.trail == failure.trail
    };
    let candidates = jobs.iter().filter(same_trail).filter(proves).filter(|job| covers(job) == Some(true));
    candidates.min_by_key(|job| (job.created, job.id)).map(|job| job.id)
}

fn any_status() -> impl Strategy<Value = Status> {
    prop_oneof![4 => Just(3), 4 => Just(2), 1 => 0..2_i64, 1 => Just(7)].prop_map(Status::from_code)
}

/// Times that often meet: windows that end and start at, just before and just after an edge.
fn any_job(id: i64) -> impl Strategy<Value = Job> {
    let near = || prop::sample::select(&[-1, 0, 0, 0, 1, 299, 300, 301][..]).prop_map(TimeDelta::seconds);
    let start = prop_oneof![4 => Just(-90), 1 => -95..-10_i64].prop_map(days);
    let end = prop_oneof![4 => Just(0), 1 => -60..1_i64].prop_map(days);
    let rarely_missing = || prop::option::weighted(0.95, Just(()));
    let missing = (rarely_missing(), rarely_missing(), rarely_missing(), rarely_missing());
    let created = prop_oneof![(0..12_i64).prop_map(|step| days(15 * step)), (0..180_i64).prop_map(days)];
    (any_status(), created, near(), (start, near(), end, near()), missing, "[ab]").prop_map(
        move |(status, day, off, (start, late, end, over), missing, home)| {
            let created = origin() + day + off;
            Job {
                status,
                home: missing.0.map(|()| home.as_str().into()),
                trail: if id % 9 == 0 { "" } else { "trail" }.into(),
                created: missing.1.map(|()| created),
                updated: Some(created + minutes(10)),
                window: Window {
                    start: missing.2.map(|()| created + start + late),
                    end: missing.3.map(|()| created + end + over),
                },
                ..documented(id)
            }
        },
    )
}

fn any_jobs() -> impl Strategy<Value = Vec<Job>> {
    prop::collection::vec(any::<()>(), 0..24)
        .prop_flat_map(|places| (1..).zip(places).map(|(id, ())| any_job(id)).collect::<Vec<_>>())
}

/// Some jobs have regions, some an acknowledgement.
fn any_known() -> impl Strategy<Value = Known> {
    let read = prop::collection::hash_map(1..24_i64, prop::collection::vec(0..5_i64, 0..3), 0..4);
    let words = prop::collection::hash_set(1..24_i64, 0..4);
    (read, words).prop_map(|(read, words)| {
        let codes = |codes: Vec<i64>| regions(&codes.into_iter().map(Status::from_code).collect::<Vec<_>>());
        let word = || Acknowledgement { at: origin(), note: "".into() };
        Known {
            regions: read.into_iter().map(|(id, row)| (JobId::new(id), codes(row))).collect(),
            acknowledged: words.into_iter().map(|id| (JobId::new(id), word())).collect(),
        }
    })
}

fn any_now() -> impl Strategy<Value = Timestamp> {
    (-1..300_i64, 0..86_400_i64).prop_map(|(day, second)| origin() + days(day) + TimeDelta::seconds(second))
}

fn by(standing: &Standing) -> Option<JobId> {
    match standing.failure()? {
        Failure::Superseded { by, .. } => Some(*by),
        _ => None,
    }
}

fn is_open(standing: &Standing) -> bool {
    standing.failure().is_some_and(Failure::is_open)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn superseded_is_what_the_naive_rule_says(jobs in any_jobs(), known in any_known(), now in any_now()) {
        for (job, standing) in jobs.iter().zip(&known.coverage(&jobs, now).standings) {
            let expected = standing.failure().and_then(|_| naive(&jobs, &known, job));
            prop_assert_eq!(by(standing), expected, "{:?}", job.id);
            if let Some(Failure::Superseded { lost: Some(lost), .. }) = standing.failure() {
                prop_assert!(TimeDelta::zero() <= *lost && *lost <= job.window.length().unwrap());
            }
        }
    }

    #[test]
    fn without_a_later_complete_job_of_its_trail_nothing_is_superseded(
        jobs in any_jobs(), known in any_known(), now in any_now(),
    ) {
        for (job, standing) in jobs.iter().zip(&known.coverage(&jobs, now).standings) {
            let later = |other: &Job| {
                other.status == Status::Complete
                    && (&other.home, &other.trail) == (&job.home, &job.trail)
                    && other.created > job.created
            };
            prop_assert!(by(standing).is_none() || jobs.iter().any(later));
        }
    }

    #[test]
    fn a_standing_does_not_depend_on_the_order_of_the_list(
        (jobs, shuffled) in any_jobs().prop_flat_map(|jobs| (Just(jobs.clone()), Just(jobs).prop_shuffle())),
        known in any_known(), now in any_now(),
    ) {
        let standings = |jobs: &[Job]| -> HashMap<JobId, Standing> {
            jobs.iter().map(|job| job.id).zip(known.coverage(jobs, now).standings).collect()
        };
        prop_assert_eq!(standings(&jobs), standings(&shuffled));
        prop_assert_eq!(known.coverage(&jobs, now).next_change, known.coverage(&shuffled, now).next_change);
    }

    #[test]
    fn one_more_job_never_opens_another_failure(
        jobs in any_jobs(), extra in any_job(100), known in any_known(), now in any_now(),
    ) {
        let before = known.coverage(&jobs, now);
        let more: Vec<Job> = jobs.iter().cloned().chain([extra]).collect();
        for (before, after) in before.standings.iter().zip(&known.coverage(&more, now).standings) {
            prop_assert!(is_open(before) || !is_open(after));
        }
    }

    #[test]
    fn time_alone_opens_no_failure_and_wakes_no_stalled_job(
        jobs in any_jobs(), known in any_known(), now in any_now(), wait in 0..100_000_000_i64,
    ) {
        let (before, after) = (known.coverage(&jobs, now), known.coverage(&jobs, now + TimeDelta::seconds(wait)));
        for pair in before.standings.iter().zip(&after.standings) {
            let possible = match pair {
                (Standing::Active, Standing::Stalled { .. }) => true,
                (before, after) if is_open(before) => {
                    is_open(after) || matches!(after.failure(), Some(Failure::Expired { .. }))
                }
                (before, after) => before == after,
            };
            prop_assert!(possible, "{:?}", pair);
        }
    }

    #[test]
    fn the_next_change_is_exact(jobs in any_jobs(), known in any_known(), now in any_now()) {
        let coverage = known.coverage(&jobs, now);
        let Some(next) = coverage.next_change else {
            let later = known.coverage(&jobs, now + days(10_000));
            prop_assert_eq!(later, coverage);
            return Ok(());
        };
        prop_assert!(next > now);
        prop_assert_eq!(&known.coverage(&jobs, next - TimeDelta::nanoseconds(1)), &coverage);
        prop_assert_ne!(known.coverage(&jobs, next).standings, coverage.standings);
    }
}
