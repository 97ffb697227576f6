//! Jobs that a sweep lacks: they are kept, and asked for one by one, because a job is gone only when the service says so.
//!
//! Pure: who asks is [`super::progress`].

use std::sync::Arc;

use super::{Quality, TargetState, sweep::Sweep};
use crate::job::Job;

/// Keeps every job that `before` had and `sweep` lacks, marked as not listed.
///
/// Without the permission for Get nobody can be asked: then a job is gone when two accepted sweeps in a row lack it.
pub(super) fn keep(sweep: &mut Sweep, before: &TargetState) {
    let nobody_to_ask = before.regions_error.as_ref().is_some_and(|error| error.verdict().is_lasting());
    let missing = before.jobs.rows.iter().filter(|job| sweep.jobs.get(job.id).is_none());
    let is_gone = |job: &&Job| nobody_to_ask && sweep.quality == Quality::Whole && before.unlisted.contains(&job.id);
    let (gone, kept): (Vec<&Job>, Vec<&Job>) = missing.partition(is_gone);
    sweep.gone.extend(gone.iter().map(|job| job.id));
    if !kept.is_empty() {
        sweep.unlisted.extend(kept.iter().map(|job| job.id));
        sweep.jobs = Arc::new(sweep.jobs.rows.iter().chain(kept).cloned().collect());
    }
}
