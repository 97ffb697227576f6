//! What is taken over from the last dashboard and left to the next one, and what the dashboard tells by itself.

use super::fixture::*;
use crate::{
    engine::Report,
    job::{Direction, Order, SortKey},
    looks::ThemeName,
    tui::Session,
};

#[test]
fn a_dashboard_begins_as_the_last_one_was_left() {
    let mut left = usual(80, 24);
    press(&mut left, "sssS/pay<Enter>g");
    left.choose_theme(ThemeName::Light);
    let session = left.session();
    assert_eq!(session.sort, Some(Order { key: SortKey::Trail, direction: Direction::Descending }));
    assert_eq!((session.filter.as_str(), session.theme), ("pay", Some(ThemeName::Light)));

    let mut next = usual(80, 24);
    next.restore(&session, now());
    assert_eq!(next.session(), session);
    assert_eq!(screen(&next), screen(&left));
    press(&mut next, "/");
    press(&mut next, "ments");
    assert_eq!(next.session().filter, "payments", "it can be typed on");
    press(&mut next, "<Esc>");
    assert_eq!(next.session().filter, "");
}

#[test]
fn what_is_not_remembered_stays_as_it_is() {
    let mut app = usual(80, 24);
    press(&mut app, "ss");
    let before = app.session();
    app.restore(&Session::default(), now());
    assert_eq!(app.session(), before);
}

#[test]
fn a_notice_stays_until_it_was_seen_and_takes_no_row_of_the_table_then() {
    let mut app = app(one_target([Report::Swept(PROD, sweep(many(100)))]), 80, 24);
    let (before, rows) = (screen(&app), app.table.height());
    app.notify("the session /tmp/\u{1b}[2J is ignored: why".to_owned());
    press(&mut app, "jk?q");
    let told = screen(&app);
    assert!(told.contains("the session /tmp/\\u{1b}[2J is ignored: why (Esc: seen)"), "{told}");
    assert_eq!(app.table.height(), rows - 1);
    press(&mut app, "<Esc>");
    assert_eq!((screen(&app), app.table.height()), (before, rows));
}
