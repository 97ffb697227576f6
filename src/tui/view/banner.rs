//! One line that names a target with trouble, why, and what to do. It goes when its cause goes.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use crate::{
    engine::{Health, Quality, TargetState},
    text,
    tui::{app::App, look::Look, theme::Tone},
};

/// Whether there is something to tell that the place of the table does not tell already.
pub(super) fn has_news(app: &App) -> bool {
    app.rows.total() > 0 && troubled(app).next().is_some()
}

fn troubled(app: &App) -> impl Iterator<Item = &TargetState> {
    app.snapshot.targets.iter().map(AsRef::as_ref).filter(|target| trouble(target).is_some())
}

fn trouble(target: &TargetState) -> Option<(String, Tone)> {
    if let Some(error) = target.health.error() {
        let refused = matches!(target.health, Health::Refused { .. });
        let tone = if refused { Tone::Bad } else { Tone::Warning };
        return Some((format!("{error}: {}", error.remedy()), tone));
    }
    if let Quality::Unconfirmed(why) = &target.read.as_ref()?.quality {
        return Some((format!("unconfirmed: {why}"), Tone::Warning));
    }
    let error = target.regions_error.as_ref()?;
    Some((format!("no regions: {error}: {}", error.remedy()), Tone::Warning))
}

/// Draws the line, if there is news.
pub(super) fn draw(app: &App, look: &Look<'_>, area: Rect, buf: &mut Buffer) {
    let Some(target) = troubled(app).next().filter(|_| area.height > 0) else { return };
    let Some((words, tone)) = trouble(target) else { return };
    let more = troubled(app).count() - 1;
    let more = if more > 0 { format!(" (+{more} more)") } else { String::new() };
    let read = target.read.as_ref().map_or_else(String::new, |read| format!(", read {}", look.zone.time(read.at)));
    let words = format!(" {} {}{read}{more}: {words}", look.theme.symbols.stale, target.key);
    let line: Line<'_> = look.line(text::clean(&words).into_owned(), tone, area.width as usize);
    buf.set_line(area.x, area.y, &line, area.width);
}
