//! Which targets there are: profiles times regions, each with its endpoint and its key. What is done with them is not decided
//! here.

use std::collections::HashSet;

use super::{
    Error, Note, Options, Surroundings,
    regions::{Ask, Hosts, Place, endpoint_of, every_region, is_all},
};
use crate::{
    credentials::{self, Env, LOOSE_REGION_VARIABLES, Listed, Places, Provider, REGION_VARIABLES},
    engine::{TargetSpec, Wish},
    job::{ProfileName, Region, TargetKey},
};

/// What was found, and a line each about what its user should know.
pub(super) struct Found {
    pub(super) targets: Vec<TargetSpec>,
    pub(super) notes: Vec<Note>,
}

/// A profile that is chosen, with the key that it gives or why it gives none.
#[derive(Clone)]
pub(super) struct Source {
    /// With which of the choices.
    choice: usize,
    pub(super) profile: ProfileName,
    pub(super) region: Option<Region>,
    pub(super) key: Result<Provider, credentials::Error>,
}

/// The targets. Of several profiles, one that gives no key is a target that says why.
///
/// # Errors
/// Where no profile gives a key, or where one that was named has no region.
pub(super) fn find(options: &Options, hosts: &Hosts, around: &Surroundings, ask: Ask<'_>) -> Result<Found, Error> {
    let choices = options.choices();
    let places = Places::new(around.env.clone(), around.home.clone(), super::http(options));
    let (sources, mut notes) = sources(&choices, &places)?;
    let wants_all = |source: &&Source| choices[source.choice].regions.iter().any(is_all);
    let everywhere = sources.iter().filter(wants_all);
    let everywhere = everywhere.map(|source| (source, nearest(&choices[source.choice], &around.env, source, &sources)));
    let every = every_region(everywhere, hosts, ask, &mut notes)?;
    let mut targets = Vec::new();
    let mut seen = HashSet::new();
    for source in &sources {
        let mended = |error, stands_in| credentials::until_mended(&places, &source.profile, error, stands_in);
        let (regions, provider) = match regions(&choices[source.choice], &around.env, source)? {
            Regions::Set(regions) => (regions, source.key.clone().unwrap_or_else(|error| mended(error, None))),
            Regions::None(error) => {
                let region = stand_in(&sources);
                (vec![region.clone()], mended(error, Some(region)))
            }
        };
        let named = regions
            .into_iter()
            .map(|region| Ok(Place { endpoint: endpoint_of(&region, hosts)?, region, wish: Wish::Named }));
        let mut places = named.collect::<Result<Vec<_>, Error>>()?;
        if wants_all(&source) {
            places.extend(every.get(&source.profile).into_iter().flatten().cloned());
        }
        for Place { region, endpoint, wish } in places {
            let key = TargetKey { profile: source.profile.clone(), region };
            if seen.insert(key.clone()) {
                targets.push(TargetSpec { key, endpoint, provider: provider.clone(), wish });
            }
        }
    }
    Ok(Found { targets, notes })
}

/// The sources of all choices. A profile of several of them is looked for once.
fn sources(choices: &[Options], places: &Places) -> Result<(Vec<Source>, Vec<Note>), Error> {
    let mut sources: Vec<Source> = Vec::new();
    let mut notes = Vec::new();
    for (choice, options) in choices.iter().enumerate() {
        let names = names(options, places)?;
        if names.is_empty() {
            let found = credentials::resolve(places, None)?;
            let Provider { profile, region, .. } = found.provider.clone();
            sources.push(Source { choice, profile, region, key: Ok(found.provider) });
            notes = found.note.into_iter().map(Note::PassedOver).collect();
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
    let own = key.as_ref().map_or_else(|_| credentials::region_of(places, &name), |provider| provider.region.clone());
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

/// The regions of a profile: by flag, else by variable, else its own, else by a variable that may mean anything. Nobody has named a profile that is there with all others,
/// so that one without a region is no mistake that stops the program.
fn regions(options: &Options, env: &Env, source: &Source) -> Result<Regions, Error> {
    let named: Vec<Region> = options.regions.iter().filter(|region| !is_all(region)).cloned().collect();
    // Of a profile without a key nobody knows which regions it has.
    let is_said = if source.key.is_ok() { !options.regions.is_empty() } else { !named.is_empty() };
    if is_said {
        return Ok(Regions::Set(named));
    }
    let own = || source.region.clone().map(Ok);
    let known = by_variable(env, &REGION_VARIABLES).or_else(own).or_else(|| by_variable(env, &LOOSE_REGION_VARIABLES));
    match (known, &source.key) {
        (Some(region), _) => Ok(Regions::Set(vec![region?])),
        (None, Err(error)) => Ok(Regions::None(error.clone())),
        (None, Ok(_)) if options.all_profiles => Ok(Regions::None(credentials::Error::Broken {
            place: format!("profile {}", source.profile),
            problem: "it has no region_id, and no region is set: give one with --region".to_owned(),
        })),
        (None, Ok(provider)) => Err(match provider.unasked() {
            Some(error) => Error::Credentials(error),
            None => Error::NoRegion { profile: source.profile.clone() },
        }),
    }
}

fn by_variable(env: &Env, names: &[&'static str]) -> Option<Result<Region, Error>> {
    let (variable, text) = env.first(names)?;
    Some(Region::new(&text).map_err(|source| Error::Region { variable, source }))
}

/// The region at which it is asked which ones there are: the first that would be read, if it were not all of them.
fn nearest(options: &Options, env: &Env, source: &Source, sources: &[Source]) -> Region {
    let named = options.regions.iter().filter(|region| !is_all(region)).cloned().collect();
    let known = match regions(&Options { regions: named, ..options.clone() }, env, source) {
        Ok(Regions::Set(regions)) => regions.into_iter().next(),
        Ok(Regions::None(_)) | Err(_) => None,
    };
    known.unwrap_or_else(|| stand_in(sources))
}

/// The region under which a profile is shown of which none is known; at most it is called to list the regions.
fn stand_in(sources: &[Source]) -> Region {
    let known = sources.iter().find_map(|source| source.region.clone());
    known.unwrap_or_else(|| Region::new("cn-hangzhou").expect("the service's first region is one"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        acs::{Endpoint, PlainHttp},
        actiontrail::{self, EndpointType, ServedRegion},
        job::Timestamp,
    };

    const KEYS: [(&str, &str); 3] = [
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAIenvironment1"),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "hush"),
        ("REGION", "cn-beijing"),
    ];

    fn found(regions: &[&str], endpoint: Option<&str>, ask: Ask<'_>) -> (Vec<(String, Wish)>, Vec<String>) {
        let around = Surroundings { env: Env::of(&KEYS), home: None, clock: Arc::new(|| Timestamp::UNIX_EPOCH) };
        let regions = regions.iter().map(|id| Region::new(id).unwrap()).collect();
        let options = Options { regions, ..Options::default() };
        let one = |url| Hosts::One(Endpoint::parse(url, PlainHttp::LoopbackOnly).unwrap());
        let hosts = endpoint.map_or(Hosts::OfRegions(EndpointType::Public), one);
        let Found { targets, notes } = find(&options, &hosts, &around, ask).unwrap();
        let notes = notes.iter().map(ToString::to_string).collect();
        (targets.iter().map(|target| (format!("{} {}", target.key, target.endpoint), target.wish)).collect(), notes)
    }

    fn served(regions: &[(&str, &str)]) -> Vec<ServedRegion> {
        let region = |(id, endpoint): &(&str, &str)| ServedRegion {
            region: Region::new(id).unwrap(),
            endpoint: (*endpoint).to_owned(),
        };
        regions.iter().map(region).collect()
    }

    #[test]
    fn every_region_is_asked_of_one_endpoint_and_the_named_ones_come_first() {
        let ask = |asked: Vec<TargetSpec>| {
            let endpoints: Vec<_> = asked.iter().map(|target| target.endpoint.to_string()).collect();
            assert_eq!(endpoints, ["actiontrail.cn-x.aliyuncs.com"]);
            vec![Ok(served(&[("cn-fujian", "evil.example"), ("us-east-1", "127.0.0.1:9"), ("cn-x", "")]))]
        };
        let (targets, notes) = found(&["cn-x", "all"], None, &ask);
        let targets: Vec<_> = targets.iter().map(|(target, wish)| (target.as_str(), *wish)).collect();
        let expected = [
            ("env/cn-x actiontrail.cn-x.aliyuncs.com", Wish::Named),
            ("env/cn-fujian actiontrail.aliyuncs.com", Wish::Found),
            ("env/us-east-1 actiontrail.us-east-1.aliyuncs.com", Wish::Found),
        ];
        assert_eq!((targets, notes), (expected.to_vec(), vec![]), "no host is taken at its word");
    }

    #[test]
    fn the_regions_are_asked_where_some_region_is_known() {
        let asked = |variables: &[(&str, &str)]| {
            let variables: Vec<_> = KEYS[..2].iter().chain(variables).copied().collect();
            let around =
                Surroundings { env: Env::of(&variables), home: None, clock: Arc::new(|| Timestamp::UNIX_EPOCH) };
            let options = Options { regions: vec![Region::new("all").unwrap()], ..Options::default() };
            let asked = std::cell::RefCell::new(Vec::new());
            let ask = |targets: Vec<TargetSpec>| {
                asked.borrow_mut().extend(targets.iter().map(|target| target.endpoint.to_string()));
                Vec::new()
            };
            find(&options, &Hosts::OfRegions(EndpointType::Public), &around, &ask).unwrap();
            asked.into_inner()
        };
        let variable = [("ALIBABA_CLOUD_REGION_ID", "ap-southeast-1")];
        assert_eq!(asked(&variable), ["actiontrail.ap-southeast-1.aliyuncs.com"]);
        assert_eq!(asked(&[]), ["actiontrail.cn-hangzhou.aliyuncs.com"]);
    }

    #[test]
    fn a_test_server_may_have_a_port_for_each_region() {
        let ask = |_| vec![Ok(served(&[("cn-a", "127.0.0.1:9"), ("cn-b", "evil.example")]))];
        let (targets, _) = found(&["all"], Some("http://127.0.0.1:8"), &ask);
        let targets: Vec<_> = targets.into_iter().map(|(target, _)| target).collect();
        assert_eq!(targets, ["env/cn-a http://127.0.0.1:9", "env/cn-b http://127.0.0.1:8"]);
    }

    #[test]
    fn without_an_answer_the_regions_of_this_version_are_read_and_that_is_told() {
        let (targets, notes) = found(&["all"], None, &|_| Vec::new());
        assert_eq!(targets.len(), actiontrail::every_region().len());
        assert_eq!(notes, ["the regions of env can't be listed: the 33 that this version knows are read"]);
    }

    #[test]
    fn nobody_is_asked_where_regions_are_named() {
        let (targets, _) = found(&["cn-x"], None, &|_| panic!("asked"));
        assert_eq!(targets.len(), 1);
    }
}
