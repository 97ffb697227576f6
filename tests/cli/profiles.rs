//! Several profiles at once: all of the file's, and those of them that give no key.

use serde_json::{Value, json};
use trailwatch::{
    emulator::{Config, Emulator, Fault, FaultKind, Identity, On, Operation, Quota, Scenario},
    job::Region,
};

use crate::program::{Outcome, command, home_with};

fn fleet(accounts: u16) -> Emulator {
    let config = Config { scenario: Scenario::Fleet(accounts), jobs: 20, quota: Quota::UNLIMITED, ..Config::default() };
    Emulator::start(config).unwrap()
}

fn profile(who: &Identity) -> Value {
    json!({ "name": who.profile, "mode": "AK", "access_key_id": who.key_id, "access_key_secret": who.secret,
        "region_id": who.region.as_str() })
}

fn list(emulator: &Emulator, profiles: &[Value], arguments: &[&str]) -> Outcome {
    let home = home_with("default", profiles);
    let variables = [("TRAILWATCH_ENDPOINT", emulator.url())];
    let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    command(home.path(), &variables, &[&["list", "-o", "json"], arguments].concat()).output().unwrap().into()
}

#[test]
fn every_profile_of_the_file_is_a_target() {
    let emulator = fleet(3);
    let profiles: Vec<Value> = emulator.identities().iter().map(profile).collect();
    let document = list(&emulator, &profiles, &["--all-profiles"]).ends(0).json();
    assert_eq!(document["complete"], true);
    let names: Vec<_> = document["targets"].as_array().unwrap().iter().map(|target| &target["profile"]).collect();
    assert_eq!(names, ["account-1", "account-2", "account-3"]);
    assert!(document["jobs"].as_array().unwrap().len() >= 20);
}

#[test]
fn a_profile_that_gives_no_key_is_a_target_that_says_why_and_the_others_are_read() {
    let emulator = fleet(2);
    let token = json!({ "name": "token", "mode": "BearerToken", "bearer_token": "hush", "region_id": "cn-beijing" });
    let secretless = json!({ "name": "halved", "mode": "AK", "access_key_id": "LTAI5tHalved" });
    let homeless = json!({ "name": "homeless", "mode": "AK", "access_key_id": "x", "access_key_secret": "y" });
    let mut profiles: Vec<Value> = emulator.identities().iter().map(profile).collect();
    profiles.extend([token, secretless, homeless]);
    let outcome = list(&emulator, &profiles, &["--all-profiles"]).ends(77);
    let outcome = outcome.says("token/cn-beijing: ").says("mode BearerToken").says("halved/").says("homeless/");
    let outcome = outcome.says("no access_key_secret").says("it has no region_id");
    let document = outcome.json();
    assert_eq!(document["complete"], false);
    let complete: Vec<_> = document["targets"].as_array().unwrap().iter().map(|target| &target["complete"]).collect();
    assert_eq!(complete, [true, true, false, false, false]);
    assert_eq!(document["targets"][2]["error"]["code"], "NoCredentials");
    assert!(document["jobs"].as_array().unwrap().len() >= 20);
    let named = list(&emulator, &profiles, &["--profile", "account-1", "--profile", "token"]).ends(77).json();
    assert_eq!((&named["targets"][0]["complete"], &named["targets"][1]["complete"]), (&true.into(), &false.into()));
}

#[test]
fn where_no_profile_gives_a_key_the_program_ends() {
    let emulator = fleet(1);
    let broken = |name: &str| json!({ "name": name, "mode": "BearerToken", "region_id": "cn-beijing" });
    let outcome = list(&emulator, &[broken("a"), broken("b")], &["--all-profiles"]).ends(77);
    let outcome = outcome.says("no profile can be used:").says("  a: ").says("  b: ").says("remedy: ");
    assert_eq!(outcome.stdout, "");
    list(&emulator, &[], &["--all-profiles"]).ends(77).says("it has no profile");
}

#[test]
fn every_region_is_read_and_what_is_nowhere_is_no_gap() {
    let regions = ["cn-beijing", "cn-hangzhou", "us-east-1"].map(|id| Region::new(id).unwrap()).to_vec();
    let emulator = Emulator::start(Config { jobs: 5, regions, ..Config::default() }).unwrap();
    let who = &emulator.identities()[0];
    let document = list(&emulator, &[profile(who)], &["--profile", &who.profile, "--region", "all"]).ends(0).json();
    assert_eq!((&document["complete"], document["jobs"].as_array().unwrap().len()), (&true.into(), 5));
    let regions: Vec<_> = document["targets"].as_array().unwrap().iter().map(|target| &target["region"]).collect();
    assert_eq!(regions, ["cn-beijing", "cn-hangzhou", "us-east-1"]);
    assert_eq!(emulator.stats().calls(Operation::DescribeRegions), 1);
}

#[test]
fn where_regions_cant_be_listed_those_that_are_known_are_read_and_that_is_told() {
    let fault = Fault { on: On::Only(vec![Operation::DescribeRegions]), kind: FaultKind::Html, rate: 1.0 };
    let emulator =
        Emulator::start(Config { jobs: 5, faults: vec![fault], quota: Quota::UNLIMITED, ..Config::default() }).unwrap();
    let who = &emulator.identities()[0];
    let outcome =
        list(&emulator, &[profile(who)], &["--profile", &who.profile, "--region", "all", "--max-qps", "1000"]);
    let outcome = outcome.ends(0).says("can't be listed").says("the 33 that this version knows are read");
    let document = outcome.json();
    assert_eq!(document["targets"].as_array().unwrap().len(), 33);
    assert_eq!(document["jobs"].as_array().unwrap().len(), 5, "an endpoint that lists all for each: each job once");
}

#[test]
fn the_same_account_through_two_profiles_has_each_job_once() {
    let emulator = Emulator::start(Config { jobs: 5, ..Config::default() }).unwrap();
    let [owner, temporary, ..] = emulator.identities() else { panic!("two") };
    let token = json!({ "name": "sts", "mode": "StsToken", "access_key_id": temporary.key_id,
        "access_key_secret": temporary.secret, "sts_token": temporary.token, "region_id": temporary.region.as_str() });
    let document = list(&emulator, &[profile(owner), token], &["--all-profiles"]).ends(0).json();
    assert_eq!((&document["complete"], document["jobs"].as_array().unwrap().len()), (&true.into(), 5));
    let number = owner.account.as_str();
    for place in ["jobs", "targets"] {
        let records = document[place].as_array().unwrap();
        assert!(records.iter().all(|record| record["account_id"] == number), "{records:?}");
    }
    assert_eq!(emulator.stats().calls(Operation::GetCallerIdentity), 2, "once for each profile");
}
