//! A job as a list shows it: with its target, its regions and what is known beside them.

use super::{
    Job, Regions, TargetKey, Timestamp,
    coverage::{KnownTrail, Risk, Standing},
};

/// A job with what is known beside it.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The job.
    pub job: &'a Job,
    /// The target that lists it.
    pub target: &'a TargetKey,
    /// Its regions, where they were read.
    pub regions: Option<&'a Regions>,
    /// What it means, where that was found out.
    pub standing: Option<&'a Standing>,
    /// Whether it changed since the user's last visit.
    pub changed: bool,
    /// Whether the list lacks it although the service did not say that it is gone.
    pub unlisted: bool,
    /// The trails of its target, sorted by name, where they were read.
    pub trails: &'a [KnownTrail],
}

impl<'a> Row<'a> {
    /// A job of which nothing more is known.
    #[must_use]
    pub fn new(job: &'a Job, target: &'a TargetKey) -> Self {
        Self { job, target, regions: None, standing: None, changed: false, unlisted: false, trails: &[] }
    }

    /// Its trail, where that is known.
    #[must_use]
    pub fn trail(&self) -> Option<&'a KnownTrail> {
        KnownTrail::find(self.trails, self.job)
    }

    /// What it costs that it is not repeated, where somebody should.
    #[must_use]
    pub fn risk(&self, now: Timestamp) -> Option<Risk> {
        self.standing.filter(|standing| standing.needs_attention())?;
        Risk::of(self.job, self.regions, now)
    }
}

/// A trail as a list shows it.
#[derive(Debug, Clone, Copy)]
pub struct TrailRow<'a> {
    /// The trail, and what is delivered of its events.
    pub known: &'a KnownTrail,
    /// The target that tells of it.
    pub target: &'a TargetKey,
}
