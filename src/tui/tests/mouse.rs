//! What the mouse does, where it was asked for.

use ratatui::layout::Position;

use super::fixture::*;
use crate::{
    engine::{Interest, Report},
    job::{Direction, Order, SortKey},
    tui::{App, Effect, Event, Gesture, Update},
};

fn mouse(app: &mut App, gesture: Gesture, x: u16, y: u16) -> Update {
    app.update(now(), Event::Mouse(gesture, Position { x, y }))
}

fn click(app: &mut App, x: u16, y: u16) -> Update {
    mouse(app, Gesture::Click, x, y)
}

/// Clicks into the middle of some words.
fn click_on(app: &mut App, words: &str) {
    let text = screen(app);
    let find = |(y, line): (usize, &str)| Some((line[..line.find(words)?].chars().count() + words.len() / 2, y));
    let (x, y) = text.lines().enumerate().find_map(find).unwrap_or_else(|| panic!("no {words:?} in\n{text}"));
    click(app, x as u16, y as u16);
}

#[test]
fn a_click_selects_the_row_below_it() {
    let mut app = usual(80, 24);
    for id in ["16602", "16644", "16640"] {
        click_on(&mut app, &format!(" {id} "));
        assert_eq!(selected(&app).to_string(), id);
    }
    let update = click(&mut app, 40, 3);
    let job = app.selected().cloned();
    assert_eq!(update.effects, [Effect::Interest(Interest { selected: job })], "as if it was selected by a key");
}

#[test]
fn a_click_on_a_row_hits_it_also_where_the_list_is_scrolled() {
    let mut app = app(one_target([Report::Swept(PROD, sweep(many(100)))]), 80, 24);
    press(&mut app, "G");
    let wanted = app.table.offset() + 2;
    click(&mut app, 20, 5);
    assert_eq!(app.table.place(), wanted);
}

#[test]
fn a_click_on_a_heading_sorts_by_it_and_another_one_the_other_way_round() {
    let mut app = usual(120, 40);
    click_on(&mut app, "TRAIL");
    assert_eq!(app.list.order, SortKey::Trail.into());
    click_on(&mut app, "TRAIL");
    assert_eq!(app.list.order, Order { key: SortKey::Trail, direction: Direction::Descending });
    click_on(&mut app, "UPDATED");
    assert_eq!(app.list.order, SortKey::Updated.into());
    click_on(&mut app, "PROGRESS");
    assert_eq!(app.list.order, SortKey::Updated.into(), "nobody sorts by a bar");
}

#[test]
fn the_wheel_moves_what_has_the_focus() {
    let mut app = app(one_target([Report::Swept(PROD, sweep(many(100)))]), 80, 24);
    let wheel = |app: &mut App, gesture| {
        mouse(app, gesture, 40, 20);
    };
    wheel(&mut app, Gesture::WheelDown);
    wheel(&mut app, Gesture::WheelDown);
    wheel(&mut app, Gesture::WheelUp);
    assert_eq!(app.table.place(), 3);
    press(&mut app, "?");
    let before = screen(&app);
    wheel(&mut app, Gesture::WheelDown);
    assert_ne!(screen(&app), before, "the help scrolls");
    assert_eq!(app.table.place(), 3);
}

#[test]
fn a_click_beside_all_that_is_nothing() {
    for keys in ["", "?", "<Enter>"] {
        let mut app = usual(80, 24);
        press(&mut app, keys);
        let before = (screen(&app), selected(&app));
        let beside: &[(u16, u16)] =
            if keys.is_empty() { &[(0, 0), (0, 4), (79, 4), (5, 8), (5, 23), (500, 500)] } else { &[(5, 4)] };
        for (x, y) in beside {
            click(&mut app, *x, *y);
            assert_eq!((screen(&app), selected(&app)), before, "{keys:?} {x} {y}");
        }
    }
    let mut small = usual(20, 5);
    click(&mut small, 3, 3);
}

#[test]
fn a_note_stays_with_the_job_for_which_it_is_typed() {
    let mut app = usual(80, 24);
    press(&mut app, "ja");
    let before = selected(&app);
    click_on(&mut app, "16602");
    mouse(&mut app, Gesture::WheelDown, 10, 4);
    assert_eq!(selected(&app), before);
}
