//! A key that the official command line keeps fresh in its file (mode OAuth): read from there, and read again. Renewing it from
//! here would use up what the official command line renews it with.

use super::{Error, Fields, Remedy, lease::Lease};
use crate::job::Timestamp;

/// The key, where it is there.
#[derive(Debug)]
pub(super) struct Cached {
    place: String,
    lease: Option<Lease>,
}

impl Cached {
    /// The key of a profile.
    pub(super) fn of(fields: &Fields) -> Result<Self, Error> {
        Ok(Self { place: fields.place.clone(), lease: Lease::cached(fields)? })
    }

    /// The key as it stands there.
    pub(super) fn lease(&self) -> Option<&Lease> {
        self.lease.as_ref()
    }

    /// The key while it is good.
    pub(super) fn ask(&self, now: Timestamp) -> Result<Lease, Error> {
        let lease = self.lease.clone().ok_or_else(|| "it has no key yet".to_owned());
        lease.and_then(|lease| lease.unexpired(now)).map_err(|problem| Error::NotGiven {
            place: self.place.clone(),
            problem,
            remedy: Remedy::Renew,
        })
    }
}
