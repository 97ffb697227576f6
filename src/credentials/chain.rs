//! Which source it is: a named profile and nothing else, or the first that there is, in the order of the vendor's SDKs.
//!
//! Only files of this machine are read here; a source that has to be asked is asked when its key is needed.

use std::path::PathBuf;

use super::{
    Env, Error, Places, Provider, Source,
    endpoint::{self, Wishes},
    env, ini,
    last::Last,
    oidc::{self, Oidc},
    plan::{Files, Miss, Origin, Plan, Print},
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
    let gone = || Error::Absent { place: profile::SHOWN.to_owned(), problem: "there is no such file".to_owned() };
    let file = profile::open(places)?.ok_or_else(gone)?;
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
            Ok(provider) => return Ok(Found { provider, note: oidc::half_set(&places.env) }),
            Err(miss) => looked_at.push(absent(miss)?),
        }
    }
    let last = Last::new(places, looked_at)?;
    let (source, sts) = (last.source(), endpoint::sts(&places.env, &Wishes::default())?);
    Ok(Found { provider: given("ecs", Way::Last(Box::new(last)), source, sts), note: oidc::half_set(&places.env) })
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

/// A provider for a named profile that can't be used, such as one of several: it gives no key, but this error, until one of the
/// files that it may be in is mended. `stands_in` is the region under which it is shown where its own is not known: once that
/// is, and is another one, the error says so.
#[must_use]
pub fn until_mended(places: &Places, profile: &ProfileName, error: Error, stands_in: Option<Region>) -> Provider {
    let sts = endpoint::sts(&places.env, &Wishes::default()).unwrap_or_else(|_| endpoint::for_all());
    let (way, source, print) = (Way::Broken(error), Source::File { mode: None }, Print::default());
    let (places, files) = (places.clone(), Files::Any { stands_in });
    let origin = Origin { places, files, profile: profile.clone() };
    let stamp = origin.stamp();
    Provider::new(profile.clone(), Plan { way, source, region: None, sts, print }, Some((origin, stamp)))
}

/// The region of a named profile, whether or not that gives a key.
#[must_use]
pub fn region_of(places: &Places, profile: &ProfileName) -> Option<Region> {
    match holder(places, profile, None).ok()? {
        Holder::Json(file) => file.all().ok()?.into_iter().find(|listed| listed.name == *profile)?.region,
        Holder::Ini(file) => file.region(profile),
    }
}

/// The files in which a named profile is looked for.
pub(super) fn files(places: &Places) -> impl Iterator<Item = PathBuf> {
    let json = if skips_file(&places.env).is_some() { None } else { profile::path(places) };
    json.into_iter().chain(ini::paths(places))
}

/// What is to be done for the key of a named profile, as the files are now.
pub(super) fn plan(places: &Places, name: &ProfileName) -> Result<Plan, Error> {
    match holder(places, name, None)? {
        Holder::Json(file) => {
            let plan = file.plan(profile::Wanted::Named { name, by: None }, places);
            plan.map(|(_, plan)| plan).map_err(Miss::into_error)
        }
        Holder::Ini(file) => file.plan(name, places).unwrap_or_else(|| Err(no_section(&[file], name))),
    }
}

/// The file that has a named profile.
enum Holder {
    Json(profile::File),
    Ini(ini::File),
}

/// A profile of the official command line's file; one that it has not, of the SDKs' file.
fn named(places: &Places, name: &ProfileName, by: Option<&str>) -> Result<Found, Error> {
    let provider = match holder(places, name, by)? {
        Holder::Json(file) => file.provider(profile::Wanted::Named { name, by }, places).map_err(Miss::into_error)?,
        Holder::Ini(file) => file.provider(name, places).unwrap_or_else(|| Err(no_section(&[file], name)))?,
    };
    Ok(Found { provider, note: None })
}

/// The file that has a named profile, usable or not.
///
/// `by` says who names it, where that is known: the caller may have it from a flag, a variable or a file.
fn holder(places: &Places, name: &ProfileName, by: Option<&str>) -> Result<Holder, Error> {
    let missing = match of_file(places, name, by) {
        Ok(file) => return Ok(Holder::Json(file)),
        Err(Miss::Broken(error)) => return Err(error),
        Err(Miss::Absent(missing)) => missing,
    };
    let files = match ini::open(places) {
        Ok(files) => files,
        Err(Miss::Absent(_)) => return Err(missing),
        Err(Miss::Broken(error)) => return Err(error),
    };
    let (mut with, without): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| file.has(name));
    if with.is_empty() { Err(missing.and(&no_section(&without, name))) } else { Ok(Holder::Ini(with.swap_remove(0))) }
}

fn no_section(files: &[ini::File], name: &ProfileName) -> Error {
    let shown: Vec<&str> = files.iter().map(ini::File::shown).collect();
    Error::Broken { place: shown.join(", "), problem: format!("it has no section {name}") }
}

/// The official command line's file, where it has the profile.
fn of_file(places: &Places, name: &ProfileName, by: Option<&str>) -> Result<profile::File, Miss> {
    let place = by.map_or_else(|| format!("profile {name}"), |by| format!("profile {name} (from {by})"));
    if let Some(variable) = skips_file(&places.env) {
        let problem = format!("{variable}=true forbids the file that it would be in; unset one of the two");
        return Err(Miss::absent(place, problem));
    }
    if places.home.is_none() {
        return Err(Miss::absent(place, format!("there is no home directory to look for {} in", profile::SHOWN)));
    }
    let Some(file) = profile::open(places)? else {
        return Err(Miss::Absent(Error::Absent { place, problem: format!("there is no {}", profile::SHOWN) }));
    };
    file.expect(name, by)?;
    Ok(file)
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
