//! Every job of the emulator in every format, and single jobs, over real HTTP.

use std::collections::HashSet;

use serde_json::Value;
use trailwatch::emulator::{Churn, Operation};

use crate::program::{Access, Outcome, emulator, home_with, run};

fn ids(jobs: &Value) -> HashSet<i64> {
    jobs.as_array().unwrap().iter().map(|job| job["job_id"].as_i64().unwrap()).collect()
}

#[test]
fn every_format_has_every_job_over_all_pages() {
    for count in [0, 1, 99, 100, 101, 1_000] {
        let emulator = emulator(count);
        let access = Access::owner(&emulator);
        let list = |format: &str| access.run(&["list", "-o", format]).ends(0);
        let document = list("json").json();
        let all = ids(&document["jobs"]);
        assert_eq!((all.len(), document["jobs"].as_array().unwrap().len()), (count, count));
        let target = &document["targets"][0];
        assert_eq!((&document["complete"], &target["complete"]), (&Value::Bool(true), &Value::Bool(true)));
        assert_eq!((target["total_count"].as_u64(), &target["error"]), (Some(count as u64), &Value::Null));
        assert!(target["request_ids"].as_array().unwrap().len() >= count.div_ceil(100), "{target}");

        let lines: HashSet<i64> = list("id").stdout.lines().map(|line| line.parse().unwrap()).collect();
        assert_eq!(lines, all);
        let objects: Vec<Value> =
            list("ndjson").stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(Value::from(objects), document["jobs"], "the same objects in the same order");
        let csv = list("csv").stdout;
        let rows: HashSet<i64> =
            csv.split("\r\n").skip(1).filter_map(|row| row.split(',').next()?.parse().ok()).collect();
        assert_eq!((rows, csv.matches("\r\n").count()), (all.clone(), count + 1));
        assert_eq!(list("table").stdout.lines().count(), count + 1);
        raw_is_one_page_of_the_api(&list("raw"), count);
    }
}

fn raw_is_one_page_of_the_api(outcome: &Outcome, count: usize) {
    let page = outcome.json();
    let jobs = page["DeliveryHistoryJobs"].as_array().unwrap();
    assert_eq!(jobs.len(), count);
    assert!(jobs.iter().all(|job| job["JobId"].is_i64() && job["JobStatus"].is_i64() && job["TrailName"].is_string()));
    let numbers = ["TotalCount", "PageNumber", "PageSize"].map(|name| page[name].as_u64().unwrap());
    assert_eq!(numbers, [count as u64, 1, count as u64]);
    assert!(page["RequestId"].is_string());
}

#[test]
fn ten_thousand_jobs_are_read_whole() {
    let emulator = emulator(10_000);
    let document = Access::owner(&emulator).run(&["list", "-o", "json"]).ends(0).json();
    assert_eq!((ids(&document["jobs"]).len(), document["complete"].as_bool()), (10_000, Some(true)));
}

#[test]
fn more_than_one_page_is_read_twice() {
    for (count, calls) in [(0, 1), (100, 1), (101, 4), (250, 6)] {
        let emulator = emulator(count);
        Access::owner(&emulator).run(&["list"]).ends(0);
        assert_eq!(emulator.stats().calls(Operation::ListJobs), calls, "{count} jobs");
    }
}

#[test]
fn a_list_that_never_rests_is_printed_and_called_incomplete() {
    let emulator = emulator(250);
    emulator.set_churn(Churn { insert: 1.0, delete: 1.0, reorder: 0.3 });
    let outcome = Access::owner(&emulator).run(&["list", "-o", "json"]).ends(69);
    let outcome =
        outcome.says("error: env/cn-hangzhou: the list may be incomplete: the list moved each of the 3 times");
    let document = outcome.json();
    assert_eq!((&document["complete"], &document["targets"][0]["complete"]), (&false.into(), &false.into()));
    assert!(document["jobs"].as_array().unwrap().len() > 200, "what was seen is printed");
    emulator.set_churn(Churn::NONE);
    Access::owner(&emulator).run(&["list"]).ends(0);
}

#[test]
fn jobs_are_chosen_by_status_and_sorted() {
    let emulator = emulator(200);
    let access = Access::owner(&emulator);
    let jobs = |arguments: &[&str]| {
        let document = access.run(&[&["list", "-o", "json"], arguments].concat()).ends(0).json();
        document["jobs"].as_array().unwrap().clone()
    };
    let all = jobs(&[]);
    let failed = jobs(&["--status", "failed"]);
    assert!(!failed.is_empty() && failed.iter().all(|job| job["status"] == "failed"));
    let either = jobs(&["--status", "complete", "--status", "failed,unknown"]);
    assert_eq!(either.len(), all.len(), "a still world has no other");
    let seconds: Vec<_> = jobs(&["--sort", "elapsed"]).iter().map(|job| job["elapsed_seconds"].as_i64()).collect();
    assert!(seconds.is_sorted_by(|a, b| a >= b), "the longest first, unknown ones last: {seconds:?}");
    let table = access.run(&["list", "--sort", "id", "--no-headers"]).ends(0).stdout;
    assert_eq!(table.lines().count(), 200);
}

#[test]
fn jobs_are_chosen_by_a_filter() {
    let emulator = emulator(200);
    let access = Access::owner(&emulator);
    let list = |arguments: &[&str]| access.run(&[&["list", "-o", "id"], arguments].concat()).ends(0).stdout;
    assert_eq!(list(&["--filter", "status:failed"]), list(&["--status", "failed"]));
    assert_eq!(list(&["--filter", ""]), list(&[]));
    assert_eq!(list(&["--filter", "age<1s"]), "", "a still world has no job that is so young");
    let failed = list(&["--filter", "!status:complete age>1m"]);
    assert!(!failed.is_empty() && failed == list(&["--filter", "failed"]));
    let one = failed.lines().next().unwrap();
    assert_eq!(list(&["--filter", &format!("id:{one} trail:*")]), format!("{one}\n"));
    assert_eq!(list(&["--filter", &format!("id:{one}"), "--status", "complete"]), "", "both must hold");
}

#[test]
fn one_job_is_found_with_its_regions() {
    let emulator = emulator(5);
    let access = Access::owner(&emulator);
    let listed = access.run(&["list", "-o", "json"]).ends(0).json()["jobs"][0].clone();
    let id = listed["job_id"].to_string();
    let get = |format: &str| access.run(&["get", &id, "-o", format]).ends(0);
    let job = get("json").json();
    for (name, value) in listed.as_object().unwrap() {
        assert_eq!(&job[name], value, "{name}");
    }
    let regions = job["regions"]["list"].as_array().unwrap();
    assert_eq!(job["regions"]["total"], regions.len());
    assert!(!regions.is_empty() && job["request_id"].is_string() && job["read_time"].is_string());
    assert!(get("table").stdout.starts_with(&format!("job        {id}\n")));
    let raw = get("raw").json();
    assert_eq!((raw["JobId"].to_string(), raw["Status"].as_array().unwrap().len()), (id, regions.len()));
}

#[test]
fn a_job_that_nobody_has_is_66() {
    let emulator = emulator(1);
    let outcome = Access::owner(&emulator).run(&["get", "1"]).ends(66).says("there is no job 1").says("RequestId: ");
    assert_eq!(outcome.stdout, "");
}

#[test]
fn what_one_identity_may_not_see_does_not_hide_what_another_may() {
    let emulator = emulator(3);
    let (owner, denied) = (Access::owner(&emulator), Access::of(&emulator, "-denied"));
    let home = home_with("own", &[owner.profile("own"), denied.profile("denied")]);
    let endpoint = emulator.url();
    let both = |arguments: &[&str]| -> Outcome {
        let flags = ["--profile", "own,denied", "--endpoint", endpoint.as_str()];
        let arguments = [arguments, &flags].concat();
        crate::program::command(home.path(), &[], &arguments).output().unwrap().into()
    };
    let listed = both(&["list", "-o", "json"]).ends(77).says("actiontrail:ListDeliveryHistoryJobs").says("RequestId: ");
    let document = listed.json();
    assert_eq!((document["jobs"].as_array().unwrap().len(), &document["complete"]), (3, &Value::Bool(false)));
    assert_eq!(document["targets"][0]["error"], Value::Null);
    assert_eq!(document["targets"][1]["error"]["http_status"], 403);

    let id = document["jobs"][0]["job_id"].to_string();
    let found = both(&["get", &id, "-o", "json"]).ends(0).says("warning: denied/");
    assert_eq!(found.json()["profile"], "own");
    both(&["get", "1"]).ends(77).says("own/").says("actiontrail:GetDeliveryHistoryJob");
}

#[test]
fn a_wrong_secret_and_a_token_are_told_apart() {
    let emulator = emulator(1);
    assert_eq!(Access::of(&emulator, "-sts").run(&["list", "-o", "id"]).ends(0).stdout.lines().count(), 1);
    let owner = Access::owner(&emulator);
    let wrong = owner.variables().into_iter().map(|(name, value)| match name {
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET" => (name, "wrong-secret"),
        _ => (name, value),
    });
    let wrong: Vec<_> = wrong.collect();
    let outcome = run(&wrong, &["list", "-vvv"]).ends(77).says("SignatureDoesNotMatch").says("check the access key id");
    assert!(!outcome.stderr.contains("wrong-secret"), "{}", outcome.stderr);
}

#[test]
fn the_demo_needs_no_key_and_has_three_accounts_in_four_regions() {
    let document = run(&[], &["--demo", "list", "-o", "json"]).ends(0).json();
    assert_eq!(document["targets"].as_array().unwrap().len(), 4);
    assert!(document["jobs"].as_array().unwrap().iter().any(|job| job["status"] == "delivering"));
    let id = document["jobs"][0]["job_id"].to_string();
    run(&[], &["get", &id, "--demo"]).ends(0);
    let wanted = ["--profile", "prod", "--endpoint", "http://127.0.0.1:9"];
    let outcome = run(&[], &[&["--demo", "list", "-o", "json"], &wanted[..]].concat()).ends(0);
    assert_eq!(outcome.json()["targets"].as_array().unwrap().len(), 4);
    outcome.says("warning: the demo has its own targets: --profile and --endpoint ");
}
