//! Every format of one fixed snapshot with the worst that a service may answer, pinned: what scripts rely on.

use std::{collections::BTreeMap, io, sync::Arc, time::Duration};

use chrono::TimeDelta;
use serde_json::{Value, value::RawValue};

use super::{Format, Found, Headers, JobFormat, Listing, Paint, write_job, write_list};
use crate::{
    acs::{self, ApiError},
    actiontrail::{self, Detail, Operation},
    engine::{Error, Health, Jobs, Log, Quality, Read, Snapshot, TargetState, Why},
    job::{
        AccountId, Job, JobId, Order, ProfileName, Region, RegionStatus, Regions, Status, TargetKey, Timestamp, Window,
    },
};

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(super) fn now() -> Timestamp {
    at("2026-11-24T20:00:00Z")
}

pub(super) fn target_key(profile: &str, region: &str) -> TargetKey {
    TargetKey { profile: ProfileName::new(profile).unwrap(), region: Region::new(region).unwrap() }
}

pub(super) fn job(id: i64, status: Status, trail: &str) -> Job {
    let raw =
        serde_json::json!({ "JobId": id, "JobStatus": status.code(), "TrailName": trail, "New": {"Deep": [1.50]} });
    Job {
        id: JobId::new(id),
        trail: trail.into(),
        home: Some("cn-hangzhou".into()),
        status,
        created: Some(at("2021-04-26T03:17:04Z")),
        updated: Some(at("2021-04-26T03:20:08Z")),
        window: Window { start: Some(at("2021-01-26T03:17:04Z")), end: Some(at("2021-04-26T03:22:04Z")) },
        raw: RawValue::from_string(raw.to_string()).unwrap().into(),
    }
}

/// Names that a terminal would obey, that a spreadsheet would run, or that are wider than they look.
fn hostile() -> Vec<Job> {
    let nothing = Window::default();
    vec![
        job(16_602, Status::Complete, "trail-name"),
        job(16_603, Status::Failed, "\u{1b}[2J\u{1b}]0;owned\u{7}"),
        job(16_604, Status::Unknown(7), "line\r\nbreak,\"quoted\""),
        job(16_605, Status::Unknown(-1), "bidi\u{202e}txt.exe\u{2066}\u{9b}\u{7f}\u{2028}"),
        job(16_606, Status::Complete, &format!("zalgo{}", "\u{301}".repeat(40))),
        job(16_607, Status::Complete, "审计追踪-全部"),
        job(16_608, Status::Complete, "=cmd|' /C calc'!A0"),
        Job {
            created: Some(at("2026-11-24T19:48:00Z")),
            home: Some("cn-shanghai".into()),
            ..job(16_644, Status::Delivering, "audit-all")
        },
        Job { created: None, updated: None, home: None, window: nothing, ..job(9, Status::Initializing, "") },
    ]
}

pub(super) fn read(jobs: usize, quality: Quality) -> Read {
    let request_ids = ["B190816C-0001", "B190816C-0002\u{1b}[0m"].map(Arc::from).into();
    Read { at: at("2026-11-24T19:59:58Z"), quality, total: Some(jobs as u64), request_ids, next_in: Duration::ZERO }
}

pub(super) fn target(profile: &str, mut jobs: Vec<Job>) -> TargetState {
    jobs.sort_by_key(|job| job.id);
    let key = target_key(profile, "cn-hangzhou");
    let mut state = TargetState::new(key, "actiontrail.cn-hangzhou.aliyuncs.com", "environment (LTAI****WXYZ)");
    state.signing.official = Some(state.key.profile.clone());
    state.read = Some(read(jobs.len(), Quality::Whole));
    state.health = Health::Ok;
    state.account = Some(AccountId::new("1234567890123456"));
    state.jobs = Arc::new(Jobs { rows: jobs.into() });
    state
}

pub(super) fn regions() -> Regions {
    let row = |region: &str, status| RegionStatus { region: region.into(), status };
    let rows = [
        row("cn-beijing", Status::Failed),
        row("cn-hangzhou", Status::Complete),
        row("cn-\u{1b}[31mred", Status::Unknown(8)),
    ];
    Regions { rows: rows.into(), read: at("2026-11-24T19:59:59Z"), request_id: Some("R\u{202e}-7".into()) }
}

/// A whole target, and one that is refused.
pub(super) fn partial() -> Snapshot {
    let mut whole = target("prod", hostile());
    whole.regions = Arc::new(BTreeMap::from([(JobId::new(16_644), Arc::new(regions()))]));
    whole.clock_offset = TimeDelta::seconds(60);
    let mut refused = TargetState::new(target_key("audit\u{1b}[5m", "cn-shanghai"), "http://127.0.0.1:8080", "x");
    let api = ApiError {
        code: "NoPermission".into(),
        message: "You are not\nauthorized\u{9b}.".into(),
        http_status: 403,
        request_id: Some("B19".into()),
        denied_action: None,
        retry_after: None,
        server_time: None,
    };
    let error = actiontrail::Error { operation: Operation::List, source: acs::Error::Api(Box::new(api)) };
    refused.health = Health::Refused { since: now(), error: Arc::new(Error::Call(error)) };
    snapshot(vec![whole, refused])
}

pub(super) fn snapshot(targets: Vec<TargetState>) -> Snapshot {
    Snapshot {
        rev: 1,
        targets: targets.into_iter().map(Arc::new).collect(),
        interval: Duration::from_secs(10),
        calls_per_minute: 0,
        log: Log::default(),
        errors: Default::default(),
        news: Arc::default(),
        history: None,
        notice: None,
    }
}

fn written(format: Format, snapshot: &Snapshot, headers: Headers, paint: Paint) -> String {
    let mut out = Vec::new();
    let listing = Listing::sorted(snapshot, Order::default(), now());
    write_list(&mut out, format, &listing, headers, paint).unwrap();
    String::from_utf8(out).unwrap()
}

pub(super) fn plain(format: Format, snapshot: &Snapshot) -> String {
    let text = written(format, snapshot, Headers::Shown, Paint::Plain);
    let unsafe_char = |char: char| char.is_control() && !matches!(char, '\n' | '\r');
    assert!(!text.chars().any(unsafe_char), "{text:?}");
    text
}

fn found(format: JobFormat, paint: Paint) -> String {
    let job = hostile().remove(4);
    let raw = RawValue::from_string("{\"JobId\": 16606,\n \"TrailName\":\"a\u{9b}b\"}".into()).unwrap();
    let detail = Detail { job, regions: regions(), raw: raw.into() };
    let found = Found { target: &target_key("prod", "cn-hangzhou"), account: None, detail: &detail, now: now() };
    let mut out = Vec::new();
    write_job(&mut out, format, &found, paint).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn table() {
    insta::assert_snapshot!(plain(Format::Table, &partial()));
}

#[test]
fn json() {
    insta::assert_snapshot!(plain(Format::Json, &partial()));
}

#[test]
fn ndjson() {
    insta::assert_snapshot!(plain(Format::Ndjson, &partial()));
}

#[test]
fn csv() {
    let text = plain(Format::Csv, &partial());
    assert!(text.split_inclusive('\n').all(|line| line.ends_with("\r\n")), "RFC 4180");
    insta::assert_snapshot!(text.replace("\r\n", "⏎\n"));
}

#[test]
fn raw() {
    insta::assert_snapshot!(plain(Format::Raw, &snapshot(vec![target("prod", hostile())])));
}

#[test]
fn id() {
    assert_eq!(
        plain(Format::Id, &partial()).lines().collect::<Vec<_>>().join(" "),
        "16644 9 16603 16605 16604 16608 16607 16606 16602"
    );
}

#[test]
fn one_job() {
    insta::assert_snapshot!("job_table", found(JobFormat::Table, Paint::Plain));
    insta::assert_snapshot!("job_json", found(JobFormat::Json, Paint::Plain));
    assert_eq!(found(JobFormat::Raw, Paint::Plain), "{\"JobId\": 16606,\n \"TrailName\":\"a\\u009bb\"}\n");
}

#[test]
fn colours_are_the_only_sequences_and_change_no_width() {
    let plain = written(Format::Table, &partial(), Headers::Shown, Paint::Plain);
    let coloured = written(Format::Table, &partial(), Headers::Shown, Paint::Coloured);
    let sequences = ["\u{1b}[1m", "\u{1b}[31m", "\u{1b}[32m", "\u{1b}[33m", "\u{1b}[36m", "\u{1b}[0m"];
    assert_eq!(sequences.iter().fold(coloured.clone(), |text, sequence| text.replace(sequence, "")), plain);
    assert!(coloured.contains("\u{1b}[31mfailed"));
    assert!(found(JobFormat::Table, Paint::Coloured).contains("\u{1b}[32mcomplete\u{1b}[0m"));
}

#[test]
fn every_column_begins_where_its_title_does() {
    let text = plain(Format::Table, &partial());
    let (title, rows) = text.split_once('\n').unwrap();
    let column = crate::text::width(&title[..title.find("TARGET").unwrap()]);
    for row in rows.lines() {
        assert_eq!(crate::text::width(&row[..row.find("prod/").unwrap()]), column, "{row}");
    }
}

#[test]
fn headers_can_be_left_out() {
    let shown = plain(Format::Table, &partial());
    let hidden = written(Format::Table, &partial(), Headers::Hidden, Paint::Plain);
    assert_eq!(hidden.lines().count() + 1, shown.lines().count());
    assert!(!hidden.contains("STATUS"));
    assert!(written(Format::Csv, &partial(), Headers::Hidden, Paint::Plain).starts_with("16644,audit-all,"));
}

#[test]
fn one_absurd_name_does_not_fill_every_line() {
    let long = "x".repeat(5_000);
    let text = plain(
        Format::Table,
        &snapshot(vec![target("p", vec![job(1, Status::Complete, &long), job(2, Status::Complete, "y")])]),
    );
    assert!(text.contains(&long), "it is not cut");
    assert!(text.lines().filter(|line| !line.contains(&long)).all(|line| line.len() < 200), "{text}");
}

#[test]
fn an_unconfirmed_read_says_so() {
    let mut state = target("prod", vec![job(1, Status::Complete, "t")]);
    let why = Why::Contradicted { read: 1, announced: 2 };
    state.read = Some(read(2, Quality::Unconfirmed(why)));
    let json: Value = serde_json::from_str(&plain(Format::Json, &snapshot(vec![state]))).unwrap();
    assert_eq!(json["complete"], false);
    assert_eq!(json["targets"][0]["error"]["code"], "Unconfirmed");
    assert!(json["targets"][0]["error"]["message"].as_str().unwrap().contains("announces 2 jobs but lists 1"));
}

#[test]
fn raw_takes_one_target_and_nothing_claims_what_is_unread() {
    let two = partial();
    let listing = Listing::sorted(&two, Order::default(), now());
    let mut out = Vec::new();
    let error = write_list(&mut out, Format::Raw, &listing, Headers::Shown, Paint::Plain).unwrap_err();
    assert_eq!((error.to_string().ends_with("exactly one target, not 2"), out.len()), (true, 0));
    let unread = TargetState::new(target_key("p", "cn-hangzhou"), "h", "c");
    let unread = snapshot(vec![unread]);
    for format in [Format::Table, Format::Csv, Format::Ndjson, Format::Raw, Format::Id] {
        assert_eq!(plain(format, &unread), "", "{format:?}");
    }
    assert!(plain(Format::Json, &unread).contains("\"complete\": false"));
}

#[test]
fn a_closed_pipe_is_an_error_and_no_panic() {
    struct Closed;
    impl io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let snapshot = snapshot(vec![target("prod", hostile())]);
    let listing = Listing::sorted(&snapshot, Order::default(), now());
    for format in
        [Format::Table, Format::Json, Format::Ndjson, Format::Csv, Format::Raw, Format::Id, Format::Prometheus]
    {
        let error = write_list(&mut Closed, format, &listing, Headers::Shown, Paint::Plain).unwrap_err();
        assert!(
            matches!(&error, super::Error::Io(io) if io.kind() == io::ErrorKind::BrokenPipe),
            "{format:?}: {error}"
        );
    }
}
