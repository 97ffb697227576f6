//! The row index: which jobs the table shows, in which order. Rebuilt only when jobs, filter or order
//! change, or when a job crosses an edge of time that the filter names.

use std::sync::Arc;

use crate::{
    engine::{RowRef, Snapshot, TargetState},
    job::{Filter, JobKey, Row, StatusCounts, Timestamp, coverage::Standing},
};

use super::{
    app::{Hidden, List, Tab},
    table::Widest,
};

/// Filtered and sorted references into one snapshot.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    shown: Vec<RowRef>,
    counts: StatusCounts,
    attention: Attention,
    tabs: [usize; Tab::ALL.len()],
    widest: Widest,
    next_change: Option<Timestamp>,
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
    fn see(&mut self, row: &Row<'_>) {
        if let Some(standing) = row.standing {
            self.open += usize::from(standing.is_open_failure());
            self.stalled += usize::from(matches!(standing, Standing::Stalled { .. }));
        }
    }
}

impl Rows {
    /// Filters and sorts the jobs of a snapshot.
    #[must_use]
    pub(super) fn build(snapshot: &Snapshot, hidden: &Hidden, filter: &Filter, list: &List, now: Timestamp) -> Self {
        let mut built = Self::default();
        let all = snapshot.rows_of(|target| hidden.shows(target, snapshot));
        // At once: growing takes twice as much.
        built.shown.reserve(all.len());
        for at in all {
            let row = snapshot.row(at);
            built.counts.count(row.job.status);
            built.attention.see(&row);
            built.tabs.iter_mut().zip(Tab::ALL).for_each(|(count, tab)| *count += usize::from(tab.holds(&row)));
            if filter.depends_on_time() {
                built.next_change = built.next_change.into_iter().chain(filter.next_change(&row, now)).min();
            }
            if list.tab.holds(&row) && filter.matches(&row, now) {
                built.widest.see(row.job);
                built.shown.push(at);
            }
        }
        built.shown.shrink_to_fit();
        // Those of one target still stand together.
        let of_targets = built.shown.chunk_by(|a, b| a.target == b.target);
        of_targets.for_each(|of_one| built.widest.see_target(&snapshot.target(of_one[0]).key));
        list.order.sort(&mut built.shown, |at| snapshot.row(*at), now);
        built
    }

    /// When the filter lets other jobs through, although nothing about them changes.
    #[must_use]
    pub fn next_change(&self) -> Option<Timestamp> {
        self.next_change
    }

    /// Whether an index of `before` also holds for `after`: the jobs of every target, what they and their trails mean, which of
    /// them changed and who tells of them are the same.
    #[must_use]
    pub fn hold_for(before: &Snapshot, after: &Snapshot) -> bool {
        let same = |(a, b): (&Arc<TargetState>, &Arc<TargetState>)| {
            Arc::ptr_eq(&a.jobs, &b.jobs)
                && Arc::ptr_eq(&a.coverage, &b.coverage)
                && Arc::ptr_eq(&a.unlisted, &b.unlisted)
                && Arc::ptr_eq(&a.trails.rows, &b.trails.rows)
                && a.tells_as(b)
        };
        Arc::ptr_eq(&before.news, &after.news)
            && before.targets.len() == after.targets.len()
            && before.targets.iter().zip(after.targets.iter()).all(same)
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

    /// How many each tab lists, the filtered ones included.
    pub(super) fn tabs(&self) -> impl Iterator<Item = (Tab, usize)> {
        Tab::ALL.into_iter().zip(self.tabs)
    }

    /// The widest cells, which decide how wide columns are.
    #[must_use]
    pub fn widest(&self) -> Widest {
        self.widest
    }

    /// The rows that are shown, from the top.
    #[must_use]
    pub fn shown(&self) -> &[RowRef] {
        &self.shown
    }

    /// The row at a place, from the top.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<RowRef> {
        self.shown.get(place).copied()
    }

    /// Where a job stands.
    #[must_use]
    pub fn position(&self, snapshot: &Snapshot, key: &JobKey) -> Option<usize> {
        // By the place alone: to ask every row would be a walk through all of memory.
        snapshot.places(key).find_map(|at| self.shown.iter().position(|shown| *shown == at))
    }
}
