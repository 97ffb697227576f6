//! Where access keys come from: a file per source, and the order in which they are asked.
//!
//! `chain` decides which source it is; what a source says becomes a plan, and [`Provider`] keeps the key that comes of it
//! fresh. Nothing is ever written to the vendor's files.

mod cached;
mod chain;
mod cloud_sso;
mod command;
mod endpoint;
mod env;
mod error;
mod fields;
mod file;
mod ini;
mod kept;
mod last;
mod lease;
mod metadata;
mod moment;
mod oidc;
mod places;
mod plan;
mod profile;
mod provider;
mod role;
mod state;
pub mod sts;
#[cfg(test)]
mod tests;
mod uri;
mod way;

use std::{fmt, sync::Arc};

pub use chain::{Found, Listed, profiles, region_of, resolve, until_mended};
pub use endpoint::REGION_VARIABLE as STS_REGION_VARIABLE;
pub use env::{Env, LOOSE_REGION as LOOSE_REGION_VARIABLES, PROFILE as PROFILE_VARIABLES, REGION as REGION_VARIABLES};
pub use error::{Error, Remedy};
pub use kept::{Late, Renewal};
pub use places::Places;
pub use provider::Provider;
pub use state::Edition;

use fields::Fields;

/// Where a key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Environment variables.
    Environment,
    /// A role that trusts a token in a file.
    Oidc,
    /// The role of this instance.
    Instance,
    /// The helper that a variable names.
    Uri,
    /// The first of these two that is there: neither was asked yet.
    InstanceOrUri,
    /// A profile of the official command line's file.
    File {
        /// Its mode, where that is more than a key.
        mode: Option<&'static str>,
    },
    /// A section of the SDKs' file.
    Sdks {
        /// The file, as people know it.
        file: Arc<str>,
        /// Its type, where that is more than a key.
        kind: Option<&'static str>,
    },
    /// The embedded endpoint's own.
    Demo,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("environment"),
            Self::Oidc => f.write_str("OIDC token in a file (environment)"),
            Self::Instance => f.write_str(last::INSTANCE),
            Self::Uri => f.write_str(uri::VARIABLE),
            Self::InstanceOrUri => write!(f, "{}, else {}", last::INSTANCE, uri::VARIABLE),
            Self::File { mode } => kind_of(f, profile::SHOWN, *mode),
            Self::Sdks { file, kind } => kind_of(f, file, *kind),
            Self::Demo => f.write_str("demo"),
        }
    }
}

fn kind_of(f: &mut fmt::Formatter<'_>, file: &str, kind: Option<&str>) -> fmt::Result {
    f.write_str(file)?;
    kind.map_or(Ok(()), |kind| write!(f, ", {kind}"))
}
