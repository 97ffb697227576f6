//! How a moment looks: the clock, the zone and the theme of one frame, and when that frame will look different by itself.

use std::cell::Cell;

use chrono::TimeDelta;
use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::theme::{Theme, Tone};
use crate::{
    job::{Job, TargetKey, Timestamp, since},
    looks::Marks,
    text,
    units::{self, Zone},
};

/// What every pane needs to draw itself.
#[derive(Debug)]
pub struct Look<'a> {
    /// The time of the frame.
    pub now: Timestamp,
    /// In which zone times are shown.
    pub zone: Zone,
    /// Symbols and styles.
    pub theme: &'a Theme,
    marks: &'a Marks,
    next_change: Cell<Option<Timestamp>>,
}

impl<'a> Look<'a> {
    /// A look at this moment.
    #[must_use]
    pub fn new(now: Timestamp, zone: Zone, theme: &'a Theme, marks: &'a Marks) -> Self {
        Self { now, zone, theme, marks, next_change: Cell::new(None) }
    }

    /// When the frame drawn with this look will look different, if nothing else happens.
    #[must_use]
    pub fn next_change(&self) -> Option<Timestamp> {
        self.next_change.get()
    }

    /// Notes that something on the screen changes at `at`.
    pub fn changes_at(&self, at: Timestamp) {
        if at > self.now && self.next_change.get().is_none_or(|next| at < next) {
            self.next_change.set(Some(at));
        }
    }

    /// An age that grows: `12m`.
    #[must_use]
    pub fn age(&self, at: Timestamp) -> String {
        let age = since(at, self.now);
        self.changes_at(self.now + units::coarse_lasts(age));
        units::coarse(age)
    }

    /// An age in words: `12m ago`.
    #[must_use]
    pub fn ago(&self, at: Timestamp) -> String {
        format!("{} ago", self.age(at))
    }

    /// How long a job runs or ran, coarsely.
    #[must_use]
    pub fn coarse_run(&self, job: &Job) -> Option<String> {
        let run = job.elapsed(self.now)?;
        self.note_run(job, run);
        Some(units::coarse(run))
    }

    /// How long a job ran, to the second once it is settled: while it runs that would change every second.
    #[must_use]
    pub fn exact_run(&self, job: &Job) -> Option<String> {
        let run = job.elapsed(self.now)?;
        if !job.status.is_active() {
            return Some(units::exact(run));
        }
        self.note_run(job, run);
        Some(format!("{} so far", units::coarse(run)))
    }

    fn note_run(&self, job: &Job, run: TimeDelta) {
        if job.status.is_active() {
            self.changes_at(self.now + units::coarse_lasts(run));
        }
    }

    /// One piece of text.
    #[must_use]
    pub fn span(&self, content: impl Into<String>, tone: Tone) -> Span<'static> {
        Span::styled(content.into(), self.theme.style(tone))
    }

    /// The mark of a target, if it has one, as a style.
    #[must_use]
    pub fn mark(&self, key: &TargetKey) -> Option<Style> {
        self.marks.of(key).map(|mark| self.theme.marked(mark))
    }

    /// The name of a target, or more of its row, marked where it is.
    #[must_use]
    pub fn target(&self, key: &TargetKey, content: impl Into<String>, tone: Tone) -> Span<'static> {
        Span::styled(content.into(), self.mark(key).unwrap_or(self.theme.style(tone)))
    }

    /// A line of one piece, cut to `width` columns.
    #[must_use]
    pub fn line(&self, content: &str, tone: Tone, width: usize) -> Line<'static> {
        Line::from(self.span(self.cut(content, width), tone))
    }

    /// A text cut to `width` columns.
    #[must_use]
    pub fn cut(&self, content: &str, width: usize) -> String {
        text::truncate(content, width, self.theme.symbols.ellipsis).into_owned()
    }
}
