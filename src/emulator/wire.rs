//! What the service writes: answers and errors as JSON. Its own types, shared with no client.

use std::time::Duration;

use serde::Serialize;

use super::plan::Plan;
use crate::job::Timestamp;

/// A time as the service writes it.
pub(super) fn time(at: Timestamp) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The host that the service has in a region.
pub(super) fn endpoint(region: &str) -> String {
    format!("actiontrail.{region}.aliyuncs.com")
}

/// One job.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Job {
    created_time: String,
    end_time: String,
    home_region: &'static str,
    job_id: i64,
    job_status: i64,
    start_time: String,
    trail_name: &'static str,
    updated_time: String,
}

impl Job {
    pub(super) fn new(plan: &Plan, trail_name: &'static str, home_region: &'static str, now: Timestamp) -> Self {
        Self {
            created_time: time(plan.created),
            end_time: time(plan.window_end()),
            home_region,
            job_id: plan.id.get(),
            job_status: plan.status(now).code(),
            start_time: time(plan.window_start()),
            trail_name,
            updated_time: time(plan.updated(now)),
        }
    }
}

/// `ListDeliveryHistoryJobs`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListJobs {
    pub(super) delivery_history_jobs: Vec<Job>,
    pub(super) page_number: u32,
    pub(super) page_size: u32,
    pub(super) request_id: String,
    pub(super) total_count: usize,
}

/// `GetDeliveryHistoryJob`: a job's fields, flat, and the status of each region.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetJob {
    #[serde(flatten)]
    pub(super) job: Job,
    pub(super) request_id: String,
    pub(super) status: Vec<RegionStatus>,
}

/// One region of a job.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RegionStatus {
    pub(super) region: &'static str,
    pub(super) status: i64,
}

/// `CreateDeliveryHistoryJob`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateJob {
    pub(super) job_id: i64,
    pub(super) request_id: String,
}

/// `DeleteDeliveryHistoryJob`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteJob {
    pub(super) request_id: String,
}

/// `DescribeTrails`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeTrails {
    pub(super) request_id: String,
    pub(super) trail_list: Vec<Trail>,
}

/// One trail. Where it delivers to nothing of a kind, the service writes an empty text.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Trail {
    pub(super) create_time: String,
    #[serde(rename = "EventRW")]
    pub(super) event_rw: &'static str,
    pub(super) home_region: &'static str,
    pub(super) is_organization_trail: bool,
    pub(super) name: &'static str,
    pub(super) oss_bucket_name: String,
    pub(super) oss_key_prefix: String,
    pub(super) region: &'static str,
    pub(super) sls_project_arn: String,
    pub(super) sls_write_role_arn: String,
    pub(super) start_logging_time: String,
    pub(super) status: &'static str,
    pub(super) trail_arn: String,
    pub(super) trail_region: &'static str,
    pub(super) update_time: String,
}

/// `GetTrailStatus`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetTrailStatus {
    pub(super) is_logging: bool,
    pub(super) latest_delivery_error: &'static str,
    pub(super) latest_delivery_log_service_error: &'static str,
    pub(super) latest_delivery_log_service_time: String,
    pub(super) latest_delivery_time: String,
    pub(super) oss_bucket_status: bool,
    pub(super) request_id: String,
    pub(super) sls_log_store_status: bool,
    pub(super) start_logging_time: String,
}

/// `DescribeRegions`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeRegions {
    pub(super) regions: Regions,
    pub(super) request_id: String,
}

/// The list in `DescribeRegions`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Regions {
    pub(super) region: Vec<Region>,
}

/// One region that has an endpoint.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Region {
    pub(super) local_name: &'static str,
    pub(super) region_endpoint: String,
    pub(super) region_id: &'static str,
}

/// `GetCallerIdentity`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetCallerIdentity {
    pub(super) account_id: String,
    pub(super) arn: String,
    pub(super) identity_type: &'static str,
    pub(super) principal_id: String,
    pub(super) request_id: String,
    pub(super) user_id: String,
}

/// A call that is refused: the status, the service's code and its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) message: String,
    /// For `x-acs-retry-after`.
    pub(super) retry_after: Option<Duration>,
    /// The RAM action that is missing, and whose.
    pub(super) denied: Option<(String, String)>,
}

/// The body of a refusal.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Error<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    access_denied_detail: Option<AccessDenied<'a>>,
    code: &'a str,
    host_id: &'a str,
    message: &'a str,
    recommend: String,
    request_id: &'a str,
}

/// What a missing permission says about itself.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct AccessDenied<'a> {
    auth_action: &'a str,
    auth_principal_owner_id: &'a str,
    auth_principal_type: &'static str,
    no_permission_type: &'static str,
    policy_type: &'static str,
}

impl Refusal {
    pub(super) fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into(), retry_after: None, denied: None }
    }

    /// The gateway's form for a parameter that is out of range or no number: the code names it.
    pub(super) fn invalid(parameter: &str) -> Self {
        Self::new(400, format!("Invalid{parameter}"), format!("Specified parameter {parameter} is not valid."))
    }

    /// The gateway's form for a parameter that is not there.
    pub(super) fn missing(parameter: &str) -> Self {
        Self::new(400, format!("Missing{parameter}"), format!("{parameter} is mandatory for this action."))
    }

    /// The gateway's answer where nothing is.
    pub(super) fn no_such_api() -> Self {
        Self::new(404, "InvalidApi.NotFound", "Specified api is not found, please check your url and method.")
    }

    /// The quota is used up for so long.
    pub(super) fn throttled(free_in: Duration) -> Self {
        let refusal = Self::new(429, "Throttling.User", "Request was denied due to user flow control.");
        Self { retry_after: Some(free_in), ..refusal }
    }

    /// The caller's policy does not allow the action.
    pub(super) fn denied(action: String, owner: String) -> Self {
        let message = format!("You are not authorized to perform this operation. Action: {action}");
        Self { denied: Some((action, owner)), ..Self::new(403, "NoPermission", message) }
    }

    /// Nobody is there to answer just now.
    pub(super) fn unavailable() -> Self {
        let message = "The request has failed due to a temporary failure of the server.";
        Self::new(503, "ServiceUnavailable", message)
    }

    /// The same nonce came before.
    pub(super) fn nonce_used() -> Self {
        Self::new(400, "SignatureNonceUsed", "Specified signature nonce was used already.")
    }

    /// The body as older gateways write it. Code and message must not have any sign that XML would escape.
    pub(super) fn xml(&self, request_id: &str, host_id: &str) -> String {
        let Self { code, message, .. } = self;
        format!(
            "<?xml version='1.0' encoding='UTF-8'?><Error><RequestId>{request_id}</RequestId><HostId>{host_id}</HostId>\
             <Code>{code}</Code><Message>{message}</Message></Error>"
        )
    }

    /// The body.
    pub(super) fn body(&self, request_id: &str, host_id: &str) -> Vec<u8> {
        let recommend = format!(
            "https://api.alibabacloud.com/troubleshoot?q={}&product=Actiontrail&requestId={request_id}",
            self.code
        );
        json(&Error {
            access_denied_detail: self.denied.as_ref().map(|(action, owner)| AccessDenied {
                auth_action: action,
                auth_principal_owner_id: owner,
                auth_principal_type: "SubUser",
                no_permission_type: "ImplicitDeny",
                policy_type: "AccountLevelIdentityBasedPolicy",
            }),
            code: &self.code,
            host_id,
            message: &self.message,
            recommend,
            request_id,
        })
    }
}

/// The JSON of an answer.
pub(super) fn json<T: Serialize>(answer: &T) -> Vec<u8> {
    serde_json::to_vec(answer).expect("these types have no map with other keys than texts, and no failing serializer")
}
