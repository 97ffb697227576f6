//! What scripts are told of a job, a target and an error: the names and order of fields that JSON and CSV share.

use serde::Serialize;

use super::{Found, Listing};
use crate::{
    acs, actiontrail,
    engine::{self, Quality, RowRef, TargetState},
    job::{AccountId, Job, JobId, Regions, TargetKey, Timestamp},
    units,
};

/// A job. The order of the fields is the order of JSON keys and CSV columns.
#[derive(Serialize)]
pub(super) struct JobRecord<'a> {
    pub(super) job_id: JobId,
    pub(super) trail_name: Option<&'a str>,
    pub(super) home_region: Option<&'a str>,
    pub(super) status: &'static str,
    pub(super) status_code: i64,
    pub(super) created_time: Option<String>,
    pub(super) updated_time: Option<String>,
    pub(super) start_time: Option<String>,
    pub(super) end_time: Option<String>,
    pub(super) elapsed_seconds: Option<i64>,
    pub(super) profile: &'a str,
    pub(super) region: &'a str,
    pub(super) account_id: Option<&'a str>,
}

impl<'a> JobRecord<'a> {
    /// The names of the fields, in order.
    pub(super) const FIELDS: [&'static str; 13] = [
        "job_id",
        "trail_name",
        "home_region",
        "status",
        "status_code",
        "created_time",
        "updated_time",
        "start_time",
        "end_time",
        "elapsed_seconds",
        "profile",
        "region",
        "account_id",
    ];

    /// A row of a list.
    pub(super) fn of_row(listing: &Listing<'a>, at: RowRef) -> Self {
        let target = listing.snapshot.target(at);
        Self::new(listing.snapshot.job(at), &target.key, target.account.as_ref(), listing.service_now(at))
    }

    /// A job that was asked for.
    pub(super) fn of_found(found: &Found<'a>) -> Self {
        Self::new(&found.detail.job, found.target, found.account, found.now)
    }

    pub(super) fn new(job: &'a Job, target: &'a TargetKey, account: Option<&'a AccountId>, now: Timestamp) -> Self {
        Self {
            job_id: job.id,
            trail_name: Some(&*job.trail).filter(|name| !name.is_empty()),
            home_region: job.home.as_deref(),
            status: job.status.word(),
            status_code: job.status.code(),
            created_time: job.created.map(units::rfc3339),
            updated_time: job.updated.map(units::rfc3339),
            start_time: job.window.start.map(units::rfc3339),
            end_time: job.window.end.map(units::rfc3339),
            elapsed_seconds: job.elapsed(now).map(|run| run.num_seconds()),
            profile: target.profile.as_str(),
            region: target.region.as_str(),
            account_id: account.map(AccountId::as_str),
        }
    }
}

impl Listing<'_> {
    /// The service's time, by which the ages of a row are told.
    pub(super) fn service_now(&self, at: RowRef) -> Timestamp {
        self.snapshot.target(at).service_time(self.now)
    }
}

/// How well a target was read.
#[derive(Serialize)]
pub(super) struct TargetRecord<'a> {
    profile: &'a str,
    region: &'a str,
    account_id: Option<&'a str>,
    endpoint: &'a str,
    complete: bool,
    read_time: Option<String>,
    total_count: Option<u64>,
    request_ids: Vec<&'a str>,
    error: Option<ErrorRecord<'a>>,
}

impl<'a> TargetRecord<'a> {
    pub(super) fn new(target: &'a TargetState) -> Self {
        let read = target.read.as_ref();
        Self {
            profile: target.key.profile.as_str(),
            region: target.key.region.as_str(),
            account_id: target.account.as_ref().map(AccountId::as_str),
            endpoint: &target.endpoint,
            complete: target.is_complete(),
            read_time: read.map(|read| units::rfc3339(read.at)),
            total_count: read.and_then(|read| read.total),
            request_ids: read.map(|read| read.request_ids.iter().map(AsRef::as_ref).collect()).unwrap_or_default(),
            error: ErrorRecord::of_target(target),
        }
    }
}

/// What went wrong. The texts come from outside and stay data.
#[derive(Serialize)]
pub(super) struct ErrorRecord<'a> {
    code: &'a str,
    message: String,
    http_status: Option<u16>,
    request_id: Option<&'a str>,
    remedy: String,
}

impl<'a> ErrorRecord<'a> {
    pub(super) fn of_target(target: &'a TargetState) -> Option<Self> {
        if let Some(error) = target.health.error() {
            return Some(Self::new(error));
        }
        match &target.read.as_ref()?.quality {
            Quality::Whole => None,
            Quality::Unconfirmed(why) => Some(Self {
                code: "Unconfirmed",
                message: why.to_string(),
                http_status: None,
                request_id: None,
                remedy: "ask again: jobs may be missing".to_owned(),
            }),
        }
    }

    pub(super) fn new(error: &'a engine::Error) -> Self {
        Self {
            code: error.code(),
            message: message(error),
            http_status: error.http_status(),
            request_id: error.request_id(),
            remedy: error.remedy(),
        }
    }
}

/// The API's own message where it is one: its code and status have fields of their own.
fn message(error: &engine::Error) -> String {
    match error {
        engine::Error::Call(actiontrail::Error { source: acs::Error::Api(api), .. }) => api.message.clone(),
        other => other.to_string(),
    }
}

/// A job that was asked for: its fields, then its regions and the read.
#[derive(Serialize)]
pub(super) struct FoundRecord<'a> {
    #[serde(flatten)]
    job: JobRecord<'a>,
    regions: RegionsRecord<'a>,
    read_time: String,
    request_id: Option<&'a str>,
}

#[derive(Serialize)]
struct RegionsRecord<'a> {
    complete: usize,
    total: usize,
    list: Vec<RegionRecord<'a>>,
}

#[derive(Serialize)]
struct RegionRecord<'a> {
    region: &'a str,
    status: &'static str,
    status_code: i64,
}

impl<'a> FoundRecord<'a> {
    pub(super) fn new(job: JobRecord<'a>, regions: &'a Regions) -> Self {
        Self {
            job,
            regions: RegionsRecord::new(regions),
            read_time: units::rfc3339(regions.read),
            request_id: regions.request_id.as_deref(),
        }
    }
}

impl<'a> RegionsRecord<'a> {
    fn new(regions: &'a Regions) -> Self {
        let counts = regions.counts();
        let record = |row: &'a crate::job::RegionStatus| RegionRecord {
            region: &row.region,
            status: row.status.word(),
            status_code: row.status.code(),
        };
        Self { complete: counts.complete, total: counts.total(), list: regions.rows.iter().map(record).collect() }
    }
}
