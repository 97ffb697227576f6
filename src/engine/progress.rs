//! The regions of a target's jobs: read for active jobs after each sweep, and for the job that its user looks at.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use super::{Interest, Snapshot, TargetState, Verdict, caller::Caller, poller::Reports, store::Report};
use crate::job::{Job, JobId, Status, Timestamp};

/// How long a selection rests before a call is spent on it: scrolling over a hundred jobs costs nothing.
const AT_REST: Duration = Duration::from_millis(250);

/// How long a missing permission is left alone.
const REFUSED_REST: Duration = Duration::from_secs(300);

/// The most active jobs of one target whose regions are read after a sweep; the service runs one per account.
const MOST_ACTIVE: usize = 10;

/// Reads the regions of one target's jobs.
pub(super) struct Progress {
    caller: Caller,
    reports: Reports,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    interest: watch::Receiver<Interest>,
    /// The state of each job at which its regions were read.
    read: HashMap<JobId, State>,
    /// The sweep after which active jobs were last asked for.
    swept: Option<Timestamp>,
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
        Self { caller, reports, snapshots, interest, read: HashMap::new(), swept: None, refused_until: None }
    }

    /// Follows sweeps and interest until the engine ends.
    pub(super) async fn run(mut self) {
        loop {
            for id in self.wanted() {
                self.ask(id).await;
            }
            let changed = tokio::select! {
                changed = self.snapshots.changed() => changed,
                changed = self.interest.changed() => {
                    self.selection_at_rest().await;
                    changed
                }
            };
            if changed.is_err() {
                return;
            }
        }
    }

    async fn selection_at_rest(&mut self) {
        while let Ok(Ok(())) = timeout(AT_REST, self.interest.changed()).await {}
    }

    /// The jobs to ask for now.
    fn wanted(&mut self) -> Vec<JobId> {
        let snapshot = Arc::clone(&self.snapshots.borrow_and_update());
        let target = &snapshot.targets[self.reports.at.0];
        let refused = self.refused_until.is_some_and(|until| Instant::now() < until);
        let Some(read) = target.read.as_ref().filter(|_| !refused && !target.paused) else { return Vec::new() };
        let mut wanted = Vec::new();
        if self.swept != Some(read.at) {
            self.swept = Some(read.at);
            self.read.retain(|id, _| target.job(*id).is_some());
            let moving = |job: &&Job| job.status.is_active() || self.has_moved(job);
            wanted.extend(target.jobs.rows.iter().rev().filter(moving).take(MOST_ACTIVE).map(|job| job.id));
        }
        if let Some(job) = self.selected(target).filter(|job| !wanted.contains(&job.id)) {
            wanted.insert(0, job.id);
        }
        wanted
    }

    /// Whether a job whose regions were read has changed since.
    fn has_moved(&self, job: &Job) -> bool {
        self.read.get(&job.id).is_some_and(|state| *state != State::of(job))
    }

    /// The job that its user looks at, where it is one of this target and its regions are not known yet.
    fn selected<'a>(&mut self, target: &'a TargetState) -> Option<&'a Job> {
        let interest = self.interest.borrow_and_update().clone();
        let key = interest.selected?;
        let job = target.job(key.id).filter(|job| target.job_key(job) == key)?;
        (self.read.get(&job.id) != Some(&State::of(job))).then_some(job)
    }

    async fn ask(&mut self, id: JobId) {
        let outcome = self.caller.get(id, |_| ()).await;
        let snapshot = Arc::clone(&self.snapshots.borrow());
        let Some(job) = snapshot.targets[self.reports.at.0].job(id) else { return };
        match outcome {
            Ok(detail) => {
                self.read.insert(id, State::of(job));
                self.reports.tell(Report::Regions(self.reports.at, id, Ok(detail.regions)));
            }
            // The next sweep tells whether the job is gone.
            Err(error) if error.verdict() == Verdict::NotFound => {
                self.read.insert(id, State::of(job));
            }
            Err(error) => {
                if error.verdict().is_lasting() {
                    self.refused_until = Some(Instant::now() + REFUSED_REST);
                }
                self.reports.tell(Report::Regions(self.reports.at, id, Err(Arc::new(error))));
            }
        }
    }
}
