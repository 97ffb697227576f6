//! `trailwatch wait`: every outcome and its exit code.

use serde_json::json;
use trailwatch::emulator::{Fault, FaultKind};

use crate::{
    program::Access,
    started::{GOOD, Started, VAIN, World, id},
};

#[test]
fn until_a_job_is_complete_or_fails() {
    for (trail, goal, code, outcome) in [
        (GOOD, "complete", 0, "met"),
        (GOOD, "terminal", 0, "met"),
        (VAIN, "complete", 1, "failed"),
        (VAIN, "terminal", 1, "failed"),
        (VAIN, "gone", 1, "failed"),
    ] {
        let world = World::still(2);
        let job = world.create(trail);
        let mut wait = world.start(&["wait", &id(job), "--for", goal, "-o", "json"]);
        wait.stderr.until(&format!("note: waiting for job {job} ({trail}) to be {goal}"));
        world.pass(190);
        let document = wait.ends(code).json();
        assert_eq!((&document["outcome"], &document["for"]), (&json!(outcome), &json!(goal)));
        let [waited] = &document["jobs"].as_array().unwrap()[..] else { panic!("{document}") };
        assert_eq!(
            (&waited["job_id"], &waited["elapsed_seconds"], &waited["gone"]),
            (&job.into(), &json!(184), &json!(false))
        );
    }
}

#[test]
fn one_line_says_how_it_ended() {
    let world = World::still(0);
    let job = world.create(GOOD);
    world.pass(190);
    let ended = world.start(&["wait", &id(job)]).ends(0);
    assert!(ended.stdout.starts_with(&format!("complete: job {job} ({GOOD}), after ")), "{}", ended.stdout);
    assert_eq!(ended.stdout.lines().count(), 1);
}

#[test]
fn a_job_that_is_deleted_is_gone() {
    for (goal, code, outcome) in [("gone", 0, "met"), ("complete", 66, "no_such_job"), ("terminal", 66, "no_such_job")]
    {
        let world = World::still(1);
        let job = world.create(GOOD);
        let mut wait = world.start(&["wait", &id(job), "--for", goal, "-o", "json"]);
        wait.stderr.until("waiting for job");
        world.delete(job);
        let document = wait.ends(code).json();
        assert_eq!((&document["outcome"], &document["jobs"][0]["gone"]), (&json!(outcome), &json!(true)));
    }
}

#[test]
fn a_job_that_does_not_exist_is_66_at_once_or_awaited() {
    let world = World::still(1);
    let ended = world.start(&["wait", "5"]).ends(66);
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("no such job: job 5", ""));
    world.start(&["wait", "5", "--appear-within", "1s"]).ends(66);
    world.start(&["wait", "--trail", "no-such-trail"]).ends(66);
    let now = world.now();
    world.pass(5);
    world.start(&["wait", "--trail", GOOD, "--since", &now]).ends(66);

    let mut wait = world.start(&["wait", "--trail", GOOD, "--since", &now, "--appear-within", "1h", "-o", "json"]);
    world.answers(3);
    let job = world.create(GOOD);
    wait.stderr.until(&format!("waiting for job {job}"));
    world.pass(190);
    assert_eq!(wait.ends(0).json()["jobs"][0]["job_id"], job);
    // The newest of the trail is this one by now.
    assert_eq!(world.start(&["wait", "--trail", GOOD, "-o", "json"]).ends(0).json()["jobs"][0]["job_id"], job);
}

#[test]
fn a_filter_takes_the_set_as_it_is_at_the_start() {
    let world = World::demo();
    let of = |arguments: &[&str]| Started::new(world.command_of_profiles(&[&["wait"], arguments].concat()));
    of(&["--filter", "trail:nobody"]).ends(66);
    let mut all = of(&["--filter", "is:active", "-o", "json"]);
    let mut any = of(&["--filter", "is:active", "--any"]);
    let mut late = of(&["--filter", "profile:audit", "--any", "-o", "json"]);
    all.stderr.until("waiting for all of 2 jobs to be complete");
    any.stderr.until("waiting for one of 2 jobs to be complete");
    late.stderr.until("waiting for job");
    world.pass(20);
    let ended = any.ends(0);
    assert!(ended.stdout.contains("(audit-all)"), "{}", ended.stdout);
    world.pass(20);
    let document = all.ends(1).json();
    assert_eq!((&document["outcome"], document["jobs"].as_array().unwrap().len()), (&json!("failed"), 2));
    late.ends(1);
}

#[test]
fn passing_trouble_never_ends_it_and_lasting_trouble_does() {
    for (give_up, code) in [("1h", 0), ("2s", 69)] {
        let world = World::still(1);
        let job = world.create(GOOD);
        let mut wait = world.start(&["wait", &id(job), "--give-up-after", give_up, "-o", "json"]);
        wait.stderr.until("waiting for job");
        world.emulator.set_faults(vec![Fault::always(FaultKind::ServiceUnavailable)]);
        world.pass(190);
        if code == 0 {
            world.answers(4);
            world.emulator.set_faults(Vec::new());
        }
        let ended = wait.ends(code);
        let outcome = if code == 0 { "met" } else { "gave_up" };
        assert_eq!(ended.json()["outcome"], outcome);
        assert_eq!(ended.stderr.contains("ServiceUnavailable"), code != 0, "{}", ended.stderr);
    }
}

#[test]
fn what_is_refused_ends_it_at_once() {
    let world = World::still(1);
    let job = world.create(GOOD);
    let denied = Access::of(&world.emulator, "-denied");
    let ended = Started::new(world.command_as(&denied, &["wait", &id(job), "-o", "json"])).ends(77);
    assert_eq!(ended.json()["outcome"], "refused");
    assert!(ended.stderr.contains("actiontrail:ListDeliveryHistoryJobs"), "{}", ended.stderr);
    let mut wait = world.start(&["wait", &id(job)]);
    wait.stderr.until("waiting for job");
    world.emulator.set_faults(vec![Fault::always(FaultKind::Token)]);
    wait.ends(77);
}

#[test]
fn its_timeout_is_that_of_the_whole_wait() {
    let world = World::still(1);
    let job = world.create(GOOD);
    for arguments in
        [&["wait", &id(job), "--timeout", "1s", "-o", "json"][..], &["--timeout", "1s", "wait", &id(job), "-o", "json"]]
    {
        let document = world.start(arguments).ends(124).json();
        assert_eq!(
            (&document["outcome"], &document["jobs"][0]["status"]),
            (&json!("timed_out"), &json!("initializing"))
        );
    }
    // Without one there is none: longer than calls are repeated anywhere else.
    world.emulator.set_faults(vec![Fault::always(FaultKind::Hang)]);
    let ended = world.start(&["wait", &id(job), "--timeout", "2s"]).ends(124);
    assert!(ended.stdout.starts_with("timed out after 2s: job"), "{}", ended.stdout);
}
