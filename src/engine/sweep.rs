//! One read of all pages of one target: when it ends, and whether it can be believed.
//!
//! Where the pages come from is the caller's matter, so that tests can let them move while they are read.

use std::{collections::BTreeMap, sync::Arc};

use chrono::TimeDelta;

use super::{Error, Quality, Reading, Why};
use crate::{
    actiontrail::{MAX_PAGE_SIZE, Page},
    job::{Job, JobId, Timestamp},
};

/// The most jobs that are read; an account that has more is a mistake of the server.
const MOST_JOBS: u64 = 200_000;

/// What one sweep brought.
#[derive(Debug, Clone)]
pub struct Sweep {
    /// Every job that was read, by id; the newest state where pages overlapped.
    pub jobs: BTreeMap<JobId, Job>,
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
}

/// Reads page after page until the service says that there is no more.
///
/// # Errors
/// The first failure of `page`; [`Error::TooMany`] for an absurd `TotalCount`.
pub(super) async fn sweep(
    mut page: impl AsyncFnMut(u32) -> Result<Page, Error>,
    clock: impl Fn() -> Timestamp,
    mut progress: impl FnMut(Reading),
) -> Result<Sweep, Error> {
    let since = clock();
    let mut pages = Pages::default();
    progress(Reading { since, jobs: 0, total: None });
    loop {
        let next = page(pages.read + 1).await?;
        let last = pages.add(next, clock())?;
        progress(Reading { since, jobs: pages.jobs.len() as u64, total: pages.total });
        if last == Position::Last {
            return Ok(pages.finish(clock()));
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    Between,
    Last,
}

/// The pages read so far.
#[derive(Debug, Default)]
struct Pages {
    read: u32,
    entries: u64,
    jobs: BTreeMap<JobId, Job>,
    total: Option<u64>,
    request_ids: Vec<Arc<str>>,
    faults: Vec<String>,
    clock_offset: TimeDelta,
}

impl Pages {
    fn add(&mut self, page: Page, now: Timestamp) -> Result<Position, Error> {
        self.total = page.total;
        if let Some(total) = page.total.filter(|total| *total > MOST_JOBS) {
            return Err(Error::TooMany { total, limit: MOST_JOBS });
        }
        let entries = (page.jobs.len() + page.faults.len()) as u64;
        // The size is taken as the service echoes it: one that caps pages at 50 has twice as many of them.
        let size = page.size.filter(|size| *size > 0).unwrap_or(MAX_PAGE_SIZE.into());
        self.read += 1;
        self.entries += entries;
        for job in page.jobs {
            self.keep_newest(job);
        }
        self.faults.extend(page.faults);
        self.request_ids.extend(page.request_id);
        self.clock_offset = page.server_time.map_or(self.clock_offset, |server| offset(server, now));
        let more = match page.total {
            Some(total) => u64::from(self.read) * size < total,
            None => entries >= size,
        };
        Ok(if more && entries > 0 && self.entries <= MOST_JOBS { Position::Between } else { Position::Last })
    }

    fn keep_newest(&mut self, job: Job) {
        let older = self.jobs.get(&job.id).is_some_and(|known| known.updated > job.updated);
        if !older {
            self.jobs.insert(job.id, job);
        }
    }

    fn finish(self, at: Timestamp) -> Sweep {
        let read = self.jobs.len() as u64 + self.faults.len() as u64;
        let quality = match self.total {
            _ if !self.faults.is_empty() => Quality::Unconfirmed(Why::Unreadable(self.faults.into())),
            Some(announced) if announced != read => Quality::Unconfirmed(Why::Moved { read, announced }),
            _ => Quality::Whole,
        };
        Sweep {
            jobs: self.jobs,
            at,
            quality,
            total: self.total,
            request_ids: self.request_ids,
            clock_offset: self.clock_offset,
        }
    }
}

/// The header `Date` has whole seconds and the answer took its time: what they explain is no offset.
fn offset(server: Timestamp, now: Timestamp) -> TimeDelta {
    let ahead = server - now;
    if ahead.abs() > TimeDelta::seconds(5) { ahead } else { TimeDelta::zero() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::tests::job;

    fn page(ids: std::ops::Range<i64>, total: Option<u64>, size: Option<u64>) -> Page {
        Page {
            jobs: ids.map(job).collect(),
            faults: vec![],
            total,
            size,
            request_id: Some("R".into()),
            server_time: None,
        }
    }

    fn now() -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    /// Sweeps over `count` jobs on a server that caps its pages at `size`.
    async fn swept(count: i64, size: i64, total: Option<u64>) -> (Sweep, u32) {
        let mut calls = 0;
        let read = async |number: u32| {
            calls = number;
            let first = (i64::from(number) - 1) * size;
            Ok(page(first.min(count)..(first + size).min(count), total, total.map(|_| size as u64)))
        };
        let sweep = sweep(read, now, |_| ()).await.unwrap();
        (sweep, calls)
    }

    #[tokio::test]
    async fn every_job_is_read_whatever_the_number_and_the_page_size() {
        for (count, size, calls) in
            [(0, 100, 1), (1, 100, 1), (99, 100, 1), (100, 100, 1), (101, 100, 2), (1000, 50, 20)]
        {
            let (sweep, made) = swept(count, size, Some(count as u64)).await;
            assert_eq!((sweep.jobs.len(), made), (count as usize, calls), "{count} jobs");
            assert_eq!(sweep.quality, Quality::Whole);
        }
    }

    #[tokio::test]
    async fn without_a_total_a_short_page_ends_the_read() {
        assert_eq!(swept(250, 100, None).await.0.jobs.len(), 250);
        assert_eq!(swept(200, 100, None).await.1, 3, "a full last page is followed by an empty one");
    }

    #[tokio::test]
    async fn a_total_that_does_not_add_up_is_not_passed_off_as_whole() {
        let (sweep, calls) = swept(150, 100, Some(500)).await;
        assert_eq!(sweep.quality, Quality::Unconfirmed(Why::Moved { read: 150, announced: 500 }));
        assert_eq!(calls, 3, "an empty page ends the read");
    }

    #[tokio::test]
    async fn an_absurd_total_is_refused() {
        let read = async |_| Ok(page(0..100, Some(u64::MAX), Some(100)));
        assert!(matches!(sweep(read, now, |_| ()).await, Err(Error::TooMany { total: u64::MAX, .. })));
    }

    #[tokio::test]
    async fn an_endless_list_without_a_total_ends() {
        let read = async |number: u32| Ok(page(i64::from(number) * 100..i64::from(number) * 100 + 100, None, None));
        assert_eq!(sweep(read, now, |_| ()).await.unwrap().jobs.len() as u64, MOST_JOBS + 100);
    }
}
