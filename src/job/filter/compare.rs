//! Comparisons with time: how old a job is, how long it ran, when it last changed; and when each will come out differently.

use std::time::Duration;

use chrono::TimeDelta;

use crate::job::{Job, Timestamp, since};

/// A length of time of a job, compared with one that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Comparison {
    pub(super) of: Length,
    pub(super) relation: Relation,
    pub(super) to: TimeDelta,
}

/// Which length of time of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// Since `CreatedTime`.
    Age,
    /// How long it ran or runs.
    Elapsed,
    /// Since `UpdatedTime`.
    Updated,
}

/// How it must compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Less,
    AtMost,
    More,
    AtLeast,
}

/// The shortest time that a clock tells.
const INSTANT: TimeDelta = TimeDelta::nanoseconds(1);

impl Comparison {
    /// The answer; none where a time that it takes is missing.
    pub(super) fn holds(&self, job: &Job, now: Timestamp) -> Option<bool> {
        let length = self.of.in_job(job, now)?;
        Some(match self.relation {
            Relation::Less => length < self.to,
            Relation::AtMost => length <= self.to,
            Relation::More => length > self.to,
            Relation::AtLeast => length >= self.to,
        })
    }

    /// When the answer may be another one, if nothing about the job changes.
    pub(super) fn next_change(&self, job: &Job, now: Timestamp) -> Option<Timestamp> {
        let from = self.of.grows_from(job)?;
        let edge = from.checked_add_signed(self.to);
        let passed = match self.relation {
            Relation::Less | Relation::AtLeast => edge,
            Relation::AtMost | Relation::More => edge.and_then(|edge| edge.checked_add_signed(INSTANT)),
        };
        // A run that begins in the future, by a clock that is behind, has no length before it begins.
        [Some(from), passed].into_iter().flatten().filter(|at| *at > now).min()
    }
}

impl Length {
    fn in_job(self, job: &Job, now: Timestamp) -> Option<TimeDelta> {
        match self {
            Self::Age => job.age(now),
            Self::Elapsed => job.elapsed(now),
            Self::Updated => job.updated.map(|at| since(at, now)),
        }
    }

    /// Since when it grows, if it does.
    fn grows_from(self, job: &Job) -> Option<Timestamp> {
        match self {
            Self::Age => job.created,
            Self::Elapsed => job.created.filter(|_| job.status.is_active()),
            Self::Updated => job.updated,
        }
    }
}

/// A length of time as people write it: `30m`, `2d`, `1h30m`.
pub(super) fn length(text: &str) -> Option<TimeDelta> {
    humantime::parse_duration(text).ok().and_then(|length: Duration| TimeDelta::from_std(length).ok())
}
