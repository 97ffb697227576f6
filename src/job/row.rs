//! A job as a list shows it: with its target and its regions.

use super::{Job, Regions, TargetKey, coverage::Standing};

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
}
