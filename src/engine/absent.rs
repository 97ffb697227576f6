//! What became of jobs that a sweep lacks: a job is gone only when the service says so itself.

use std::sync::Arc;

use super::{Error, Quality, TargetState, Verdict, sweep::Sweep};
use crate::{
    actiontrail::Detail,
    job::{Job, JobId},
};

/// The most jobs that are asked for after one sweep; the others are kept, and asked for after the next.
const MOST_ASKED: usize = 20;

/// Asks for every job that `before` had and `sweep` lacks. Gone is what Get answers with 404; everything else is kept.
///
/// Without the permission for Get, a job is gone when two accepted sweeps in a row lack it. While Get has trouble, one try
/// is enough: the list was read, and what became of the others can wait until after the next sweep.
pub(super) async fn settle(
    mut sweep: Sweep,
    before: &TargetState,
    get: impl AsyncFn(JobId) -> Result<Detail, Error>,
) -> Sweep {
    let missing: Vec<&Job> = before.jobs.rows.iter().filter(|job| !sweep.jobs.contains_key(&job.id)).collect();
    let mut left = MOST_ASKED;
    for known in missing {
        let fate = if left > 0 {
            let answer = get(known.id).await;
            let troubled = answer.as_ref().is_err_and(|error| error.verdict() == Verdict::MayPass);
            left = if troubled { 0 } else { left - 1 };
            fate(known, &sweep, before, answer)
        } else {
            Fate::Kept
        };
        match fate {
            Fate::Gone => sweep.gone.push(known.id),
            Fate::Kept => keep(&mut sweep, known.clone()),
            Fate::Changed(job) => keep(&mut sweep, job),
        }
    }
    sweep
}

/// What became of a job.
enum Fate {
    Gone,
    /// As it was, for all that is known.
    Kept,
    /// The service still has it, in another state.
    Changed(Job),
}

fn fate(known: &Job, sweep: &Sweep, before: &TargetState, answer: Result<Detail, Error>) -> Fate {
    match answer {
        Ok(Detail { job, .. }) if (job.status, job.updated) == (known.status, known.updated) => Fate::Kept,
        Ok(Detail { job, .. }) => Fate::Changed(Job { raw: Arc::clone(&known.raw), ..job }),
        Err(error) => match error.verdict() {
            Verdict::NotFound => Fate::Gone,
            Verdict::Refused if sweep.quality == Quality::Whole && before.unlisted.contains(&known.id) => Fate::Gone,
            _ => Fate::Kept,
        },
    }
}

fn keep(sweep: &mut Sweep, job: Job) {
    sweep.unlisted.insert(job.id);
    sweep.jobs.insert(job.id, job);
}
