//! A trail, and how its delivery fares: what stands behind a job, as the service describes it.
//!
//! What follows from it for the last 90 days of events is in [`super::coverage`].

use std::sync::Arc;

use chrono::TimeDelta;

use super::Timestamp;

/// How long a trail may deliver nothing although an error is known: there may have been no event.
const QUIET: TimeDelta = TimeDelta::hours(1);

/// One trail, as one read of the service described it.
///
/// Every text is what the service sent: it is made safe by [`crate::text`] where it is printed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trail {
    /// `Name`.
    pub name: Arc<str>,
    /// `HomeRegion` as it came.
    pub home: Option<Arc<str>>,
    /// `Status`.
    pub switch: Switch,
    /// `SlsProjectArn`: where a trail delivers to that can be backfilled.
    pub sls_project: Option<Arc<str>>,
    /// `OssBucketName`.
    pub oss_bucket: Option<Arc<str>>,
    /// `EventRW`: which events.
    pub events: Option<Arc<str>>,
    /// `TrailRegion`: of which regions, or `All`.
    pub regions: Option<Arc<str>>,
    /// `IsOrganizationTrail`.
    pub scope: TrailScope,
    /// `CreateTime`.
    pub created: Option<Timestamp>,
    /// `UpdateTime`: when it was last configured.
    pub updated: Option<Timestamp>,
    /// `StartLoggingTime`: when it was last switched on.
    pub started: Option<Timestamp>,
    /// `StopLoggingTime`: when it was last switched off.
    pub stopped: Option<Timestamp>,
}

/// `Status` of a trail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Switch {
    /// `Enable`: it delivers.
    On,
    /// `Disable`: it was switched off.
    Off,
    /// `Fresh`: it was never switched on.
    Fresh,
    /// Something else, or nothing: as it came.
    #[default]
    Unsaid,
    /// A word that nobody documents.
    Unknown(Arc<str>),
}

impl Switch {
    /// What a word of the service means.
    #[must_use]
    pub fn named(word: &str) -> Self {
        match word {
            "Enable" => Self::On,
            "Disable" => Self::Off,
            "Fresh" => Self::Fresh,
            other => Self::Unknown(other.into()),
        }
    }

    /// The word for it; of the service's, where it is none of ours.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Fresh => "never switched on",
            Self::Unsaid => "unknown",
            Self::Unknown(word) => word,
        }
    }
}

/// Whose events a trail delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TrailScope {
    /// Those of its account: only such a trail can be backfilled.
    #[default]
    Account,
    /// Those of every account of an organization.
    Organization,
}

/// One answer of `GetTrailStatus`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailStatus {
    /// `IsLogging`.
    pub logging: Option<bool>,
    /// `LatestDeliveryLogServiceError`: the only hint at why a backfill failed.
    pub sls_error: Option<Arc<str>>,
    /// `LatestDeliveryLogServiceTime`: when an event last reached Log Service.
    pub sls_delivered: Option<Timestamp>,
    /// `SlsLogStoreStatus`: whether the destination can be used.
    pub sls_usable: Option<bool>,
    /// `LatestDeliveryError`, of any destination.
    pub error: Option<Arc<str>>,
    /// `StartLoggingTime`.
    pub started: Option<Timestamp>,
    /// `StopLoggingTime`.
    pub stopped: Option<Timestamp>,
    /// When the answer came.
    pub read: Timestamp,
}

impl TrailStatus {
    /// Whether nothing reaches Log Service any more. The service goes on telling an error that is over.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        let is_late = self.sls_delivered.is_none_or(|at| self.read - at > QUIET);
        self.sls_usable == Some(false) || (self.sls_error.is_some() && is_late)
    }

    /// Whether two answers say the same, whenever they came.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        *self == Self { read: self.read, ..other.clone() }
    }
}
