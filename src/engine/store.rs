//! From reports to snapshots: the only writer of what is known.
//!
//! A plain function of (state, report, now): no task, no channel, no clock.

use std::{collections::HashMap, sync::Arc, time::Duration};

use super::{
    Error, Health, Jobs, Log, Read, Reading, Snapshot, TargetState,
    diff::{self, Baseline},
    sweep::Sweep,
};
use crate::job::{Job, JobId, Regions, Seen, Timestamp, Trouble, What};

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
    /// A target is polled, or left alone.
    Polling(TargetIndex, Polling),
    /// How often targets are read from now on.
    Interval(Duration),
    /// How many calls were made within the last minute.
    Rate(usize),
}

/// Holds the latest snapshot.
#[derive(Debug)]
pub struct Store {
    snapshot: Arc<Snapshot>,
    baselines: Vec<Baseline>,
}

impl Store {
    /// A store in which nothing was read yet.
    #[must_use]
    pub fn new(targets: Vec<TargetState>, interval: Duration) -> Self {
        let baselines = vec![Baseline::default(); targets.len()];
        let targets = targets.into_iter().map(Arc::new).collect();
        Self {
            snapshot: Arc::new(Snapshot { rev: 0, targets, interval, calls_per_minute: 0, log: Log::default() }),
            baselines,
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
            Report::Swept(at, sweep) => self.swept(at, sweep),
            Report::Regions(at, id, outcome) => self.regions(at, id, outcome),
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
            Report::Rate(calls_per_minute) => {
                if self.snapshot.calls_per_minute == calls_per_minute {
                    return None;
                }
                self.publish(Snapshot { calls_per_minute, ..Snapshot::clone(&self.snapshot) })
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
        self.publish(Snapshot { targets, interval, ..Snapshot::clone(&self.snapshot) })
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

    fn swept(&mut self, at: TargetIndex, sweep: Sweep) -> Option<Arc<Snapshot>> {
        let target = &self.snapshot.targets[at.0];
        let back = target.lost.map(|lost| (Seen { after: Some(lost), by: sweep.at }, What::TargetBack));
        let mut changes: Vec<(Seen, What)> = back.into_iter().collect();
        changes.extend(diff::swept(target, &self.baselines[at.0], &sweep));
        self.change(at, changes, |target| take(target, sweep))
    }

    fn regions(&mut self, at: TargetIndex, id: JobId, outcome: Result<Regions, Arc<Error>>) -> Option<Arc<Snapshot>> {
        let target = &self.snapshot.targets[at.0];
        match outcome {
            Ok(regions) if known_already(target, id, &regions) => None,
            Ok(regions) => {
                let changes = diff::regions(target, id, &regions);
                self.change(at, changes, |target| {
                    let mut known = HashMap::clone(&target.regions);
                    known.insert(id, Arc::new(regions));
                    target.regions = Arc::new(known);
                    target.regions_error = None;
                })
            }
            Err(error) if target.regions_error.as_ref() == Some(&error) => None,
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
        self.publish(Snapshot { targets: targets.into(), log, ..Snapshot::clone(&self.snapshot) })
    }

    fn publish(&mut self, snapshot: Snapshot) -> Option<Arc<Snapshot>> {
        self.snapshot = Arc::new(Snapshot { rev: snapshot.rev + 1, ..snapshot });
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
    let rows: Vec<Job> = sweep.jobs.into_values().collect();
    if unchanged(&target.jobs.rows, &rows) {
        return;
    }
    let counts = rows.iter().map(|job| job.status).collect();
    target.jobs = Arc::new(Jobs { rows: rows.into(), counts });
    if target.regions.keys().any(|id| target.job(*id).is_none()) {
        let kept = target.regions.iter().filter(|(id, _)| target.job(**id).is_some());
        target.regions = Arc::new(kept.map(|(id, regions)| (*id, Arc::clone(regions))).collect());
    }
}

fn unchanged(before: &[Job], after: &[Job]) -> bool {
    before.len() == after.len() && before.iter().zip(after).all(|(before, after)| before.same_as(after))
}

fn known_already(target: &TargetState, id: JobId, regions: &Regions) -> bool {
    target.regions_error.is_none() && target.regions.get(&id).is_some_and(|known| known.rows == regions.rows)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::{
        acs,
        actiontrail::{self, Operation},
        engine::Freshness,
        job::{ProfileName, Region, RegionStatus, Status, TargetKey, tests::job},
    };

    const HERE: TargetIndex = TargetIndex(0);

    fn now(second: i64) -> Timestamp {
        Timestamp::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    fn store() -> Store {
        let key = TargetKey { profile: ProfileName::new("prod").unwrap(), region: Region::new("cn-hangzhou").unwrap() };
        Store::new(vec![TargetState::new(key, "host", "environment")], Duration::from_secs(10))
    }

    fn sweep_of(jobs: impl IntoIterator<Item = Job>, second: i64) -> Sweep {
        Sweep {
            jobs: jobs.into_iter().map(|job| (job.id, job)).collect(),
            at: now(second),
            request_ids: vec!["R1".into()],
            ..Sweep::default()
        }
    }

    fn error(code: &str, http_status: u16) -> Arc<Error> {
        let source = acs::Error::Api(Box::new(acs::ApiError {
            code: code.into(),
            message: String::new(),
            http_status,
            request_id: None,
            denied_action: None,
            retry_after: None,
            server_time: None,
        }));
        Arc::new(Error::Call(actiontrail::Error { operation: Operation::List, source }))
    }

    #[test]
    fn a_poll_that_brings_nothing_new_keeps_the_same_jobs() {
        let mut store = store();
        let first = store.apply(Report::Swept(HERE, sweep_of([job(2), job(1)], 0)), now(0)).unwrap();
        assert_eq!(first.targets[0].jobs.rows.iter().map(|job| job.id.get()).collect::<Vec<_>>(), [1, 2]);
        let second = store.apply(Report::Swept(HERE, sweep_of([job(1), job(2)], 10)), now(10)).unwrap();
        assert!(Arc::ptr_eq(&first.targets[0].jobs, &second.targets[0].jobs));
        assert_eq!(second.targets[0].read.as_ref().unwrap().at, now(10));
    }

    #[test]
    fn a_failed_read_keeps_the_last_whole_one_with_its_age_and_the_reason() {
        let mut store = store();
        store.apply(Report::Swept(HERE, sweep_of([job(1)], 0)), now(0));
        store.apply(Report::Trouble(HERE, error("ServiceUnavailable", 503)), now(10));
        let after = store.apply(Report::Failed(HERE, error("InternalError", 500)), now(12)).unwrap();
        let target = &after.targets[0];
        assert_eq!((target.jobs.rows.len(), target.read_age(now(12)).unwrap().num_seconds()), (1, 12));
        let Health::Retrying { since, attempt, error } = &target.health else { panic!("{:?}", target.health) };
        assert_eq!((*since, *attempt, error.code()), (now(10), 2, "InternalError"));
        assert_eq!(target.freshness(after.interval, now(29)), Freshness::Retrying);
        assert_eq!(target.freshness(after.interval, now(30)), Freshness::Stale);
        let healed = store.apply(Report::Swept(HERE, sweep_of([job(1)], 40)), now(40)).unwrap();
        assert_eq!(healed.targets[0].health, Health::Ok);
    }

    #[test]
    fn a_clock_that_is_off_makes_no_read_older_or_younger() {
        for minutes in [-60, 60] {
            let mut store = store();
            let clock_offset = TimeDelta::minutes(minutes);
            let sweep = Sweep { at: now(0) + clock_offset, clock_offset, ..sweep_of([job(1)], 0) };
            let after = store.apply(Report::Swept(HERE, sweep), now(0)).unwrap();
            let target = &after.targets[0];
            assert_eq!(target.read_age(now(12)), Some(TimeDelta::seconds(12)));
            let fresh = |second| target.freshness(after.interval, now(second));
            assert_eq!((fresh(29), fresh(30)), (Freshness::Live, Freshness::Stale));
        }
    }

    #[test]
    fn a_refusal_is_told_apart_from_trouble_that_may_pass() {
        let mut store = store();
        let refused = store.apply(Report::Failed(HERE, error("NoPermission", 403)), now(0)).unwrap();
        assert_eq!(refused.targets[0].freshness(refused.interval, now(0)), Freshness::Refused);
        let again = store.apply(Report::Failed(HERE, error("NoPermission", 403)), now(300)).unwrap();
        assert!(matches!(again.targets[0].health, Health::Refused { since, .. } if since == now(0)));
    }

    #[test]
    fn regions_that_did_not_change_are_no_news_and_go_with_their_job() {
        let mut store = store();
        store.apply(Report::Swept(HERE, sweep_of([job(1)], 0)), now(0));
        let regions = || Regions {
            rows: [RegionStatus { region: "cn-beijing".into(), status: Status::Complete }].into(),
            read: now(1),
            request_id: None,
        };
        let id = JobId::new(1);
        assert!(store.apply(Report::Regions(HERE, id, Ok(regions())), now(1)).is_some());
        assert!(store.apply(Report::Regions(HERE, id, Ok(regions())), now(2)).is_none());
        let gone = store.apply(Report::Swept(HERE, sweep_of([job(2)], 10)), now(10)).unwrap();
        assert!(gone.targets[0].regions.is_empty());
    }

    #[test]
    fn what_is_so_already_changes_nothing() {
        let mut store = store();
        assert!(store.apply(Report::Interval(Duration::from_secs(10)), now(0)).is_none());
        assert!(store.apply(Report::Polling(HERE, Polling::On), now(0)).is_none());
        assert!(store.apply(Report::Polling(HERE, Polling::Paused), now(0)).unwrap().targets[0].paused);
    }
}
