//! The orders in which jobs are listed. Pure: `now` comes in, for how long active jobs have run.

use std::{cmp::Ordering, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Row, Status, Timestamp, coverage::Standing};

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SortKey {
    /// What needs attention first: stalled, active, open failures, unknown statuses, the rest; the newest first in each.
    #[default]
    Default,
    /// Urgency of the status.
    Status,
    /// `JobId`.
    Id,
    /// `TrailName`.
    Trail,
    /// Profile, then region.
    Target,
    /// `CreatedTime`.
    Created,
    /// How long the run took, or takes so far.
    Elapsed,
    /// `UpdatedTime`.
    Updated,
}

impl SortKey {
    /// Every key, in the order of a table's columns.
    pub const ALL: [Self; 8] =
        [Self::Default, Self::Status, Self::Id, Self::Trail, Self::Target, Self::Created, Self::Elapsed, Self::Updated];

    /// Its name, for people and scripts.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Status => "status",
            Self::Id => "id",
            Self::Trail => "trail",
            Self::Target => "target",
            Self::Created => "created",
            Self::Elapsed => "elapsed",
            Self::Updated => "updated",
        }
    }

    /// The direction that people expect of it: what is new, long or urgent first, names from a to z.
    #[must_use]
    pub const fn natural(self) -> Direction {
        match self {
            Self::Default | Self::Status | Self::Trail | Self::Target => Direction::Ascending,
            Self::Id | Self::Created | Self::Elapsed | Self::Updated => Direction::Descending,
        }
    }
}

impl fmt::Display for SortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A word that names no column to sort by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownSortKey {
    word: String,
    similar: Option<SortKey>,
}

impl fmt::Display for UnknownSortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no column to sort by", self.word)?;
        if let Some(similar) = self.similar {
            write!(f, ", did you mean {similar}?")?;
        }
        let words = SortKey::ALL.map(SortKey::word).join(", ");
        write!(f, " (one of {words})")
    }
}

impl std::error::Error for UnknownSortKey {}

impl FromStr for SortKey {
    type Err = UnknownSortKey;

    /// A word of [`SortKey::word`] in any case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let word = text.trim().to_ascii_lowercase();
        let known = Self::ALL.into_iter().find(|key| key.word() == word);
        known.ok_or_else(|| UnknownSortKey { word: text.to_owned(), similar: similar(&word) })
    }
}

/// The key that a mistyped word comes closest to.
fn similar(word: &str) -> Option<SortKey> {
    let likeness = |key: SortKey| strsim::jaro_winkler(word, key.word());
    SortKey::ALL.into_iter().filter(|key| likeness(*key) > 0.8).max_by(|a, b| likeness(*a).total_cmp(&likeness(*b)))
}

/// Which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The smallest, oldest, most urgent or first of the alphabet.
    Ascending,
    /// The other end.
    Descending,
}

impl Direction {
    /// The other one.
    #[must_use]
    pub const fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }

    fn apply(self, ordering: Ordering) -> Ordering {
        match self {
            Self::Ascending => ordering,
            Self::Descending => ordering.reverse(),
        }
    }
}

/// A key and a direction: an order of all rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Order {
    /// By what.
    pub key: SortKey,
    /// Which end first.
    pub direction: Direction,
}

impl Default for Order {
    fn default() -> Self {
        SortKey::Default.into()
    }
}

impl From<SortKey> for Order {
    /// In the direction that people expect.
    fn from(key: SortKey) -> Self {
        Self { key, direction: key.natural() }
    }
}

impl Order {
    /// How two rows follow each other. What is not known comes last in both directions; the rest of the order is by id, newest
    /// first, then target, so that equal rows never trade places between two reads.
    #[must_use]
    pub fn compare(self, a: &Row<'_>, b: &Row<'_>, now: Timestamp) -> Ordering {
        let known = |a, b| known_first(a, b, self.direction);
        let by_key = match self.key {
            SortKey::Default => self.direction.apply(by_default(a, b)),
            SortKey::Status => self.direction.apply(rank(a.job.status).cmp(&rank(b.job.status))),
            SortKey::Id => self.direction.apply(a.job.id.cmp(&b.job.id)),
            SortKey::Trail => known(trail(a), trail(b)),
            SortKey::Target => self.direction.apply(a.target.cmp(b.target)),
            SortKey::Created => known_first(a.job.created, b.job.created, self.direction),
            SortKey::Elapsed => known_first(a.job.elapsed(now), b.job.elapsed(now), self.direction),
            SortKey::Updated => known_first(a.job.updated, b.job.updated, self.direction),
        };
        by_key.then_with(|| b.job.id.cmp(&a.job.id)).then_with(|| a.target.cmp(b.target))
    }
}

fn by_default(a: &Row<'_>, b: &Row<'_>) -> Ordering {
    let group = |row: &Row<'_>| match (row.standing.map(Standing::urgency), row.job.status) {
        // The last of the urgencies: nobody has to act on it.
        (Some(4) | None, Status::Unknown(_)) => 4,
        (Some(4), _) => 5,
        (Some(urgency), _) => urgency,
        (None, status) if status.is_active() => 1,
        (None, Status::Failed) => 2,
        (None, _) => 5,
    };
    let newest = || known_first(a.job.created, b.job.created, Direction::Descending);
    group(a).cmp(&group(b)).then_with(newest)
}

/// Statuses that we do not know stay apart from each other.
fn rank(status: Status) -> (u8, i64) {
    (status.urgency(), status.code())
}

fn trail<'a>(row: &Row<'a>) -> Option<&'a str> {
    Some(&*row.job.trail).filter(|name| !name.is_empty())
}

fn known_first<T: Ord>(a: Option<T>, b: Option<T>, direction: Direction) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => direction.apply(a.cmp(&b)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    use super::*;
    use crate::job::{Job, JobId, ProfileName, Region, TargetKey, Window};

    fn now() -> Timestamp {
        at(1_000)
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(seconds, 0).unwrap()
    }

    fn target(name: &str) -> TargetKey {
        TargetKey { profile: ProfileName::new(name).unwrap(), region: Region::new("cn-hangzhou").unwrap() }
    }

    fn job(id: i64, status: i64, created: Option<i64>) -> Job {
        Job {
            id: JobId::new(id),
            trail: "trail".into(),
            home: None,
            status: Status::from_code(status),
            created: created.map(at),
            updated: created.map(|seconds| at(seconds + 10)),
            window: Window::default(),
            raw: RawValue::from_string("{}".into()).unwrap().into(),
        }
    }

    fn sorted(jobs: &[(Job, TargetKey)], order: Order) -> Vec<(i64, String)> {
        let mut rows: Vec<Row<'_>> = jobs.iter().map(|(job, target)| Row::new(job, target)).collect();
        rows.sort_by(|a, b| order.compare(a, b, now()));
        rows.iter().map(|row| (row.job.id.get(), row.target.profile.to_string())).collect()
    }

    fn ids(jobs: &[Job], order: impl Into<Order>) -> Vec<i64> {
        let jobs: Vec<_> = jobs.iter().cloned().map(|job| (job, target("p"))).collect();
        sorted(&jobs, order.into()).into_iter().map(|row| row.0).collect()
    }

    #[test]
    fn by_default_what_runs_then_what_failed_then_the_newest() {
        let jobs = [
            job(1, 2, Some(900)),
            job(2, 3, Some(100)),
            job(3, 1, Some(50)),
            job(4, 2, None),
            job(5, 0, Some(60)),
            job(6, 7, Some(950)),
            job(7, 3, Some(200)),
        ];
        assert_eq!(ids(&jobs, SortKey::Default), [5, 3, 7, 2, 6, 1, 4]);
    }

    #[test]
    fn what_is_unknown_comes_last_in_both_directions() {
        let jobs = [job(1, 2, None), job(2, 2, Some(100)), job(3, 2, Some(200))];
        for key in [SortKey::Created, SortKey::Updated] {
            assert_eq!(ids(&jobs, key), [3, 2, 1]);
            assert_eq!(ids(&jobs, Order { key, direction: Direction::Ascending }), [2, 3, 1]);
        }
        let unnamed = Job { trail: "".into(), ..job(9, 2, None) };
        assert_eq!(ids(&[unnamed, job(1, 2, None)], SortKey::Trail), [1, 9]);
    }

    #[test]
    fn equal_rows_follow_by_id_then_target() {
        let jobs = [(job(1, 2, None), target("b")), (job(2, 2, None), target("z")), (job(1, 2, None), target("a"))];
        let expected = [(2, "z".to_owned()), (1, "a".to_owned()), (1, "b".to_owned())];
        assert_eq!(sorted(&jobs, SortKey::Status.into()), expected);
    }

    #[test]
    fn a_run_that_goes_on_is_measured_until_now() {
        assert_eq!(ids(&[job(1, 2, Some(1)), job(2, 1, Some(500)), job(3, 1, Some(2))], SortKey::Elapsed), [3, 2, 1]);
    }

    #[test]
    fn words_name_keys_and_mistakes_get_a_hint() {
        for key in SortKey::ALL {
            assert_eq!(key.word().to_uppercase().parse(), Ok(key));
        }
        let hint = "creatd".parse::<SortKey>().unwrap_err().to_string();
        assert!(
            hint.starts_with("\"creatd\" is no column to sort by, did you mean created? (one of default, "),
            "{hint}"
        );
        assert!(!"xyzzy".parse::<SortKey>().unwrap_err().to_string().contains("did you mean"));
    }

    fn any_row() -> impl Strategy<Value = (Job, TargetKey)> {
        let time = || prop::option::of(0..5_i64);
        (0..4_i64, 0..6_i64, time(), time(), "[ab]?", "[pq]").prop_map(
            |(id, status, created, updated, trail, profile)| {
                let job = Job { updated: updated.map(at), trail: trail.into(), ..job(id, status, created) };
                (job, target(&profile))
            },
        )
    }

    fn any_order() -> impl Strategy<Value = Order> {
        let direction = prop_oneof![Just(Direction::Ascending), Just(Direction::Descending)];
        (prop::sample::select(&SortKey::ALL), direction).prop_map(|(key, direction)| Order { key, direction })
    }

    proptest! {
        #[test]
        fn every_order_is_total(rows in [any_row(), any_row(), any_row()], order in any_order()) {
            let [a, b, c] = rows.each_ref().map(|(job, target)| Row::new(job, target));
            let compare = |a: &Row<'_>, b: &Row<'_>| order.compare(a, b, now());
            prop_assert_eq!(compare(&a, &a), Ordering::Equal);
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
            if compare(&a, &b).is_le() && compare(&b, &c).is_le() {
                prop_assert!(compare(&a, &c).is_le());
            }
        }

        #[test]
        fn the_order_does_not_depend_on_how_rows_arrive(
            rows in prop::collection::vec(any_row(), 0..20), order in any_order(), seed in any::<prop::sample::Index>(),
        ) {
            let mut rotated = rows.clone();
            if !rows.is_empty() {
                rotated.rotate_left(seed.index(rows.len()));
            }
            prop_assert_eq!(sorted(&rows, order), sorted(&rotated, order));
        }

        #[test]
        fn nothing_known_follows_something_unknown(rows in prop::collection::vec(any_row(), 0..20), reversed: bool) {
            let natural = SortKey::Created.natural();
            let direction = if reversed { natural.reversed() } else { natural };
            let mut sorted: Vec<Row<'_>> = rows.iter().map(|(job, target)| Row::new(job, target)).collect();
            sorted.sort_by(|a, b| Order { key: SortKey::Created, direction }.compare(a, b, now()));
            prop_assert!(sorted.is_sorted_by_key(|row| row.job.created.is_none()));
        }
    }
}
