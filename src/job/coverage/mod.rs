//! What a job means now: whether a failure still matters, whether an active job still moves.
//!
//! The list of the service is history: a job that failed stays failed in it for ever, also after a later job of the same trail
//! delivered what it left. Here each job gets its [`Standing`], so that red means something. In doubt a failure stays open: a
//! false "superseded" loses audit events, a false "open" only annoys.
//!
//! Pure. What a lost window costs is in `risk`, which later job repaired which earlier one in `superseded`; what of a trail's
//! events was delivered at all in `delivered`, and what of its last 90 days in `bar`.

mod bar;
mod delivered;
mod risk;
mod superseded;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

use chrono::TimeDelta;

use self::superseded::Cover;
use super::{Job, JobId, Regions, Status, Timestamp, Window};

pub use bar::{Bar, EDGE, Hole, Segment, SegmentState};
pub use delivered::{Delivered, Fitness, KnownTrail, Span};
pub use risk::{Risk, Unfinished};

/// How long `ActionTrail` keeps an event: what is older can't be delivered any more, by whatever job.
///
/// Source: the windows of both documented jobs start exactly 90 days before they were created, see
/// <https://www.alibabacloud.com/help/en/actiontrail/developer-reference/api-actiontrail-2020-07-06-listdeliveryhistoryjobs>.
pub const KEPT: TimeDelta = TimeDelta::days(90);

/// What is settled by taste and not by the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// An active job that has not changed for so long is stalled. The documented runs took 3 and 14 minutes.
    pub stalled_after: TimeDelta,
}

impl Default for Rules {
    fn default() -> Self {
        Self { stalled_after: TimeDelta::minutes(30) }
    }
}

/// The user's word that a failure needs no more attention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// When it was given.
    pub at: Timestamp,
    /// Why, in the user's words; may be empty.
    pub note: Arc<str>,
}

/// What a job means now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The service is working on it.
    Active,
    /// The service says that it is working on it, but nothing has changed for too long.
    Stalled {
        /// The last change.
        since: Timestamp,
    },
    /// Everything was delivered, as far as is known.
    Complete,
    /// The service calls it complete, but regions of it failed. Known only where its regions were read.
    Incomplete {
        /// How many regions.
        regions: u32,
        /// What that still means.
        failure: Failure,
    },
    /// It failed.
    Failed(Failure),
    /// Of a status that we do not know: nothing can be said.
    Unknown,
}

/// What a failure still means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Events can be saved by repeating the job, and are lost for as long as it is not.
    Open,
    /// A later complete job of the same trail delivered all that could still be delivered.
    Superseded {
        /// The earliest such job.
        by: JobId,
        /// How much of the oldest events was past saving when it came, at most; `None` where the window's start is not known.
        lost: Option<TimeDelta>,
    },
    /// The user has settled it. A few are: the others are smaller without it.
    Acknowledged(Box<Acknowledgement>),
    /// Every event of the window is past the 90 days: nothing is left to save.
    Expired {
        /// Since when.
        since: Timestamp,
    },
}

impl Failure {
    /// Whether it still matters.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Open)
    }

    /// The word for it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Superseded { .. } => "superseded",
            Self::Acknowledged(_) => "acknowledged",
            Self::Expired { .. } => "expired",
        }
    }
}

impl fmt::Display for Failure {
    /// The word and why. Times are left to the view, which knows the zone; a note is printed as it was written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())?;
        match self {
            Self::Open => f.write_str(": no later complete job covers the rest"),
            Self::Superseded { by, .. } => write!(f, ": complete job {by} covers what was left"),
            Self::Acknowledged(word) if word.note.is_empty() => Ok(()),
            Self::Acknowledged(word) => write!(f, ": {}", word.note),
            Self::Expired { .. } => write!(f, ": its events are all older than {} days, none is left", KEPT.num_days()),
        }
    }
}

impl Standing {
    /// What is left of its failure, where it has one.
    #[must_use]
    pub const fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Incomplete { failure, .. } | Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    /// Whether the service calls the job failed and that still matters: what counts and exit codes mean by a failure.
    ///
    /// A complete job with failed regions is none: it is known only of jobs whose regions were read, and an exit code must not
    /// depend on which those were.
    #[must_use]
    pub const fn is_open_failure(&self) -> bool {
        matches!(self, Self::Failed(Failure::Open))
    }

    /// Whether somebody should look at it: it stalled, or something of it failed and still matters.
    #[must_use]
    pub const fn needs_attention(&self) -> bool {
        match self {
            Self::Stalled { .. } => true,
            Self::Incomplete { failure, .. } | Self::Failed(failure) => failure.is_open(),
            Self::Active | Self::Complete | Self::Unknown => false,
        }
    }

    /// Where it stands in a list sorted by urgency, the smallest first: stalled, active, failed, incomplete; last, and all
    /// alike, what nobody has to act on.
    #[must_use]
    pub const fn urgency(&self) -> u8 {
        match self {
            Self::Stalled { .. } => 0,
            Self::Active => 1,
            Self::Failed(Failure::Open) => 2,
            Self::Incomplete { failure: Failure::Open, .. } => 3,
            Self::Incomplete { .. } | Self::Failed(_) | Self::Complete | Self::Unknown => 4,
        }
    }

    /// The word for it. Of an active job, and of one whose status is unknown, the status itself says more.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Stalled { .. } => "stalled",
            Self::Complete => "complete",
            Self::Incomplete { .. } => "incomplete",
            Self::Failed(Failure::Open) => "failed",
            Self::Failed(settled) => settled.word(),
            Self::Unknown => "unknown",
        }
    }

    /// Why, in words, where the status does not say it all. Not safe to print: a note is as its user wrote it.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Active | Self::Complete | Self::Unknown => None,
            Self::Stalled { .. } => Some("stalled: active, but nothing about it changes".to_owned()),
            Self::Incomplete { regions: 1, failure } => Some(format!("complete, but 1 region failed, {failure}")),
            Self::Incomplete { regions, failure } => Some(format!("complete, but {regions} regions failed, {failure}")),
            Self::Failed(failure) => Some(format!("failed, {failure}")),
        }
    }
}

/// The standing of every job of one list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coverage {
    /// In the order of the jobs.
    pub standings: Box<[Standing]>,
    /// When one of them will differ although nothing that is known changes: a job becomes stalled, a failure expires.
    pub next_change: Option<Timestamp>,
}

impl Coverage {
    /// Weighs the jobs of one account against each other, in O(n log n).
    ///
    /// `regions` and `acknowledged` tell what is known beside a job. Where a later complete job supersedes a failure, that is
    /// said, whatever the user said of it: it is a proof, and the user's word an opinion. The user's word in turn stays when the
    /// window expires, since it tells more.
    #[must_use]
    pub fn of<'a>(
        jobs: &[Job],
        regions: impl Fn(&Job) -> Option<&'a Regions>,
        acknowledged: impl Fn(&Job) -> Option<&'a Acknowledgement>,
        rules: &Rules,
        now: Timestamp,
    ) -> Self {
        let outcomes: Vec<Outcome> = jobs.iter().map(|job| Outcome::of(job, regions(job))).collect();
        let covers = superseded::covers(jobs, &outcomes);
        let weigh = |(place, (job, outcome)): (usize, (&Job, &Outcome))| {
            let failure = || failure(job, covers.get(&place).copied(), acknowledged(job), now);
            match *outcome {
                Outcome::Active => still(job, rules, now),
                Outcome::Complete { .. } => Standing::Complete,
                Outcome::Incomplete { regions } => Standing::Incomplete { regions, failure: failure() },
                Outcome::Failed => Standing::Failed(failure()),
                Outcome::Unknown => Standing::Unknown,
            }
        };
        let standings: Box<[Standing]> = jobs.iter().zip(&outcomes).enumerate().map(weigh).collect();
        let changes = jobs.iter().zip(&standings).filter_map(|(job, standing)| match standing {
            Standing::Active => stalls(job, rules),
            Standing::Failed(Failure::Open) | Standing::Incomplete { failure: Failure::Open, .. } => {
                expires(job.window)
            }
            _ => None,
        });
        Self { next_change: changes.min(), standings }
    }
}

/// How a job ended, without a look at any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Active,
    Complete {
        /// Whether it proves that its window was delivered: no region of it has a status that may mean anything.
        whole: bool,
    },
    Incomplete {
        regions: u32,
    },
    Failed,
    Unknown,
}

impl Outcome {
    fn of(job: &Job, regions: Option<&Regions>) -> Self {
        match job.status {
            Status::Initializing | Status::Delivering => Self::Active,
            Status::Failed => Self::Failed,
            Status::Unknown(_) => Self::Unknown,
            // Regions that are still active were read before the job was complete: they tell nothing against it.
            Status::Complete => match regions.map(Regions::counts).unwrap_or_default() {
                counts if counts.failed > 0 => {
                    Self::Incomplete { regions: u32::try_from(counts.failed).unwrap_or(u32::MAX) }
                }
                counts => Self::Complete { whole: counts.unknown == 0 },
            },
        }
    }

    const fn failed(self) -> bool {
        matches!(self, Self::Failed | Self::Incomplete { .. })
    }
}

fn failure(job: &Job, cover: Option<Cover>, acknowledged: Option<&Acknowledgement>, now: Timestamp) -> Failure {
    if let Some(Cover { by, lost }) = cover {
        return Failure::Superseded { by, lost };
    }
    if let Some(word) = acknowledged {
        return Failure::Acknowledged(word.clone().into());
    }
    expires(job.window).filter(|at| *at <= now).map_or(Failure::Open, |since| Failure::Expired { since })
}

fn still(job: &Job, rules: &Rules, now: Timestamp) -> Standing {
    let stalled = stalls(job, rules).is_some_and(|at| at <= now);
    match moved(job) {
        Some(since) if stalled => Standing::Stalled { since },
        _ => Standing::Active,
    }
}

/// The last time that something about it changed.
fn moved(job: &Job) -> Option<Timestamp> {
    job.updated.max(job.created)
}

/// When it counts as stalled, if nothing changes.
fn stalls(job: &Job, rules: &Rules) -> Option<Timestamp> {
    moved(job)?.checked_add_signed(rules.stalled_after)
}

/// When the last event of its window is past the 90 days. A window that ends before it starts tells nothing.
fn expires(window: Window) -> Option<Timestamp> {
    let end = window.end.filter(|end| window.start.is_none_or(|start| start <= *end))?;
    end.checked_add_signed(KEPT)
}
