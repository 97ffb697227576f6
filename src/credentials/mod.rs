//! Where access keys come from: a file per source, and the order in which they are asked.
//!
//! Nothing is ever written to the vendor's files.

mod env;
mod error;
mod profile;

use std::fmt;

pub use env::Env;
pub use error::Error;

use crate::{
    acs::AccessKey,
    job::{ProfileName, Region},
};

/// An access key and where it was found.
#[derive(Debug, Clone)]
pub struct Provider {
    /// What the dashboard and the scripts call it.
    pub profile: ProfileName,
    /// Where the key was found.
    pub source: Source,
    /// The default region that stands beside the key.
    pub region: Option<Region>,
    key: AccessKey,
}

/// Where a key was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Environment variables.
    Environment,
    /// A profile of the official command line's file.
    ProfileFile(String),
    /// The embedded endpoint's own.
    Demo,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("environment"),
            Self::ProfileFile(path) => f.write_str(path),
            Self::Demo => f.write_str("demo"),
        }
    }
}

impl Provider {
    /// A key that is known already.
    #[must_use]
    pub fn fixed(profile: ProfileName, source: Source, region: Option<Region>, key: AccessKey) -> Self {
        Self { profile, source, region, key }
    }

    /// The key to sign the next call with.
    ///
    /// # Errors
    /// [`Error`] where the source has none any more.
    #[expect(clippy::unused_async, reason = "sources that ask a server come with later work")]
    pub async fn key(&self) -> Result<AccessKey, Error> {
        Ok(self.key.clone())
    }

    /// The key's id, shortened in the middle.
    #[must_use]
    pub fn short_key_id(&self) -> String {
        self.key.short_id()
    }
}
