//! The regions of an account where every one is asked for, and at which endpoint a region is read. Which profiles there are is not
//! known here.

use std::collections::HashMap;

use super::{Error, Note, targets::Source};
use crate::{
    acs::{Endpoint, PlainHttp},
    actiontrail::{self, EndpointType, ServedRegion},
    engine::{self, TargetSpec, Wish},
    job::{ProfileName, Region, TargetKey},
};

/// What stands for every region, where regions are named.
const ALL: &str = "all";

/// Asks each target, which stands for an account, which regions the service has.
pub(super) type Ask<'a> = &'a dyn Fn(Vec<TargetSpec>) -> Vec<Result<Vec<ServedRegion>, engine::Error>>;

/// A region that is to be read, and where.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) region: Region,
    pub(super) endpoint: Endpoint,
    pub(super) wish: Wish,
}

/// Whether it is the word for every region, and none by itself.
pub(super) fn is_all(region: &Region) -> bool {
    region.as_str() == ALL
}

/// Which hosts are called.
pub(super) enum Hosts {
    /// This one, whatever the region is.
    One(Endpoint),
    /// Those of the regions.
    OfRegions(EndpointType),
}

/// Where a region is read.
pub(super) fn endpoint_of(region: &Region, hosts: &Hosts) -> Result<Endpoint, Error> {
    match hosts {
        Hosts::One(endpoint) => Ok(endpoint.clone()),
        Hosts::OfRegions(kind) => Ok(Endpoint::https(&actiontrail::endpoint_host(region, *kind))?),
    }
}

/// What the service has for each account, asked at the region beside it, else what this version knows.
pub(super) fn every_region<'a>(
    sources: impl Iterator<Item = (&'a Source, Region)>,
    hosts: &Hosts,
    ask: Ask<'_>,
    notes: &mut Vec<Note>,
) -> Result<HashMap<ProfileName, Vec<Place>>, Error> {
    let mut asked = Vec::new();
    for (source, region) in sources {
        let Ok(provider) = source.key.clone() else { continue };
        if asked.iter().any(|known: &TargetSpec| known.key.profile == source.profile) {
            continue;
        }
        let endpoint = endpoint_of(&region, hosts)?;
        let key = TargetKey { profile: source.profile.clone(), region };
        asked.push(TargetSpec { key, endpoint, provider, wish: Wish::Found });
    }
    if asked.is_empty() {
        return Ok(HashMap::new());
    }
    let profiles: Vec<_> = asked.iter().map(|target| target.key.profile.clone()).collect();
    let mut every = HashMap::new();
    let mut answers = ask(asked).into_iter();
    for profile in profiles {
        let served = match answers.next() {
            Some(Ok(served)) => served,
            failed => {
                let why = failed.and_then(Result::err).map_or_else(String::new, |error| format!(" ({})", error.code()));
                let known = known_regions();
                let count = known.len();
                notes.push(Note::RegionsUnlisted(format!(
                    "the regions of {profile} can't be listed{why}: the {count} that this version knows are read"
                )));
                known
            }
        };
        let place = |ServedRegion { region, endpoint: own }: ServedRegion| {
            let endpoint = match on_this_machine(&own, hosts) {
                Some(own) => own,
                None => endpoint_of(&region, hosts)?,
            };
            Ok(Place { region, endpoint, wish: Wish::Found })
        };
        every.insert(profile, served.into_iter().map(place).collect::<Result<_, Error>>()?);
    }
    Ok(every)
}

fn known_regions() -> Vec<ServedRegion> {
    let served = |region| ServedRegion { region, endpoint: String::new() };
    actiontrail::every_region().into_iter().map(served).collect()
}

/// The endpoint that a test server on this machine names for a region. Of no other server a host is taken at its word: those of
/// the service are known.
fn on_this_machine(own: &str, hosts: &Hosts) -> Option<Endpoint> {
    let is_test = matches!(hosts, Hosts::One(asked) if asked.is_loopback() && !asked.is_tls());
    let own = Endpoint::parse(&format!("http://{own}"), PlainHttp::LoopbackOnly).ok()?;
    (is_test && own.is_loopback()).then_some(own)
}
