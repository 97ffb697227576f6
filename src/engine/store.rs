//! From reports to snapshots: the only writer of what is known.
//!
//! A plain function of (state, report, now): no task, no channel, no clock. What concerns trails is in `trails`, what
//! concerns accounts in `accounts`.

mod accounts;
mod trails;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use super::{
    Error, Errors, Health, History, Log, News, Quality, Read, Snapshot, TargetState, absent,
    diff::{self, Baseline},
    meaning::Meaning,
    report::{Polling, Report, TargetIndex},
    sweep::Sweep,
};
use crate::{
    job::{
        Change, JobId, JobKey, Regions, Seen, Timestamp, Trouble, What,
        coverage::{Acknowledgement, Rules},
    },
    journal::Wanted,
};

/// Holds the latest snapshot.
#[derive(Debug)]
pub struct Store {
    snapshot: Arc<Snapshot>,
    acknowledged: Arc<HashMap<JobKey, Acknowledgement>>,
    rules: Rules,
}

impl Store {
    /// A store in which nothing was read yet.
    #[must_use]
    pub fn new(targets: Vec<TargetState>, interval: Duration, rules: Rules) -> Self {
        let targets = targets.into_iter().map(Arc::new).collect();
        Self {
            snapshot: Arc::new(Snapshot {
                rev: 0,
                targets,
                interval,
                calls_per_minute: 0,
                log: Log::default(),
                errors: Errors::default(),
                news: Arc::default(),
                history: None,
                notice: None,
            }),
            acknowledged: Arc::default(),
            rules,
        }
    }

    /// What was known of a target before: its first sweep is compared with that.
    pub fn set_baseline(&mut self, at: TargetIndex, baseline: Baseline) {
        self.publish(|snapshot| {
            let targets = Arc::make_mut(&mut snapshot.targets);
            Arc::make_mut(&mut targets[at.0]).missing = Arc::new(baseline);
        });
    }

    /// The latest snapshot.
    #[must_use]
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// Takes a report in. `None` where it changes nothing that anybody could see.
    pub fn apply(&mut self, report: Report, now: Timestamp) -> Option<Arc<Snapshot>> {
        // What a twin's tasks tell comes from before it was one.
        if report.target().is_some_and(|at| self.snapshot.targets[at.0].twin.is_some()) {
            return None;
        }
        let may_pair = report.may_pair();
        let changed = self.take(report, now)?;
        if !may_pair {
            return Some(changed);
        }
        drop(changed);
        self.pair();
        Some(Arc::clone(&self.snapshot))
    }

    fn take(&mut self, report: Report, now: Timestamp) -> Option<Arc<Snapshot>> {
        match report {
            Report::Reading(at, reading) => self.change(at, Vec::new(), |target| target.reading = Some(reading)),
            Report::Trouble(at, error) => {
                self.note_error(at, &error, now);
                self.change(at, Vec::new(), |target| target.health = failing(&target.health, error, now))
            }
            Report::Failed(at, error) => self.failed(at, error, now),
            Report::Swept(at, sweep) => self.swept(at, sweep, now),
            Report::Regions(at, id, outcome) => self.regions(at, id, outcome, now),
            Report::Gone(at, id) => self.gone(at, id, now),
            Report::Trails(at, outcome) => self.trails(at, outcome, now),
            Report::TrailStatus(at, name, outcome) => self.trail_status(at, name, outcome, now),
            Report::Signing(at, signing) => {
                if self.snapshot.targets[at.0].signing == signing {
                    return None;
                }
                self.change(at, Vec::new(), |target| target.signing = signing)
            }
            Report::Account(targets, account) => self.account(&targets, &account, now),
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
                let mut news = News::since(since);
                changed.iter().for_each(|what| news.add(what));
                self.publish(|snapshot| snapshot.news = Arc::new(news))
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
                if wavers(self.snapshot.calls_per_minute, calls_per_minute) {
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

    fn note_error(&mut self, at: TargetIndex, error: &Arc<Error>, now: Timestamp) {
        let snapshot = Arc::make_mut(&mut self.snapshot);
        snapshot.errors.add(now, &snapshot.targets[at.0].key, error);
    }

    fn failed(&mut self, at: TargetIndex, error: Arc<Error>, now: Timestamp) -> Option<Arc<Snapshot>> {
        self.note_error(at, &error, now);
        let target = &self.snapshot.targets[at.0];
        let lost = target.lost.is_none().then(|| {
            let trouble = Trouble { code: error.code().into(), message: error.line().into() };
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
        let found = diff::swept(&self.as_it_was_left(at), &self.rules, &sweep);
        let missing = absent::missing(target, &sweep);
        // What a first sight shows against what an earlier run knew happened while nobody looked.
        let (first, before) = (target.read.is_none(), Arc::clone(&target.missing));
        let is_news = |what: &What| first || what.job().is_some_and(|job| before.job(&job.key).is_some());
        self.add_news(found.iter().map(|(_, what)| what).filter(|what| is_news(what)));
        let changes = back.into_iter().chain(found).collect();
        let meaning = self.meaning(now);
        self.change(at, changes, |target| {
            let before = Arc::clone(&target.jobs);
            target.missing = missing;
            take(target, sweep);
            if !Arc::ptr_eq(&before, &target.jobs) || meaning.is_due(target) {
                meaning.find_out(target);
            }
        })
    }

    fn add_news<'a>(&mut self, changes: impl Iterator<Item = &'a What>) {
        let mut changes = changes.peekable();
        if changes.peek().is_some() {
            let news = Arc::make_mut(&mut Arc::make_mut(&mut self.snapshot).news);
            changes.for_each(|what| news.add(what));
        }
    }

    fn gone(&mut self, at: TargetIndex, id: JobId, now: Timestamp) -> Option<Arc<Snapshot>> {
        let target = &self.snapshot.targets[at.0];
        if let Some(job) = target.missing.by_id(id) {
            let what = What::Job(job.clone(), Change::Gone);
            let seen = Seen { after: target.missing.read, by: now };
            self.add_news(std::iter::once(&what));
            return self.change(at, vec![(seen, what)], |target| {
                Arc::make_mut(&mut target.missing).jobs.retain(|job| job.key.id != id);
            });
        }
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
        let names = if self.acknowledged.is_empty() { Vec::new() } else { self.names() };
        Meaning { acknowledged: Arc::clone(&self.acknowledged), names, rules: self.rules, now }
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
            // Of a job that an earlier run knew and the list lacks: it is not gone, and that is all.
            Ok(_) if target.job(id).is_none() => None,
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
            Err(error) if is_known(target.regions_error.as_ref(), &error) => None,
            Err(error) => {
                self.note_error(at, &error, now);
                self.change(at, Vec::new(), |target| target.regions_error = Some(error))
            }
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
        let marked: Vec<JobKey> = changes.iter().filter_map(|(_, what)| what.marks()).cloned().collect();
        let log = self.snapshot.log.with(&targets[at.0], changes);
        change(Arc::make_mut(&mut targets[at.0]));
        self.publish(|snapshot| {
            (snapshot.targets, snapshot.log) = (targets.into(), log);
            if !marked.is_empty() {
                let news = Arc::make_mut(&mut snapshot.news);
                marked.into_iter().for_each(|job| news.mark(job));
            }
        })
    }

    /// Replaces the snapshot by the next one; what is not set anew is shared with the one before.
    fn publish(&mut self, set: impl FnOnce(&mut Snapshot)) -> Option<Arc<Snapshot>> {
        let snapshot = Arc::make_mut(&mut self.snapshot);
        set(snapshot);
        snapshot.rev += 1;
        Some(Arc::clone(&self.snapshot))
    }
}

/// Every refusal has a RequestId of its own, which alone is no news.
fn is_known(known: Option<&Arc<Error>>, error: &Error) -> bool {
    known.is_some_and(|known| known.code() == error.code())
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
    let before = target.read.as_ref().filter(|_| target.jobs.same_as(&sweep.jobs));
    let request_ids = before.map_or_else(|| sweep.request_ids.into(), |read| Arc::clone(&read.request_ids));
    let news = before.is_none();
    let next_in = sweep.next_in;
    if sweep.quality == Quality::Whole {
        target.last_whole = Some(sweep.at);
    }
    target.read = Some(Read { at: sweep.at, quality: sweep.quality, total: sweep.total, request_ids, next_in });
    target.clock_offset = sweep.clock_offset;
    target.latency = sweep.latency;
    target.ground = sweep.ground;
    target.health = Health::Ok;
    target.lost = None;
    target.reading = None;
    if *target.unlisted != sweep.unlisted {
        target.unlisted = Arc::new(sweep.unlisted);
    }
    if news {
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

/// Whether a rate is as good as the one before: targets rest with a jitter, so that a minute has a call more or less.
fn wavers(before: usize, now: usize) -> bool {
    before == now || (before != 0 && now != 0 && before.abs_diff(now) <= (before / 4).max(1))
}

fn known_already(target: &TargetState, id: JobId, regions: &Regions) -> bool {
    target.regions_error.is_none() && target.regions.get(&id).is_some_and(|known| known.rows == regions.rows)
}

#[cfg(test)]
mod tests;
