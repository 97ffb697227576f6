//! What is written of trails, from snapshots of the real store.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use insta::assert_snapshot;

use super::*;
use crate::{
    acs::{self, ApiError},
    actiontrail::{self, Operation, TrailList},
    engine::{Error, Report, Store, Sweep, TargetIndex},
    job::{Job, ProfileName, Region, Status, TargetKey, Trail, TrailStatus, Window, coverage::Rules, tests::job},
};

const PROD: TargetIndex = TargetIndex(0);
const AUDIT: TargetIndex = TargetIndex(1);

fn now() -> Timestamp {
    "2026-11-24T20:41:12.345Z".parse().unwrap()
}

fn ago(days: i64) -> Timestamp {
    "2026-11-24T20:41:12Z".parse::<Timestamp>().unwrap() - TimeDelta::days(days)
}

fn trail(name: &str, days: i64) -> Trail {
    let on = Some(ago(days));
    Trail {
        name: name.into(),
        home: Some("cn-hangzhou".into()),
        switch: Switch::On,
        sls_project: Some(format!("acs:log:cn-hangzhou:1:project/{name}").into()),
        events: Some("All".into()),
        regions: Some("All".into()),
        created: on,
        started: on,
        ..Trail::default()
    }
}

fn made(id: i64, trail: &str, status: Status, days: i64) -> Job {
    let (created, home) = (ago(days), Some("cn-hangzhou".into()));
    let window = Window { start: Some(created - TimeDelta::days(90)), end: Some(created + TimeDelta::minutes(5)) };
    Job { trail: trail.into(), home, status, created: Some(created), updated: Some(created), window, ..job(id) }
}

fn store() -> Store {
    let state = |profile: &str| {
        let key =
            TargetKey { profile: ProfileName::new(profile).unwrap(), region: Region::new("cn-hangzhou").unwrap() };
        TargetState::new(key, "actiontrail.cn-hangzhou.aliyuncs.com", "environment (LTAI****WXYZ)")
    };
    Store::new(vec![state("prod"), state("audit")], Duration::from_secs(10), Rules::default())
}

fn swept(at: TargetIndex, jobs: Vec<Job>) -> Report {
    Report::Swept(at, Sweep { jobs: Arc::new(jobs.into_iter().collect()), at: now(), ..Sweep::default() })
}

fn told(at: TargetIndex, trails: Vec<Trail>) -> Report {
    Report::Trails(at, Ok(TrailList { trails, faults: Vec::new(), request_id: None }))
}

fn denied(at: TargetIndex) -> Report {
    let source = acs::Error::Api(Box::new(ApiError {
        code: "NoPermission".into(),
        message: "You are not authorized.".into(),
        http_status: 403,
        request_id: Some("R1".into()),
        denied_action: None,
        retry_after: None,
        server_time: None,
    }));
    Report::Trails(at, Err(Arc::new(Error::Call(actiontrail::Error { operation: Operation::Trails, source }))))
}

/// One trail of each kind.
fn all_kinds() -> Store {
    let mut store = store();
    let ill = TrailStatus {
        logging: Some(true),
        sls_error: Some("write sls failed\u{1b}[2J".into()),
        sls_delivered: Some(ago(3)),
        sls_usable: Some(false),
        error: None,
        started: None,
        stopped: None,
        read: now(),
    };
    let off = Trail { switch: Switch::Off, stopped: Some(ago(10)), ..trail("switched-off", 30) };
    let oss = Trail { sls_project: None, oss_bucket: Some("bucket".into()), ..trail("archive", 400) };
    let trails = vec![
        trail("new-trail", 20),
        trail("good-trail", 40),
        trail("ill\u{202e}trail", 60),
        off,
        oss,
        Trail { scope: TrailScope::Organization, ..trail("of-all", 5) },
    ];
    let jobs = vec![
        made(1, "good-trail", Status::Complete, 40),
        made(2, "ill\u{202e}trail", Status::Failed, 1),
        made(3, "switched-off", Status::Complete, 30),
    ];
    let ill = Report::TrailStatus(PROD, "ill\u{202e}trail".into(), Ok(Some(ill)));
    for report in [swept(PROD, jobs), swept(AUDIT, Vec::new()), told(PROD, trails), ill, denied(AUDIT)] {
        store.apply(report, now());
    }
    store
}

fn written(store: &Store, format: CoverageFormat, filter: &str) -> String {
    let filter = Filter::parse(filter).and_then(Filter::of_trails).unwrap();
    let listing = TrailListing::filtered(store.snapshot(), &filter, now());
    let mut out = Vec::new();
    write_coverage(&mut out, format, &listing, Headers::Shown, Paint::Plain).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_line_for_each_trail() {
    assert_snapshot!(written(&all_kinds(), CoverageFormat::Table, ""));
}

#[test]
fn a_document_for_auditors() {
    let json = written(&all_kinds(), CoverageFormat::Json, "!trail:of-all !trail:archive !trail:good-trail");
    assert!(json.contains("write sls failed\\u001b[2J") && !json.contains('\u{202e}'));
    assert_snapshot!(json);
}

#[test]
fn a_filter_chooses_and_where_nothing_was_read_nothing_is_said() {
    let table = written(&all_kinds(), CoverageFormat::Table, "is:uncovered");
    assert_eq!(table.lines().count(), 3, "{table}");
    assert_eq!(written(&store(), CoverageFormat::Table, ""), "");
    let unread: serde_json::Value = serde_json::from_str(&written(&store(), CoverageFormat::Json, "")).unwrap();
    assert_eq!((&unread["complete"], unread["targets"].as_array().unwrap().len()), (&false.into(), 2));
}

#[test]
fn a_trail_that_two_targets_tell_of_is_one() {
    let mut store = store();
    for at in [PROD, AUDIT] {
        store.apply(told(at, vec![trail("new-trail", 20)]), now());
    }
    assert_eq!(written(&store, CoverageFormat::Table, "").lines().count(), 3, "two accounts, as far as is known");
    let one = Trail { home: Some("cn-hangzhou".into()), ..trail("new-trail", 20) };
    store.apply(told(PROD, vec![one.clone(), one]), now());
    assert_eq!(written(&store, CoverageFormat::Table, "").lines().count(), 3);
}
