//! A key that the official command line keeps fresh in its file (mode OAuth): read from there, and read again. Renewing it from
//! here would use up what the official command line renews it with.

use super::{Error, Fields, Remedy, kept::AHEAD, lease::Lease};
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

    /// That the key is about to end, while nobody has renewed it.
    pub(super) fn outlook(&self, now: Timestamp) -> Option<Error> {
        let end = self.lease.as_ref()?.expires?;
        (end - now <= AHEAD).then(|| self.not_given("nobody has renewed it there yet".to_owned()))
    }

    /// The key while it is good.
    pub(super) fn ask(&self, now: Timestamp) -> Result<Lease, Error> {
        let lease = self.lease.clone().ok_or_else(|| "it has no key yet".to_owned());
        lease.and_then(|lease| lease.unexpired(now)).map_err(|problem| self.not_given(problem))
    }

    fn not_given(&self, problem: String) -> Error {
        Error::NotGiven { place: self.place.clone(), problem, remedy: Remedy::Renew }
    }
}
