//! Which trails the coverage view lists, in which order. Rebuilt only when they change, and when a
//! hole is past the 90 days.

use std::sync::Arc;

use super::app::Hidden;
use crate::{
    engine::{Snapshot, TargetState, TrailRef},
    job::Timestamp,
};

/// References to the trails of one snapshot.
#[derive(Debug, Clone, Default)]
pub(super) struct TrailRows {
    /// Each once, those that lack events first.
    pub(super) shown: Vec<TrailRef>,
    /// How many of them lack events of the last 90 days.
    pub(super) uncovered: usize,
    /// When that number may differ, if nothing changes.
    pub(super) next_change: Option<Timestamp>,
}

impl TrailRows {
    pub(super) fn build(snapshot: &Snapshot, hidden: &Hidden, now: Timestamp) -> Self {
        let shown = snapshot.trails_of(now, |target| hidden.shows(target, snapshot));
        let delivered = || shown.iter().map(|at| &snapshot.trail(*at).known.delivered);
        let uncovered = delivered().filter(|delivered| delivered.is_uncovered(now)).count();
        let next_change = delivered().filter_map(|delivered| delivered.next_change(now)).min();
        Self { uncovered, next_change, shown }
    }

    /// Whether the trails of `before` also hold for `after`.
    pub(super) fn hold_for(before: &Snapshot, after: &Snapshot) -> bool {
        let same = |(a, b): (&Arc<TargetState>, &Arc<TargetState>)| {
            Arc::ptr_eq(&a.trails.rows, &b.trails.rows) && a.tells_as(b)
        };
        before.targets.len() == after.targets.len() && before.targets.iter().zip(after.targets.iter()).all(same)
    }
}
