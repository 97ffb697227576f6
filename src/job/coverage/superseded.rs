//! Which later job repaired which failed one.
//!
//! A failed job is superseded by the earliest later job of its trail that is complete and covers what remained of its window.
//! Found in O(n log n), also among thousands of failures of one trail: failures and repairs are taken in the order of where
//! their windows start, and a tree over the repairs in order of creation finds the first whose window ends late enough.

use std::collections::HashMap;

use chrono::TimeDelta;

use super::{KEPT, Outcome, expires};
use crate::job::{Job, JobId, Timestamp};

/// How far a window may start after the 90 days before its job was created, and still count as all that the service had: the
/// service may take its time between creating a job and looking at its events.
pub(super) const SLACK: TimeDelta = TimeDelta::minutes(5);

/// A later job that delivered what a failed one left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cover {
    pub by: JobId,
    /// How much of the failed job's window it came too late for, at most.
    pub lost: Option<TimeDelta>,
}

/// The jobs that are superseded, by their place in the list. Where a time or a name that it takes is missing, nothing is proved.
pub(super) fn covers(jobs: &[Job], outcomes: &[Outcome]) -> HashMap<usize, Cover> {
    // One trail after the other, so that no more is kept at a time than one of them takes.
    let mut places: Vec<usize> = (0..jobs.len()).filter(|place| identity(&jobs[*place]).is_some()).collect();
    places.sort_unstable_by_key(|place| identity(&jobs[*place]));
    let mut covers = HashMap::new();
    for places in places.chunk_by(|one, other| identity(&jobs[*one]) == identity(&jobs[*other])) {
        if places.iter().any(|place| outcomes[*place].failed()) {
            Trail::of(jobs, outcomes, places).resolve(&mut covers);
        }
    }
    covers
}

/// A trail is known by its home region as the service wrote it, and its name.
fn identity(job: &Job) -> Option<(&str, &str)> {
    job.home.as_deref().filter(|_| !job.trail.is_empty()).map(|home| (home, &*job.trail))
}

struct Trail {
    damages: Vec<Damage>,
    repairs: Vec<Repair>,
}

/// A failed job: what another has to cover.
struct Damage {
    /// Where the job stands in the list.
    place: usize,
    created: Timestamp,
    /// Only a job that reaches back as far as anything could covers a window whose start is not known.
    start: Option<Timestamp>,
    end: Timestamp,
    expires: Timestamp,
}

impl Damage {
    fn of(job: &Job, place: usize) -> Option<Self> {
        let (created, start, end) = (job.created?, job.window.start, job.window.end?);
        Some(Self { place, created, start, end, expires: expires(job.window)? })
    }
}

/// A complete job: what it covers.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Repair {
    created: Timestamp,
    by: JobId,
    /// Where its window starts; `None`, which sorts before every time, where that is as far back as the service had events.
    reach: Option<Timestamp>,
    /// The oldest event that it can have delivered.
    oldest: Timestamp,
    end: Timestamp,
}

impl Repair {
    fn of(job: &Job) -> Option<Self> {
        let (created, start, end) = (job.created?, job.window.start?, job.window.end?);
        if start > end {
            return None;
        }
        let horizon = created.checked_sub_signed(KEPT)?;
        let reach = (start - horizon > SLACK).then_some(start);
        Some(Self { created, by: job.id, reach, oldest: start.max(horizon), end })
    }
}

impl Trail {
    fn of(jobs: &[Job], outcomes: &[Outcome], places: &[usize]) -> Self {
        let (failed, others): (Vec<usize>, Vec<_>) = places.iter().partition(|place| outcomes[**place].failed());
        let whole = others.into_iter().filter(|place| outcomes[*place] == (Outcome::Complete { whole: true }));
        Self {
            damages: failed.into_iter().filter_map(|place| Damage::of(&jobs[place], place)).collect(),
            repairs: whole.filter_map(|place| Repair::of(&jobs[place])).collect(),
        }
    }

    fn resolve(mut self, covers: &mut HashMap<usize, Cover>) {
        self.repairs.sort_unstable();
        self.damages.sort_unstable_by_key(|damage| damage.start);
        let mut by_reach: Vec<usize> = (0..self.repairs.len()).collect();
        by_reach.sort_unstable_by_key(|at| self.repairs[*at].reach);

        let mut reaching = by_reach.into_iter().peekable();
        let mut ends = Ends::new(self.repairs.len());
        for damage in &self.damages {
            while let Some(at) = reaching.next_if(|at| self.repairs[*at].reach <= damage.start) {
                ends.put(at, self.repairs[at].end);
            }
            let later = self.repairs.partition_point(|repair| repair.created <= damage.created);
            let repair = ends.first(later, damage.end).map(|at| &self.repairs[at]);
            // One that came when nothing was left has repaired nothing: that failure has expired.
            let cover = repair.filter(|repair| repair.created < damage.expires).map(|repair| Cover {
                by: repair.by,
                lost: damage.start.map(|start| (repair.oldest.min(damage.end) - start).max(TimeDelta::zero())),
            });
            covers.extend(cover.map(|cover| (damage.place, cover)));
        }
    }
}

/// Where the windows of repairs end, as a tree of maxima over their places.
struct Ends {
    /// The root is at 1, the children of `i` at `2i` and `2i + 1`, the places from `leaves` on.
    latest: Vec<Option<Timestamp>>,
    leaves: usize,
}

impl Ends {
    fn new(places: usize) -> Self {
        let leaves = places.next_power_of_two();
        Self { latest: vec![None; 2 * leaves], leaves }
    }

    fn put(&mut self, place: usize, end: Timestamp) {
        let mut node = self.leaves + place;
        while node > 0 {
            self.latest[node] = self.latest[node].max(Some(end));
            node /= 2;
        }
    }

    /// The first place, from `from` on, that ends at `end` or later.
    fn first(&self, from: usize, end: Timestamp) -> Option<usize> {
        let late = |node: usize| self.latest[node] >= Some(end);
        if from >= self.leaves {
            return None;
        }
        let mut node = self.leaves + from;
        while !late(node) {
            // On to the next subtree on the right: up out of every right child, then aside.
            while node % 2 == 1 {
                node /= 2;
            }
            if node == 0 {
                return None;
            }
            node += 1;
        }
        while node < self.leaves {
            node = if late(2 * node) { 2 * node } else { 2 * node + 1 };
        }
        Some(node - self.leaves)
    }
}
