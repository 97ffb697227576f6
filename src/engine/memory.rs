//! The engine's side of the journal: the baseline at the start, what changes as it is seen, and a farewell at the end.
//!
//! Without a journal everything here does nothing. The disk is never waited for, but at the start and for a moment at the end.

use std::{mem, path::Path, sync::Arc};

use tokio::sync::mpsc;

use super::{
    Baseline, Clock, Jobs, Snapshot, TargetState, diff,
    report::{Report, TargetIndex},
    store::Store,
};
use crate::{
    job::{Account, JobKey, Seq, Timestamp, What, coverage::Acknowledgement},
    journal::{Answer, Asked, Journal, JournalWriter, Wanted},
};

/// Whether a person looks, who will want to know next time what happened since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Visit {
    /// A dashboard.
    Counts,
    /// A script.
    DoesNotCount,
}

/// What the engine remembers over runs.
pub(super) struct Memory {
    writer: Option<JournalWriter>,
    clock: Clock,
    visit: Visit,
    began: Timestamp,
    /// The next transition to record.
    next: Seq,
    /// The jobs of each target that were last handed over.
    kept: Vec<Arc<Jobs>>,
    latest: Arc<Snapshot>,
}

impl Memory {
    /// Opens the journal and tells the store what it knows. A journal that can't be used is told, and done without.
    pub(super) fn open(
        path: Option<&Path>,
        visit: Visit,
        store: &mut Store,
        clock: &Clock,
        answers: mpsc::UnboundedSender<Report>,
    ) -> Self {
        let writer = path.and_then(|path| start(path, visit, store, clock, answers));
        let latest = Arc::clone(store.snapshot());
        let kept = latest.targets.iter().map(|target| Arc::clone(&target.jobs)).collect();
        let began = clock();
        Self { writer, clock: Arc::clone(clock), visit, began, next: latest.log.next(), kept, latest }
    }

    /// Records what a snapshot brought. Where it brought nothing new, nothing is written.
    pub(super) fn keep(&mut self, snapshot: &Arc<Snapshot>) {
        let before = mem::replace(&mut self.latest, Arc::clone(snapshot));
        let Some(writer) = &self.writer else { return };
        let (_, new) = snapshot.log.since(self.next);
        let new: Vec<_> = new.cloned().collect();
        self.next = snapshot.log.next();
        if !new.is_empty() {
            told(writer.record(new));
        }
        for (before, target) in before.targets.iter().zip(snapshot.targets.iter()) {
            if let (None, Some(account)) = (&before.account, &target.account) {
                told(writer.name_account(target.key.profile.clone(), account.clone(), self.began));
            }
        }
        for (target, kept) in snapshot.targets.iter().zip(&mut self.kept) {
            if target.read.is_some() && !Arc::ptr_eq(&target.jobs, kept) {
                *kept = Arc::clone(&target.jobs);
                remember(writer, target);
            }
        }
    }

    /// Asks for the history of a job; the answer comes as a report.
    pub(super) fn ask(&self, job: JobKey) {
        if let Some(writer) = &self.writer {
            told(writer.ask(Asked { job: Some(Wanted::Key(job)), since: None }));
        }
    }

    /// Keeps that a failure is settled, or that it is not after all.
    pub(super) fn settle(&self, job: JobKey, acknowledgement: Option<&Acknowledgement>) {
        let Some(writer) = &self.writer else { return };
        told(match acknowledgement {
            Some(Acknowledgement { at, note }) => writer.acknowledge(job, Arc::clone(note), *at),
            None => writer.take_back(job),
        });
    }
}

impl Drop for Memory {
    /// Says when each target was last read, and that the visit is over. Dropping the writer waits a moment for the disk.
    fn drop(&mut self) {
        let Some(writer) = &self.writer else { return };
        self.latest.targets.iter().for_each(|target| remember(writer, target));
        if self.visit == Visit::Counts {
            told(writer.leave((self.clock)()));
        }
    }
}

fn start(
    path: &Path,
    visit: Visit,
    store: &mut Store,
    clock: &Clock,
    answers: mpsc::UnboundedSender<Report>,
) -> Option<JournalWriter> {
    let now = clock();
    let opened = Journal::open(path, now);
    if let Some(notice) = opened.notice {
        store.apply(Report::Notice(notice.to_string().into()), now);
    }
    let mut journal = opened.journal?;
    if let Err(error) = recall(&mut journal, visit, store, clock) {
        store.apply(Report::Notice(format!("the journal can't be read: {error}").into()), now);
    }
    let tell = move |answer| {
        let _ = answers.send(match answer {
            Answer::History(asked, transitions) => Report::History(asked.job, transitions.into()),
            Answer::Acknowledged(acknowledged) => Report::Acknowledged(acknowledged),
            Answer::Trouble(notice) => Report::Notice(notice.to_string().into()),
        });
    };
    let clock = Arc::clone(clock);
    JournalWriter::start(journal, move || clock(), tell).ok()
}

/// What was known before: the last state of every job, what was settled, and what others saw since the last visit.
fn recall(journal: &mut Journal, visit: Visit, store: &mut Store, clock: &Clock) -> Result<(), crate::journal::Error> {
    let now = clock();
    let targets: Vec<_> = store.snapshot().targets.iter().map(|target| target.key.clone()).collect();
    for (index, target) in targets.iter().enumerate() {
        if let Some(known) = journal.baseline(target)? {
            store.set_baseline(TargetIndex(index), Baseline { read: Some(known.read_at), jobs: known.jobs });
        }
    }
    store.apply(Report::Acknowledged(journal.acknowledgements()?), now);
    if visit == Visit::Counts
        && let Some(last) = journal.visit_begin(now)?
    {
        let seen = journal.history(&Asked { job: None, since: Some(last) })?;
        let watched = |what: &What| match what.job().map(|job| &job.key.account) {
            Some(Account::Profile(name)) => targets.iter().any(|target| target.profile == *name),
            Some(Account::Id(_)) => true,
            None => false,
        };
        let changed = seen.into_iter().map(|transition| transition.what).filter(watched);
        store.apply(Report::LastVisit(last, changed.collect()), now);
    }
    Ok(())
}

fn remember(writer: &JournalWriter, target: &Arc<TargetState>) {
    let Some(read) = &target.read else { return };
    let (key, owner, at) = (target.key.clone(), target.owner(), read.at);
    let (target, missing) = (Arc::clone(target), Arc::clone(&target.missing));
    let listed = (0..target.jobs.rows.len()).map(move |row| diff::job_seen(&target, &target.jobs.rows[row]));
    // What is missing is kept until the service says that it is gone, so that a later run asks again.
    let missing = (0..missing.jobs.len()).map(move |at| missing.jobs[at].clone());
    told(writer.remember(key, owner, listed.chain(missing), at));
}

/// An order that is lost is found again by the next run, which compares with what was kept.
fn told(order: Result<(), crate::journal::Behind>) {
    if let Err(behind) = order {
        tracing::warn!("{behind}");
    }
}
