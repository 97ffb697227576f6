//! The facts of one job as labelled lines: what the details show, in which words.

use serde_json::Value;

use super::trail;
use crate::{
    engine::{Snapshot, TargetState},
    job::{
        Job, JobKey, JobSeen, RegionStatus, Regions, Row, Status, Timestamp, Transition, What,
        coverage::{Risk, Standing},
    },
    text,
    tui::{look::Look, theme::Tone},
    units,
};

/// A labelled fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) label: &'static str,
    pub(super) value: String,
    pub(super) tone: Tone,
}

pub(super) fn field(label: &'static str, value: impl Into<String>) -> Field {
    Field { label, value: value.into(), tone: Tone::Normal }
}

/// What a job means, what that costs, and what its trail has to do with it.
pub(super) fn of_standing(row: &Row<'_>, target: &TargetState, look: &Look<'_>) -> Vec<Field> {
    let risk = risk(row, look).map(|(risk, _)| risk);
    std::iter::once(status(row, look)).chain(risk).chain(trail::brief(row, target, look)).collect()
}

/// The times of a job.
pub(super) fn of_job(row: &Row<'_>, look: &Look<'_>) -> Vec<Field> {
    vec![run(row.job, look), window(row.job, look)]
}

/// Where it was read, and when. Of a job at work without the request, which is another one each time that the job moves: in
/// the small pane that would be most of what is drawn, and all details have it.
pub(super) fn of_read(row: &Row<'_>, target: &TargetState, look: &Look<'_>) -> Vec<Field> {
    let request = Some(request(target)).filter(|_| !row.job.status.is_active());
    [home(row), read(target, look)].into_iter().chain(request).collect()
}

/// Every field of the API and what follows from them.
pub(super) fn full(row: &Row<'_>, target: &TargetState, look: &Look<'_>) -> Vec<Field> {
    let job = row.job;
    let mut fields = vec![
        status(row, look),
        field("job id", job.id.to_string()),
        field("trail", text::clean(&job.trail)),
        home(row),
        field("created", moment(job, "CreatedTime", job.created, look)),
        field("updated", moment(job, "UpdatedTime", job.updated, look)),
        run(job, look),
        field("window", "of events, not of the run"),
        field("  from", moment(job, "StartTime", job.window.start, look)),
        field("  to", moment(job, "EndTime", job.window.end, look)),
    ];
    if let Some(length) = job.window.length() {
        fields.push(field("  length", units::exact(length)));
    }
    fields.extend(risk(row, look).map(|(risk, of)| Field { value: risk.value + &of, ..risk }));
    fields.extend(trail::brief(row, target, look));
    if target.unlisted.contains(&job.id) {
        let words = "the service does not list it any more, but did not say that it is gone";
        fields.push(Field { label: "listed", value: words.to_owned(), tone: Tone::Warning });
    }
    fields.push(read(target, look));
    fields.push(request(target));
    fields.push(field("endpoint", target.endpoint.to_string()));
    fields.extend(target.account.as_ref().map(|account| field("account", text::clean(account.as_str()))));
    fields.push(field("key", text::clean(&target.signing.with)));
    fields
}

/// Every region, those that failed first, then those that are not done.
pub(super) fn regions_by_urgency(regions: &Regions) -> Vec<&RegionStatus> {
    let mut rows: Vec<_> = regions.rows.iter().collect();
    rows.sort_by_key(|region| match region.status {
        Status::Failed => 0,
        status => 1 + status.urgency(),
    });
    rows
}

/// What the service sent and we have no name for.
pub(super) fn unknown(job: &Job) -> Vec<Field> {
    const KNOWN: [&str; 8] =
        ["JobId", "TrailName", "HomeRegion", "JobStatus", "CreatedTime", "UpdatedTime", "StartTime", "EndTime"];
    let raw: Value = serde_json::from_str(job.raw.get()).unwrap_or_default();
    let Value::Object(fields) = raw else { return Vec::new() };
    let unknown = fields.into_iter().filter(|(name, _)| !KNOWN.contains(&name.as_str()));
    unknown.map(|(name, value)| field("", text::clean(&format!("{name}: {value}")))).collect()
}

/// What the service says, and what that means now.
fn status(row: &Row<'_>, look: &Look<'_>) -> Field {
    let (symbol, words, tone) = look.theme.job(row);
    let reason = row.standing.and_then(Standing::reason);
    let value = format!("{symbol} {}", text::clean(&reason.unwrap_or(words)));
    Field { label: "status", value, tone }
}

/// What is being lost while a job that failed or stalled is not repeated, all of it at most; and in how many regions.
fn risk(row: &Row<'_>, look: &Look<'_>) -> Option<(Field, String)> {
    let (value, of) = risk_words(&row.risk(look.now)?, look);
    Some((Field { label: "at risk", value, tone: Tone::Bad }, of))
}

/// The same of a job that the service does not know any more.
pub(super) fn risk_of_gone(job: &JobSeen, look: &Look<'_>) -> Option<String> {
    let (value, of) = risk_words(&Risk::of_gone(job, look.now)?, look);
    Some(format!("At risk: {value}{of}, if no later job covers its window"))
}

fn risk_words(risk: &Risk, look: &Look<'_>) -> (String, String) {
    let of = risk.unfinished.map_or_else(String::new, |part| format!(", in {} of {} regions", part.regions, part.of));
    let gone = format!("{} {}", look.zone.minute(risk.all_gone), look.zone.label(risk.all_gone));
    let lost = if risk.lost.is_zero() { "nothing yet".to_owned() } else { units::largest_two(risk.lost) };
    let more = units::coarse(risk.next_day);
    (format!("at most {lost} lost, {more} more a day, all by {gone}"), of)
}

/// What was seen of it, the latest last, with the precision of the reads.
pub(super) fn seen(snapshot: &Snapshot, key: &JobKey, look: &Look<'_>) -> Vec<Field> {
    let of = |transition: &Transition| {
        let What::Job(_, change) = &transition.what else { return None };
        let by = look.zone.date_time(transition.seen.by);
        let when = match transition.seen.after {
            Some(after) => format!("between {} and {by}", look.zone.date_time(after)),
            None => format!("by {by}"),
        };
        Some(field("", text::clean(&format!("{change}, {when}"))))
    };
    snapshot.history(key).into_iter().filter_map(of).collect()
}

/// How long it ran, from when to when: `41m 2s · 2026-11-24 09:41:03Z → 10:22:05Z`.
fn run(job: &Job, look: &Look<'_>) -> Field {
    let mut words: Vec<String> = look.exact_run(job).into_iter().collect();
    let settled = job.updated.filter(|_| !job.status.is_active());
    match (job.created, settled) {
        (Some(from), Some(to)) => {
            let day = |at| look.zone.minute(at).split(' ').next().map(str::to_owned);
            let same_day = day(from) == day(to);
            let to = if same_day { look.zone.time(to) } else { look.zone.date_time(to) };
            words.push(format!("{} {} {to}", look.zone.date_time(from), look.theme.symbols.arrow));
        }
        (Some(from), None) => words.push(format!("since {}", look.zone.date_time(from))),
        (None, _) => words.push("its beginning is not known".to_owned()),
    }
    field("run", words.join(&format!(" {} ", look.theme.symbols.dot)))
}

/// The range of event times, never the run: `2026-08-26 09:41 → 2026-11-24 09:46 UTC (90d)`.
fn window(job: &Job, look: &Look<'_>) -> Field {
    let end = |at: Option<Timestamp>| at.map_or_else(|| "?".to_owned(), |at| look.zone.minute(at));
    let labels = [job.window.start, job.window.end].map(|at| at.map(|at| look.zone.label(at)));
    let label = match &labels {
        // Summer and winter time: one label would be wrong for one of the ends.
        [Some(from), Some(to)] if from != to => format!(" {from}/{to}"),
        [from, to] => to.as_ref().or(from.as_ref()).map_or_else(String::new, |label| format!(" {label}")),
    };
    let length = job.window.length().map_or_else(String::new, |length| format!(" ({})", units::coarse(length)));
    let arrow = look.theme.symbols.arrow;
    field("window", format!("{} {arrow} {}{label}{length}", end(job.window.start), end(job.window.end)))
}

fn home(row: &Row<'_>) -> Field {
    let home = row.job.home.as_deref().unwrap_or("unknown");
    field("target", text::clean(&format!("{}, home region {home}", row.target)))
}

/// When the list was last read. To the minute: more would be another sight at every poll.
fn read(target: &TargetState, look: &Look<'_>) -> Field {
    let words = |at| format!("{} {}", look.zone.minute(at), look.zone.label(at));
    field("read", target.read.as_ref().map_or_else(|| "not yet".to_owned(), |read| words(read.at)))
}

/// What to quote to support.
fn request(target: &TargetState) -> Field {
    let ids = target.read.as_ref().map_or(&[][..], |read| &read.request_ids);
    let words = match ids {
        [] => "unknown".to_owned(),
        [one] => one.to_string(),
        [.., last] => format!("{last}, the last of {}", ids.len()),
    };
    field("request", text::clean(&words))
}

/// A time with its age; what can't be read as a time is shown as it came.
fn moment(job: &Job, name: &str, at: Option<Timestamp>, look: &Look<'_>) -> String {
    if let Some(at) = at {
        let now = look.now;
        let age = if at > now { "ahead".to_owned() } else { look.ago(at) };
        return format!("{} ({age})", look.zone.date_time(at));
    }
    let raw: Value = serde_json::from_str(job.raw.get()).unwrap_or_default();
    match &raw[name] {
        Value::Null => "unknown".to_owned(),
        odd => text::clean(&format!("{odd} (not a time)")).into_owned(),
    }
}
