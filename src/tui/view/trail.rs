//! The facts of one trail as labelled lines, and of a job's trail, where that says something of the job.

use std::sync::Arc;

use chrono::TimeDelta;

use super::fields::{Field, field};
use crate::{
    engine::{Error, TargetState, TrailOf},
    job::{
        Row, Switch, Timestamp, TrailStatus,
        coverage::{Bar, Failure, Fitness, Hole, KnownTrail, SegmentState, Standing},
    },
    text,
    tui::{look::Look, theme::Tone},
    units,
};

/// The one line on a job's trail that matters most: that it is gone, why its delivery fails, or what is not allowed.
pub(super) fn brief(row: &Row<'_>, target: &TargetState, look: &Look<'_>) -> Option<Field> {
    let trail = target.trail_of(row.job);
    if matches!(trail, TrailOf::Gone) {
        let words = "gone: the service has no such trail any more, so that the job can't be repeated";
        return Some(Field { tone: Tone::Warning, ..field("trail", words) });
    }
    // Only an open failure asks how the delivery fares.
    let fails = row.standing.and_then(Standing::failure).is_some_and(Failure::is_open);
    let status = target.trails.status(&row.job.trail).filter(|status| fails && status.is_broken());
    if let Some(status) = status {
        return Some(delivery(status, look));
    }
    let unread = if let TrailOf::Unreadable(error) = trail { Some(error) } else { None };
    let unasked = target.trails.status_error.as_ref().filter(|_| fails);
    let label = if unread.is_some() { "trail" } else { "delivery" };
    let errors: Vec<&Error> = unread.into_iter().chain(unasked).map(Arc::as_ref).collect();
    Some(Field { tone: Tone::Warning, ..field(label, why_not(&errors)?) })
}

/// Everything else that is known of a job's trail.
pub(super) fn of_job(row: &Row<'_>, target: &TargetState, look: &Look<'_>) -> Vec<Field> {
    let TrailOf::Known(known) = target.trail_of(row.job) else { return Vec::new() };
    let mut fields = of_trail(known, look);
    let status = target.trails.status(&row.job.trail).map(|status| delivery(status, look));
    fields.extend(status.filter(|status| brief(row, target, look).as_ref() != Some(status)));
    fields
}

/// Where a trail delivers what, since when, and what of that is missing.
pub(super) fn of_trail(known: &KnownTrail, look: &Look<'_>) -> Vec<Field> {
    let KnownTrail { trail, delivered } = known;
    let project = match (&trail.sls_project, &trail.oss_bucket) {
        (Some(arn), _) => arn.to_string(),
        (None, Some(bucket)) => format!("none: it delivers to the OSS bucket {bucket}, which can't be backfilled"),
        (None, None) => "none: it can't be backfilled".to_owned(),
    };
    let of = |value: &Option<Arc<str>>| value.as_deref().unwrap_or("unknown").to_owned();
    let events = format!("{}, of the regions {}", of(&trail.events), of(&trail.regions));
    let mut fields =
        vec![field("project", text::clean(&project)), field("events", text::clean(&events)), logging(known, look)];
    if delivered.fitness == Fitness::OfOrganization {
        fields.push(field("scope", "the accounts of an organization, which can't be backfilled"));
    }
    fields.extend(coverage(known, look));
    fields
}

/// Whether it is on, and since when.
fn logging(known: &KnownTrail, look: &Look<'_>) -> Field {
    let KnownTrail { trail, delivered } = known;
    let since = |at: Option<Timestamp>| at.map_or_else(String::new, |at| format!(" since {}", moment(at, look)));
    let words = match (&trail.switch, delivered.live) {
        (Switch::Off, _) => format!("off{}", since(trail.stopped)),
        // It may have been given its project only when it was last configured.
        (switch, Some(live)) if trail.started.is_some_and(|started| started < live.from) => {
            format!("{}{}; configured {}", switch.word(), since(trail.started), moment(live.from, look))
        }
        (switch, _) => format!("{}{}", switch.word(), since(trail.started)),
    };
    let tone = if trail.switch == Switch::On { Tone::Normal } else { Tone::Warning };
    Field { tone, ..field("logging", text::clean(&words)) }
}

/// What of the last 90 days is missing, and on which days that is lost.
fn coverage(known: &KnownTrail, look: &Look<'_>) -> Vec<Field> {
    let Some(bar) = known.delivered.bar(look.now) else { return Vec::new() };
    // What is said of days changes once a day, each at its own time.
    look.changes_at(look.now + TimeDelta::hours(1));
    let backfill = match known.delivered.backfill {
        Some((id, created)) => format!("the newest complete one is job {id}, created {}", moment(created, look)),
        None => "none is complete".to_owned(),
    };
    let missing = bar.missing();
    let tone = if missing.is_zero() { Tone::Good } else { Tone::Bad };
    let words = match missing.is_zero() {
        true => "all of the last 90 days is in Log Service, as far as is known".to_owned(),
        false => format!("{} of the last 90 days are missing in Log Service", units::coarse(missing)),
    };
    let mut fields = vec![Field { tone, ..field("coverage", words) }];
    let labels = std::iter::once("hole").chain(std::iter::repeat(""));
    let holes = bar.holes().zip(labels);
    fields.extend(holes.map(|(hole, label)| Field { tone: Tone::Bad, ..field(label, hole_in_words(&hole, look)) }));
    fields.push(field("backfill", backfill));
    fields
}

/// From which day to which events are missing, and on which days they are lost: `2026-08-26 → 2026-11-04 (70d), lost day by day
/// from today to 2027-02-02`.
fn hole_in_words(hole: &Hole, look: &Look<'_>) -> String {
    let day = |at| look.zone.day(at);
    let length = units::coarse(hole.length());
    let lost = match (day(hole.lost_from()), day(hole.lost_by())) {
        (from, by) if from == by => format!("lost on {from}"),
        (from, by) if from == day(look.now) => format!("lost day by day, the first today, the last on {by}"),
        (from, by) => format!("lost day by day from {from} to {by}"),
    };
    format!("{} {} {} ({length}), {lost}", day(hole.from), look.theme.symbols.arrow, day(hole.to))
}

/// How the delivery fares: the only hint at why a backfill failed.
pub(super) fn delivery(status: &TrailStatus, look: &Look<'_>) -> Field {
    let last = status
        .sls_delivered
        .map_or_else(|| "nothing was ever delivered".to_owned(), |at| format!("last delivered {}", moment(at, look)));
    let (words, tone) = match (&status.sls_error, status.is_broken()) {
        (Some(error), true) => (format!("{error} ({last})"), Tone::Bad),
        (None, true) => (format!("the destination can't be used ({last})"), Tone::Bad),
        (Some(error), false) => (format!("works; {last}, after an error: {error}"), Tone::Normal),
        (None, false) => (format!("no error is known; {last}"), Tone::Normal),
    };
    Field { tone, ..field("delivery", text::clean(&words)) }
}

/// Why something is not known, in a few words: `not allowed: actiontrail:DescribeTrails`.
pub(super) fn why_not(errors: &[&Error]) -> Option<String> {
    let first = errors.first()?;
    let actions: Vec<&str> = errors.iter().filter_map(|error| error.missing_action()).collect();
    let words = match actions.is_empty() {
        true => format!("not read: {first}"),
        false => format!("not allowed: {}", actions.join(", ")),
    };
    Some(text::clean(&words).into_owned())
}

fn moment(at: Timestamp, look: &Look<'_>) -> String {
    format!("{} {}", look.zone.minute(at), look.zone.label(at))
}

/// The bar of a trail in so many columns, as one sign and tone each.
pub(super) fn bar(bar: &Bar, columns: usize, look: &Look<'_>) -> Vec<(&'static str, Tone)> {
    bar.cells(columns).into_iter().map(|state| sign(state, look)).collect()
}

/// The sign and the tone of a part of a bar.
pub(super) fn sign(state: SegmentState, look: &Look<'_>) -> (&'static str, Tone) {
    let symbols = look.theme.symbols;
    match state {
        SegmentState::Covered => (symbols.bar_full, Tone::Good),
        SegmentState::Hole => (symbols.bar_empty, Tone::Warning),
        SegmentState::Edge => (symbols.bar_lost, Tone::Bad),
    }
}
