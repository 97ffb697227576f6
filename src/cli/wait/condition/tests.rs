//! Every outcome of a wait, for each goal and each way to say which jobs.

use Status::{Complete, Delivering, Failed, Initializing, Unknown};

use super::*;
use crate::{
    cli::{fixture::*, wait::words},
    export::Arrow,
    job::{Job, Status},
};

fn ids(ids: &[i64]) -> Wanted {
    Wanted::Ids(ids.iter().copied().map(JobId::new).collect())
}

fn plan(wanted: Wanted) -> Plan {
    Plan {
        wanted,
        goal: Goal::Complete,
        quorum: Quorum::All,
        appear_within: Duration::ZERO,
        give_up_after: Duration::from_secs(900),
        timeout: None,
    }
}

/// The verdicts after one read after the other of one target, ten seconds apart.
fn verdicts(plan: Plan, reads: &[&[Job]]) -> Vec<Verdict> {
    let (mut world, mut wait) = (World::new(&["prod"]), Wait::new(plan));
    let mut verdict = |(n, jobs): (i64, &&[Job])| wait.on_snapshot(&world.swept(0, jobs, n * 10), moment(n * 10));
    (0..).zip(reads).map(&mut verdict).collect()
}

/// What one job of this status means for a goal.
fn alone(goal: Goal, status: Status) -> Verdict {
    verdicts(Plan { goal, ..plan(ids(&[1])) }, &[&[job(1, status, 0)]])[0]
}

#[test]
fn each_goal_by_each_status() {
    use Verdict::{Met, Waiting};
    let table = [Initializing, Delivering, Complete, Failed, Unknown(7)]
        .map(|status| [Goal::Complete, Goal::Terminal, Goal::Gone].map(|goal| alone(goal, status)));
    let failed = Verdict::Failed;
    assert_eq!(
        table,
        [
            [Waiting, Waiting, Waiting],
            [Waiting, Waiting, Waiting],
            [Met, Met, Waiting],
            [failed, failed, failed],
            [Waiting, Waiting, Waiting],
        ]
    );
}

#[test]
fn all_must_get_there_or_one() {
    use Verdict::{Met, Waiting};
    let a = [job(1, Delivering, 0), job(2, Delivering, 0)];
    let one_done = [job(1, Complete, 5), job(2, Delivering, 0)];
    let one_failed = [job(1, Failed, 5), job(2, Delivering, 0)];
    let both = [job(1, Failed, 5), job(2, Complete, 9)];
    let neither = [job(1, Failed, 5), job(2, Failed, 9)];
    let run = |quorum, reads: &[&[Job]]| verdicts(Plan { quorum, ..plan(ids(&[1, 2])) }, reads);
    assert_eq!(
        run(Quorum::All, &[&a, &one_done, &[job(1, Complete, 5), job(2, Complete, 9)]]),
        [Waiting, Waiting, Met]
    );
    assert_eq!(run(Quorum::All, &[&a, &one_failed]), [Waiting, Verdict::Failed]);
    assert_eq!(run(Quorum::Any, &[&a, &one_done]), [Waiting, Met]);
    assert_eq!(run(Quorum::Any, &[&a, &one_failed, &both]), [Waiting, Waiting, Met]);
    assert_eq!(run(Quorum::Any, &[&a, &one_failed, &neither]), [Waiting, Waiting, Verdict::Failed]);
    assert_eq!(run(Quorum::AnyUnlessOneFails, &[&a, &one_failed]), [Waiting, Verdict::Failed]);
    assert_eq!(run(Quorum::AnyUnlessOneFails, &[&a, &one_done]), [Waiting, Met]);
}

#[test]
fn a_job_is_gone_when_the_service_says_so() {
    for (goal, quorum, verdict) in [
        (Goal::Gone, Quorum::All, Verdict::Met),
        (Goal::Complete, Quorum::All, Verdict::NoSuchJob),
        (Goal::Terminal, Quorum::Any, Verdict::NoSuchJob),
    ] {
        let (mut world, mut wait) = (World::new(&["prod"]), Wait::new(Plan { goal, quorum, ..plan(ids(&[1])) }));
        assert_eq!(wait.on_snapshot(&world.swept(0, &[job(1, Delivering, 0)], 0), moment(0)), Verdict::Waiting);
        assert_eq!(wait.on_snapshot(&world.swept(0, &[], 10), moment(10)), Verdict::Waiting, "the list alone lacks it");
        assert_eq!(wait.on_snapshot(&world.gone(0, 1, 11), moment(11)), verdict);
        assert_eq!(wait.jobs[0].presence, Presence::Gone);
    }
}

#[test]
fn one_that_an_earlier_run_knew_may_be_gone_already() {
    for seen_between in [true, false] {
        let (mut world, mut wait) = (World::new(&["prod"]), Wait::new(Plan { goal: Goal::Gone, ..plan(ids(&[1])) }));
        world.knew(0, &[job(1, Complete, -9)], -5);
        let read = world.swept(0, &[], 0);
        if seen_between {
            assert_eq!(wait.on_snapshot(&read, moment(0)), Verdict::Waiting, "the service is asked");
        }
        assert_eq!(wait.on_snapshot(&world.gone(0, 1, 1), moment(1)), Verdict::Met);
    }
}

#[test]
fn a_job_that_is_not_there_yet_may_be_awaited() {
    assert_eq!(verdicts(plan(ids(&[1, 2])), &[&[job(1, Complete, 0)]]), [Verdict::NoSuchJob]);
    let patient = Plan { appear_within: Duration::from_secs(15), ..plan(ids(&[1, 2])) };
    let here = [job(1, Complete, 0), job(2, Complete, 0)];
    assert_eq!(verdicts(patient.clone(), &[&[], &here]), [Verdict::Waiting, Verdict::Met]);
    assert_eq!(verdicts(patient.clone(), &[&[], &[], &[]])[1..], [Verdict::Waiting, Verdict::NoSuchJob]);
    assert_eq!(verdicts(patient, &[&[job(1, Failed, 0)]]), [Verdict::Failed], "the other one is not waited for");
}

#[test]
fn the_newest_of_a_trail_or_the_first_since() {
    let of = |trail: &str, id, status| Job { trail: trail.into(), ..job(id, status, 0) };
    let list = [of("a", 1, Failed), of("a", 2, Complete), of("a", 3, Delivering), of("b", 4, Failed)];
    let trail = |since: Option<i64>| Wanted::Trail { name: "a".into(), since: since.map(|id| at(id - 100_000)) };
    let found = |since| {
        let (mut world, mut wait) = (World::new(&["prod"]), Wait::new(plan(trail(since))));
        let verdict = wait.on_snapshot(&world.swept(0, &list, 0), moment(0));
        (wait.jobs.first().map(|job| job.seen.key.id.get()), verdict)
    };
    assert_eq!(found(None), (Some(3), Verdict::Waiting));
    assert_eq!(found(Some(0)), (Some(1), Verdict::Failed));
    assert_eq!(found(Some(1)), (Some(2), Verdict::Met), "created after, not at");
    assert_eq!(found(Some(3)), (None, Verdict::NoSuchJob));
}

#[test]
fn a_filter_takes_the_set_as_it_is_when_every_target_was_read() {
    let (mut world, mut wait) =
        (World::new(&["prod", "audit"]), Wait::new(plan(Wanted::Filter(Filter::parse("is:active").unwrap()))));
    let first = world.swept(0, &[job(1, Delivering, 0), job(2, Complete, 0)], 0);
    assert_eq!((wait.on_snapshot(&first, moment(0)), wait.jobs.len()), (Verdict::Waiting, 0));
    let second = world.swept(1, &[job(3, Delivering, 0)], 1);
    assert_eq!((wait.on_snapshot(&second, moment(1)), wait.jobs.len()), (Verdict::Waiting, 2));
    assert_eq!(words::beginning(&wait), "waiting for all of 2 jobs to be complete");
    world.swept(0, &[job(1, Complete, 5), job(9, Failed, 5)], 10);
    let last = world.swept(1, &[job(3, Complete, 5)], 11);
    assert_eq!(wait.on_snapshot(&last, moment(11)), Verdict::Met, "one that came later is none of them");
    let none = Wanted::Filter(Filter::parse("is:active").unwrap());
    assert_eq!(verdicts(plan(none), &[&[job(1, Complete, 0)]]), [Verdict::NoSuchJob]);
}

#[test]
fn trouble_passes_until_it_lasts_too_long() {
    let (mut world, mut wait) = (World::new(&["prod"]), Wait::new(plan(ids(&[1]))));
    assert_eq!(wait.on_snapshot(&world.swept(0, &[job(1, Delivering, 0)], 0), moment(0)), Verdict::Waiting);
    assert_eq!(wait.on_snapshot(&world.trouble(0, unavailable(), 10), moment(10)), Verdict::Waiting);
    assert_eq!(wait.on_snapshot(&world.trouble(0, unavailable(), 900), moment(900)), Verdict::Waiting);
    let back = world.swept(0, &[job(1, Delivering, 0)], 905);
    assert_eq!(wait.on_snapshot(&back, moment(905)), Verdict::Waiting);
    world.trouble(0, unavailable(), 1000);
    assert_eq!(wait.on_snapshot(&world.snapshot(), moment(1899)), Verdict::Waiting);
    assert_eq!(wait.on_snapshot(&world.snapshot(), moment(1900)), Verdict::GaveUp);
}

#[test]
fn only_targets_that_matter_matter() {
    let (mut world, mut wait) = (World::new(&["prod", "audit"]), Wait::new(plan(ids(&[1]))));
    world.trouble(1, denied(), 0);
    assert_eq!(wait.on_snapshot(&world.snapshot(), moment(0)), Verdict::Waiting, "prod may have it");
    assert_eq!(wait.on_snapshot(&world.swept(0, &[job(1, Delivering, 0)], 1), moment(1)), Verdict::Waiting);
    assert_eq!(wait.on_snapshot(&world.trouble(0, denied(), 11), moment(11)), Verdict::Refused);
    let (mut world, mut wait) = (World::new(&["prod", "audit"]), Wait::new(plan(ids(&[1]))));
    world.trouble(1, denied(), 0);
    assert_eq!(wait.on_snapshot(&world.swept(0, &[], 1), moment(1)), Verdict::Refused, "it may be where it is refused");
    let (mut world, mut wait) = (World::new(&["prod", "audit"]), Wait::new(plan(ids(&[1]))));
    world.trouble(1, unavailable(), 0);
    let read = world.swept(0, &[], 1);
    assert_eq!(wait.on_snapshot(&read, moment(1)), Verdict::Waiting, "unread is not the same as not there");
    assert_eq!(wait.on_snapshot(&read, moment(900)), Verdict::GaveUp);
}

#[test]
fn the_whole_wait_may_have_a_limit() {
    let (mut world, mut wait) =
        (World::new(&["prod"]), Wait::new(Plan { timeout: Some(Duration::from_secs(60)), ..plan(ids(&[1])) }));
    let read = world.swept(0, &[job(1, Delivering, 0)], 0);
    assert_eq!(
        (wait.on_snapshot(&read, moment(59)), wait.rest(moment(59))),
        (Verdict::Waiting, Duration::from_secs(1))
    );
    assert_eq!(wait.on_snapshot(&read, moment(60)), Verdict::TimedOut);
    let done = world.swept(0, &[job(1, Complete, 59)], 61);
    assert_eq!(wait.on_snapshot(&done, moment(61)), Verdict::Met, "what is there is there");
}

#[test]
fn the_words_name_the_job_the_outcome_and_the_time() {
    let (mut world, mut wait) = (World::new(&["prod"]), Wait::new(plan(ids(&[1, 2]))));
    let read = world.swept(0, &[job(1, Delivering, 0), job(2, Complete, 0)], 0);
    wait.on_snapshot(&read, moment(0));
    let ending = |wait: &Wait, verdict| words::ending(wait, verdict, seconds(125));
    assert_eq!(ending(&wait, Verdict::TimedOut), "timed out after 2m 5s: job 1 (trail-name)");
    assert_eq!(words::progress(&wait, seconds(125)), "1 of 2 jobs open, 2m 5s; job 1 (trail-name) delivering");
    assert_eq!(words::bar(&wait, Arrow::Ascii), "[##########----------]");
    wait.on_snapshot(&world.swept(0, &[job(1, Complete, 5), job(2, Complete, 0)], 10), moment(10));
    assert_eq!(ending(&wait, Verdict::Met), "complete: job 1 (trail-name), job 2 (trail-name), after 2m 5s");
    let nothing = Wait::new(plan(ids(&[1, 2])));
    assert_eq!(ending(&nothing, Verdict::NoSuchJob), "no such job: job 1, job 2");
    assert_eq!(ending(&nothing, Verdict::Waiting), "interrupted after 2m 5s: job 1, job 2");
    let trail = Wait::new(plan(Wanted::Trail { name: "a".into(), since: Some(at(0)) }));
    assert_eq!(ending(&trail, Verdict::NoSuchJob), "no such job: a job of trail a created after 2027-01-15T08:00:00Z");
}

#[test]
fn a_job_that_two_profiles_of_one_account_list_counts_once() {
    let filter = Wanted::Filter(Filter::parse("").unwrap());
    let (mut world, mut wait) = (World::of_nobody(&["prod", "audit"]), Wait::new(plan(filter)));
    let jobs = [job(1, Delivering, 0)];
    for profile in 0..2 {
        assert_eq!(wait.on_snapshot(&world.swept(profile, &jobs, 1), moment(1)), Verdict::Waiting);
        assert_eq!(wait.jobs.len(), 0, "it may be somebody else's, or the same");
    }
    world.belongs(0, "1", 1);
    wait.on_snapshot(&world.belongs(1, "1", 1), moment(1));
    let told: Vec<_> = wait.jobs.iter().map(|job| (job.target.profile.as_str(), job.account.as_ref())).collect();
    assert_eq!(told, [("prod", Some(&AccountId::new("1")))]);
}
