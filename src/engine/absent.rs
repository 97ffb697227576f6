//! Jobs that a sweep lacks: they are kept, and asked for one by one, because a job is gone only when the service says so.
//!
//! Pure: who asks is [`super::progress`].

use std::sync::Arc;

use super::{Baseline, Quality, Read, TargetState, sweep::Sweep};
use crate::job::Job;

/// Keeps every job that `before` had and `sweep` lacks, marked as not listed.
///
/// Without the permission for Get nobody can be asked: then a job is gone when two accepted sweeps in a row lack it.
pub(super) fn keep(sweep: &mut Sweep, before: &TargetState) {
    let nobody_to_ask = before.regions_error.as_ref().is_some_and(|error| error.verdict().is_lasting());
    let lacked =
        |read: &Read| nobody_to_ask && [&read.quality, &sweep.quality].iter().all(|read| **read == Quality::Whole);
    if before.read.as_ref().is_some_and(lacked) {
        let missing = before.missing.jobs.keys().map(|key| key.id);
        sweep.gone.extend(missing.filter(|id| !sweep.jobs.contains_key(id)));
    }
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

/// What an earlier run knew and no read of this one has listed yet, after a sweep. Before the first, that is everything.
pub(super) fn missing(before: &TargetState, sweep: &Sweep) -> Arc<Baseline> {
    let Baseline { read, jobs } = &*before.missing;
    let still = |id| !sweep.jobs.contains_key(&id) && !sweep.gone.contains(&id);
    if jobs.keys().all(|key| still(key.id)) {
        return Arc::clone(&before.missing);
    }
    let jobs = jobs.iter().filter(|(key, _)| still(key.id)).map(|(key, job)| (key.clone(), job.clone())).collect();
    Arc::new(Baseline { read: *read, jobs })
}
