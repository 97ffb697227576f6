//! What of the last 90 days of each trail's events was delivered, for people and for auditors' scripts.

use std::io::{self, Write};

use anstyle::Style;
use chrono::SubsecRound as _;
use clap::ValueEnum;
use serde::Serialize;

use super::{
    Headers, Paint,
    grid::{self, Align, NOTHING},
    json,
    record::ErrorRecord,
};
use crate::{
    engine::{Snapshot, TargetState, TrailRef},
    job::{
        AccountId, Filter, JobId, Switch, Timestamp, TrailScope,
        coverage::{Bar, Hole, KnownTrail, Segment, SegmentState},
    },
    text, units,
};

/// How many signs a bar has in a table: three days each.
const CELLS: usize = 30;

/// How coverage is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CoverageFormat {
    /// Aligned columns for people
    Table,
    /// One document: trails, and how well each target was read
    Json,
}

/// Trails to write, in order, as of when.
#[derive(Debug, Clone)]
pub struct TrailListing<'a> {
    snapshot: &'a Snapshot,
    rows: Vec<TrailRef>,
    now: Timestamp,
}

impl<'a> TrailListing<'a> {
    /// The trails that a filter lets through: first those that lack events, then by name.
    #[must_use]
    pub fn filtered(snapshot: &'a Snapshot, filter: &Filter, now: Timestamp) -> Self {
        // The service's times are whole seconds: more would only pretend.
        let now = now.trunc_subsecs(0);
        let mut listing = Self { snapshot, rows: snapshot.trails(now), now };
        let mut rows = std::mem::take(&mut listing.rows);
        rows.retain(|at| filter.matches_trail(&snapshot.trail(*at), listing.service_now(*at)));
        Self { rows, ..listing }
    }

    /// How many of them deliver to Log Service and lack events there.
    #[must_use]
    pub fn uncovered(&self) -> usize {
        let lacks = |at: &&TrailRef| self.known(**at).delivered.is_uncovered(self.service_now(**at));
        self.rows.iter().filter(lacks).count()
    }

    fn known(&self, at: TrailRef) -> &'a KnownTrail {
        self.snapshot.trail(at).known
    }

    fn target(&self, at: TrailRef) -> &'a TargetState {
        &self.snapshot.targets[at.target as usize]
    }

    /// The service's time, by which the last 90 days are counted.
    fn service_now(&self, at: TrailRef) -> Timestamp {
        self.target(at).service_time(self.now)
    }

    fn bar(&self, at: TrailRef) -> Option<Bar> {
        self.known(at).delivered.bar(self.service_now(at))
    }
}

/// Writes it. Where no trails were read, a table is nothing, which is not an empty one.
///
/// # Errors
/// Where the stream does not take it.
pub fn write_coverage(
    out: &mut dyn Write,
    format: CoverageFormat,
    listing: &TrailListing<'_>,
    headers: Headers,
    paint: Paint,
) -> io::Result<()> {
    let unread = listing.snapshot.targets.iter().all(|target| target.trails.read.is_none());
    match format {
        CoverageFormat::Table if unread => {}
        CoverageFormat::Table => table(out, listing, headers, paint)?,
        CoverageFormat::Json => json::pretty(out, &Document::new(listing))?,
    }
    out.flush()
}

const COLUMNS: [(&str, Align); 9] = [
    ("COVERAGE", Align::Left),
    ("TRAIL", Align::Left),
    ("TARGET", Align::Left),
    ("90 DAYS AGO                NOW", Align::Left),
    ("HOLE", Align::Right),
    ("LOST FROM", Align::Left),
    ("LOST BY", Align::Left),
    ("LIVE SINCE", Align::Left),
    ("BACKFILL", Align::Right),
];

fn table(out: &mut dyn Write, listing: &TrailListing<'_>, headers: Headers, paint: Paint) -> io::Result<()> {
    let rows: Vec<Vec<String>> = listing.rows.iter().map(|at| cells(listing, *at).to_vec()).collect();
    let uncovered = |row: usize| {
        let at = listing.rows[row];
        listing.known(at).delivered.is_uncovered(listing.service_now(at))
    };
    grid::write(out, &COLUMNS, headers, paint, &rows, |row, column| match column {
        0 if uncovered(row) => paint.status(crate::job::Status::Failed),
        _ => Style::new(),
    })
}

fn cells(listing: &TrailListing<'_>, at: TrailRef) -> [String; COLUMNS.len()] {
    let KnownTrail { trail, delivered } = listing.known(at);
    let bar = listing.bar(at);
    let hole = bar.as_ref().map(Bar::missing);
    let holes: Vec<_> = bar.iter().flat_map(Bar::holes).collect();
    let time = |at: Option<Timestamp>| at.map_or_else(|| NOTHING.to_owned(), units::rfc3339_seconds);
    [
        delivered.word(listing.service_now(at)).to_owned(),
        text::clean(&trail.name).into_owned(),
        text::clean(&listing.target(at).key.to_string()).into_owned(),
        bar.as_ref().map_or_else(|| NOTHING.to_owned(), drawn),
        hole.map_or_else(
            || NOTHING.to_owned(),
            |hole| if hole.is_zero() { "0".to_owned() } else { units::coarse(hole) },
        ),
        time(holes.first().map(Hole::lost_from)),
        time(holes.last().map(Hole::lost_by)),
        time(delivered.live.map(|live| live.from)),
        delivered.backfill.map_or_else(|| NOTHING.to_owned(), |(id, _)| id.to_string()),
    ]
}

/// In signs that every terminal, file and mail has.
fn drawn(bar: &Bar) -> String {
    let sign = |state| match state {
        SegmentState::Covered => '#',
        SegmentState::Hole => '.',
        SegmentState::Edge => 'x',
    };
    bar.cells(CELLS).into_iter().map(sign).collect()
}

#[derive(Serialize)]
struct Document<'a> {
    complete: bool,
    trails: Vec<TrailRecord<'a>>,
    targets: Vec<TargetRecord<'a>>,
}

impl<'a> Document<'a> {
    fn new(listing: &TrailListing<'a>) -> Self {
        let targets: Vec<_> = listing.snapshot.targets.iter().map(|target| TargetRecord::new(target)).collect();
        Self {
            complete: targets.iter().all(|target| target.complete),
            trails: listing.rows.iter().map(|at| TrailRecord::new(listing, *at)).collect(),
            targets,
        }
    }
}

#[derive(Serialize)]
struct TrailRecord<'a> {
    trail_name: &'a str,
    home_region: Option<&'a str>,
    status: &'a str,
    coverage: &'static str,
    covered_seconds: Option<i64>,
    hole_seconds: Option<i64>,
    segments: Vec<SegmentRecord>,
    backfill_job_id: Option<JobId>,
    live_from: Option<String>,
    live_to: Option<String>,
    sls_project_arn: Option<&'a str>,
    oss_bucket_name: Option<&'a str>,
    event_rw: Option<&'a str>,
    trail_region: Option<&'a str>,
    is_organization_trail: bool,
    create_time: Option<String>,
    update_time: Option<String>,
    start_logging_time: Option<String>,
    stop_logging_time: Option<String>,
    is_logging: Option<bool>,
    latest_delivery_log_service_error: Option<&'a str>,
    latest_delivery_log_service_time: Option<String>,
    profile: &'a str,
    region: &'a str,
    account_id: Option<&'a str>,
}

impl<'a> TrailRecord<'a> {
    fn new(listing: &TrailListing<'a>, at: TrailRef) -> Self {
        let (KnownTrail { trail, delivered }, target) = (listing.known(at), listing.target(at));
        let status = target.trails.status(&trail.name);
        let bar = listing.bar(at);
        let time = |at: Option<Timestamp>| at.map(units::rfc3339);
        Self {
            trail_name: &trail.name,
            home_region: trail.home.as_deref(),
            status: if trail.switch == Switch::Fresh { "fresh" } else { trail.switch.word() },
            coverage: delivered.word(listing.service_now(at)),
            covered_seconds: bar.as_ref().map(|bar| bar.total(SegmentState::Covered).num_seconds()),
            hole_seconds: bar.as_ref().map(|bar| bar.missing().num_seconds()),
            segments: bar.iter().flat_map(|bar| &bar.segments).map(SegmentRecord::new).collect(),
            backfill_job_id: delivered.backfill.map(|(id, _)| id),
            live_from: time(delivered.live.map(|live| live.from)),
            live_to: time(delivered.live.and_then(|live| live.to)),
            sls_project_arn: trail.sls_project.as_deref(),
            oss_bucket_name: trail.oss_bucket.as_deref(),
            event_rw: trail.events.as_deref(),
            trail_region: trail.regions.as_deref(),
            is_organization_trail: trail.scope == TrailScope::Organization,
            create_time: time(trail.created),
            update_time: time(trail.updated),
            start_logging_time: time(trail.started),
            stop_logging_time: time(trail.stopped),
            is_logging: status.and_then(|status| status.logging),
            latest_delivery_log_service_error: status.and_then(|status| status.sls_error.as_deref()),
            latest_delivery_log_service_time: time(status.and_then(|status| status.sls_delivered)),
            profile: target.key.profile.as_str(),
            region: target.key.region.as_str(),
            account_id: target.account.as_ref().map(AccountId::as_str),
        }
    }
}

#[derive(Serialize)]
struct SegmentRecord {
    state: &'static str,
    start_time: String,
    end_time: String,
    /// When the first and the last of its events is lost.
    lost_from: Option<String>,
    lost_by: Option<String>,
}

impl SegmentRecord {
    fn new(segment: &Segment) -> Self {
        let hole = segment.hole();
        Self {
            state: segment.state.word(),
            start_time: units::rfc3339(segment.from),
            end_time: units::rfc3339(segment.to),
            lost_from: hole.map(|hole| units::rfc3339(hole.lost_from())),
            lost_by: hole.map(|hole| units::rfc3339(hole.lost_by())),
        }
    }
}

#[derive(Serialize)]
struct TargetRecord<'a> {
    profile: &'a str,
    region: &'a str,
    account_id: Option<&'a str>,
    complete: bool,
    read_time: Option<String>,
    error: Option<ErrorRecord<'a>>,
    /// Why it is not known how deliveries fare.
    status_error: Option<ErrorRecord<'a>>,
}

impl<'a> TargetRecord<'a> {
    fn new(target: &'a TargetState) -> Self {
        let trails = &target.trails;
        let error = || trails.error.as_ref().map(|error| ErrorRecord::new(error));
        Self {
            profile: target.key.profile.as_str(),
            region: target.key.region.as_str(),
            account_id: target.account.as_ref().map(AccountId::as_str),
            complete: target.is_complete() && trails.is_complete(),
            read_time: trails.read.map(units::rfc3339),
            error: ErrorRecord::of_target(target).or_else(error),
            status_error: trails.status_error.as_ref().map(|error| ErrorRecord::new(error)),
        }
    }
}

#[cfg(test)]
mod tests;
