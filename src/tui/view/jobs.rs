//! The job table in its frame, or what is said in its place where there is no job to show.

use chrono::TimeDelta;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::Line,
    widgets::Block,
};

use super::notice;
use crate::{
    job::Status,
    text,
    tui::{
        app::{App, Tab},
        keymap::Context,
        look::Look,
        paint,
        table::{self, Content, Hit, order_words},
        theme::Tone,
    },
};

/// How many rows an area has room for, inside its frame and below the headings.
pub(super) fn rows_in(area: Rect) -> usize {
    area.height.saturating_sub(3) as usize
}

/// What of the table lies at a place of the screen.
pub(super) fn hit(app: &App, area: Rect, at: Position) -> Option<Hit> {
    table::hit(&content(app), Block::bordered().inner(area), at)
}

fn content(app: &App) -> Content<'_> {
    Content { snapshot: &app.snapshot, rows: &app.rows, state: &app.table, list: &app.list }
}

/// Draws the pane.
pub(super) fn draw(app: &App, look: &Look<'_>, area: Rect, buf: &mut Buffer) {
    if let Some(at) = app.rows.next_change() {
        // A moment that has come meanwhile is one to wake at, too: the index was built before the frame's time was taken.
        look.changes_at(at.max(look.now + TimeDelta::milliseconds(1)));
    }
    let (title, tabs) = (title(app, look, area).into(), tabs(app, look, area));
    let inner = paint::frame(buf, area, look.theme.symbols.border, &title, Some(&tabs));
    if app.rows.is_empty() {
        notice::draw(app, look, inner, buf);
        return;
    }
    table::draw(&content(app), inner, look, buf);
}

fn title(app: &App, look: &Look<'_>, area: Rect) -> String {
    let dot = look.theme.symbols.dot;
    let count = format!("{} of {}", app.rows.len(), app.rows.total());
    let search = &app.search.in_force;
    let filter = if search.is_empty() { String::new() } else { format!(" {dot} /{}", text::clean(search)) };
    let title = format!(" Backfill jobs {dot} {count}{filter} {dot} sort: {} ", order_words(app.list.order, look));
    let title = match news(app, look) {
        Some(news) => format!("{title}{dot} {news} "),
        None => title,
    };
    look.cut(&title, area.width.saturating_sub(2) as usize)
}

/// ` 1 all 44  2 active 1  3 open 1 `, with the key of each; where it is narrow, without the names of the others.
fn tabs(app: &App, look: &Look<'_>, area: Rect) -> Line<'static> {
    let room = area.width.saturating_sub(2) as usize;
    let line = |named: fn(bool) -> bool| {
        let tab = |(tab, count): (Tab, usize)| {
            let is_shown = tab == app.list.tab;
            let key = app.preferences.keys.key(Context::Table, tab.action());
            let key = key.map_or_else(String::new, |key| format!("{key} "));
            let name = if named(is_shown) { format!("{} ", tab.title()) } else { String::new() };
            let words = if is_shown { format!("[{key}{name}{count}]") } else { format!(" {key}{name}{count} ") };
            let tone = match tab {
                Tab::Open if count > 0 => Tone::Bad,
                _ if is_shown => Tone::Strong,
                _ => Tone::Dim,
            };
            look.span(words, tone)
        };
        Line::from(app.rows.tabs().map(tab).collect::<Vec<_>>())
    };
    let whole = line(|_| true);
    if whole.width() <= room { whole } else { line(|is_shown| is_shown) }
}

/// `• since your last visit 2d ago: 2 failed, 5 complete`.
fn news(app: &App, look: &Look<'_>) -> Option<String> {
    let news = &app.snapshot.news;
    let since = news.since.filter(|_| !news.jobs.is_empty())?;
    let counts = news.counts();
    let of = |status: Status| (counts.of(status) > 0).then(|| format!("{} {}", counts.of(status), status.word()));
    let order = [Status::Failed, Status::Unknown(0), Status::Complete, Status::Delivering, Status::Initializing];
    let gone = (!news.gone.is_empty()).then(|| format!("{} gone", news.gone.len()));
    let words: Vec<String> = order.into_iter().filter_map(of).chain(gone).collect();
    Some(format!("{} since your last visit {}: {}", look.theme.symbols.changed, look.ago(since), words.join(", ")))
}
