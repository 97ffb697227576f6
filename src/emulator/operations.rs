//! What a caller can ask for: parameters in, an answer of `wire` out. Who calls was settled before.

use std::{net::SocketAddr, str::FromStr};

use chrono::TimeDelta;

use super::{
    auth::pairs,
    regions::ENDPOINTS,
    scenario::{self, Delivers},
    wire::{self, Refusal, endpoint, json, time},
    world::{Account, CannotCreate},
};
use crate::job::{AccountId, JobId, Region, Timestamp};

/// The operations that the emulator answers: of ActionTrail, and the one of STS that says whose a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// `ListDeliveryHistoryJobs`.
    ListJobs,
    /// `GetDeliveryHistoryJob`.
    GetJob,
    /// `CreateDeliveryHistoryJob`.
    CreateJob,
    /// `DeleteDeliveryHistoryJob`.
    DeleteJob,
    /// `DescribeTrails`.
    DescribeTrails,
    /// `GetTrailStatus`.
    GetTrailStatus,
    /// `DescribeRegions`.
    DescribeRegions,
    /// `GetCallerIdentity`, of STS.
    GetCallerIdentity,
}

/// The version of ActionTrail's API.
const ACTIONTRAIL: &str = "2020-07-06";
/// The version of STS's API.
const STS: &str = "2015-04-01";

impl Operation {
    /// All of them, in the order of the enum.
    pub const ALL: [Self; 8] = [
        Self::ListJobs,
        Self::GetJob,
        Self::CreateJob,
        Self::DeleteJob,
        Self::DescribeTrails,
        Self::GetTrailStatus,
        Self::DescribeRegions,
        Self::GetCallerIdentity,
    ];

    /// Its name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ListJobs => "ListDeliveryHistoryJobs",
            Self::GetJob => "GetDeliveryHistoryJob",
            Self::CreateJob => "CreateDeliveryHistoryJob",
            Self::DeleteJob => "DeleteDeliveryHistoryJob",
            Self::DescribeTrails => "DescribeTrails",
            Self::GetTrailStatus => "GetTrailStatus",
            Self::DescribeRegions => "DescribeRegions",
            Self::GetCallerIdentity => "GetCallerIdentity",
        }
    }

    /// The version of the API that it is of.
    const fn version(self) -> &'static str {
        if matches!(self, Self::GetCallerIdentity) { STS } else { ACTIONTRAIL }
    }

    /// The operation of that name and version.
    ///
    /// # Errors
    /// The service's refusal.
    pub(super) fn named(name: &[u8], version: &[u8]) -> Result<Self, Refusal> {
        if ![ACTIONTRAIL, STS].iter().any(|known| known.as_bytes() == version) {
            return Err(Refusal::invalid("Version"));
        }
        let found = Self::ALL.into_iter().find(|operation| operation.name().as_bytes() == name);
        found.filter(|operation| operation.version().as_bytes() == version).ok_or_else(Refusal::no_such_api)
    }

    /// The RAM action that it takes; none for the list of regions, and for who asks who they are.
    pub(super) fn permission(self) -> Option<String> {
        let free = matches!(self, Self::DescribeRegions | Self::GetCallerIdentity);
        (!free).then(|| format!("actiontrail:{}", self.name()))
    }
}

/// The parameters of a call: those of the query, then those of a form in the body.
#[derive(Debug, Default)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(super) fn new(query: &[u8], form: &[u8]) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let all = pairs(query).into_iter().chain(pairs(form));
        Self(all.map(|(name, value)| (text(name), text(value))).collect())
    }

    /// A value that is there and not empty.
    fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| Refusal::missing(name))
    }

    fn number<T: FromStr>(&self, name: &str, default: T) -> Result<T, Refusal> {
        self.get(name).map_or(Ok(default), |text| text.parse().map_err(|_| Refusal::invalid(name)))
    }

    fn job_id(&self) -> Result<JobId, Refusal> {
        self.required("JobId")?.parse().map_err(|_| Refusal::invalid("JobId"))
    }
}

/// Where a call is answered: whose account, and as which request.
pub(super) struct Call<'a> {
    pub(super) account: &'a mut Account,
    pub(super) account_id: &'a AccountId,
    /// The name of the caller's credentials.
    pub(super) caller: &'a str,
    /// The regions that have a port of their own.
    pub(super) regions: &'a [(Region, SocketAddr)],
    pub(super) request_id: String,
}

impl Call<'_> {
    /// Answers it.
    ///
    /// # Errors
    /// The service's refusal.
    pub(super) fn answer(self, operation: Operation, parameters: &Parameters) -> Result<Vec<u8>, Refusal> {
        match operation {
            Operation::ListJobs => self.list_jobs(parameters),
            Operation::GetJob => self.get_job(parameters),
            Operation::CreateJob => self.create_job(parameters),
            Operation::DeleteJob => self.delete_job(parameters),
            Operation::DescribeTrails => Ok(self.describe_trails(parameters)),
            Operation::GetTrailStatus => self.get_trail_status(parameters),
            Operation::DescribeRegions => Ok(self.describe_regions()),
            Operation::GetCallerIdentity => Ok(self.get_caller_identity()),
        }
    }

    fn list_jobs(self, parameters: &Parameters) -> Result<Vec<u8>, Refusal> {
        let page_number: u32 = parameters.number("PageNumber", 1)?;
        let page_size: u32 = parameters.number("PageSize", 20)?;
        if page_number < 1 {
            return Err(Refusal::invalid("PageNumber"));
        }
        if !(1..=100).contains(&page_size) {
            return Err(Refusal::invalid("PageSize"));
        }
        let account = &*self.account;
        let before = (page_number as usize - 1).saturating_mul(page_size as usize);
        let row = |plan| wire::Job::new(plan, account.trail_of(plan), account.setting.region, account.now());
        Ok(json(&wire::ListJobs {
            delivery_history_jobs: account.page(before, page_size as usize).map(row).collect(),
            page_number,
            page_size,
            request_id: self.request_id,
            total_count: account.len(),
        }))
    }

    fn get_job(self, parameters: &Parameters) -> Result<Vec<u8>, Refusal> {
        let account = &*self.account;
        let plan = account.job(parameters.job_id()?).ok_or_else(no_such_job)?;
        let region = |(region, status): (_, crate::job::Status)| wire::RegionStatus { region, status: status.code() };
        Ok(json(&wire::GetJob {
            job: wire::Job::new(plan, account.trail_of(plan), account.setting.region, account.now()),
            request_id: self.request_id,
            status: plan.regions(account.now()).into_iter().map(region).collect(),
        }))
    }

    fn create_job(self, parameters: &Parameters) -> Result<Vec<u8>, Refusal> {
        let trail = trail_name(parameters, "TrailName")?;
        let token = parameters.get("ClientToken");
        if token.is_some_and(|token| token.len() > 64 || !token.is_ascii()) {
            return Err(Refusal::invalid("ClientToken"));
        }
        let id = self.account.create(trail, token).map_err(|why| match why {
            CannotCreate::NoSuchTrail => no_such_trail(),
            CannotCreate::NotToSls => {
                Refusal::new(400, "TrailNotValid", "The trail does not deliver events to Log Service.")
            }
            CannotCreate::OneRuns => Refusal::new(
                400,
                "MaximumNumberOfDeliveryHistoryJobsExceededException",
                "There can only be one running deliveryHistoryJob",
            ),
            CannotCreate::TokenReused => {
                let message = "The client token was used before, with other parameters.";
                Refusal::new(400, "IdempotentParameterMismatch", message)
            }
        })?;
        Ok(json(&wire::CreateJob { job_id: id.get(), request_id: self.request_id }))
    }

    fn delete_job(self, parameters: &Parameters) -> Result<Vec<u8>, Refusal> {
        let id = parameters.job_id()?;
        if !self.account.delete(id) {
            return Err(no_such_job());
        }
        Ok(json(&wire::DeleteJob { request_id: self.request_id }))
    }

    fn describe_trails(self, parameters: &Parameters) -> Vec<u8> {
        let names: Option<Vec<&str>> =
            parameters.get("NameList").map(|names| names.split(',').map(str::trim).collect());
        let wanted = |trail: &&scenario::Trail| names.as_ref().is_none_or(|names| names.contains(&trail.name));
        let trails = self.account.trails().filter(wanted);
        json(&wire::DescribeTrails {
            trail_list: trails.map(|trail| self.trail(trail)).collect(),
            request_id: self.request_id,
        })
    }

    fn trail(&self, trail: &scenario::Trail) -> wire::Trail {
        let (account, owner) = (&self.account, self.account_id.as_str());
        let region = account.setting.region;
        let (created, on) = (time(account.start() - TimeDelta::days(400)), time(self.on_since(trail)));
        let to_sls = trail.delivers != Delivers::ToOss;
        let only = |is: bool, text: String| if is { text } else { String::new() };
        wire::Trail {
            create_time: created,
            event_rw: "All",
            home_region: region,
            is_organization_trail: false,
            name: trail.name,
            oss_bucket_name: only(!to_sls, format!("{}-{owner}", trail.name)),
            oss_key_prefix: String::new(),
            region,
            sls_project_arn: only(to_sls, format!("acs:log:{region}:{owner}:project/actiontrail-{}", trail.name)),
            sls_write_role_arn: only(to_sls, format!("acs:ram::{owner}:role/aliyunserviceroleforactiontrail")),
            start_logging_time: on.clone(),
            status: "Enable",
            trail_arn: format!("acs:actiontrail:{region}:{owner}:trail/{}", trail.name),
            trail_region: "All",
            update_time: on,
        }
    }

    fn on_since(&self, trail: &scenario::Trail) -> Timestamp {
        self.account.start() - TimeDelta::days(trail.on_for_days)
    }

    fn get_trail_status(self, parameters: &Parameters) -> Result<Vec<u8>, Refusal> {
        let name = trail_name(parameters, "Name")?;
        let account = &*self.account;
        let trail = account.trails().find(|trail| trail.name == name).ok_or_else(no_such_trail)?;
        let vain = trail.delivers == Delivers::Vainly;
        // The documented example of such an error.
        let error = "write sls failed, exception: the parent of sub user must be project owner, itemscount: 1";
        // It worked until a day before the emulator began.
        let delivered = time(if vain { account.start() - TimeDelta::days(1) } else { account.now() });
        Ok(json(&wire::GetTrailStatus {
            is_logging: true,
            latest_delivery_error: if vain { error } else { "" },
            latest_delivery_log_service_error: if vain { error } else { "" },
            latest_delivery_log_service_time: if trail.delivers == Delivers::ToOss {
                String::new()
            } else {
                delivered.clone()
            },
            latest_delivery_time: delivered,
            oss_bucket_status: trail.delivers == Delivers::ToOss,
            request_id: self.request_id.clone(),
            sls_log_store_status: trail.delivers == Delivers::ToSls,
            start_logging_time: time(self.on_since(trail)),
        }))
    }

    fn describe_regions(self) -> Vec<u8> {
        let region = |(region_id, local_name): (&'static str, &'static str)| {
            let own = self.regions.iter().find(|(region, _)| region.as_str() == region_id);
            let region_endpoint = own.map_or_else(|| endpoint(region_id), |(_, address)| address.to_string());
            wire::Region { local_name, region_endpoint, region_id }
        };
        let is_served = |(id, _): &(&'static str, &'static str)| {
            self.regions.is_empty() || self.regions.iter().any(|(region, _)| region.as_str() == *id)
        };
        let regions = wire::Regions { region: ENDPOINTS.into_iter().filter(is_served).map(region).collect() };
        json(&wire::DescribeRegions { regions, request_id: self.request_id })
    }

    /// Every key is a RAM user's, named as its profile; the service numbers users, the emulator has no need to.
    fn get_caller_identity(self) -> Vec<u8> {
        let account = self.account_id.as_str();
        json(&wire::GetCallerIdentity {
            account_id: account.to_owned(),
            arn: format!("acs:ram::{account}:user/{}", self.caller),
            identity_type: "RAMUser",
            principal_id: self.caller.to_owned(),
            request_id: self.request_id,
            user_id: self.caller.to_owned(),
        })
    }
}

/// A trail's name, of 6 to 36 characters as the service wants them.
fn trail_name<'a>(parameters: &'a Parameters, name: &str) -> Result<&'a str, Refusal> {
    let trail = parameters.required(name)?;
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    let begins = trail.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    if begins && (6..=36).contains(&trail.len()) && trail.bytes().all(inner) {
        return Ok(trail);
    }
    Err(Refusal::new(400, "InvalidTrailNameException", "The specified trail name is invalid."))
}

fn no_such_job() -> Refusal {
    Refusal::new(404, "DeliveryHistoryJobNotFound", "The specified deliveryHistoryJob does not exist.")
}

fn no_such_trail() -> Refusal {
    Refusal::new(404, "TrailNotFoundException", "The specified trail does not exist.")
}
