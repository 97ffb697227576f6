//! From snapshots to lines, each change once: a plain state machine without a stream, a clock or a disk.

use std::{collections::HashSet, mem, sync::Arc, time::Duration};

use super::{
    lines,
    memory::{Marks, Until},
};
use crate::{
    cli::follow::{Accounts, Moment},
    engine::{Health, Snapshot, TargetState},
    export::{Line, Pulse},
    job::{Change, ChangeId, Filter, Row, Seq, Status, StatusCounts, Timestamp, Transition, What, coverage::Standing},
};

/// What is asked for.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Plan {
    /// Which jobs.
    pub(in crate::cli) filter: Filter,
    /// What comes first.
    pub(in crate::cli) start: Start,
    /// When it is over.
    pub(in crate::cli) end: End,
    /// After how long without a line somebody must hear that all is well.
    pub(in crate::cli) heartbeat: Option<Duration>,
    /// How much is told.
    pub(in crate::cli) extent: Extent,
}

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Extent {
    /// Everything.
    Full,
    /// What somebody may have to act on: jobs that nobody has to look at are counted at the start, and of regions only the
    /// failures are told.
    Brief,
}

impl Extent {
    fn has_job(self, row: &Row<'_>) -> bool {
        let nothing_to_do = match row.standing {
            Some(Standing::Complete) => true,
            Some(Standing::Failed(failure) | Standing::Incomplete { failure, .. }) => !failure.is_open(),
            _ => false,
        };
        self == Self::Full || !nothing_to_do
    }

    fn has_change(self, what: &What) -> bool {
        let of_region = matches!(what, What::Job(_, Change::Region { to, .. }) if *to != Status::Failed);
        self == Self::Full || !of_region
    }
}

/// What comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Start {
    /// The state of every job.
    State,
    /// What changed since the last run.
    Changes,
}

/// When it is over, besides by a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::cli) struct End {
    /// Once no job is active.
    pub(in crate::cli) idle: Option<Idle>,
    /// After so long.
    pub(in crate::cli) after: Option<Duration>,
}

/// No job is active.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Idle {
    /// No active job is left
    Idle,
}

/// A line, and the change that is told with it. A change without a line is of no concern, or was told before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Entry {
    pub(super) line: Option<Line>,
    pub(super) change: Option<Arc<Transition>>,
}

/// What a snapshot brought.
#[derive(Debug, Default)]
pub(super) struct News {
    pub(super) entries: Vec<Entry>,
    /// How many changes were lost because lines were written too slowly.
    pub(super) missed: u64,
}

/// How it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    GoOn,
    /// No job is active any more.
    Idle,
    /// The time is over.
    Over,
    /// No target could ever be read, and asking again is of no use.
    Refused,
}

/// What was told so far.
#[derive(Debug)]
pub(super) struct State {
    plan: Plan,
    next: Seq,
    /// In the order of the snapshot's.
    targets: Vec<Phase>,
    accounts: Accounts,
    /// What an earlier run did not come to tell, and this one did, and jobs that are gone: nothing of this is told again when
    /// this run, or another target, sees it.
    caught_up: HashSet<ChangeId>,
    before: Option<Arc<Snapshot>>,
    /// Whether a job failed while it was watched.
    failed: bool,
    /// When the last line was written.
    spoke: Duration,
}

/// How far a target has come.
#[derive(Debug)]
enum Phase {
    /// Its list was not read, or not yet confirmed, or it is not known yet whose it is. Changes of its jobs wait.
    Waiting(Vec<Arc<Transition>>),
    /// Its state was told.
    Told,
}

impl Default for Phase {
    fn default() -> Self {
        Self::Waiting(Vec::new())
    }
}

impl State {
    pub(super) fn new(plan: Plan) -> Self {
        Self {
            plan,
            next: Seq::default(),
            targets: Vec::new(),
            accounts: Accounts::default(),
            caught_up: HashSet::new(),
            before: None,
            failed: false,
            spoke: Duration::ZERO,
        }
    }

    /// Whether a job failed while it was watched.
    pub(super) fn has_seen_failure(&self) -> bool {
        self.failed
    }

    /// What a snapshot brought. `marks` knows what earlier runs told.
    pub(super) fn on_snapshot(&mut self, snapshot: &Arc<Snapshot>, moment: Moment, marks: &mut impl Marks) -> News {
        self.targets.resize_with(snapshot.targets.len(), Phase::default);
        let before = self.before.replace(Arc::clone(snapshot)).unwrap_or_else(|| Arc::clone(snapshot));
        let (missed, changes) = snapshot.log.since(self.next);
        let mut entries = Vec::new();
        // What is before a target's state comes before it in the log, too.
        let changes: Vec<_> = changes.cloned().collect();
        self.next = snapshot.log.next();
        let mut live = Vec::new();
        for change in changes {
            match self.waiting(snapshot, &change) {
                Some(waiting) => waiting.push(change),
                None => live.push(change),
            }
        }
        self.accounts.see(snapshot, moment);
        let is_new = |at: &usize| {
            matches!(self.targets[*at], Phase::Waiting(_)) && self.accounts.may_tell(*at, snapshot, moment)
        };
        let new: Vec<_> = (0..self.targets.len()).filter(is_new).collect();
        for &at in &new {
            self.meet(at, &before, snapshot, moment.now, marks, &mut entries);
        }
        let left_out = self.left_out(&new, snapshot, moment.now);
        entries.extend(left_out.map(|line| Entry { line: Some(line), change: None }));
        for change in live {
            if lines::speaks(&before, snapshot, &change) {
                self.tell(change, snapshot, moment.now, marks, &mut entries);
            } else {
                entries.push(Entry { line: None, change: Some(change) });
            }
        }
        if entries.iter().any(|entry| entry.line.is_some()) {
            self.spoke = moment.elapsed;
        }
        News { entries, missed }
    }

    /// Where a change of a job waits until its target's state is told, if it must.
    fn waiting(&mut self, snapshot: &Snapshot, change: &Transition) -> Option<&mut Vec<Arc<Transition>>> {
        change.what.job()?;
        let at = snapshot.targets.iter().position(|state| state.key == change.target)?;
        match &mut self.targets[at] {
            Phase::Waiting(waiting) => Some(waiting),
            Phase::Told => None,
        }
    }

    /// Tells the state of a target, or what happened to it since the last run, where that was not done yet.
    fn meet(
        &mut self,
        at: usize,
        before: &Snapshot,
        snapshot: &Snapshot,
        now: Timestamp,
        marks: &mut impl Marks,
        entries: &mut Vec<Entry>,
    ) {
        let Phase::Waiting(waiting) = mem::replace(&mut self.targets[at], Phase::Told) else { return };
        let state = &snapshot.targets[at];
        let Some(read) = &state.read else { return };
        match self.plan.start {
            Start::State => {
                let rows = snapshot.matching(&self.plan.filter, now).filter(|row| row.target as usize == at);
                let rows = rows.filter(|row| self.plan.extent.has_job(&snapshot.row(*row)));
                let told = |at: usize| matches!(self.targets[at], Phase::Told);
                let rows = rows.filter(|row| !lines::was_told_by_twin(before, snapshot, *row, told));
                entries.extend(rows.map(|row| {
                    let (job, target, account) = (snapshot.seen(row), state.key.clone(), state.account.clone());
                    Entry { line: Some(Line::State { job, target, account, at: read.at }), change: None }
                }));
                // The state holds what came before it.
                marks.pass_over(&state.key, Until(read.at));
                entries.extend(waiting.into_iter().map(|change| Entry { line: None, change: Some(change) }));
            }
            Start::Changes => {
                for change in marks.untold(&state.key) {
                    self.caught_up.extend(change.what.change_id());
                    self.show(change, snapshot, now, entries);
                }
                for change in waiting {
                    self.tell(change, snapshot, now, marks, entries);
                }
            }
        }
    }

    /// What the state of these targets does not tell, where it tells the state.
    fn left_out(&self, targets: &[usize], snapshot: &Snapshot, now: Timestamp) -> Option<Line> {
        if self.plan.start != Start::State {
            return None;
        }
        let rows = snapshot.matching(&self.plan.filter, now).filter(|row| targets.contains(&(row.target as usize)));
        let rows = rows.map(|row| snapshot.row(row)).filter(|row| !self.plan.extent.has_job(row));
        let jobs: StatusCounts = rows.map(|row| row.job.status).collect();
        (jobs.total() > 0).then_some(Line::LeftOut { jobs, at: now })
    }

    /// Tells a change that this run saw, unless it was told.
    fn tell(
        &mut self,
        change: Arc<Transition>,
        snapshot: &Snapshot,
        now: Timestamp,
        marks: &mut impl Marks,
        entries: &mut Vec<Entry>,
    ) {
        if self.was_told(&change, snapshot, marks) {
            entries.push(Entry { line: None, change: Some(change) });
        } else {
            self.show(change, snapshot, now, entries);
        }
    }

    /// Whether an earlier run told a change, or this one when it caught up. An earlier run can only have told it where this one
    /// compares with what an earlier run knew; what another run tells that goes on beside this one is no reason to be silent.
    fn was_told(&self, change: &Transition, snapshot: &Snapshot, marks: &mut impl Marks) -> bool {
        let Some(id) = change.what.change_id() else { return false };
        if self.caught_up.contains(&id) {
            return true;
        }
        let known_from = snapshot.target_of(&change.target).and_then(|state| state.missing.read);
        known_from.is_some() && change.seen.after == known_from && marks.was_told(change)
    }

    fn show(&mut self, change: Arc<Transition>, snapshot: &Snapshot, now: Timestamp, entries: &mut Vec<Entry>) {
        // The other targets that listed it will see it go, too.
        if matches!(change.what, What::Job(_, Change::Gone)) {
            self.caught_up.extend(change.what.change_id());
        }
        let concerns = lines::concerns(&self.plan.filter, snapshot, &change, now);
        if concerns && change.what.is_failure() {
            self.failed = true;
        }
        let is_line = concerns && self.plan.extent.has_change(&change.what);
        let line = is_line.then(|| Line::Change(with_account(&change, snapshot)));
        entries.push(Entry { line, change: Some(change) });
    }

    /// How it goes on after a snapshot whose lines are written.
    pub(super) fn verdict(&self, snapshot: &Snapshot, moment: Moment) -> Verdict {
        let End { idle, after } = self.plan.end;
        if idle.is_some() && self.is_idle(snapshot, moment.now) {
            return Verdict::Idle;
        }
        if after.is_some_and(|after| moment.elapsed >= after) {
            return Verdict::Over;
        }
        let refused = |state: &Arc<TargetState>| state.read.is_none() && matches!(state.health, Health::Refused { .. });
        if snapshot.targets.iter().all(refused) { Verdict::Refused } else { Verdict::GoOn }
    }

    fn is_idle(&self, snapshot: &Snapshot, now: Timestamp) -> bool {
        let told = self.targets.len() == snapshot.targets.len()
            && self.targets.iter().all(|phase| matches!(phase, Phase::Told));
        told && snapshot.targets.iter().all(|state| state.is_complete()) && self.counts(snapshot, now).active() == 0
    }

    /// How many of the jobs that are watched have which status.
    fn counts(&self, snapshot: &Snapshot, now: Timestamp) -> StatusCounts {
        self.watched(snapshot, now).map(|row| row.job.status).collect()
    }

    /// How many of the jobs that are watched failed and still matter.
    pub(super) fn open_failures(&self, snapshot: &Snapshot, now: Timestamp) -> usize {
        self.watched(snapshot, now).filter(|row| row.standing.is_some_and(Standing::is_open_failure)).count()
    }

    fn watched<'a>(&'a self, snapshot: &'a Snapshot, now: Timestamp) -> impl Iterator<Item = Row<'a>> {
        snapshot.matching(&self.plan.filter, now).map(|at| snapshot.row(at))
    }

    /// What there is to watch now.
    pub(super) fn pulse(&self, snapshot: &Snapshot, moment: Moment) -> Pulse {
        let read = snapshot.targets.iter().filter(|state| state.health == Health::Ok).count();
        let jobs = self.counts(snapshot, moment.now);
        Pulse { at: moment.now, jobs, targets: snapshot.targets.len(), read }
    }

    /// A sign of life, where it is time for one.
    pub(super) fn heartbeat(&mut self, snapshot: &Snapshot, moment: Moment) -> Option<Line> {
        let every = self.plan.heartbeat?;
        if moment.elapsed < self.spoke + every {
            return None;
        }
        self.spoke = moment.elapsed;
        Some(Line::Heartbeat(self.pulse(snapshot, moment)))
    }

    /// How long nothing is to be done if nothing happens.
    pub(super) fn rest(&self, moment: Moment) -> Option<Duration> {
        let beat = self.plan.heartbeat.map(|every| self.spoke + every);
        let next = self.plan.end.after.into_iter().chain(beat).chain(self.accounts.rest(moment)).min();
        next.map(|next| moment.until(next))
    }
}

/// A change with whose it is, which may have come to be known after it was seen.
fn with_account(change: &Arc<Transition>, snapshot: &Snapshot) -> Arc<Transition> {
    let mut change = Arc::clone(change);
    if change.account.is_none()
        && let Some(account) = snapshot.target_of(&change.target).and_then(|state| state.account.clone())
    {
        Arc::make_mut(&mut change).account = Some(account);
    }
    change
}

#[cfg(test)]
mod tests;
