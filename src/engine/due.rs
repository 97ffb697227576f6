//! When the next snapshot goes out. A burst of reports is one redraw, but rows never wait behind the progress of their read.

use std::time::Duration;

use tokio::time::Instant;

/// Snapshots are published at most this often.
pub(super) const PUBLISH_EVERY: Duration = Duration::from_millis(100);

/// What a snapshot tells that the one before did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Matter {
    /// How far a read has come.
    Progress,
    /// Anything else.
    News,
}

/// When what is not published yet is to be.
#[derive(Debug)]
pub(super) struct Due {
    waits: Option<Matter>,
    /// Not before these: progress waits for any snapshot before it, news only for news.
    progress_at: Instant,
    news_at: Instant,
}

impl Due {
    pub(super) fn new(now: Instant) -> Self {
        Self { waits: None, progress_at: now, news_at: now }
    }

    /// Takes note that a snapshot waits.
    pub(super) fn note(&mut self, matter: Matter) {
        self.waits = self.waits.max(Some(matter));
    }

    /// When it is to go out.
    pub(super) fn at(&self) -> Instant {
        if self.waits == Some(Matter::News) { self.news_at } else { self.progress_at }
    }

    /// Takes note that it went out.
    pub(super) fn published(&mut self, now: Instant) {
        let next = now + PUBLISH_EVERY;
        if self.waits.take() == Some(Matter::News) {
            self.news_at = next;
        }
        self.progress_at = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_waits_for_news_only_and_progress_for_both() {
        let start = Instant::now();
        let after = |millis| start + Duration::from_millis(millis);
        let mut due = Due::new(start);
        due.note(Matter::Progress);
        assert_eq!(due.at(), start);
        due.published(after(1));
        due.note(Matter::Progress);
        assert_eq!(due.at(), after(101));
        due.note(Matter::News);
        assert_eq!(due.at(), start, "the first rows, right behind the news that they are being read");
        due.published(after(9));
        due.note(Matter::News);
        due.note(Matter::Progress);
        assert_eq!(due.at(), after(109));
        due.published(after(109));
        due.note(Matter::Progress);
        assert_eq!(due.at(), after(209));
    }
}
