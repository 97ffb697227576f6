//! What is on the screen: one file per pane, each a function of the state that draws into its area. No pane knows another.
//!
//! Views never fetch, wait or change state. While they draw they note when they will look different ([`Look::changes_at`]).

mod banner;
mod choice;
mod coverage;
mod detail;
mod events;
mod fields;
mod footer;
mod full;
mod header;
mod help;
mod jobs;
mod notice;
mod same;
mod targets;
mod title;
mod trail;

use ratatui::{
    Frame,
    layout::{Constraint, Layout, Position, Rect},
    text::Line,
    widgets::{Paragraph, Widget},
};

pub(super) use self::{
    events::{event_count, job_of_event},
    same::look_the_same,
    title::title,
};

use super::{
    app::{App, Overlay, Pane, Screen},
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
    /// Between them and the footer: one pane, or the jobs and the pane below.
    body: Rect,
    jobs: Rect,
    detail: Rect,
    footer: Rect,
}

fn areas(app: &App) -> Areas {
    let area = Rect::new(0, 0, app.size.width, app.size.height);
    let banner = banner::height(app, area.width);
    let body = area.height.saturating_sub(2 + banner);
    let detail = match app.pane {
        _ if app.rows.is_empty() || body < 16 => 0,
        Pane::Hidden => 0,
        // The table keeps the larger part; a tall screen has room for the region grid.
        Pane::Shown => (body * 2 / 5).clamp(9, 12),
    };
    let heights = [1, banner, body - detail, detail, 1].map(Constraint::Length);
    let [header, banner, jobs, detail, footer] = Layout::vertical(heights).areas(area);
    let body = Rect { height: body, ..jobs };
    Areas { header, banner, body, jobs, detail, footer }
}

/// How many rows of the table the layout has room for.
pub(super) fn table_rows(app: &App) -> usize {
    jobs::rows_in(areas(app).jobs)
}

/// How far the pane that scrolls can be scrolled.
pub(super) fn most_scroll(app: &App, look: &Look<'_>) -> u16 {
    match (&app.overlay, &app.screen) {
        (Some(Overlay::Help(_)), _) => help::most_scroll(app, look),
        (_, Screen::Details(details)) => full::most_scroll(app, look, details, areas(app).body),
        _ => 0,
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
    match &app.screen {
        Screen::Table => {
            jobs::draw(app, look, areas.jobs, buf);
            detail::draw(app, look, areas.detail, buf);
        }
        Screen::Details(details) => full::draw(app, look, details, areas.body, buf),
        Screen::Events(place) => events::draw(app, look, *place, areas.body, buf),
        Screen::Coverage(place) => coverage::draw(app, look, *place, areas.body, buf),
        Screen::Targets(place) => targets::draw(app, look, *place, areas.body, buf),
    }
    let cursor = footer::draw(app, look, areas.footer, buf);
    match &app.overlay {
        Some(Overlay::Help(scroll)) => help::draw(app, look, *scroll, area, buf),
        Some(Overlay::Columns(place)) => choice::columns(app, look, *place, area, buf),
        Some(Overlay::Command(palette)) => choice::commands(app, look, palette, area, buf),
        Some(Overlay::Copy(place)) => choice::copies(look, *place, area, buf),
        Some(Overlay::Filter | Overlay::Note | Overlay::Export(_) | Overlay::Overwrite(_)) | None => {}
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
