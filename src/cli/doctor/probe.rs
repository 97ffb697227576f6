//! What a target answers: its key, a knock at its host, and an actual call of each operation. Nothing is judged here.

use std::{collections::HashMap, io, sync::Arc, time::Duration};

use chrono::TimeDelta;
use futures_util::{StreamExt as _, stream};
use reqwest::Method;
use tokio::{
    runtime,
    time::{Instant, sleep},
};

use crate::{
    acs::{self, AccessKey, Endpoint, Http, PlainRequest},
    actiontrail::{self, Client, MAX_PAGE_SIZE, Operation},
    credentials::{
        self,
        sts::{CallerIdentity, get_caller_identity},
    },
    engine::{Clock, Setup, TargetSpec, Wish},
    job::{JobId, ProfileName, TargetKey, Timestamp},
};

/// So many targets are asked at a time.
const AT_ONCE: usize = 8;

/// How long a knock may take.
const KNOCK: Duration = Duration::from_secs(10);

/// How long a call is repeated that is too much for the quota, and after how long at first.
const THROTTLED: Duration = Duration::from_secs(10);
const MOMENT: Duration = Duration::from_secs(1);

/// A job that no account has: that it is not found shows that asking is allowed.
const NO_JOB: JobId = JobId::new(1);

/// A trail that no account has.
const NO_TRAIL: &str = "trailwatch-doctor";

/// What was found out about a profile.
pub(super) struct Account {
    pub(super) profile: ProfileName,
    /// Where its key comes from, and which it is.
    pub(super) key: Result<String, credentials::Error>,
    /// Why there will be no next one.
    pub(super) late: Option<credentials::Late>,
    /// Whose it is; `None` without a key.
    pub(super) identity: Option<Result<CallerIdentity, acs::Error>>,
}

/// What was found out about a target.
pub(super) struct Probe {
    pub(super) key: TargetKey,
    pub(super) wish: Wish,
    /// Host and port.
    pub(super) endpoint: String,
    pub(super) proxy: Option<String>,
    /// How many addresses the host has, and how long it took to learn them; `None` where a proxy does that.
    pub(super) resolved: Option<Result<(usize, Duration), String>>,
    /// How long it took to connect and to have any answer, without a key.
    pub(super) knock: Result<Duration, acs::Error>,
    /// How long the quickest call took.
    pub(super) quickest: Option<Duration>,
    /// How far the service's clock is ahead of this machine's.
    pub(super) ahead: Option<TimeDelta>,
    /// None without a key: there is nothing to sign a call with. Only the first where that refuses the key.
    pub(super) calls: Vec<(Operation, Option<actiontrail::Error>)>,
}

impl Probe {
    /// Why the key is worth nothing here.
    pub(super) fn key_refusal(&self) -> Option<&actiontrail::Error> {
        key_refusal(&self.calls)
    }
}

fn key_refusal(calls: &[(Operation, Option<actiontrail::Error>)]) -> Option<&actiontrail::Error> {
    let mut errors = calls.iter().filter_map(|(_, error)| error.as_ref());
    errors.find(|error| matches!(error.class(), acs::Class::Key | acs::Class::Token))
}

/// Asks every profile for its key, and every target for all that Trailwatch ever asks.
pub(super) fn all(setup: &Setup) -> io::Result<(Vec<Account>, Vec<Probe>)> {
    runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let http = Arc::new(Http::new(setup.http.clone()));
        let mut profiles = HashMap::new();
        for (at, spec) in setup.targets.iter().enumerate() {
            profiles.entry(&spec.key.profile).or_insert(at);
        }
        let mut first: Vec<_> = profiles.into_values().collect();
        first.sort_unstable();
        let accounts = first.into_iter().map(|at| account(&setup.targets[at], &http, &setup.clock));
        let accounts: Vec<_> = stream::iter(accounts).buffered(AT_ONCE).collect().await;
        let probes = setup.targets.iter().map(|spec| probe(spec, &http, &setup.clock));
        let probes: Vec<_> = stream::iter(probes).buffered(AT_ONCE).collect().await;
        Ok((accounts, probes))
    })
}

async fn account(spec: &TargetSpec, http: &Arc<Http>, clock: &Clock) -> Account {
    let profile = spec.key.profile.clone();
    let provider = &spec.provider;
    let key = match provider.key(clock()).await {
        Ok(key) => key,
        Err(error) => return Account { profile, key: Err(error), late: None, identity: None },
    };
    let sts = acs::Client::new(Arc::clone(http), provider.sts());
    let identity = get_caller_identity(&sts, &key, clock()).await;
    let (key, late) = (Ok(provider.signs_with()), provider.late(clock()));
    Account { profile, key, late, identity: Some(identity) }
}

async fn probe(spec: &TargetSpec, http: &Arc<Http>, clock: &Clock) -> Probe {
    let proxy = spec.endpoint.proxy();
    let resolved = if proxy.is_none() { Some(resolved(spec.endpoint.address()).await) } else { None };
    let client = Client::new(acs::Client::new(Arc::clone(http), spec.endpoint.clone()));
    let mut asked = Asked { clock, ahead: None, calls: Vec::new(), took: Vec::new() };
    let knock = asked.knock(http, &spec.endpoint).await;
    if knock.is_ok()
        && let Ok(key) = spec.provider.key(clock()).await
    {
        asked.everything(&client, &key).await;
    }
    Probe {
        key: spec.key.clone(),
        wish: spec.wish,
        endpoint: spec.endpoint.to_string(),
        proxy,
        resolved,
        knock,
        quickest: asked.took.iter().min().copied(),
        ahead: asked.ahead,
        calls: asked.calls,
    }
}

async fn resolved(address: (&str, u16)) -> Result<(usize, Duration), String> {
    let begun = Instant::now();
    let found = tokio::net::lookup_host(address).await.map_err(|error| error.to_string())?;
    Ok((found.count(), begun.elapsed()))
}

/// One call after the other, and what they taught.
struct Asked<'a> {
    clock: &'a Clock,
    ahead: Option<TimeDelta>,
    calls: Vec<(Operation, Option<actiontrail::Error>)>,
    took: Vec<Duration>,
}

impl Asked<'_> {
    /// Asks for nothing, to see whether anybody answers, and what time it is there.
    async fn knock(&mut self, http: &Http, endpoint: &Endpoint) -> Result<Duration, acs::Error> {
        let begun = Instant::now();
        let url = endpoint.at("/");
        let request = PlainRequest { method: Method::GET, url: &url, headers: &[], body: Vec::new(), limit: KNOCK };
        let answer = http.plain(request).await?;
        answer.server_time.inspect(|server| self.learn(*server));
        Ok(begun.elapsed())
    }

    async fn everything(&mut self, client: &Client, key: &AccessKey) {
        let list = async |now| client.list(key, 1, MAX_PAGE_SIZE, now).await;
        let page = self.ask(Operation::List, list).await;
        if let Some(server) = page.as_ref().and_then(|page| page.server_time) {
            self.learn(server);
        }
        if key_refusal(&self.calls).is_some() {
            return;
        }
        let job = page.and_then(|page| page.jobs.first().map(|job| job.id)).unwrap_or(NO_JOB);
        self.ask(Operation::Get, async |now| client.get(key, job, now).await).await;
        let trails = self.ask(Operation::Trails, async |now| client.trails(key, now).await).await;
        let trail = trails.and_then(|list| list.trails.first().map(|trail| trail.name.to_string()));
        let trail = trail.unwrap_or_else(|| NO_TRAIL.to_owned());
        self.ask(Operation::TrailStatus, async |now| client.trail_status(key, &trail, now).await).await;
        self.ask(Operation::Regions, async |now| client.regions(key, now).await).await;
    }

    /// Asks; once more with the service's time where it refuses ours, and for a while where others ask too much: what a
    /// permission is worth is not known by that.
    async fn ask<T>(
        &mut self,
        operation: Operation,
        call: impl AsyncFn(Timestamp) -> Result<T, actiontrail::Error>,
    ) -> Option<T> {
        let give_up = Instant::now() + THROTTLED;
        let mut learnt = false;
        let outcome = loop {
            let begun = Instant::now();
            let outcome = call(self.now()).await;
            self.took.push(begun.elapsed());
            match outcome.as_ref().map_err(|error| (error.class(), error.source.server_time(), error)) {
                Err((acs::Class::Clock, Some(server), _)) if !learnt => {
                    learnt = true;
                    self.learn(server);
                }
                Err((acs::Class::Throttled, _, error)) if Instant::now() < give_up => {
                    sleep(error.source.retry_after().unwrap_or(MOMENT).min(THROTTLED)).await;
                }
                _ => break outcome,
            }
        };
        let (answer, error) = match outcome {
            Ok(answer) => (Some(answer), None),
            Err(error) => (None, Some(error)),
        };
        self.calls.push((operation, error));
        answer
    }

    fn now(&self) -> Timestamp {
        (self.clock)() + self.ahead.unwrap_or_default()
    }

    fn learn(&mut self, server: Timestamp) {
        self.ahead = Some(server - (self.clock)());
    }
}
