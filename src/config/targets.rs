//! Which targets there are: profiles times regions, each with its endpoint and its key. What is done with them is not decided
//! here.

use std::collections::HashSet;

use super::{Error, Options, Surroundings};
use crate::{
    acs::Endpoint,
    actiontrail,
    credentials::{self, Env, Listed, Provider, REGION_VARIABLES},
    engine::TargetSpec,
    job::{ProfileName, Region, TargetKey},
};

/// What was found, and a line each about what its user should know.
pub(super) struct Found {
    pub(super) targets: Vec<TargetSpec>,
    pub(super) notes: Vec<String>,
}

/// A profile, with the key that it gives or why it gives none.
struct Source {
    profile: ProfileName,
    region: Option<Region>,
    key: Result<Provider, credentials::Error>,
}

/// The targets. Of several profiles, one that gives no key is a target that says why.
///
/// # Errors
/// Where no profile gives a key, or where one that was named has no region.
pub(super) fn find(options: &Options, endpoint: Option<&Endpoint>, around: &Surroundings) -> Result<Found, Error> {
    let (sources, notes) = sources(options, around)?;
    let mut targets = Vec::new();
    let mut seen = HashSet::new();
    for source in &sources {
        let (regions, provider) = match regions(options, &around.env, source)? {
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

fn sources(options: &Options, around: &Surroundings) -> Result<(Vec<Source>, Vec<String>), Error> {
    let home = around.home.as_deref();
    let names = if options.all_profiles {
        credentials::profiles(&around.env, home)?
    } else {
        let named = |name: &ProfileName| Listed { name: name.clone(), region: None };
        let mut met = HashSet::new();
        options.profiles.iter().filter(|name| met.insert(*name)).map(named).collect()
    };
    if names.is_empty() {
        let found = credentials::resolve(&around.env, None, home)?;
        let Provider { profile, region, .. } = found.provider.clone();
        let source = Source { profile, region, key: Ok(found.provider) };
        return Ok((vec![source], found.note.into_iter().collect()));
    }
    let source = |Listed { name, region }: Listed| {
        let key = credentials::resolve(&around.env, Some(&name), home).map(|found| found.provider);
        let own = key.as_ref().ok().and_then(|provider| provider.region.clone());
        Source { profile: name, region: own.or(region), key }
    };
    let sources: Vec<Source> = names.into_iter().map(source).collect();
    let errors: Vec<_> =
        sources.iter().filter_map(|source| Some((&source.profile, source.key.as_ref().err()?))).collect();
    match errors[..] {
        [(_, error)] if sources.len() == 1 => Err(Error::Credentials(error.clone())),
        _ if errors.len() == sources.len() => {
            Err(Error::NoProfile(errors.into_iter().map(|(name, error)| (name.clone(), error.clone())).collect()))
        }
        _ => Ok((sources, Vec::new())),
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
