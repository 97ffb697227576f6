//! `trailwatch watch`: what it tells of scripted worlds, and how it ends.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trailwatch::emulator::{Fault, FaultKind};

use crate::{
    program::{Access, KEYS, run},
    started::{GOOD, Started, VAIN, World, id},
};

const NDJSON: [&str; 3] = ["watch", "-o", "ndjson"];

#[test]
fn first_the_state_of_every_job_then_each_change_as_it_happens() {
    let world = World::still(3);
    let mut watch = world.start(&NDJSON);
    for _ in 0..3 {
        let state = watch.stdout.object(&json!({}));
        assert_eq!((&state["type"], &state["from"], state["job_id"].is_i64()), (&json!("state"), &Value::Null, true));
    }
    let job = world.create(GOOD);
    let appeared = watch.stdout.object(&json!({}));
    assert_eq!(
        (&appeared["type"], &appeared["job_id"], &appeared["to"]),
        (&json!("appeared"), &job.into(), &json!("initializing"))
    );
    world.pass(12);
    let began = watch.stdout.object(&json!({"type": "status"}));
    assert_eq!((&began["from"], &began["to"]), (&json!("initializing"), &json!("delivering")));
    world.pass(90);
    let region = watch.stdout.object(&json!({"type": "region", "to": "complete"}));
    assert!(region["changed_region"].is_string() && region["regions"]["total"] == 22, "{region}");
    world.pass(90);
    let done = watch.stdout.object(&json!({"type": "status"}));
    let fields = ["job_id", "trail_name", "from", "to", "elapsed_seconds", "home_region", "profile", "region"];
    let values = fields.map(|name| done[name].clone());
    assert_eq!(json!(values), json!([job, GOOD, "delivering", "complete", 184, "cn-hangzhou", "env", "cn-hangzhou"]));
    assert!(done["seen_from"].as_str() < done["time"].as_str());
    world.delete(job);
    let gone = watch.stdout.object(&json!({"type": "gone"}));
    assert_eq!((&gone["job_id"], &gone["from"], &gone["to"]), (&job.into(), &json!("complete"), &Value::Null));
    watch.signal(rustix::process::Signal::TERM);
    assert_eq!(watch.ends(143).stderr, "");
}

#[test]
fn two_profiles_of_one_account_tell_each_job_once_and_whose_it_is() {
    let world = World::of_two_profiles(3);
    let account = world.emulator.identities()[0].account.as_str();
    let whose = |object: &Value| {
        assert_eq!([&object["profile"], &object["account_id"]], ["prod", account], "{object}");
        object["job_id"].as_i64().unwrap()
    };
    let mut watch = Started::new(world.command_of_profiles(&NDJSON));
    let told: BTreeSet<_> = (0..3).map(|_| whose(&watch.stdout.object(&json!({"type": "state"})))).collect();
    assert_eq!(told.len(), 3);
    let job = world.create(GOOD);
    assert_eq!(whose(&watch.stdout.object(&json!({}))), job, "nothing is told twice");
    watch.signal(rustix::process::Signal::TERM);
    watch.ends(143);

    let output = |arguments: &[&str]| String::from_utf8(world.command_of_profiles(arguments).output().unwrap().stdout);
    let history: Value = serde_json::from_str(&output(&["history", "-o", "json"]).unwrap()).unwrap();
    let changes = history["transitions"].as_array().unwrap();
    assert!(!changes.is_empty() && changes.iter().all(|change| whose(change) == job), "{history}");
    let waited = output(&["wait", "--filter", "status:complete", "--for", "terminal", "-o", "json"]).unwrap();
    let waited: Value = serde_json::from_str(&waited).unwrap();
    assert_eq!(waited["jobs"].as_array().unwrap().iter().map(whose).collect::<BTreeSet<_>>(), told, "{waited}");
}

#[test]
fn a_line_of_words_for_people() {
    let world = World::still(0);
    let job = world.create(VAIN);
    let mut watch = world.start(&["watch", "--until", "idle", "--ascii"]);
    let line = watch.stdout.until(&id(job));
    assert!(line.contains("  env/cn-hangzhou ") && line.contains(VAIN) && line.contains(" initializing "), "{line}");
    world.pass(100);
    watch.stdout.until("initializing -> delivering");
    world.pass(100);
    let line = watch.stdout.until("  delivering -> failed");
    assert!(line.contains("  3m4s "), "{line}");
    assert_eq!(watch.ends(0).stderr, "");
}

#[test]
fn a_failure_is_told_by_the_exit_code_where_it_was_asked_for() {
    for (trail, arguments, code) in [
        (VAIN, &["--exit-status"][..], 1),
        (VAIN, &[], 0),
        (GOOD, &["--exit-status"], 0),
        (VAIN, &["--exit-status", "--filter", "!trail:legacy*"], 0),
    ] {
        let world = World::still(9);
        world.create(trail);
        let mut watch = world.start(&[&["watch", "--until", "idle"], arguments].concat());
        if code == 0 && arguments.len() > 1 {
            watch.ends(0);
            continue;
        }
        watch.stdout.until("initializing");
        world.pass(190);
        let ended = watch.ends(code);
        assert!(ended.stdout.contains(" → "), "{}", ended.stdout);
    }
}

#[test]
fn two_jobs_at_once() {
    let world = World::demo();
    let mut watch = Started::new(world.command_of_profiles(&["watch", "-o", "ndjson"]));
    for _ in 0..2 {
        watch.stdout.object(&json!({"type": "state", "to": "delivering"}));
    }
    world.pass(24);
    watch.stdout.object(&json!({"type": "status", "profile": "prod", "to": "complete"}));
    world.pass(12);
    watch.stdout.object(&json!({"type": "status", "profile": "audit", "to": "failed"}));
    watch.signal(rustix::process::Signal::TERM);
    let objects = watch.ends(143).objects();
    let ended = objects.iter().filter(|object| object["type"] == "status" && object["to"] != "delivering");
    let ends: Vec<String> = ended.map(|object| format!("{} {}", object["job_id"], object["to"])).collect();
    assert_eq!(ends.iter().collect::<BTreeSet<_>>().len(), ends.len(), "each once: {ends:?}");
}

#[test]
fn trouble_is_told_once_when_it_begins_and_once_when_it_ends() {
    for format in ["ndjson", "text"] {
        let world = World::still(1);
        let job = world.create(GOOD);
        let mut watch = world.start(&["watch", "-o", format, "--timeout", "1s"]);
        watch.stdout.until(&id(job));
        world.emulator.set_faults(vec![Fault::always(FaultKind::ServiceUnavailable)]);
        let begins = watch.stderr.next().unwrap();
        assert!(
            begins.starts_with("warning: ") && begins.contains("env/cn-hangzhou can't be read: ServiceUnavailable"),
            "{begins}"
        );
        assert!(begins.contains("503") && begins.contains("RequestId: "), "{begins}");
        world.answers(6);
        world.pass(200);
        world.emulator.set_faults(Vec::new());
        let ends = watch.stderr.next().unwrap();
        assert!(ends.starts_with("note: ") && ends.ends_with("env/cn-hangzhou can be read again"), "{ends}");
        watch.stdout.until("complete");
        watch.signal(rustix::process::Signal::INT);
        let ended = watch.ends(130);
        assert_eq!(ended.stderr.lines().count(), 2, "{}", ended.stderr);
        let count = |word: &str| ended.stdout.matches(word).count();
        let expected = usize::from(format == "ndjson");
        assert_eq!([count("target_lost"), count("target_back")], [expected; 2], "{}", ended.stdout);
    }
}

#[test]
fn it_ends_when_its_time_is_over() {
    let world = World::still(1);
    world.start(&["watch", "--for", "1s"]).ends(0);
    world.start(&["watch", "--for", "1h", "--until", "idle"]).ends(0);
    world.create(GOOD);
    world.start(&["watch", "--for", "1s", "--until", "idle"]).ends(124);
    world.start(&["watch", "--for", "1s", "--until", "idle", "--filter", "is:open"]).ends(0);
}

#[test]
fn what_is_not_read_when_the_time_is_over_is_named_and_is_the_exit_code_where_it_is_asked_for() {
    let world = World::still(1);
    world.emulator.set_faults(vec![Fault::always(FaultKind::ServiceUnavailable)]);
    for (arguments, code, word) in [
        (&["--for", "1s"][..], 0, "warning: "),
        (&["--for", "1s", "--until", "idle"], 124, "warning: "),
        (&["--for", "1s", "--exit-status"], 69, "error: "),
        (&["--for", "1s", "--exit-status", "--until", "idle"], 69, "error: "),
    ] {
        let ended = world.start(&[&["watch"], arguments].concat()).ends(code);
        let last = ended.stderr.lines().rfind(|line| line.contains("env/cn-hangzhou")).unwrap();
        assert!(last.starts_with(word) && last.contains("ServiceUnavailable"), "{arguments:?}: {}", ended.stderr);
    }
}

#[test]
fn a_sign_of_life_comes_in_silence() {
    let world = World::still(2);
    let mut watch = world.start(&["watch", "--heartbeat", "1s", "-o", "ndjson", "--only-changes"]);
    let beat = watch.stdout.object(&json!({"type": "heartbeat", "targets": {"read": 1, "total": 1}}));
    assert_eq!(beat["jobs"], json!({"active": 0, "total": 2}));
    watch.stdout.object(&json!({"type": "heartbeat"}));
}

#[test]
fn what_is_refused_from_the_start_ends_it() {
    let world = World::still(1);
    let denied = Access::of(&world.emulator, "-denied");
    let ended = Started::new(world.command_as(&denied, &["watch"])).ends(77);
    assert!(ended.stderr.contains("actiontrail:ListDeliveryHistoryJobs"), "{}", ended.stderr);
    world.emulator.set_faults(vec![Fault::always(FaultKind::NotSupported)]);
    world.start(&["watch"]).ends(69);
}

#[test]
fn wrong_usage_is_2() {
    for arguments in [
        &["watch", "x"][..],
        &["watch", "-o", "json"],
        &["watch", "--until", "complete"],
        &["watch", "--for", "0s"],
        &["watch", "--filter", "is:changed"],
        &["wait"],
        &["wait", "x"],
        &["wait", "1", "--trail", "t"],
        &["wait", "1", "--since", "5m"],
        &["wait", "1", "--for", "failed"],
        &["wait", "1", "--all", "--any"],
        &["wait", "--trail", "t", "--since", "yesterday"],
    ] {
        let outcome = run(&KEYS, arguments).ends(2);
        assert_eq!(outcome.stdout, "", "{arguments:?}");
    }
}
