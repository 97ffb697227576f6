//! How a key is got from a source: one kind of asking each, a file for each that takes more than reading.

use std::{future::ready, path::Path, pin::Pin};

use super::{
    Error, cached::Cached, cloud_sso::CloudSso, command::Command, last::Last, lease::Lease, metadata::Metadata,
    moment::Moment, oidc::Oidc, role::Role, uri::Uri,
};
use crate::job::Timestamp;

/// How a key is got. It has all that it takes: asking reads no variable, and no file of profiles.
#[derive(Debug)]
pub(super) enum Way {
    /// It stands in a variable or a file.
    Known(Lease),
    /// It stands in a file, and somebody else keeps it fresh there.
    Cached(Box<Cached>),
    /// STS hands it out for a role that is assumed with another key.
    Role(Box<Role>),
    /// STS hands it out for a role that is assumed with a token.
    Oidc(Box<Oidc>),
    /// The metadata service of this instance hands it out.
    Metadata(Box<Metadata>),
    /// A helper hands it out over HTTP.
    Uri(Box<Uri>),
    /// A command prints it.
    Command(Box<Command>),
    /// A sign-in is good for it.
    CloudSso(Box<CloudSso>),
    /// Whoever is left hands it out.
    Last(Box<Last>),
    /// Not at all, as what was read says.
    Broken(Error),
}

/// An answer that is under way; a source may ask another one, so its size is not known.
pub(super) type Asking<'a> = Pin<Box<dyn Future<Output = Result<Lease, Error>> + Send + 'a>>;

impl Way {
    /// Asks for a key.
    pub(super) fn ask(&self, moment: Moment) -> Asking<'_> {
        let now = moment.service;
        match self {
            Self::Known(lease) => Box::pin(ready(Ok(lease.clone()))),
            Self::Cached(cached) => Box::pin(ready(cached.ask(now))),
            Self::Role(role) => Box::pin(role.ask(moment)),
            Self::Oidc(oidc) => Box::pin(oidc.ask(now)),
            Self::Metadata(metadata) => Box::pin(metadata.ask(now)),
            Self::Uri(uri) => Box::pin(uri.ask(now)),
            Self::Command(command) => Box::pin(command.ask(now)),
            Self::CloudSso(sso) => Box::pin(sso.ask(now)),
            Self::Last(last) => Box::pin(last.ask(now)),
            Self::Broken(error) => Box::pin(ready(Err(error.clone()))),
        }
    }

    /// A file beside that of the profiles, on which the answer depends.
    pub(super) fn depends_on(&self) -> Option<&Path> {
        match self {
            Self::Oidc(oidc) => Some(oidc.token_file()),
            _ => None,
        }
    }

    /// The key to begin with, before anybody was asked.
    pub(super) fn at_hand(&self) -> Option<&Lease> {
        match self {
            Self::CloudSso(sso) => sso.cached(),
            _ => self.known(),
        }
    }

    /// Why there will be no next key, where that is known before it is asked for.
    pub(super) fn outlook(&self, now: Timestamp) -> Option<Error> {
        match self {
            Self::CloudSso(sso) => sso.token(now).err(),
            Self::Cached(cached) => cached.outlook(now),
            _ => None,
        }
    }

    /// The key, where nobody has to be asked for it.
    pub(super) fn known(&self) -> Option<&Lease> {
        match self {
            Self::Known(lease) => Some(lease),
            Self::Cached(cached) => cached.lease(),
            _ => None,
        }
    }
}
