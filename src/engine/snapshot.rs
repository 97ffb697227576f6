//! What is known at one moment: immutable, shared by pointer, read by everybody and written by [`super::Store`] alone.

use std::{
    collections::{HashMap, HashSet},
    mem,
    sync::Arc,
    time::Duration,
};

use super::{Errors, TargetState, diff, log::Log, news::News};
use crate::job::{Account, Filter, Job, JobId, JobKey, JobSeen, Row, TargetKey, Timestamp, Transition};

/// The state of all targets.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Grows with every published change.
    pub rev: u64,
    /// In the order in which the user named them.
    pub targets: Arc<[Arc<TargetState>]>,
    /// How often each is read.
    pub interval: Duration,
    /// How many calls were made within the last minute, over all targets.
    pub calls_per_minute: usize,
    /// What changed.
    pub log: Log,
    /// What went wrong.
    pub errors: Errors,
    /// What changed since the user's last visit.
    pub news: Arc<News>,
    /// What the journal knows of a job.
    pub history: Option<Arc<History>>,
    /// What the user should know of the journal.
    pub notice: Option<Arc<str>>,
}

/// The transitions of one job, also those of earlier runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Which job.
    pub job: JobKey,
    /// Oldest first.
    pub transitions: Arc<[Transition]>,
}

/// The jobs of one target; the same `Arc` while nothing changed.
#[derive(Debug, Default)]
pub struct Jobs {
    /// Sorted by id, each id once.
    pub rows: Box<[Job]>,
}

impl Jobs {
    /// A job by its id.
    #[must_use]
    pub fn get(&self, id: JobId) -> Option<&Job> {
        self.rows.binary_search_by_key(&id, |job| job.id).ok().map(|row| &self.rows[row])
    }

    /// The ids, in their order.
    pub(super) fn ids(&self) -> impl Iterator<Item = JobId> {
        self.rows.iter().map(|job| job.id)
    }

    /// Whether both hold the same jobs in the same states.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        let same = |(job, other): (&Job, &Job)| job.same_as(other);
        self.rows.len() == other.rows.len() && self.rows.iter().zip(&other.rows).all(same)
    }

    /// In which row a job stands in the same state.
    pub(super) fn row_of(&self, job: &Job) -> Option<usize> {
        let row = self.rows.binary_search_by_key(&job.id, |row| row.id).ok()?;
        self.rows[row].same_as(job).then_some(row)
    }
}

impl FromIterator<Job> for Jobs {
    /// Sorts them. Where a job is there twice, its newest state counts, and of equally new ones the last.
    fn from_iter<I: IntoIterator<Item = Job>>(jobs: I) -> Self {
        let mut rows = Vec::from_iter(jobs);
        // Not by moving jobs about, which takes room for all of them once more.
        rows.sort_by_cached_key(|job| job.id);
        rows.dedup_by(|next, kept| {
            let again = next.id == kept.id;
            if again && next.updated >= kept.updated {
                mem::swap(next, kept);
            }
            again
        });
        Self { rows: rows.into() }
    }
}

/// Where a job stands in a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowRef {
    /// Index into [`Snapshot::targets`].
    pub target: u32,
    /// Index into [`Jobs::rows`].
    pub row: u32,
}

impl Snapshot {
    /// Every job once, also where two targets list it: the first one's word counts.
    #[must_use]
    pub fn rows(&self) -> Vec<RowRef> {
        self.rows_of(|_| true)
    }

    /// The same of the targets that are wanted, as if there were no others.
    #[must_use]
    pub fn rows_of(&self, wanted: impl Fn(&TargetState) -> bool) -> Vec<RowRef> {
        #[derive(Default)]
        struct Owner<'a> {
            targets: usize,
            met: HashSet<(JobId, &'a str)>,
        }
        let mut owners: HashMap<Account, Owner<'_>> = HashMap::new();
        let targets = || self.by_word().filter(|(_, target)| wanted(target));
        targets().for_each(|(_, target)| owners.entry(target.whose()).or_default().targets += 1);
        let mut rows = Vec::with_capacity(targets().map(|(_, target)| target.jobs.rows.len()).sum());
        for (target, state) in targets() {
            let Owner { targets, met } = owners.entry(state.whose()).or_default();
            for (row, job) in (0..).zip(&state.jobs.rows) {
                if *targets == 1 || met.insert((job.id, state.home_of(job))) {
                    rows.push(RowRef { target, row });
                }
            }
        }
        rows
    }

    /// The targets with their places, in the order in which their word counts where several tell of the same: that of a target
    /// that can't be read is an old one.
    pub(super) fn by_word(&self) -> impl Iterator<Item = (u32, &Arc<TargetState>)> {
        let all = || (0..).zip(self.targets.iter());
        let can_be_read = all().filter(|(_, target)| target.lost.is_none());
        can_be_read.chain(all().filter(|(_, target)| target.lost.is_some()))
    }

    /// The jobs that a filter lets through, each once.
    pub fn matching<'a>(&'a self, filter: &'a Filter, now: Timestamp) -> impl Iterator<Item = RowRef> + use<'a> {
        let wanted = move |at: &RowRef| filter.matches(&self.row(*at), self.target(*at).service_time(now));
        self.rows().into_iter().filter(wanted)
    }

    /// The target of a key.
    #[must_use]
    pub fn target_of(&self, key: &TargetKey) -> Option<&TargetState> {
        self.targets.iter().find(|target| target.key == *key).map(Arc::as_ref)
    }

    /// The target of a row.
    ///
    /// # Panics
    /// Where the row belongs to another snapshot.
    #[must_use]
    pub fn target(&self, at: RowRef) -> &TargetState {
        &self.targets[at.target as usize]
    }

    /// The job of a row.
    ///
    /// # Panics
    /// Where the row belongs to another snapshot.
    #[must_use]
    pub fn job(&self, at: RowRef) -> &Job {
        &self.target(at).jobs.rows[at.row as usize]
    }

    /// The job of a row with what is known beside it.
    ///
    /// # Panics
    /// Where the row belongs to another snapshot.
    #[must_use]
    pub fn row(&self, at: RowRef) -> Row<'_> {
        let target = self.target(at);
        let job = self.job(at);
        Row {
            job,
            target: &target.key,
            regions: target.regions.get(&job.id).map(Arc::as_ref),
            standing: target.coverage.standings.get(at.row as usize),
            changed: self.news.has(target, job),
            unlisted: target.unlisted.contains(&job.id),
            trails: &target.trails.rows,
        }
    }

    /// The job of a row as transitions and the journal keep it.
    ///
    /// # Panics
    /// Where the row belongs to another snapshot.
    #[must_use]
    pub fn seen(&self, at: RowRef) -> JobSeen {
        diff::job_seen(self.target(at), self.job(at))
    }

    /// Where a job stands, if a target lists it.
    #[must_use]
    pub fn find(&self, job: &JobKey) -> Option<RowRef> {
        self.places(job).next()
    }

    /// Everywhere that a job stands, in the order in which the word of the targets counts: several may list it, also through
    /// other profiles of its account.
    pub fn places(&self, job: &JobKey) -> impl Iterator<Item = RowRef> {
        let owner = self.targets.iter().find(|target| target.account.is_some() && target.owner() == job.account);
        let account = owner.and_then(|owner| owner.account.as_ref());
        self.by_word().filter_map(move |(target, state)| {
            let row = state.jobs.rows.binary_search_by_key(&job.id, |job| job.id).ok()?;
            let is_owners = state.owner() == job.account || account.is_some() && state.account.as_ref() == account;
            let is_it = is_owners && state.home_of(&state.jobs.rows[row]) == &*job.home;
            is_it.then_some(RowRef { target, row: row as u32 })
        })
    }

    /// What was seen of a job: from the journal where it was asked, else from the log of this run.
    #[must_use]
    pub fn history(&self, job: &JobKey) -> Vec<&Transition> {
        if let Some(history) = self.history.as_ref().filter(|history| history.job == *job) {
            return history.transitions.iter().collect();
        }
        let of_job = |transition: &&Transition| transition.what.job().is_some_and(|seen| seen.key == *job);
        self.log.iter().map(AsRef::as_ref).filter(of_job).collect()
    }

    /// A job's identity.
    #[must_use]
    pub fn key(&self, at: RowRef) -> JobKey {
        self.target(at).job_key(self.job(at))
    }
}
