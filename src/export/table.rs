//! `table`: aligned columns for people. Nothing is cut: whoever pipes it gets every character.

use std::io::{self, Write};

use anstyle::Style;

use super::{
    Found, Headers, Listing, Paint,
    grid::{self, Align, NOTHING, WIDEST},
};
use crate::{
    engine::RowRef,
    job::{Job, Regions, Row, Timestamp},
    text, units,
};

/// A column: its title, its side, and what stands in it.
struct Column {
    title: &'static str,
    align: Align,
    cell: fn(&Row<'_>, Timestamp) -> String,
}

const STATUS: Column = Column { title: "STATUS", align: Align::Left, cell: |row, _| row.job.status.to_string() };
const ID: Column = Column { title: "JOB ID", align: Align::Right, cell: |row, _| row.job.id.to_string() };
const TRAIL: Column = Column { title: "TRAIL", align: Align::Left, cell: |row, _| trail(row.job) };
const TARGET: Column =
    Column { title: "TARGET", align: Align::Left, cell: |row, _| text::clean(&row.target.to_string()).into_owned() };
const HOME: Column = Column { title: "HOME", align: Align::Left, cell: |row, _| home(row.job) };
const PROGRESS: Column = Column { title: "PROGRESS", align: Align::Right, cell: |row, _| progress(row.regions) };
const CREATED: Column = Column { title: "CREATED", align: Align::Left, cell: |row, _| time(row.job.created) };
const ELAPSED: Column = Column { title: "ELAPSED", align: Align::Right, cell: |row, now| elapsed(row.job, now) };
const UPDATED: Column = Column { title: "UPDATED", align: Align::Left, cell: |row, _| time(row.job.updated) };

pub(super) fn list(out: &mut dyn Write, listing: &Listing<'_>, headers: Headers, paint: Paint) -> io::Result<()> {
    let columns = columns(listing);
    let cell = |at: &RowRef, column: &Column| (column.cell)(&listing.snapshot.row(*at), listing.service_now(*at));
    let rows: Vec<Vec<String>> =
        listing.rows.iter().map(|at| columns.iter().map(|column| cell(at, column)).collect()).collect();
    let titles: Vec<(&str, Align)> = columns.iter().map(|column| (column.title, column.align)).collect();
    grid::write(out, &titles, headers, paint, &rows, |row, column| match column {
        0 => paint.status(listing.snapshot.job(listing.rows[row]).status),
        _ => Style::new(),
    })
}

/// All columns that have something to say: the home region where it differs, progress where it was read.
fn columns(listing: &Listing<'_>) -> Vec<Column> {
    let any = |test: fn(&Row<'_>) -> bool| listing.rows.iter().any(|at| test(&listing.snapshot.row(*at)));
    let elsewhere = any(|row| row.job.home.as_deref().is_some_and(|home| home != row.target.region.as_str()));
    let progress = any(|row| row.regions.is_some());
    [
        Some(STATUS),
        Some(ID),
        Some(TRAIL),
        Some(TARGET),
        elsewhere.then_some(HOME),
        progress.then_some(PROGRESS),
        Some(CREATED),
        Some(ELAPSED),
        Some(UPDATED),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub(super) fn job(out: &mut dyn Write, found: &Found<'_>, paint: Paint) -> io::Result<()> {
    let job = &found.detail.job;
    let regions = &found.detail.regions;
    let mut field = |name: &str, style: Style, value: &str| writeln!(out, "{name:<11}{style}{value}{style:#}");
    let plain = Style::new();
    field("job", plain, &job.id.to_string())?;
    field("trail", plain, &trail(job))?;
    field("home", plain, &home(job))?;
    field("target", plain, &text::clean(&found.target.to_string()))?;
    field("status", paint.status(job.status), &job.status.to_string())?;
    field("created", plain, &time(job.created))?;
    field("updated", plain, &time(job.updated))?;
    field("run", plain, &elapsed(job, found.now))?;
    field("window", plain, &format!("{} .. {}", time(job.window.start), time(job.window.end)))?;
    field("regions", plain, &progress(Some(regions)))?;
    let names: Vec<_> = regions.rows.iter().map(|row| text::clean(&row.region)).collect();
    let widest = names.iter().map(|name| text::width(name)).max().unwrap_or(0).min(WIDEST);
    for (row, name) in regions.rows.iter().zip(&names) {
        let (style, fill) = (paint.status(row.status), " ".repeat(widest.saturating_sub(text::width(name))));
        field("", plain, &format!("{name}{fill}  {style}{}{style:#}", row.status))?;
    }
    let request_id = regions.request_id.as_deref().map_or(NOTHING.into(), text::clean);
    field("request id", plain, &request_id)
}

fn trail(job: &Job) -> String {
    if job.trail.is_empty() { NOTHING.to_owned() } else { text::clean(&job.trail).into_owned() }
}

fn home(job: &Job) -> String {
    job.home.as_deref().map_or(NOTHING.into(), text::clean).into_owned()
}

fn progress(regions: Option<&Regions>) -> String {
    let counts = regions.map(Regions::counts).filter(|counts| counts.total() > 0);
    counts.map_or_else(|| NOTHING.to_owned(), |counts| format!("{}/{}", counts.complete, counts.total()))
}

fn time(at: Option<Timestamp>) -> String {
    at.map_or_else(|| NOTHING.to_owned(), units::rfc3339)
}

/// Without blanks, so that it stays one field.
fn elapsed(job: &Job, now: Timestamp) -> String {
    job.elapsed(now).map_or_else(|| NOTHING.to_owned(), |run| units::exact(run).replace(' ', ""))
}
