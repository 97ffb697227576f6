//! The regions of a target's jobs: read for active jobs after each sweep, and for the job that its user looks at.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use tokio::{sync::watch, time::Instant};

use super::{Error, Interest, Snapshot, Verdict, caller::Caller, poller::Reports, report::Report};
use crate::{
    actiontrail::Detail,
    job::{Job, JobId, Status, Timestamp},
};

/// How long a missing permission is left alone.
const REFUSED_REST: Duration = Duration::from_secs(300);

/// The most active jobs of one target whose regions are read after a sweep; the service runs one per account.
const MOST_ACTIVE: usize = 10;

/// The most jobs that the list lacks and that are asked for after one sweep.
const MOST_UNLISTED: usize = 20;

/// Reads the regions of one target's jobs.
pub(super) struct Progress {
    caller: Caller,
    reports: Reports,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    /// What its user has looked at for a while.
    interest: watch::Receiver<Interest>,
    /// The state of each job at which its regions were read.
    read: HashMap<JobId, State>,
    /// The sweep after which active jobs were last asked for.
    swept: Option<Timestamp>,
    /// Jobs whose regions could not be read since that sweep: they are asked for again after the next one.
    failed: HashSet<JobId>,
    refused_until: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State(Status, Option<Timestamp>);

impl State {
    fn of(job: &Job) -> Self {
        Self(job.status, job.updated)
    }
}

impl Progress {
    pub(super) fn new(
        caller: Caller,
        reports: Reports,
        snapshots: watch::Receiver<Arc<Snapshot>>,
        interest: watch::Receiver<Interest>,
    ) -> Self {
        Self {
            caller,
            reports,
            snapshots,
            interest,
            read: HashMap::new(),
            swept: None,
            failed: HashSet::new(),
            refused_until: None,
        }
    }

    /// Follows sweeps and interest until the engine ends.
    pub(super) async fn run(mut self) {
        loop {
            for id in self.wanted() {
                let (caller, mut interest) = (self.caller.clone(), self.interest.clone());
                let answer = tokio::select! {
                    answer = caller.get_at_once(id) => answer,
                    // The user looks elsewhere: an answer that does not come must not hold up the next.
                    Ok(()) = interest.changed() => {
                        self.swept = None;
                        break;
                    }
                };
                self.take(id, answer);
            }
            let changed = tokio::select! {
                changed = self.snapshots.changed() => changed,
                changed = self.interest.changed() => changed,
            };
            if changed.is_err() {
                return;
            }
        }
    }

    /// The jobs to ask for now.
    fn wanted(&mut self) -> Vec<JobId> {
        let snapshot = Arc::clone(&self.snapshots.borrow_and_update());
        let target = &snapshot.targets[self.reports.at.0];
        let refused = self.refused_until.is_some_and(|until| Instant::now() < until);
        let Some(read) = target.read.as_ref().filter(|_| !refused && !target.rests()) else { return Vec::new() };
        let mut wanted = Vec::new();
        if self.swept != Some(read.at) {
            self.swept = Some(read.at);
            self.failed.clear();
            let missing = target.missing.jobs.iter().map(|job| job.key.id);
            wanted.extend(target.unlisted.iter().copied().chain(missing).take(MOST_UNLISTED));
            // They go with their job, and with all of a target that becomes a twin.
            self.read.retain(|id, _| target.regions.contains_key(id));
            let moving = |job: &&Job| job.status.is_active() || self.has_moved(job);
            wanted.extend(target.jobs.rows.iter().rev().filter(moving).take(MOST_ACTIVE).map(|job| job.id));
        }
        if let Some(job) = self.selected(&snapshot).filter(|job| !wanted.contains(&job.id)) {
            wanted.insert(0, job.id);
        }
        wanted
    }

    /// Whether a job whose regions were read has changed since.
    fn has_moved(&self, job: &Job) -> bool {
        self.read.get(&job.id).is_some_and(|state| *state != State::of(job))
    }

    /// The job that its user looks at, where it is one of this target and its regions are not known yet.
    fn selected<'a>(&mut self, snapshot: &'a Snapshot) -> Option<&'a Job> {
        let target = &snapshot.targets[self.reports.at.0];
        let interest = self.interest.borrow_and_update().clone();
        let key = interest.selected?;
        let job =
            target.job(key.id).filter(|_| snapshot.places(&key).any(|at| at.target as usize == self.reports.at.0))?;
        let is_new = self.read.get(&job.id) != Some(&State::of(job)) && !self.failed.contains(&job.id);
        is_new.then_some(job)
    }

    fn take(&mut self, id: JobId, answer: Result<Detail, Error>) {
        let at = self.reports.at;
        match answer {
            Ok(detail) => {
                self.read.insert(id, State::of(&detail.job));
                self.reports.tell(Report::Regions(at, id, Ok(detail.regions)));
            }
            Err(error) if error.verdict() == Verdict::NotFound => {
                self.failed.insert(id);
                self.reports.tell(Report::Gone(at, id));
            }
            Err(error) => {
                self.failed.insert(id);
                if error.verdict().is_lasting() {
                    self.refused_until = Some(Instant::now() + REFUSED_REST);
                }
                self.reports.tell(Report::Regions(at, id, Err(Arc::new(error))));
            }
        }
    }
}
