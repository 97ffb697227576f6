//! A small world for the dashboard's tests: reports go through the real store, so that its snapshots are real ones.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::{Terminal, backend::TestBackend, buffer::Buffer, layout::Size};
use serde_json::{json, value::to_raw_value};

use crate::{
    acs::{self, ApiError},
    actiontrail::{self, Operation},
    engine::{Error, Report, Snapshot, Store, Sweep, TargetIndex, TargetState},
    job::{
        Job, JobId, ProfileName, Region, RegionStatus, Regions, Status, TargetKey, Timestamp, Window, coverage::Rules,
    },
    tui::{App, Charset, Colors, Effect, Event, Preferences, Theme, Update, draw},
};

pub(super) const PROD: TargetIndex = TargetIndex(0);
pub(super) const AUDIT: TargetIndex = TargetIndex(1);

pub(super) fn now() -> Timestamp {
    "2026-11-24T20:41:12Z".parse().unwrap()
}

fn ago(minutes: i64) -> Timestamp {
    now() - TimeDelta::minutes(minutes)
}

/// A job that was created and updated so many minutes ago.
pub(super) fn job(id: i64, trail: &str, home: &str, status: Status, created: i64, updated: i64) -> Job {
    let (created, updated) = (ago(created), ago(updated));
    let window = Window { start: Some(created - TimeDelta::days(90)), end: Some(created + TimeDelta::minutes(5)) };
    let raw = json!({"JobId": id, "TrailName": trail, "HomeRegion": home, "JobStatus": status.code(), "UpdatedTime": updated.to_rfc3339()});
    Job {
        id: JobId::new(id),
        trail: trail.into(),
        home: Some(home.into()),
        status,
        created: Some(created),
        updated: Some(updated),
        window,
        raw: to_raw_value(&raw).unwrap().into(),
    }
}

pub(super) fn jobs() -> Vec<Job> {
    vec![
        job(16644, "audit-all", "cn-hangzhou", Status::Delivering, 12, 1),
        job(16640, "payments-audit", "cn-hangzhou", Status::Failed, 192, 151),
        job(16602, "trail-name", "cn-hangzhou", Status::Complete, 2 * 1440, 2 * 1440 - 3),
        job(16590, "payments-audit", "cn-hangzhou", Status::Unknown(7), 9 * 1440, 9 * 1440 - 20),
    ]
}

pub(super) fn many(count: i64) -> Vec<Job> {
    (1..=count).map(|id| job(id, "audit-all", "cn-hangzhou", Status::Complete, 100_000 - id, 99_990 - id)).collect()
}

pub(super) fn sweep(jobs: Vec<Job>) -> Sweep {
    let total = Some(jobs.len() as u64);
    Sweep {
        jobs: Arc::new(jobs.into_iter().collect()),
        at: now() - TimeDelta::seconds(2),
        total,
        request_ids: vec!["B190816C-6DCA-4DC5-9B8E-EE0367B57CFF".into()],
        ..Sweep::default()
    }
}

/// Regions of which the first `complete` are complete, the next `failed` failed, and the others still to come.
pub(super) fn regions(complete: usize, failed: usize) -> Regions {
    let names = [
        "cn-beijing",
        "cn-chengdu",
        "cn-hangzhou",
        "cn-hongkong",
        "cn-shanghai",
        "cn-shenzhen",
        "eu-central-1",
        "us-west-1",
    ];
    let status = |at: usize| match at {
        _ if at < complete => Status::Complete,
        _ if at < complete + failed => Status::Failed,
        _ => Status::Initializing,
    };
    let row = |(at, name): (usize, &&str)| RegionStatus { region: (*name).into(), status: status(at) };
    Regions {
        rows: names.iter().enumerate().map(row).collect(),
        read: now() - TimeDelta::seconds(2),
        request_id: Some("0A7E5C2D-1F3B-5E9A-8C64-2B7D90E1F358".into()),
    }
}

/// A refusal of the API.
pub(super) fn refusal(code: &str, message: &str, http_status: u16) -> Arc<Error> {
    let source = acs::Error::Api(Box::new(ApiError {
        code: code.into(),
        message: message.into(),
        http_status,
        request_id: Some("5C1E0D3A-9B7F-5A44-B7C1-6F2E8D9A0B13".into()),
        denied_action: None,
        retry_after: None,
        server_time: None,
    }));
    Arc::new(Error::Call(actiontrail::Error { operation: Operation::List, source }))
}

/// The snapshot after these reports, over the target prod/cn-hangzhou.
pub(super) fn one_target(reports: impl IntoIterator<Item = Report>) -> Arc<Snapshot> {
    snapshot(&[("prod", "cn-hangzhou")], reports)
}

/// The snapshot after these reports, over two targets.
pub(super) fn two_targets(reports: impl IntoIterator<Item = Report>) -> Arc<Snapshot> {
    snapshot(&[("prod", "cn-hangzhou"), ("audit", "cn-shanghai")], reports)
}

/// The snapshots of one target after each report.
pub(super) fn one_target_over_time(reports: impl IntoIterator<Item = Report>) -> Vec<Arc<Snapshot>> {
    over_time(&[("prod", "cn-hangzhou")], reports)
}

/// The snapshots of these targets after each report.
pub(super) fn over_time(targets: &[(&str, &str)], reports: impl IntoIterator<Item = Report>) -> Vec<Arc<Snapshot>> {
    let mut store = store(targets);
    reports.into_iter().filter_map(|report| store.apply(report, now())).collect()
}

/// The snapshot after these reports, over these targets.
pub(super) fn snapshot(targets: &[(&str, &str)], reports: impl IntoIterator<Item = Report>) -> Arc<Snapshot> {
    let mut store = store(targets);
    for report in reports {
        store.apply(report, now());
    }
    Arc::clone(store.snapshot())
}

fn store(targets: &[(&str, &str)]) -> Store {
    let state = |(profile, region): &(&str, &str)| {
        let key = TargetKey { profile: ProfileName::new(profile).unwrap(), region: Region::new(region).unwrap() };
        TargetState::new(key, &format!("actiontrail.{region}.aliyuncs.com"), "environment (LTAI****WXYZ)")
    };
    Store::new(targets.iter().map(state).collect(), Duration::from_secs(10), Rules::default())
}

/// A dashboard on a screen of this size.
pub(super) fn app(snapshot: Arc<Snapshot>, width: u16, height: u16) -> App {
    App::new(snapshot, Size { width, height }, preferences(Charset::Unicode), now())
}

pub(super) fn preferences(charset: Charset) -> Preferences {
    Preferences { theme: Theme::new(charset, Colors::Sixteen), keys: Arc::default(), mark: None, marks: Arc::default() }
}

/// The dashboard of [`jobs`].
pub(super) fn usual(width: u16, height: u16) -> App {
    let reports = [
        Report::Swept(PROD, sweep(jobs())),
        Report::Regions(PROD, JobId::new(16644), Ok(regions(5, 0))),
        Report::Regions(PROD, JobId::new(16640), Ok(regions(4, 2))),
    ];
    app(one_target(reports), width, height)
}

/// Presses keys: characters, or names in angle brackets such as `<Esc>`, `<C-d>`.
pub(super) fn press(app: &mut App, keys: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    let mut rest = keys;
    while let Some(first) = rest.chars().next() {
        let (name, after) = match rest.strip_prefix('<').and_then(|named| named.split_once('>')) {
            Some((name, after)) => (name, after),
            None => rest.split_at(first.len_utf8()),
        };
        rest = after;
        effects.extend(app.update(now(), Event::Key(key(name))).effects);
    }
    effects
}

fn key(name: &str) -> KeyEvent {
    let plain = |code| KeyEvent::new(code, KeyModifiers::NONE);
    match name {
        "Esc" => plain(KeyCode::Esc),
        "Enter" => plain(KeyCode::Enter),
        "Up" => plain(KeyCode::Up),
        "Down" => plain(KeyCode::Down),
        "PgUp" => plain(KeyCode::PageUp),
        "PgDn" => plain(KeyCode::PageDown),
        "BS" => plain(KeyCode::Backspace),
        "Tab" => plain(KeyCode::Tab),
        "BackTab" => plain(KeyCode::BackTab),
        "Space" => plain(KeyCode::Char(' ')),
        _ => match name.strip_prefix("C-").and_then(|rest| rest.chars().next()) {
            Some(char) => KeyEvent::new(KeyCode::Char(char), KeyModifiers::CONTROL),
            None => plain(KeyCode::Char(name.chars().next().unwrap())),
        },
    }
}

pub(super) fn show(app: &mut App, snapshot: &Arc<Snapshot>) -> Update {
    app.update(now(), Event::Snapshot(Arc::clone(snapshot)))
}

/// The frame as cells, and when it changes by itself.
pub(super) fn frame(app: &App) -> (Buffer, Option<Timestamp>) {
    let look = app.look(now());
    let mut terminal = Terminal::new(TestBackend::new(app.size.width, app.size.height)).unwrap();
    terminal.draw(|frame| draw(app, &look, frame)).unwrap();
    (terminal.backend().buffer().clone(), look.next_change())
}

/// The frame as text, a line a row.
pub(super) fn screen(app: &App) -> String {
    text(&frame(app).0)
}

/// The cells as text; the second half of a wide character is left out.
pub(super) fn text(buffer: &Buffer) -> String {
    let mut lines = String::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        let mut hidden = 0;
        for x in 0..buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            if hidden > 0 {
                hidden -= 1;
                continue;
            }
            line.push_str(symbol);
            hidden = crate::text::width(symbol).saturating_sub(1);
        }
        lines.push_str(line.trim_end());
        lines.push('\n');
    }
    lines
}

/// The id of the selected job.
pub(super) fn selected(app: &App) -> i64 {
    app.selected().unwrap().id.get()
}
