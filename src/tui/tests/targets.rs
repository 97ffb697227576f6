//! The list of targets: how it looks, and what is done with one of them.

use std::{sync::Arc, time::Duration};

use insta::assert_snapshot;

use super::{every_pane::everywhere, fixture::*};
use crate::{
    engine::{Command, Ground, Polling, Report, Scope, Snapshot, Sweep, TargetIndex},
    job::{AccountId, JobId, Status},
    tui::{App, Context, Effect, Event, Redraw, Session},
};

/// One target that is well, and one in trouble.
fn reports() -> Vec<Report> {
    let busy = refusal("ServiceUnavailable", "The service is unavailable, please try again later.", 503);
    let audit = vec![job(900, "audit-all", "cn-shanghai", Status::Complete, 300, 290)];
    vec![
        Report::Swept(PROD, Sweep { latency: Some(Duration::from_millis(52)), next_in: SECONDS * 10, ..sweep(jobs()) }),
        Report::Swept(AUDIT, Sweep { latency: Some(Duration::from_millis(1240)), ..sweep(audit) }),
        Report::Trouble(AUDIT, Arc::clone(&busy)),
        Report::Failed(AUDIT, busy),
    ]
}

const SECONDS: Duration = Duration::from_secs(1);

fn both(width: u16, height: u16) -> App {
    app(two_targets(reports()), width, height)
}

fn after(more: Vec<Report>) -> Arc<Snapshot> {
    two_targets(reports().into_iter().chain(more))
}

fn ids(app: &App) -> Vec<i64> {
    app.rows.shown().iter().map(|at| app.snapshot.job(*at).id.get()).collect()
}

fn scope(app: &App, at: usize) -> Scope {
    Scope::Target(app.snapshot.targets[at].key.clone())
}

#[test]
fn targets_at_every_size() {
    assert_snapshot!("targets", everywhere(both, "t"));
    assert_snapshot!("targets_in_trouble", everywhere(both, "tj"));
    assert_snapshot!("targets_hidden", everywhere(both, "tj<Space>"));
    assert_snapshot!("table_with_a_hidden_target", everywhere(both, "tj<Space>q"));
    let refused = || {
        let denied = refusal("NoPermission", "You are not authorized to perform this operation.", 403);
        two_targets([Report::Failed(PROD, denied), Report::Polling(AUDIT, Polling::Paused)])
    };
    assert_snapshot!("targets_refused", everywhere(|width, height| app(refused(), width, height), "t"));
}

#[test]
fn regions_in_which_there_is_nothing_are_calm_and_say_so() {
    let long_ago = now() - chrono::TimeDelta::minutes(12);
    let empty = |ground| Sweep { at: long_ago, next_in: SECONDS * 1200, ground, ..sweep(vec![]) };
    let absent = Ground::Absent(refusal("InvalidRegionId", "The region does not exist.", 404));
    let targets = [("prod", "cn-hangzhou"), ("prod", "cn-beijing"), ("prod", "us-east-1")];
    let snapshot = snapshot(
        &targets,
        [
            Report::Swept(PROD, sweep(jobs())),
            Report::Swept(AUDIT, empty(Ground::Barren)),
            Report::Swept(TargetIndex(2), empty(absent)),
        ],
    );
    let app = |width, height| app(Arc::clone(&snapshot), width, height);
    assert!(screen(&app(120, 40)).contains("● live · read 20:41Z"), "{}", screen(&app(120, 40)));
    assert_snapshot!("targets_barren", everywhere(app, "tj"));
    assert_snapshot!("targets_absent", everywhere(app, "tjj"));
}

#[test]
fn a_twin_is_calm_and_says_whose() {
    let known = [PROD, AUDIT].map(|at| Report::Account(vec![at], AccountId::new("1594986938261234")));
    let targets = [("prod", "cn-hangzhou"), ("audit", "cn-hangzhou")];
    let reports = [Report::Swept(PROD, sweep(jobs())), Report::Swept(AUDIT, sweep(jobs()))];
    let snapshot = snapshot(&targets, reports.into_iter().chain(known));
    let app = |width, height| app(Arc::clone(&snapshot), width, height);
    assert_eq!(ids(&app(80, 24)).len(), 4);
    assert!(screen(&app(120, 40)).contains("● live"), "{}", screen(&app(120, 40)));
    assert_snapshot!("targets_twin", everywhere(app, "tj"));
}

#[test]
fn one_target_is_read_paused_and_resumed() {
    let mut app = both(80, 24);
    press(&mut app, "t");
    assert_eq!(app.context(), Context::Targets);
    let (prod, audit) = (scope(&app, 0), scope(&app, 1));
    assert_eq!(press(&mut app, "r"), [Effect::Send(Command::Refresh(prod))]);
    assert_eq!(press(&mut app, "jp"), [Effect::Send(Command::Pause(audit.clone()))]);
    show(&mut app, &after(vec![Report::Polling(AUDIT, Polling::Paused)]));
    assert_eq!(press(&mut app, "p"), [Effect::Send(Command::Resume(audit))]);
    assert_eq!(press(&mut app, "<C-r>"), [Effect::Send(Command::Refresh(Scope::All))], "all, as everywhere");
}

#[test]
fn the_hints_say_what_a_key_does_to_the_target_as_it_is() {
    let mut app = app(after(vec![Report::Polling(AUDIT, Polling::Paused)]), 120, 40);
    let hints = |app: &App| screen(app).lines().last().unwrap_or_default().to_owned();
    press(&mut app, "t");
    assert!(hints(&app).contains("p pause it") && hints(&app).contains("Space hide it"), "{}", hints(&app));
    press(&mut app, "j<Space>");
    assert!(hints(&app).contains("p resume it") && hints(&app).contains("Space show it"), "{}", hints(&app));
}

#[test]
fn where_all_targets_are_hidden_the_coverage_says_so() {
    let mut app = both(80, 24);
    press(&mut app, "t<Space>j<Space>qv");
    let text = screen(&app);
    assert!(
        text.contains("All targets are hidden; t in the table lists them.") && !text.contains("once the jobs are"),
        "{text}"
    );
}

#[test]
fn a_read_of_one_target_that_was_asked_for_says_when_it_was_done() {
    let mut app = both(80, 24);
    press(&mut app, "tr");
    let read = Sweep { at: now(), ..sweep(jobs()) };
    show(&mut app, &after(vec![Report::Swept(PROD, read)]));
    assert!(screen(&app).contains("read at 20:41:12Z"), "although the other can't be read: {}", screen(&app));
}

#[test]
fn jobs_of_a_hidden_target_leave_table_counts_and_banner() {
    let mut app = both(120, 40);
    assert_eq!(ids(&app).len(), 5);
    assert!(screen(&app).contains("audit/cn-shanghai, read"), "{}", screen(&app));
    press(&mut app, "tj<Space>q");
    assert_eq!((ids(&app).len(), app.rows.total()), (4, 4));
    let text = screen(&app);
    assert!(text.contains("1 hidden") && !text.contains("audit/cn-shanghai") && text.contains("● live"), "{text}");
    press(&mut app, "t<Space>q");
    assert!(screen(&app).contains("All targets are hidden; t lists them."), "{}", screen(&app));
    press(&mut app, "t<Space>j<Space>q");
    assert_eq!(ids(&app).len(), 5);
    assert!(!screen(&app).contains("hidden"), "{}", screen(&app));
}

#[test]
fn hidden_targets_are_remembered_and_told_also_where_others_are_watched() {
    let mut left = both(120, 40);
    press(&mut left, "tj<Space>q");
    let session = left.session();
    assert_eq!(session.hidden_targets, ["audit/cn-shanghai"]);
    let mut next = both(120, 40);
    next.restore(&session, now());
    assert_eq!((ids(&next).len(), screen(&next)), (4, screen(&left)));
    let mut other = app(one_target([Report::Swept(PROD, sweep(jobs()))]), 120, 40);
    let elsewhere = ["audit/cn-shanghai", "no target", ""].map(str::to_owned).to_vec();
    other.restore(&Session { hidden_targets: elsewhere, ..session.clone() }, now());
    assert!(!screen(&other).contains("hidden"), "of these none is: {}", screen(&other));
    assert_eq!(other.session().hidden_targets, session.hidden_targets, "the next one that watches it knows it");
}

#[test]
fn a_job_that_another_target_lists_as_well_stays_and_stays_selected() {
    let same = || sweep(jobs());
    let mut twins = app(
        snapshot(
            &[("prod", "cn-hangzhou"), ("prod", "cn-shanghai")],
            [Report::Swept(PROD, same()), Report::Swept(AUDIT, same())],
        ),
        80,
        24,
    );
    press(&mut twins, "jj");
    let before = selected(&twins);
    assert_eq!(ids(&twins).len(), 4, "each once");
    press(&mut twins, "t<Space>q");
    assert_eq!((ids(&twins).len(), selected(&twins)), (4, before));
    assert_eq!(twins.table.place(), 2);
}

#[test]
fn a_target_opens_the_list_of_its_jobs_also_a_hidden_one() {
    let mut app = both(80, 24);
    press(&mut app, "tj<Space><Enter>");
    assert_eq!((app.context(), ids(&app)), (Context::Table, vec![900]));
    assert!(screen(&app).contains("/profile:\"audit\" region:cn-shanghai"), "{}", screen(&app));
    press(&mut app, "<Esc>");
    assert_eq!(ids(&app).len(), 5);
}

#[test]
fn every_read_is_seen_in_the_list_and_nowhere_else() {
    let reads = |seconds| {
        let at = now() + chrono::TimeDelta::seconds(seconds);
        Report::Swept(PROD, Sweep { at, latency: Some(Duration::from_millis(40)), ..sweep(jobs()) })
    };
    let snapshots = one_target_over_time([Report::Swept(PROD, sweep(jobs())), reads(1), reads(2)]);
    let mut app = app(Arc::clone(&snapshots[0]), 80, 24);
    assert_eq!(show(&mut app, &snapshots[1]).redraw, Redraw::Nothing);
    press(&mut app, "t");
    let update = app.update(now(), Event::Snapshot(Arc::clone(&snapshots[2])));
    assert_eq!(update.redraw, Redraw::Changes);
    assert!(screen(&app).contains("20:41:14Z     40ms"), "{}", screen(&app));
}

#[test]
fn a_missing_permission_is_named() {
    let denied = refusal("NoPermission", "You are not authorized.", 403);
    let regions = Report::Regions(PROD, JobId::new(16644), Err(denied));
    let mut app = app(two_targets([Report::Swept(PROD, sweep(jobs())), regions]), 100, 30);
    press(&mut app, "t");
    assert!(screen(&app).contains("missing  actiontrail:"), "{}", screen(&app));
}
