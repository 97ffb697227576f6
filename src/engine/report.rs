//! What the engine's tasks tell the store. What follows from it is the store's matter.

use std::{collections::HashMap, sync::Arc, time::Duration};

use super::{Error, Reading, Signing, sweep::Sweep};
use crate::{
    actiontrail::TrailList,
    job::{AccountId, JobId, JobKey, Regions, Timestamp, TrailStatus, Transition, What, coverage::Acknowledgement},
    journal::Wanted,
};

/// Which target a report is about: its place in the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TargetIndex(pub usize);

/// Whether a target is polled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polling {
    /// At its interval.
    On,
    /// Left alone.
    Paused,
}

/// What the engine's tasks tell the store.
#[derive(Debug, Clone)]
pub enum Report {
    /// A read that somebody waits for has come this far.
    Reading(TargetIndex, Reading),
    /// A call failed and will be repeated.
    Trouble(TargetIndex, Arc<Error>),
    /// A read was given up.
    Failed(TargetIndex, Arc<Error>),
    /// A read succeeded.
    Swept(TargetIndex, Sweep),
    /// The regions of a job were read, or could not be.
    Regions(TargetIndex, JobId, Result<Regions, Arc<Error>>),
    /// The service does not know a job any more; it says so of jobs that the list lacks.
    Gone(TargetIndex, JobId),
    /// The trails of a target were read, or could not be.
    Trails(TargetIndex, Result<TrailList, Arc<Error>>),
    /// It was read how the delivery of a trail fares, or that there is no such trail; or that could not be.
    TrailStatus(TargetIndex, Arc<str>, Result<Option<TrailStatus>, Arc<Error>>),
    /// Which key signs from now on, or that the next one is late.
    Signing(TargetIndex, Signing),
    /// Whose the key of these targets is.
    Account(Vec<TargetIndex>, AccountId),
    /// A target is polled, or left alone.
    Polling(TargetIndex, Polling),
    /// How often targets are read from now on.
    Interval(Duration),
    /// How many calls were made within the last minute.
    Rate(usize),
    /// Failures that their user has settled.
    Acknowledged(HashMap<JobKey, Acknowledgement>),
    /// A failure was settled just now, or is not settled after all.
    Settled(JobKey, Option<Acknowledgement>),
    /// When the user's last visit ended, and what others saw since.
    LastVisit(Timestamp, Vec<What>),
    /// What the journal knows of a job.
    History(Option<Wanted>, Arc<[Transition]>),
    /// The user should know this of the journal.
    Notice(Arc<str>),
    /// Time has passed: a job may have stalled, or a failure expired.
    Tick,
}

impl Report {
    /// Of which target a task tells what it read, or could not read.
    pub(super) fn target(&self) -> Option<TargetIndex> {
        match self {
            Self::Reading(at, _)
            | Self::Trouble(at, _)
            | Self::Failed(at, _)
            | Self::Swept(at, _)
            | Self::Regions(at, ..)
            | Self::Gone(at, _)
            | Self::Trails(at, _)
            | Self::TrailStatus(at, ..) => Some(*at),
            _ => None,
        }
    }

    /// Whether another target may be the one to be read of two of the same account and region.
    pub(super) fn may_pair(&self) -> bool {
        matches!(self, Self::Account(..) | Self::Failed(..) | Self::Swept(..))
    }
}
