//! `coverage`, and lists that ask about trails, over real HTTP.

use std::collections::BTreeSet;

use serde_json::Value;
use trailwatch::emulator::{Fault, FaultKind, On, Operation};

use crate::program::{Access, Outcome, emulator};

/// The names of the trails of a document, and what is said of each.
fn trails(outcome: &Outcome) -> BTreeSet<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let document = outcome.json();
    document["trails"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (text(&row["trail_name"]), text(&row["coverage"])))
        .collect()
}

#[test]
fn every_trail_has_its_last_90_days() {
    let emulator = emulator(44);
    let access = Access::owner(&emulator);
    let outcome = access.run(&["coverage", "-o", "json"]).ends(0);
    let expected = [
        ("audit-all", "covered"),
        ("legacy-audit", "uncovered"),
        ("orders-audit", "uncovered"),
        ("oss-archive", "not_to_sls"),
        ("payments-audit", "covered"),
        ("trail-name", "covered"),
    ];
    assert_eq!(trails(&outcome), expected.map(|(name, word)| (name.to_owned(), word.to_owned())).into());
    let document = outcome.json();
    assert_eq!((&document["complete"], &document["targets"][0]["error"]), (&Value::Bool(true), &Value::Null));
    for row in document["trails"].as_array().unwrap().iter().filter(|row| row["coverage"] != "not_to_sls") {
        let seconds = |name: &str| row[name].as_i64().unwrap();
        assert_eq!(seconds("covered_seconds") + seconds("hole_seconds"), 90 * 86_400, "{row}");
    }
    let ill = document["trails"].as_array().unwrap().iter().find(|row| row["trail_name"] == "legacy-audit").unwrap();
    assert!(ill["latest_delivery_log_service_error"].as_str().unwrap().starts_with("write sls failed"), "{ill}");

    let table = access.run(&["coverage", "--filter", "is:uncovered"]).ends(0).stdout;
    let lines: Vec<_> = table.lines().collect();
    assert!(lines[0].starts_with("COVERAGE") && lines.len() == 3 && lines[2].contains("orders-audit"), "{table}");
    assert_eq!(emulator.stats().calls(Operation::DescribeTrails), 2, "once for each run");
}

#[test]
fn a_script_asks_whether_a_trail_is_uncovered() {
    let emulator = emulator(44);
    let access = Access::owner(&emulator);
    access.run(&["coverage", "--exit-status"]).ends(1).says("error: 2 trails lack events of the last 90 days");
    access.run(&["coverage", "--exit-status", "--filter", "trail:audit-all"]).ends(0);
    access.run(&["coverage", "--filter", "status:failed"]).ends(2).says("this asks about a job, and here are trails");
}

#[test]
fn only_what_asks_about_trails_reads_them() {
    let emulator = emulator(44);
    let access = Access::owner(&emulator);
    for arguments in [&["list"][..], &["list", "--filter", "is:open"], &["list", "--exit-status"]] {
        access.run(arguments);
    }
    assert_eq!(emulator.stats().calls(Operation::DescribeTrails), 0);
    let jobs = access.run(&["list", "--filter", "is:uncovered", "-o", "json"]).ends(0).json();
    let jobs = jobs["jobs"].as_array().unwrap();
    assert!(!jobs.is_empty() && jobs.iter().all(|job| job["trail_name"] == "legacy-audit"), "{jobs:?}");
    assert_eq!(emulator.stats().calls(Operation::DescribeTrails), 1);
    for arguments in [["watch", "--filter", "is:uncovered"], ["wait", "--filter", "is:uncovered"]] {
        access.run(&arguments).ends(2).says("is:uncovered asks about trails");
    }
}

#[test]
fn a_missing_permission_is_named_and_what_could_be_read_is_printed() {
    let emulator = emulator(44);
    let outcome = Access::of(&emulator, "-no-trails").run(&["coverage", "-o", "json"]).ends(77);
    let outcome = outcome.says("grant the RAM action actiontrail:DescribeTrails");
    assert_eq!((&outcome.json()["complete"], trails(&outcome).len()), (&Value::Bool(false), 0));
    let listed = Access::of(&emulator, "-no-trails").run(&["list", "--filter", "is:uncovered"]).ends(77);
    listed.says("actiontrail:DescribeTrails");
    let all = Access::of(&emulator, "-denied").run(&["coverage"]).ends(77);
    assert_eq!(all.stdout, "");
    all.says("actiontrail:ListDeliveryHistoryJobs").says("actiontrail:DescribeTrails");
    assert_eq!(Access::of(&emulator, "-no-get").run(&["coverage"]).ends(0).stdout.lines().count(), 7);
}

#[test]
fn trails_that_can_not_be_read_now_are_not_called_uncovered() {
    let emulator = emulator(44);
    let on = On::Only(vec![Operation::DescribeTrails]);
    emulator.set_faults(vec![Fault { on, ..Fault::always(FaultKind::ServiceUnavailable) }]);
    let outcome = Access::owner(&emulator).run(&["coverage", "--exit-status", "--timeout", "200ms"]).ends(69);
    assert_eq!(outcome.says("ServiceUnavailable").stdout, "");
}

#[test]
fn a_delivery_that_broke_is_found_without_any_failed_job() {
    let emulator = emulator(0);
    let document = Access::owner(&emulator).run(&["coverage", "-o", "json"]).ends(0).json();
    let ill = document["trails"].as_array().unwrap().iter().find(|row| row["trail_name"] == "legacy-audit").unwrap();
    assert!(ill["latest_delivery_log_service_error"].as_str().unwrap().starts_with("write sls failed"), "{ill}");
    assert_eq!(emulator.stats().calls(Operation::GetTrailStatus), 5, "each that should deliver is asked for once");
}
