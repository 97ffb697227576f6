//! Looks for the jobs that are waited for, by number, trail or filter. Pure.

use super::condition::{Fate, Presence, Waited};
use crate::{
    engine::{Health, RowRef, Snapshot, TargetState},
    job::{Change, JobId, JobSeen, TargetKey, Timestamp, What},
};

/// What became of a look for jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looked {
    /// All of them are known.
    Found,
    /// Every target was read, and there is none.
    Nothing,
    /// A target that may have them was not read yet.
    Unread,
    /// A target that may have them is refused.
    Refused,
}

/// The job of a number: of the first target that has it. One that an earlier run knew, and that is no longer listed, counts,
/// and so does one that was found to be gone.
pub(super) fn by_id(snapshot: &Snapshot, id: JobId) -> Option<Waited> {
    if let Some(at) = with_id(snapshot, id).next() {
        return Some(listed(snapshot, at));
    }
    let missing = snapshot.targets.iter().filter(|state| state.has_list()).find_map(|state| {
        let seen = state.missing.by_id(id)?;
        let at = state.missing.read.or(state.read.as_ref().map(|read| read.at))?;
        Some(unclear(&state.key, seen, at))
    });
    let gone = || {
        snapshot.log.iter().rev().find_map(|transition| match &transition.what {
            What::Job(seen, Change::Gone) if seen.key.id == id => {
                Some(unclear(&transition.target, seen, transition.seen.by))
            }
            _ => None,
        })
    };
    missing.or_else(gone)
}

/// Every row with a job of this number: it is unique only within an account and a region.
pub(super) fn with_id(snapshot: &Snapshot, id: JobId) -> impl Iterator<Item = RowRef> {
    snapshot.rows().into_iter().filter(move |at| snapshot.job(*at).id == id)
}

/// The newest job of a trail, or the first one that was created after a moment.
pub(super) fn of_trail(snapshot: &Snapshot, name: &str, since: Option<Timestamp>) -> Vec<RowRef> {
    let of_trail = snapshot.rows().into_iter().filter(|at| &*snapshot.job(*at).trail == name);
    let age = |at: &RowRef| (snapshot.job(*at).created, snapshot.job(*at).id);
    match since {
        None => of_trail.max_by_key(age),
        Some(since) => {
            of_trail.filter(|at| snapshot.job(*at).created.is_some_and(|created| created > since)).min_by_key(age)
        }
    }
    .into_iter()
    .collect()
}

/// Looks once every target is read: before that, a newer job, or one more, may be where nobody has looked.
pub(super) fn in_all(snapshot: &Snapshot, jobs: &mut Vec<Waited>, rows: impl FnOnce() -> Vec<RowRef>) -> Looked {
    match everywhere(snapshot) {
        Looked::Nothing => {
            jobs.extend(rows().into_iter().map(|at| listed(snapshot, at)));
            if jobs.is_empty() { Looked::Nothing } else { Looked::Found }
        }
        other => other,
    }
}

/// Whether the lists of all targets are there, so that what is not in them does not exist. What can't be read yet is waited
/// for before what is refused ends it: the job may be there.
pub(super) fn everywhere(snapshot: &Snapshot) -> Looked {
    let refused = |state: &TargetState| matches!(state.health, Health::Refused { .. }) && !state.has_list();
    if snapshot.targets.iter().any(|state| !state.has_list() && !refused(state)) {
        Looked::Unread
    } else if snapshot.targets.iter().any(|state| refused(state)) {
        Looked::Refused
    } else {
        Looked::Nothing
    }
}

fn listed(snapshot: &Snapshot, at: RowRef) -> Waited {
    let state = snapshot.target(at);
    let read = state.read.as_ref().map_or(Timestamp::UNIX_EPOCH, |read| read.at);
    let (target, seen) = (state.key.clone(), snapshot.seen(at));
    Waited { target, account: None, seen, at: read, fate: Fate::Open, presence: Presence::Listed }
}

fn unclear(target: &TargetKey, seen: &JobSeen, at: Timestamp) -> Waited {
    let (target, seen) = (target.clone(), seen.clone());
    Waited { target, account: None, seen, at, fate: Fate::Open, presence: Presence::Unclear }
}
