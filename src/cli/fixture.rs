//! A world for tests of `watch` and `wait`: reports in, as the engine has them, and snapshots out.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;

use super::follow::Moment;
use crate::{
    acs,
    actiontrail::{self, Operation},
    engine::{Baseline, Error, Quality, Report, Snapshot, Store, Sweep, TargetIndex, TargetState, Why},
    job::{
        AccountId, Change, Job, JobId, JobKey, JobSeen, ProfileName, Region, RegionStatus, Regions, Seen, Seq, Status,
        TargetKey, Timestamp, Transition, What, coverage::Rules, tests::job as documented,
    },
};

/// So many seconds after the beginning of the world.
pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000 + second, 0).unwrap()
}

/// The moment at that second of a command that began with the world.
pub(super) fn moment(second: i64) -> Moment {
    Moment { now: at(second), elapsed: Duration::from_secs(second.unsigned_abs()) }
}

/// The target of a name such as `prod` or `prod@cn-shanghai`.
pub(super) fn target(name: &str) -> TargetKey {
    let (profile, region) = name.split_once('@').unwrap_or((name, "cn-hangzhou"));
    TargetKey { profile: ProfileName::new(profile).unwrap(), region: Region::new(region).unwrap() }
}

/// A job of trail "trail-name" that last changed at that second.
pub(super) fn job(id: i64, status: Status, updated: i64) -> Job {
    Job { status, created: Some(at(id - 100_000)), updated: Some(at(updated)), ..documented(id) }
}

pub(super) fn unavailable() -> Arc<Error> {
    refusal("ServiceUnavailable", 503)
}

pub(super) fn denied() -> Arc<Error> {
    refusal("NoPermission", 403)
}

fn refusal(code: &str, http_status: u16) -> Arc<Error> {
    let source = acs::Error::Api(Box::new(acs::ApiError {
        code: code.into(),
        message: "no".into(),
        http_status,
        request_id: Some("B19".into()),
        denied_action: None,
        retry_after: None,
        server_time: None,
    }));
    Arc::new(Error::Call(actiontrail::Error { operation: Operation::List, source }))
}

/// Targets and what is reported of them.
pub(super) struct World {
    store: Store,
}

impl World {
    /// Each profile has an account of its own.
    pub(super) fn new(profiles: &[&str]) -> Self {
        let mut world = Self::of_nobody(profiles);
        for (index, name) in profiles.iter().enumerate() {
            world.belongs(index, target(name).profile.as_str(), 0);
        }
        world
    }

    /// Nobody knows yet whose the profiles are.
    pub(super) fn of_nobody(profiles: &[&str]) -> Self {
        let states = profiles.iter().map(|name| TargetState::new(target(name), "host", "environment"));
        Self { store: Store::new(states.collect(), Duration::from_secs(10), Rules::default()) }
    }

    /// What an earlier run knew of a target.
    pub(super) fn knew(&mut self, profile: usize, jobs: &[Job], second: i64) {
        let key = self.snapshot().targets[profile].key.clone();
        let mut jobs: Vec<JobSeen> = jobs.iter().map(|job| seen(job, &key)).collect();
        jobs.sort_by(|a, b| a.key.cmp(&b.key));
        self.store.set_baseline(TargetIndex(profile), Baseline { read: Some(at(second)), jobs });
    }

    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(self.store.snapshot())
    }

    /// A read of a target.
    pub(super) fn swept(&mut self, profile: usize, jobs: &[Job], second: i64) -> Arc<Snapshot> {
        self.sweep(profile, jobs, second, Quality::Whole)
    }

    /// A first read of several pages, which nothing has confirmed yet.
    pub(super) fn glimpsed(&mut self, profile: usize, jobs: &[Job], second: i64) -> Arc<Snapshot> {
        self.sweep(profile, jobs, second, Quality::Unconfirmed(Why::OneRead))
    }

    fn sweep(&mut self, profile: usize, jobs: &[Job], second: i64, quality: Quality) -> Arc<Snapshot> {
        let jobs = Arc::new(jobs.iter().cloned().collect());
        let sweep = Sweep { jobs, at: at(second), quality, ..Sweep::default() };
        self.report(Report::Swept(TargetIndex(profile), sweep), second)
    }

    pub(super) fn trouble(&mut self, profile: usize, error: Arc<Error>, second: i64) -> Arc<Snapshot> {
        self.report(Report::Failed(TargetIndex(profile), error), second)
    }

    /// STS says whose a target is.
    pub(super) fn belongs(&mut self, profile: usize, account: &str, second: i64) -> Arc<Snapshot> {
        self.report(Report::Account(vec![TargetIndex(profile)], AccountId::new(account)), second)
    }

    /// The service says that it does not know a job.
    pub(super) fn gone(&mut self, profile: usize, id: i64, second: i64) -> Arc<Snapshot> {
        self.report(Report::Gone(TargetIndex(profile), JobId::new(id)), second)
    }

    /// The regions of a job were read.
    pub(super) fn regions(
        &mut self,
        profile: usize,
        id: i64,
        regions: &[(&str, Status)],
        second: i64,
    ) -> Arc<Snapshot> {
        let row = |(region, status): &(&str, Status)| RegionStatus { region: (*region).into(), status: *status };
        let regions = Regions { rows: regions.iter().map(row).collect(), read: at(second), request_id: None };
        self.report(Report::Regions(TargetIndex(profile), JobId::new(id), Ok(regions)), second)
    }

    fn report(&mut self, report: Report, second: i64) -> Arc<Snapshot> {
        self.store.apply(report, at(second)).unwrap_or_else(|| self.snapshot())
    }
}

pub(super) fn seen(job: &Job, target: &TargetKey) -> JobSeen {
    let account = crate::job::Account::Profile(target.profile.clone());
    let home = job.home.clone().unwrap_or_else(|| target.region.as_str().into());
    JobSeen {
        key: JobKey { account, home, id: job.id },
        trail: Arc::clone(&job.trail),
        status: job.status,
        created: job.created,
        updated: job.updated,
        window: job.window,
        regions: None,
    }
}

/// A change of a job of "prod", as the journal has it.
pub(super) fn change(job: &Job, from: Status, second: i64) -> Arc<Transition> {
    let target = target("prod");
    let what = What::Job(seen(job, &target), Change::Status { from, to: job.status });
    let seen = Seen { after: Some(at(second - 10)), by: at(second) };
    Arc::new(Transition { seq: Seq(0), target, account: None, seen, what })
}

/// Moments apart, for what is measured.
pub(super) fn seconds(seconds: i64) -> TimeDelta {
    TimeDelta::seconds(seconds)
}
