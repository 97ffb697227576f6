//! A status as people choose it: one, or a kind of them. Shared by `status:` and `list --status`.

use std::str::FromStr;

use crate::job::Status;

/// Which statuses are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusChoice {
    /// Exactly this one.
    Exactly(Status),
    /// Any on which the service is still working.
    Active,
    /// Any that we do not know.
    Unknown,
}

impl StatusChoice {
    /// The words, codes left out.
    pub const WORDS: [&str; 6] = ["initializing", "delivering", "complete", "failed", "active", "unknown"];

    /// Whether a status is meant.
    #[must_use]
    pub fn means(self, status: Status) -> bool {
        match self {
            Self::Exactly(one) => one == status,
            Self::Active => status.is_active(),
            Self::Unknown => matches!(status, Status::Unknown(_)),
        }
    }
}

/// A word that names no status to choose.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no status: expected initializing, delivering, active, complete, failed, unknown or a status code")]
pub struct UnknownStatusChoice(String);

impl FromStr for StatusChoice {
    type Err = UnknownStatusChoice;

    /// One of [`Self::WORDS`] in any case, or the service's code.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            word if word.eq_ignore_ascii_case("unknown") => Ok(Self::Unknown),
            word if word.eq_ignore_ascii_case("active") => Ok(Self::Active),
            word => word.parse().map(Self::Exactly).map_err(|_| UnknownStatusChoice(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_may_mean_several_statuses() {
        let choice = |text: &str| text.parse::<StatusChoice>().unwrap();
        assert!(choice("Unknown").means(Status::Unknown(9)) && !choice("unknown").means(Status::Failed));
        assert!(choice("active").means(Status::Initializing) && choice("ACTIVE").means(Status::Delivering));
        assert!(!choice("active").means(Status::Complete));
        assert!(choice("7").means(Status::Unknown(7)) && !choice("7").means(Status::Unknown(8)));
        assert!(choice("3").means(Status::Failed));
        assert!("broken".parse::<StatusChoice>().is_err());
        assert!(StatusChoice::WORDS.iter().all(|word| word.parse::<StatusChoice>().is_ok()));
    }
}
