//! Jobs that a sweep lacks: they are kept, and asked for one by one, because a job is gone only when the service says so.
//!
//! Pure: who asks is [`super::progress`].

use std::sync::Arc;

use super::{Baseline, Ground, Quality, Read, TargetState, sweep::Sweep};
use crate::job::{Job, JobSeen};

/// Keeps every job that `before` had and `sweep` lacks, marked as not listed.
///
/// Without the permission for Get nobody can be asked: then a job is gone when two accepted sweeps in a row lack it.
pub(super) fn keep(sweep: &mut Sweep, before: &TargetState) {
    // A region that is not there for a while tells nothing of its jobs.
    let is_told = !matches!(sweep.ground, Ground::Absent(_));
    let nobody_to_ask = is_told && before.regions_error.as_ref().is_some_and(|error| error.verdict().is_lasting());
    let lacked =
        |read: &Read| nobody_to_ask && [&read.quality, &sweep.quality].iter().all(|read| **read == Quality::Whole);
    if before.read.as_ref().is_some_and(lacked) {
        let missing = before.missing.jobs.iter().map(|job| job.key.id);
        sweep.gone.extend(missing.filter(|id| sweep.jobs.get(*id).is_none()));
    }
    let missing = before.jobs.rows.iter().filter(|job| sweep.jobs.get(job.id).is_none());
    let is_gone = |job: &&Job| nobody_to_ask && sweep.quality == Quality::Whole && before.unlisted.contains(&job.id);
    let (gone, kept): (Vec<&Job>, Vec<&Job>) = missing.partition(is_gone);
    sweep.gone.extend(gone.iter().map(|job| job.id));
    if !kept.is_empty() {
        sweep.unlisted.extend(kept.iter().map(|job| job.id));
        sweep.jobs = Arc::new(sweep.jobs.rows.iter().chain(kept).cloned().collect());
    }
}

/// What an earlier run knew and no read of this one has listed yet, after a sweep. Before the first, that is everything.
pub(super) fn missing(before: &TargetState, sweep: &Sweep) -> Arc<Baseline> {
    let Baseline { read, jobs } = &*before.missing;
    let still = |job: &&JobSeen| sweep.jobs.get(job.key.id).is_none() && !sweep.gone.contains(&job.key.id);
    if jobs.iter().all(|job| still(&job)) {
        return Arc::clone(&before.missing);
    }
    Arc::new(Baseline { read: *read, jobs: jobs.iter().filter(still).cloned().collect() })
}
