//! A few lines that name a target with trouble, why, and what to do. It goes when its cause goes.

use chrono::TimeDelta;
use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    text,
    tui::{app::App, fare::Trouble, look::Look, paint, theme::Tone},
    units::{self, Zone},
};

/// The most lines that it takes.
const MOST: usize = 3;

/// How many lines it takes: none without news, and none where the place of the table tells it already.
pub(super) fn height(app: &App, width: u16) -> u16 {
    if app.rows.total() == 0 {
        return 0;
    }
    news(app, Zone::Utc).map_or(0, |(words, _)| text::wrap(&words, room(width)).len().min(MOST) as u16)
}

/// Draws the lines, if there is news.
pub(super) fn draw(app: &App, look: &Look<'_>, area: Rect, buf: &mut Buffer) {
    let Some((words, tone)) = news(app, look.zone).filter(|_| area.height > 0) else { return };
    let mut lines = text::wrap(&words, room(area.width));
    if lines.len() > area.height as usize {
        let rest = lines.split_off(area.height as usize - 1).join(" ");
        lines.push(look.cut(&rest, room(area.width)));
    }
    let signs = std::iter::once(look.theme.symbols.stale).chain(std::iter::repeat(" "));
    for ((line, sign), y) in lines.into_iter().zip(signs).zip(area.y..) {
        paint::line(buf, area.x, y, &look.line(&format!(" {sign} {line}"), tone, area.width as usize), area.width);
    }
}

fn room(width: u16) -> usize {
    (width as usize).saturating_sub(4)
}

/// The first target in trouble, in words, and how many more there are.
fn news(app: &App, zone: Zone) -> Option<(String, Tone)> {
    let first = app.fare.first_troubled().and_then(|place| app.snapshot.targets.get(place));
    let Some((target, trouble)) = first.and_then(|target| Some((target, Trouble::of(target)?))) else {
        return aside(app);
    };
    let more = app.fare.troubled - 1;
    let more = if more > 0 { format!(" (+{more} more)") } else { String::new() };
    let read = target.read.as_ref().map_or_else(String::new, |read| format!(", read {}", zone.clock(read.at)));
    let tone = if matches!(trouble, Trouble::Refused(_)) { Tone::Bad } else { Tone::Warning };
    Some((text::clean(&format!("{}{read}{more}: {}", target.key, words(trouble))).into_owned(), tone))
}

/// What does not concern the reading of jobs: the dashboard itself, the journal, the local clock.
fn aside(app: &App) -> Option<(String, Tone)> {
    if let Some(notice) = &app.notice {
        return Some((text::clean(&format!("{notice} (Esc: seen)")).into_owned(), Tone::Warning));
    }
    if let Some(notice) = &app.snapshot.notice {
        return Some((text::clean(notice).into_owned(), Tone::Warning));
    }
    let offset = app.clock_offset();
    let way = if offset > TimeDelta::zero() { "behind" } else { "ahead of" };
    let words =
        format!("the clock of this machine is {} {way} the service's; times are corrected", units::exact(offset.abs()));
    (!offset.is_zero()).then_some((words, Tone::Warning))
}

fn words(trouble: Trouble<'_>) -> String {
    match trouble {
        Trouble::Refused(error) | Trouble::Failing(error) => {
            // What to do comes before what only support needs: the end is what a narrow screen cuts off.
            let request = error.request_id().map_or_else(String::new, |id| format!(" (RequestId {id})"));
            format!("{}; {}{request}", error.line().trim_end_matches('.'), error.remedy())
        }
        Trouble::Unconfirmed(why) => format!("unconfirmed, {why}"),
        Trouble::Signing(trouble) => trouble.to_owned(),
    }
}
