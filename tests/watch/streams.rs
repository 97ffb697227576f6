//! Pipes that close, signals, and terminals: what both commands owe to their surroundings.

use std::{io::Read as _, process::Stdio};

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
    world.until("calls", || world.emulator.last_call() > before);
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

/// What it writes to a terminal, with signs of ASCII and in colours.
fn on_a_terminal(world: &World, arguments: &[&str], then: impl FnOnce(&dyn Fn(&str)), code: i32) -> String {
    let program = world.command(arguments);
    let (pty, pts) = pty_process::blocking::open().unwrap();
    pty.resize(pty_process::Size::new(24, 100)).unwrap();
    let command = pty_process::blocking::Command::new(program.get_program()).args(program.get_args()).env_clear();
    let variables = program.get_envs().filter_map(|(name, value)| Some((name, value?)));
    let mut child = command.envs(variables).env("TERM", "xterm").spawn(pts).unwrap();
    let (sender, bytes) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let (mut pty, mut buffer) = (pty, [0; 4096]);
        while let Ok(length @ 1..) = pty.read(&mut buffer) {
            let _ = sender.send(String::from_utf8_lossy(&buffer[..length]).into_owned());
        }
    });
    let said = std::cell::RefCell::new(String::new());
    let until = |words: &str| {
        while !said.borrow().contains(words) {
            let more = bytes.recv_timeout(std::time::Duration::from_secs(60));
            said.borrow_mut().push_str(&more.unwrap_or_else(|_| panic!("never {words:?}: {said:?}")));
        }
    };
    then(&until);
    assert_eq!(child.wait().unwrap().code(), Some(code), "{said:?}");
    said.borrow_mut().extend(bytes.iter());
    said.into_inner()
}

#[test]
fn on_a_terminal_there_are_colours_and_one_line_that_is_replaced() {
    let world = World::still(0);
    let job = world.create(GOOD);
    let watched = on_a_terminal(
        &world,
        &["watch", "--until", "idle", "--ascii"],
        |until| {
            until("\r\u{1b}[Kwatching 1 job, 1 active; 1 of 1 targets read");
            world.pass(190);
        },
        0,
    );
    assert!(watched.contains("\u{1b}[36minitializing\u{1b}[0m"), "{watched:?}");
    assert!(
        watched.contains("\r\u{1b}[K2026-") && watched.contains("\u{1b}[32minitializing -> complete"),
        "{watched:?}"
    );
    let [kept, named, back] = ["\u{1b}[22;2t\u{1b}]2;", "\u{1b}]2;>1 trailwatch\u{7}", "\u{1b}[23;2t"]
        .map(|title| watched.find(title).unwrap_or_else(|| panic!("{watched:?}")));
    assert!(kept < named && named < back, "{watched:?}");
    assert_eq!(watched.matches('\u{7}').count(), watched.matches("\u{1b}]2;").count(), "nothing rings: {watched:?}");

    world.delete(job);
    let job = world.create(GOOD);
    let waited = on_a_terminal(
        &world,
        &["wait", &id(job), "--ascii"],
        |until| {
            until(&format!("\r\u{1b}[K[--------------------] job {job} ({GOOD}) initializing"));
            world.pass(100);
            until("[########");
            world.pass(100);
        },
        0,
    );
    assert!(waited.contains(&format!("\r\u{1b}[Kcomplete: job {job} ({GOOD}), after ")), "{waited:?}");
}
