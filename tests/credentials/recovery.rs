//! A dashboard that is left running: through tokens that expire, a role that is taken away, an outage and throttling. The time
//! is the test's: an hour passes when it says so. The endpoint is the emulator, with its quota and its log of calls.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use trailwatch::{
    emulator::{Config, Emulator, Fault, FaultKind, Identity, Operation},
    engine::{Clock, Freshness, Setup, Snapshot, TargetSpec, TargetState},
    job::ProfileName,
};

use crate::{
    fixture::{Home, provider},
    server::{Answer, Server},
    watched::{Watched, setup, target},
};

/// How long a key of the role is good.
const LIFETIME: TimeDelta = TimeDelta::minutes(15);

/// The system's time and what the test says has passed beside it.
#[derive(Clone, Default)]
struct Time {
    seconds: Arc<AtomicI64>,
}

impl Time {
    fn now(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::seconds(self.seconds.load(SeqCst))
    }

    fn pass(&self, time: TimeDelta) {
        self.seconds.fetch_add(time.num_seconds(), SeqCst);
    }

    fn clock(&self) -> Clock {
        let time = self.clone();
        Arc::new(move || time.now())
    }
}

/// An STS that hands out one key of the emulator again and again, for as long as the role is there.
struct Role {
    server: Server,
    is_there: Arc<AtomicBool>,
    handed: Arc<AtomicU32>,
}

impl Role {
    fn of(identity: &Identity, time: &Time) -> Self {
        let (is_there, handed) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicU32::new(0)));
        let (identity, time, there, count) =
            (identity.clone(), time.clone(), Arc::clone(&is_there), Arc::clone(&handed));
        let server = Server::start(move |_| {
            if !there.load(SeqCst) {
                let refusal = json!({"Code": "NoPermission", "Message": "the role is gone", "RequestId": "R-1"});
                return Answer::new(403, refusal.to_string());
            }
            count.fetch_add(1, SeqCst);
            let until = (time.now() + LIFETIME).format("%Y-%m-%dT%H:%M:%SZ").to_string();
            let key = json!({"AccessKeyId": identity.key_id, "AccessKeySecret": identity.secret,
                "SecurityToken": identity.token, "Expiration": until});
            Answer::new(200, json!({"Credentials": key, "RequestId": "R-2"}).to_string())
        });
        Self { server, is_there, handed }
    }
}

/// Everything at its place.
struct World {
    time: Time,
    emulator: Emulator,
    role: Role,
    watched: Watched,
    _home: Home,
}

const JOBS: usize = 44;

impl World {
    fn new() -> Self {
        let time = Time::default();
        let emulator = Emulator::start(Config { jobs: JOBS, clock: time.clock(), ..Config::default() }).unwrap();
        let identity = emulator.identities().iter().find(|identity| identity.token.is_some()).unwrap();
        let role = Role::of(identity, &time);
        let home = Home::of(&json!([{"name": "audit", "mode": "RamRoleArn", "access_key_id": "LTAIprod",
            "access_key_secret": "hush-prod", "ram_role_arn": "acs:ram::1:role/audit"}]));
        let places = home.places(&[("ALIBABA_CLOUD_STS_ENDPOINT", &role.server.url)]);
        let mut spec = TargetSpec { provider: provider(&places, "audit"), ..target(&emulator) };
        spec.key.profile = ProfileName::new("audit").unwrap();
        let setup = Setup { clock: time.clock(), max_qps: 5, ..setup(vec![spec], Duration::from_millis(300)) };
        role.server.set_now(time.now());
        let watched = Watched::with(&setup);
        Self { time, emulator, role, watched, _home: home }
    }

    /// Whatever is shown meanwhile: a list that is called live is whole, and was read within the last 30 seconds.
    fn until(&self, what: &str, holds: impl Fn(Freshness, &TargetState) -> bool) -> Arc<Snapshot> {
        self.watched.until(what, |snapshot| {
            let (state, now) = (&snapshot.targets[0], self.time.now());
            let freshness = state.freshness(snapshot.interval, now);
            if let Some(read) = &state.read {
                assert_eq!(state.jobs.rows.len(), JOBS, "the last list stays");
                let is_old = now - read.at > TimeDelta::seconds(32);
                assert!(freshness != Freshness::Live || (!is_old && state.is_complete()), "{freshness:?}: {read:?}");
            }
            holds(freshness, state)
        })
    }

    fn pass(&self, time: TimeDelta) {
        self.time.pass(time);
        self.role.server.set_now(self.time.now());
    }

    /// Waits for a read that began from now on.
    fn is_live(&self) {
        let now = self.time.now();
        let is_later = |state: &TargetState| state.read.as_ref().is_some_and(|read| read.at >= now);
        self.until("a live list", |freshness, state| freshness == Freshness::Live && is_later(state));
    }
}

#[test]
fn it_gets_over_everything_by_itself() {
    let world = World::new();
    world.is_live();

    // Four lifetimes of the key: it is renewed ahead of its end, and nobody notices.
    for _ in 0..8 {
        world.pass(LIFETIME / 2);
        world.is_live();
    }
    assert!(world.role.handed.load(SeqCst) >= 4, "the role was asked for keys");

    // The role is taken away, and its last key expires.
    world.role.is_there.store(false, SeqCst);
    world.emulator.set_faults(vec![Fault::always(FaultKind::Token)]);
    world.pass(LIFETIME);
    let refused = world.until("that the role is gone", |freshness, _| freshness == Freshness::Refused);
    assert!(!refused.targets[0].is_complete());
    let why = refused.targets[0].health.error().unwrap().to_string();
    assert!(why.contains("NoPermission"), "{why}");

    // It is given back.
    world.role.is_there.store(true, SeqCst);
    world.emulator.set_faults(Vec::new());
    world.pass(TimeDelta::minutes(5));
    world.is_live();

    // An outage of ten minutes.
    world.emulator.set_faults(vec![Fault::always(FaultKind::Reset)]);
    world.until("that calls fail", |freshness, _| freshness == Freshness::Retrying);
    world.pass(TimeDelta::minutes(10));
    let stale = world.until("that it is stale", |freshness, _| freshness == Freshness::Stale);
    assert!(!stale.targets[0].is_complete());
    world.emulator.set_faults(Vec::new());
    world.is_live();

    // Throttling.
    world.emulator.set_faults(vec![Fault::always(FaultKind::Throttle400)]);
    world.until("that it is throttled", |freshness, _| freshness == Freshness::Retrying);
    world.emulator.set_faults(Vec::new());
    world.is_live();

    for operation in [Operation::ListJobs, Operation::GetJob] {
        let busiest = world.emulator.busiest_second(operation);
        assert!(busiest <= 5, "{busiest} calls of {operation:?} in one second");
    }
}
