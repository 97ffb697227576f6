//! Tabs, events, columns, commands, copies and exports: what their keys do, and how they look.

use std::sync::Arc;

use insta::assert_snapshot;

use super::fixture::*;
use crate::{
    credentials,
    engine::{Error, Interest, Report, Signing, Sweep},
    export::Clip,
    job::{JobId, Status, Timestamp},
    tui::{App, Context, Copied, Effect, Event, Multiplexer, Outcome, Redraw, app::Screen},
};

/// A minute after the jobs of the fixture were read: one failed, one is deleted and a call had failed meanwhile.
pub(super) fn a_minute_later(width: u16, height: u16) -> App {
    let at = now() - chrono::TimeDelta::seconds(1);
    let mut later = jobs();
    later.remove(3);
    later[0].status = Status::Failed;
    later[0].updated = Some(at);
    let swept = Sweep { at, ..sweep(later) };
    let gone = JobId::new(16590);
    let reports = [
        Report::Swept(PROD, Sweep { at: at - chrono::TimeDelta::seconds(60), ..sweep(jobs()) }),
        Report::Trouble(PROD, refusal("ServiceUnavailable", "The service is unavailable.", 503)),
        Report::Swept(PROD, swept),
        Report::Gone(PROD, gone),
    ];
    app(one_target(reports), width, height)
}

fn tab_of(app: &App) -> &'static str {
    app.list.tab.title()
}

fn ids(app: &App) -> Vec<i64> {
    app.rows.shown().iter().map(|at| app.snapshot.job(*at).id.get()).collect()
}

#[test]
fn tabs_list_what_they_say_and_count_it() {
    let mut app = usual(80, 24);
    for (key, tab, expected) in [
        ("2", "active", vec![16644]),
        ("3", "open", vec![16640]),
        ("4", "complete", vec![16602]),
        ("5", "changed", vec![]),
        ("1", "all", vec![16644, 16640, 16590, 16602]),
    ] {
        press(&mut app, key);
        assert_eq!((tab_of(&app), ids(&app)), (tab, expected));
    }
    press(&mut app, "3");
    assert_snapshot!("tab_80x24", screen(&app));
    press(&mut app, "/audit<Enter><Esc>");
    assert_eq!((tab_of(&app), ids(&app).len()), ("open", 1), "the filter goes first");
    press(&mut app, "<Esc>");
    assert_eq!(tab_of(&app), "all");
}

#[test]
fn an_empty_tab_says_what_there_is_not_and_how_to_see_all() {
    let complete = vec![job(16602, "pay-all", "cn-hangzhou", Status::Complete, 300, 290)];
    let mut app = app(one_target([Report::Swept(PROD, sweep(complete))]), 80, 24);
    for (key, words) in [
        ("2", "No job is under way."),
        ("3", "No failure is open."),
        ("5", "Nothing has changed since this dashboard began."),
    ] {
        press(&mut app, key);
        let text = screen(&app);
        assert!(text.contains(words) && text.contains("1 shows all jobs.") && !text.contains("filter."), "{text}");
    }
    press(&mut app, "2/pay");
    let text = screen(&app);
    assert!(text.contains("None of 1 jobs is under way and let through by /pay"), "{text}");
    assert!(text.contains("Esc drops the filter.") && !text.contains("shows all"), "1 is text now: {text}");
    press(&mut app, "<Enter>");
    assert!(screen(&app).contains("Esc drops the filter. 1 shows all jobs."), "{}", screen(&app));
}

#[test]
fn what_changed_is_marked_counted_and_jumped_to() {
    let mut app = a_minute_later(80, 24);
    press(&mut app, "Gn");
    assert_eq!(selected(&app), 16644);
    press(&mut app, "5");
    assert_eq!(ids(&app), [16644]);
    press(&mut app, "1");
    assert!(screen(&app).contains("5 changed 1"));
    let mut quiet = usual(80, 24);
    press(&mut quiet, "n");
    assert!(screen(&quiet).contains("no job of this list has changed"));
}

#[test]
fn events_keep_changes_and_errors_and_open_their_job() {
    let mut app = a_minute_later(80, 24);
    press(&mut app, "e");
    assert_eq!(app.context(), Context::Events);
    assert_snapshot!("events_80x24", screen(&app));
    press(&mut app, "j");
    assert_snapshot!("event_error_80x24", screen(&app));
    press(&mut app, "<Enter>");
    assert!(screen(&app).contains("this event is of no job"));
    press(&mut app, "g<Enter>");
    assert_snapshot!("gone_80x24", screen(&app));
    press(&mut app, "qq");
    assert_eq!(app.context(), Context::Table, "q closes, and does not quit from here");
    let mut quiet = usual(40, 12);
    press(&mut quiet, "e");
    assert_snapshot!("no_events_40x12", screen(&quiet));
}

#[test]
fn details_have_tabs_and_stay_on_their_job() {
    let mut app = usual(80, 24);
    press(&mut app, "jf");
    for name in ["regions", "history", "json"] {
        press(&mut app, "<Tab>");
        assert_snapshot!(format!("details_{name}_80x24"), screen(&app));
    }
    press(&mut app, "<Tab>");
    assert!(screen(&app).contains("[summary]"));
    press(&mut app, "<BackTab>");
    assert!(screen(&app).contains("[json]"));
    let key = app.selected().cloned();
    show(&mut app, &one_target([Report::Swept(PROD, sweep(many(3)))]));
    assert_eq!(app.selected().cloned(), key, "although the list has it no more");
    assert!(screen(&app).contains("does not list this job any more"));
    assert_eq!(press(&mut app, "q"), [Effect::Interest(Interest { selected: app.selected().cloned() })]);
    assert_eq!(selected(&app), 2, "the second row, as before");
}

#[test]
fn columns_are_chosen_and_the_status_stays() {
    let mut app = usual(120, 40);
    press(&mut app, "C<Space>jj<Space>");
    assert_snapshot!("columns_120x40", screen(&app));
    press(&mut app, "q");
    let text = screen(&app);
    assert!(text.contains("STATUS") && text.contains("JOB ID") && !text.contains("TRAIL "), "{text}");
    press(&mut app, "Cjj<Space><Enter>");
    assert!(screen(&app).contains("TRAIL "));
}

#[test]
fn commands_are_found_completed_and_done() {
    let mut app = usual(80, 24);
    press(&mut app, ":sh");
    assert_snapshot!("commands_80x24", screen(&app));
    press(&mut app, "<Down><Tab>");
    assert!(screen(&app).contains(":show-active"), "{}", screen(&app));
    press(&mut app, "<Enter>");
    assert_eq!((app.context(), tab_of(&app)), (Context::Table, "active"));
    press(&mut app, ":nonsense<Enter>");
    assert!(screen(&app).contains("\"nonsense\" is no command"));
    press(&mut app, ":<Esc>");
    assert_eq!(app.context(), Context::Table);
    assert_eq!(press(&mut app, ":q<Enter>"), [Effect::Quit(crate::exit::ExitCode::Done)]);
}

#[test]
fn a_theme_is_chosen_by_its_command() {
    let mut app = usual(80, 24);
    let before = app.preferences.theme.name();
    press(&mut app, ":theme<Enter>");
    assert_ne!(app.preferences.theme.name(), before);
}

#[test]
fn copies_are_chosen_and_told() {
    let mut app = usual(80, 24);
    assert_eq!(press(&mut app, "c"), [Effect::Copy("16644".into())]);
    press(&mut app, "y");
    assert_snapshot!("copy_80x24", screen(&app));
    for (place, clip) in Clip::ALL.into_iter().enumerate() {
        let effects = press(&mut app, &format!("y{}<Enter>", "j".repeat(place)));
        let text = clip.text(&app.snapshot, app.rows.shown()[0], now()).unwrap();
        assert_eq!(effects, [Effect::Copy(text)], "{clip:?}");
        assert_eq!(app.context(), Context::Table);
    }
    app.update(now(), Event::Done(Outcome::Copied(Copied { bytes: 5, through: Multiplexer::None })));
    assert!(screen(&app).contains("copied 5 bytes"));
    app.update(now() + chrono::TimeDelta::seconds(9), Event::Wake);
    assert!(!screen(&app).contains("copied"), "it goes by itself");
}

#[test]
fn an_export_asks_for_a_name_and_before_it_overwrites() {
    let mut app = usual(80, 24);
    press(&mut app, "3x");
    assert!(screen(&app).contains("write to: trailwatch-jobs-20261124T204112Z.csv"), "{}", screen(&app));
    press(&mut app, "x<Enter>");
    assert!(screen(&app).contains("write to:"), "a name of no format is not taken");
    let effects = press(&mut app, "<BS><Enter>");
    let [Effect::Export(export)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((export.view.rows.len(), export.to.as_str()), (1, "trailwatch-jobs-20261124T204112Z.csv"));
    let exists = Arc::new(crate::export::SaveError::Exists("/x.csv".into()));
    app.update(now(), Event::Done(Outcome::Exists(export.clone(), exists)));
    assert_snapshot!("overwrite_80x24", screen(&app));
    assert_eq!(press(&mut app, "xq"), [], "nothing but an answer is taken");
    assert_eq!(press(&mut app, "n"), []);
    assert_eq!(app.context(), Context::Table);
    let exists = Arc::new(crate::export::SaveError::Exists("/x.csv".into()));
    app.update(now(), Event::Done(Outcome::Exists(export.clone(), exists)));
    assert_eq!(press(&mut app, "y"), [Effect::Export(export.clone().confirmed())]);
}

#[test]
fn a_refresh_says_when_it_was_done() {
    let mut app = usual(80, 24);
    press(&mut app, "r");
    let read = |at: Timestamp| Report::Swept(PROD, Sweep { at, ..sweep(jobs()) });
    let snapshots = one_target_over_time([read(now() - chrono::TimeDelta::seconds(5)), read(now())]);
    show(&mut app, &snapshots[0]);
    assert!(!screen(&app).contains("read at"));
    let update = app.update(now(), Event::Snapshot(Arc::clone(&snapshots[1])));
    assert_eq!(update.redraw, Redraw::Changes);
    assert!(screen(&app).contains("read at 20:41:12Z"), "{}", screen(&app));
}

#[test]
fn every_action_is_done_in_every_context_without_harm() {
    use crate::tui::Action;
    for keys in ["", "f", "e", "v", "t", "?", "C", "y", "/", "ja", ":", "x"] {
        for action in Action::all() {
            let mut app = a_minute_later(80, 24);
            press(&mut app, keys);
            let before = app.screen.clone();
            app.act(now(), action);
            // What was open can be left again, whatever was done.
            let mut effects = press(&mut app, "<Esc><Esc><Esc><Esc><Esc>");
            assert!(effects.iter().all(|effect| !matches!(effect, Effect::Quit(_))), "{keys} {action:?}");
            assert_eq!((app.context(), &app.screen), (Context::Table, &Screen::Table), "{keys} {action:?} {before:?}");
            effects = press(&mut app, "q");
            assert_eq!(effects, [Effect::Quit(crate::exit::ExitCode::Done)], "{keys} {action:?}");
        }
    }
}

#[test]
fn a_key_that_is_not_renewed_is_told_before_it_is_over() {
    let trouble = "the key can't be renewed, the one at hand is used until 2026-11-24T21:00:00Z: why";
    let signing =
        Signing { trouble: Some(trouble.into()), ..Signing::from("~/.aliyun/config.json, RamRoleArn (STS.****ole1)") };
    let reports = |signing: Option<Signing>| {
        [Some(Report::Swept(PROD, sweep(jobs()))), signing.map(|signing| Report::Signing(PROD, signing))]
    };
    let mut late = app(one_target(reports(Some(signing)).into_iter().flatten()), 120, 40);
    assert!(screen(&late).contains("prod/cn-hangzhou, read"), "{}", screen(&late));
    assert!(screen(&late).contains("the key can't be renewed, the one at hand is used until"), "{}", screen(&late));
    press(&mut late, "t");
    assert!(screen(&late).contains("next key"), "{}", screen(&late));
    assert!(screen(&late).contains("RamRoleArn (STS.****ole1)"), "{}", screen(&late));
    let redrawn = late.update(now(), Event::Snapshot(one_target(reports(None).into_iter().flatten())));
    assert_eq!(redrawn.redraw, Redraw::Changes);
    assert!(!screen(&late).contains("next key"));
}

#[test]
fn where_no_source_gives_a_key_the_list_of_them_is_words_in_a_line() {
    let looked_at = vec!["environment: it is not set".to_owned(), "a file: there is none".to_owned()];
    let error = Arc::new(Error::Credentials(credentials::Error::NotFound { looked_at }));
    let shown = screen(&app(one_target([Report::Failed(PROD, error)]), 160, 40));
    assert!(shown.contains("looked at environment: it is not set; a file"), "{shown}");
    assert!(!shown.contains("u{a}"), "{shown}");
}
