//! Transitions: numbered changes, with what was known of the job when they were seen.
//!
//! How they are found is the engine's matter, how they are kept the journal's.

use std::{fmt, sync::Arc};

use chrono::TimeDelta;

use super::{AccountId, JobKey, Status, StatusCounts, TargetKey, Timestamp, Window};

/// The number of a transition, growing by one, within one run of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Seq(pub u64);

/// Something changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// Its number.
    pub seq: Seq,
    /// The target that showed it.
    pub target: TargetKey,
    /// The target's account, where it was known by then.
    pub account: Option<AccountId>,
    /// When it was seen.
    pub seen: Seen,
    /// What changed.
    pub what: What,
}

/// Between which two reads a change came about: the service does not say when, so this is as precise as it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The last read that did not show it; `None` where there was none before.
    pub after: Option<Timestamp>,
    /// The first read that did.
    pub by: Timestamp,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Something about a job.
    Job(JobSeen, Change),
    /// A target can't be read any more.
    TargetLost(Trouble),
    /// It can be read again.
    TargetBack,
}

/// A job as it was when a change of it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobSeen {
    /// Its identity.
    pub key: JobKey,
    /// `TrailName`.
    pub trail: Arc<str>,
    /// `JobStatus`, after the change.
    pub status: Status,
    /// `CreatedTime`.
    pub created: Option<Timestamp>,
    /// `UpdatedTime`, which makes one change of a job distinct from the next.
    pub updated: Option<Timestamp>,
    /// `StartTime`..`EndTime`: what is at risk where the job is gone.
    pub window: Window,
    /// How many of its regions have which status, where they were read.
    pub regions: Option<StatusCounts>,
}

/// What changed about a job.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Change {
    /// It was not there at the read before.
    Appeared,
    /// Its status.
    Status {
        /// Before.
        from: Status,
        /// Now.
        to: Status,
    },
    /// The status of one of its regions.
    Region {
        /// The region as the service wrote it.
        region: Arc<str>,
        /// Before.
        from: Status,
        /// Now.
        to: Status,
    },
    /// It is active, but its `UpdatedTime` has not moved for long.
    Stalled,
    /// The service does not know it any more.
    Gone,
}

/// What makes a change of a job the same one, whoever saw it, when, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ChangeId {
    job: JobKey,
    change: Change,
    stamp: Option<Timestamp>,
}

/// Why a target can't be read, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The service's code, else one of ours.
    pub code: Arc<str>,
    /// What happened.
    pub message: Arc<str>,
}

impl JobSeen {
    /// The run as it was at `now`, by the rule of [`super::Job::elapsed`].
    #[must_use]
    pub fn elapsed(&self, now: Timestamp) -> Option<TimeDelta> {
        super::elapsed(self.status, self.created, self.updated, now)
    }
}

impl What {
    /// The word for it, as scripts read it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Job(_, Change::Appeared) => "appeared",
            Self::Job(_, Change::Status { .. }) => "status",
            Self::Job(_, Change::Region { .. }) => "region",
            Self::Job(_, Change::Stalled) => "stalled",
            Self::Job(_, Change::Gone) => "gone",
            Self::TargetLost(_) => "target_lost",
            Self::TargetBack => "target_back",
        }
    }

    /// The job that somebody should look at again for it: progress alone is none, nor is what is not there any more.
    #[must_use]
    pub const fn marks(&self) -> Option<&JobKey> {
        match self {
            Self::Job(job, Change::Appeared | Change::Status { .. } | Change::Stalled) => Some(&job.key),
            _ => None,
        }
    }

    /// What tells two changes of one kind apart. A job comes and goes once; processes that saw it at different times, and so
    /// with a different `UpdatedTime`, still mean the same.
    #[must_use]
    pub fn stamp(&self) -> Option<Timestamp> {
        match self {
            Self::Job(job, Change::Appeared | Change::Gone) => job.created,
            Self::Job(job, _) => job.updated,
            Self::TargetLost(_) | Self::TargetBack => None,
        }
    }

    /// Which change of a job it is; none where it is about a target.
    #[must_use]
    pub fn change_id(&self) -> Option<ChangeId> {
        let Self::Job(job, change) = self else { return None };
        Some(ChangeId { job: job.key.clone(), change: change.clone(), stamp: self.stamp() })
    }

    /// Whether a job failed with it: it became so, or was so when it was first seen.
    #[must_use]
    pub const fn is_failure(&self) -> bool {
        match self {
            Self::Job(_, Change::Status { to: Status::Failed, .. }) => true,
            Self::Job(job, Change::Appeared) => matches!(job.status, Status::Failed),
            _ => false,
        }
    }

    /// The job that it is about.
    #[must_use]
    pub const fn job(&self) -> Option<&JobSeen> {
        match self {
            Self::Job(job, _) => Some(job),
            Self::TargetLost(_) | Self::TargetBack => None,
        }
    }
}

impl fmt::Display for Change {
    /// The change in words: `delivering to failed`, `cn-beijing: delivering to failed`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Appeared => f.write_str("appeared"),
            Self::Status { from, to } => write!(f, "{from} to {to}"),
            Self::Region { region, from, to } => write!(f, "{region}: {from} to {to}"),
            Self::Stalled => f.write_str("stalled"),
            Self::Gone => f.write_str("gone"),
        }
    }
}
