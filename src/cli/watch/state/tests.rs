//! Every line once and in order: at the start, over restarts, with two targets, in trouble.

use Status::{Complete, Delivering, Failed as FailedStatus, Initializing};

use super::*;
use crate::{
    cli::fixture::*,
    job::{AccountId, Job, Status, TargetKey, Window},
};

/// Marks as the journal keeps them, without a disk.
#[derive(Default)]
struct Told {
    /// What is recorded and not told.
    untold: Vec<Arc<Transition>>,
    told: Vec<ChangeId>,
    passed: Vec<(TargetKey, Timestamp)>,
}

impl Marks for Told {
    fn untold(&mut self, target: &TargetKey) -> Vec<Arc<Transition>> {
        self.untold.iter().filter(|change| change.target == *target).cloned().collect()
    }

    fn was_told(&mut self, change: &Transition) -> bool {
        change.what.change_id().is_some_and(|id| self.told.contains(&id))
    }

    fn pass_over(&mut self, target: &TargetKey, until: Until) {
        self.passed.push((target.clone(), until.0));
    }

    fn told(&mut self, changes: Vec<Arc<Transition>>) {
        self.told.extend(changes.iter().filter_map(|change| change.what.change_id()));
    }
}

fn plan(filter: &str, start: Start) -> Plan {
    let extent = Extent::Full;
    Plan { filter: Filter::parse(filter).unwrap(), start, end: End::default(), heartbeat: None, extent }
}

/// A watch, and what it says.
struct Run {
    state: State,
    marks: Told,
}

impl Run {
    fn new(plan: Plan) -> Self {
        Self { state: State::new(plan), marks: Told::default() }
    }

    /// The lines that a snapshot brings, as `prod 1 delivering>failed`; what they tell is marked.
    fn hears(&mut self, snapshot: &Arc<Snapshot>, second: i64) -> Vec<String> {
        let news = self.state.on_snapshot(snapshot, moment(second), &mut self.marks);
        assert_eq!(news.missed, 0);
        let lines = news.entries.iter().filter_map(|entry| entry.line.as_ref()).map(words).collect();
        self.marks.told(news.entries.into_iter().filter_map(|entry| entry.change).collect());
        lines
    }
}

fn words(line: &Line) -> String {
    match line {
        Line::State { job, target, .. } => format!("{} {} is {}", target.profile, job.key.id, job.status),
        Line::LeftOut { jobs, .. } => format!("{} of {} left out are complete", jobs.complete, jobs.total()),
        Line::Heartbeat(pulse) => format!("{} of {}", pulse.jobs.active(), pulse.jobs.total()),
        Line::Change(change) => match change.what.job() {
            Some(job) => format!("{} {} {} {}", change.target.profile, job.key.id, change.what.word(), job.status),
            None => format!("{} {}", change.target.profile, change.what.word()),
        },
    }
}

#[test]
fn first_the_state_then_every_change_once() {
    let (mut world, mut run) = (World::new(&["prod", "audit"]), Run::new(plan("", Start::State)));
    assert_eq!(run.hears(&world.snapshot(), 0), [""; 0]);
    let first = world.swept(1, &[job(7, Complete, 0)], 1);
    assert_eq!(run.hears(&first, 1), ["audit 7 is complete"], "a target that is read waits for no other");
    let second = world.swept(0, &[job(1, Complete, 0), job(2, Delivering, 0)], 2);
    assert_eq!(run.hears(&second, 2), ["prod 1 is complete", "prod 2 is delivering"]);
    assert_eq!(run.hears(&second, 3), [""; 0]);
    world.swept(0, &[job(1, Complete, 0), job(2, FailedStatus, 10), job(3, Initializing, 10)], 12);
    // The one snapshot between was not seen: its changes are not lost.
    let third = world.swept(1, &[job(7, Complete, 0), job(8, Initializing, 13)], 13);
    assert_eq!(
        run.hears(&third, 13),
        ["prod 2 status failed", "prod 3 appeared initializing", "audit 8 appeared initializing"]
    );
    world.swept(0, &[job(2, FailedStatus, 10), job(3, Initializing, 10)], 22);
    assert_eq!(run.hears(&world.gone(0, 1, 23), 23), ["prod 1 gone complete"]);
    assert!(run.state.has_seen_failure());
}

#[test]
fn in_brief_it_tells_what_somebody_may_have_to_act_on() {
    let brief = Plan { extent: Extent::Brief, ..plan("", Start::State) };
    let (mut world, mut run) = (World::new(&["prod"]), Run::new(brief));
    let open = Job { window: Window { start: Some(at(-9)), end: Some(at(0)) }, ..job(3, FailedStatus, 0) };
    let jobs = [job(1, Complete, 0), job(2, Delivering, 0), open, job(4, FailedStatus, 0)];
    world.swept(0, &jobs, 1);
    let first = world.regions(0, 2, &[("cn-beijing", Delivering), ("cn-shanghai", Delivering)], 2);
    let jobs = ["prod 2 is delivering", "prod 3 is failed", "1 of 2 left out are complete"];
    assert_eq!(run.hears(&first, 2), jobs);
    let second = world.regions(0, 2, &[("cn-beijing", Complete), ("cn-shanghai", FailedStatus)], 12);
    assert_eq!(run.hears(&second, 12), ["prod 2 region delivering"], "one of the two failed");
    let told = run.marks.told.len();
    assert_eq!(told, 2, "what has no line is not told at the next start either");
}

#[test]
fn a_list_that_is_not_confirmed_yet_is_not_told() {
    let (mut world, mut run) = (World::new(&["prod"]), Run::new(plan("", Start::State)));
    let glimpse = world.glimpsed(0, &[job(1, Complete, 0)], 1);
    assert_eq!(run.hears(&glimpse, 1), [""; 0]);
    let whole = world.swept(0, &[job(1, Complete, 0), job(2, Complete, 0)], 2);
    assert_eq!(run.hears(&whole, 2), ["prod 1 is complete", "prod 2 is complete"], "and 2 did not appear");
}

#[test]
fn after_a_restart_it_begins_with_what_nobody_told() {
    let (mut world, mut run) = (World::new(&["prod"]), Run::new(plan("", Start::Changes)));
    // The run before told of 2, and was killed before it kept the new state; another process saw 1 meanwhile.
    world.knew(0, &[job(1, Delivering, 0), job(2, Delivering, 0), job(3, Delivering, 0)], 10);
    run.marks.told(vec![change(&job(2, Complete, 5), Delivering, 9)]);
    run.marks.untold = vec![change(&job(1, FailedStatus, 15), Delivering, 20)];
    let jobs = [job(1, FailedStatus, 15), job(2, Complete, 5), job(3, Complete, 40), job(4, Initializing, 41)];
    let first = world.swept(0, &jobs, 50);
    assert_eq!(
        run.hears(&first, 50),
        ["prod 1 status failed", "prod 3 status complete", "prod 4 appeared initializing"]
    );
    assert!(run.state.has_seen_failure());
    let jobs = [job(1, FailedStatus, 15), job(2, Complete, 5), job(3, Complete, 40), job(4, Complete, 60)];
    assert_eq!(run.hears(&world.swept(0, &jobs, 60), 60), ["prod 4 status complete"]);
}

#[test]
fn what_another_watch_tells_meanwhile_is_told_here_as_well() {
    let (mut world, mut run) = (World::new(&["prod"]), Run::new(plan("", Start::Changes)));
    assert_eq!(run.hears(&world.swept(0, &[job(1, Delivering, 0)], 1), 1), [""; 0]);
    run.marks.told(vec![change(&job(1, Complete, 5), Delivering, 9)]);
    assert_eq!(run.hears(&world.swept(0, &[job(1, Complete, 5)], 11), 11), ["prod 1 status complete"]);
}

#[test]
fn what_a_state_shows_is_not_told_after_a_restart() {
    let (mut world, mut run) = (World::new(&["prod"]), Run::new(plan("", Start::State)));
    world.knew(0, &[job(1, Delivering, 0)], 10);
    assert_eq!(run.hears(&world.swept(0, &[job(1, Complete, 20)], 30), 30), ["prod 1 is complete"]);
    assert_eq!(run.marks.passed, [(target("prod"), at(30))]);
    assert!(run.marks.was_told(&change(&job(1, Complete, 20), Delivering, 99)));
}

#[test]
fn a_change_concerns_a_filter_before_or_after() {
    let (mut world, mut run) = (World::new(&["prod"]), Run::new(plan("status:delivering", Start::State)));
    let first = world.swept(0, &[job(1, Delivering, 0), job(2, Initializing, 0), job(3, Complete, 0)], 1);
    assert_eq!(run.hears(&first, 1), ["prod 1 is delivering"]);
    let next =
        world.swept(0, &[job(1, Complete, 5), job(2, FailedStatus, 5), job(3, Complete, 0), job(4, Delivering, 5)], 11);
    assert_eq!(run.hears(&next, 11), ["prod 1 status complete", "prod 4 appeared delivering"]);
    assert!(!run.state.has_seen_failure(), "the one that failed was not watched");
}

#[test]
fn a_job_that_two_targets_list_is_told_once() {
    let one = Job { home: Some("cn-hangzhou".into()), ..job(1, Delivering, 0) };
    let (mut world, mut run) = (World::new(&["prod", "prod@cn-shanghai"]), Run::new(plan("", Start::State)));
    world.swept(0, std::slice::from_ref(&one), 1);
    assert_eq!(run.hears(&world.swept(1, std::slice::from_ref(&one), 1), 1), ["prod 1 is delivering"]);
    let done = Job { status: Complete, updated: Some(at(5)), ..one };
    let mut lines = Vec::new();
    for profile in [1, 0] {
        lines.extend(run.hears(&world.swept(profile, std::slice::from_ref(&done), 11), 11));
    }
    assert_eq!(lines, ["prod 1 status complete"]);
    for profile in [0, 1] {
        world.swept(profile, &[], 21);
        lines.extend(run.hears(&world.gone(profile, 1, 22), 22));
    }
    assert_eq!(lines[1..], ["prod 1 gone complete"]);
}

#[test]
fn trouble_is_told_when_it_begins_and_when_it_ends() {
    let (mut world, mut run) = (World::new(&["prod"]), Run::new(plan("id:99", Start::State)));
    assert_eq!(run.hears(&world.trouble(0, unavailable(), 1), 1), ["prod target_lost"]);
    assert_eq!(run.hears(&world.trouble(0, unavailable(), 11), 11), [""; 0]);
    assert_eq!(run.hears(&world.swept(0, &[], 21), 21), ["prod target_back"]);
}

#[test]
fn it_is_over_when_no_job_is_active_or_when_time_is() {
    let idle = End { idle: Some(Idle::Idle), after: Some(Duration::from_secs(50)) };
    let (mut world, mut run) =
        (World::new(&["prod", "audit"]), Run::new(Plan { end: idle, ..plan("!id:9", Start::State) }));
    let mut after = |world: &World, second: i64| {
        run.hears(&world.snapshot(), second);
        run.state.verdict(&world.snapshot(), moment(second))
    };
    assert_eq!(after(&world, 0), Verdict::GoOn, "nothing was read");
    world.swept(0, &[job(9, Delivering, 0)], 1);
    assert_eq!(after(&world, 1), Verdict::GoOn, "one target was not read");
    world.swept(1, &[job(2, Delivering, 0)], 2);
    assert_eq!(after(&world, 2), Verdict::GoOn);
    world.swept(1, &[job(2, Complete, 3)], 12);
    world.trouble(0, unavailable(), 13);
    assert_eq!(after(&world, 13), Verdict::GoOn, "what can't be read may be active again");
    assert_eq!(after(&world, 50), Verdict::Over);
    world.swept(0, &[job(9, Delivering, 0)], 51);
    assert_eq!(after(&world, 51), Verdict::Idle);
}

#[test]
fn it_gives_up_only_where_no_target_was_ever_granted() {
    let (mut world, mut run) = (World::new(&["prod", "audit"]), Run::new(plan("", Start::State)));
    let mut after = |snapshot: Arc<Snapshot>, second| {
        run.hears(&snapshot, second);
        run.state.verdict(&snapshot, moment(second))
    };
    assert_eq!(after(world.trouble(0, denied(), 1), 1), Verdict::GoOn);
    assert_eq!(after(world.trouble(1, unavailable(), 2), 2), Verdict::GoOn);
    assert_eq!(after(world.trouble(1, denied(), 3), 3), Verdict::Refused);
    world.swept(1, &[], 4);
    assert_eq!(after(world.trouble(1, denied(), 5), 5), Verdict::GoOn, "it was granted once");
}

#[test]
fn silence_is_broken_by_a_heartbeat() {
    let plan = Plan { heartbeat: Some(Duration::from_secs(60)), ..plan("", Start::State) };
    let (mut world, mut run) = (World::new(&["prod"]), Run::new(plan));
    run.hears(&world.swept(0, &[job(1, Delivering, 0), job(2, Complete, 0)], 10), 10);
    assert_eq!(run.state.rest(moment(30)), Some(Duration::from_secs(40)));
    assert_eq!(run.state.heartbeat(&world.snapshot(), moment(69)), None);
    let beat = run.state.heartbeat(&world.snapshot(), moment(70)).map(|line| words(&line));
    assert_eq!(beat.as_deref(), Some("1 of 2"));
    assert_eq!(run.state.rest(moment(70)), Some(Duration::from_secs(60)));
}

#[test]
fn two_profiles_of_one_account_tell_each_job_once_and_whose_it_is() {
    let (mut world, mut run) = (World::of_nobody(&["prod", "audit"]), Run::new(plan("", Start::State)));
    let jobs = [job(7, Complete, 0)];
    run.state.on_snapshot(&world.swept(0, &jobs, 1), moment(1), &mut run.marks);
    world.belongs(0, "1", 1);
    assert_eq!(run.hears(&world.swept(1, &jobs, 1), 1), [""; 0], "audit may be the same account");
    let told = run.state.on_snapshot(&world.belongs(1, "1", 1), moment(1), &mut run.marks);
    let [Entry { line: Some(Line::State { target, account, .. }), change: None }] = &told.entries[..] else {
        panic!("{:?}", told.entries)
    };
    assert_eq!((target.profile.as_str(), account), ("prod", &Some(AccountId::new("1"))));
    let changed = run.state.on_snapshot(&world.swept(0, &[job(7, FailedStatus, 9)], 9), moment(9), &mut run.marks);
    let [Entry { line: Some(Line::Change(change)), .. }] = &changed.entries[..] else {
        panic!("{:?}", changed.entries)
    };
    assert_eq!(change.account, Some(AccountId::new("1")));
}

#[test]
fn where_nobody_tells_whose_the_jobs_are_they_are_told_after_a_moment() {
    let (mut world, mut run) = (World::of_nobody(&["prod"]), Run::new(plan("", Start::State)));
    assert_eq!(run.hears(&world.swept(0, &[job(7, Complete, 0)], 1), 1), [""; 0]);
    assert_eq!(run.state.rest(moment(1)), Some(Duration::from_millis(500)));
    assert_eq!(run.hears(&world.snapshot(), 2), ["prod 7 is complete"]);
}

#[test]
fn a_change_that_was_seen_before_the_account_was_known_says_whose_it_is() {
    let (mut world, mut run) = (World::of_nobody(&["prod"]), Run::new(plan("", Start::Changes)));
    world.knew(0, &[job(7, Delivering, 0)], 0);
    assert_eq!(run.hears(&world.swept(0, &[job(7, Complete, 5)], 5), 5), [""; 0]);
    let told = run.state.on_snapshot(&world.belongs(0, "1", 5), moment(5), &mut run.marks);
    let [Entry { line: Some(Line::Change(change)), .. }] = &told.entries[..] else { panic!("{:?}", told.entries) };
    assert_eq!(change.account, Some(AccountId::new("1")));
}

#[test]
fn what_a_twin_has_told_is_not_told_again_by_the_one_that_comes_back() {
    let (mut world, mut run) = (World::of_nobody(&["prod", "audit"]), Run::new(plan("", Start::State)));
    world.belongs(0, "1", 0);
    world.belongs(1, "1", 0);
    world.trouble(0, unavailable(), 1);
    let first = run.hears(&world.swept(1, &[job(7, Delivering, 0), job(8, Complete, 0)], 1), 1);
    assert_eq!(first, ["audit 7 is delivering", "audit 8 is complete", "prod target_lost"]);
    let back = run.hears(&world.swept(0, &[job(7, Complete, 5), job(8, Complete, 0)], 9), 9);
    assert_eq!(back, ["prod 7 is complete", "prod target_back"], "what is news, and nothing twice");
}
