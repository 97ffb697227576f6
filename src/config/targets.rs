//! Which targets there are: profiles times regions, each with its endpoint and its key. What is done with them is not decided
//! here.

use std::collections::HashSet;

use super::{Error, Options, Surroundings};
use crate::{
    acs::Endpoint,
    actiontrail,
    credentials::{self, Env, Listed, Places, Provider, REGION_VARIABLES},
    engine::TargetSpec,
    job::{ProfileName, Region, TargetKey},
};

/// What was found, and a line each about what its user should know.
pub(super) struct Found {
    pub(super) targets: Vec<TargetSpec>,
    pub(super) notes: Vec<String>,
}

/// A profile that is chosen, with the key that it gives or why it gives none.
#[derive(Clone)]
struct Source {
    /// With which of the choices.
    choice: usize,
    profile: ProfileName,
    region: Option<Region>,
    key: Result<Provider, credentials::Error>,
}

/// The targets. Of several profiles, one that gives no key is a target that says why.
///
/// # Errors
/// Where no profile gives a key, or where one that was named has no region.
pub(super) fn find(options: &Options, endpoint: Option<&Endpoint>, around: &Surroundings) -> Result<Found, Error> {
    let choices = options.choices();
    let places = Places::new(around.env.clone(), around.home.clone(), super::http(options));
    let (sources, notes) = sources(&choices, &places)?;
    let mut targets = Vec::new();
    let mut seen = HashSet::new();
    for source in &sources {
        let (regions, provider) = match regions(&choices[source.choice], &around.env, source)? {
            Regions::Set(regions) => (regions, source.key.clone()),
            Regions::None(error) => (vec![stand_in(&sources)], Err(error)),
        };
        for region in regions {
            let key = TargetKey { profile: source.profile.clone(), region };
            if seen.insert(key.clone()) {
                let endpoint = match endpoint {
                    Some(endpoint) => endpoint.clone(),
                    None => Endpoint::https(&actiontrail::endpoint_host(&key.region))?,
                };
                targets.push(TargetSpec { key, endpoint, provider: provider.clone() });
            }
        }
    }
    Ok(Found { targets, notes })
}

/// The sources of all choices. A profile of several of them is looked for once.
fn sources(choices: &[Options], places: &Places) -> Result<(Vec<Source>, Vec<String>), Error> {
    let mut sources: Vec<Source> = Vec::new();
    let mut notes = Vec::new();
    for (choice, options) in choices.iter().enumerate() {
        let names = names(options, places)?;
        if names.is_empty() {
            let found = credentials::resolve(places, None)?;
            let Provider { profile, region, .. } = found.provider.clone();
            sources.push(Source { choice, profile, region, key: Ok(found.provider) });
            notes = found.note.into_iter().collect();
        }
        for listed in names {
            let known = sources.iter().find(|source| source.profile == listed.name).cloned();
            sources.push(Source { choice, ..known.unwrap_or_else(|| source(listed, places)) });
        }
    }
    at_least_one(sources).map(|sources| (sources, notes))
}

/// The profiles that are named, each once; none, where the sources of credentials decide.
fn names(options: &Options, places: &Places) -> Result<Vec<Listed>, Error> {
    if options.all_profiles {
        return Ok(credentials::profiles(places)?);
    }
    let named = |name: &ProfileName| Listed { name: name.clone(), region: None };
    let mut met = HashSet::new();
    Ok(options.profiles.iter().filter(|name| met.insert(*name)).map(named).collect())
}

fn source(Listed { name, region }: Listed, places: &Places) -> Source {
    let key = credentials::resolve(places, Some(&name)).map(|found| found.provider);
    let own = key.as_ref().ok().and_then(|provider| provider.region.clone());
    Source { choice: 0, profile: name, region: own.or(region), key }
}

/// The sources, where one of them gives a key.
fn at_least_one(sources: Vec<Source>) -> Result<Vec<Source>, Error> {
    let mut errors: Vec<(ProfileName, credentials::Error)> = Vec::new();
    for Source { profile, key, .. } in &sources {
        match key {
            Ok(_) => return Ok(sources),
            Err(error) if errors.iter().all(|(known, _)| known != profile) => {
                errors.push((profile.clone(), error.clone()));
            }
            Err(_) => {}
        }
    }
    match &errors[..] {
        [(_, error)] => Err(Error::Credentials(error.clone())),
        _ => Err(Error::NoProfile(errors)),
    }
}

/// The regions of a profile, or why it has no target that can be read.
enum Regions {
    Set(Vec<Region>),
    None(credentials::Error),
}

/// The regions of a profile: by flag, else by variable, else its own. Nobody has named a profile that is there with all others,
/// so that one without a region is no mistake that stops the program.
fn regions(options: &Options, env: &Env, source: &Source) -> Result<Regions, Error> {
    if !options.regions.is_empty() {
        return Ok(Regions::Set(options.regions.clone()));
    }
    if let Some((variable, text)) = env.first(&REGION_VARIABLES) {
        let region = Region::new(&text).map_err(|source| Error::Region { variable, source })?;
        return Ok(Regions::Set(vec![region]));
    }
    match (&source.region, &source.key) {
        (Some(region), _) => Ok(Regions::Set(vec![region.clone()])),
        (None, Err(error)) => Ok(Regions::None(error.clone())),
        (None, Ok(_)) if options.all_profiles => Ok(Regions::None(credentials::Error::Broken {
            place: format!("profile {}", source.profile),
            problem: "it has no region_id, and no region is set: give one with --region".to_owned(),
        })),
        (None, Ok(_)) => Err(Error::NoRegion { profile: source.profile.clone() }),
    }
}

/// The region under which a profile is shown of which none is known: it is never called.
fn stand_in(sources: &[Source]) -> Region {
    let known = sources.iter().find_map(|source| source.region.clone());
    known.unwrap_or_else(|| Region::new("cn-hangzhou").expect("the service's first region is one"))
}
