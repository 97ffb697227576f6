//! The service's JSON made into jobs: lenient where the service may grow, strict where a mistake would mislead.
//!
//! A job with an odd field keeps the rest of its fields; a job without an id is reported as a fault, never invented.

mod regions;
mod trails;

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{Detail, Page};
use crate::{
    acs::{self, Answer},
    job::{Job, JobId, Names, RegionStatus, Regions, Status, Timestamp, Window},
    text,
};

pub(super) use self::{
    regions::served_regions,
    trails::{status as trail_status, trails},
};

/// No name of the service comes near it; a text that does not end would freeze every screen.
const LONGEST_TEXT: usize = 1_024;

/// Shown for a status that is missing or is no number: no code of the service is negative.
const NO_STATUS: i64 = -1;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WirePage<'a> {
    #[serde(borrow, default)]
    delivery_history_jobs: Option<Vec<&'a RawValue>>,
    #[serde(default)]
    total_count: Value,
    #[serde(default)]
    page_size: Value,
    #[serde(default)]
    request_id: Value,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct WireJob {
    job_id: Value,
    trail_name: Value,
    home_region: Value,
    job_status: Value,
    created_time: Value,
    updated_time: Value,
    start_time: Value,
    end_time: Value,
    /// Of `GetDeliveryHistoryJob` only.
    status: Value,
    /// Of `GetDeliveryHistoryJob` only.
    request_id: Value,
}

/// The page of an answer.
pub(super) fn page(answer: &Answer) -> Result<Page, acs::Error> {
    let wire: WirePage<'_> = serde_json::from_slice(&answer.body).map_err(|error| answer.not_api(error.to_string()))?;
    let total = unsigned(&wire.total_count);
    let entries = match wire.delivery_history_jobs {
        Some(entries) => entries,
        None if total == Some(0) => Vec::new(),
        None => return Err(answer.not_api("it has no DeliveryHistoryJobs")),
    };
    let mut jobs = Vec::with_capacity(entries.len());
    let mut faults = Vec::new();
    // Each name once from the start: what is let go later leaves holes between what stays.
    let mut names = Names::default();
    for entry in entries {
        match job(entry) {
            Ok(mut job) => {
                names.share_in(&mut job);
                jobs.push(job);
            }
            Err(why) => faults.push(format!("{why}: {}", text::first_words(entry.get().as_bytes(), 60))),
        }
    }
    Ok(Page {
        jobs,
        faults,
        total,
        size: unsigned(&wire.page_size),
        request_id: string(&wire.request_id),
        server_time: answer.server_time,
    })
}

/// The job `id` and its regions, read at `now`.
pub(super) fn detail(answer: &Answer, id: JobId, now: Timestamp) -> Result<Detail, acs::Error> {
    let raw: Box<RawValue> = serde_json::from_slice(&answer.body).map_err(|error| answer.not_api(error.to_string()))?;
    let wire: WireJob = serde_json::from_str(raw.get()).map_err(|error| answer.not_api(error.to_string()))?;
    let regions = Regions { rows: regions(&wire.status), read: now, request_id: string(&wire.request_id) };
    let raw: Arc<RawValue> = raw.into();
    let job = decode(&wire, Arc::clone(&raw)).map_err(|why| answer.not_api(why))?;
    if job.id != id {
        return Err(answer.not_api(format!("it is about job {}", job.id)));
    }
    Ok(Detail { job, regions, raw })
}

fn job(entry: &RawValue) -> Result<Job, String> {
    if !entry.get().starts_with('{') {
        return Err("an entry is no object".to_owned());
    }
    let wire: WireJob = serde_json::from_str(entry.get()).map_err(|error| format!("an entry is no job ({error})"))?;
    decode(&wire, entry.to_owned().into())
}

fn decode(wire: &WireJob, raw: Arc<RawValue>) -> Result<Job, String> {
    let id = integer(&wire.job_id).ok_or("a job has no JobId that is a 64-bit integer")?;
    Ok(Job {
        id: JobId::new(id),
        trail: string(&wire.trail_name).unwrap_or_else(|| "".into()),
        home: string(&wire.home_region),
        status: status(&wire.job_status),
        created: time(&wire.created_time),
        updated: time(&wire.updated_time),
        window: Window { start: time(&wire.start_time), end: time(&wire.end_time) },
        raw,
    })
}

fn regions(status_list: &Value) -> Box<[RegionStatus]> {
    let entries = status_list.as_array().map(Vec::as_slice).unwrap_or_default();
    let row =
        |entry: &Value| Some(RegionStatus { region: string(&entry["Region"])?, status: status(&entry["Status"]) });
    let mut rows: Vec<RegionStatus> = entries.iter().filter_map(row).collect();
    rows.sort_by(|a, b| a.region.cmp(&b.region));
    rows.dedup_by(|a, b| a.region == b.region);
    rows.into()
}

fn status(value: &Value) -> Status {
    Status::from_code(integer(value).unwrap_or(NO_STATUS))
}

/// A number, or a number in quotes.
fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

fn unsigned(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// A text that is not empty; a number or truth value in its place is shown as it came.
fn string(value: &Value) -> Option<Arc<str>> {
    match value {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.chars().take(LONGEST_TEXT).collect::<String>().into()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string().into()),
        _ => None,
    }
}

/// RFC 3339; missing, null, empty or malformed is `None`.
fn time(value: &Value) -> Option<Timestamp> {
    value.as_str()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DOCUMENTED: &str = r#"{"DeliveryHistoryJobs":[{"CreatedTime":"2021-04-26T03:17:04Z","EndTime":"2021-04-26T03:22:04Z","HomeRegion":"cn-hangzhou","JobId":16602,"JobStatus":2,"StartTime":"2021-01-26T03:17:04Z","TrailName":"trail-name","UpdatedTime":"2021-04-26T03:20:08Z"}],"PageNumber":1,"PageSize":20,"RequestId":"B190816C-6DCA-4DC5-9B8E-EE0367B57CFF","TotalCount":1}"#;

    fn read(body: &str) -> Result<Page, acs::Error> {
        page(&Answer::of(body.to_owned()))
    }

    fn one(job: &str) -> Job {
        let mut page = read(&format!(r#"{{"DeliveryHistoryJobs":[{job}],"TotalCount":1}}"#)).unwrap();
        assert_eq!(page.faults, Vec::<String>::new());
        page.jobs.remove(0)
    }

    #[test]
    fn the_documented_answer() {
        let page = read(DOCUMENTED).unwrap();
        let job = &page.jobs[0];
        assert_eq!((job.id.get(), &*job.trail, job.home.as_deref()), (16602, "trail-name", Some("cn-hangzhou")));
        assert_eq!(job.status, Status::Complete);
        assert_eq!(job.created.unwrap().to_rfc3339(), "2021-04-26T03:17:04+00:00");
        assert_eq!(job.window.end.unwrap().to_rfc3339(), "2021-04-26T03:22:04+00:00");
        assert_eq!((page.total, page.size), (Some(1), Some(20)));
        assert_eq!(page.request_id.as_deref(), Some("B190816C-6DCA-4DC5-9B8E-EE0367B57CFF"));
    }

    #[test]
    fn what_the_service_adds_survives() {
        let job = one(r#"{"JobId":"16602","JobStatus":7,"Reason":{"Deep":[1]}}"#);
        assert_eq!((job.id.get(), job.status), (16602, Status::Unknown(7)));
        assert!(job.raw.get().contains(r#""Reason":{"Deep":[1]}"#));
    }

    #[test]
    fn an_odd_field_hides_nothing_else() {
        for time in ["null", "\"\"", "\"yesterday\"", "17", "{}", "\"2021-13-45T00:00:00Z\""] {
            let job = one(&format!(r#"{{"JobId":1,"JobStatus":"3","CreatedTime":{time},"TrailName":"t"}}"#));
            assert_eq!((job.created, job.status, &*job.trail), (None, Status::Failed, "t"), "{time}");
        }
        let job = one(r#"{"JobId":1,"TrailName":null,"HomeRegion":["x"],"JobStatus":null}"#);
        assert_eq!((&*job.trail, job.home, job.status), ("", None, Status::Unknown(-1)));
    }

    #[test]
    fn a_job_without_an_id_is_reported_and_the_others_stay() {
        let page = read(
            r#"{"DeliveryHistoryJobs":[{"TrailName":"lost"},7,{"JobId":2},[5,"t"],{"JobId":1.5},{"JobId":99999999999999999999}]}"#,
        );
        let page = page.unwrap();
        assert_eq!(page.jobs.iter().map(|job| job.id.get()).collect::<Vec<_>>(), [2]);
        assert_eq!(page.faults.len(), 5);
        assert!(page.faults[0].contains("lost"), "{:?}", page.faults);
    }

    #[test]
    fn no_jobs_is_an_empty_list_only_where_the_service_says_so() {
        assert!(read(r#"{"DeliveryHistoryJobs":[],"TotalCount":0}"#).unwrap().jobs.is_empty());
        assert!(read(r#"{"TotalCount":0,"RequestId":"R"}"#).unwrap().jobs.is_empty());
        assert!(read(r#"{"RequestId":"R"}"#).is_err());
        assert!(read(r#"{"DeliveryHistoryJobs":null,"TotalCount":3}"#).is_err());
    }

    #[test]
    fn what_is_not_json_is_described_not_only_parsed() {
        let words = read("<!DOCTYPE html><title>Sign in</title>").unwrap_err().to_string();
        assert!(words.starts_with("not an answer of the API: HTTP 200, "), "{words}");
        assert!(words.contains("<title>Sign in</title>"), "{words}");
        assert!(read(&DOCUMENTED[..200]).unwrap_err().to_string().contains("DeliveryHistoryJobs"));
        assert!(read("").unwrap_err().to_string().contains("an empty body"));
    }

    #[test]
    fn a_detail_is_flat_and_has_regions() {
        let body = r#"{"JobId":16602,"JobStatus":1,"RequestId":"R","Status":[{"Region":"cn-shanghai","Status":2},
            {"Region":"cn-beijing","Status":"3"},{"Region":"cn-beijing","Status":2},{"Status":2},5]}"#;
        let detail = detail(&Answer::of(body.to_owned()), JobId::new(16602), Timestamp::UNIX_EPOCH).unwrap();
        let rows: Vec<_> = detail.regions.rows.iter().map(|row| (&*row.region, row.status)).collect();
        assert_eq!(rows, [("cn-beijing", Status::Failed), ("cn-shanghai", Status::Complete)]);
        assert_eq!(detail.regions.request_id.as_deref(), Some("R"));
        assert_eq!(detail.job.status, Status::Delivering);
    }

    proptest! {
        #[test]
        fn no_body_panics(body in any::<String>()) {
            let _ = read(&body);
            let _ = read(&format!(r#"{{"DeliveryHistoryJobs":[{body}],"TotalCount":"x"}}"#));
        }
    }
}
