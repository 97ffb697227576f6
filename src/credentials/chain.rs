//! Which source it is: a named profile and nothing else, or the first that there is, in the order of the vendor's SDKs.
//!
//! Only files of this machine are read here; a source that has to be asked is asked when its key is needed.

use super::{
    Env, Error, Places, Provider, Source,
    endpoint::{self, Wishes},
    env, profile,
};
use crate::job::{InvalidName, ProfileName, Region};

/// A provider of keys, and what its user should know about the choice.
#[derive(Debug, Clone)]
pub struct Found {
    /// The provider.
    pub provider: Provider,
    /// One line where another source was passed over that the user may have meant.
    pub note: Option<String>,
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
pub fn profiles(places: &Places) -> Result<Vec<Listed>, Error> {
    let broken = |problem: String| Error::Broken { place: profile::SHOWN.to_owned(), problem };
    if let Some(variable) = skips_file(&places.env) {
        return Err(broken(format!("{variable}=true forbids the file, but all of its profiles are asked for")));
    }
    if places.home.is_none() {
        return Err(broken("there is no home directory to look for it in".to_owned()));
    }
    let file = profile::open(places)?.ok_or_else(|| broken("there is no such file".to_owned()))?;
    let listed = file.all()?;
    if listed.is_empty() { Err(broken("it has no profile".to_owned())) } else { Ok(listed) }
}

/// The source to use. A named profile (by flag, else by variable) means exactly that one; without a name, the environment comes
/// before the profile file, in the order of the vendor's SDKs.
///
/// # Errors
/// [`Error::NotFound`] where no source has a key, [`Error::Broken`] where one is there but can't be used: it is not passed
/// over in silence, because the next one would sign as somebody else.
pub fn resolve(places: &Places, profile: Option<&ProfileName>) -> Result<Found, Error> {
    if let Some(name) = profile {
        return named(places, name, "--profile");
    }
    if let Some((variable, name)) = places.env.first(&env::PROFILE) {
        // A value of `Env::get` is never empty, but an error costs less than a panic.
        let broken = |error: InvalidName| Error::Broken { place: variable.into(), problem: error.to_string() };
        return named(places, &ProfileName::new(&name).map_err(broken)?, variable);
    }
    match env::keys(&places.env)? {
        Some(keys) => from_environment(places, keys),
        None => from_current(places),
    }
}

fn named(places: &Places, name: &ProfileName, by: &str) -> Result<Found, Error> {
    let broken = |problem: String| Error::Broken { place: format!("profile {name} (from {by})"), problem };
    if let Some(variable) = skips_file(&places.env) {
        return Err(broken(format!("{variable}=true forbids the file that it would be in; unset one of the two")));
    }
    if places.home.is_none() {
        return Err(broken(format!("there is no home directory to look for {} in", profile::SHOWN)));
    }
    let file = profile::open(places)?.ok_or_else(|| broken(format!("there is no {}", profile::SHOWN)))?;
    let provider = file.provider(profile::Wanted::Named { name, by }, places).map_err(profile::Miss::into_error)?;
    Ok(Found { provider, note: None })
}

fn from_environment(places: &Places, keys: env::Keys) -> Result<Found, Error> {
    let hidden = match skips_file(&places.env) {
        Some(_) => None,
        // A file that can't be read hides nothing that could have been used.
        None => profile::open(places).ok().flatten().and_then(|file| file.current()),
    };
    let note = hidden.map(|name| {
        format!(
            "the key of the environment ({}) is used, not profile {name} of {}; --profile {name} would use that one",
            keys.variable,
            profile::SHOWN
        )
    });
    let sts = endpoint::sts(&places.env, &Wishes::default())?;
    let provider = Provider::fixed(ProfileName::environment(), Source::Environment, None, keys.key, sts);
    Ok(Found { provider, note })
}

fn from_current(places: &Places) -> Result<Found, Error> {
    let environment = "environment: ALIBABA_CLOUD_ACCESS_KEY_ID is not set".to_owned();
    let missing = |why: String| Error::NotFound { looked_at: vec![environment, format!("{}: {why}", profile::SHOWN)] };
    if let Some(variable) = skips_file(&places.env) {
        return Err(missing(format!("skipped, because {variable} says so")));
    }
    if places.home.is_none() {
        return Err(missing("there is no home directory".to_owned()));
    }
    let Some(file) = profile::open(places)? else { return Err(missing("there is no such file".to_owned())) };
    match file.provider(profile::Wanted::Current, places) {
        Ok(provider) => Ok(Found { provider, note: None }),
        Err(profile::Miss::Empty(why)) => Err(missing(why)),
        Err(profile::Miss::Broken(error)) => Err(error),
    }
}

/// The variable that skips the profile file, where one does.
fn skips_file(env: &Env) -> Option<&'static str> {
    env.first_true(&env::IGNORE_FILE)
}
