//! Two profiles of one account: what the dashboard makes of the one that rests while the other is read.

use std::sync::Arc;

use super::fixture::*;
use crate::{
    engine::{Command, Report, Scope, Snapshot},
    job::{AccountId, Job},
    tui::{App, Context, Effect},
};

fn account() -> AccountId {
    AccountId::new("1594986938261234")
}

/// `audit` is the twin of `prod`.
fn paired(jobs: Vec<Job>) -> Arc<Snapshot> {
    let reports = [
        Report::Swept(PROD, sweep(jobs.clone())),
        Report::Swept(AUDIT, sweep(jobs)),
        Report::Account(vec![PROD, AUDIT], account()),
    ];
    snapshot(&[("prod", "cn-hangzhou"), ("audit", "cn-hangzhou")], reports)
}

fn shown(app: &App) -> usize {
    app.rows.len()
}

#[test]
fn the_jobs_of_both_are_hidden_only_with_both() {
    let mut app = app(paired(jobs()), 80, 24);
    press(&mut app, "t<Space>q");
    assert_eq!(shown(&app), 4, "{}", screen(&app));
    assert!(screen(&app).contains("live"), "{}", screen(&app));
    assert!(!screen(&app).contains("hidden"), "no job is: {}", screen(&app));
    press(&mut app, "tj<Space>q");
    assert_eq!(shown(&app), 0);
    press(&mut app, "t<Space>q");
    assert_eq!(shown(&app), 4);
}

#[test]
fn a_twin_is_refreshed_and_opened_through_the_one_that_is_read() {
    let mut app = app(paired(jobs()), 80, 24);
    let prod = Scope::Target(app.snapshot.targets[0].key.clone());
    assert_eq!(press(&mut app, "tjr"), [Effect::Send(Command::Refresh(prod))]);
    press(&mut app, "<Enter>");
    assert_eq!((app.context(), shown(&app)), (Context::Table, 4));
}

#[test]
fn the_selection_stays_with_its_job_when_the_other_one_takes_over() {
    let targets = [("prod", "cn-hangzhou"), ("audit", "cn-hangzhou")];
    let denied = refusal("NoPermission", "You are not authorized.", 403);
    let reports = [
        Report::Swept(PROD, sweep(jobs())),
        Report::Account(vec![PROD, AUDIT], account()),
        Report::Failed(PROD, denied),
        Report::Swept(AUDIT, sweep(jobs())),
        Report::Swept(PROD, sweep(jobs())),
    ];
    let snapshots = over_time(&targets, reports);
    let mut app = app(Arc::clone(&snapshots[1]), 80, 24);
    press(&mut app, "jj");
    let before = selected(&app);
    for snapshot in &snapshots[2..] {
        show(&mut app, snapshot);
        assert_eq!((selected(&app), app.table.place(), shown(&app)), (before, 2, 4));
        let at = app.snapshot.find(app.selected().unwrap()).unwrap();
        assert_eq!(app.rows.get(2), Some(at), "what is looked at is what is listed");
    }
}

#[test]
fn an_empty_account_is_empty_through_both() {
    let app = app(paired(Vec::new()), 120, 40);
    assert!(screen(&app).contains("There are no backfill jobs."), "{}", screen(&app));
}

#[test]
fn jobs_are_told_once_as_soon_as_it_is_known_that_two_regions_are_of_one_account() {
    let targets = [("prod", "cn-hangzhou"), ("audit", "cn-shanghai")];
    let reads = [PROD, AUDIT].map(|at| Report::Swept(at, sweep(jobs())));
    let known = Report::Account(vec![PROD, AUDIT], account());
    let snapshots = over_time(&targets, reads.into_iter().chain([known]));
    let mut app = app(Arc::clone(&snapshots[1]), 80, 24);
    assert_eq!(shown(&app), 8, "nobody knows yet");
    show(&mut app, &snapshots[2]);
    assert_eq!(shown(&app), 4);
}
