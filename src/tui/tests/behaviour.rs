//! `App::update`, driven through every action.

use std::time::Duration;

use super::fixture::*;
use crate::{
    engine::{Command, Interest, Polling, Report, Scope, Sweep},
    exit::ExitCode,
    job::Status,
    tui::{Context, Effect, Event, Redraw, app::Screen},
};

/// A list of a hundred jobs, sorted by default: the highest id first.
fn hundred() -> crate::tui::App {
    app(one_target([Report::Swept(PROD, sweep(many(100)))]), 80, 24)
}

fn commands(effects: Vec<Effect>) -> Vec<Command> {
    let command = |effect| match effect {
        Effect::Send(command) => Some(command),
        _ => None,
    };
    effects.into_iter().filter_map(command).collect()
}

#[test]
fn keys_move_the_selection_and_stop_at_the_ends() {
    let mut app = hundred();
    let steps = [("j", 99), ("<Down>", 98), ("k", 99), ("<Up>", 100), ("k", 100), ("G", 1), ("j", 1), ("g", 100)];
    for (keys, expected) in steps {
        press(&mut app, keys);
        assert_eq!(selected(&app), expected, "after {keys}");
    }
    let page = app.table.height() as i64;
    for (keys, expected) in
        [("<C-f>", 100 - page), ("<PgUp>", 100), ("<C-d>", 100 - page / 2), ("<C-u>", 100), ("<C-b>", 100)]
    {
        press(&mut app, keys);
        assert_eq!(selected(&app), expected, "after {keys}");
    }
}

#[test]
fn the_selected_row_is_always_in_view() {
    let mut app = hundred();
    for keys in ["j", "<PgDn>", "G", "<C-u>", "k", "g", "<C-d>", "<PgDn>"] {
        for _ in 0..7 {
            press(&mut app, keys);
            let view = app.table.offset()..app.table.offset() + app.table.height();
            assert!(view.contains(&app.table.place()), "after {keys}");
        }
    }
}

#[test]
fn at_the_edge_the_view_jumps_half_a_page() {
    let mut app = hundred();
    let page = app.table.height();
    press(&mut app, &"j".repeat(page - 1));
    assert_eq!(app.table.offset(), 0);
    press(&mut app, "j");
    assert_eq!(app.table.offset(), page - page / 2);
}

#[test]
fn the_selection_sticks_to_its_job() {
    let mut app = hundred();
    press(&mut app, "jjj");
    assert_eq!(selected(&app), 97);
    let mut grown = many(100);
    grown.extend((201..=250).map(|id| job(id, "new", "cn-hangzhou", Status::Delivering, 1, 0)));
    show(&mut app, &one_target([Report::Swept(PROD, sweep(grown))]));
    assert_eq!(selected(&app), 97, "fifty jobs came in above it");
    press(&mut app, "sss");
    assert_eq!(selected(&app), 97, "sorted in another way");
    press(&mut app, "S");
    assert_eq!(selected(&app), 97, "and turned round");
}

#[test]
fn a_selected_job_that_is_gone_leaves_the_selection_at_its_place() {
    let mut app = hundred();
    press(&mut app, "jjj");
    let rest = many(100).into_iter().filter(|job| job.id.get() != 97).collect();
    let update = show(&mut app, &one_target([Report::Swept(PROD, sweep(rest))]));
    assert_eq!(selected(&app), 96);
    let expected = Interest { selected: app.selected().cloned() };
    assert!(update.effects.contains(&Effect::Interest(expected)));
    show(&mut app, &one_target([Report::Swept(PROD, sweep(vec![]))]));
    assert_eq!(app.selected(), None);
    show(&mut app, &one_target([Report::Swept(PROD, sweep(many(3)))]));
    assert_eq!(selected(&app), 3, "the first one is selected when there is one again");
}

#[test]
fn the_engine_is_told_what_is_looked_at_once() {
    let mut app = hundred();
    let effects = press(&mut app, "j");
    assert_eq!(effects, [Effect::Interest(Interest { selected: app.selected().cloned() })]);
    assert_eq!(press(&mut app, "?"), []);
}

#[test]
fn two_targets_that_list_the_same_job_show_it_once() {
    let shared = || vec![job(1, "t", "cn-hangzhou", Status::Complete, 9, 8)];
    let twice = snapshot_of_one_profile([Report::Swept(PROD, sweep(shared())), Report::Swept(AUDIT, sweep(shared()))]);
    assert_eq!(app(twice, 80, 24).rows.len(), 1);
    let accounts = two_targets([Report::Swept(PROD, sweep(shared())), Report::Swept(AUDIT, sweep(shared()))]);
    assert_eq!(app(accounts, 80, 24).rows.len(), 2, "the same number in another account is another job");
}

#[test]
fn a_filter_works_as_it_is_typed_and_letters_are_text() {
    let mut app = usual(120, 40);
    press(&mut app, "/PAY");
    assert_eq!((app.rows.len(), app.rows.total()), (2, 4));
    assert_eq!(press(&mut app, "q?"), [Effect::Interest(Interest { selected: None })], "no key of the table");
    assert_eq!(app.rows.len(), 0);
    press(&mut app, "<BS><BS> fail");
    assert_eq!((app.rows.len(), selected(&app)), (1, 16640));
    press(&mut app, "<Enter>");
    assert_eq!(app.context(), Context::Table);
    assert_eq!(app.rows.len(), 1, "Enter keeps it");
    press(&mut app, "/<Esc>");
    assert_eq!((app.rows.len(), selected(&app)), (4, 16640), "Esc drops it, and the job stays selected");
}

#[test]
fn a_paste_is_text_in_the_filter_and_nothing_elsewhere() {
    let mut app = usual(120, 40);
    let update = app.update(now(), Event::Paste("qqq\r".into()));
    assert_eq!((update.redraw, update.effects), (Redraw::Nothing, vec![]));
    press(&mut app, "/");
    app.update(now(), Event::Paste("16\u{1b}640\tfail\n".into()));
    assert_eq!(app.search.input.value(), "16640 fail ");
    assert_eq!(app.rows.len(), 1);
}

#[test]
fn escape_goes_back_one_step_and_never_quits() {
    let mut app = usual(120, 40);
    press(&mut app, "/pay<Enter><Enter>?");
    let states: Vec<_> = (0..6)
        .map(|_| {
            assert_eq!(press(&mut app, "<Esc>"), []);
            (app.context(), app.search.filter.is_empty(), app.pane)
        })
        .collect();
    use crate::tui::app::Pane;
    assert_eq!(states[0], (Context::Details, false, Pane::Shown), "the help is closed");
    assert_eq!(states[1], (Context::Table, false, Pane::Shown), "the details are closed");
    assert_eq!(states[2], (Context::Table, true, Pane::Shown), "the filter is dropped");
    assert_eq!(states[3], (Context::Table, true, Pane::Hidden), "the pane is closed");
    assert_eq!(states[5], states[3], "and that is all");
    press(&mut app, "<Enter>");
    assert_eq!(app.pane, Pane::Shown);
}

#[test]
fn q_closes_what_is_open_and_quits_from_the_table() {
    let mut app = usual(120, 40);
    press(&mut app, "<Enter>?");
    assert_eq!(press(&mut app, "qq"), []);
    assert_eq!(press(&mut app, "q"), [Effect::Quit(ExitCode::Done)]);
}

#[test]
fn ctrl_c_quits_from_everywhere() {
    for keys in ["", "/", "<Enter>", "?"] {
        let mut app = usual(120, 40);
        press(&mut app, keys);
        assert_eq!(press(&mut app, "<C-c>"), [Effect::Quit(ExitCode::Interrupted)], "after {keys:?}");
    }
}

#[test]
fn pause_and_refresh_are_commands() {
    let mut app = usual(120, 40);
    assert_eq!(commands(press(&mut app, "r")), [Command::Refresh(Scope::All)]);
    assert_eq!(commands(press(&mut app, "p")), [Command::Pause(Scope::All)]);
    let paused = one_target([Report::Swept(PROD, sweep(jobs())), Report::Polling(PROD, Polling::Paused)]);
    show(&mut app, &paused);
    assert_eq!(commands(press(&mut app, "p")), [Command::Resume(Scope::All)]);
}

#[test]
fn the_interval_steps_and_stops_at_both_ends() {
    let mut app = usual(120, 40);
    assert_eq!(commands(press(&mut app, "+")), [Command::Interval(Duration::from_secs(15))]);
    assert_eq!(commands(press(&mut app, "-")), [Command::Interval(Duration::from_secs(5))]);
    for (seconds, key) in [(1, "-"), (300, "+")] {
        let at_the_end = one_target([Report::Interval(Duration::from_secs(seconds))]);
        show(&mut app, &at_the_end);
        assert_eq!(commands(press(&mut app, key)), []);
    }
}

#[test]
fn times_turn_to_the_local_zone_and_back() {
    let mut app = usual(120, 40);
    press(&mut app, "u");
    assert!(!screen(&app).contains("20:41Z"));
    press(&mut app, "u");
    assert!(screen(&app).contains("20:41Z"));
}

#[test]
fn details_scroll_as_far_as_there_is_something() {
    let mut app = usual(80, 14);
    press(&mut app, "<Enter>");
    press(&mut app, "G");
    let end = scrolled(&app);
    assert!(end > 0);
    press(&mut app, "jjj<PgDn>");
    assert_eq!(scrolled(&app), end);
    press(&mut app, "k");
    assert_eq!(scrolled(&app), end - 1);
    app.update(now(), Event::Resize(120, 60));
    assert_eq!(scrolled(&app), 0, "a larger screen needs no scrolling");
}

/// How far the full details are scrolled.
fn scrolled(app: &crate::tui::App) -> u16 {
    match &app.screen {
        Screen::Details(details) => details.scroll,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_details_stay_on_their_job_while_the_table_moves() {
    let mut app = usual(120, 40);
    press(&mut app, "j<Enter>");
    let mut more = jobs();
    more.push(job(17000, "new", "cn-hangzhou", Status::Delivering, 1, 0));
    show(&mut app, &one_target([Report::Swept(PROD, sweep(more))]));
    assert!(screen(&app).contains("Job 16640"));
}

#[test]
fn the_table_is_as_it_was_after_a_read_behind_the_details() {
    let mut app = hundred();
    press(&mut app, &"j".repeat(30));
    let before = screen(&app);
    for keys in ["q", "<Esc>", "?qq"] {
        press(&mut app, "<Enter>");
        show(&mut app, &one_target([Report::Swept(PROD, sweep(many(100)))]));
        press(&mut app, keys);
        assert_eq!(screen(&app), before, "after {keys}");
    }
    press(&mut app, "<Enter>");
    app.update(now(), Event::Resize(120, 40));
    press(&mut app, "q");
    assert!(screen(&app).contains("\u{203a}") && app.table.height() > 20, "{}", screen(&app));
}

#[test]
fn a_resize_draws_everything_anew() {
    let mut app = usual(120, 40);
    let update = app.update(now(), Event::Resize(80, 24));
    assert_eq!(update.redraw, Redraw::Everything);
    assert!(screen(&app).lines().all(|line| crate::text::width(line) <= 80));
}

#[test]
fn a_signal_ends_it_with_the_code_of_the_contract() {
    use crate::tui::Cause;
    for (cause, code) in [
        (Cause::Interrupted, ExitCode::Interrupted),
        (Cause::Terminated, ExitCode::Terminated),
        (Cause::HungUp, ExitCode::HungUp),
    ] {
        assert_eq!(usual(80, 24).update(now(), Event::Quit(cause)).effects, [Effect::Quit(code)]);
    }
}

#[test]
fn it_stops_and_goes_on_from_everywhere_and_then_draws_everything() {
    for keys in ["", "/", "<Enter>", "?"] {
        let mut app = usual(120, 40);
        press(&mut app, keys);
        let before = screen(&app);
        assert_eq!(press(&mut app, "<C-z>"), [Effect::Suspend], "after {keys:?}");
        assert_eq!(app.update(now(), Event::Suspend).effects, [Effect::Suspend]);
        assert_eq!(app.update(now(), Event::Resume).redraw, Redraw::Everything);
        assert_eq!(screen(&app), before);
    }
}

#[test]
fn the_frame_says_when_it_will_look_different() {
    let app = usual(120, 40);
    // The job of 12 minutes ago will be 13 minutes old a minute later; nothing else moves before.
    assert_eq!(frame(&app).1, Some(now() + chrono::TimeDelta::seconds(28)), "stale, 30 s after the read");
    let settled = app_of_old_jobs();
    let next = frame(&settled).1.unwrap();
    assert_eq!(next, now() + chrono::TimeDelta::seconds(28));
}

fn app_of_old_jobs() -> crate::tui::App {
    app(one_target([Report::Swept(PROD, sweep(many(5)))]), 120, 40)
}

fn snapshot_of_one_profile(reports: [Report; 2]) -> std::sync::Arc<crate::engine::Snapshot> {
    use crate::{
        engine::{Store, TargetState},
        job::{ProfileName, Region, TargetKey, coverage::Rules},
    };
    let state = |region: &str| {
        let key = TargetKey { profile: ProfileName::new("prod").unwrap(), region: Region::new(region).unwrap() };
        TargetState::new(key, "host", "environment")
    };
    let mut store =
        Store::new(vec![state("cn-hangzhou"), state("cn-shanghai")], Duration::from_secs(10), Rules::default());
    for report in reports {
        store.apply(report, now());
    }
    std::sync::Arc::clone(store.snapshot())
}

#[test]
fn a_poll_that_brings_nothing_new_is_not_drawn() {
    let first = sweep(many(100));
    let mut app = app(one_target([Report::Swept(PROD, first.clone())]), 120, 40);
    let polled = |seconds| {
        let later = Sweep { at: first.at + chrono::TimeDelta::seconds(seconds), ..first.clone() };
        one_target_over_time([Report::Swept(PROD, first.clone()), Report::Swept(PROD, later)])
    };
    let snapshots = polled(0);
    show(&mut app, &snapshots[0]);
    for keys in ["", "<Enter>", "?"] {
        press(&mut app, keys);
        let update = app.update(now(), Event::Snapshot(std::sync::Arc::clone(&snapshots[1])));
        assert_eq!(update, crate::tui::Update::default(), "after {keys:?}");
    }
    let next_minute = polled(60);
    show(&mut app, &next_minute[0]);
    let update = app.update(now(), Event::Snapshot(std::sync::Arc::clone(&next_minute[1])));
    assert_eq!(update.redraw, Redraw::Changes, "the minute of the read is shown");
}

#[test]
fn a_read_that_ends_a_stale_time_is_drawn() {
    let first = sweep(many(1));
    let later = Sweep { at: first.at + chrono::TimeDelta::seconds(40), ..first.clone() };
    let snapshots = one_target_over_time([Report::Swept(PROD, first), Report::Swept(PROD, later)]);
    let mut app = app(std::sync::Arc::clone(&snapshots[0]), 120, 40);
    let update =
        app.update(now() + chrono::TimeDelta::seconds(35), Event::Snapshot(std::sync::Arc::clone(&snapshots[1])));
    assert_eq!(update.redraw, Redraw::Changes);
}
