//! Reports in, snapshots and transitions out.

mod trails;

use chrono::TimeDelta;

use super::*;
use crate::{
    acs,
    actiontrail::{self, Operation},
    engine::Freshness,
    job::{Job, ProfileName, Region, RegionStatus, Status, TargetKey, Transition, coverage, tests::job},
};

const HERE: TargetIndex = TargetIndex(0);

fn now(second: i64) -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000 + second, 0).unwrap()
}

fn store() -> Store {
    let key = TargetKey { profile: ProfileName::new("prod").unwrap(), region: Region::new("cn-hangzhou").unwrap() };
    Store::new(vec![TargetState::new(key, "host", "environment")], Duration::from_secs(10), Rules::default())
}

fn sweep_of(jobs: impl IntoIterator<Item = Job>, second: i64) -> Sweep {
    Sweep {
        jobs: Arc::new(jobs.into_iter().collect()),
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
fn jobs_are_known_until_a_read_is_given_up_or_grows_old() {
    let mut store = store();
    let current = |snapshot: &Snapshot, second| snapshot.targets[0].is_current(snapshot.interval, now(second));
    assert!(!current(store.snapshot(), 0), "nothing was read");
    let read = store.apply(Report::Swept(HERE, sweep_of([job(1)], 0)), now(0)).unwrap();
    assert!(current(&read, 29) && !current(&read, 30));
    let retried = store.apply(Report::Trouble(HERE, error("ServiceUnavailable", 503)), now(5)).unwrap();
    assert!(current(&retried, 5), "it is asked again");
    let lost = store.apply(Report::Failed(HERE, error("ServiceUnavailable", 503)), now(6)).unwrap();
    assert!(!current(&lost, 6));
}

#[test]
fn a_read_that_may_lack_jobs_does_not_count_as_whole() {
    let mut store = store();
    store.apply(Report::Swept(HERE, sweep_of([job(1)], 0)), now(0));
    let quality = Quality::Unconfirmed(crate::engine::Why::OneRead);
    let sweep = Sweep { quality, ..sweep_of([job(1)], 10) };
    let after = store.apply(Report::Swept(HERE, sweep), now(10)).unwrap();
    assert_eq!((after.targets[0].read.as_ref().unwrap().at, after.targets[0].last_whole), (now(10), Some(now(0))));
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
    store.apply(Report::Swept(HERE, sweep_of([job(2)], 10)), now(10));
    let gone = store.apply(Report::Gone(HERE, id), now(11)).unwrap();
    assert!(gone.targets[0].regions.is_empty());
}

#[test]
fn what_is_so_already_changes_nothing() {
    let mut store = store();
    assert!(store.apply(Report::Interval(Duration::from_secs(10)), now(0)).is_none());
    assert!(store.apply(Report::Polling(HERE, Polling::On), now(0)).is_none());
    assert!(store.apply(Report::Polling(HERE, Polling::Paused), now(0)).unwrap().targets[0].paused);
}

fn failed(id: i64) -> Job {
    Job { status: Status::Failed, ..job(id) }
}

/// What a snapshot's log says, a word and a job each.
fn words(snapshot: &Snapshot) -> Vec<String> {
    let word = |transition: &Arc<Transition>| {
        let job = transition.what.job().map_or_else(String::new, |job| format!(" {}", job.key.id));
        format!("{}{job}", transition.what.word())
    };
    snapshot.log.iter().map(word).collect()
}

#[test]
fn a_first_read_is_no_change_and_later_ones_tell_theirs() {
    let mut store = store();
    let first = store.apply(Report::Swept(HERE, sweep_of([job(1), job(2)], 0)), now(0)).unwrap();
    assert_eq!(words(&first), Vec::<String>::new());
    let second = store.apply(Report::Swept(HERE, sweep_of([failed(1), job(2), job(3)], 10)), now(10)).unwrap();
    assert_eq!(words(&second), ["status 1", "appeared 3"]);
    let seen = second.log.iter().next().unwrap().seen;
    assert_eq!(seen, Seen { after: Some(now(0)), by: now(10) });
    let third = store.apply(Report::Swept(HERE, sweep_of([failed(1), job(2), job(3)], 20)), now(20)).unwrap();
    assert_eq!(third.log.next(), second.log.next(), "a poll that brings nothing new says nothing");
}

#[test]
fn a_job_is_gone_only_when_the_service_says_so() {
    let mut store = store();
    store.apply(Report::Swept(HERE, sweep_of([job(1), job(2)], 0)), now(0));
    let kept = store.apply(Report::Swept(HERE, sweep_of([job(1)], 10)), now(10)).unwrap();
    assert_eq!((kept.targets[0].jobs.rows.len(), words(&kept).len()), (2, 0));
    assert!(kept.targets[0].unlisted.contains(&JobId::new(2)));
    assert!(store.apply(Report::Gone(HERE, JobId::new(1)), now(11)).is_none(), "it is listed, whatever a Get says");
    let gone = store.apply(Report::Gone(HERE, JobId::new(2)), now(12)).unwrap();
    assert_eq!((gone.targets[0].jobs.rows.len(), words(&gone)), (1, vec!["gone 2".to_owned()]));
    assert!(gone.targets[0].unlisted.is_empty());
}

#[test]
fn without_the_permission_to_ask_two_accepted_sweeps_in_a_row_decide() {
    let mut store = store();
    store.apply(Report::Swept(HERE, sweep_of([job(1), job(2)], 0)), now(0));
    store.apply(Report::Regions(HERE, JobId::new(1), Err(error("NoPermission", 403))), now(1));
    let mut lack = |second| store.apply(Report::Swept(HERE, sweep_of([job(1)], second)), now(second)).unwrap();
    assert_eq!(lack(10).targets[0].jobs.rows.len(), 2);
    let second = lack(20);
    assert_eq!((second.targets[0].jobs.rows.len(), words(&second)), (1, vec!["gone 2".to_owned()]));
}

#[test]
fn a_region_that_vanishes_for_a_while_takes_no_job_with_it() {
    let mut store = store();
    store.apply(Report::Swept(HERE, sweep_of([job(1), job(2)], 0)), now(0));
    store.apply(Report::Regions(HERE, JobId::new(1), Err(error("NoPermission", 403))), now(1));
    for second in [10, 20, 30] {
        let ground = crate::engine::Ground::Absent(error("InvalidRegionId", 404));
        store.apply(Report::Swept(HERE, Sweep { ground, ..sweep_of([], second) }), now(second));
    }
    let back = store.apply(Report::Swept(HERE, sweep_of([job(1), job(2)], 40)), now(40)).unwrap();
    assert_eq!((back.targets[0].jobs.rows.len(), words(&back)), (2, Vec::new()));
}

#[test]
fn trouble_is_told_once_when_it_begins_and_once_when_it_ends() {
    let mut store = store();
    store.apply(Report::Swept(HERE, sweep_of([job(1)], 0)), now(0));
    store.apply(Report::Trouble(HERE, error("ServiceUnavailable", 503)), now(10));
    store.apply(Report::Failed(HERE, error("ServiceUnavailable", 503)), now(40));
    store.apply(Report::Failed(HERE, error("InternalError", 500)), now(80));
    let back = store.apply(Report::Swept(HERE, sweep_of([job(1)], 90)), now(90)).unwrap();
    assert_eq!(words(&back), ["target_lost", "target_back"]);
}

#[test]
fn what_happened_between_two_visits_is_news() {
    let mut store = store_that_knows(&[job(1), job(2)]);
    store.apply(Report::LastVisit(now(-400), Vec::new()), now(0));
    let first = store.apply(Report::Swept(HERE, sweep_of([failed(1), job(2), job(3)], 0)), now(0)).unwrap();
    assert_eq!(words(&first), ["status 1", "appeared 3"]);
    assert_eq!((first.news.since, first.news.jobs.len()), (Some(now(-400)), 2));
    assert_eq!(first.news.counts().failed, 1);
    let later = store.apply(Report::Swept(HERE, sweep_of([failed(1), failed(2), job(3)], 10)), now(10)).unwrap();
    assert_eq!(later.news.jobs.len(), 2, "what happens while somebody looks is no news of this kind");
}

/// A store to which an earlier run left these jobs.
fn store_that_knows(jobs: &[Job]) -> Store {
    let mut store = store();
    let target = Arc::clone(&store.snapshot().targets[0]);
    let jobs = jobs.iter().map(|job| diff::job_seen(&target, job)).collect();
    store.set_baseline(HERE, Baseline { read: Some(now(-500)), jobs });
    store
}

#[test]
fn a_job_that_was_deleted_while_nobody_looked_is_gone_when_the_service_says_so() {
    let mut store = store_that_knows(&[job(1), failed(2)]);
    let first = store.apply(Report::Swept(HERE, sweep_of([job(1)], 0)), now(0)).unwrap();
    assert_eq!(words(&first), Vec::<String>::new());
    assert_eq!(first.targets[0].missing.jobs.len(), 1, "it is to be asked for");
    let gone = store.apply(Report::Gone(HERE, JobId::new(2)), now(1)).unwrap();
    assert_eq!(words(&gone), ["gone 2"]);
    let transition = gone.log.iter().next().unwrap();
    assert_eq!(transition.seen, Seen { after: Some(now(-500)), by: now(1) });
    assert_eq!((gone.news.gone.len(), gone.news.counts().total()), (1, 0));
    assert!(
        gone.targets[0].missing.jobs.is_empty() && store.apply(Report::Gone(HERE, JobId::new(2)), now(2)).is_none()
    );
    let risk = coverage::Risk::of_gone(transition.what.job().unwrap(), now(1)).unwrap();
    assert_eq!(risk.left, TimeDelta::zero(), "a window of 2021");
}

#[test]
fn a_job_of_an_earlier_run_that_the_first_read_missed_did_not_just_appear() {
    let mut store = store_that_knows(&[job(1), job(2)]);
    store.apply(Report::Swept(HERE, sweep_of([job(1)], 0)), now(0));
    let second = store.apply(Report::Swept(HERE, sweep_of([job(1), failed(2)], 10)), now(10)).unwrap();
    assert_eq!(words(&second), ["status 2"]);
    assert_eq!((second.news.jobs.len(), second.targets[0].missing.jobs.len()), (1, 0));
}

#[test]
fn without_the_permission_to_ask_two_reads_decide_of_an_earlier_run_s_jobs_too() {
    let mut store = store_that_knows(&[job(1), job(2)]);
    let mut lack = |second| store.apply(Report::Swept(HERE, sweep_of([job(1)], second)), now(second)).unwrap();
    assert_eq!(lack(0).targets[0].missing.jobs.len(), 1);
    assert_eq!(words(&lack(10)), Vec::<String>::new(), "the service can be asked");
    store.apply(Report::Regions(HERE, JobId::new(1), Err(error("NoPermission", 403))), now(11));
    let gone = store.apply(Report::Swept(HERE, sweep_of([job(1)], 20)), now(20)).unwrap();
    assert_eq!((words(&gone), gone.news.gone.len()), (vec!["gone 2".to_owned()], 1));
    assert!(gone.targets[0].missing.jobs.is_empty());
}

#[test]
fn a_rate_that_wavers_by_a_call_is_no_news() {
    let mut store = store();
    let mut rate = |calls| store.apply(Report::Rate(calls), now(0)).map(|snapshot| snapshot.calls_per_minute);
    assert_eq!(
        [6, 7, 5, 8, 60, 50, 0, 0, 1].map(&mut rate),
        [Some(6), None, None, Some(8), Some(60), None, Some(0), None, Some(1)]
    );
}

#[test]
fn a_settled_failure_is_settled_until_it_is_taken_back() {
    let mut store = store();
    let after = store.apply(Report::Swept(HERE, sweep_of([failed(1)], 0)), now(0)).unwrap();
    let key = after.key(after.rows()[0]);
    let standing = |snapshot: &Snapshot| snapshot.row(snapshot.rows()[0]).standing.unwrap().word();
    let before = standing(&after);
    let note = Acknowledgement { at: now(1), note: "known".into() };
    let settled = store.apply(Report::Settled(key.clone(), Some(note)), now(1)).unwrap();
    assert_eq!(standing(&settled), "acknowledged");
    let open = store.apply(Report::Settled(key, None), now(2)).unwrap();
    assert_eq!(standing(&open), before);
}

#[test]
fn a_job_stalls_by_the_passing_of_time_alone() {
    let mut store = store();
    let active = Job { status: Status::Delivering, created: Some(now(0)), updated: Some(now(0)), ..job(1) };
    let after = store.apply(Report::Swept(HERE, sweep_of([active.clone()], 10)), now(10)).unwrap();
    assert_eq!(after.targets[0].coverage.next_change, Some(now(1800)));
    assert!(store.apply(Report::Tick, now(1799)).is_none());
    let stalled = store.apply(Report::Tick, now(1800)).unwrap();
    assert_eq!(stalled.row(stalled.rows()[0]).standing.unwrap().word(), "stalled");
    let told = store.apply(Report::Swept(HERE, sweep_of([active], 1810)), now(1810)).unwrap();
    assert_eq!(words(&told), ["stalled 1"]);
}
