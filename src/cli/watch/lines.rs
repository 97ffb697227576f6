//! Which changes concern whoever watches. Pure: a change, a filter and two snapshots in, a yes or no out.

use std::sync::Arc;

use serde_json::value::RawValue;

use crate::{
    engine::{RowRef, Snapshot, TargetState},
    job::{Change, Filter, Job, JobSeen, Row, Status, Timestamp, Transition, What},
};

/// Whether a change concerns a filter: the job is such a one now, or was before. Of a job that is gone, or that changed in an
/// earlier run, only what was kept of it can be asked.
pub(super) fn concerns(filter: &Filter, snapshot: &Snapshot, transition: &Transition, now: Timestamp) -> bool {
    let What::Job(job, change) = &transition.what else { return true };
    if filter.is_empty() {
        return true;
    }
    let target = &transition.target;
    let now = snapshot.target_of(target).map_or(now, |state| state.service_time(now));
    if let Some(at) = snapshot.find(&job.key)
        && filter.matches(&snapshot.row(at), now)
    {
        return true;
    }
    let before = match change {
        Change::Status { from, .. } => Some(*from),
        _ => None,
    };
    let kept = |status| {
        let job = kept(job, status);
        filter.matches(&Row::new(&job, target), now)
    };
    kept(job.status) || before.is_some_and(kept)
}

/// A job as a list would have it.
fn kept(job: &JobSeen, status: Status) -> Job {
    Job {
        id: job.key.id,
        trail: Arc::clone(&job.trail),
        home: Some(Arc::clone(&job.key.home)),
        status,
        created: job.created,
        updated: job.updated,
        window: job.window,
        raw: Arc::from(RawValue::NULL.to_owned()),
    }
}

/// Whether the target that shows a change speaks for the job: where two list one job, the first one's word counts, as in
/// every list. `before` is the snapshot in which a job that is gone was listed.
pub(super) fn speaks(before: &Snapshot, snapshot: &Snapshot, transition: &Transition) -> bool {
    let Some(job) = transition.what.job() else { return true };
    let lists = |state: &TargetState| state.job(job.key.id).is_some_and(|listed| state.job_key(listed) == job.key);
    let mut states = before.targets.iter().zip(snapshot.targets.iter());
    let first = states.find(|(before, now)| lists(before) || lists(now));
    first.is_none_or(|(_, state)| state.key == transition.target)
}

/// Whether another target had told a job as it is, which was read while this one could not be, and rests again. `told` says
/// whether that one's state was told.
pub(super) fn was_told_by_twin(
    before: &Snapshot,
    snapshot: &Snapshot,
    row: RowRef,
    told: impl Fn(usize) -> bool,
) -> bool {
    let (state, job) = (snapshot.target(row), snapshot.job(row));
    let same = |listed: &Job| listed.status == job.status && listed.home == job.home;
    let mut states = before.targets.iter().zip(snapshot.targets.iter()).enumerate();
    states.any(|(at, (was, is))| is.twin.as_ref() == Some(&state.key) && told(at) && was.job(job.id).is_some_and(same))
}
