//! Which source it is: a named profile and nothing else, or the first that there is, in the order of the vendor's SDKs.
//!
//! Only files of this machine are read here; a source that has to be asked is asked when its key is needed.

use super::{
    Env, Error, Places, Provider, Source,
    endpoint::{self, Wishes},
    env, ini,
    last::Last,
    oidc::Oidc,
    plan::{Miss, Plan, Print},
    profile,
    way::Way,
};
use crate::{
    acs::Endpoint,
    job::{InvalidName, ProfileName, Region},
};

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

/// The source to use. A named profile (by the caller, else by a variable of the vendor's tools) means exactly that one; without a name, the environment comes
/// before the profile file, in the order of the vendor's SDKs.
///
/// # Errors
/// [`Error::NotFound`] where no source has a key, [`Error::Broken`] where one is there but can't be used: it is not passed
/// over in silence, because the next one would sign as somebody else.
pub fn resolve(places: &Places, profile: Option<&ProfileName>) -> Result<Found, Error> {
    if let Some(name) = profile {
        return named(places, name, None);
    }
    if let Some((variable, name)) = places.env.first(&env::PROFILE) {
        // A value of `Env::get` is never empty, but an error costs less than a panic.
        let broken = |error: InvalidName| Error::Broken { place: variable.into(), problem: error.to_string() };
        return named(places, &ProfileName::new(&name).map_err(broken)?, Some(variable));
    }
    let mut looked_at = Vec::new();
    if let Some(keys) = env::keys(&places.env)? {
        let note = hidden(places, &format!("the key of the environment ({})", keys.variable));
        let sts = endpoint::sts(&places.env, &Wishes::default())?;
        let provider = Provider::fixed(ProfileName::environment(), Source::Environment, None, keys.key, sts);
        return Ok(Found { provider, note });
    }
    looked_at.push("environment: ALIBABA_CLOUD_ACCESS_KEY_ID is not set".to_owned());
    match Oidc::of_env(places) {
        Ok(oidc) => {
            let note = hidden(places, "the role of the environment (ALIBABA_CLOUD_ROLE_ARN)");
            let sts = oidc.endpoint().clone();
            return Ok(Found { provider: given("oidc", Way::Oidc(Box::new(oidc)), Source::Oidc, sts), note });
        }
        Err(miss) => looked_at.push(absent(miss)?),
    }
    for source in [current, of_sdks] {
        match source(places) {
            Ok(provider) => return Ok(Found { provider, note: None }),
            Err(miss) => looked_at.push(absent(miss)?),
        }
    }
    let last = Last::new(places, looked_at)?;
    let (source, sts) = (last.source(), endpoint::sts(&places.env, &Wishes::default())?);
    Ok(Found { provider: given("ecs", Way::Last(Box::new(last)), source, sts), note: None })
}

/// What was looked at in vain, in words.
fn absent(miss: Miss) -> Result<String, Error> {
    match miss {
        Miss::Absent(error) => Ok(error.line()),
        Miss::Broken(error) => Err(error),
    }
}

/// The provider of a source that is no file.
fn given(name: &str, way: Way, source: Source, sts: Endpoint) -> Provider {
    let profile = ProfileName::new(name).expect("the names of sources are not empty");
    Provider::new(profile, Plan { way, source, region: None, sts, print: Print::default() }, None)
}

/// A provider for a named profile that can't be used, such as one of several: it gives no key, but this error, until the file
/// of the official command line is mended.
///
/// # Errors
/// The same error where there is no such file to wait for.
pub fn until_mended(places: &Places, profile: &ProfileName, error: Error) -> Result<Provider, Error> {
    if skips_file(&places.env).is_some() {
        return Err(error);
    }
    profile::broken_until_it_changes(places, profile, error.clone()).ok_or(error)
}

/// A profile of the official command line's file; one that it has not, of the SDKs' file.
///
/// `by` says who names it, where that is known: the caller may have it from a flag, a variable or a file.
fn named(places: &Places, name: &ProfileName, by: Option<&str>) -> Result<Found, Error> {
    let found = |provider| Found { provider, note: None };
    let missing = match of_file(places, name, by) {
        Ok(provider) => return Ok(found(provider)),
        Err(Miss::Broken(error)) => return Err(error),
        Err(Miss::Absent(missing)) => missing,
    };
    let files = match ini::open(places) {
        Ok(files) => files,
        Err(Miss::Absent(_)) => return Err(missing),
        Err(Miss::Broken(error)) => return Err(error),
    };
    match files.iter().find_map(|file| file.provider(name, places)) {
        Some(provider) => provider.map(found),
        None => Err(missing),
    }
}

/// A profile of the official command line's file.
fn of_file(places: &Places, name: &ProfileName, by: Option<&str>) -> Result<Provider, Miss> {
    let place = by.map_or_else(|| format!("profile {name}"), |by| format!("profile {name} (from {by})"));
    if let Some(variable) = skips_file(&places.env) {
        let problem = format!("{variable}=true forbids the file that it would be in; unset one of the two");
        return Err(Miss::absent(place, problem));
    }
    if places.home.is_none() {
        return Err(Miss::absent(place, format!("there is no home directory to look for {} in", profile::SHOWN)));
    }
    let Some(file) = profile::open(places)? else {
        return Err(Miss::absent(place, format!("there is no {}", profile::SHOWN)));
    };
    let is_there = file.has(name)?;
    let provider = file.provider(profile::Wanted::Named { name, by }, places).map_err(Miss::into_error);
    provider.map_err(|error| if is_there { Miss::Broken(error) } else { Miss::Absent(error) })
}

/// A line about the profile that another source hides.
fn hidden(places: &Places, by: &str) -> Option<String> {
    if skips_file(&places.env).is_some() {
        return None;
    }
    // A file that can't be read hides nothing that could have been used.
    let name = profile::open(places).ok().flatten().and_then(|file| file.current())?;
    let shown = profile::SHOWN;
    Some(format!("{by} is used, not profile {name} of {shown}; --profile {name} would use that one"))
}

/// The current profile of the official command line's file.
fn current(places: &Places) -> Result<Provider, Miss> {
    if let Some(variable) = skips_file(&places.env) {
        return Err(Miss::absent(profile::SHOWN, format!("skipped, because {variable} says so")));
    }
    if places.home.is_none() {
        return Err(Miss::absent(profile::SHOWN, "there is no home directory"));
    }
    let Some(file) = profile::open(places)? else {
        return Err(Miss::absent(profile::SHOWN, "there is no such file"));
    };
    file.provider(profile::Wanted::Current, places)
}

/// The section `default` of the SDKs' file.
fn of_sdks(places: &Places) -> Result<Provider, Miss> {
    let files = ini::open(places)?;
    let name = ProfileName::new("default").expect("it is not empty");
    if let Some(provider) = files.iter().find_map(|file| file.provider(&name, places)) {
        return Ok(provider?);
    }
    let shown: Vec<&str> = files.iter().map(ini::File::shown).collect();
    Err(Miss::absent(shown.join(", "), "it has no section default"))
}

/// The variable that skips the profile file, where one does.
fn skips_file(env: &Env) -> Option<&'static str> {
    env.first_true(&env::IGNORE_FILE)
}
