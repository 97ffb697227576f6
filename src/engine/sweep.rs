//! A sweep that can be believed: when a read of several pages, which move while they are read, is known to be whole.
//!
//! # The rule, and why it holds
//!
//! One page is atomic. Several pages are accepted when the ids of two reads in a row agree, every page of the second
//! announced the same total, and that is the number of distinct ids. A poll compares with the poll before, so that the
//! steady state costs one read.
//!
//! Let *T* be the true list when the second read began, *S* the ids of both. Every job of *S* was there during the first
//! read and is seen again in the second, and ids do not come back; so it was there in between: *S* ⊆ *T*. The first page
//! announced |*T*|, which is |*S*|: *S* = *T*. No job that lived through the second read is missing. (The totals alone do
//! not do: a deletion on a page that was read and an insertion on one that was not cancel out, and the job at the boundary
//! vanishes. The ids alone do not either: a job that came between two polls can vanish in the same way.)

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use chrono::TimeDelta;

use super::{
    Error, Ground, Jobs, Quality, Reading, Why,
    pages::{self, Pages, Total},
};
use crate::{
    actiontrail::Page,
    job::{JobId, Timestamp},
};

/// How often the pages are read at most until two reads agree.
const MOST_READS: usize = 3;

/// What one sweep brought.
#[derive(Debug, Clone, Default)]
pub struct Sweep {
    /// Every job that was read; the newest state where pages or reads overlapped.
    pub jobs: Arc<Jobs>,
    /// Jobs of the sweep before that the service confirmed to be gone.
    pub gone: Vec<JobId>,
    /// Jobs of [`Self::jobs`] that the list lacks although nobody confirmed that they are gone.
    pub unlisted: BTreeSet<JobId>,
    /// When the last page was read.
    pub at: Timestamp,
    /// Whether it can be believed.
    pub quality: Quality,
    /// `TotalCount` of the last page.
    pub total: Option<u64>,
    /// `RequestId` of each page.
    pub request_ids: Vec<Arc<str>>,
    /// How far the server's clock is ahead of ours, where it is more than whole seconds explain.
    pub clock_offset: TimeDelta,
    /// After how long the next one follows.
    pub next_in: Duration,
    /// How long the last call took to be answered, where it was.
    pub latency: Option<Duration>,
    /// What is there to be read.
    pub ground: Ground,
}

/// What a sweep tells while it is under way.
#[derive(Debug)]
pub(super) enum Progress {
    /// It has come this far.
    Pages(Reading),
    /// A first read is done and will be confirmed by a second: better than an empty screen.
    Unconfirmed(Sweep),
}

/// Sweeps one target; remembers the read before.
#[derive(Debug, Default)]
pub(super) struct Sweeper {
    before: Option<Before>,
}

/// What a read is compared with.
#[derive(Debug)]
struct Before {
    jobs: Arc<Jobs>,
    total: Total,
}

/// What a read is worth.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Accepted(Quality),
    Again,
}

impl Sweeper {
    /// Reads all pages, and again until they can be believed, three times at most.
    ///
    /// # Errors
    /// The first failure of `page`; [`Error::TooMany`] for an absurd `TotalCount`.
    pub(super) async fn sweep(
        &mut self,
        page: impl AsyncFn(u32) -> Result<Page, Error>,
        clock: impl Fn() -> Timestamp,
        mut progress: impl FnMut(Progress),
    ) -> Result<Sweep, Error> {
        let first_ever = self.before.is_none();
        let mut union = Sweep::default();
        for reads in 1..=MOST_READS {
            let known = self.before.as_ref().map(|before| &before.jobs);
            let pages = pages::read(&page, known, &clock, &mut |reading| progress(Progress::Pages(reading))).await?;
            let verdict = judge(&pages, self.before.as_ref());
            self.before = Some(Before { jobs: Arc::clone(&pages.jobs), total: pages.total });
            if let Verdict::Accepted(quality) = verdict {
                return Ok(finish(pages, quality, clock()));
            }
            let moved = Quality::Unconfirmed(Why::Moved { reads: MOST_READS });
            union = merged(&union, finish(pages, moved, clock()));
            if reads == 1 && first_ever {
                let quality = Quality::Unconfirmed(Why::OneRead);
                progress(Progress::Unconfirmed(Sweep { quality, ..union.clone() }));
            }
        }
        Ok(union)
    }
}

fn judge(pages: &Pages, before: Option<&Before>) -> Verdict {
    let agreed = before.is_some_and(|before| before.jobs.ids().eq(pages.jobs.ids()));
    if pages.count > 1 && !agreed {
        return Verdict::Again;
    }
    let contradiction = |announced| Quality::Unconfirmed(Why::Contradicted { read: pages.distinct(), announced });
    match pages.total {
        _ if !pages.faults.is_empty() => {
            Verdict::Accepted(Quality::Unconfirmed(Why::Unreadable(pages.faults.clone().into())))
        }
        Total::Unsaid => Verdict::Accepted(Quality::Whole),
        Total::Steady(total) if total == pages.distinct() => Verdict::Accepted(Quality::Whole),
        // It said the same twice over the same ids: it will say so for ever, and reading again would not help.
        Total::Steady(total) if pages.count == 1 || before.is_some_and(|before| before.total == pages.total) => {
            Verdict::Accepted(contradiction(total))
        }
        Total::Steady(_) | Total::Moved(_) => Verdict::Again,
    }
}

/// The union of reads: the newest state of each job, and what else the later one says.
fn merged(earlier: &Sweep, later: Sweep) -> Sweep {
    if earlier.jobs.rows.is_empty() {
        return later;
    }
    let jobs = earlier.jobs.rows.iter().chain(&later.jobs.rows).cloned();
    Sweep { jobs: Arc::new(jobs.collect()), ..later }
}

fn finish(pages: Pages, quality: Quality, at: Timestamp) -> Sweep {
    Sweep {
        jobs: pages.jobs,
        at,
        quality,
        total: pages.total.announced(),
        request_ids: pages.request_ids,
        ..Sweep::default()
    }
}

#[cfg(test)]
mod tests;
