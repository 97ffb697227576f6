//! A small world: a target whose jobs and troubles go through the real store, and a place where commands leave a trace.

use std::{
    fs,
    path::PathBuf,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use serde_json::value::RawValue;
use tempfile::TempDir;

use crate::{
    acs::{self, ApiError},
    actiontrail::{self, Operation},
    engine::{Baseline, Clock, Error, Report, Snapshot, Store, Sweep, TargetIndex, TargetState},
    job::{Filter, Job, JobId, ProfileName, Region, Status, TargetKey, Timestamp, Transition, Window, coverage::Rules},
    journal::Journal,
    notify::{Kind, Way},
};

pub(super) const TARGET: TargetIndex = TargetIndex(0);

/// So many seconds after the beginning.
pub(super) fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-11-24T20:00:00Z".parse().unwrap();
    start + TimeDelta::seconds(seconds)
}

pub(super) fn target() -> TargetKey {
    TargetKey { profile: ProfileName::new("prod").unwrap(), region: Region::new("cn-hangzhou").unwrap() }
}

/// A job that came into its status as many seconds after the beginning as the status has for a code.
pub(super) fn job(id: i64, trail: &str, status: Status) -> Job {
    Job {
        id: JobId::new(id),
        trail: trail.into(),
        home: Some("cn-hangzhou".into()),
        status,
        created: Some(at(-600)),
        updated: Some(at(status.code())),
        window: Window { start: Some(at(-9000)), end: Some(at(-600)) },
        raw: RawValue::from_string(format!("[{id},{}]", status.code())).unwrap().into(),
    }
}

/// The store of one target.
pub(super) struct World(pub(super) Store);

impl World {
    pub(super) fn new() -> Self {
        let state = TargetState::new(target(), "actiontrail.cn-hangzhou.aliyuncs.com", "environment");
        Self(Store::new(vec![state], Duration::from_secs(10), Rules::default()))
    }

    /// One that begins with what the journal knows, as the engine does.
    pub(super) fn remembering(journal: &mut Journal) -> Self {
        let mut world = Self::new();
        if let Some(known) = journal.baseline(&target()).unwrap() {
            world.0.set_baseline(TARGET, Baseline { read: Some(known.read_at), jobs: known.jobs });
        }
        world
    }

    pub(super) fn report(&mut self, report: Report, seconds: i64) -> Arc<Snapshot> {
        self.0.apply(report, at(seconds));
        Arc::clone(self.0.snapshot())
    }

    /// A read that finds these jobs.
    pub(super) fn read(&mut self, seconds: i64, jobs: &[Job]) -> Arc<Snapshot> {
        let sweep = Sweep { jobs: Arc::new(jobs.iter().cloned().collect()), at: at(seconds), ..Sweep::default() };
        self.report(Report::Swept(TARGET, sweep), seconds)
    }

    /// A read that is given up.
    pub(super) fn fail(&mut self, seconds: i64, code: &str, http_status: u16) -> Arc<Snapshot> {
        let source = acs::Error::Api(Box::new(ApiError {
            code: code.into(),
            message: "no".into(),
            http_status,
            request_id: None,
            denied_action: None,
            retry_after: None,
            server_time: None,
        }));
        let error = Error::Call(actiontrail::Error { operation: Operation::List, source });
        self.report(Report::Failed(TARGET, Arc::new(error)), seconds)
    }

    pub(super) fn transitions(&self) -> Vec<Arc<Transition>> {
        self.0.snapshot().log.iter().cloned().collect()
    }
}

/// The snapshot in which these jobs, which were delivering, have failed.
pub(super) fn failed(ids: std::ops::Range<i64>) -> World {
    let jobs = |status: Status| ids.clone().map(|id| job(id, "audit", status)).collect::<Vec<_>>();
    let mut world = World::new();
    world.read(-10, &jobs(Status::Delivering));
    world.read(10, &jobs(Status::Failed));
    world
}

pub(super) fn clock() -> Clock {
    Arc::new(|| at(20))
}

/// Where commands write, and the journal lies.
pub(super) struct Place(TempDir);

impl Place {
    pub(super) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(super) fn journal(&self) -> PathBuf {
        self.0.path().join("journal.db")
    }

    pub(super) fn trace(&self) -> PathBuf {
        self.0.path().join("trace")
    }

    /// A way whose command runs this script, with the trace as `$0`.
    pub(super) fn way(&self, name: &str, script: &str) -> Way {
        shell(name, script, &self.trace().to_string_lossy())
    }

    /// The lines that commands wrote.
    pub(super) fn lines(&self) -> Vec<String> {
        fs::read_to_string(self.trace()).unwrap_or_default().lines().map(str::to_owned).collect()
    }
}

pub(in crate::notify) fn shell(name: &str, script: &str, zero: &str) -> Way {
    Way {
        name: name.into(),
        on: Kind::USUAL.to_vec(),
        filter: Filter::default(),
        command: ["sh", "-c", script, zero].map(str::to_owned).to_vec(),
        timeout: Duration::from_secs(30),
        debounce: Duration::ZERO,
    }
}

pub(in crate::notify) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < end, "never: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}
