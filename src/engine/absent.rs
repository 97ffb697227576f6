//! Jobs that a sweep lacks: they are kept, and asked for one by one, because a job is gone only when the service says so.
//!
//! Pure: who asks is [`super::progress`].

use super::{Quality, TargetState, sweep::Sweep};
use crate::job::Job;

/// Keeps every job that `before` had and `sweep` lacks, marked as not listed.
///
/// Without the permission for Get nobody can be asked: then a job is gone when two accepted sweeps in a row lack it.
pub(super) fn keep(sweep: &mut Sweep, before: &TargetState) {
    let nobody_to_ask = before.regions_error.as_ref().is_some_and(|error| error.verdict().is_lasting());
    let missing: Vec<&Job> = before.jobs.rows.iter().filter(|job| !sweep.jobs.contains_key(&job.id)).collect();
    for job in missing {
        if nobody_to_ask && sweep.quality == Quality::Whole && before.unlisted.contains(&job.id) {
            sweep.gone.push(job.id);
        } else {
            sweep.unlisted.insert(job.id);
            sweep.jobs.insert(job.id, job.clone());
        }
    }
}
