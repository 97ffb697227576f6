//! The last 90 days of a trail's events: what was delivered, what was not, and what of that is lost next.

use chrono::TimeDelta;

use super::{Delivered, KEPT};
use crate::job::Timestamp;

/// A hole is an edge where its events are lost within so long.
pub const EDGE: TimeDelta = TimeDelta::days(7);

/// The last 90 days of event times of one trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// Without gaps, oldest first: together 90 days.
    pub segments: Box<[Segment]>,
}

/// A range of event times of which one thing is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// The oldest event time.
    pub from: Timestamp,
    /// Where the next one begins.
    pub to: Timestamp,
    /// What is so.
    pub state: SegmentState,
}

/// What is so of a range of event times. In the order of how much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SegmentState {
    /// The events were delivered.
    Covered,
    /// They were not, as far as is known, and a backfill would still bring them.
    Hole,
    /// The same, but within a week they are lost.
    Edge,
}

impl SegmentState {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Covered => "covered",
            Self::Hole => "hole",
            Self::Edge => "edge",
        }
    }
}

impl Segment {
    /// The same as a hole, if it is one.
    #[must_use]
    pub fn hole(&self) -> Option<Hole> {
        (self.state != SegmentState::Covered).then_some(Hole { from: self.from, to: self.to })
    }
}

/// Events of the last 90 days that were not delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hole {
    /// The oldest of them.
    pub from: Timestamp,
    /// Where it ends.
    pub to: Timestamp,
}

impl Hole {
    /// When the first of its events is lost.
    #[must_use]
    pub fn lost_from(&self) -> Timestamp {
        later(self.from)
    }

    /// When all of them are.
    #[must_use]
    pub fn lost_by(&self) -> Timestamp {
        later(self.to)
    }

    /// How long it is.
    #[must_use]
    pub fn length(&self) -> TimeDelta {
        self.to - self.from
    }
}

/// A bar that is being drawn.
struct Line {
    edge: Timestamp,
    segments: Vec<Segment>,
}

impl Line {
    fn add(&mut self, from: Timestamp, to: Timestamp, state: SegmentState) {
        if from < to {
            self.segments.push(Segment { from, to, state });
        }
    }

    fn missing(&mut self, from: Timestamp, to: Timestamp) {
        self.add(from, to.min(self.edge), SegmentState::Edge);
        self.add(from.max(self.edge), to, SegmentState::Hole);
    }
}

fn later(at: Timestamp) -> Timestamp {
    at.checked_add_signed(KEPT).unwrap_or(Timestamp::MAX_UTC)
}

impl Bar {
    /// What of a trail's events lies within the 90 days before `now`.
    #[must_use]
    pub fn of(delivered: &Delivered, now: Timestamp) -> Self {
        let horizon = now.checked_sub_signed(KEPT).unwrap_or(Timestamp::MIN_UTC);
        let mut line = Line { edge: horizon + EDGE, segments: Vec::new() };
        let mut at = horizon;
        for span in delivered.spans() {
            let (from, to) = (span.from.clamp(at, now), span.to.unwrap_or(now).clamp(at, now));
            line.missing(at, from);
            line.add(from, to, SegmentState::Covered);
            at = to;
        }
        line.missing(at, now);
        Self { segments: line.segments.into() }
    }

    /// How much of it is so.
    #[must_use]
    pub fn total(&self, state: SegmentState) -> TimeDelta {
        self.segments.iter().filter(|segment| segment.state == state).map(|segment| segment.to - segment.from).sum()
    }

    /// How much was not delivered.
    #[must_use]
    pub fn missing(&self) -> TimeDelta {
        self.total(SegmentState::Hole) + self.total(SegmentState::Edge)
    }

    /// What was not delivered, oldest first: an edge and the hole behind it are one.
    pub fn holes(&self) -> impl Iterator<Item = Hole> {
        let missing = |segment: &Segment| segment.state != SegmentState::Covered;
        let parts = self.segments.chunk_by(move |a, b| missing(a) == missing(b)).filter(move |part| missing(&part[0]));
        parts.map(|part| Hole { from: part[0].from, to: part[part.len() - 1].to })
    }

    /// The bar in so many equal parts: of each what matters most, so that no hole is too small to be seen.
    #[must_use]
    pub fn cells(&self, count: usize) -> Vec<SegmentState> {
        let (Some(first), Some(last)) = (self.segments.first(), self.segments.last()) else { return Vec::new() };
        let all = (last.to - first.from).num_milliseconds();
        let border = |cell: usize| first.from + TimeDelta::milliseconds(all * cell as i64 / count as i64);
        let worst = |cell: usize| {
            let (from, to) = (border(cell), border(cell + 1));
            let within = self.segments.iter().filter(|segment| segment.from < to && from < segment.to);
            within.map(|segment| segment.state).max().unwrap_or(SegmentState::Covered)
        };
        (0..count).map(worst).collect()
    }
}
