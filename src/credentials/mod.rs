//! Where access keys come from: a file per source, and the order in which they are asked.
//!
//! Nothing is ever written to the vendor's files.

mod endpoint;
mod env;
mod error;
mod profile;
pub mod sts;
#[cfg(test)]
mod tests;

use std::{fmt, path::Path};

pub use env::{Env, PROFILE as PROFILE_VARIABLES, REGION as REGION_VARIABLES};
pub use error::Error;

use self::endpoint::Wishes;
use crate::{
    acs::{AccessKey, Endpoint},
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
    sts: Endpoint,
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
    /// A key that is known already, and where STS says whose it is.
    #[must_use]
    pub fn fixed(profile: ProfileName, source: Source, region: Option<Region>, key: AccessKey, sts: Endpoint) -> Self {
        Self { profile, source, region, key, sts }
    }

    /// Where STS says whose the key is: [`sts::get_caller_identity`].
    #[must_use]
    pub fn sts(&self) -> &Endpoint {
        &self.sts
    }

    /// The key to sign the next call with.
    ///
    /// # Errors
    /// [`Error`] where the source has none any more.
    #[expect(clippy::unused_async, reason = "sources that ask a server come with later work")]
    pub async fn key(&self) -> Result<AccessKey, Error> {
        Ok(self.key.clone())
    }

    /// The key's id.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key.id
    }

    /// The key's id, shortened in the middle.
    #[must_use]
    pub fn short_key_id(&self) -> String {
        self.key.short_id()
    }
}

/// A profile as the official command line's file lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: ProfileName,
    /// Its default region, where it has one.
    pub region: Option<Region>,
}

/// Every profile of the official command line's file, in its order, whether or not it gives a key.
///
/// # Errors
/// [`Error`] where the file is not there, is not to be used, or has no profile.
pub fn profiles(env: &Env, home: Option<&Path>) -> Result<Vec<Listed>, Error> {
    let broken = |problem: String| Error::Broken { place: profile::SHOWN.to_owned(), problem };
    if let Some(variable) = env.first_true(&env::IGNORE_FILE) {
        return Err(broken(format!("{variable}=true forbids the file, but all of its profiles are asked for")));
    }
    let home = home.ok_or_else(|| broken("there is no home directory to look for it in".to_owned()))?;
    let file = profile::open(home)?.ok_or_else(|| broken("there is no such file".to_owned()))?;
    let listed = file.all()?;
    if listed.is_empty() { Err(broken("it has no profile".to_owned())) } else { Ok(listed) }
}

/// A key, and what its user should know about the choice.
#[derive(Debug, Clone)]
pub struct Found {
    /// The key.
    pub provider: Provider,
    /// One line where another source was passed over that the user may have meant.
    pub note: Option<String>,
}

/// The key to use. A named profile (by flag, else by variable) means exactly that one; without a name, the environment comes
/// before the profile file, in the order of the vendor's SDKs.
///
/// # Errors
/// [`Error::NotFound`] where no source has a key, [`Error::Broken`] where one is there but can't be used: it is not passed
/// over in silence, because the next one would sign as somebody else.
pub fn resolve(env: &Env, profile: Option<&ProfileName>, home: Option<&Path>) -> Result<Found, Error> {
    if let Some(name) = profile {
        return named(env, name, "--profile", home);
    }
    if let Some((variable, name)) = env.first(&env::PROFILE) {
        // A value of `Env::get` is never empty, but an error costs less than a panic.
        let broken =
            |error: crate::job::InvalidName| Error::Broken { place: variable.into(), problem: error.to_string() };
        return named(env, &ProfileName::new(&name).map_err(broken)?, variable, home);
    }
    match env::keys(env)? {
        Some(keys) => from_environment(env, keys, home),
        None => from_current(env, home),
    }
}

fn named(env: &Env, name: &ProfileName, by: &str, home: Option<&Path>) -> Result<Found, Error> {
    let broken = |problem: String| Error::Broken { place: format!("profile {name} (from {by})"), problem };
    if let Some(variable) = env.first_true(&env::IGNORE_FILE) {
        return Err(broken(format!("{variable}=true forbids the file that it would be in; unset one of the two")));
    }
    let home = home.ok_or_else(|| broken(format!("there is no home directory to look for {} in", profile::SHOWN)))?;
    let file = profile::open(home)?.ok_or_else(|| broken(format!("there is no {}", profile::SHOWN)))?;
    match file.provider(profile::Wanted::Named { name, by }, env) {
        Ok(provider) => Ok(Found { provider, note: None }),
        Err(profile::Miss::Empty(what)) => Err(Error::Broken { place: profile::SHOWN.to_owned(), problem: what }),
        Err(profile::Miss::Broken(error)) => Err(error),
    }
}

fn from_environment(env: &Env, keys: env::Keys, home: Option<&Path>) -> Result<Found, Error> {
    let hidden = match env.first_true(&env::IGNORE_FILE) {
        Some(_) => None,
        // A file that can't be read hides nothing that could have been used.
        None => home.and_then(|home| profile::open(home).ok().flatten()).and_then(|file| file.current()),
    };
    let note = hidden.map(|name| {
        format!(
            "the key of the environment ({}) is used, not profile {name} of {}; --profile {name} would use that one",
            keys.variable,
            profile::SHOWN
        )
    });
    let sts = endpoint::sts(env, &Wishes::default())?;
    let provider = Provider::fixed(ProfileName::environment(), Source::Environment, None, keys.key, sts);
    Ok(Found { provider, note })
}

fn from_current(env: &Env, home: Option<&Path>) -> Result<Found, Error> {
    let environment = "environment: ALIBABA_CLOUD_ACCESS_KEY_ID is not set".to_owned();
    let missing = |why: String| Error::NotFound { looked_at: vec![environment, format!("{}: {why}", profile::SHOWN)] };
    if let Some(variable) = env.first_true(&env::IGNORE_FILE) {
        return Err(missing(format!("skipped, because {variable} says so")));
    }
    let Some(home) = home else { return Err(missing("there is no home directory".to_owned())) };
    let Some(file) = profile::open(home)? else { return Err(missing("there is no such file".to_owned())) };
    match file.provider(profile::Wanted::Current, env) {
        Ok(provider) => Ok(Found { provider, note: None }),
        Err(profile::Miss::Empty(why)) => Err(missing(why)),
        Err(profile::Miss::Broken(error)) => Err(error),
    }
}
