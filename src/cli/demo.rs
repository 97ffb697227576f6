//! The demo: the embedded endpoint with its script, polled like any other, over real HTTP with signatures checked.

use std::{io, time::Duration};

use crate::{
    acs::{AccessKey, Endpoint, PlainHttp},
    config::{self, Options},
    credentials::{Provider, Source},
    emulator::{Config, Emulator, Identity, Scenario},
    engine::{Clock, Setup, TargetSpec, Wish},
    job::{ProfileName, Region, TargetKey},
};

/// The demo lives fast: at the usual interval half of what happens would not be seen.
const INTERVAL: Duration = Duration::from_secs(2);

/// A running demo; its endpoint ends when it is dropped.
pub struct Demo {
    /// The endpoint.
    pub emulator: Emulator,
    /// A target for each of its accounts.
    pub setup: Setup,
}

/// Where the demo's accounts have something.
const REGIONS: [&str; 4] = ["cn-hangzhou", "cn-shanghai", "ap-southeast-1", "eu-central-1"];

/// The demo's endpoint: three accounts in four regions.
#[must_use]
pub fn demo_config(clock: Clock) -> Config {
    let regions = REGIONS.iter().filter_map(|id| Region::new(id).ok()).collect();
    Config { scenario: Scenario::Demo, regions, clock, ..Config::default() }
}

/// Starts the demo's endpoint and makes a target of each account and region. Profiles, regions and endpoint of the options do not
/// matter.
///
/// # Errors
/// Where the system gives no port or thread.
pub fn demo_setup(options: &Options, clock: Clock) -> io::Result<Demo> {
    let emulator = Emulator::start(demo_config(clock.clone()))?;
    let targets = demo_targets(&emulator)?;
    let interval = options.interval.or(Some(INTERVAL));
    let options = Options { interval, idle_interval: options.idle_interval.or(interval), ..options.clone() };
    Ok(Demo { setup: config::setup(&options, targets, clock), emulator })
}

/// A target for each identity that an embedded endpoint knows, and for each other region with a port of its own where its
/// account has something.
///
/// # Errors
/// Where its address or an identity's name is none: not for an endpoint of ours.
pub fn demo_targets(emulator: &Emulator) -> io::Result<Vec<TargetSpec>> {
    let endpoint = Endpoint::parse(&emulator.url(), PlainHttp::LoopbackOnly).map_err(io::Error::other)?;
    let home = emulator.identities().iter().map(|identity| target(identity, &endpoint));
    let elsewhere = emulator.elsewhere().iter().map(|(identity, region)| {
        let url = emulator.url_in(region).unwrap_or_default();
        let endpoint = Endpoint::parse(&url, PlainHttp::LoopbackOnly).map_err(io::Error::other)?;
        let spec = target(&emulator.identities()[*identity], &endpoint)?;
        Ok(TargetSpec { key: TargetKey { region: region.clone(), ..spec.key }, ..spec })
    });
    home.chain(elsewhere).collect()
}

fn target(identity: &Identity, endpoint: &Endpoint) -> io::Result<TargetSpec> {
    let profile = ProfileName::new(&identity.profile).map_err(io::Error::other)?;
    let region = identity.region.clone();
    let key = AccessKey {
        id: identity.key_id.clone(),
        secret: identity.secret.clone().into(),
        token: identity.token.clone().map(Into::into),
    };
    let provider = Provider::fixed(profile.clone(), Source::Demo, Some(region.clone()), key, endpoint.clone());
    Ok(TargetSpec { key: TargetKey { profile, region }, endpoint: endpoint.clone(), provider, wish: Wish::Named })
}
