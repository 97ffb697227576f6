//! Pipes that close, signals, and terminals: what both commands owe to their surroundings.

use std::process::Stdio;

use rustix::process::Signal;
use trailwatch::emulator::{Fault, FaultKind};

use crate::started::{GOOD, World, id};

#[test]
fn a_closed_pipe_ends_quietly_even_where_nothing_is_said() {
    let world = World::still(1);
    let job = world.create(GOOD).to_string();
    for arguments in [&["watch"][..], &["watch", "--only-changes"], &["wait", &job]] {
        let mut command = world.command(arguments);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {said}");
        assert!(!said.contains("error"), "{said}");
    }
}

#[test]
fn a_signal_ends_it_whatever_it_waits_for() {
    let world = World::still(1);
    let job = world.create(GOOD);
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let mut watch = world.start(&["watch"]);
        watch.stdout.until(&id(job));
        watch.signal(signal);
        watch.ends(code);
        let mut wait = world.start(&["wait", &id(job), "-o", "json"]);
        wait.stderr.until("waiting for job");
        wait.signal(signal);
        assert_eq!(wait.ends(code).json()["outcome"], "interrupted");
    }
    // Also where no answer comes.
    world.emulator.set_faults(vec![Fault::always(FaultKind::Hang)]);
    let before = world.emulator.last_call();
    let watch = world.start(&["watch"]);
    while world.emulator.last_call() == before {
        std::thread::yield_now();
    }
    watch.signal(Signal::TERM);
    assert_eq!(watch.ends(143).stderr, "");
}

#[test]
fn a_reader_that_reads_nothing_does_not_keep_it_alive() {
    let world = World::still(3_000);
    // Far more than a pipe holds, and nobody takes it.
    let mut command = world.command(&["watch", "-o", "ndjson"]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let pipe = child.stdout.take().unwrap();
    rustix::event::poll(&mut [rustix::event::PollFd::new(&pipe, rustix::event::PollFlags::IN)], None).unwrap();
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(143));
    drop(pipe);
}
