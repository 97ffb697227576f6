//! Snapshots and jobs written for scripts and people: a file per format, shared by the command line and the dashboard.
//!
//! Field names, their order and the shape of each format are the contract with scripts. Nothing here asks the service or
//! waits for it, and only `file` touches a disk.

mod clip;
mod coverage;
mod csv;
mod event;
mod file;
mod grid;
mod history;
mod id;
mod json;
mod paint;
mod prometheus;
mod raw;
mod record;
mod shell;
mod table;
#[cfg(test)]
mod tests;
mod wait;
mod watch;

use std::io::{self, Write};

use clap::ValueEnum;

pub use clip::Clip;
pub use coverage::{CoverageFormat, TrailListing, write_coverage};
pub use event::event;
pub use file::{Export, FileFormat, Overwrite, SaveError, Saved, View, default_name};
pub use history::{HistoryFormat, write_history};
pub use json::pretty as write_document;
pub use paint::Paint;
pub use prometheus::metrics;
pub use shell::quote;
pub use wait::{JobWaited, Summary, WaitFormat, write_summary};
pub use watch::{Arrow, Line, Pulse, WatchFormat, WatchStyle, write_line};

use crate::{
    actiontrail::Detail,
    engine::{RowRef, Snapshot},
    job::{AccountId, Order, Row, TargetKey, Timestamp},
};

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Aligned columns for people
    Table,
    /// One document: jobs, and how well each target was read
    Json,
    /// One JSON object a line, a job each
    Ndjson,
    /// RFC 4180, with a header line
    Csv,
    /// One document in the API's own shape, over all pages
    Raw,
    /// One job id a line
    Id,
    /// Counts and freshness of each target, as Prometheus reads them
    Prometheus,
}

/// How one job is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum JobFormat {
    /// A line for each field
    Table,
    /// One document
    Json,
    /// The API's answer as it came
    Raw,
}

/// Whether the first line names the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Headers {
    /// It does.
    Shown,
    /// It is left out.
    Hidden,
}

/// A list to write: which rows of a snapshot, in which order, as of when.
#[derive(Debug, Clone)]
pub struct Listing<'a> {
    /// What was read.
    pub snapshot: &'a Snapshot,
    /// The rows to write, in order.
    pub rows: Vec<RowRef>,
    /// For how long active jobs have run.
    pub now: Timestamp,
}

/// One job to write, with the target that knows it.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// Which target answered.
    pub target: &'a TargetKey,
    /// The account, where it is known.
    pub account: Option<&'a AccountId>,
    /// The answer.
    pub detail: &'a Detail,
    /// For how long an active job has run.
    pub now: Timestamp,
}

/// Why nothing, or not everything, was written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The API's shape has no place for two targets.
    #[error("raw output is one answer of the API: it takes exactly one target, not {0}")]
    SeveralTargets(usize),
    /// The stream does not take it.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl<'a> Listing<'a> {
    /// Every job of a snapshot once, in an order.
    #[must_use]
    pub fn sorted(snapshot: &'a Snapshot, order: Order, now: Timestamp) -> Self {
        let mut rows = snapshot.rows();
        order.sort(&mut rows, |at| snapshot.row(*at), now);
        Self { snapshot, rows, now }
    }

    /// Leaves only the rows that are wanted. `wanted` is told the service's time, as each row's ages are.
    pub fn keep(&mut self, wanted: impl Fn(&Row<'_>, Timestamp) -> bool) {
        let mut rows = std::mem::take(&mut self.rows);
        rows.retain(|at| wanted(&self.snapshot.row(*at), self.service_now(*at)));
        self.rows = rows;
    }
}

/// Writes a list.
///
/// Where no target was read, only [`Format::Json`] and [`Format::Prometheus`] have a way to say so; the others write nothing,
/// which is not an empty list.
///
/// # Errors
/// [`Error::SeveralTargets`] for [`Format::Raw`] with other than one target, before anything is written.
pub fn write_list(
    out: &mut dyn Write,
    format: Format,
    listing: &Listing<'_>,
    headers: Headers,
    paint: Paint,
) -> Result<(), Error> {
    let unread = listing.snapshot.targets.iter().all(|target| target.read.is_none());
    match format {
        Format::Table | Format::Csv if unread => {}
        Format::Table => table::list(out, listing, headers, paint)?,
        Format::Json => json::list(out, listing)?,
        Format::Ndjson => json::lines(out, listing)?,
        Format::Csv => csv::list(out, listing, headers)?,
        Format::Raw => raw::list(out, listing)?,
        Format::Id => id::list(out, listing)?,
        Format::Prometheus => prometheus::list(out, listing)?,
    }
    Ok(out.flush()?)
}

/// Writes one job with its regions.
///
/// # Errors
/// Where the stream does not take it.
pub fn write_job(out: &mut dyn Write, format: JobFormat, found: &Found<'_>, paint: Paint) -> io::Result<()> {
    match format {
        JobFormat::Table => table::job(out, found, paint)?,
        JobFormat::Json => json::job(out, found)?,
        JobFormat::Raw => raw::job(out, found)?,
    }
    out.flush()
}
