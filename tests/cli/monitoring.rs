//! What cron and Prometheus are told: a failure that is open, all well, and that it can't be known, never one for another.

use crate::program::{Access, KEYS, Outcome, api_error, command, emulator, home_with, http, run, serve};

/// A list of jobs as the service answers; a day old, so that nothing is expired.
fn jobs(statuses: &[i64]) -> String {
    let at = |days_ago: u64| {
        let time = std::time::SystemTime::now() - std::time::Duration::from_secs(days_ago * 24 * 60 * 60);
        chrono::DateTime::<chrono::Utc>::from(time).to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    };
    let job = |(id, status): (usize, &i64)| {
        serde_json::json!({ "JobId": id + 1, "JobStatus": status, "TrailName": format!("trail-{id}"), "HomeRegion": "cn-hangzhou",
            "CreatedTime": at(1), "UpdatedTime": at(1), "StartTime": at(9), "EndTime": at(1) })
    };
    let jobs: Vec<_> = statuses.iter().enumerate().map(job).collect();
    let page = serde_json::json!({ "DeliveryHistoryJobs": jobs, "TotalCount": jobs.len(), "RequestId": "R" });
    http("200 OK", "application/json", &page.to_string())
}

const COMPLETE: i64 = 2;
const FAILED: i64 = 3;
const DELIVERING: i64 = 1;

fn list(answer: String, arguments: &[&str]) -> Outcome {
    let url = serve(move |_| answer.clone());
    run(&KEYS, &[&["list", "--no-journal", "--timeout", "300ms", "--endpoint", &url], arguments].concat())
}

/// Reads with a profile for each word: "well" has a complete job, "failed" an open failure, "busy" and "refused" nothing.
fn targets(profiles: &str, arguments: &[&str]) -> Outcome {
    let url = serve(|head| {
        if head.contains("Credential=refused") {
            api_error("403 Forbidden", "NoPermission")
        } else if head.contains("Credential=busy") {
            api_error("503 Service Unavailable", "ServiceUnavailable")
        } else {
            jobs(&[if head.contains("Credential=failed") { FAILED } else { COMPLETE }])
        }
    });
    let profile = |name: &str| serde_json::json!({ "name": name, "mode": "AK", "access_key_id": name, "access_key_secret": "hush" });
    let home = home_with("well", &["well", "failed", "busy", "refused"].map(profile));
    let flags = ["--profile", profiles, "--region", "cn-hangzhou", "--timeout", "300ms", "--endpoint", &url];
    command(home.path(), &[], &[&["list", "--no-journal"], arguments, &flags].concat()).output().unwrap().into()
}

#[test]
fn an_open_failure_and_a_stalled_job_are_1_only_where_that_is_asked() {
    assert_eq!(list(jobs(&[COMPLETE]), &["--exit-status"]).ends(0).stderr, "");
    list(jobs(&[]), &["--exit-status"]).ends(0);
    let failed = list(jobs(&[FAILED, COMPLETE, FAILED]), &["--exit-status"]).ends(1);
    assert_eq!(failed.stdout.lines().count(), 4, "it is printed all the same");
    assert_eq!(failed.stderr, "error: the list holds 2 open failures\n");
    list(jobs(&[DELIVERING]), &["--exit-status"]).ends(1).says("the list holds 1 stalled job\n");
    list(jobs(&[DELIVERING, FAILED]), &["--exit-status"]).ends(1).says("1 open failure and 1 stalled job");
    list(jobs(&[DELIVERING]), &["--exit-status", "--stalled-after", "1d"]).ends(1);
    list(jobs(&[FAILED]), &[]).ends(0);
    let access = [KEYS[0], KEYS[1], KEYS[2], ("TRAILWATCH_EXIT_STATUS", "1")];
    let url = serve(|_| jobs(&[FAILED]));
    run(&access, &["list", "--no-journal", "--endpoint", &url]).ends(1);
}

#[test]
fn only_what_the_list_holds_counts() {
    let both = || jobs(&[FAILED, COMPLETE]);
    list(both(), &["--exit-status", "--filter", "trail:trail-1"]).ends(0);
    list(both(), &["--exit-status", "--status", "complete"]).ends(0);
    list(both(), &["--exit-status", "--filter", "trail:trail-0"]).ends(1);
}

#[test]
fn could_not_read_is_never_taken_for_failed_or_for_well() {
    list(api_error("503 Service Unavailable", "ServiceUnavailable"), &["--exit-status"]).ends(69);
    list(api_error("403 Forbidden", "NoPermission"), &["--exit-status"]).ends(77);
    let contradicted = jobs(&[COMPLETE]).replace("\"TotalCount\":1", "\"TotalCount\":2");
    list(contradicted, &["--exit-status"]).ends(69);
    for (profiles, code) in [
        ("well", 0),
        ("well,busy", 69),
        ("well,refused", 77),
        ("refused,busy,well", 69),
        ("failed", 1),
        ("failed,busy", 1),
        ("refused,failed,well", 1),
    ] {
        targets(profiles, &["--exit-status"]).ends(code);
    }
    targets("failed,busy", &["--exit-status"]).ends(1).says("busy/cn-hangzhou: ServiceUnavailable");
    targets("failed,busy", &[]).ends(69);
}

#[test]
fn a_reader_that_has_seen_enough_does_not_change_the_verdict() {
    let url = serve(|_| jobs(&[FAILED; 90]));
    let home = tempfile::TempDir::new().unwrap();
    let arguments = ["list", "--no-journal", "-o", "json", "--exit-status", "--endpoint", &url];
    let mut command = command(home.path(), &KEYS, &arguments);
    let mut child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(1));
}

#[test]
fn the_emulator_s_world_is_judged_as_its_list_is() {
    let emulator = emulator(300);
    let access = Access::owner(&emulator);
    let open = access.run(&["list", "-o", "id", "--filter", "status:failed is:open"]).ends(0).stdout.lines().count();
    let settled = access.run(&["list", "--exit-status", "--filter", "!is:open !is:stalled"]);
    settled.ends(0);
    let all = access.run(&["list", "--exit-status", "-o", "prometheus"]).ends(i32::from(open > 0));
    let line = all.stdout.lines().find(|line| line.starts_with("trailwatch_open_failures{")).unwrap();
    assert!(line.ends_with(&format!(" {open}")), "{line}");
}

#[test]
fn prometheus_is_told_what_is_not_known() {
    let outcome = targets("well,failed,busy,refused", &["-o", "prometheus"]).ends(69);
    let value = |metric: &str, profile: &str| {
        let begins = format!("trailwatch_{metric}{{profile=\"{profile}\",region=\"cn-hangzhou\"");
        let line = outcome.stdout.lines().find(|line| line.starts_with(&begins));
        line.map(|line| line.rsplit(' ').next().unwrap().to_owned())
    };
    let known = ["well", "failed", "busy", "refused"].map(|profile| value("target_up", profile).unwrap());
    assert_eq!(known, ["1", "1", "0", "0"]);
    let open = ["well", "failed", "busy", "refused"].map(|profile| value("open_failures", profile));
    assert_eq!(open, [Some("0".to_owned()), Some("1".to_owned()), None, None]);
    let why = "trailwatch_target_error_info{profile=\"refused\",region=\"cn-hangzhou\",code=\"NoPermission\",kind=\"refused\"} 1\n";
    assert!(outcome.stdout.contains(why), "{}", outcome.stdout);
    let unread = list(api_error("503 Service Unavailable", "ServiceUnavailable"), &["-o", "prometheus"]).ends(69);
    assert!(unread.stdout.contains("\ntrailwatch_target_up{profile=\"env\",region=\"cn-hangzhou\"} 0\n"));
}
