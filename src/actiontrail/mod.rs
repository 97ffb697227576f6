//! The product ActionTrail, API version 2020-07-06: endpoints, the operations that we use, wire types made into jobs.
//!
//! Source of its facts: <https://www.alibabacloud.com/help/en/actiontrail/developer-reference/api-actiontrail-2020-07-06-overview>.
//! How often and when to call is the engine's matter.

mod endpoints;
mod error;
mod wire;

use std::sync::Arc;

use serde_json::value::RawValue;

use crate::{
    acs::{self, AccessKey, Answer, Call},
    job::{Job, JobId, Region, Regions, Timestamp, Trail, TrailStatus},
};

pub use endpoints::{EndpointType, UnknownEndpointType, endpoint_host, every_region};
pub use error::{Error, Operation};

const VERSION: &str = "2020-07-06";

/// The largest page that the service answers.
pub const MAX_PAGE_SIZE: u32 = 100;

/// One answer of `ListDeliveryHistoryJobs`.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its jobs, in the order of the service.
    pub jobs: Vec<Job>,
    /// Entries that could not be read as a job, one description each.
    pub faults: Vec<String>,
    /// `TotalCount`.
    pub total: Option<u64>,
    /// `PageSize` as the service took it.
    pub size: Option<u64>,
    /// `RequestId`.
    pub request_id: Option<Arc<str>>,
    /// The server's clock.
    pub server_time: Option<Timestamp>,
}

impl Page {
    /// Decodes an answer.
    ///
    /// # Errors
    /// [`acs::Error`] for a body that is not the API's.
    pub fn decode(answer: &Answer) -> Result<Self, acs::Error> {
        wire::page(answer)
    }
}

/// One answer of `GetDeliveryHistoryJob`.
#[derive(Debug, Clone)]
pub struct Detail {
    /// The job.
    pub job: Job,
    /// Its regions.
    pub regions: Regions,
    /// The whole answer as it came.
    pub raw: Arc<RawValue>,
}

/// One answer of `DescribeTrails`.
#[derive(Debug, Clone)]
pub struct TrailList {
    /// Its trails, in the order of the service: those of the account whose home region is the endpoint's.
    pub trails: Vec<Trail>,
    /// Entries that could not be read as a trail, one description each.
    pub faults: Vec<String>,
    /// `RequestId`.
    pub request_id: Option<Arc<str>>,
}

/// A region as `DescribeRegions` lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedRegion {
    /// Its id.
    pub region: Region,
    /// Its public host, as the service wrote it.
    pub endpoint: String,
}

/// Calls one endpoint of ActionTrail.
#[derive(Debug, Clone)]
pub struct Client {
    acs: acs::Client,
}

impl Client {
    /// A client over a signed one.
    #[must_use]
    pub fn new(acs: acs::Client) -> Self {
        Self { acs }
    }

    /// The host that it calls.
    #[must_use]
    pub fn host(&self) -> &str {
        self.acs.endpoint().host()
    }

    /// Reads one page of jobs. `page` counts from 1; `size` is 1 to [`MAX_PAGE_SIZE`].
    ///
    /// # Errors
    /// [`Error`], also for an answer that is not the API's.
    pub async fn list(&self, key: &AccessKey, page: u32, size: u32, now: Timestamp) -> Result<Page, Error> {
        let (page, size) = (page.to_string(), size.to_string());
        let params = [("PageNumber", page.as_str()), ("PageSize", size.as_str())];
        let answer = self.call(Operation::List, key, &params, now).await?;
        Page::decode(&answer).map_err(|source| Error { operation: Operation::List, source })
    }

    /// Reads one job with its regions.
    ///
    /// # Errors
    /// [`Error`]; of class [`acs::Class::NotFound`] where there is no such job.
    pub async fn get(&self, key: &AccessKey, id: JobId, now: Timestamp) -> Result<Detail, Error> {
        let answer = self.call(Operation::Get, key, &[("JobId", id.to_string().as_str())], now).await?;
        wire::detail(&answer, id, now).map_err(|source| Error { operation: Operation::Get, source })
    }

    /// Reads the trails whose home region this is, without those of other accounts of an organization.
    ///
    /// # Errors
    /// [`Error`], also for an answer that is not the API's.
    pub async fn trails(&self, key: &AccessKey, now: Timestamp) -> Result<TrailList, Error> {
        let answer = self.call(Operation::Trails, key, &[], now).await?;
        wire::trails(&answer).map_err(|source| Error { operation: Operation::Trails, source })
    }

    /// Reads how the delivery of a trail fares.
    ///
    /// # Errors
    /// [`Error`]; of class [`acs::Class::NotFound`] where there is no such trail.
    pub async fn trail_status(&self, key: &AccessKey, name: &str, now: Timestamp) -> Result<TrailStatus, Error> {
        let answer = self.call(Operation::TrailStatus, key, &[("Name", name)], now).await?;
        wire::trail_status(&answer, now).map_err(|source| Error { operation: Operation::TrailStatus, source })
    }

    /// Reads the regions that the service has. It takes no permission.
    ///
    /// # Errors
    /// [`Error`], also for an answer that is not the API's.
    pub async fn regions(&self, key: &AccessKey, now: Timestamp) -> Result<Vec<ServedRegion>, Error> {
        let answer = self.call(Operation::Regions, key, &[], now).await?;
        wire::served_regions(&answer).map_err(|source| Error { operation: Operation::Regions, source })
    }

    async fn call(
        &self,
        operation: Operation,
        key: &AccessKey,
        params: &[(&str, &str)],
        now: Timestamp,
    ) -> Result<Answer, Error> {
        let call = Call { action: operation.action(), version: VERSION, params };
        self.acs.call(key, &call, now).await.map_err(|source| Error { operation, source })
    }
}
