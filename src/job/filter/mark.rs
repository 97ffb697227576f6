//! What a job means now, as `is:` asks for it.

use std::str::FromStr;

use crate::job::{
    Row, Timestamp,
    coverage::{Failure, Standing},
};

/// Something that is so of a job, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Open,
    Superseded,
    Expired,
    Acknowledged,
    Stalled,
    AtRisk,
    Active,
    Changed,
    Unlisted,
    Uncovered,
}

impl Mark {
    const ALL: [Self; 10] = [
        Self::Open,
        Self::Superseded,
        Self::Expired,
        Self::Acknowledged,
        Self::Stalled,
        Self::AtRisk,
        Self::Active,
        Self::Changed,
        Self::Unlisted,
        Self::Uncovered,
    ];

    /// The words of all of them.
    pub(super) const WORDS: [&str; 10] = [
        "open",
        "superseded",
        "expired",
        "acknowledged",
        "stalled",
        "atrisk",
        "active",
        "changed",
        "unlisted",
        "uncovered",
    ];

    /// Whether it is so of a job. Failures are meant also where only regions of a complete job failed.
    pub(super) fn is_on(self, row: &Row<'_>, now: Timestamp) -> bool {
        let failed = |meant: fn(&Failure) -> bool| row.standing.and_then(Standing::failure).is_some_and(meant);
        match self {
            Self::Open => failed(Failure::is_open),
            Self::Superseded => failed(|failure| matches!(failure, Failure::Superseded { .. })),
            Self::Expired => failed(|failure| matches!(failure, Failure::Expired { .. })),
            Self::Acknowledged => failed(|failure| matches!(failure, Failure::Acknowledged(_))),
            Self::Stalled => matches!(row.standing, Some(Standing::Stalled { .. })),
            Self::AtRisk => row.risk(now).is_some(),
            Self::Active => row.job.status.is_active(),
            Self::Changed => row.changed,
            Self::Unlisted => row.unlisted,
            Self::Uncovered => row.trail().is_some_and(|known| known.delivered.is_uncovered(now)),
        }
    }
}

impl FromStr for Mark {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        let at = Self::WORDS.iter().position(|known| known.eq_ignore_ascii_case(word));
        at.map(|at| Self::ALL[at]).ok_or(())
    }
}
