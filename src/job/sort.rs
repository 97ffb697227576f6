//! The orders in which jobs are listed. Pure: `now` comes in, for how long active jobs have run.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    fmt,
    hash::Hash,
    str::FromStr,
};

use chrono::TimeDelta;

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
    /// Sorts what stands for rows. What is not known comes last in both directions; the rest of the order is by id, newest
    /// first, then target, so that equal rows never trade places between two reads.
    pub fn sort<'a, T>(self, rows: &mut [T], row: impl Fn(&T) -> Row<'a>, now: Timestamp) {
        // A name becomes its place in the alphabet.
        let (trails, targets) = match self.key {
            SortKey::Trail => (places(rows.iter().map(|of| &*row(of).job.trail)), HashMap::new()),
            SortKey::Target => (HashMap::new(), places(rows.iter().map(|of| row(of).target))),
            _ => (HashMap::new(), HashMap::new()),
        };
        let number = |row: &Row<'_>| match self.key {
            SortKey::Default => self.directed(by_default(row)),
            SortKey::Status => self.directed(by_status(row.job.status)),
            SortKey::Id => self.directed(row.job.id.get().into()),
            SortKey::Trail if row.job.trail.is_empty() => LAST,
            SortKey::Trail => self.directed(trails[&*row.job.trail]),
            SortKey::Target => self.directed(targets[row.target]),
            SortKey::Created => self.known_first(row.job.created.map(moment)),
            SortKey::Elapsed => self.known_first(row.job.elapsed(now).map(length)),
            SortKey::Updated => self.known_first(row.job.updated.map(moment)),
        };
        // Rows lie far apart and comparisons are many: each row is looked up once, and what is compared is a number.
        rows.sort_by_cached_key(|of| {
            let row = row(of);
            (halves(number(&row)), Reverse(row.job.id), row.target)
        });
    }

    /// The number that sorts in this direction.
    fn directed(self, number: i128) -> i128 {
        match self.direction {
            Direction::Ascending => number,
            Direction::Descending => -number,
        }
    }

    fn known_first(self, number: Option<i128>) -> i128 {
        number.map_or(LAST, |number| self.directed(number))
    }
}

/// The same order in what takes less room: a number of 128 bits is aligned to as many.
fn halves(number: i128) -> (i64, u64) {
    ((number >> 64) as i64, number as u64)
}

/// Beyond every number that stands for something known, in both directions.
const LAST: i128 = i128::MAX;

/// More than the 96 bits of a moment, and what is not known has room above them.
const GROUP: i128 = 1 << 100;

fn by_default(row: &Row<'_>) -> i128 {
    let group = match (row.standing.map(Standing::urgency), row.job.status) {
        // The last of the urgencies: nobody has to act on it.
        (Some(4) | None, Status::Unknown(_)) => 4,
        (Some(4), _) => 5,
        (Some(urgency), _) => urgency,
        (None, status) if status.is_active() => 1,
        (None, Status::Failed) => 2,
        (None, _) => 5,
    };
    i128::from(group) * GROUP + row.job.created.map_or(GROUP / 2, |created| -moment(created))
}

/// Statuses that we do not know stay apart from each other.
fn by_status(status: Status) -> i128 {
    (i128::from(status.urgency()) << 64) + i128::from(status.code())
}

fn moment(at: Timestamp) -> i128 {
    (i128::from(at.timestamp()) << 32) + i128::from(at.timestamp_subsec_nanos())
}

fn length(run: TimeDelta) -> i128 {
    (i128::from(run.num_seconds()) << 32) + i128::from(run.subsec_nanos())
}

/// Where each name stands among all of them.
fn places<N: Ord + Hash>(names: impl Iterator<Item = N>) -> HashMap<N, i128> {
    let mut distinct: Vec<N> = names.collect::<HashSet<N>>().into_iter().collect();
    distinct.sort_unstable();
    distinct.into_iter().zip(0..).collect()
}

#[cfg(test)]
mod tests;
