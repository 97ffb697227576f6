//! What reaches people who do not look: the bell, and the window's title.

use super::fixture::*;
use crate::{
    engine::Report,
    job::Status,
    notify::Bell,
    tui::{App, Effect, Event, Update, view},
};

fn rings(app: &mut App, event: Event) -> bool {
    let Update { effects, .. } = app.update(now(), event);
    effects.contains(&Effect::Bell)
}

#[test]
fn the_bell_is_rung_once_for_a_failure_and_not_for_what_is_well() {
    let then = |status: Status| {
        let later = job(16644, "audit-all", "cn-hangzhou", status, 12, 0);
        let first = job(16644, "audit-all", "cn-hangzhou", Status::Delivering, 12, 1);
        one_target([first, later].map(|job| Report::Swept(PROD, sweep(vec![job]))))
    };
    for (status, expected) in [(Status::Failed, true), (Status::Complete, false)] {
        let mut app = app(one_target([]), 80, 24);
        app.set_bell(Bell::Rings);
        assert_eq!(rings(&mut app, Event::Snapshot(then(status))), expected, "{status}");
        assert!(!rings(&mut app, Event::Wake));
        app.set_bell(Bell::Silent);
        assert!(!rings(&mut app, Event::Snapshot(then(status))));
    }
    let mut refused = app(one_target([]), 80, 24);
    refused.set_bell(Bell::Rings);
    let denied = refusal("NoPermission", "You are not authorized to perform this operation.", 403);
    assert!(rings(&mut refused, Event::Snapshot(one_target([Report::Failed(PROD, denied)]))));
}

#[test]
fn the_title_counts_what_is_open_and_what_is_under_way() {
    let title = |jobs| view::title(&app(one_target([Report::Swept(PROD, sweep(jobs))]), 80, 24));
    assert_eq!(title(vec![]), "trailwatch");
    assert_eq!(title(jobs()), "✖1 ▶1 trailwatch");
}
