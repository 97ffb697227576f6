//! Why a target could not be read: the one place where failures of every layer become what people and scripts are told.

use std::time::Duration;

use crate::{acs::Class, actiontrail, credentials};

/// Why a target could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A call failed.
    #[error(transparent)]
    Call(#[from] actiontrail::Error),
    /// There is no key to sign with.
    #[error(transparent)]
    Credentials(#[from] credentials::Error),
    /// The service announced more pages than any account has.
    #[error("the service announced {total} jobs, more than the {limit} that are read")]
    TooMany {
        /// `TotalCount`.
        total: u64,
        /// The most that is read.
        limit: u64,
    },
}

/// What an error means for whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may pass by itself and is asked again.
    MayPass,
    /// Credentials or a permission: asking again soon does not help.
    Refused,
    /// The account does not have backfill jobs at all.
    NotEnabled,
    /// There is no such thing.
    NotFound,
}

impl Verdict {
    /// Whether asking again soon is of no use.
    #[must_use]
    pub fn is_lasting(self) -> bool {
        matches!(self, Self::Refused | Self::NotEnabled)
    }
}

impl Error {
    /// What it means.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Call(error) if error.is_not_enabled() => Verdict::NotEnabled,
            Self::Call(error) => match error.class() {
                Class::Token | Class::Key | Class::Denied => Verdict::Refused,
                Class::NotFound => Verdict::NotFound,
                _ => Verdict::MayPass,
            },
            Self::Credentials(error) if error.may_pass() => Verdict::MayPass,
            Self::Credentials(_) => Verdict::Refused,
            Self::TooMany { .. } => Verdict::MayPass,
        }
    }

    /// The words of [`Self::to_string`](ToString::to_string) in one line, where they are a list of ours: line breaks of others
    /// stay what they are, to be shown as such.
    #[must_use]
    pub fn line(&self) -> String {
        match self {
            Self::Credentials(error) => error.line(),
            _ => self.to_string(),
        }
    }

    /// The service's code, else one word of ours.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Call(error) => error.source.code(),
            Self::Credentials(_) => "NoCredentials",
            Self::TooMany { .. } => "TooManyJobs",
        }
    }

    /// The HTTP status, where there was one.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        match self {
            Self::Call(error) => error.source.http_status(),
            _ => None,
        }
    }

    /// `RequestId`, to quote in a support ticket.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Call(error) => error.source.request_id(),
            _ => None,
        }
    }

    /// Whether there were too many calls.
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        matches!(self, Self::Call(error) if error.class() == Class::Throttled)
    }

    /// Whether the region is not there for the account.
    #[must_use]
    pub fn is_no_region(&self) -> bool {
        matches!(self, Self::Call(error) if error.is_no_region())
    }

    /// The RAM action that is missing, where one is.
    #[must_use]
    pub fn missing_action(&self) -> Option<&'static str> {
        match self {
            Self::Call(error) if error.class() == Class::Denied => Some(error.operation.ram_action()),
            _ => None,
        }
    }

    /// How long the server asks to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Call(error) => error.source.retry_after(),
            Self::Credentials(error) => error.retry_after(),
            Self::TooMany { .. } => None,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::Call(error) => error.remedy(),
            Self::Credentials(error) => error.remedy().to_owned(),
            Self::TooMany { .. } => "check --endpoint: no account has that many".to_owned(),
        }
    }
}
