//! An engine that runs on while keys end, are refused and are mended. The service's clock and the engine's are the test's.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use trailwatch::{
    config::{self, Options, Surroundings},
    credentials::Env,
    engine::{Engine, Health, TargetState, read_once},
    job::{ProfileName, Region},
};

use crate::{
    fixture::{Home, at, start},
    server::Server,
    sts::{Sts, actiontrail},
};

/// A running engine over one target for each profile, and those who serve it.
struct Running {
    engine: Engine,
    sts: Sts,
    actiontrail: Server,
    home: Home,
    now: Arc<Mutex<DateTime<Utc>>>,
    /// How far the clock of this machine is off.
    wrong: TimeDelta,
}

impl Running {
    fn start(profiles: &Value, names: &[&str]) -> Self {
        Self::start_with(profiles, names, &["cn-hangzhou"], TimeDelta::zero())
    }

    fn start_with(profiles: &Value, names: &[&str], regions: &[&str], wrong: TimeDelta) -> Self {
        Self::start_in(Home::of(profiles), names, regions, wrong)
    }

    fn start_in(home: Home, names: &[&str], regions: &[&str], wrong: TimeDelta) -> Self {
        let sts = Sts::start();
        let (actiontrail, now) = (actiontrail(&sts), Arc::new(Mutex::new(start() + wrong)));
        let clock = Arc::clone(&now);
        let around = Surroundings {
            env: Env::of(&[("ALIBABA_CLOUD_STS_ENDPOINT", &sts.server.url)]),
            home: Some(home.path("")),
            clock: Arc::new(move || *clock.lock().unwrap()),
        };
        let options = Options {
            profiles: names.iter().map(|name| ProfileName::new(name).unwrap()).collect(),
            regions: regions.iter().map(|id| Region::new(id).unwrap()).collect(),
            endpoint: Some(actiontrail.url.clone()),
            interval: Some(Duration::from_millis(100)),
            idle_interval: Some(Duration::from_millis(100)),
            ..Options::default()
        };
        let setup = config::configure(&options, &around).unwrap().setup;
        let engine = Engine::start_for_script(&setup).unwrap();
        Self { engine, sts, actiontrail, home, now, wrong }
    }

    /// Lets time pass for all of them.
    fn pass_to(&self, minutes: i64) {
        self.sts.set_now(at(minutes));
        self.actiontrail.set_now(at(minutes));
        *self.now.lock().unwrap() = at(minutes) + self.wrong;
    }

    /// Waits until the first target is so.
    fn until(&self, what: &str, is_so: impl Fn(&TargetState) -> bool) -> Arc<TargetState> {
        let begun = Instant::now();
        loop {
            let target = Arc::clone(&self.engine.snapshot().targets[0]);
            if is_so(&target) {
                return target;
            }
            assert!(begun.elapsed() < Duration::from_secs(300), "{what}: {target:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until the first target was read at this minute and all is well.
    fn until_read_at(&self, minutes: i64) -> Arc<TargetState> {
        let is_read = |target: &TargetState| target.read.as_ref().is_some_and(|read| read.at == at(minutes));
        self.until("it is read", |target| target.health == Health::Ok && is_read(target))
    }
}

fn audit() -> Value {
    json!([{"name": "audit", "mode": "RamRoleArn", "access_key_id": "LTAIprod", "access_key_secret": "hush-prod",
        "ram_role_arn": "acs:ram::1:role/audit"}])
}

#[test]
fn keys_end_and_nobody_notices() {
    let running = Running::start(&audit(), &["audit"]);
    let first = running.until_read_at(0);
    assert_eq!(&*first.signing.with, "~/.aliyun/config.json, RamRoleArn (STS.****ole1)");

    // Ahead of the end.
    running.pass_to(56);
    running.until("the next key signs", |target| target.signing.with.contains("(STS.****ole2)"));
    // After a night in which the machine slept: the key is over before anybody could renew it.
    running.pass_to(600);
    let after = running.until_read_at(600);
    assert!(after.signing.with.contains("(STS.****ole3)"), "{:?}", after.signing);
    assert_eq!((after.lost, after.jobs.rows.len()), (None, 1), "it was never without its list");

    // The service takes the key no more, for a reason of its own: another one is asked for, and the call is signed again.
    running.sts.world().keys.retain(|id, _| id == "LTAIprod");
    running.pass_to(601);
    let healed = running.until_read_at(601);
    assert!(healed.signing.with.contains("(STS.****ole4)"), "{:?}", healed.signing);
    assert_eq!(healed.lost, None);
}

#[test]
fn a_late_key_is_told_and_a_role_that_comes_back_heals() {
    let running = Running::start(&audit(), &["audit"]);
    running.until_read_at(0);
    running.sts.world().roles.clear();
    running.pass_to(56);
    let late = running.until("the late key is told", |target| target.signing.trouble.is_some());
    let trouble = late.signing.trouble.clone().unwrap();
    assert!(
        trouble.contains("used until 2026-11-24T21:00:00Z") && trouble.contains("EntityNotExist.Role"),
        "{trouble}"
    );
    assert_eq!(late.health, Health::Ok, "the key at hand is good");

    running.pass_to(61);
    let lost = running.until("it is refused", |target| matches!(target.health, Health::Refused { .. }));
    assert!(lost.health.error().unwrap().to_string().contains("EntityNotExist.Role"));
    assert_eq!(lost.jobs.rows.len(), 1, "the last list stays");

    running.sts.world().roles.push("acs:ram::1:role/audit");
    running.pass_to(67);
    let back = running.until_read_at(67);
    assert_eq!((back.signing.trouble.clone(), back.lost), (None, None));
}

#[test]
fn targets_of_one_profile_agree_on_the_time_however_wrong_the_clock_is() {
    for wrong in [TimeDelta::hours(-5), TimeDelta::hours(5)] {
        let running = Running::start_with(&audit(), &["audit"], &["cn-hangzhou", "cn-beijing"], wrong);
        let reads = || running.actiontrail.seen().len();
        let until_many_reads = || {
            let before = reads();
            running.until("both go on", |_| reads() > before + 10);
        };
        running.until_read_at(0);
        until_many_reads();
        assert_eq!(running.sts.asked("AssumeRole").len(), 2, "one with the wrong date, and one for both targets");

        running.sts.world().fault = Some((503, "ServiceUnavailable"));
        running.pass_to(56);
        running.until("the late key is told", |target| target.signing.trouble.is_some());
        until_many_reads();
        assert_eq!(running.sts.asked("AssumeRole").len(), 3, "not before its pause is over");
        let targets = running.engine.snapshot();
        assert!(targets.targets.iter().all(|target| target.health == Health::Ok), "the key at hand is good");

        running.pass_to(61);
        running.until("its end is the service's", |target| target.health.error().is_some());
    }
}

#[test]
fn a_helper_that_takes_its_time_is_waited_for_no_longer_than_patience() {
    let home = Home::of(&json!([{"name": "slow", "mode": "External", "process_command": "sleep 1000"}]));
    let around = Surroundings { env: Env::of(&[]), home: Some(home.path("")), clock: Arc::new(start) };
    let options = Options {
        profiles: vec![ProfileName::new("slow").unwrap()],
        regions: vec![Region::new("cn-hangzhou").unwrap()],
        endpoint: Some("http://127.0.0.1:1".to_owned()),
        timeout: Duration::from_secs(1),
        ..Options::default()
    };
    let setup = config::configure(&options, &around).unwrap().setup;
    let snapshot = read_once(&setup, |_, _| {}).unwrap();
    let error = snapshot.targets[0].health.error().unwrap().to_string();
    assert!(error.contains("External: no key within 1s"), "{error}");
}

#[test]
fn signing_in_elsewhere_heals_without_a_key_press() {
    let role = "acs:ram::1:role/audit";
    let key = |id: &str, secret: &str| json!({"name": "me", "access_key_id": id, "access_key_secret": secret, "ram_role_arn": role});
    // Of two profiles one is broken: it is a target that says why.
    let broken = json!({"name": "me", "mode": "StsToken", "access_key_id": "STS.x", "access_key_secret": "hush"});
    let running = Running::start(
        &json!([broken, {"name": "other", "access_key_id": "LTAIprod", "access_key_secret": "hush-prod"}]),
        &["me", "other"],
    );
    let refused = running.until("it is refused", |target| matches!(target.health, Health::Refused { .. }));
    assert!(refused.health.error().unwrap().to_string().contains("it has no sts_token"));

    running.pass_to(1);
    running.home.set(&json!([key("LTAIprod", "hush-wrong")]));
    running.until("another refusal", |target| {
        target.health.error().is_some_and(|error| error.to_string().contains("SignatureDoesNotMatch"))
    });
    running.pass_to(2);
    running.home.set(&json!([key("LTAIprod", "hush-prod")]));
    let healed = running.until_read_at(2);
    assert_eq!(&*healed.signing.with, "~/.aliyun/config.json, RamRoleArn (STS.****ole1)");
}

#[test]
fn a_profile_that_was_wrong_at_the_start_heals_without_a_flag_for_its_region() {
    let key = json!({"access_key_id": "LTAIprod", "access_key_secret": "hush-prod", "region_id": "cn-hangzhou"});
    let with = |name: &str, changes: Value| {
        let mut profile = key.clone();
        profile["name"] = name.into();
        profile.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        profile
    };
    let good = json!([with("a", json!({})), with("wrong", json!({}))]);
    let starts = [
        (json!([with("a", json!({})), with("wrong", json!({"mode": "Akk"}))]), "mode Akk is none"),
        (json!([with("a", json!({})), with("wrong", json!({"mode": "StsToken"}))]), "it has no sts_token"),
        (json!([with("a", json!({}))]), "it has no profile wrong"),
    ];
    for (profiles, why) in starts {
        let running = Running::start_with(&profiles, &["wrong", "a"], &[], TimeDelta::zero());
        let refused = running.until("it is refused", |target| matches!(target.health, Health::Refused { .. }));
        assert!(refused.health.error().unwrap().to_string().contains(why), "{refused:?}");
        running.home.set(&good);
        running.pass_to(1);
        let healed = running.until_read_at(1);
        assert_eq!((&*healed.signing.with, healed.lost), ("~/.aliyun/config.json (****)", None));
    }
}

#[test]
fn a_profile_of_a_file_that_comes_later_heals() {
    let home = Home::empty();
    std::fs::create_dir(home.path(".alibabacloud")).unwrap();
    std::fs::create_dir(home.path(".aliyun")).unwrap();
    let ini = "[a]\ntype=access_key\naccess_key_id=LTAIprod\naccess_key_secret=hush-prod\nregion_id=cn-hangzhou\n";
    home.write(".alibabacloud/credentials.ini", ini);
    let running = Running::start_in(home, &["late", "a"], &[], TimeDelta::zero());
    let refused = running.until("it is refused", |target| matches!(target.health, Health::Refused { .. }));
    assert!(refused.health.error().unwrap().to_string().contains("there is no ~/.aliyun/config.json"), "{refused:?}");
    let late = json!([{"name": "late", "access_key_id": "LTAIprod", "access_key_secret": "hush-prod",
        "region_id": "cn-hangzhou"}]);
    running.home.set(&late);
    running.pass_to(1);
    running.until_read_at(1);
}
