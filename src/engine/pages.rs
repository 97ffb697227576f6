//! One read of all pages of one target: the first, then the others side by side.
//!
//! Whether what was read can be believed is decided in [`super::sweep`].

use std::{mem, sync::Arc};

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{Error, Jobs, Reading};
use crate::{
    actiontrail::{MAX_PAGE_SIZE, Page},
    job::{Job, Names, Timestamp},
};

/// The most jobs that are read; an account that has more is a mistake of the server.
const MOST_JOBS: u64 = 200_000;

/// How many pages are asked for at once. The quota decides how many are really under way: it is only reached where a user
/// allows more calls a second than this, and then a list of 100 pages takes five times as long as one call. Each one under
/// way holds a page three times: as it is read, as a body, and as jobs.
const SIDE_BY_SIDE: usize = 24;

/// What all pages together brought.
#[derive(Debug, Default)]
pub(super) struct Pages {
    /// How many there were.
    pub(super) count: u32,
    /// How many entries one has, as the service echoes it.
    pub(super) size: u64,
    /// Every job, once all pages are there.
    pub(super) jobs: Arc<Jobs>,
    /// Until then, those that read as they did before, by their rows there: a list that is read again is not held twice.
    known: Vec<usize>,
    /// And all others.
    new: Vec<Job>,
    names: Names,
    /// What every page announced.
    pub(super) total: Total,
    /// `RequestId` of each page, in the order of the pages.
    pub(super) request_ids: Vec<Arc<str>>,
    /// Entries that could not be read as jobs.
    pub(super) faults: Vec<String>,
}

/// `TotalCount` over all pages of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Total {
    /// No page had one.
    #[default]
    Unsaid,
    /// Every page said the same.
    Steady(u64),
    /// Pages said different things: the list moved. This is what the last one said.
    Moved(u64),
}

impl Total {
    /// What the last page announced.
    pub(super) fn announced(self) -> Option<u64> {
        match self {
            Self::Unsaid => None,
            Self::Steady(total) | Self::Moved(total) => Some(total),
        }
    }

    fn and(self, next: Option<u64>) -> Self {
        match (self, next) {
            (total, None) => total,
            (Self::Unsaid, Some(next)) => Self::Steady(next),
            (Self::Steady(total), Some(next)) if total == next => self,
            (_, Some(next)) => Self::Moved(next),
        }
    }
}

/// Reads page after page until the service says that there is no more. What reads as it did `before` is taken from there.
///
/// # Errors
/// The first failure of `page`; [`Error::TooMany`] for an absurd `TotalCount`.
pub(super) async fn read(
    page: &impl AsyncFn(u32) -> Result<Page, Error>,
    before: Option<&Arc<Jobs>>,
    clock: &impl Fn() -> Timestamp,
    progress: &mut impl FnMut(Reading),
) -> Result<Pages, Error> {
    // As soon as a page is there: it may have to wait for those before it.
    let page = async |number| {
        let mut page = page(number).await?;
        let mut known = Vec::new();
        page.jobs.retain(|job| {
            let row = before.and_then(|before| before.row_of(job));
            known.extend(row);
            row.is_none()
        });
        Ok::<_, Error>((page, known))
    };
    let since = clock();
    let mut pages = Pages::default();
    progress(Reading { since, jobs: 0, total: None });
    let first = page(1).await?;
    let (mut more, announced) = (pages.add(first)?, pages.announced_pages());
    progress(pages.progress(since));
    if more == More::Likely {
        let numbers = stream::iter(2..=announced);
        let mut others = numbers.map(&page).buffered(SIDE_BY_SIDE);
        while let Some(next) = others.try_next().await? {
            more = pages.add(next)?;
            progress(pages.progress(since));
        }
    }
    // The list may have grown meanwhile, or the service may announce no total at all.
    while more == More::Likely {
        more = pages.add(page(pages.count + 1).await?)?;
        progress(pages.progress(since));
    }
    pages.jobs = pages.all(before);
    Ok(pages)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum More {
    Likely,
    No,
}

impl Pages {
    /// Distinct entries, those that could not be read included.
    pub(super) fn distinct(&self) -> u64 {
        (self.jobs.rows.len() + self.faults.len()) as u64
    }

    fn add(&mut self, (mut page, known): (Page, Vec<usize>)) -> Result<More, Error> {
        self.total = self.total.and(page.total);
        if let Some(total) = page.total.filter(|total| *total > MOST_JOBS) {
            return Err(Error::TooMany { total, limit: MOST_JOBS });
        }
        let entries = (page.jobs.len() + known.len() + page.faults.len()) as u64;
        // The size is taken as the service echoes it: one that caps pages at 50 has twice as many of them.
        self.size = page.size.filter(|size| *size > 0).unwrap_or(MAX_PAGE_SIZE.into());
        self.count += 1;
        page.jobs.iter_mut().for_each(|job| self.names.share_in(job));
        if known.is_empty() && self.new.is_empty() {
            // A first read: a list that grows page by page is held twice while it is moved.
            self.new.reserve(page.total.unwrap_or(0) as usize);
        }
        self.known.extend(known);
        self.new.extend(page.jobs);
        self.faults.extend(page.faults);
        self.request_ids.extend(page.request_id);
        let more = match page.total {
            Some(total) => u64::from(self.count).saturating_mul(self.size) < total,
            None => entries >= self.size,
        };
        let endless = u64::from(self.count).saturating_mul(self.size) > MOST_JOBS;
        Ok(if more && entries > 0 && !endless { More::Likely } else { More::No })
    }

    /// How many pages the first one announces.
    fn announced_pages(&self) -> u32 {
        let pages = self.total.announced().unwrap_or(0).div_ceil(self.size.max(1));
        u32::try_from(pages).unwrap_or(u32::MAX)
    }

    /// All that came: the very list from before where it reads the same.
    fn all(&mut self, before: Option<&Arc<Jobs>>) -> Arc<Jobs> {
        let (mut known, new) = (mem::take(&mut self.known), mem::take(&mut self.new));
        known.sort_unstable();
        known.dedup();
        match before {
            None => Arc::new(Jobs::from_iter(new)),
            Some(before) if new.is_empty() && known.len() == before.rows.len() => Arc::clone(before),
            Some(before) => Arc::new(known.into_iter().map(|row| before.rows[row].clone()).chain(new).collect()),
        }
    }

    fn progress(&self, since: Timestamp) -> Reading {
        Reading { since, jobs: (self.known.len() + self.new.len()) as u64, total: self.total.announced() }
    }
}
