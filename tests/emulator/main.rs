//! The embedded endpoint over real HTTP, called by a client that shares no code with it and none with ours.

mod access;
mod caller;
mod faults;
mod truth;

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use caller::{Answer, Call, Connection, Hand, emulator};
use serde_json::json;
use trailwatch::emulator::{Config, Emulator, Operation, Quota, Scenario};

const LIST: &str = "ListDeliveryHistoryJobs";
const GET: &str = "GetDeliveryHistoryJob";
const CREATE: &str = "CreateDeliveryHistoryJob";
const DELETE: &str = "DeleteDeliveryHistoryJob";

/// A call by the emulator's first identity.
fn call(emulator: &Emulator, hand: &Hand, action: &str, query: &str) -> Answer {
    Call::new(&emulator.identities()[0], hand, action, query).send(emulator)
}

fn still(jobs: usize) -> (Emulator, Hand) {
    emulator(Config { jobs, quota: Quota::UNLIMITED, ..Config::default() })
}

#[test]
fn every_job_is_on_exactly_one_page() {
    for (jobs, pages) in [(0, 1), (1, 1), (99, 1), (100, 1), (101, 2), (1000, 10), (10_000, 100)] {
        let (emulator, hand) = still(jobs);
        let mut ids = BTreeSet::new();
        for page in 1..=pages {
            let query = format!("PageNumber={page}&PageSize=100");
            let answer = call(&emulator, &hand, LIST, &query).good();
            assert_eq!((&answer["TotalCount"], &answer["PageNumber"]), (&json!(jobs), &json!(page)));
            let rows = answer["DeliveryHistoryJobs"].as_array().unwrap();
            ids.extend(rows.iter().map(|job| job["JobId"].as_i64().unwrap()));
        }
        assert_eq!(ids.len(), jobs);
        let beyond = call(&emulator, &hand, LIST, "PageNumber=4294967295&PageSize=100").good();
        assert_eq!(beyond["DeliveryHistoryJobs"], json!([]));
    }
}

#[test]
fn a_page_has_twenty_jobs_unless_told_otherwise_and_a_hundred_at_most() {
    let (emulator, hand) = still(200);
    let answer = call(&emulator, &hand, LIST, "").good();
    assert_eq!((&answer["PageNumber"], &answer["PageSize"]), (&json!(1), &json!(20)));
    assert_eq!(answer["DeliveryHistoryJobs"].as_array().unwrap().len(), 20);
    for (query, code) in [
        ("PageSize=101", "InvalidPageSize"),
        ("PageSize=0", "InvalidPageSize"),
        ("PageSize=-1", "InvalidPageSize"),
        ("PageSize=many", "InvalidPageSize"),
        ("PageNumber=0", "InvalidPageNumber"),
        ("PageNumber=1.5", "InvalidPageNumber"),
    ] {
        assert_eq!(call(&emulator, &hand, LIST, query).refusal(), (400, code.to_owned()), "{query}");
    }
}

#[test]
fn get_and_post_and_a_form_mean_the_same() {
    let (emulator, hand) = still(50);
    let who = &emulator.identities()[0];
    let mut get = Call::new(who, &hand, LIST, "PageSize=7");
    get.method = "GET";
    assert_eq!(get.send(&emulator).good()["PageSize"], 7);
    assert_eq!(Call::new(who, &hand, LIST, "").form("PageSize=7&x=%26+y").send(&emulator).good()["PageSize"], 7);
    let text = Call::new(who, &hand, LIST, "").form("PageSize=7").with("content-type", "text/plain");
    assert_eq!(text.send(&emulator).good()["PageSize"], 20, "no form, no parameters");
    let mut put = Call::new(who, &hand, LIST, "");
    put.method = "PUT";
    assert_eq!(put.send(&emulator).refusal(), (405, "UnsupportedHTTPMethod".into()));
}

#[test]
fn a_job_has_the_fields_and_times_of_the_documentation() {
    let (emulator, hand) = still(1);
    let listed = call(&emulator, &hand, LIST, "").good()["DeliveryHistoryJobs"][0].clone();
    let mut got = call(&emulator, &hand, GET, &format!("JobId={}", listed["JobId"])).good();
    let got = got.as_object_mut().unwrap();
    let regions = got.remove("Status").unwrap();
    assert_eq!(regions.as_array().unwrap().len(), 22);
    assert!(regions[0]["Region"].is_string() && regions[0]["Status"].is_i64());
    assert!(got.remove("RequestId").unwrap().is_string());
    assert_eq!(&json!(got), &listed, "flat at the top level, and the same as in the list");
    let time = |name: &str| listed[name].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    assert_eq!(time("CreatedTime") - time("StartTime"), chrono::TimeDelta::days(90));
    assert_eq!(time("EndTime") - time("CreatedTime"), chrono::TimeDelta::minutes(5));
    assert!(listed["CreatedTime"].as_str().unwrap().ends_with('Z') && listed["JobStatus"].is_i64());
}

#[test]
fn a_job_is_created_once_runs_and_is_deleted() {
    let (emulator, hand) = still(3);
    let create = |query: &str| call(&emulator, &hand, CREATE, query);
    let id = create("TrailName=audit-all&ClientToken=once").good()["JobId"].clone();
    assert_eq!(create("TrailName=audit-all&ClientToken=once").good()["JobId"], id);
    let too_many = (400, "MaximumNumberOfDeliveryHistoryJobsExceededException".to_owned());
    assert_eq!(create("TrailName=payments-audit").refusal(), too_many);
    let get = || call(&emulator, &hand, GET, &format!("JobId={id}"));
    let look = || (get().good()["JobStatus"].as_i64().unwrap(), get().good()["UpdatedTime"].clone());
    assert_eq!(look(), (0, json!("2026-11-24T20:00:00Z")));
    hand.pass(60_000);
    let (status, updated) = look();
    assert_eq!(status, 1);
    assert!(updated != json!("2026-11-24T20:00:00Z"));
    hand.pass(600_000);
    assert_eq!(look(), (2, json!("2026-11-24T20:03:04Z")));

    assert!(call(&emulator, &hand, DELETE, &format!("JobId={id}")).good()["RequestId"].is_string());
    let unknown = (404, "DeliveryHistoryJobNotFound".to_owned());
    assert_eq!(get().refusal(), unknown);
    assert_eq!(call(&emulator, &hand, DELETE, &format!("JobId={id}")).refusal(), unknown);
    assert_eq!(call(&emulator, &hand, LIST, "").good()["TotalCount"], 3);

    for (query, status, code) in [
        ("TrailName=no-such-trail", 404, "TrailNotFoundException"),
        ("TrailName=oss-archive", 400, "TrailNotValid"),
        ("TrailName=x", 400, "InvalidTrailNameException"),
        ("", 400, "MissingTrailName"),
        (&format!("TrailName=audit-all&ClientToken={}", "x".repeat(65)), 400, "InvalidClientToken"),
        ("TrailName=payments-audit&ClientToken=once", 400, "IdempotentParameterMismatch"),
    ] {
        assert_eq!(create(query).refusal(), (status, code.to_owned()), "{query}");
    }
    for (query, status, code) in
        [("JobId=1", 404, "DeliveryHistoryJobNotFound"), ("JobId=x", 400, "InvalidJobId"), ("", 400, "MissingJobId")]
    {
        assert_eq!(call(&emulator, &hand, GET, query).refusal(), (status, code.to_owned()), "{query}");
    }
}

#[test]
fn trails_and_regions_are_described() {
    let (emulator, hand) = still(1);
    let trails = call(&emulator, &hand, "DescribeTrails", "").good()["TrailList"].clone();
    assert_eq!(trails.as_array().unwrap().len(), 6);
    for field in ["Name", "HomeRegion", "Status", "SlsProjectArn", "SlsWriteRoleArn", "OssBucketName", "EventRW"] {
        assert!(trails[0][field].is_string(), "{field}");
    }
    let some = call(&emulator, &hand, "DescribeTrails", "NameList=audit-all%2Ctrail-name").good();
    assert_eq!(some["TrailList"].as_array().unwrap().len(), 2);
    let status = |name: &str| call(&emulator, &hand, "GetTrailStatus", &format!("Name={name}"));
    let well = status("audit-all").good();
    assert_eq!((&well["IsLogging"], &well["SlsLogStoreStatus"]), (&json!(true), &json!(true)));
    let ill = status("legacy-audit").good();
    assert_eq!(ill["SlsLogStoreStatus"], false);
    assert!(ill["LatestDeliveryLogServiceError"].as_str().unwrap().starts_with("write sls failed"));
    assert!(well["LatestDeliveryLogServiceTime"].as_str() > ill["LatestDeliveryLogServiceTime"].as_str());
    assert_eq!(status("retired-audit").refusal(), (404, "TrailNotFoundException".into()), "its job is older than it");
    assert_eq!(status("no-such-trail").refusal(), (404, "TrailNotFoundException".into()));
    let regions = call(&emulator, &hand, "DescribeRegions", "").good();
    let first = &regions["Regions"]["Region"][0];
    let id = first["RegionId"].as_str().unwrap();
    assert_eq!(regions["Regions"]["Region"].as_array().unwrap().len(), 33);
    assert_eq!(first["RegionEndpoint"], format!("actiontrail.{id}.aliyuncs.com"));
}

#[test]
fn a_request_counts_once() {
    let (emulator, hand) = still(1);
    let call = Call::new(&emulator.identities()[0], &hand, LIST, "");
    assert_eq!(call.send(&emulator).status, 200);
    assert_eq!(call.send(&emulator).refusal(), (400, "SignatureNonceUsed".into()));
    hand.pass(16 * 60_000);
    assert_eq!(call.send(&emulator).refusal(), (400, "InvalidTimeStamp.Expired".into()), "too old to be replayed");
}

#[test]
fn what_is_no_call_of_this_api_is_refused() {
    let (emulator, hand) = still(1);
    let of = |change: &dyn Fn(Call) -> Call| {
        change(Call::new(&emulator.identities()[0], &hand, LIST, "")).send(&emulator).refusal()
    };
    assert_eq!(of(&|call| call.with("x-acs-action", "StopLogging")), (404, "InvalidApi.NotFound".into()));
    assert_eq!(of(&|call| call.with("x-acs-version", "2017-12-04")), (400, "InvalidVersion".into()));
    assert_eq!(of(&|call| call.without("x-acs-action")), (400, "MissingAction".into()));
    assert_eq!(of(&|call| call.without("x-acs-version")), (400, "MissingVersion".into()));
    assert_eq!(of(&|call| call.form(&"x".repeat(65 * 1024))), (413, "RequestEntityTooLarge".into()));
}

#[test]
fn no_second_has_more_calls_than_the_quota() {
    let (emulator, hand) = emulator(Config::default());
    let list = || call(&emulator, &hand, LIST, "");
    for _ in 0..10 {
        assert_eq!(list().status, 200);
        hand.pass(50);
    }
    let answer = list();
    assert_eq!(answer.refusal(), (429, "Throttling.User".into()));
    assert_eq!(answer.headers["x-acs-retry-after"], "500");
    assert_eq!(call(&emulator, &hand, GET, "JobId=1").status, 404, "each operation has its own");
    hand.pass(500);
    assert_eq!(list().status, 200);
    assert_eq!(list().status, 429);
    let stats = emulator.stats();
    assert_eq!((stats.answered, stats.throttled), (14, 2));
    assert_eq!((stats.calls(Operation::ListJobs), stats.calls(Operation::GetJob)), (13, 1));
}

#[test]
fn every_answer_says_when_and_which_it_is() {
    let (emulator, hand) = still(1);
    hand.pass(5_500);
    for answer in [call(&emulator, &hand, LIST, ""), call(&emulator, &hand, "Nonsense", "")] {
        assert_eq!(answer.headers["date"], "Tue, 24 Nov 2026 20:00:05 GMT", "the emulator's clock, not the system's");
        assert_eq!(answer.headers["content-type"], "application/json;charset=utf-8");
        let id = answer.json()["RequestId"].as_str().unwrap().to_owned();
        assert_eq!(answer.headers["x-acs-request-id"], id);
        let shape: String = id.chars().map(|c| if c == '-' { '-' } else { 'X' }).collect();
        assert_eq!(shape, "XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX");
        assert_eq!(id, id.to_uppercase());
    }
}

#[test]
fn the_same_seed_and_clock_give_the_same_bytes() {
    let record = |seed| {
        let (emulator, hand) = emulator(Config { seed, scenario: Scenario::Living, ..Config::default() });
        let calls = (0..10).map(|_| {
            hand.pass(61_000);
            call(&emulator, &hand, LIST, "PageSize=3")
        });
        calls.collect::<Vec<_>>()
    };
    assert_eq!(record(7), record(7));
    assert_ne!(record(7), record(8));
}

#[test]
fn in_every_account_of_a_fleet_one_job_is_under_way() {
    let (emulator, hand) = emulator(Config { scenario: Scenario::Fleet(20), ..Config::default() });
    let names: Vec<_> = emulator.identities().iter().map(|who| who.profile.as_str()).collect();
    assert_eq!((names.len(), names[0], names[19]), (20, "account-1", "account-20"));
    for _ in 0..5 {
        for who in emulator.identities() {
            let jobs =
                Call::new(who, &hand, LIST, "PageSize=100").send(&emulator).good()["DeliveryHistoryJobs"].clone();
            let active = |job: &&serde_json::Value| job["JobStatus"] == 0 || job["JobStatus"] == 1;
            assert_eq!(jobs.as_array().unwrap().iter().filter(active).count(), 1, "{jobs}");
        }
        hand.pass(60_000);
    }
}

#[test]
fn one_port_serves_all_accounts_of_the_demo_and_one_is_out_for_a_while() {
    let (emulator, hand) = emulator(Config { scenario: Scenario::Demo, ..Config::default() });
    let names: Vec<_> = emulator.identities().iter().map(|who| (who.profile.as_str(), who.region.as_str())).collect();
    assert_eq!(names, [("prod", "cn-hangzhou"), ("audit", "cn-shanghai"), ("intl", "ap-southeast-1")]);
    for second in (0..300).step_by(5) {
        for who in emulator.identities() {
            let answer = Call::new(who, &hand, LIST, "PageSize=100").send(&emulator);
            if who.profile == "intl" && (25..40).contains(&(second % 120)) {
                assert_eq!(answer.refusal(), (503, "ServiceUnavailable".into()));
                assert_eq!(answer.json()["HostId"], "actiontrail.ap-southeast-1.aliyuncs.com");
                continue;
            }
            let jobs = answer.good()["DeliveryHistoryJobs"].clone();
            assert!(jobs.as_array().unwrap().iter().all(|job| job["HomeRegion"] == who.region.as_str()));
        }
        hand.pass(5_000);
    }
}

#[test]
fn the_credentials_cannot_be_taken_for_real_ones() {
    let (emulator, _) = emulator(Config { scenario: Scenario::Demo, ..Config::default() });
    for who in emulator.identities() {
        assert!(who.key_id.contains("Demo") && who.key_id.len() == 24, "{}", who.key_id);
        assert!(who.secret.contains("Emulator") && who.secret.len() == 30);
        assert!(who.account.as_str().len() == 16 && who.account.as_str().bytes().all(|byte| byte.is_ascii_digit()));
        assert!(!format!("{who:?}").contains(&who.secret));
        assert_eq!(who.token.is_some(), who.profile == "audit");
    }
}

#[test]
fn a_connection_is_kept_and_garbage_on_another_harms_nobody() {
    let (emulator, hand) = still(3);
    let who = &emulator.identities()[0];
    let mut kept = Connection::new(&emulator);
    for round in 0..3 {
        assert_eq!(kept.exchange(&Call::new(who, &hand, LIST, "PageSize=1").bytes()).status, 200, "round {round}");
        assert_eq!(kept.exchange(&Call::new(who, &hand, "Nonsense", "").bytes()).status, 404, "round {round}");
        for garbage in [&b"\x16\x03\x01\x02\x00\x01"[..], b"GET / HTTP/9\r\n\r\n", b"POST / HTTP/1.1\r\n\r\n", b""] {
            let address = emulator.url().replace("http://", "");
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(garbage).unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            // A connection that was reset is as good an answer as any.
            let _ = stream.read_to_end(&mut Vec::new());
        }
    }
}

#[test]
fn it_ends_at_once_and_frees_its_port() {
    let (emulator, hand) = emulator(Config { latency: Duration::from_secs(60), ..Config::default() });
    let port: u16 = emulator.url().rsplit(':').next().unwrap().parse().unwrap();
    let mut waiting = TcpStream::connect(("127.0.0.1", port)).unwrap();
    waiting.write_all(&Call::new(&emulator.identities()[0], &hand, LIST, "").bytes()).unwrap();
    let begun = Instant::now();
    drop(emulator);
    assert!(begun.elapsed() < Duration::from_secs(5));
    let again = Emulator::start(Config { port, ..Config::default() });
    assert!(again.is_ok(), "{again:?}");
    let taken = Emulator::start(Config { port, ..Config::default() });
    assert!(taken.is_err(), "a port that is taken is an error");
}
