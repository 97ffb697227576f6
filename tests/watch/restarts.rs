//! No line is lost or doubled over restarts, whoever else writes the journal, and whether it can be written at all.

use std::{collections::BTreeMap, process::Command};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::started::{Ended, GOOD, Started, VAIN, World};

const CHANGES: [&str; 5] = ["watch", "--only-changes", "-o", "ndjson", "--heartbeat=1s"];

/// Waits until a watch knows the jobs that are there: what comes then is a change.
fn has_read(watch: &mut Started) {
    watch.stdout.object(&json!({"type": "heartbeat", "targets": {"read": 1, "total": 1}}));
}

/// Changes of jobs by what makes them distinct, and how often each was told.
fn told(runs: &[Vec<Value>]) -> BTreeMap<String, usize> {
    let mut told = BTreeMap::new();
    for change in runs.iter().flatten().filter(|object| object["job_id"].is_i64()) {
        let key = ["job_id", "type", "changed_region", "from", "to"].map(|name| change[name].to_string()).join(" ");
        *told.entry(key).or_default() += 1;
    }
    told
}

fn stop(watch: Started, signal: Signal, code: i32) -> Vec<Value> {
    watch.signal(signal);
    let Ended { stdout, stderr } = watch.ends(code);
    assert_eq!(stderr, "", "{stdout}");
    stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What the status lines of a job say, over all runs.
fn steps(runs: &[Vec<Value>], job: i64) -> Vec<String> {
    let of_job = |object: &&Value| object["job_id"] == job && object["type"] != "region";
    let step =
        |object: &Value| format!("{} {}", object["type"].as_str().unwrap(), object["to"].as_str().unwrap_or("-"));
    runs.iter().flatten().filter(of_job).map(step).collect()
}

#[test]
fn a_restart_neither_loses_nor_repeats_a_line() {
    let world = World::still(5);
    let mut runs = Vec::new();
    let mut watch = world.start(&CHANGES);
    let list = |world: &World| world.command(&["list", "-o", "id"]).output().unwrap();
    // The first run has nothing to catch up with.
    has_read(&mut watch);
    let first = world.create(GOOD);
    watch.stdout.object(&json!({"job_id": first, "type": "appeared"}));
    runs.push(stop(watch, Signal::TERM, 143));

    // Somebody else sees one step while nobody watches, and nobody sees the next.
    world.pass(20);
    assert!(list(&world).status.success());
    world.pass(200);
    let mut watch = world.start(&CHANGES);
    watch.stdout.object(&json!({"job_id": first, "type": "status", "to": "complete"}));
    let second = world.create(VAIN);
    watch.stdout.object(&json!({"job_id": second, "type": "appeared"}));
    // Killed before it could keep that it has told this last line, perhaps: only that one may come again.
    watch.signal(Signal::KILL);
    let mut seen: Vec<Value> = watch.stdout.seen.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    while let Some(line) = watch.stdout.next() {
        seen.push(serde_json::from_str(&line).unwrap());
    }
    drop(watch);
    runs.push(seen);

    // Everything is seen by somebody else, and it is deleted.
    world.pass(20);
    list(&world);
    world.pass(200);
    list(&world);
    world.delete(first);
    let mut watch = world.start(&CHANGES);
    watch.stdout.object(&json!({"job_id": first, "type": "gone"}));
    runs.push(stop(watch, Signal::INT, 130));
    // And a run in which nothing happened.
    let mut watch = world.start(&CHANGES);
    has_read(&mut watch);
    runs.push(stop(watch, Signal::TERM, 143));

    let again = format!("{second} \"appeared\" null null \"initializing\"");
    let doubled: Vec<_> = told(&runs).into_iter().filter(|(change, times)| *times > 1 && *change != again).collect();
    assert!(doubled.is_empty(), "{doubled:?}");
    assert_eq!(
        steps(&runs, first),
        ["appeared initializing", "status delivering", "status complete", "gone -"],
        "{runs:#?}"
    );
    let mut steps = steps(&runs, second);
    steps.dedup();
    assert_eq!(steps, ["appeared initializing", "status delivering", "status failed"], "{runs:#?}");
}

#[test]
fn another_filter_is_another_reader_and_two_watches_hear_the_same() {
    let world = World::still(1);
    let of = |filter: &str| world.start(&[&CHANGES[..], &["--filter", filter]].concat());
    let (mut good, mut again, mut vain) = (of("trail:audit*"), of("trail:audit*"), of("trail:legacy*"));
    [&mut good, &mut again, &mut vain].into_iter().for_each(has_read);
    let job = world.create(GOOD);
    for watch in [&mut good, &mut again] {
        watch.stdout.object(&json!({"job_id": job, "type": "appeared"}));
    }
    assert!(!vain.stdout.says("job_id"));
    for watch in [good, again, vain] {
        stop(watch, Signal::TERM, 143);
    }
    world.pass(300);
    let mut good = of(" trail:audit*");
    good.stdout.object(&json!({"job_id": job, "type": "status", "to": "complete"}));
}

#[test]
fn a_full_disk_is_told_once_and_lines_go_on() {
    let world = World::still(1);
    assert!(world.command(&["list"]).output().unwrap().status.success());
    assert!(world.journal().exists());
    let job = world.create(GOOD);
    // No file may grow beyond 64 KiB: what is beyond fails as it does on a full disk.
    let program = world.command(&["watch", "-o", "ndjson"]);
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 128 || exit 99; exec \"$@\"", "sh"]);
    limited.arg(program.get_program()).args(program.get_args()).env_clear();
    limited.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    limited.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let mut watch = Started::new(limited);
    watch.stdout.object(&json!({"job_id": job, "type": "state"}));
    world.pass(12);
    watch.stdout.object(&json!({"job_id": job, "type": "status", "to": "delivering"}));
    for _ in 0..15 {
        world.pass(11);
        watch.stdout.object(&json!({"type": "region"}));
        if watch.stderr.says("the journal") {
            break;
        }
    }
    assert!(watch.stderr.says("the journal"), "{:?}", watch.stderr.seen);
    world.pass(200);
    watch.stdout.object(&json!({"job_id": job, "type": "status", "to": "complete"}));
    let said = stop_words(watch);
    assert!(said.lines().count() <= 4, "each trouble once: {said}");
}

fn stop_words(watch: Started) -> String {
    watch.signal(Signal::TERM);
    watch.ends(143).stderr
}

#[test]
fn without_a_journal_it_tells_what_it_sees() {
    let world = World::still(1);
    let mut watch = world.start(&[&CHANGES[..], &["--no-journal"]].concat());
    has_read(&mut watch);
    let job = world.create(GOOD);
    watch.stdout.object(&json!({"job_id": job, "type": "appeared"}));
    assert_eq!(stop_words(watch), "");
    assert!(!world.journal().exists());
}
