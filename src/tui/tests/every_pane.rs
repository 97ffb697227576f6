//! Every pane and every empty or failing state, at every size, in Unicode and in ASCII: as text, since colour never says what
//! no word says.

use std::fmt::Write as _;

use insta::assert_snapshot;
use ratatui::layout::Size;

use super::fixture::*;
use crate::{
    engine::{Polling, Quality, Reading, Report, Sweep, Why},
    job::JobId,
    tui::{App, Charset, Colors, Theme},
};

const SIZES: [(u16, u16); 3] = [(120, 40), (80, 24), (40, 12)];

/// What is pressed on the usual screen to see a pane.
const PANES: [(&str, &str); 18] = [
    ("table", ""),
    ("table_alone", "<Esc>"),
    ("tab", "3"),
    ("tab_of_nothing", "5"),
    ("tab_filtered_away", "3/nothing<Enter>"),
    ("filter", "/pay"),
    ("filter_wrong", "/status:fialed"),
    ("filtered_away", "/nothing<Enter>"),
    ("details_summary", "jf"),
    ("details_regions", "jf<Tab>"),
    ("details_history", "jf<Tab><Tab>"),
    ("details_json", "jf<BackTab>"),
    ("help", "?"),
    ("columns", "C"),
    ("copy", "y"),
    ("command", ":s"),
    ("note", "jaknown since monday"),
    ("export", "x"),
];

fn states() -> Vec<(&'static str, Vec<Report>)> {
    let busy = || refusal("ServiceUnavailable", "The service is unavailable, please try again later.", 503);
    let denied = || refusal("NoPermission", "You are not authorized to perform this operation.", 403);
    let not_enabled = refusal("NotSupportDeliveryHistoryJob", "This feature is not supported.", 400);
    let swept = || Report::Swept(PROD, sweep(jobs()));
    let torn = Sweep { quality: Quality::Unconfirmed(Why::Moved { reads: 3 }), ..sweep(jobs()) };
    vec![
        ("loading", vec![Report::Reading(PROD, Reading { since: now(), jobs: 300, total: Some(1000) })]),
        ("empty", vec![Report::Swept(PROD, sweep(vec![]))]),
        ("unread", vec![Report::Failed(PROD, busy())]),
        ("denied", vec![Report::Failed(PROD, denied())]),
        ("not_enabled", vec![Report::Failed(PROD, not_enabled)]),
        ("retrying", vec![swept(), Report::Trouble(PROD, busy())]),
        ("refused", vec![swept(), Report::Failed(PROD, denied())]),
        ("unconfirmed", vec![Report::Swept(PROD, torn)]),
        ("paused", vec![swept(), Report::Polling(PROD, Polling::Paused)]),
        ("no_regions", vec![swept(), Report::Regions(PROD, JobId::new(16644), Err(denied()))]),
    ]
}

/// The screen at every size, in both sets of signs.
pub(super) fn everywhere(app: impl Fn(u16, u16) -> App, keys: &str) -> String {
    let mut pages = String::new();
    for charset in [Charset::Unicode, Charset::Ascii] {
        for (width, height) in SIZES {
            let mut app = app(width, height);
            app.preferences.theme = Theme::new(charset, Colors::Sixteen);
            press(&mut app, keys);
            let coloured = screen(&app);
            app.preferences.theme = Theme::new(charset, Colors::None);
            assert_eq!(screen(&app), coloured, "{keys}: colour says what no word says");
            assert!(charset == Charset::Unicode || coloured.is_ascii(), "{keys}:\n{coloured}");
            assert!(coloured.lines().all(|line| crate::text::width(line) <= width.into()), "{coloured}");
            writeln!(pages, "{width}x{height}\n{coloured}").unwrap();
            app.update(now(), crate::tui::Event::Resize(20, 5));
            assert!(screen(&app).starts_with("too small"), "{keys}");
            assert_eq!(app.size, Size { width: 20, height: 5 });
        }
    }
    pages
}

#[test]
fn every_pane_at_every_size() {
    for (name, keys) in PANES {
        assert_snapshot!(name, everywhere(usual, keys));
    }
}

#[test]
fn every_state_at_every_size() {
    for (name, reports) in states() {
        let app = |width, height| app(one_target(reports.clone()), width, height);
        assert_snapshot!(format!("state_{name}"), everywhere(app, ""));
    }
}

#[test]
fn events_at_every_size() {
    assert_snapshot!("events", everywhere(super::panes::a_minute_later, "e"));
    assert_snapshot!("events_none", everywhere(usual, "e"));
    assert_snapshot!("gone", everywhere(super::panes::a_minute_later, "e<Enter>"));
}
