//! The job table in its frame, or what is said in its place where there is no job to show.

use chrono::TimeDelta;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    widgets::{Block, Widget},
};

use super::notice;
use crate::{
    job::Status,
    text,
    tui::{
        app::App,
        look::Look,
        table::{self, Content, order_words},
    },
};

/// How many rows an area has room for, inside its frame and below the headings.
pub(super) fn rows_in(area: Rect) -> usize {
    area.height.saturating_sub(3) as usize
}

/// Draws the pane.
pub(super) fn draw(app: &App, look: &Look<'_>, area: Rect, buf: &mut Buffer) {
    if let Some(at) = app.rows.next_change() {
        // A moment that has come meanwhile is one to wake at, too: the index was built before the frame's time was taken.
        look.changes_at(at.max(look.now + TimeDelta::milliseconds(1)));
    }
    let block = Block::bordered().border_set(look.theme.symbols.border).title(title(app, look, area));
    let inner = block.inner(area);
    block.render(area, buf);
    if app.rows.is_empty() {
        notice::draw(app, look, inner, buf);
        return;
    }
    let content = Content { snapshot: &app.snapshot, rows: &app.rows, state: &app.table, order: app.order };
    table::draw(&content, inner, look, buf);
}

fn title(app: &App, look: &Look<'_>, area: Rect) -> String {
    let dot = look.theme.symbols.dot;
    let count = format!("{} of {}", app.rows.len(), app.rows.total());
    let search = &app.search.in_force;
    let filter = if search.is_empty() { String::new() } else { format!(" {dot} /{}", text::clean(search)) };
    let title = format!(" Backfill jobs {dot} {count}{filter} {dot} sort: {} ", order_words(app.order, look));
    let title = match news(app, look) {
        Some(news) => format!("{title}{dot} {news} "),
        None => title,
    };
    look.cut(&title, area.width.saturating_sub(2) as usize)
}

/// `• since your last visit 2d ago: 2 failed, 5 complete`.
fn news(app: &App, look: &Look<'_>) -> Option<String> {
    let news = &app.snapshot.news;
    let since = news.since.filter(|_| !news.jobs.is_empty())?;
    let counts = news.counts();
    let of = |status: Status| (counts.of(status) > 0).then(|| format!("{} {}", counts.of(status), status.word()));
    let order = [Status::Failed, Status::Unknown(0), Status::Complete, Status::Delivering, Status::Initializing];
    let words: Vec<String> = order.into_iter().filter_map(of).collect();
    Some(format!("{} since your last visit {}: {}", look.theme.symbols.changed, look.ago(since), words.join(", ")))
}
