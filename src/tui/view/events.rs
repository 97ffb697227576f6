//! What was seen to change in this run, and every error that a call met, the newest first; the whole of the selected one below.

use chrono::TimeDelta;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::Line,
    widgets::{Block, Paragraph, Widget},
};

use super::fields;
use crate::{
    engine::{ErrorSeen, Snapshot},
    job::{Change, JobKey, Timestamp, Transition, What},
    text,
    tui::{app::App, look::Look, theme::Tone},
};

/// The lines for the whole of the selected event.
const WHOLE: u16 = 5;

/// An event of either kind.
#[derive(Clone, Copy)]
enum Event<'a> {
    Change(&'a Transition),
    Error(&'a ErrorSeen),
}

impl Event<'_> {
    fn at(&self) -> Timestamp {
        match self {
            Self::Change(transition) => transition.seen.by,
            Self::Error(seen) => seen.at,
        }
    }
}

/// How many there are.
pub(in crate::tui) fn event_count(snapshot: &Snapshot) -> usize {
    snapshot.log.iter().count() + snapshot.errors.iter().len()
}

/// The job of the event so many down, if it is of one.
pub(in crate::tui) fn job_of_event(snapshot: &Snapshot, place: usize) -> Option<JobKey> {
    match events(snapshot).nth(place)? {
        Event::Change(transition) => Some(transition.what.job()?.key.clone()),
        Event::Error(_) => None,
    }
}

/// All of them, the newest first: two lists that are in order each, merged.
fn events(snapshot: &Snapshot) -> impl Iterator<Item = Event<'_>> {
    let mut changes = snapshot.log.iter().rev().map(|transition| Event::Change(transition)).peekable();
    let mut errors = snapshot.errors.iter().rev().map(Event::Error).peekable();
    std::iter::from_fn(move || match (changes.peek(), errors.peek()) {
        (Some(change), Some(error)) if error.at() > change.at() => errors.next(),
        (Some(_), _) => changes.next(),
        (None, _) => errors.next(),
    })
}

/// Draws the list.
pub(super) fn draw(app: &App, look: &Look<'_>, place: usize, area: Rect, buf: &mut Buffer) {
    let count = event_count(&app.snapshot);
    let title = format!(" Events {} {count}, the newest first ", look.theme.symbols.dot);
    let block = Block::bordered().border_set(look.theme.symbols.border).title(title);
    let inner = block.inner(area);
    block.render(area, buf);
    let (width, whole) = (inner.width as usize, WHOLE.min(inner.height / 2));
    if count == 0 {
        let words = " Nothing has changed since this dashboard was opened, and no call has failed.";
        Paragraph::new(look.line(words, Tone::Dim, width)).render(inner, buf);
        return;
    }
    let rows = (inner.height - whole) as usize;
    let first = (place + 1).saturating_sub(rows);
    let line = |(at, event): (usize, Event<'_>)| {
        let sign = if at == place { look.theme.symbols.cursor } else { " " };
        let (words, tone) = words(&event, look);
        look.line(&format!("{sign}{} {words}", look.zone.time(event.at())), tone, width)
    };
    let lines: Vec<_> = events(&app.snapshot).enumerate().skip(first).take(rows).map(line).collect();
    Paragraph::new(lines).render(inner, buf);
    if let Some(event) = events(&app.snapshot).nth(place) {
        let below = Rect { y: inner.bottom() - whole, height: whole, ..inner };
        let folded = text::wrap(&all(&event, look), width.saturating_sub(2));
        let lines: Vec<_> = folded.into_iter().map(|line| Line::from(format!(" {line}"))).collect();
        Paragraph::new(lines)
            .block(Block::new().borders(ratatui::widgets::Borders::TOP).border_set(look.theme.symbols.border))
            .render(below, buf);
    }
}

/// An event in a line: of what, then what.
fn words(event: &Event<'_>, look: &Look<'_>) -> (String, Tone) {
    let (words, tone) = match event {
        Event::Change(Transition { target, what, .. }) => match what {
            What::Job(job, change) => {
                (format!("job {} {} {change} {} {target}", job.key.id, job.trail, look.theme.symbols.dot), tone(change))
            }
            What::TargetLost(trouble) => (format!("{target} can't be read: {}", trouble.code), Tone::Bad),
            What::TargetBack => (format!("{target} is read again"), Tone::Good),
        },
        Event::Error(ErrorSeen { target, error, .. }) => {
            let request = error.request_id().map_or_else(String::new, |id| format!(" RequestId {id}"));
            (format!("{target} {}{request}", error.code()), Tone::Warning)
        }
    };
    (text::clean(&words).into_owned(), tone)
}

fn tone(change: &Change) -> Tone {
    use crate::job::Status::{Complete, Failed};
    match change {
        Change::Status { to: Failed, .. } | Change::Region { to: Failed, .. } | Change::Stalled | Change::Gone => {
            Tone::Bad
        }
        Change::Status { to: Complete, .. } | Change::Region { to: Complete, .. } => Tone::Good,
        Change::Appeared | Change::Status { .. } | Change::Region { .. } => Tone::Normal,
    }
}

/// Everything that is known of an event: between which reads, what a deleted job costs, what an error says and what to do.
fn all(event: &Event<'_>, look: &Look<'_>) -> String {
    let words = match event {
        Event::Change(Transition { target, seen, what, .. }) => {
            let by = look.zone.date_time(seen.by);
            let when = match seen.after.filter(|after| seen.by - *after > TimeDelta::zero()) {
                Some(after) => format!("between {} and {by}", look.zone.date_time(after)),
                None => format!("by {by}"),
            };
            match what {
                What::Job(job, change) => {
                    let risk = if *change == Change::Gone { fields::risk_of_gone(job, look) } else { None };
                    let risk = risk.map_or_else(String::new, |risk| format!(" {risk}"));
                    format!("job {} of {} on {target}: {change}, {when}.{risk}", job.key.id, job.trail)
                }
                What::TargetLost(trouble) => format!("{target} can't be read, {when}: {}", trouble.message),
                What::TargetBack => format!("{target} is read again, {when}."),
            }
        }
        Event::Error(ErrorSeen { at, target, error }) => {
            let request = error.request_id().map_or_else(String::new, |id| format!(" (RequestId {id})"));
            let at = look.zone.date_time(*at);
            format!("{target}, {at}: {}{request}. To do: {}", error.line().trim_end_matches('.'), error.remedy())
        }
    };
    text::clean(&words).into_owned()
}
