//! Jobs as the service writes them, in any number and always the same.

use std::{sync::Arc, time::Duration};

use chrono::{SecondsFormat, TimeDelta};
use trailwatch::{
    acs::Answer,
    actiontrail::Page,
    engine::{Report, Snapshot, Store, Sweep, TargetIndex, TargetState},
    job::{Job, ProfileName, Region, TargetKey, Timestamp, coverage::Rules},
};

/// The present.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_timestamp(1_795_552_872, 0).unwrap()
}

/// The body of an answer of `ListDeliveryHistoryJobs` with jobs of these ids, of as many trails.
pub(crate) fn body(ids: std::ops::Range<u32>, trails: u32) -> String {
    let total = ids.len();
    let jobs: Vec<String> = ids.map(|id| entry(id, trails)).collect();
    format!(
        r#"{{"DeliveryHistoryJobs":[{}],"PageNumber":1,"PageSize":100,"RequestId":"B190816C-6DCA-4DC5-9B8E-EE0367B57CFF","TotalCount":{total}}}"#,
        jobs.join(",")
    )
}

/// A job every quarter of an hour: one in 8 failed, the newest is being delivered, all others are complete.
fn entry(id: u32, trails: u32) -> String {
    let time = |at: Timestamp| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    // The order of the ids is the order of creation, but neighbours in a list belong to different trails.
    let created = now() - TimeDelta::minutes(15 * i64::from(2_000_000 - id));
    let status = match id {
        1_999_999 => 1,
        _ if id.wrapping_mul(2_654_435_761) >> 29 == 0 => 3,
        _ => 2,
    };
    format!(
        r#"{{"CreatedTime":"{}","EndTime":"{}","HomeRegion":"cn-hangzhou","JobId":{id},"JobStatus":{status},"StartTime":"{}","TrailName":"trail-{}","UpdatedTime":"{}"}}"#,
        time(created),
        time(created + TimeDelta::minutes(5)),
        time(created - TimeDelta::days(90)),
        id % trails,
        time(created + TimeDelta::minutes(3)),
    )
}

/// The newest so many jobs, of 50 trails.
pub(crate) fn jobs(count: u32) -> Vec<Job> {
    jobs_of(count, 50)
}

/// The newest so many jobs, of as many trails.
pub(crate) fn jobs_of(count: u32, trails: u32) -> Vec<Job> {
    let page = Page::decode(&Answer::of(body(2_000_000 - count..2_000_000, trails))).unwrap();
    assert_eq!((page.jobs.len(), page.faults.len()), (count as usize, 0));
    page.jobs
}

/// A read that found these jobs.
pub(crate) fn sweep(jobs: Vec<Job>) -> Sweep {
    let request_ids = vec![Arc::from("B190816C-6DCA-4DC5-9B8E-EE0367B57CFF"); jobs.len().div_ceil(100)];
    let total = Some(jobs.len() as u64);
    Sweep { jobs: Arc::new(jobs.into_iter().collect()), at: now(), total, request_ids, ..Sweep::default() }
}

/// A store of so many targets, each of which has been read and has so many jobs.
pub(crate) fn store(targets: u32, jobs_of_each: u32) -> Store {
    let state = |number| {
        let profile = ProfileName::new(&format!("account-{number}")).unwrap();
        let key = TargetKey { profile, region: Region::new("cn-hangzhou").unwrap() };
        TargetState::new(key, "actiontrail.cn-hangzhou.aliyuncs.com", "environment (LTAI****WXYZ)")
    };
    let mut store = Store::new((0..targets).map(state).collect(), Duration::from_secs(10), Rules::default());
    for target in 0..targets as usize {
        store.apply(Report::Swept(TargetIndex(target), sweep(jobs(jobs_of_each))), now());
    }
    store
}

/// What a dashboard shows of one target with so many jobs.
pub(crate) fn snapshot(jobs: u32) -> Arc<Snapshot> {
    Arc::clone(store(1, jobs).snapshot())
}
