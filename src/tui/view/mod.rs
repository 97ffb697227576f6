//! What is on the screen: one file per pane, each a function of the state that draws into its area. No pane knows another.
//!
//! Views never fetch, wait or change state. While they draw they note when they will look different ([`Look::changes_at`]).

mod banner;
mod detail;
mod fields;
mod footer;
mod header;
mod help;
mod jobs;
mod notice;

use ratatui::{
    Frame,
    layout::{Constraint, Layout, Position, Rect},
    text::Line,
    widgets::{Paragraph, Widget},
};

use super::{
    app::{App, Focus, Pane},
    look::Look,
    table::Hit,
    theme::Tone,
};

/// The least that a dashboard can be drawn on.
const LEAST: (u16, u16) = (30, 8);

/// Where the panes are.
struct Areas {
    header: Rect,
    banner: Rect,
    jobs: Rect,
    detail: Rect,
    footer: Rect,
}

fn areas(app: &App) -> Areas {
    let area = Rect::new(0, 0, app.size.width, app.size.height);
    let banner = banner::height(app, area.width);
    let body = area.height.saturating_sub(2 + banner);
    let detail = match app.full_details() {
        Some(_) => body,
        _ if app.pane == Pane::Hidden || app.rows.is_empty() || body < 16 => 0,
        // The table keeps the larger part; a tall screen has room for the region grid.
        _ => (body * 2 / 5).clamp(9, 12),
    };
    let heights = [1, banner, body - detail, detail, 1].map(Constraint::Length);
    let [header, banner, jobs, detail, footer] = Layout::vertical(heights).areas(area);
    Areas { header, banner, jobs, detail, footer }
}

/// How many rows of the table the layout has room for.
pub(super) fn table_rows(app: &App) -> usize {
    jobs::rows_in(areas(app).jobs)
}

/// How far the pane that scrolls can be scrolled.
pub(super) fn most_scroll(app: &App, look: &Look<'_>) -> u16 {
    match app.focus {
        Focus::Detail { .. } => detail::most_scroll(app, look, areas(app).detail),
        Focus::Help { .. } => help::most_scroll(app),
        Focus::Table | Focus::Search | Focus::Note => 0,
    }
}

/// What of the table lies at a place of the screen.
pub(super) fn hit(app: &App, at: Position) -> Option<Hit> {
    if is_too_small(Rect::new(0, 0, app.size.width, app.size.height)) {
        None
    } else {
        jobs::hit(app, areas(app).jobs, at)
    }
}

/// Draws a whole frame.
pub fn draw(app: &App, look: &Look<'_>, frame: &mut Frame<'_>) {
    let area = frame.area();
    if is_too_small(area) {
        too_small(area, look, frame);
        return;
    }
    let areas = areas(app);
    let buf = frame.buffer_mut();
    header::draw(app, look, areas.header, buf);
    banner::draw(app, look, areas.banner, buf);
    if areas.jobs.height > 0 {
        jobs::draw(app, look, areas.jobs, buf);
    }
    detail::draw(app, look, areas.detail, buf);
    let cursor = footer::draw(app, look, areas.footer, buf);
    if let Focus::Help { scroll, .. } = app.focus {
        help::draw(look, scroll, area, buf);
    }
    if let Some((x, y)) = cursor {
        frame.set_cursor_position(Position { x, y });
    }
}

fn is_too_small(area: Rect) -> bool {
    area.width < LEAST.0 || area.height < LEAST.1
}

fn too_small(area: Rect, look: &Look<'_>, frame: &mut Frame<'_>) {
    let words = format!("needs {}x{}, has {}x{}", LEAST.0, LEAST.1, area.width, area.height);
    let lines = vec![look.line("too small", Tone::Strong, area.width as usize), Line::from(words)];
    Paragraph::new(lines).render(area, frame.buffer_mut());
}
