//! What is on the screen, as snapshots at several sizes.

use insta::assert_snapshot;

use super::fixture::*;
use crate::{
    engine::{Polling, Quality, Reading, Report, Why},
    job::{JobId, Status},
    text::is_unsafe,
    tui::{Charset, Colors, Theme, Tone},
};

#[test]
fn usual_at_every_size() {
    assert_snapshot!("usual_120x40", screen(&usual(120, 40)));
    assert_snapshot!("usual_80x24", screen(&usual(80, 24)));
    assert_snapshot!("usual_40x12", screen(&usual(40, 12)));
    assert_snapshot!("too_small_20x5", screen(&usual(20, 5)));
}

fn ascii_theme() -> Theme {
    Theme::new(Charset::Ascii, Colors::Sixteen)
}

#[test]
fn the_end_of_the_details_can_be_scrolled_to() {
    for theme in [ascii_theme(), Theme::new(Charset::Unicode, Colors::Sixteen)] {
        let mut app = usual(80, 12);
        app.preferences.theme = theme;
        press(&mut app, "<Enter>");
        app.size.height = 60;
        let whole = screen(&app);
        let last = whole.lines().rev().skip(1).find(|line| line.chars().any(char::is_alphanumeric)).unwrap().to_owned();
        app.size.height = 12;
        press(&mut app, "G");
        assert!(screen(&app).contains(last.trim_end_matches(['|', '│', '█', ' '])), "{last}\n{}", screen(&app));
    }
}

#[test]
fn a_failed_job_with_its_regions() {
    let mut app = usual(120, 40);
    press(&mut app, "j");
    assert_snapshot!("failed_120x40", screen(&app));
}

#[test]
fn all_details() {
    let mut app = usual(80, 24);
    press(&mut app, "j<Enter>");
    assert_snapshot!("details_80x24", screen(&app));
}

#[test]
fn help() {
    let mut app = usual(80, 24);
    press(&mut app, "?");
    assert_snapshot!("help_80x24", screen(&app));
    let mut app = usual(40, 12);
    press(&mut app, "?");
    assert_snapshot!("help_40x12", screen(&app));
}

#[test]
fn filtering() {
    let mut app = usual(80, 24);
    press(&mut app, "/pay");
    assert_snapshot!("filtering_80x24", screen(&app));
    press(&mut app, "x");
    assert_snapshot!("filtered_away_80x24", screen(&app));
}

#[test]
fn loading() {
    let reading = Reading { since: now(), jobs: 300, total: Some(1000) };
    assert_snapshot!("loading_80x24", screen(&app(two_targets([Report::Reading(PROD, reading)]), 80, 24)));
}

#[test]
fn empty() {
    assert_snapshot!("empty_80x24", screen(&app(one_target([Report::Swept(PROD, sweep(vec![]))]), 80, 24)));
}

#[test]
fn in_trouble_from_the_start() {
    let error = refusal("ServiceUnavailable", "The service is unavailable, please try again later.", 503);
    let reports = [Report::Trouble(PROD, error.clone()), Report::Failed(PROD, error)];
    assert_snapshot!("trouble_80x24", screen(&app(one_target(reports), 80, 24)));
}

#[test]
fn denied() {
    let error = refusal("NoPermission", "You are not authorized to perform this operation.", 403);
    assert_snapshot!("denied_80x24", screen(&app(one_target([Report::Failed(PROD, error.clone())]), 80, 24)));
    assert_snapshot!("denied_40x12", screen(&app(one_target([Report::Failed(PROD, error)]), 40, 12)));
}

#[test]
fn not_enabled() {
    let error = refusal("NotSupportDeliveryHistoryJob", "This feature is not supported.", 400);
    assert_snapshot!("not_enabled_80x24", screen(&app(one_target([Report::Failed(PROD, error)]), 80, 24)));
}

#[test]
fn one_of_two_targets_is_in_trouble() {
    let error = refusal("ServiceUnavailable", "The service is unavailable.", 503);
    let reports = [Report::Swept(PROD, sweep(jobs())), Report::Failed(AUDIT, error)];
    assert_snapshot!("one_in_trouble_120x40", screen(&app(two_targets(reports), 120, 40)));
}

#[test]
fn unconfirmed() {
    let mut torn = sweep(jobs());
    torn.quality = Quality::Unconfirmed(Why::Contradicted { read: 4, announced: 5 });
    assert_snapshot!("unconfirmed_80x24", screen(&app(one_target([Report::Swept(PROD, torn)]), 80, 24)));
}

#[test]
fn paused_and_without_permission_for_regions() {
    let denied = refusal("NoPermission", "You are not authorized.", 403);
    let reports = [
        Report::Swept(PROD, sweep(jobs())),
        Report::Regions(PROD, JobId::new(16644), Err(denied)),
        Report::Polling(PROD, Polling::Paused),
    ];
    assert_snapshot!("paused_80x24", screen(&app(one_target(reports), 80, 24)));
}

fn hostile_names() -> Vec<String> {
    vec![
        "\u{1b}[2J\u{1b}[31mred".into(),
        "two\r\nlines\ttab".into(),
        "bidi\u{202e}gnp.exe".into(),
        format!("zalgo{}", "\u{301}".repeat(40)),
        "审计追踪审计追踪".into(),
        "emoji 👩‍👩‍👧 🇨🇳 👍🏽".into(),
        "x".repeat(300),
        String::new(),
    ]
}

#[test]
fn hostile_names_neither_reach_the_terminal_nor_break_a_column() {
    let jobs = || {
        let mut jobs: Vec<_> =
            hostile_names().iter().zip(1..).map(|(name, id)| job(id, name, name, Status::Complete, 60, 50)).collect();
        for (job, name) in jobs.iter_mut().zip(hostile_names()) {
            job.home = Some(name.into());
        }
        jobs
    };
    for (width, height) in [(120, 40), (80, 24), (40, 12)] {
        let mut app = app(one_target([Report::Swept(PROD, sweep(jobs()))]), width, height);
        for _ in 0..jobs().len() {
            for keys in ["", "<Enter>"] {
                press(&mut app, keys);
                let (buffer, _) = frame(&app);
                let symbols: Vec<&str> = buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect();
                assert!(symbols.iter().all(|symbol| !symbol.chars().any(is_unsafe)), "{symbols:?}");
                assert!(symbols.iter().all(|symbol| symbol.chars().count() <= 3), "marks pile up: {symbols:?}");
                for y in 1..height - 1 {
                    assert!(
                        "│┐┘█".contains(buffer[(width - 1, y)].symbol()),
                        "row {y} is misaligned:\n{}",
                        text(&buffer)
                    );
                }
            }
            press(&mut app, "<Esc>j");
        }
    }
    let app = app(one_target([Report::Swept(PROD, sweep(jobs()))]), 120, 24);
    assert_snapshot!("hostile_120x24", screen(&app));
}

#[test]
fn a_status_is_a_symbol_and_a_word_and_a_colour() {
    let app = usual(80, 24);
    let (buffer, _) = frame(&app);
    for (y, tone) in [(3, Tone::Active), (4, Tone::Bad), (5, Tone::Warning), (6, Tone::Good)] {
        let style = app.preferences.theme.style(tone);
        assert_eq!(buffer[(2, y)].fg, style.fg.unwrap(), "row {y}");
    }
}
