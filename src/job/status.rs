//! The status of a job or of one of its regions, and its words.

use std::{fmt, str::FromStr};

/// `JobStatus`, and `Status` of a region: the service uses the same codes for both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// 0: accepted, nothing is delivered yet.
    Initializing,
    /// 1: events are being delivered.
    Delivering,
    /// 2: everything was delivered.
    Complete,
    /// 3: it ended without delivering everything.
    Failed,
    /// A code that the service did not have when this was written.
    Unknown(i64),
}

impl Status {
    /// The statuses that the service documents, in its order.
    pub const KNOWN: [Self; 4] = [Self::Initializing, Self::Delivering, Self::Complete, Self::Failed];

    /// The status for a code of the service.
    #[must_use]
    pub const fn from_code(code: i64) -> Self {
        match code {
            0 => Self::Initializing,
            1 => Self::Delivering,
            2 => Self::Complete,
            3 => Self::Failed,
            other => Self::Unknown(other),
        }
    }

    /// The service's code.
    #[must_use]
    pub const fn code(self) -> i64 {
        match self {
            Self::Initializing => 0,
            Self::Delivering => 1,
            Self::Complete => 2,
            Self::Failed => 3,
            Self::Unknown(code) => code,
        }
    }

    /// The word for it, as scripts read it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Initializing => "initializing",
            Self::Delivering => "delivering",
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::Unknown(_) => "unknown",
        }
    }

    /// Whether the service is still working on it.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Initializing | Self::Delivering)
    }

    /// Where it stands in a list sorted by urgency: active first, then failed, unknown, complete.
    #[must_use]
    pub const fn urgency(self) -> u8 {
        match self {
            Self::Delivering => 0,
            Self::Initializing => 1,
            Self::Failed => 2,
            Self::Unknown(_) => 3,
            Self::Complete => 4,
        }
    }
}

impl fmt::Display for Status {
    /// The word; an unknown status with its code, as in `unknown (7)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(code) => write!(f, "unknown ({code})"),
            known => f.write_str(known.word()),
        }
    }
}

/// A word that names no status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no status: expected initializing, delivering, complete, failed or a status code")]
pub struct UnknownStatusWord(String);

impl FromStr for Status {
    type Err = UnknownStatusWord;

    /// A word of [`Status::word`] in any case, or the service's code.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let word = text.trim().to_ascii_lowercase();
        let known = Self::KNOWN.into_iter().find(|status| status.word() == word);
        known.or_else(|| word.parse().ok().map(Self::from_code)).ok_or_else(|| UnknownStatusWord(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_code_survives(code: i64) {
            prop_assert_eq!(Status::from_code(code).code(), code);
            prop_assert_eq!(code.to_string().parse::<Status>().unwrap(), Status::from_code(code));
        }
    }

    #[test]
    fn words_and_codes_name_a_status() {
        assert_eq!("Failed".parse(), Ok(Status::Failed));
        assert_eq!("7".parse(), Ok(Status::Unknown(7)));
        assert_eq!(Status::Unknown(7).to_string(), "unknown (7)");
        assert!("broken".parse::<Status>().is_err());
    }
}
