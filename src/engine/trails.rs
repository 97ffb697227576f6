//! The trails of one target at one moment: what they are, how the delivery of those that fail fares, and what of that can't be
//! read. Immutable, as the state of the target that holds it.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use super::{Error, Snapshot, TargetState};
use crate::job::{
    Account, Job, Timestamp, Trail, TrailRow, TrailStatus,
    coverage::{Delivered, Failure, KnownTrail, Standing},
};

/// What is known of the trails of one target.
#[derive(Debug, Clone, Default)]
pub struct Trails {
    /// Sorted by name; the same `Arc` while nothing about them changed.
    pub rows: Arc<[KnownTrail]>,
    /// When they were read, if they ever were.
    pub read: Option<Timestamp>,
    /// How many entries of the answer could not be read as trails.
    pub faults: usize,
    /// Why they can't be read, where they can't.
    pub error: Option<Arc<Error>>,
    /// How delivery fares, by name: of trails with a failure that no later job repaired; of all that could deliver, where it was
    /// read once.
    pub statuses: Arc<BTreeMap<Arc<str>, Fate>>,
    /// Why that can't be read, where it can't.
    pub status_error: Option<Arc<Error>>,
}

/// What `GetTrailStatus` said of a trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// How its delivery fares.
    Status(TrailStatus),
    /// There is no such trail.
    Gone,
}

/// What is known of the trail of a job.
#[derive(Debug, Clone, Copy)]
pub enum TrailOf<'a> {
    /// It is there.
    Known(&'a KnownTrail),
    /// It was deleted: its jobs can't be repeated.
    Gone,
    /// It can't be read.
    Unreadable(&'a Arc<Error>),
    /// It was not read, or the answer does not tell.
    Unknown,
}

/// Where a trail stands in a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrailRef {
    /// Index into [`Snapshot::targets`].
    pub target: u32,
    /// Index into [`Trails::rows`].
    pub row: u32,
}

impl Snapshot {
    /// Every trail once, also where two targets tell of it: the first one's word counts, and that of one that can't be read
    /// last. First those that lack events of the last 90 days, then by name.
    #[must_use]
    pub fn trails(&self, now: Timestamp) -> Vec<TrailRef> {
        self.trails_of(now, |_| true)
    }

    /// The same of the targets that are wanted, as if there were no others.
    #[must_use]
    pub fn trails_of(&self, now: Timestamp, wanted: impl Fn(&TargetState) -> bool) -> Vec<TrailRef> {
        let mut met: HashSet<(Account, &str, &str)> = HashSet::new();
        let mut trails = Vec::new();
        for (target, state) in self.by_word().filter(|(_, target)| wanted(target)) {
            for (row, known) in (0..).zip(state.trails.rows.iter()) {
                let home = known.trail.home.as_deref().unwrap_or(state.key.region.as_str());
                if met.insert((state.whose(), home, &known.trail.name)) {
                    trails.push(TrailRef { target, row });
                }
            }
        }
        trails.sort_by_cached_key(|at: &TrailRef| {
            let TrailRow { known, .. } = self.trail(*at);
            (!known.delivered.is_uncovered(now), Arc::clone(&known.trail.name), at.target)
        });
        trails
    }

    /// A trail with its target.
    ///
    /// # Panics
    /// Where it belongs to another snapshot.
    #[must_use]
    pub fn trail(&self, at: TrailRef) -> TrailRow<'_> {
        let target = &self.targets[at.target as usize];
        TrailRow { known: &target.trails.rows[at.row as usize], target: &target.key }
    }
}

impl Trails {
    /// Whether every trail is known as of the last read.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.read.is_some() && self.faults == 0 && self.error.is_none()
    }

    /// Whether both say the same, whenever they were read.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        let Self { rows, read, faults, error, statuses, status_error } = self;
        Arc::ptr_eq(rows, &other.rows)
            && read.is_some() == other.read.is_some()
            && *faults == other.faults
            && *error == other.error
            && Arc::ptr_eq(statuses, &other.statuses)
            && *status_error == other.status_error
    }

    /// How the delivery of a trail fares, where that was asked.
    #[must_use]
    pub fn status(&self, name: &str) -> Option<&TrailStatus> {
        match self.statuses.get(name)? {
            Fate::Status(status) => Some(status),
            Fate::Gone => None,
        }
    }

    /// These trails, weighed with what is known of a target's jobs. The same `Arc` where that says nothing new.
    pub(super) fn weighed(&self, trails: impl Iterator<Item = Trail>, target: &TargetState) -> Arc<[KnownTrail]> {
        let jobs = || target.jobs.rows.iter().map(|job| (job, target.regions.get(&job.id).map(Arc::as_ref)));
        let weigh = |trail: Trail| {
            let delivered = Delivered::of(&trail, self.status(&trail.name), jobs());
            KnownTrail { trail, delivered }
        };
        let mut rows: Vec<KnownTrail> = trails.map(weigh).collect();
        rows.sort_by(|a, b| a.trail.name.cmp(&b.trail.name));
        if *rows == *self.rows { Arc::clone(&self.rows) } else { rows.into() }
    }
}

impl TargetState {
    /// What is known of the trail of one of its jobs.
    #[must_use]
    pub fn trail_of(&self, job: &Job) -> TrailOf<'_> {
        let trails = &self.trails;
        if let Some(known) = KnownTrail::find(&trails.rows, job) {
            return TrailOf::Known(known);
        }
        // An endpoint tells only of the trails that are at home there, and nobody of those that were made since.
        let here = self.home_of(job) == self.key.region.as_str() && !job.trail.is_empty();
        let read = trails.read.filter(|read| trails.faults == 0 && job.created.is_none_or(|created| created < *read));
        let gone = trails.statuses.get(&job.trail) == Some(&Fate::Gone);
        match &trails.error {
            _ if here && gone => TrailOf::Gone,
            Some(error) => TrailOf::Unreadable(error),
            None if here && read.is_some() => TrailOf::Gone,
            None => TrailOf::Unknown,
        }
    }

    /// Weighs its trails anew, after its jobs, or what is known of the trails, has changed.
    pub(super) fn weigh_trails(&mut self) {
        let known = Arc::clone(&self.trails);
        if known.rows.is_empty() && known.statuses.is_empty() {
            return;
        }
        let mut trails = Trails::clone(&known);
        trails.rows = trails.weighed(known.rows.iter().map(|row| row.trail.clone()), self);
        if !trails.same_as(&known) {
            self.trails = Arc::new(trails);
        }
    }

    /// Forgets how the delivery of those trails fared of which no failure is left: nobody asks any more whether it is still so.
    pub(super) fn forget_how_they_fared(&mut self) {
        let failing = self.failing_trails();
        if self.trails.statuses.keys().any(|name| !failing.contains(name)) {
            let trails = Arc::make_mut(&mut self.trails);
            Arc::make_mut(&mut trails.statuses).retain(|name, _| failing.contains(name));
        }
    }

    /// The trails of which a failure asks how their delivery fares: each once, that of the newest job first. That somebody has
    /// settled the failure does not make the delivery work.
    pub(super) fn failing_trails(&self) -> Vec<Arc<str>> {
        let is_left =
            |standing: &Standing| matches!(standing.failure(), Some(Failure::Open | Failure::Acknowledged(_)));
        let jobs = self.jobs.rows.iter().zip(&self.coverage.standings).rev();
        let mut names: Vec<Arc<str>> = Vec::new();
        for (job, _) in jobs.filter(|(_, standing)| is_left(standing)) {
            let here = self.home_of(job) == self.key.region.as_str();
            if here && !job.trail.is_empty() && !names.contains(&job.trail) {
                names.push(Arc::clone(&job.trail));
            }
        }
        names
    }
}
