//! An engine under test, and the snapshots that it publishes, to wait for the one that a test is about.

#![allow(dead_code, reason = "each test program uses some of it")]

use std::{
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use trailwatch::{
    acs::HttpOptions,
    cli::demo_targets,
    emulator::Emulator,
    engine::{Depth, Engine, Setup, Snapshot, TargetSpec, system_clock},
};

/// Longer than any test takes; shorter than a person waits for a hung one.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// The target of an endpoint's first identity.
pub(crate) fn target(emulator: &Emulator) -> TargetSpec {
    demo_targets(emulator).unwrap().remove(0)
}

/// A setup with little patience, for tests in which calls fail.
pub(crate) fn setup(targets: Vec<TargetSpec>, interval: Duration) -> Setup {
    Setup {
        targets,
        interval,
        idle_interval: interval,
        stalled_after: Duration::from_secs(1800),
        max_qps: 50,
        patience: Duration::from_millis(200),
        depth: Depth::Jobs,
        journal: None,
        http: HttpOptions::default(),
        clock: system_clock(),
    }
}

pub(crate) struct Watched {
    pub(crate) engine: Engine,
    snapshots: mpsc::Receiver<Arc<Snapshot>>,
}

impl Watched {
    pub(crate) fn start(targets: Vec<TargetSpec>, interval: Duration) -> Self {
        Self::with(&setup(targets, interval))
    }

    pub(crate) fn with(setup: &Setup) -> Self {
        let engine = Engine::start(setup).unwrap();
        let (sender, snapshots) = mpsc::channel();
        engine.subscribe(move |snapshot| drop(sender.send(snapshot)));
        Self { engine, snapshots }
    }

    /// The first snapshot from now on of which `holds` is true.
    pub(crate) fn until(&self, what: &str, mut holds: impl FnMut(&Snapshot) -> bool) -> Arc<Snapshot> {
        let latest = self.engine.snapshot();
        if holds(&latest) {
            return latest;
        }
        let deadline = Instant::now() + DEADLINE;
        loop {
            let snapshot = self.next(what, deadline);
            // What was published before is no news.
            if snapshot.rev > latest.rev && holds(&snapshot) {
                return snapshot;
            }
        }
    }

    /// The next snapshot that was not taken yet.
    pub(crate) fn next(&self, what: &str, deadline: Instant) -> Arc<Snapshot> {
        let left = deadline.saturating_duration_since(Instant::now());
        self.snapshots.recv_timeout(left).unwrap_or_else(|_| {
            let health: Vec<_> = self.engine.snapshot().targets.iter().map(|target| target.health.clone()).collect();
            panic!("never saw {what}: {health:?}")
        })
    }
}

pub(crate) fn is_read(snapshot: &Snapshot) -> bool {
    snapshot.targets.iter().all(|target| target.read.is_some())
}
