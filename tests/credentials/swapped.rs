//! A profile whose key is replaced by another account's while an engine runs: no job is ever told as one of the wrong account.

use std::{
    collections::HashMap,
    sync::{Arc, mpsc},
    time::Duration,
};

use serde_json::{Value, json};
use trailwatch::{
    config::{self, Options, Surroundings},
    credentials::Env,
    emulator::{Config, Emulator, Identity, Scenario},
    engine::{Engine, Snapshot, TargetState, system_clock},
    job::{AccountId, JobId, ProfileName, Region},
};

use crate::fixture::Home;

fn profile(name: &str, who: &Identity) -> Value {
    let mode = if who.token.is_some() { "StsToken" } else { "AK" };
    json!({"name": name, "mode": mode, "access_key_id": who.key_id, "access_key_secret": who.secret,
        "sts_token": who.token})
}

fn ids(target: &TargetState) -> Vec<JobId> {
    target.jobs.rows.iter().map(|job| job.id).collect()
}

/// Watches these profiles of a file, whose first one gets another account's key, and gives it back.
fn swapped(names: &[&str], file: impl Fn(&Identity, &Identity) -> Value) {
    let emulator = Emulator::start(Config { scenario: Scenario::Fleet(2), ..Config::default() }).unwrap();
    let (first, second) = (&emulator.identities()[0], &emulator.identities()[1]);
    let home = Home::of(&file(first, second));
    let around = Surroundings { env: Env::of(&[]), home: Some(home.path("")), clock: system_clock() };
    let options = Options {
        profiles: names.iter().map(|name| ProfileName::new(name).unwrap()).collect(),
        regions: vec![Region::new("cn-hangzhou").unwrap()],
        endpoint: Some(emulator.url()),
        interval: Some(Duration::from_millis(100)),
        idle_interval: Some(Duration::from_millis(100)),
        ..Options::default()
    };
    let engine = Engine::start_for_script(&config::configure(&options, &around).unwrap().setup).unwrap();
    let (sender, snapshots) = mpsc::channel::<Arc<Snapshot>>();
    engine.subscribe(move |snapshot| drop(sender.send(snapshot)));
    let mut known: HashMap<AccountId, Vec<JobId>> = HashMap::new();
    let mut until = |account: &AccountId| loop {
        let snapshot = snapshots.recv_timeout(Duration::from_secs(60)).unwrap();
        assert!(snapshot.log.iter().all(|transition| transition.what.job().is_none()), "no job came or went");
        let mut is_so = false;
        for target in snapshot.targets.iter().filter(|target| !target.jobs.rows.is_empty()) {
            let Some(whose) = &target.account else { continue };
            let jobs = known.entry(whose.clone()).or_insert_with(|| ids(target));
            assert_eq!(*jobs, ids(target), "of {whose:?}");
            is_so |= whose == account && target.key == snapshot.targets[0].key;
        }
        if is_so {
            return;
        }
    };
    until(&first.account);
    home.set(&file(second, first));
    until(&second.account);
    home.set(&file(first, second));
    until(&first.account);
    assert_eq!(known.len(), 2);
    assert_ne!(known[&first.account], known[&second.account]);
}

#[test]
fn of_one_profile() {
    swapped(&["a"], |a, _| json!([profile("a", a)]));
}

#[test]
fn of_two_profiles_that_swap_their_accounts() {
    swapped(&["a", "b"], |a, b| json!([profile("a", a), profile("b", b)]));
}

#[test]
fn of_two_profiles_that_were_of_one_account() {
    let fixed = std::cell::OnceCell::new();
    swapped(&["a", "b"], |a, _| {
        let b = fixed.get_or_init(|| profile("b", a));
        json!([profile("a", a), b])
    });
}
