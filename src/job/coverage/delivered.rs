//! Of which times a trail's events have reached Log Service, as far as is known: backfills, and its delivery since it is on.
//!
//! In doubt an event was not delivered: a false hole annoys, a false "covered" loses audit events. Pure, and without `now`:
//! what of it lies within the last 90 days is in `bar`.

use super::{Bar, KEPT, Outcome, superseded::SLACK};
use crate::job::{Job, JobId, Regions, Switch, Timestamp, Trail, TrailScope, TrailStatus};

/// What is delivered of a trail's events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// What can be done about it.
    pub fitness: Fitness,
    /// The newest complete backfill, and when it was created.
    pub backfill: Option<(JobId, Timestamp)>,
    /// Since when the trail itself delivers, and until when if it has ended.
    pub live: Option<Span>,
    /// All of it, oldest first, with gaps between them.
    spans: Box<[Span]>,
}

/// A trail with what is delivered of its events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownTrail {
    /// The trail.
    pub trail: Trail,
    /// What is delivered.
    pub delivered: Delivered,
}

impl KnownTrail {
    /// Whether a job is one of this trail.
    #[must_use]
    pub fn is_of(&self, job: &Job) -> bool {
        is_of(&self.trail, job)
    }

    /// The trail of a job, among those that are known, which are sorted by name.
    #[must_use]
    pub fn find<'a>(known: &'a [Self], job: &Job) -> Option<&'a Self> {
        let from = known.partition_point(|row| row.trail.name < job.trail);
        known[from..].iter().take_while(|row| row.trail.name == job.trail).find(|row| is_of(&row.trail, job))
    }
}

/// Whether a trail can be backfilled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fitness {
    /// It delivers to Log Service.
    Fit,
    /// It is switched off, or was never switched on.
    Off,
    /// It delivers elsewhere.
    NotToSls,
    /// It delivers the events of an organization.
    OfOrganization,
}

/// A range of event times. It has no end where it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The oldest event time.
    pub from: Timestamp,
    /// Where it ends, if it does.
    pub to: Option<Timestamp>,
}

impl Delivered {
    /// What is known of a trail's delivery. `jobs` are those of its account; others than its own are left aside.
    #[must_use]
    pub fn of<'a>(
        trail: &Trail,
        status: Option<&TrailStatus>,
        jobs: impl Iterator<Item = (&'a Job, Option<&'a Regions>)>,
    ) -> Self {
        let mut backfills: Vec<(Timestamp, &Job, Span)> = jobs
            .filter(|(job, _)| is_of(trail, job))
            .filter_map(|(job, regions)| {
                let (created, span) = backfilled(job, regions)?;
                // A job that is older than its trail was of another one of the same name.
                let is_older = trail.created.is_some_and(|trail| created + SLACK < trail);
                (!is_older).then_some((created, job, span))
            })
            .collect();
        backfills.sort_by_key(|(created, job, _)| (*created, job.id));
        let first = backfills.first().map(|(created, ..)| *created);
        let live = live(trail, status, first).filter(|_| trail.sls_project.is_some());
        let spans = backfills.iter().map(|(.., span)| *span).chain(live);
        Self {
            fitness: Fitness::of(trail, status),
            backfill: backfills.last().map(|(created, job, _)| (job.id, *created)),
            live,
            spans: merged(spans.collect()),
        }
    }

    /// What is delivered, oldest first, with gaps between.
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// Whether the trail delivers to Log Service, and events of the last 90 days are not there that a backfill would bring: what
    /// nobody notices.
    #[must_use]
    pub fn is_uncovered(&self, now: Timestamp) -> bool {
        self.fitness == Fitness::Fit && self.whole(now).is_none()
    }

    /// What holds every event of the last 90 days.
    fn whole(&self, now: Timestamp) -> Option<&Span> {
        let horizon = now.checked_sub_signed(KEPT)?;
        self.spans.iter().find(|span| span.from <= horizon && span.to.is_none_or(|to| to > now))
    }

    /// When it is covered, or uncovered, although nothing that is known changes: the last gap is past the 90 days, or what was
    /// delivered ends.
    #[must_use]
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        match self.whole(now) {
            Some(span) => span.to,
            None => self.spans.last().filter(|span| span.to.is_none())?.from.checked_add_signed(KEPT),
        }
    }

    /// The word for what is so of it.
    #[must_use]
    pub fn word(&self, now: Timestamp) -> &'static str {
        match self.fitness {
            Fitness::Fit if self.is_uncovered(now) => "uncovered",
            Fitness::Fit => "covered",
            Fitness::Off => "off",
            Fitness::NotToSls => "not_to_sls",
            Fitness::OfOrganization => "organization",
        }
    }

    /// Its last 90 days, where it delivers to Log Service at all.
    #[must_use]
    pub fn bar(&self, now: Timestamp) -> Option<Bar> {
        matches!(self.fitness, Fitness::Fit | Fitness::Off).then(|| Bar::of(self, now))
    }
}

impl Fitness {
    fn of(trail: &Trail, status: Option<&TrailStatus>) -> Self {
        match trail {
            Trail { scope: TrailScope::Organization, .. } => Self::OfOrganization,
            Trail { sls_project: None, .. } => Self::NotToSls,
            _ if is_off(trail, status) => Self::Off,
            _ => Self::Fit,
        }
    }
}

fn is_off(trail: &Trail, status: Option<&TrailStatus>) -> bool {
    // The answer that is asked for more often counts more.
    let off = || matches!(trail.switch, Switch::Off | Switch::Fresh);
    status.and_then(|status| status.logging).map_or_else(off, |logging| !logging)
}

/// Whether a job is one of this trail: by its name, which is unique in an account, and its home region where both are known.
fn is_of(trail: &Trail, job: &Job) -> bool {
    trail.name == job.trail && trail.home.as_ref().zip(job.home.as_ref()).is_none_or(|(trail, job)| trail == job)
}

/// When a job was created that proves that events were delivered, and which.
fn backfilled(job: &Job, regions: Option<&Regions>) -> Option<(Timestamp, Span)> {
    if Outcome::of(job, regions) != (Outcome::Complete { whole: true }) {
        return None;
    }
    let (created, start, end) = (job.created?, job.window.start?, job.window.end?);
    let horizon = created.checked_sub_signed(KEPT)?;
    // As far back as the service had events at all.
    let from = if start - horizon <= SLACK { start.min(horizon) } else { start };
    (from < end).then_some((created, Span { from, to: Some(end) }))
}

/// What the trail itself delivers since it was last switched on. `backfilled` is when it was first backfilled.
fn live(trail: &Trail, status: Option<&TrailStatus>, backfilled: Option<Timestamp>) -> Option<Span> {
    let started = status.and_then(|status| status.started).max(trail.started);
    let stopped = status.and_then(|status| status.stopped).max(trail.stopped);
    let is_on = trail.switch == Switch::On || status.and_then(|status| status.logging) == Some(true);
    let is_on = is_on && !is_off(trail, status);
    let on = started.or(trail.created.filter(|_| is_on))?;
    // It may have been given its project only when it was last configured; a backfill before proves that it had one.
    let configured = trail.updated.map(|at| backfilled.map_or(at, |proof| at.min(proof)));
    let from = on.max(configured.unwrap_or(on));
    let to = match (is_on, status.filter(|status| status.is_broken())) {
        (true, None) => return Some(Span { from, to: None }),
        (true, Some(status)) => status.sls_delivered?,
        (false, _) => stopped?,
    };
    (from < to).then_some(Span { from, to: Some(to) })
}

/// Spans in order, with gaps between.
fn merged(mut spans: Vec<Span>) -> Box<[Span]> {
    spans.sort_by_key(|span| span.from);
    let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if last.to.is_none_or(|to| span.from <= to) => {
                last.to = last.to.zip(span.to).map(|(a, b)| a.max(b));
            }
            _ => merged.push(span),
        }
    }
    merged.into()
}
