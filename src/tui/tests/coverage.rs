//! The trails behind the jobs: the coverage view, what the details say of a job's trail, and what is missing without a permission.

use std::sync::Arc;

use chrono::TimeDelta;
use insta::assert_snapshot;

use super::{every_pane::everywhere, fixture::*};
use crate::{
    actiontrail::{self, Operation, TrailList},
    engine::{Error, Report, Snapshot, TargetIndex},
    job::{AccountId, Job, JobId, Status, Switch, Trail, TrailStatus, Window},
    tui::{Event, Redraw},
};

fn days_ago(days: i64) -> crate::job::Timestamp {
    now() - TimeDelta::days(days)
}

/// A trail to SLS that is on for so many days.
fn trail(name: &str, days: i64) -> Trail {
    let on = Some(days_ago(days));
    Trail {
        name: name.into(),
        home: Some("cn-hangzhou".into()),
        switch: Switch::On,
        sls_project: Some(format!("acs:log:cn-hangzhou:159498693826****:project/{name}").into()),
        events: Some("All".into()),
        regions: Some("All".into()),
        created: Some(days_ago(400)),
        started: on,
        ..Trail::default()
    }
}

fn list(trails: Vec<Trail>) -> Report {
    Report::Trails(PROD, Ok(TrailList { trails, faults: Vec::new(), request_id: None }))
}

fn ill() -> TrailStatus {
    TrailStatus {
        logging: Some(true),
        sls_error: Some(
            "write sls failed, exception: the parent of sub user must be project owner, itemscount: 1".into(),
        ),
        sls_delivered: Some(days_ago(2)),
        sls_usable: Some(false),
        error: None,
        started: None,
        stopped: None,
        read: now(),
    }
}

fn fares(name: &str, status: Option<TrailStatus>) -> Report {
    Report::TrailStatus(PROD, name.into(), Ok(status))
}

fn denied(operation: Operation) -> Arc<Error> {
    let Error::Call(error) = Error::clone(&refusal("NoPermission", "You are not authorized.", 403)) else {
        panic!("a call")
    };
    Arc::new(Error::Call(actiontrail::Error { operation, ..error }))
}

/// The usual jobs, and one trail of each kind. "trail-name" is gone.
fn reports() -> Vec<Report> {
    let off = Trail { switch: Switch::Off, stopped: Some(days_ago(10)), ..trail("switched-off", 300) };
    let oss = Trail { sls_project: None, oss_bucket: Some("archive".into()), ..trail("oss-archive", 400) };
    let trails = vec![trail("audit-all", 95), trail("payments-audit", 30), trail("orders-audit", 6), off, oss];
    vec![
        Report::Swept(PROD, sweep(jobs())),
        Report::Regions(PROD, JobId::new(16640), Ok(regions(4, 2))),
        list(trails),
        fares("payments-audit", Some(ill())),
    ]
}

fn known() -> Arc<Snapshot> {
    one_target(reports())
}

#[test]
fn coverage_at_every_size() {
    assert_snapshot!("coverage", everywhere(|width, height| app(known(), width, height), "v"));
    assert_snapshot!("coverage_selected", everywhere(|width, height| app(known(), width, height), "vj"));
}

#[test]
fn without_trails_the_coverage_says_why() {
    let unread = || one_target([Report::Swept(PROD, sweep(jobs()))]);
    assert_snapshot!("coverage_unread", everywhere(|width, height| app(unread(), width, height), "v"));
    let refused =
        || one_target([Report::Swept(PROD, sweep(jobs())), Report::Trails(PROD, Err(denied(Operation::Trails)))]);
    assert_snapshot!("coverage_denied", everywhere(|width, height| app(refused(), width, height), "v"));
    let none = one_target([Report::Swept(PROD, sweep(jobs())), list(Vec::new())]);
    let mut app = app(none, 80, 24);
    press(&mut app, "v");
    assert!(screen(&app).contains("There are no trails."), "{}", screen(&app));
}

#[test]
fn the_details_say_why_a_delivery_fails_and_that_a_trail_is_gone() {
    for (width, height) in [(120, 40), (80, 24)] {
        let mut app = app(known(), width, height);
        press(&mut app, "j");
        let brief = screen(&app);
        assert!(brief.contains("delivery write sls failed, exception: the parent of sub user"), "{brief}");
        press(&mut app, "jj");
        assert!(screen(&app).contains("trail    gone: the service has no such trail any more"), "{}", screen(&app));
    }
    let mut failed = app(known(), 100, 40);
    press(&mut failed, "jf");
    assert_snapshot!("details_of_a_failing_trail", screen(&failed));
    let mut gone = app(known(), 100, 40);
    press(&mut gone, "jjjf");
    assert!(screen(&gone).contains("the job can't be repeated"), "{}", screen(&gone));
}

#[test]
fn a_missing_permission_is_named_where_its_fact_would_stand() {
    let swept = || Report::Swept(PROD, sweep(jobs()));
    let mut no_trails = app(one_target([swept(), Report::Trails(PROD, Err(denied(Operation::Trails)))]), 80, 24);
    assert!(screen(&no_trails).contains("trail    not allowed: actiontrail:DescribeTrails"), "{}", screen(&no_trails));
    press(&mut no_trails, "f");
    assert!(screen(&no_trails).contains("trail    not allowed: actiontrail:DescribeTrails"));
    let refused = Report::TrailStatus(PROD, "payments-audit".into(), Err(denied(Operation::TrailStatus)));
    let mut no_status = app(one_target([swept(), list(vec![trail("payments-audit", 30)]), refused]), 80, 24);
    press(&mut no_status, "j");
    assert!(screen(&no_status).contains("delivery not allowed: actiontrail:GetTrailStatus"), "{}", screen(&no_status));
}

#[test]
fn the_header_counts_what_nobody_notices() {
    let head = |app: &crate::tui::App| screen(app).lines().next().unwrap().to_owned();
    let mut wide = app(known(), 140, 40);
    assert!(head(&wide).contains("◇ 2 uncovered"), "{}", head(&wide));
    assert!(head(&app(known(), 80, 24)).contains("◇ 2"), "{}", head(&app(known(), 80, 24)));
    press(&mut wide, "/is:uncovered<Enter>");
    assert_eq!(wide.rows.len(), 2, "the jobs of payments-audit");
    assert!(!head(&app(one_target([Report::Swept(PROD, sweep(jobs()))]), 140, 40)).contains('◇'));
}

#[test]
fn the_way_from_a_trail_to_its_newest_job_and_back() {
    let mut app = app(known(), 80, 24);
    press(&mut app, "v");
    assert_eq!(app.context(), crate::tui::Context::Coverage);
    press(&mut app, "<Enter>");
    assert!(screen(&app).contains("this trail has no job that is listed"), "{}", screen(&app));
    press(&mut app, "j<Enter>");
    assert_eq!(selected(&app), 16640);
    press(&mut app, "v");
    press(&mut app, "<Esc>");
    assert_eq!(app.context(), crate::tui::Context::Table);
    press(&mut app, "vq");
    assert_eq!(app.context(), crate::tui::Context::Table);
}

#[test]
fn the_selection_sticks_to_its_trail() {
    let mut app = app(known(), 80, 24);
    press(&mut app, "vj");
    let cursor = |app: &crate::tui::App| screen(app).lines().find(|line| line.contains('›')).unwrap().to_owned();
    assert!(cursor(&app).contains("payments-audit"), "{}", cursor(&app));
    let backfilled = {
        let created = days_ago(0);
        let window = Window { start: Some(created - TimeDelta::days(90)), end: Some(created) };
        Job { window, ..job(16650, "orders-audit", "cn-hangzhou", Status::Complete, 0, 0) }
    };
    let more = jobs().into_iter().chain([backfilled]).collect();
    let mut after = reports();
    after.push(Report::Swept(PROD, sweep(more)));
    show(&mut app, &one_target(after));
    assert!(cursor(&app).contains("payments-audit"), "{}", screen(&app));
    assert!(screen(&app).contains("1 uncovered"), "{}", screen(&app));
}

#[test]
fn trails_that_are_read_again_and_say_the_same_are_not_drawn() {
    let snapshots = one_target_over_time(
        reports().into_iter().chain([list(vec![trail("audit-all", 95)]), list(vec![trail("audit-all", 95)])]),
    );
    let [.., before, after] = &snapshots[..] else { panic!("two snapshots") };
    let mut app = app(Arc::clone(before), 80, 24);
    press(&mut app, "v");
    assert_eq!(show(&mut app, after).redraw, Redraw::Nothing);
    assert_ne!(show(&mut app, &known()).redraw, Redraw::Nothing);
}

#[test]
fn a_hole_that_is_past_the_90_days_leaves_the_count_by_itself() {
    let mut app = app(one_target([Report::Swept(PROD, sweep(jobs())), list(vec![trail("audit-all", 30)])]), 140, 40);
    assert!(screen(&app).contains("◇ 1 uncovered"));
    let gone = now() + TimeDelta::days(60);
    app.update(gone, Event::Wake);
    assert!(!screen(&app).contains('◇'), "{}", screen(&app));
}

#[test]
fn many_targets_without_trails_leave_room_for_those_of_the_others() {
    let names: Vec<String> = (0..30).map(|at| format!("account-{at}")).collect();
    let targets: Vec<_> = names.iter().map(|name| (name.as_str(), "cn-hangzhou")).collect();
    let refused = |at| Report::Trails(TargetIndex(at), Err(denied(Operation::Trails)));
    let reports = [Report::Swept(PROD, sweep(jobs())), list(vec![trail("audit-all", 95), trail("orders-audit", 6)])];
    let snapshot = snapshot(&targets, reports.into_iter().chain((1..30).map(refused)));
    for (width, height) in [(80, 24), (120, 40)] {
        let mut app = app(Arc::clone(&snapshot), width, height);
        press(&mut app, "v");
        let text = screen(&app);
        assert!(text.contains("audit-all") && text.contains("orders-audit"), "{text}");
        assert!(text.contains("account-1/cn-hangzhou: not allowed: actiontrail:DescribeTrails"), "{text}");
        assert!(text.contains("and 27 more targets"), "{text}");
        press(&mut app, "qtj<Space>qv");
        assert!(!screen(&app).contains("account-1/"), "who is hidden has nothing to say: {}", screen(&app));
    }
}

#[test]
fn a_twin_has_no_trails_of_its_own() {
    let known = Report::Account(vec![PROD, AUDIT], AccountId::new("1"));
    let reports = [Report::Swept(PROD, sweep(jobs())), Report::Swept(AUDIT, sweep(jobs())), known, list(Vec::new())];
    let mut app = app(snapshot(&[("prod", "cn-hangzhou"), ("audit", "cn-hangzhou")], reports), 80, 24);
    press(&mut app, "v");
    assert!(screen(&app).contains("There are no trails."), "{}", screen(&app));
}
