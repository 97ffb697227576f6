//! What reports about trails change.

use std::{collections::BTreeMap, sync::Arc};

use super::{Error, Snapshot, Store, TargetIndex, Timestamp, is_known};
use crate::{
    actiontrail::TrailList,
    engine::{Trails, trails::Fate},
    job::TrailStatus,
};

impl Store {
    pub(super) fn trails(
        &mut self,
        at: TargetIndex,
        outcome: Result<TrailList, Arc<Error>>,
        now: Timestamp,
    ) -> Option<Arc<Snapshot>> {
        let known = Arc::clone(&self.snapshot.targets[at.0].trails);
        match outcome {
            Ok(list) => self.change(at, Vec::new(), |target| {
                let rows = known.weighed(list.trails.into_iter(), target);
                let (read, faults) = (Some(now + target.clock_offset), list.faults.len());
                target.trails = Arc::new(Trails { rows, read, faults, error: None, ..Trails::clone(&known) });
            }),
            Err(error) if is_known(known.error.as_ref(), &error) => None,
            Err(error) => {
                self.note_error(at, &error, now);
                let trails = Trails { error: Some(error), ..Trails::clone(&known) };
                self.change(at, Vec::new(), |target| target.trails = Arc::new(trails))
            }
        }
    }

    /// `None` is the answer that there is no such trail.
    pub(super) fn trail_status(
        &mut self,
        at: TargetIndex,
        name: Arc<str>,
        outcome: Result<Option<TrailStatus>, Arc<Error>>,
        now: Timestamp,
    ) -> Option<Arc<Snapshot>> {
        let known = Arc::clone(&self.snapshot.targets[at.0].trails);
        match outcome {
            Ok(status) => {
                let fate = status.map_or(Fate::Gone, Fate::Status);
                let same = known.statuses.get(&name).is_some_and(|known| says_the_same(known, &fate));
                if same && known.status_error.is_none() {
                    return None;
                }
                let mut statuses = BTreeMap::clone(&known.statuses);
                statuses.insert(name, fate);
                let trails = Trails { statuses: Arc::new(statuses), status_error: None, ..Trails::clone(&known) };
                self.change(at, Vec::new(), |target| {
                    target.trails = Arc::new(trails);
                    target.weigh_trails();
                })
            }
            Err(error) if is_known(known.status_error.as_ref(), &error) => None,
            Err(error) => {
                self.note_error(at, &error, now);
                let trails = Trails { status_error: Some(error), ..Trails::clone(&known) };
                self.change(at, Vec::new(), |target| target.trails = Arc::new(trails))
            }
        }
    }
}

fn says_the_same(known: &Fate, new: &Fate) -> bool {
    match (known, new) {
        (Fate::Status(known), Fate::Status(new)) => known.same_as(new),
        (known, new) => known == new,
    }
}
