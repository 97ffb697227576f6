//! The row index: which jobs the table shows, in which order. Rebuilt only when jobs, filter or order change.

use std::sync::Arc;

use crate::{
    engine::{RowRef, Snapshot, TargetState},
    job::{Filter, JobKey, Order, StatusCounts, Timestamp, coverage::Standing},
};

use super::table::Widest;

/// Filtered and sorted references into one snapshot.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    shown: Vec<RowRef>,
    counts: StatusCounts,
    attention: Attention,
    widest: Widest,
}

/// How many jobs somebody should look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attention {
    /// Failures that still matter.
    pub open: usize,
    /// Active jobs about which nothing changes.
    pub stalled: usize,
}

impl Attention {
    fn of<'a>(standings: impl Iterator<Item = &'a Standing>) -> Self {
        let mut attention = Self::default();
        for standing in standings {
            attention.open += usize::from(standing.is_open_failure());
            attention.stalled += usize::from(matches!(standing, Standing::Stalled { .. }));
        }
        attention
    }
}

impl Rows {
    /// Filters and sorts the jobs of a snapshot.
    #[must_use]
    pub fn build(snapshot: &Snapshot, filter: &Filter, order: Order, now: Timestamp) -> Self {
        let mut shown = snapshot.rows();
        let row = |at: &RowRef| snapshot.row(*at);
        let counts = shown.iter().map(|at| row(at).job.status).collect();
        let attention = Attention::of(shown.iter().filter_map(|at| row(at).standing));
        let mut scratch = String::new();
        shown.retain(|at| filter.matches(&row(at), &mut scratch));
        let mut widest = Widest::default();
        shown.iter().for_each(|at| widest.see(row(at).job));
        // Those of one target still stand together.
        shown.chunk_by(|a, b| a.target == b.target).for_each(|of_one| widest.see_target(row(&of_one[0]).target));
        order.sort(&mut shown, row, now);
        Self { shown, counts, attention, widest }
    }

    /// Whether an index of `before` also holds for `after`: the jobs of every target, and what they mean, are the same.
    #[must_use]
    pub fn hold_for(before: &Snapshot, after: &Snapshot) -> bool {
        let same = |(a, b): (&Arc<TargetState>, &Arc<TargetState>)| {
            Arc::ptr_eq(&a.jobs, &b.jobs) && Arc::ptr_eq(&a.coverage, &b.coverage)
        };
        before.targets.len() == after.targets.len() && before.targets.iter().zip(after.targets.iter()).all(same)
    }

    /// How many are shown.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// Whether none is shown.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// How many there are, the filtered ones included.
    #[must_use]
    pub fn total(&self) -> usize {
        self.counts.total()
    }

    /// How many of them somebody should look at.
    #[must_use]
    pub fn attention(&self) -> Attention {
        self.attention
    }

    /// How many have which status, the filtered ones included, each job once.
    #[must_use]
    pub fn counts(&self) -> StatusCounts {
        self.counts
    }

    /// The widest cells, which decide how wide columns are.
    #[must_use]
    pub fn widest(&self) -> Widest {
        self.widest
    }

    /// The row at a place, from the top.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<RowRef> {
        self.shown.get(place).copied()
    }

    /// Where a job stands.
    #[must_use]
    pub fn position(&self, snapshot: &Snapshot, key: &JobKey) -> Option<usize> {
        // Each target says whether it has the job: to ask every row would be a walk through all of memory.
        let has = |(target, state): (u32, &Arc<TargetState>)| {
            let row = state.jobs.rows.binary_search_by_key(&key.id, |job| job.id).ok()?;
            let at = RowRef { target, row: u32::try_from(row).ok()? };
            (snapshot.key(at) == *key).then_some(at)
        };
        let known: Vec<RowRef> = (0..).zip(snapshot.targets.iter()).filter_map(has).collect();
        self.shown.iter().position(|at| known.contains(at))
    }
}
