//! What a script at the near end gets: the same output and the same exit codes as without ssh.

use std::{
    net::TcpListener,
    process::{Command, Stdio},
};

use serde_json::json;

use crate::{
    program::{Access, KEYS, Outcome, command},
    server::{Sshd, Tty},
    shown::in_pty,
    started::{GOOD, Started, VAIN, World, id},
    term::Term,
};

/// Runs it at the other end.
fn run(sshd: &Sshd, program: &Command) -> Outcome {
    sshd.ssh(sshd.port, Tty::None, program).stdin(Stdio::null()).output().unwrap().into()
}

#[test]
fn list_prints_the_same_and_ends_with_the_same_code() {
    let Some(sshd) = Sshd::start() else { return };
    let world = World::still(150);
    let here: Outcome = world.command(&["list", "-o", "csv"]).output().unwrap().into();
    let there = run(&sshd, &world.command(&["list", "-o", "csv"])).ends(0);
    assert_eq!((there.stdout.lines().count(), there.stdout), (151, here.stdout));
    run(&sshd, &world.command(&["list", "-o", "xml"])).ends(2).says("error: ");
    let denied = Access::of(&world.emulator, "-denied");
    run(&sshd, &world.command_as(&denied, &["list"])).ends(77).says("actiontrail:ListDeliveryHistoryJobs");
    // Nobody listens there.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{free}");
    let lost = command(world.home.path(), &KEYS, &["list", "--timeout", "1s", "--endpoint", &url]);
    run(&sshd, &lost).ends(69).says("can't connect");
}

#[test]
fn wait_and_watch_end_as_the_jobs_do() {
    let Some(sshd) = Sshd::start() else { return };
    let world = World::still(1);
    run(&sshd, &world.command(&["wait", "5"])).ends(66);
    let start = |arguments: &[&str]| Started::new(sshd.ssh(sshd.port, Tty::None, &world.command(arguments)));
    let job = world.create(VAIN);
    run(&sshd, &world.command(&["wait", &id(job), "--timeout", "1s"])).ends(124);
    let mut wait = start(&["wait", &id(job), "-o", "json"]);
    wait.stderr.until("waiting for job");
    world.pass(190);
    assert_eq!(wait.ends(1).json()["outcome"], "failed");

    let job = world.create(GOOD);
    let mut watch = start(&["watch", "--until", "idle", "-o", "ndjson"]);
    watch.stdout.object(&json!({"job_id": job, "type": "state"}));
    world.pass(190);
    // A change goes over the line as it happens, and not when a buffer is full.
    watch.stdout.object(&json!({"job_id": job, "type": "status", "to": "complete"}));
    assert_eq!(watch.ends(0).stderr, "");
}

#[test]
fn ctrl_c_reaches_watch_at_the_other_end_of_a_terminal() {
    let Some(sshd) = Sshd::start() else { return };
    let world = World::still(1);
    let mut program = world.command(&["watch"]);
    program.env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
    let ssh = sshd.ssh(sshd.port, Tty::Given, &program);
    let term = Term::spawn((100, 24), tempfile::TempDir::new().unwrap(), in_pty(&ssh));
    term.shows("watching 1 job, 0 active; 1 of 1 targets read");
    term.press("\x03");
    term.ends(130).usable();
}
