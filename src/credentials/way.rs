//! How a key is got from a source: one kind of asking each, a file for each that takes more than reading.

use std::pin::Pin;

use super::{Error, last::Last, lease::Lease, metadata::Metadata, oidc::Oidc, role::Role, uri::Uri};
use crate::job::Timestamp;

/// How a key is got. It has all that it takes: asking reads no variable, and no file of profiles.
#[derive(Debug)]
pub(super) enum Way {
    /// It stands in a variable or a file.
    Known(Lease),
    /// STS hands it out for a role that is assumed with another key.
    Role(Box<Role>),
    /// STS hands it out for a role that is assumed with a token.
    Oidc(Box<Oidc>),
    /// The metadata service of this instance hands it out.
    Metadata(Box<Metadata>),
    /// A helper hands it out over HTTP.
    Uri(Box<Uri>),
    /// Whoever is left hands it out.
    Last(Box<Last>),
}

/// An answer that is under way; a source may ask another one, so its size is not known.
pub(super) type Asking<'a> = Pin<Box<dyn Future<Output = Result<Lease, Error>> + Send + 'a>>;

impl Way {
    /// Asks for a key.
    pub(super) fn ask(&self, now: Timestamp) -> Asking<'_> {
        match self {
            Self::Known(lease) => Box::pin(std::future::ready(Ok(lease.clone()))),
            Self::Role(role) => Box::pin(role.ask(now)),
            Self::Oidc(oidc) => Box::pin(oidc.ask(now)),
            Self::Metadata(metadata) => Box::pin(metadata.ask(now)),
            Self::Uri(uri) => Box::pin(uri.ask(now)),
            Self::Last(last) => Box::pin(last.ask(now)),
        }
    }

    /// The key, where nobody has to be asked for it.
    pub(super) fn known(&self) -> Option<&Lease> {
        match self {
            Self::Known(lease) => Some(lease),
            Self::Role(_) | Self::Oidc(_) | Self::Metadata(_) | Self::Uri(_) | Self::Last(_) => None,
        }
    }
}
