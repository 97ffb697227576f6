//! The filter's line: what is in force while its text is wrong, earlier filters, and filters that time alone changes.

use chrono::TimeDelta;
use insta::assert_snapshot;
use ratatui::style::Modifier;

use super::fixture::*;
use crate::{
    engine::Report,
    job::{Change, JobSeen, Status, What, Window},
    tui::{App, Context, Event, Redraw},
};

/// How many jobs are shown.
fn shown(app: &App) -> usize {
    app.rows.len()
}

/// What is underlined.
fn underlined(app: &App) -> String {
    let (buffer, _) = frame(app);
    let is_underlined = |cell: &&ratatui::buffer::Cell| cell.modifier.contains(Modifier::UNDERLINED);
    buffer.content.iter().filter(is_underlined).map(ratatui::buffer::Cell::symbol).collect()
}

#[test]
fn fields_and_words_filter_as_they_are_typed() {
    let mut app = usual(120, 40);
    for (text, count) in [
        ("status:failed|active", 2),
        ("trail:pay* !status:unknown", 1),
        ("is:open", 1),
        ("age<1d", 2),
        ("elapsed>40m region:cn-*", 1),
    ] {
        press(&mut app, "/");
        app.update(now(), Event::Paste(text.into()));
        assert_eq!(shown(&app), count, "{text}");
        press(&mut app, "<Esc>");
    }
}

#[test]
fn while_the_text_is_wrong_the_last_good_filter_stays_in_force() {
    let mut app = usual(80, 24);
    press(&mut app, "/pay ");
    assert_eq!((shown(&app), underlined(&app)), (2, String::new()));
    press(&mut app, "status");
    assert_eq!(shown(&app), 0, "a word, so far");
    press(&mut app, ":fail");
    assert_eq!((shown(&app), app.search.in_force.as_str()), (2, "pay"), "half a term is none");
    assert_eq!(underlined(&app), "fail");
    assert_snapshot!("faulty_filter_80x24", screen(&app));
    press(&mut app, "ed");
    assert_eq!((shown(&app), selected(&app), underlined(&app)), (1, 16640, String::new()));
    press(&mut app, "<BS>");
    assert_eq!((shown(&app), underlined(&app).as_str()), (1, "faile"), "a whole term was meant");
    press(&mut app, "<Esc>");
    assert_eq!((shown(&app), app.search.history.entries()), (4, &["pay status:faile".to_owned()][..]));
}

#[test]
fn enter_does_not_leave_a_wrong_text() {
    let mut app = usual(80, 24);
    press(&mut app, "/pay<Enter>/ \"a<Enter>");
    assert_eq!((app.context(), shown(&app)), (Context::Filter, 2));
    assert_eq!(app.search.input.value(), "pay \"a");
    press(&mut app, "<BS><BS><Enter>");
    assert_eq!((app.context(), shown(&app)), (Context::Table, 2));
    press(&mut app, "/ \"a<Esc>");
    assert_eq!((app.context(), shown(&app), &app.search.fault), (Context::Table, 4, &None));
    press(&mut app, "/<Up>");
    assert_eq!(
        (app.search.input.value(), underlined(&app).as_str()),
        ("pay  \"a", "\"a"),
        "the wrong text is not lost"
    );
}

#[test]
fn a_fault_far_to_the_right_is_underlined_where_it_is_in_sight() {
    let mut app = usual(40, 12);
    press(&mut app, "/");
    app.update(now(), Event::Paste(format!("{} status:wrong", "审".repeat(30))));
    assert_eq!(underlined(&app), "wrong");
    app.update(now(), Event::Paste(format!(" {}", "x".repeat(60))));
    assert_eq!(underlined(&app), "");
    press(&mut app, "<Esc>/");
    app.update(now(), Event::Paste("status:\u{301}\u{202e}x".into()));
    assert!(screen(&app).contains("202e"), "{}", screen(&app));
}

#[test]
fn the_arrows_bring_earlier_filters_back() {
    let mut app = usual(120, 40);
    press(&mut app, "/failed<Enter><Esc>/pay<Esc>/16644<Enter>");
    let lines = |app: &mut App, keys: &str| {
        press(app, keys);
        (app.search.input.value().to_owned(), shown(app))
    };
    assert_eq!(lines(&mut app, "/<Up>"), ("pay".to_owned(), 2), "the line as it was opened goes through all");
    assert_eq!(lines(&mut app, "<Up>"), ("failed".to_owned(), 1));
    assert_eq!(lines(&mut app, "<Up>"), ("failed".to_owned(), 1), "there is no older one");
    assert_eq!(lines(&mut app, "<Down><Down>"), ("16644".to_owned(), 1), "back to what stood there");
    press(&mut app, "<Esc>/p");
    assert_eq!(lines(&mut app, "<Up>"), ("pay".to_owned(), 2));
    assert_eq!(lines(&mut app, "<Up>"), ("pay".to_owned(), 2), "no other begins so");
    assert_eq!(lines(&mut app, "<Down>"), ("p".to_owned(), 4));
    let before = selected(&app);
    press(&mut app, "<C-n>");
    assert_ne!(selected(&app), before, "the table is moved by other keys");
}

#[test]
fn a_job_that_grows_too_old_leaves_when_it_does() {
    let mut app = usual(120, 40);
    press(&mut app, "/");
    app.update(now(), Event::Paste("age<13m".into()));
    press(&mut app, "<Enter>");
    assert_eq!(shown(&app), 1);
    let edge = now() + TimeDelta::minutes(1);
    assert_eq!(app.rows.next_change(), Some(edge));
    assert!(frame(&app).1.is_some_and(|at| at <= edge));
    app.update(edge - TimeDelta::milliseconds(1), Event::Wake);
    assert_eq!(shown(&app), 1);
    let update = app.update(edge, Event::Wake);
    assert_eq!((shown(&app), update.redraw), (0, Redraw::Changes));
    assert_eq!(app.rows.next_change(), None, "nothing grows younger");
}

#[test]
fn a_run_that_becomes_long_comes_in_whatever_event_is_the_first() {
    let mut app = usual(120, 40);
    press(&mut app, "/elapsed>12m status:active<Enter>");
    assert_eq!(shown(&app), 0);
    app.update(now() + TimeDelta::seconds(1), Event::Resize(100, 30));
    assert_eq!(shown(&app), 1);
}

#[test]
fn what_changed_since_the_last_visit_can_be_asked_for() {
    let jobs =
        || vec![job(1, "a", "cn-hangzhou", Status::Complete, 9, 8), job(2, "b", "cn-hangzhou", Status::Failed, 9, 8)];
    let first = one_target([Report::Swept(PROD, sweep(jobs()))]);
    let mut app = app(first.clone(), 120, 40);
    press(&mut app, "/is:changed<Enter>");
    assert_eq!(shown(&app), 0);
    let target = &first.targets[0];
    let seen = JobSeen {
        key: target.job_key(&jobs()[1]),
        trail: "b".into(),
        status: Status::Failed,
        created: None,
        updated: None,
        window: Window::default(),
        regions: None,
    };
    let visit = Report::LastVisit(now() - TimeDelta::days(1), vec![What::Job(seen, Change::Appeared)]);
    show(&mut app, &one_target([Report::Swept(PROD, sweep(jobs())), visit]));
    assert_eq!((shown(&app), selected(&app)), (1, 2));
}
