//! Transitions written for scripts and people: the fields of a change, and the formats of a history.

use std::io::{self, Write};

use anstyle::Style;
use clap::ValueEnum;
use serde::Serialize;

use super::{
    Headers, Paint, csv,
    grid::{self, Align, NOTHING},
    json,
};
use crate::{
    job::{AccountId, Change, JobId, JobSeen, Status, StatusCounts, TargetKey, Timestamp, Transition, What},
    text, units,
};

/// How a history is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum HistoryFormat {
    /// Aligned columns for people
    Table,
    /// One document
    Json,
    /// One JSON object a line, a change each
    Ndjson,
    /// RFC 4180, with a header line
    Csv,
}

/// A change. The order of the fields is the order of JSON keys and CSV columns.
#[derive(Serialize)]
pub(super) struct ChangeRecord<'a> {
    time: String,
    r#type: &'static str,
    seen_from: Option<String>,
    job_id: Option<JobId>,
    trail_name: Option<&'a str>,
    home_region: Option<&'a str>,
    from: Option<&'static str>,
    to: Option<&'static str>,
    elapsed_seconds: Option<i64>,
    regions: Option<RegionsRecord>,
    profile: &'a str,
    region: &'a str,
    account_id: Option<&'a str>,
    /// Which region changed, where it was one: `region` is the target's.
    changed_region: Option<&'a str>,
    error: Option<ErrorRecord<'a>>,
}

#[derive(Serialize)]
pub(super) struct RegionsRecord {
    complete: usize,
    total: usize,
}

#[derive(Serialize)]
struct ErrorRecord<'a> {
    code: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct Document<'a> {
    transitions: Vec<ChangeRecord<'a>>,
}

impl<'a> ChangeRecord<'a> {
    pub(super) fn new(transition: &'a Transition) -> Self {
        let Transition { target, account, seen, what, .. } = transition;
        let (from, to) = statuses(what);
        Self {
            seen_from: seen.after.map(units::rfc3339),
            from: from.map(Status::word),
            to: to.map(Status::word),
            changed_region: match what {
                What::Job(_, Change::Region { region, .. }) => Some(region),
                _ => None,
            },
            error: match what {
                What::TargetLost(trouble) => Some(ErrorRecord { code: &trouble.code, message: &trouble.message }),
                _ => None,
            },
            ..Self::plain(what.word(), seen.by, target, account.as_ref(), what.job())
        }
    }

    /// A job as it is, which is no change.
    pub(super) fn of_state(
        job: &'a JobSeen,
        target: &'a TargetKey,
        account: Option<&'a AccountId>,
        at: Timestamp,
    ) -> Self {
        Self { to: Some(job.status.word()), ..Self::plain("state", at, target, account, Some(job)) }
    }

    fn plain(
        word: &'static str,
        at: Timestamp,
        target: &'a TargetKey,
        account: Option<&'a AccountId>,
        job: Option<&'a JobSeen>,
    ) -> Self {
        Self {
            time: units::rfc3339(at),
            r#type: word,
            seen_from: None,
            job_id: job.map(|job| job.key.id),
            trail_name: job.map(|job| &*job.trail).filter(|name| !name.is_empty()),
            home_region: job.map(|job| &*job.key.home),
            from: None,
            to: None,
            elapsed_seconds: job.and_then(|job| job.elapsed(at)).map(|run| run.num_seconds()),
            regions: job.and_then(|job| job.regions).map(RegionsRecord::new),
            profile: target.profile.as_str(),
            region: target.region.as_str(),
            account_id: account.map(AccountId::as_str),
            changed_region: None,
            error: None,
        }
    }
}

impl RegionsRecord {
    pub(super) fn new(counts: StatusCounts) -> Self {
        Self { complete: counts.complete, total: counts.total() }
    }
}

/// The status before and after: of a region where that is what changed, else of the job.
pub(super) fn statuses(what: &What) -> (Option<Status>, Option<Status>) {
    match what {
        What::Job(_, Change::Status { from, to } | Change::Region { from, to, .. }) => (Some(*from), Some(*to)),
        What::Job(job, Change::Appeared) => (None, Some(job.status)),
        What::Job(job, Change::Stalled) => (Some(job.status), Some(job.status)),
        What::Job(job, Change::Gone) => (Some(job.status), None),
        What::TargetLost(_) | What::TargetBack => (None, None),
    }
}

/// Writes transitions, in the order in which they come.
///
/// # Errors
/// Where the stream does not take it.
pub fn write_history(
    out: &mut dyn Write,
    format: HistoryFormat,
    transitions: &[Transition],
    paint: Paint,
) -> io::Result<()> {
    let records = || transitions.iter().map(ChangeRecord::new);
    match format {
        HistoryFormat::Table => table(out, transitions, paint)?,
        HistoryFormat::Json => json::pretty(out, &Document { transitions: records().collect() })?,
        HistoryFormat::Ndjson => records().try_for_each(|record| json::compact(out, &record))?,
        HistoryFormat::Csv => csv::write(out, Headers::Shown, CSV_FIELDS, records().map(cells))?,
    }
    out.flush()
}

/// The fields of a row, the two nested ones taken apart.
const CSV_FIELDS: [&str; 17] = [
    "time",
    "type",
    "seen_from",
    "job_id",
    "trail_name",
    "home_region",
    "from",
    "to",
    "elapsed_seconds",
    "regions_complete",
    "regions_total",
    "profile",
    "region",
    "account_id",
    "changed_region",
    "error_code",
    "error_message",
];

fn cells(change: ChangeRecord<'_>) -> [String; CSV_FIELDS.len()] {
    let text = |text: Option<&str>| text.map(csv::cell).unwrap_or_default();
    let count = |of: fn(&RegionsRecord) -> usize| change.regions.as_ref().map(|regions| of(regions).to_string());
    [
        change.time,
        change.r#type.to_owned(),
        change.seen_from.unwrap_or_default(),
        change.job_id.map(|id| id.to_string()).unwrap_or_default(),
        text(change.trail_name),
        text(change.home_region),
        text(change.from),
        text(change.to),
        change.elapsed_seconds.map(|seconds| seconds.to_string()).unwrap_or_default(),
        count(|regions| regions.complete).unwrap_or_default(),
        count(|regions| regions.total).unwrap_or_default(),
        csv::cell(change.profile),
        csv::cell(change.region),
        text(change.account_id),
        text(change.changed_region),
        text(change.error.as_ref().map(|error| error.code)),
        text(change.error.as_ref().map(|error| error.message)),
    ]
}

/// The columns for people: between which reads it came about, of what, and what it was.
const COLUMNS: [(&str, Align); 8] = [
    ("SEEN FROM", Align::Left),
    ("SEEN BY", Align::Left),
    ("JOB ID", Align::Right),
    ("TRAIL", Align::Left),
    ("TARGET", Align::Left),
    ("REGIONS", Align::Right),
    ("ELAPSED", Align::Right),
    ("CHANGE", Align::Left),
];

fn table(out: &mut dyn Write, transitions: &[Transition], paint: Paint) -> io::Result<()> {
    let rows: Vec<Vec<String>> = transitions.iter().map(row).collect();
    grid::write(out, &COLUMNS, Headers::Shown, paint, &rows, |row, column| {
        let status = statuses(&transitions[row].what).1;
        status.filter(|_| column == COLUMNS.len() - 1).map_or_else(Style::new, |status| paint.status(status))
    })
}

fn row(transition: &Transition) -> Vec<String> {
    let Transition { target, seen, what, .. } = transition;
    let job = what.job();
    let of_job = |cell: fn(&JobSeen, Timestamp) -> Option<String>| {
        job.and_then(|job| cell(job, seen.by)).unwrap_or_else(|| NOTHING.to_owned())
    };
    vec![
        seen.after.map_or_else(|| NOTHING.to_owned(), units::rfc3339_seconds),
        units::rfc3339_seconds(seen.by),
        of_job(|job, _| Some(job.key.id.to_string())),
        of_job(|job, _| Some(text::clean(&job.trail).into_owned()).filter(|name| !name.is_empty())),
        text::clean(&target.to_string()).into_owned(),
        of_job(|job, _| job.regions.map(|counts| format!("{}/{}", counts.complete, counts.total()))),
        // Without blanks, so that it stays one field.
        of_job(|job, by| job.elapsed(by).map(|run| units::exact(run).replace(' ', ""))),
        text::clean(&words(what)).into_owned(),
    ]
}

fn words(what: &What) -> String {
    match what {
        What::Job(job, Change::Appeared) => format!("appeared, {}", job.status),
        What::Job(job, Change::Gone) => format!("gone, was {}", job.status),
        What::Job(_, change) => change.to_string(),
        What::TargetLost(trouble) => format!("target lost, {}: {}", trouble.code, trouble.message),
        What::TargetBack => "target back".to_owned(),
    }
}

#[cfg(test)]
pub(super) mod tests;
