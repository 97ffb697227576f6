//! Whether what is waited for has come: a plain state machine from snapshots to a verdict.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use clap::ValueEnum;

use super::look::{self, Looked};
use crate::{
    cli::follow::{Accounts, Moment},
    engine::{Health, Snapshot, TargetState},
    job::{AccountId, Filter, JobId, JobKey, JobSeen, Status, TargetKey, Timestamp},
};

/// What is waited for.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) wanted: Wanted,
    pub(super) goal: Goal,
    pub(super) quorum: Quorum,
    /// How long a job that is not there yet is awaited.
    pub(super) appear_within: Duration,
    /// How long the trouble of a target may last.
    pub(super) give_up_after: Duration,
    /// How long the whole wait may take.
    pub(super) timeout: Option<Duration>,
}

/// Which jobs.
#[derive(Debug, Clone)]
pub(super) enum Wanted {
    /// Those of these numbers.
    Ids(Vec<JobId>),
    /// The newest of a trail, or the first one that was created after a moment.
    Trail { name: Arc<str>, since: Option<Timestamp> },
    /// Those that a filter lets through at the start.
    Filter(Filter),
}

/// What is to become of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Goal {
    /// The job is complete
    Complete,
    /// The job is settled
    Terminal,
    /// The service does not know the job any more
    Gone,
}

impl Goal {
    /// The word for it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Terminal => "terminal",
            Self::Gone => "gone",
        }
    }

    /// What a status means for it. One that nobody documents is neither.
    const fn fate(self, status: Status) -> Fate {
        match (self, status) {
            (_, Status::Failed) => Fate::Failed,
            (Self::Complete | Self::Terminal, Status::Complete) => Fate::Met,
            _ => Fate::Open,
        }
    }
}

/// How many of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quorum {
    /// All; one that fails ends it.
    All,
    /// One; another that fails does not matter.
    Any,
    /// One, but none may fail before.
    AnyUnlessOneFails,
}

/// What became of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Open,
    Met,
    Failed,
    /// It is gone, and that was not the goal.
    Lost,
}

/// A job that is waited for.
#[derive(Debug, Clone)]
pub(super) struct Waited {
    pub(super) target: TargetKey,
    /// Whose it is, where that is known.
    pub(super) account: Option<AccountId>,
    /// As it was last seen.
    pub(super) seen: JobSeen,
    /// When that was.
    pub(super) at: Timestamp,
    pub(super) fate: Fate,
    pub(super) presence: Presence,
}

/// Whether the service knows a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    /// It lists it.
    Listed,
    /// An earlier run knew it; the service is being asked.
    Unclear,
    /// It does not.
    Gone,
}

/// How a wait stands, or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Waiting,
    Met,
    Failed,
    NoSuchJob,
    /// A target is refused: it will not pass.
    Refused,
    /// The trouble of a target lasted too long.
    GaveUp,
    TimedOut,
}

/// A wait that goes on.
#[derive(Debug)]
pub(super) struct Wait {
    pub(super) plan: Plan,
    pub(super) jobs: Vec<Waited>,
    /// Whether all jobs are known.
    pub(super) search: Search,
    accounts: Accounts,
}

/// Whether all jobs are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Search {
    /// These numbers were not found yet; none where no number was given.
    Open(Vec<JobId>),
    Done,
}

impl Wait {
    pub(super) fn new(plan: Plan) -> Self {
        let ids = match &plan.wanted {
            Wanted::Ids(ids) => ids.clone(),
            Wanted::Trail { .. } | Wanted::Filter(_) => Vec::new(),
        };
        Self { plan, jobs: Vec::new(), search: Search::Open(ids), accounts: Accounts::default() }
    }

    /// How it stands after a snapshot.
    pub(super) fn on_snapshot(&mut self, snapshot: &Snapshot, moment: Moment) -> Verdict {
        let looked = self.look(snapshot, moment);
        self.jobs.iter_mut().for_each(|waited| waited.update(snapshot, self.plan.goal));
        let decided = self.decided();
        if decided != Verdict::Waiting {
            return decided;
        }
        match looked {
            Looked::Refused => return Verdict::Refused,
            Looked::Nothing if moment.elapsed >= self.plan.appear_within => return Verdict::NoSuchJob,
            Looked::Nothing | Looked::Unread | Looked::Found => {}
        }
        match self.trouble(snapshot, moment) {
            Verdict::Waiting if self.plan.timeout.is_some_and(|timeout| moment.elapsed >= timeout) => Verdict::TimedOut,
            verdict => verdict,
        }
    }

    /// Looks for the jobs that are not known yet.
    fn look(&mut self, snapshot: &Snapshot, moment: Moment) -> Looked {
        let Search::Open(missing) = &mut self.search else { return Looked::Found };
        self.accounts.see(snapshot, moment);
        if !self.accounts.are_known(snapshot, moment) {
            return Looked::Unread;
        }
        let looked = match &self.plan.wanted {
            Wanted::Ids(_) => {
                missing.retain(|id| {
                    let found = look::by_id(snapshot, *id);
                    let is_missing = found.is_none();
                    self.jobs.extend(found);
                    is_missing
                });
                if missing.is_empty() { Looked::Found } else { look::everywhere(snapshot) }
            }
            Wanted::Trail { name, since } => {
                look::in_all(snapshot, &mut self.jobs, || look::of_trail(snapshot, name, *since))
            }
            Wanted::Filter(filter) => {
                look::in_all(snapshot, &mut self.jobs, || snapshot.matching(filter, moment.now).collect())
            }
        };
        if looked == Looked::Found {
            self.search = Search::Done;
        }
        looked
    }

    /// What follows from the fates of the jobs alone. One that failed counts before one that was met, but where any will do.
    fn decided(&self) -> Verdict {
        let some = |fate| self.jobs.iter().any(|waited| waited.fate == fate);
        let all_known = self.search == Search::Done;
        let over = all_known && !some(Fate::Open);
        match self.plan.quorum {
            Quorum::All | Quorum::AnyUnlessOneFails if some(Fate::Failed) => Verdict::Failed,
            Quorum::All if some(Fate::Lost) => Verdict::NoSuchJob,
            Quorum::All if over => Verdict::Met,
            Quorum::All => Verdict::Waiting,
            _ if some(Fate::Met) => Verdict::Met,
            _ if over && some(Fate::Failed) => Verdict::Failed,
            _ if over => Verdict::NoSuchJob,
            _ => Verdict::Waiting,
        }
    }

    /// Whether the targets that matter can be read: those of the jobs that are open, all where one is not known yet.
    fn trouble(&self, snapshot: &Snapshot, moment: Moment) -> Verdict {
        let open = |key: &TargetKey| self.jobs.iter().any(|job| job.fate == Fate::Open && job.target == *key);
        let targets = || {
            let all = self.search != Search::Done;
            snapshot.targets.iter().filter(move |state| all || open(&state.key))
        };
        let of = |state: &Arc<TargetState>| self.trouble_of(state, moment);
        // Where one job will do, one target that can be read will, too.
        let is_hopeless = |hopeless: Verdict| match self.plan.quorum {
            Quorum::All => targets().any(|state| of(state) == hopeless),
            _ if self.search != Search::Done => targets().any(|state| of(state) == hopeless),
            _ => targets().all(|state| of(state) != Verdict::Waiting) && targets().any(|state| of(state) == hopeless),
        };
        // Beside a target that is refused, another one may still have the jobs that are looked for.
        if self.search == Search::Done && is_hopeless(Verdict::Refused) {
            return Verdict::Refused;
        }
        if is_hopeless(Verdict::GaveUp) { Verdict::GaveUp } else { Verdict::Waiting }
    }

    fn trouble_of(&self, state: &TargetState, moment: Moment) -> Verdict {
        let give_up_after = TimeDelta::from_std(self.plan.give_up_after).unwrap_or(TimeDelta::MAX);
        match &state.health {
            Health::Refused { .. } => Verdict::Refused,
            Health::Retrying { since, .. } if moment.now - *since >= give_up_after => Verdict::GaveUp,
            Health::Unknown if moment.elapsed >= self.plan.give_up_after => Verdict::GaveUp,
            Health::Retrying { .. } | Health::Unknown | Health::Ok => Verdict::Waiting,
        }
    }

    /// How long it is until something is to be decided, if nothing happens.
    pub(super) fn rest(&self, moment: Moment) -> Duration {
        let appear =
            Some(self.plan.appear_within).filter(|within| self.search != Search::Done && *within > moment.elapsed);
        let accounts = self.accounts.rest(moment).filter(|_| self.search != Search::Done);
        let next = self.plan.timeout.into_iter().chain(appear).chain(accounts).map(|at| moment.until(at)).min();
        next.unwrap_or(Duration::MAX)
    }
}

impl Waited {
    /// Takes in what a snapshot says of the job. What is decided stays so.
    fn update(&mut self, snapshot: &Snapshot, goal: Goal) {
        if let Some(account) = snapshot.target_of(&self.target).and_then(|state| state.account.as_ref()) {
            self.account = Some(account.clone());
        }
        if self.fate != Fate::Open {
            return;
        }
        if let Some(at) = snapshot.find(&self.seen.key) {
            self.seen = snapshot.seen(at);
            self.at = snapshot.target(at).read.as_ref().map_or(self.at, |read| read.at);
            self.presence = Presence::Listed;
            self.fate = goal.fate(self.seen.status);
        } else if !is_asked_for(snapshot, &self.target, &self.seen.key) {
            self.presence = Presence::Gone;
            self.fate = if goal == Goal::Gone { Fate::Met } else { Fate::Lost };
        }
    }
}

/// Whether the service is still to say that a job is gone, which an earlier run knew.
fn is_asked_for(snapshot: &Snapshot, target: &TargetKey, key: &JobKey) -> bool {
    snapshot.target_of(target).is_some_and(|state| state.missing.job(key).is_some())
}

#[cfg(test)]
mod tests;
