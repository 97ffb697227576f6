//! An ActionTrail endpoint of our own on loopback: for the demo, for tests, and for any client of the API.
//!
//! A real server: HTTP, signatures, quotas, errors as the service has them. It is written from the API's reference and shares
//! no code with the client, so that one mistake can't hide in both. It knows nobody but [`crate::job`]'s words.
//!
//! The state is `world` (with `scenario` and `plan`), pure and driven by a seed and a clock; `auth`, `quota` and
//! `operations` are the service's rules; `wire` its JSON; `server` the HTTP around them. `faults` says what goes wrong and
//! when, `delivery` what that looks like on the wire; `churn` changes lists while they are read. What was asked and what
//! was true is in `calls` and `truth`, for tests to hold against what a client says.

mod auth;
mod calls;
mod churn;
mod delivery;
mod faults;
mod listing;
mod operations;
mod plan;
mod quota;
mod regions;
mod rng;
mod scenario;
mod server;
mod truth;
mod wire;
mod world;

use std::{
    cell::RefCell,
    collections::BTreeSet,
    fmt, io,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    ops::RangeInclusive,
    sync::{Arc, atomic::Ordering::Relaxed},
    thread,
    time::Duration,
};

use chrono::{TimeDelta, Utc};
use tokio::sync::{oneshot, watch};

use self::{
    auth::{Key, Keyring, Policy},
    calls::Calls,
    quota::Meter,
    rng::Rng,
    server::{Controls, Counters, Ledger, Service, State},
    truth::Truth,
    world::World,
};
pub use self::{
    calls::CallRecord,
    churn::Churn,
    faults::{Fault, FaultKind, NoFault, On},
    listing::ListOrder,
    operations::Operation,
    quota::Quota,
    scenario::Scenario,
    truth::{Change, TruthEvent},
};
use crate::job::{AccountId, JobId, Region, Timestamp};

/// What the emulator takes for the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How an emulator is set up.
#[derive(Clone)]
pub struct Config {
    /// The address, which is one of this machine itself; 127.0.0.1 or `::1`.
    pub listen: IpAddr,
    /// The port; 0 for any that is free.
    pub port: u16,
    /// Decides names, ids, times, outcomes and request ids: the same seed and clock give the same world.
    pub seed: u64,
    /// How many settled jobs there are at the start, in all accounts together; a million at most.
    pub jobs: usize,
    /// What happens.
    pub scenario: Scenario,
    /// In which order lists are.
    pub order: ListOrder,
    /// How lists change while they are read; [`Emulator::set_churn`] changes it.
    pub churn: Churn,
    /// How long every answer takes.
    pub latency: Duration,
    /// How many calls are answered.
    pub quota: Quota,
    /// What goes wrong from the start; [`Emulator::set_faults`] changes it.
    pub faults: Vec<Fault>,
    /// What the time is.
    pub clock: Clock,
    /// Regions with a port of their own, where an account has only what it has in that region; `DescribeRegions` then lists
    /// these with their ports, and no others. The other port stands for the home region of whoever calls.
    pub regions: Vec<Region>,
    /// How far the service's clock is off where [`FaultKind::Clock`] strikes.
    pub clock_offset: TimeDelta,
}

impl Default for Config {
    /// 127.0.0.1, any port, none for single regions, seed 1, 44 jobs, [`Scenario::Still`], the newest first, no churn, no latency, the documented quota, no faults,
    /// the system's clock, one hour for the wrong one.
    fn default() -> Self {
        Self {
            listen: Ipv4Addr::LOCALHOST.into(),
            port: 0,
            seed: 1,
            jobs: 44,
            scenario: Scenario::default(),
            order: ListOrder::default(),
            churn: Churn::NONE,
            latency: Duration::ZERO,
            quota: Quota::DOCUMENTED,
            faults: Vec::new(),
            clock: Arc::new(Utc::now),
            regions: Vec::new(),
            clock_offset: TimeDelta::hours(1),
        }
    }
}

/// Throw-away credentials that the emulator accepts, and where their account is at home.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// A name for the profile.
    pub profile: String,
    /// The account's number.
    pub account: AccountId,
    /// The account's home region.
    pub region: Region,
    /// The AccessKey id.
    pub key_id: String,
    /// The AccessKey secret.
    pub secret: String,
    /// The security token of temporary credentials.
    pub token: Option<String>,
}

impl fmt::Debug for Identity {
    /// Without the secret: throw-away or not, a habit.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { profile, account, region, key_id, .. } = self;
        f.debug_struct("Identity")
            .field("profile", profile)
            .field("account", account)
            .field("region", region)
            .field("key_id", key_id)
            .finish_non_exhaustive()
    }
}

/// What was asked so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    calls: [u64; Operation::ALL.len()],
    /// Requests that got an answer of any kind.
    pub answered: u64,
    /// Those refused because the quota was used up.
    pub throttled: u64,
}

impl Stats {
    /// How often an operation was called, refusals included.
    #[must_use]
    pub fn calls(&self, operation: Operation) -> u64 {
        self.calls[operation as usize]
    }
}

/// A running endpoint. Dropping it ends it.
#[derive(Debug)]
pub struct Emulator {
    address: SocketAddr,
    regions: Vec<(Region, SocketAddr)>,
    elsewhere: Vec<(usize, Region)>,
    identities: Vec<Identity>,
    ledger: Arc<Ledger>,
    controls: watch::Sender<Controls>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Emulator {
    /// Starts an endpoint on a thread of its own. It listens, on this machine only, when this returns.
    ///
    /// # Errors
    /// Where the address is not one of this machine itself, the port is taken, or the system gives no socket or thread.
    pub fn start(config: Config) -> io::Result<Self> {
        let (main, address) = listen((config.listen, config.port).into())?;
        let mut listeners = vec![(None, main)];
        let mut regions = Vec::with_capacity(config.regions.len());
        for region in config.regions {
            let (listener, address) = listen((config.listen, 0).into())?;
            listeners.push((Some(region.clone()), listener));
            regions.push((region, address));
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;

        let world = World::new(config.scenario, config.seed, config.jobs, (config.clock)()).in_order(config.order);
        let keys = keys(&world, config.scenario, config.seed)?;
        let identities: Vec<Identity> = keys.iter().map(|key| key.identity.clone()).collect();
        let elsewhere = world.accounts.iter().filter_map(|account| {
            let identity = keys.iter().position(|key| Some(key.account) == account.setting.elsewhere_of)?;
            let (region, _) = regions.iter().find(|(region, _)| region.as_str() == account.setting.region)?;
            Some((identity, region.clone()))
        });
        let elsewhere = elsewhere.collect();
        let ledger = Arc::new(Ledger {
            counters: Counters::default(),
            calls: Calls::new(),
            truth: Truth::new(jobs_at_start(&world, &keys)),
        });
        let (controls, controlled) = watch::channel(Controls { faults: config.faults, churn: config.churn });
        let host = identities.first().map_or_else(String::new, |first| wire::endpoint(first.region.as_str()));
        let (clock, clock_offset, latency, seed) = (config.clock, config.clock_offset, config.latency, config.seed);
        let (meter, shared, url) = (Meter::new(config.quota), Arc::clone(&ledger), url(address));
        let (stop, stopped) = oneshot::channel();
        let served = regions.clone();
        let thread = thread::Builder::new().name("emulator".to_owned()).spawn(move || {
            let state = RefCell::new(State { world, keyring: Keyring::new(keys), meter, requests: 0, identities: 0 });
            let (controls, ledger) = (controlled, shared);
            let service =
                Service { clock, clock_offset, latency, seed, url, controls, host, ledger, regions: served, state };
            runtime.block_on(server::serve(service, listeners, stopped));
            runtime.shutdown_background();
        })?;
        Ok(Self { address, regions, elsewhere, identities, ledger, controls, stop: Some(stop), thread: Some(thread) })
    }

    /// The base URL.
    #[must_use]
    pub fn url(&self) -> String {
        url(self.address)
    }

    /// The base URL of a region that has a port of its own.
    #[must_use]
    pub fn url_in(&self, region: &Region) -> Option<String> {
        self.regions.iter().find(|(known, _)| known == region).map(|(_, address)| url(*address))
    }

    /// The accounts that also have something in another region with a port of its own, by their place among
    /// [`Self::identities`].
    #[must_use]
    pub fn elsewhere(&self) -> &[(usize, Region)] {
        &self.elsewhere
    }

    /// What goes wrong from now on, for the calls that are not answered yet: an outage begins, an empty list ends it.
    ///
    /// An answer that hangs, drips or has no end stays so until its client gives up.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.controls.send_modify(|controls| controls.faults = faults);
    }

    /// How lists change from now on while they are read.
    pub fn set_churn(&self, churn: Churn) {
        self.controls.send_modify(|controls| controls.churn = churn);
    }

    /// The credentials that it accepts: those of the accounts of [`Scenario::Demo`] or [`Scenario::Fleet`]; else first the
    /// account's own, then temporary ones with a token ("emulator-sts"), then those of users without any permission
    /// ("emulator-denied"), without that for trails ("emulator-no-trails") and without that for single jobs ("emulator-no-get").
    #[must_use]
    pub fn identities(&self) -> &[Identity] {
        &self.identities
    }

    /// What was asked so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let counters = &self.ledger.counters;
        Stats {
            calls: counters.calls.each_ref().map(|count| count.load(Relaxed)),
            answered: counters.answered.load(Relaxed),
            throttled: counters.throttled.load(Relaxed),
        }
    }

    /// The last 100,000 requests, but those of STS, in order of arrival.
    #[must_use]
    pub fn calls(&self) -> Vec<CallRecord> {
        self.ledger.calls.all()
    }

    /// The most calls of an operation that one account made within any second, of those in [`Emulator::calls`].
    #[must_use]
    pub fn busiest_second(&self, operation: Operation) -> usize {
        calls::busiest_second(&self.calls(), operation)
    }

    /// The number of the last call that was decided: the next one has the next number.
    #[must_use]
    pub fn last_call(&self) -> u64 {
        self.ledger.counters.decided.load(Relaxed)
    }

    /// How the lists of jobs changed, whoever or whatever changed them: the last 180,000 changes at least.
    #[must_use]
    pub fn truth(&self) -> Vec<TruthEvent> {
        self.ledger.truth.events()
    }

    /// The jobs of an account that were there for every one of these calls: what a client that made them must have seen.
    #[must_use]
    pub fn present_throughout(&self, account: &AccountId, calls: &RangeInclusive<u64>) -> BTreeSet<JobId> {
        self.ledger.truth.throughout(account, calls)
    }

    /// The jobs of an account that were there for one of these calls at least: a client that made them can have seen no other.
    #[must_use]
    pub fn ever_present(&self, account: &AccountId, calls: &RangeInclusive<u64>) -> BTreeSet<JobId> {
        self.ledger.truth.ever(account, calls)
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // The thread only ever waits for the network: it ends at once, and the port is free when this returns.
            drop(thread.join());
        }
    }
}

/// Listens on a port of this machine, 0 for any that is free; which one that is.
fn listen(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    if !address.ip().is_loopback() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "others could reach it there"));
    }
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// The accounts' numbers and jobs.
fn jobs_at_start(world: &World, keys: &[Key]) -> Vec<(AccountId, Vec<JobId>)> {
    let number = |index| keys.iter().find(|key| key.account == index).map(|key| key.identity.account.clone());
    let accounts = world.accounts.iter().enumerate();
    let own = |index: usize, account: &world::Account| account.setting.elsewhere_of.unwrap_or(index);
    accounts.filter_map(|(index, account)| Some((number(own(index, account))?, account.ids()))).collect()
}

/// What it takes to be told of trails.
const TRAILS: [Operation; 2] = [Operation::DescribeTrails, Operation::GetTrailStatus];

/// The credentials of a world.
fn keys(world: &World, scenario: Scenario, seed: u64) -> io::Result<Vec<Key>> {
    let mut keys = Vec::new();
    let homes = world.accounts.iter().enumerate().filter(|(_, state)| state.setting.elsewhere_of.is_none());
    for (account, state) in homes {
        let mut rng = Rng::new(seed, 0x5EC2_E700 + account as u64);
        let setting = &state.setting;
        let region = Region::new(setting.region).map_err(io::Error::other)?;
        let number = AccountId::new(&(1_000_000_000_000_000 + rng.below(1_000_000_000_000_000)).to_string());
        let mut add = |profile: String, temporary: bool, policy: Policy| {
            let start = if temporary { "STS.NDemoEmulator" } else { "LTAI5tDemoEmulator" };
            let key_id = format!("{start}{}", rng.letters(24 - start.len()));
            let secret = format!("DemoEmulatorSecret{}", rng.letters(12));
            let token = temporary.then(|| format!("CAISDemoEmulatorToken{}", rng.letters(107)));
            let (account_id, region) = (number.clone(), region.clone());
            let identity = Identity { profile, account: account_id, region, key_id, secret, token };
            keys.push(Key { identity, account, policy });
        };
        let profile = match scenario {
            Scenario::Fleet(_) => format!("{}-{}", setting.profile, account + 1),
            Scenario::Still | Scenario::Living | Scenario::Demo => setting.profile.to_owned(),
        };
        add(profile, setting.temporary, Policy::Everything);
        if matches!(scenario, Scenario::Still | Scenario::Living) {
            add(format!("{}-sts", setting.profile), true, Policy::Everything);
            add(format!("{}-denied", setting.profile), false, Policy::Nothing);
            add(format!("{}-no-trails", setting.profile), false, Policy::AllBut(&TRAILS));
            add(format!("{}-no-get", setting.profile), false, Policy::AllBut(&[Operation::GetJob]));
        }
    }
    Ok(keys)
}
