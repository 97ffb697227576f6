//! How all targets that are not hidden fare, summed up. They are looked at when they change or time passes, not for each frame: a
//! key must not cost more with two hundred targets than with one.

use std::{cmp::Reverse, time::Duration};

use chrono::TimeDelta;

use super::app::Hidden;
use crate::{
    engine::{Error, Freshness, Ground, Health, Quality, Snapshot, TargetState, Why},
    job::{Timestamp, coverage::Standing},
    looks::Marks,
};

/// The sum of all targets that are not hidden.
#[derive(Debug, Clone, Default)]
pub(super) struct Fare {
    /// How many there are.
    pub(super) all: usize,
    /// Which one is named before the others, by its place: one that is marked must not be taken for another.
    pub(super) first: Option<usize>,
    /// The worst that is true of any target: one stale target must not stand behind three that are live.
    pub(super) worst: Option<Freshness>,
    /// Of how many that is true.
    pub(super) concerned: usize,
    /// How many the user has paused.
    pub(super) paused: usize,
    /// How many are being read.
    pub(super) refreshing: usize,
    /// How many are in trouble.
    pub(super) troubled: usize,
    /// The gravest trouble, and the first place where that is.
    gravest: Option<(Gravity, Reverse<usize>)>,
    /// Whether one of those that are hidden can't be read, or has a job that failed or stalled.
    pub(super) is_trouble_hidden: bool,
    /// When the one was read that was read first.
    pub(super) oldest_read: Option<Timestamp>,
    /// How often the target that is read most often is read.
    pub(super) pace: Duration,
    /// How far the service's clock is ahead of the local one.
    pub(super) clock_offset: TimeDelta,
    /// When it was looked at, and when it will be otherwise, if no target changes.
    since: Timestamp,
    pub(super) until: Option<Timestamp>,
}

/// What is wrong with a target.
#[derive(Debug, Clone, Copy)]
pub(super) enum Trouble<'a> {
    /// It can't be read, and asking again soon is of no use.
    Refused(&'a Error),
    /// It can't be read, which may pass.
    Failing(&'a Error),
    /// It is read, but jobs may be missing.
    Unconfirmed(&'a Why),
    /// It is read, but its key will not last.
    Signing(&'a str),
}

/// How grave a trouble is, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gravity {
    Unconfirmed,
    Signing,
    Failing,
    Refused,
}

impl<'a> Trouble<'a> {
    /// The worst that is wrong with a target, if anything is.
    pub(super) fn of(target: &'a TargetState) -> Option<Self> {
        match &target.health {
            Health::Refused { error, .. } => return Some(Self::Refused(error)),
            Health::Retrying { error, .. } => return Some(Self::Failing(error)),
            Health::Unknown | Health::Ok => {}
        }
        match &target.read.as_ref()?.quality {
            Quality::Whole => target.signing.trouble.as_deref().map(Self::Signing),
            Quality::Unconfirmed(why) => Some(Self::Unconfirmed(why)),
        }
    }

    fn gravity(&self) -> Gravity {
        match self {
            Self::Refused(_) => Gravity::Refused,
            Self::Failing(_) => Gravity::Failing,
            Self::Unconfirmed(_) => Gravity::Unconfirmed,
            Self::Signing(_) => Gravity::Signing,
        }
    }
}

impl Fare {
    /// Looks at every target; of those that are hidden only the clock counts, and that they are in trouble.
    pub(super) fn of(snapshot: &Snapshot, hidden: &Hidden, marks: &Marks, now: Timestamp) -> Self {
        let offsets = snapshot.targets.iter().map(|target| target.clock_offset);
        let mut fare = Self {
            clock_offset: offsets.max_by_key(TimeDelta::abs).unwrap_or_default(),
            since: now,
            ..Self::default()
        };
        let shown = || snapshot.targets.iter().enumerate().filter(|(_, target)| hidden.shows(target, snapshot));
        for (place, target) in shown() {
            fare.add(place, target, snapshot.interval, now);
        }
        let mut aside = snapshot.targets.iter().filter(|target| !hidden.shows(target, snapshot));
        fare.is_trouble_hidden = aside.any(|target| needs_somebody(target));
        let reads = || shown().filter_map(|(_, target)| Some((target, target.read.as_ref()?)));
        // What is read rarely says nothing of how fresh the rest is.
        let used = reads().filter(|(target, _)| target.ground == Ground::Used).map(|(_, read)| read.at).min();
        fare.oldest_read = used.or_else(|| reads().map(|(_, read)| read.at).min());
        let pace = reads().map(|(_, read)| read.next_in).min();
        fare.pace = pace.unwrap_or_default().max(snapshot.interval);
        let marked = shown().find(|(_, target)| marks.of(&target.key).is_some());
        fare.first = marked.or_else(|| shown().next()).map(|(place, _)| place);
        fare
    }

    fn add(&mut self, place: usize, target: &TargetState, interval: Duration, now: Timestamp) {
        self.all += 1;
        self.paused += usize::from(target.paused);
        self.refreshing += usize::from(target.reading.is_some());
        if let Some(trouble) = Trouble::of(target) {
            self.troubled += 1;
            self.gravest = self.gravest.max(Some((trouble.gravity(), Reverse(place))));
        }
        let freshness = Some(target.freshness(interval, now));
        if freshness > self.worst {
            (self.worst, self.concerned) = (freshness, 0);
        }
        self.concerned += usize::from(freshness == self.worst);
        let ends = target.stale_at(interval).filter(|at| *at > now);
        self.until = self.until.into_iter().chain(ends).min();
    }

    /// The place of the target whose trouble is told: the first one of the gravest.
    pub(super) fn first_troubled(&self) -> Option<usize> {
        self.gravest.map(|(_, Reverse(place))| place)
    }

    /// Whether it is so at that time, as long as no target changes.
    pub(super) fn holds_at(&self, now: Timestamp) -> bool {
        self.since <= now && self.until.is_none_or(|until| now < until)
    }
}

fn needs_somebody(target: &TargetState) -> bool {
    target.health.error().is_some() || target.coverage.standings.iter().any(Standing::needs_attention)
}
