//! A long watch on a bad line: 10,000 polls of 50 accounts with random faults, in a world that goes ten times as fast. Memory
//! and file descriptors stay as they are, and every change is told exactly once, as the emulator knows it.
//!
//! It takes five minutes, and is no part of the usual tests:
//! `cargo test --release --test soak -- --ignored --nocapture`.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that has no answer has failed")]

mod process;
mod told;
mod truth;

#[allow(dead_code, reason = "each test program uses some of it")]
#[path = "../emulator/caller.rs"]
mod caller;
#[allow(dead_code, reason = "each test program uses some of it")]
#[path = "../cli/program.rs"]
mod program;
#[allow(dead_code, reason = "each test program uses some of it")]
#[path = "../watch/started.rs"]
mod started;

use std::{
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::json;
use trailwatch::{
    emulator::{Config, Emulator, Fault, FaultKind, Operation, Quota, Scenario},
    engine::CAPACITY,
};

use self::{
    caller::{Call, Hand, emulator},
    process::Samples,
    program::{Access, command, home_with},
    started::Started,
    told::Told,
    truth::Truth,
};

const ACCOUNTS: u16 = 50;
/// Settled jobs at the start, in all accounts together. One of them is deleted now and then, of each account in turn.
const JOBS: usize = 1_000;
const POLLS: u64 = 10_000;
const LONGEST: Duration = Duration::from_secs(600);

/// One step of the world, and how long it takes here. At first it hurries, until the program knows as many changes as it keeps.
const STEP: Duration = Duration::from_millis(500);
const HURRY: Duration = Duration::from_secs(2);
const BEAT: Duration = Duration::from_millis(50);
/// An outage: it begins so many steps after the one before, and is longer than a read goes on without an answer.
const OUTAGE: (usize, usize) = (1_000, 160);
/// After how many steps a job is deleted, and the process is looked at.
const STEPS: usize = 20;

/// What goes wrong in which share of calls: about one in ten. Refusals are left out: after one, a target rests for 5 minutes.
const FAULTS: [(FaultKind, f64); 17] = [
    (FaultKind::ServiceUnavailable, 0.02),
    (FaultKind::InternalError, 0.01),
    (FaultKind::Throttle, 0.003),
    (FaultKind::Throttle400, 0.002),
    (FaultKind::Html, 0.01),
    (FaultKind::Html200, 0.005),
    (FaultKind::Xml, 0.005),
    (FaultKind::Empty, 0.005),
    (FaultKind::Truncated, 0.01),
    (FaultKind::Half, 0.01),
    (FaultKind::Endless, 0.0005),
    (FaultKind::Oversized, 0.0005),
    (FaultKind::Hang, 0.001),
    (FaultKind::Slow, 0.0005),
    (FaultKind::Reset, 0.01),
    (FaultKind::Clock, 0.002),
    (FaultKind::Nonce, 0.005),
];

/// What the program calls.
const POLLED: [Operation; 2] = [Operation::ListJobs, Operation::GetJob];

/// The endpoint and its time.
struct World {
    emulator: Emulator,
    hand: Hand,
    deleted: usize,
}

impl World {
    fn new() -> Self {
        let scenario = Scenario::Fleet(ACCOUNTS);
        let (emulator, hand) = emulator(Config { scenario, jobs: JOBS, quota: Quota::UNLIMITED, ..Config::default() });
        Self { emulator, hand, deleted: 0 }
    }

    fn pass(&self, step: Duration) {
        self.hand.pass(step.as_millis() as i64);
        thread::sleep(BEAT);
    }

    fn polls(&self) -> u64 {
        self.emulator.stats().calls(Operation::ListJobs)
    }

    /// Deletes the oldest job of the account whose turn it is.
    fn delete_one(&mut self) {
        let who = &self.emulator.identities()[self.deleted % usize::from(ACCOUNTS)];
        let now = self.emulator.last_call();
        let oldest = self.emulator.ever_present(&who.account, &(now..=now)).pop_first().unwrap();
        Call::new(who, &self.hand, "DeleteDeliveryHistoryJob", &format!("JobId={oldest}")).send(&self.emulator).good();
        self.deleted += 1;
    }

    /// Things go wrong from now on, but not for who deletes.
    fn go_wrong(&self) {
        self.emulator.set_faults(FAULTS.map(|(kind, rate)| Fault::new(kind, rate).on(&POLLED)).into());
    }

    /// Nothing is answered from now on, but to who deletes.
    fn go_out(&self) {
        self.emulator.set_faults(vec![Fault::always(FaultKind::ServiceUnavailable).on(&POLLED)]);
    }

    /// All is well from now on, and nothing happens: waits until that has been seen by whoever polls. A call that hangs does
    /// so until its client gives up, and what was throttled comes back slowly.
    fn come_to_rest(&self) {
        self.emulator.set_faults(Vec::new());
        let enough = self.polls() + 30 * u64::from(ACCOUNTS);
        while self.polls() < enough {
            thread::sleep(BEAT);
        }
    }
}

/// The program, with a profile for each account.
fn watch(world: &World, home: &tempfile::TempDir) -> Started {
    let names: Vec<&str> = world.emulator.identities().iter().map(|who| who.profile.as_str()).collect();
    let (url, names) = (world.emulator.url(), names.join(","));
    let variables = [
        ("TRAILWATCH_ENDPOINT", url.as_str()),
        ("TRAILWATCH_PROFILE", &names),
        ("TRAILWATCH_INTERVAL", "1s"),
        ("TRAILWATCH_IDLE_INTERVAL", "1s"),
        ("TRAILWATCH_MAX_QPS", "1000"),
        ("TRAILWATCH_TIMEOUT", "5s"),
    ];
    Started::new(command(home.path(), &variables, &["watch", "-o", "ndjson"]))
}

/// A home with a profile for each account.
fn home(world: &World) -> tempfile::TempDir {
    let profile = |name: &str| Access::of(&world.emulator, name).profile(name);
    let profiles: Vec<_> = world.emulator.identities().iter().map(|who| profile(&who.profile)).collect();
    home_with("account-1", &profiles)
}

#[test]
#[ignore = "takes five minutes"]
fn a_long_watch_on_a_bad_line_neither_grows_nor_loses_nor_repeats_a_line() {
    let mut world = World::new();
    let home = home(&world);
    let mut watch = watch(&world, &home);
    // The state of every job is told before anything goes wrong, so that it is known what must come.
    for _ in 0..JOBS + usize::from(ACCOUNTS) {
        watch.stdout.object(&json!({"type": "state"}));
    }
    while watch.stdout.seen.len() < CAPACITY + CAPACITY / 10 {
        world.pass(HURRY);
        watch.stdout.says("another line");
    }
    let (begun, before) = (Instant::now(), world.polls());
    let mut samples = Samples::of(watch.pid());
    for step in 0.. {
        if world.polls() >= before + POLLS {
            break;
        }
        assert!(begun.elapsed() < LONGEST, "only {} polls", world.polls() - before);
        match step % (OUTAGE.0 + OUTAGE.1) {
            0 => world.go_wrong(),
            step if step == OUTAGE.0 => world.go_out(),
            _ => {}
        }
        if step % STEPS == 0 {
            world.delete_one();
            samples.take();
        }
        world.pass(STEP);
    }
    world.come_to_rest();
    watch.signal(Signal::TERM);
    let ended = watch.ends(143);
    // To look at, where something is missing.
    std::fs::write(concat!(env!("CARGO_TARGET_TMPDIR"), "/soak.ndjson"), &ended.stdout).unwrap();
    let told = Told::by_profile(&ended.stdout);
    for who in world.emulator.identities() {
        told[&who.profile].is(&Truth::of(&world.emulator, &world.hand, who));
    }
    let sum = |what: fn(&Told) -> usize| told.values().map(what).sum::<usize>();
    report(&world, begun.elapsed(), &samples, sum(Told::changes), sum(Told::troubles));
    samples.are_flat();
}

/// What it was like, for who started it.
#[allow(clippy::print_stdout, reason = "the harness shows it where it is asked to")]
fn report(world: &World, took: Duration, samples: &Samples, changes: usize, troubles: usize) {
    let struck = world.emulator.calls().iter().filter(|call| call.fault.is_some()).count();
    println!(
        "{} polls and {} calls for single jobs in {} s, {struck} of them struck by a fault; {changes} changes told, each once, \
         and {troubles} times that a target was lost and back\n{samples}",
        world.polls(),
        world.emulator.stats().calls(Operation::GetJob),
        took.as_secs(),
    );
}
