//! From reports to snapshots: the only writer of what is known.
//!
//! A plain function of (state, report, now): no task, no channel, no clock.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use super::{
    Error, Health, History, Log, News, Read, Reading, Snapshot, TargetState, absent,
    diff::{self, Baseline},
    meaning::Meaning,
    sweep::Sweep,
};
use crate::{
    job::{
        Change, JobId, JobKey, JobSeen, Regions, Seen, Timestamp, Transition, Trouble, What,
        coverage::{Acknowledgement, Rules},
    },
    journal::Wanted,
};

/// Which target a report is about: its place in the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TargetIndex(pub usize);

/// Whether a target is polled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polling {
    /// At its interval.
    On,
    /// Left alone.
    Paused,
}

/// What the engine's tasks tell the store.
#[derive(Debug, Clone)]
pub enum Report {
    /// A read that somebody waits for has come this far.
    Reading(TargetIndex, Reading),
    /// A call failed and will be repeated.
    Trouble(TargetIndex, Arc<Error>),
    /// A read was given up.
    Failed(TargetIndex, Arc<Error>),
    /// A read succeeded.
    Swept(TargetIndex, Sweep),
    /// The regions of a job were read, or could not be.
    Regions(TargetIndex, JobId, Result<Regions, Arc<Error>>),
    /// The service does not know a job any more; it says so of jobs that the list lacks.
    Gone(TargetIndex, JobId),
    /// A target is polled, or left alone.
    Polling(TargetIndex, Polling),
    /// How often targets are read from now on.
    Interval(Duration),
    /// How many calls were made within the last minute.
    Rate(usize),
    /// Failures that their user has settled.
    Acknowledged(HashMap<JobKey, Acknowledgement>),
    /// A failure was settled just now, or is not settled after all.
    Settled(JobKey, Option<Acknowledgement>),
    /// When the user's last visit ended, and what others saw since.
    LastVisit(Timestamp, Vec<JobSeen>),
    /// What the journal knows of a job.
    History(Option<Wanted>, Arc<[Transition]>),
    /// The user should know this of the journal.
    Notice(Arc<str>),
    /// Time has passed: a job may have stalled, or a failure expired.
    Tick,
}

/// Holds the latest snapshot.
#[derive(Debug)]
pub struct Store {
    snapshot: Arc<Snapshot>,
    baselines: Vec<Baseline>,
    acknowledged: Arc<HashMap<JobKey, Acknowledgement>>,
    rules: Rules,
}

impl Store {
    /// A store in which nothing was read yet.
    #[must_use]
    pub fn new(targets: Vec<TargetState>, interval: Duration, rules: Rules) -> Self {
        let baselines = vec![Baseline::default(); targets.len()];
        let targets = targets.into_iter().map(Arc::new).collect();
        Self {
            snapshot: Arc::new(Snapshot {
                rev: 0,
                targets,
                interval,
                calls_per_minute: 0,
                log: Log::default(),
                news: Arc::default(),
                history: None,
                notice: None,
            }),
            baselines,
            acknowledged: Arc::default(),
            rules,
        }
    }

    /// What was known of a target before: its first sweep is compared with that.
    pub fn set_baseline(&mut self, at: TargetIndex, baseline: Baseline) {
        self.baselines[at.0] = baseline;
    }

    /// The latest snapshot.
    #[must_use]
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// Takes a report in. `None` where it changes nothing that anybody could see.
    pub fn apply(&mut self, report: Report, now: Timestamp) -> Option<Arc<Snapshot>> {
        match report {
            Report::Reading(at, reading) => self.change(at, Vec::new(), |target| target.reading = Some(reading)),
            Report::Trouble(at, error) => {
                self.change(at, Vec::new(), |target| target.health = failing(&target.health, error, now))
            }
            Report::Failed(at, error) => self.failed(at, error, now),
            Report::Swept(at, sweep) => self.swept(at, sweep, now),
            Report::Regions(at, id, outcome) => self.regions(at, id, outcome, now),
            Report::Gone(at, id) => self.gone(at, id, now),
            Report::Polling(at, polling) => {
                let paused = polling == Polling::Paused;
                if self.snapshot.targets[at.0].paused == paused {
                    return None;
                }
                self.change(at, Vec::new(), |target| {
                    target.paused = paused;
                    target.reading = None;
                })
            }
            Report::Interval(interval) => self.interval(interval),
            Report::Acknowledged(acknowledged) => self.acknowledged(acknowledged, now),
            Report::Settled(job, acknowledgement) => {
                let mut acknowledged = HashMap::clone(&self.acknowledged);
                match acknowledgement {
                    Some(acknowledgement) => acknowledged.insert(job, acknowledgement),
                    None => acknowledged.remove(&job),
                };
                self.acknowledged(acknowledged, now)
            }
            Report::LastVisit(since, changed) => {
                let jobs = changed.into_iter().map(|job| (job.key.clone(), job)).collect();
                self.publish(|snapshot| snapshot.news = Arc::new(News { since: Some(since), jobs }))
            }
            Report::History(wanted, transitions) => {
                let Some(Wanted::Key(job)) = wanted else { return None };
                let history = Some(Arc::new(History { job, transitions }));
                if self.snapshot.history == history {
                    return None;
                }
                self.publish(|snapshot| snapshot.history = history)
            }
            Report::Notice(notice) => self.publish(|snapshot| snapshot.notice = Some(notice)),
            Report::Tick => self.tick(now),
            Report::Rate(calls_per_minute) => {
                if self.snapshot.calls_per_minute == calls_per_minute {
                    return None;
                }
                self.publish(|snapshot| snapshot.calls_per_minute = calls_per_minute)
            }
        }
    }

    /// An interval that is set by hand holds for every target at once.
    fn interval(&mut self, interval: Duration) -> Option<Arc<Snapshot>> {
        if self.snapshot.interval == interval {
            return None;
        }
        let paced = |target: &Arc<TargetState>| {
            let mut target = Arc::clone(target);
            if let Some(read) = &mut Arc::make_mut(&mut target).read {
                read.next_in = interval;
            }
            target
        };
        let targets = self.snapshot.targets.iter().map(paced).collect();
        self.publish(|snapshot| (snapshot.targets, snapshot.interval) = (targets, interval))
    }

    fn failed(&mut self, at: TargetIndex, error: Arc<Error>, now: Timestamp) -> Option<Arc<Snapshot>> {
        let target = &self.snapshot.targets[at.0];
        let lost = target.lost.is_none().then(|| {
            let trouble = Trouble { code: error.code().into(), message: error.to_string().into() };
            let after = target.read.as_ref().map(|read| read.at);
            (Seen { after, by: now }, What::TargetLost(trouble))
        });
        self.change(at, lost.into_iter().collect(), |target| {
            target.health = failing(&target.health, error, now);
            target.lost = target.lost.or(Some(now));
            target.reading = None;
        })
    }

    fn swept(&mut self, at: TargetIndex, mut sweep: Sweep, now: Timestamp) -> Option<Arc<Snapshot>> {
        let target = &self.snapshot.targets[at.0];
        absent::keep(&mut sweep, target);
        let back = target.lost.map(|lost| (Seen { after: Some(lost), by: sweep.at }, What::TargetBack));
        let found = diff::swept(target, &self.baselines[at.0], &self.rules, &sweep);
        if target.read.is_none() {
            self.add_news(&found);
            // From here on a sweep is compared with the one before: what was known earlier has served its turn.
            self.baselines[at.0] = Baseline::default();
        }
        let changes = back.into_iter().chain(found).collect();
        let meaning = self.meaning(now);
        self.change(at, changes, |target| {
            let before = Arc::clone(&target.jobs);
            take(target, sweep);
            if !Arc::ptr_eq(&before, &target.jobs) || meaning.is_due(target) {
                meaning.find_out(target);
            }
        })
    }

    /// What a first sweep shows against the baseline happened while nobody looked.
    fn add_news(&mut self, found: &[(Seen, What)]) {
        let changed = found.iter().filter_map(|(_, what)| what.job());
        let mut news = News::clone(&self.snapshot.news);
        news.jobs.extend(changed.map(|job| (job.key.clone(), job.clone())));
        if news.jobs.len() != self.snapshot.news.jobs.len() {
            Arc::make_mut(&mut self.snapshot).news = Arc::new(news);
        }
    }

    fn gone(&mut self, at: TargetIndex, id: JobId, now: Timestamp) -> Option<Arc<Snapshot>> {
        let target = &self.snapshot.targets[at.0];
        let job = target.job(id).filter(|_| target.unlisted.contains(&id))?;
        let after = target.read.as_ref().map(|read| read.at);
        let gone = (Seen { after, by: now }, What::Job(diff::job_seen(target, job), Change::Gone));
        let meaning = self.meaning(now);
        self.change(at, vec![gone], |target| {
            target.jobs = Arc::new(target.jobs.rows.iter().filter(|job| job.id != id).cloned().collect());
            Arc::make_mut(&mut target.unlisted).remove(&id);
            forget_regions(target);
            meaning.find_out(target);
        })
    }

    /// Jobs mean something else as time passes.
    fn tick(&mut self, now: Timestamp) -> Option<Arc<Snapshot>> {
        let meaning = self.meaning(now);
        let due = |target: &&Arc<TargetState>| meaning.is_due(target);
        self.snapshot.targets.iter().find(due)?;
        self.find_out(&meaning, Meaning::is_due)
    }

    fn acknowledged(
        &mut self,
        acknowledged: HashMap<JobKey, Acknowledgement>,
        now: Timestamp,
    ) -> Option<Arc<Snapshot>> {
        self.acknowledged = Arc::new(acknowledged);
        let meaning = self.meaning(now);
        self.find_out(&meaning, |_, _| true)
    }

    fn find_out(
        &mut self,
        meaning: &Meaning,
        concerns: impl Fn(&Meaning, &TargetState) -> bool,
    ) -> Option<Arc<Snapshot>> {
        let anew = |target: &Arc<TargetState>| {
            let mut target = Arc::clone(target);
            if concerns(meaning, &target) {
                meaning.find_out(Arc::make_mut(&mut target));
            }
            target
        };
        let targets = self.snapshot.targets.iter().map(anew).collect();
        self.publish(|snapshot| snapshot.targets = targets)
    }

    fn meaning(&self, now: Timestamp) -> Meaning {
        Meaning { acknowledged: Arc::clone(&self.acknowledged), rules: self.rules, now }
    }

    fn regions(
        &mut self,
        at: TargetIndex,
        id: JobId,
        outcome: Result<Regions, Arc<Error>>,
        now: Timestamp,
    ) -> Option<Arc<Snapshot>> {
        let meaning = self.meaning(now);
        let target = &self.snapshot.targets[at.0];
        match outcome {
            Ok(regions) if known_already(target, id, &regions) => None,
            Ok(regions) => {
                let changes = diff::regions(target, id, &regions);
                self.change(at, changes, |target| {
                    let mut known = BTreeMap::clone(&target.regions);
                    known.insert(id, Arc::new(regions));
                    target.regions = Arc::new(known);
                    target.regions_error = None;
                    meaning.find_out(target);
                })
            }
            // Every refusal has a RequestId of its own, which alone is no news.
            Err(error) if target.regions_error.as_ref().is_some_and(|known| known.code() == error.code()) => None,
            Err(error) => self.change(at, Vec::new(), |target| target.regions_error = Some(error)),
        }
    }

    /// Replaces one target, the others are shared with the snapshot before, and logs what changed.
    fn change(
        &mut self,
        at: TargetIndex,
        changes: Vec<(Seen, What)>,
        change: impl FnOnce(&mut TargetState),
    ) -> Option<Arc<Snapshot>> {
        let mut targets: Vec<Arc<TargetState>> = self.snapshot.targets.to_vec();
        let log = self.snapshot.log.with(&targets[at.0].key, changes);
        change(Arc::make_mut(&mut targets[at.0]));
        self.publish(|snapshot| (snapshot.targets, snapshot.log) = (targets.into(), log))
    }

    /// Replaces the snapshot by the next one; what is not set anew is shared with the one before.
    fn publish(&mut self, set: impl FnOnce(&mut Snapshot)) -> Option<Arc<Snapshot>> {
        let snapshot = Arc::make_mut(&mut self.snapshot);
        set(snapshot);
        snapshot.rev += 1;
        Some(Arc::clone(&self.snapshot))
    }
}

fn failing(before: &Health, error: Arc<Error>, now: Timestamp) -> Health {
    if error.verdict().is_lasting() {
        let since = if let Health::Refused { since, .. } = before { *since } else { now };
        return Health::Refused { since, error };
    }
    match before {
        Health::Retrying { since, attempt, .. } => Health::Retrying { since: *since, attempt: attempt + 1, error },
        _ => Health::Retrying { since: now, attempt: 1, error },
    }
}

fn take(target: &mut TargetState, sweep: Sweep) {
    let (request_ids, next_in) = (sweep.request_ids.into(), sweep.next_in);
    target.read = Some(Read { at: sweep.at, quality: sweep.quality, total: sweep.total, request_ids, next_in });
    target.clock_offset = sweep.clock_offset;
    target.health = Health::Ok;
    target.lost = None;
    target.reading = None;
    if *target.unlisted != sweep.unlisted {
        target.unlisted = Arc::new(sweep.unlisted);
    }
    if !target.jobs.same_as(&sweep.jobs) {
        target.jobs = sweep.jobs;
        forget_regions(target);
    }
}

/// Regions go with their job.
fn forget_regions(target: &mut TargetState) {
    if target.regions.keys().any(|id| target.job(*id).is_none()) {
        let kept = target.regions.iter().filter(|(id, _)| target.job(**id).is_some());
        target.regions = Arc::new(kept.map(|(id, regions)| (*id, Arc::clone(regions))).collect());
    }
}

fn known_already(target: &TargetState, id: JobId, regions: &Regions) -> bool {
    target.regions_error.is_none() && target.regions.get(&id).is_some_and(|known| known.rows == regions.rows)
}

#[cfg(test)]
mod tests;
