//! What is worth a signal: pure rules from snapshots and `now`. Who is told of it, and how, is decided elsewhere.

use std::{fmt, sync::Arc};

use chrono::TimeDelta;
use serde_json::value::RawValue;

use crate::{
    engine::{Health, Snapshot, TargetState},
    export,
    job::{
        Change, Filter, Job, JobSeen, Row, Seen, Seq, Status, Timestamp, Transition, Trouble, What,
        coverage::{Failure, Standing},
    },
    journal::Subject,
    text,
};

/// How long a target may not be readable before somebody is told.
pub const UNREAD_AFTER: TimeDelta = TimeDelta::minutes(10);

/// What a signal says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A job failed.
    Failed,
    /// An active job does not move any more.
    Stalled,
    /// A job that was active is complete.
    Complete,
    /// The service does not know a job any more.
    Gone,
    /// A target could not be read for [`UNREAD_AFTER`].
    Unread,
    /// Credentials, a permission or the whole feature are refused.
    Refused,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::Failed, Self::Stalled, Self::Complete, Self::Gone, Self::Unread, Self::Refused];

    /// Those that are told where nobody says otherwise.
    pub const USUAL: [Self; 5] = [Self::Failed, Self::Stalled, Self::Complete, Self::Unread, Self::Refused];

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Stalled => "stalled",
            Self::Complete => "complete",
            Self::Gone => "gone",
            Self::Unread => "unread",
            Self::Refused => "refused",
        }
    }

    /// Whether it rings the bell: what is well can wait until somebody looks.
    #[must_use]
    pub const fn rings(self) -> bool {
        matches!(self, Self::Failed | Self::Stalled | Self::Unread | Self::Refused)
    }

    /// What a change says, if it says anything. Of a job that was never seen at work, its failure matters and its success
    /// does not.
    fn of(what: &What) -> Option<Self> {
        let What::Job(job, change) = what else { return None };
        match change {
            Change::Status { to: Status::Failed, .. } => Some(Self::Failed),
            Change::Status { from, to: Status::Complete } if from.is_active() => Some(Self::Complete),
            Change::Appeared if job.status == Status::Failed => Some(Self::Failed),
            Change::Stalled => Some(Self::Stalled),
            Change::Gone => Some(Self::Gone),
            Change::Appeared | Change::Status { .. } | Change::Region { .. } => None,
        }
    }
}

/// Something that people should hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// What it says.
    pub kind: Kind,
    /// The change that it comes from; of a target that can't be read, one that says since when and why.
    pub transition: Arc<Transition>,
}

impl Signal {
    /// What a change says, if it says anything.
    #[must_use]
    pub fn of(transition: &Arc<Transition>) -> Option<Self> {
        Kind::of(&transition.what).map(|kind| Self { kind, transition: Arc::clone(transition) })
    }

    /// As commands get it: one line of JSON.
    #[must_use]
    pub fn json(&self) -> String {
        export::event(self.kind.word(), &self.to_string(), &self.transition)
    }

    /// What it is about, and what makes it the same as one that another process saw.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let target = self.transition.target.clone();
        match &self.transition.what {
            What::Job(job, change) => {
                let stamp = if *change == Change::Gone { job.created } else { job.updated };
                Subject::Job { target, key: job.key.clone(), stamp }
            }
            What::TargetLost(_) | What::TargetBack => Subject::Target(target),
        }
    }

    /// Whether a filter lets it through. Of a target only what the filter says of profiles and regions is asked: one that
    /// can't be read may hide any job.
    #[must_use]
    pub fn passes(&self, filter: &Filter, snapshot: &Snapshot, now: Timestamp) -> bool {
        let What::Job(seen, _) = &self.transition.what else {
            return filter.allows_target(&self.transition.target);
        };
        let listed = snapshot.find(&seen.key).map(|at| snapshot.row(at));
        if let Some(row) = listed.filter(|row| (row.job.status, row.job.updated) == (seen.status, seen.updated)) {
            return filter.matches(&Row { changed: true, ..row }, now);
        }
        let (job, standing) = (as_job(seen), self.standing(seen));
        let row = Row { standing: Some(&standing), changed: true, ..Row::new(&job, &self.transition.target) };
        filter.matches(&row, now)
    }

    /// What the job means where no list says it (any more). In doubt a failure is open.
    fn standing(&self, seen: &JobSeen) -> Standing {
        match (self.kind, seen.status) {
            (Kind::Stalled, _) => Standing::Stalled { since: seen.updated.unwrap_or(self.transition.seen.by) },
            (_, Status::Failed) => Standing::Failed(Failure::Open),
            (_, Status::Complete) => Standing::Complete,
            (_, status) if status.is_active() => Standing::Active,
            _ => Standing::Unknown,
        }
    }
}

impl fmt::Display for Signal {
    /// A sentence for people, safe to print.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = self.transition.target.to_string();
        let words = match (&self.transition.what, self.kind) {
            (What::Job(job, _), kind) => {
                let trail = if job.trail.is_empty() { String::new() } else { format!(" of {}", job.trail) };
                let what = match kind {
                    Kind::Stalled => "is stalled",
                    Kind::Complete => "is complete",
                    Kind::Gone => "is gone",
                    Kind::Failed | Kind::Unread | Kind::Refused => "failed",
                };
                format!("job {}{trail} {what} ({target})", job.key.id)
            }
            (What::TargetLost(Trouble { message, .. }), Kind::Refused) => format!("{target} is refused: {message}"),
            (What::TargetLost(Trouble { message, .. }), _) => {
                format!("{target} could not be read for {} minutes: {message}", UNREAD_AFTER.num_minutes())
            }
            (What::TargetBack, _) => format!("{target} can be read again"),
        };
        f.write_str(&text::clean(&words))
    }
}

/// A job as a change describes it: what the service wrote of it is not known any more.
fn as_job(seen: &JobSeen) -> Job {
    Job {
        id: seen.key.id,
        trail: Arc::clone(&seen.trail),
        home: Some(Arc::clone(&seen.key.home)),
        status: seen.status,
        created: seen.created,
        updated: seen.updated,
        window: seen.window,
        raw: RawValue::NULL.to_owned().into(),
    }
}

/// Finds in each snapshot what is worth a signal; what it told once it does not tell again.
#[derive(Debug, Default)]
pub struct Rules {
    /// The next transition to look at.
    next: Seq,
    /// What was told of each target since it was last well.
    told: Vec<Vec<Kind>>,
    next_change: Option<Timestamp>,
}

impl Rules {
    /// Takes a snapshot in. `now` is the local clock's time, as that of the engine's reports is.
    pub fn see(&mut self, snapshot: &Snapshot, now: Timestamp) -> Vec<Signal> {
        let mut signals: Vec<Signal> = snapshot.log.since(self.next).1.filter_map(Signal::of).collect();
        self.next = snapshot.log.next();
        self.told.resize(snapshot.targets.len(), Vec::new());
        self.next_change = None;
        for (target, told) in snapshot.targets.iter().zip(&mut self.told) {
            match trouble(target) {
                Some(Telling { due, .. }) if due > now => {
                    self.next_change = Some(self.next_change.map_or(due, |next| next.min(due)));
                }
                Some(telling) if !told.contains(&telling.kind) => {
                    told.push(telling.kind);
                    signals.push(telling.signal(target, now));
                }
                Some(_) => {}
                None if target.health == Health::Ok => told.clear(),
                None => {}
            }
        }
        signals
    }

    /// When there may be a signal although nothing happens: the same snapshot is to be seen again then.
    #[must_use]
    pub fn next_change(&self) -> Option<Timestamp> {
        self.next_change
    }
}

/// What there is to tell of a target, from when on.
struct Telling<'a> {
    kind: Kind,
    since: Timestamp,
    due: Timestamp,
    error: &'a crate::engine::Error,
}

/// What is wrong with a target, but for one that is left alone: nobody waits for it.
fn trouble(target: &TargetState) -> Option<Telling<'_>> {
    match &target.health {
        _ if target.paused => None,
        Health::Unknown | Health::Ok => None,
        Health::Refused { since, error } => Some(Telling { kind: Kind::Refused, since: *since, due: *since, error }),
        Health::Retrying { since, error, .. } => {
            let since = target.lost.map_or(*since, |lost| lost.min(*since));
            Some(Telling { kind: Kind::Unread, since, due: since + UNREAD_AFTER, error })
        }
    }
}

impl Telling<'_> {
    fn signal(&self, target: &TargetState, now: Timestamp) -> Signal {
        let trouble = Trouble { code: self.error.code().into(), message: self.error.to_string().into() };
        let transition = Transition {
            seq: Seq::default(),
            target: target.key.clone(),
            account: target.account.clone(),
            seen: Seen { after: Some(self.since), by: now },
            what: What::TargetLost(trouble),
        };
        Signal { kind: self.kind, transition: Arc::new(transition) }
    }
}
