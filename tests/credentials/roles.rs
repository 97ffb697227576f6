//! Roles that are assumed with a key of the same profile, or with that of another.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};
use trailwatch::credentials::Renewal;

use crate::{
    fixture::{Home, another, at, find, provider, start, words},
    sts::Sts,
};

fn prod() -> Value {
    json!({"name": "prod", "mode": "AK", "access_key_id": "LTAIprod", "access_key_secret": "hush-prod"})
}

fn audit() -> Value {
    json!({"name": "audit", "mode": "RamRoleArn", "access_key_id": "LTAIprod", "access_key_secret": "hush-prod",
        "ram_role_arn": "acs:ram::1:role/audit", "region_id": "cn-hangzhou"})
}

fn chained(name: &str, source: &str, role: &str) -> Value {
    json!({"name": name, "mode": "ChainableRamRoleArn", "source_profile": source, "ram_role_arn": role})
}

/// The variable that leads to an STS.
fn to(sts: &Sts) -> [(&'static str, &str); 1] {
    [("ALIBABA_CLOUD_STS_ENDPOINT", sts.server.url.as_str())]
}

#[tokio::test]
async fn a_role_is_assumed_as_the_profile_says() {
    let sts = Sts::start();
    let mut full = audit();
    full["ram_session_name"] = "ops".into();
    full["expired_seconds"] = 900.into();
    full["policy"] = r#"{"Version":"1","Statement":[]}"#.into();
    full["external_id"] = "partner 7".into();
    let home = Home::of(&json!([audit(), {"name": "full"}]));
    full["name"] = "full".into();
    home.set(&json!([audit(), full]));
    let places = home.places(&to(&sts));

    let plain = find(&places, None).unwrap().provider;
    assert_eq!(plain.source.to_string(), "~/.aliyun/config.json, RamRoleArn");
    assert_eq!(plain.region.as_ref().unwrap().as_str(), "cn-hangzhou");
    assert_eq!(plain.short_key_id(), None, "it is not known before STS was asked");
    let key = plain.key(start()).await.unwrap();
    assert_eq!((key.id.as_str(), plain.short_key_id().as_deref()), ("STS.role1", Some("STS.****ole1")));
    assert_eq!(format!("{plain:?}").find("hush"), None);
    provider(&places, "full").key(start()).await.unwrap();

    let asked = sts.asked("AssumeRole");
    let params = |n: usize, names: &[&str]| names.iter().map(|name| asked[n].get(*name).cloned()).collect::<Vec<_>>();
    let names = ["RoleArn", "RoleSessionName", "DurationSeconds", "Policy", "ExternalId"];
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(params(0, &names), [some("acs:ram::1:role/audit"), some("trailwatch"), some("3600"), None, None]);
    let policy = r#"{"Version":"1","Statement":[]}"#;
    assert_eq!(
        params(1, &names),
        [some("acs:ram::1:role/audit"), some("ops"), some("900"), some(policy), some("partner 7")]
    );
}

#[tokio::test]
async fn ten_roles_of_one_bastion_ask_for_its_own_once() {
    let sts = Sts::start();
    let accounts = (0..10).map(|n| chained(&format!("account-{n}"), "bastion", "acs:ram::2:role/deep"));
    let bastion = chained("bastion", "prod", "acs:ram::1:role/audit");
    let home = Home::of(&accounts.chain([bastion, prod()]).collect());
    let places = home.places(&to(&sts));
    let providers: Vec<_> = (0..10).map(|n| provider(&places, &format!("account-{n}"))).collect();
    let keys = join_all(providers.iter().map(|provider| provider.key(start()))).await;
    assert!(keys.iter().all(Result::is_ok));
    let roles: Vec<String> = sts.asked("AssumeRole").into_iter().map(|params| params["RoleArn"].clone()).collect();
    assert_eq!(roles.iter().filter(|role| role.ends_with("audit")).count(), 1, "{roles:?}");
    assert_eq!(roles.len(), 11);
}

#[test]
fn circles_and_missing_links_are_refused_at_the_start() {
    let role = "acs:ram::1:role/audit";
    let home = Home::of(&json!([
        chained("a", "b", role), chained("b", "c", role), chained("c", "b", role), chained("self", "self", role),
        chained("loose", "nobody", role), chained("bare", "", role),
        {"name": "short", "mode": "RamRoleArn", "access_key_id": "x", "access_key_secret": "hush",
         "ram_role_arn": role, "expired_seconds": 60},
        {"name": "roleless", "mode": "RamRoleArn", "access_key_id": "x", "access_key_secret": "hush"},
        {"name": "keyless", "mode": "RamRoleArn", "ram_role_arn": role},
        chained("over-nothing", "empty", role), {"name": "empty", "mode": "AK"},
    ]));
    let places = home.places(&[]);
    for (profile, expected) in [
        ("a", "the source profiles go in a circle: a -> b -> c -> b"),
        ("self", "the source profiles go in a circle: self -> self"),
        ("loose", "it has no profile nobody, which source_profile of loose names; it has a, b, c"),
        ("bare", "profile bare: it has no source_profile"),
        ("short", "expired_seconds is 60, but a role's session has 900 at least"),
        ("roleless", "profile roleless: it has no ram_role_arn"),
        ("keyless", "profile keyless: it has no access_key_id"),
        ("over-nothing", "profile empty: it has no access_key_id"),
    ] {
        let error = words(&find(&places, Some(profile)).unwrap_err());
        assert!(error.contains(expected), "{profile}: {error}");
    }
}

#[tokio::test]
async fn a_key_is_renewed_ahead_of_its_end_once_for_all_and_nobody_waits() {
    let sts = Sts::start();
    let home = Home::of(&json!([audit()]));
    let provider = provider(&home.places(&to(&sts)), "audit");
    let all = |now| {
        join_all(
            (0..50)
                .map(|_| provider.clone())
                .map(|each| async move { each.key(now).await.unwrap().id })
                .collect::<Vec<_>>(),
        )
    };

    assert_eq!(all(at(0)).await, vec!["STS.role1"; 50]);
    assert_eq!(all(at(54)).await, vec!["STS.role1"; 50]);
    assert_eq!(sts.asked("AssumeRole").len(), 1, "one call for fifty who need the key");

    sts.set_now(at(56));
    let before = provider.key(at(56)).await.unwrap();
    assert_eq!(before.id, "STS.role1", "the key at hand serves while the next is on its way");
    assert_eq!(another(&provider, &before, at(56)).await.id, "STS.role2");
    assert_eq!(all(at(56)).await, vec!["STS.role2"; 50]);
    assert_eq!(sts.asked("AssumeRole").len(), 2);

    sts.set_now(at(300));
    assert_eq!(all(at(300)).await, vec!["STS.role3"; 50], "after a night in which nobody asked");
}

#[tokio::test]
async fn the_old_key_serves_for_as_long_as_it_is_good_and_says_why() {
    let sts = Sts::start();
    let home = Home::of(&json!([audit()]));
    let provider = provider(&home.places(&to(&sts)), "audit");
    let key = provider.key(at(0)).await.unwrap();
    assert_eq!(provider.late(at(0)), None);

    sts.world().fault = Some((503, "ServiceUnavailable"));
    sts.set_now(at(56));
    assert_eq!(provider.key(at(56)).await.unwrap().id, key.id);
    while provider.late(at(56)).is_none() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let note = provider.late(at(56)).unwrap().to_string();
    assert!(note.contains("the one at hand is used until 2026-11-24T21:00:00Z"), "{note}");
    assert!(note.contains("ServiceUnavailable") && !note.contains("hush"), "{note}");
    assert_eq!(provider.key(at(59)).await.unwrap().id, key.id);

    sts.set_now(at(60));
    let error = provider.key(at(60)).await.unwrap_err();
    assert!(error.may_pass(), "{error:?}");
    assert!(words(&error).contains("profile audit, AssumeRole acs:ram::1:role/audit at http://127.0.0.1"), "{error}");

    sts.world().fault = None;
    sts.set_now(at(62));
    assert_eq!(provider.key(at(62)).await.unwrap().id, "STS.role2");
    assert_eq!(provider.late(at(62)), None);
}

#[tokio::test]
async fn a_source_that_fails_is_not_asked_by_each_who_needs_a_key() {
    let sts = Sts::start();
    sts.world().fault = Some((403, "NoPermission"));
    let home = Home::of(&json!([audit()]));
    let provider = provider(&home.places(&to(&sts)), "audit");
    let keys = join_all((0..20).map(|_| provider.key(start()))).await;
    assert!(keys.iter().all(Result::is_err));
    assert_eq!(sts.asked("AssumeRole").len(), 1);
    let error = keys[0].as_ref().unwrap_err();
    assert!(!error.may_pass());
    assert!(error.remedy().contains("sts:AssumeRole"), "{}", error.remedy());
    assert!(words(error).contains("NoPermission (HTTP 403)"), "{error}");
}

#[tokio::test]
async fn a_role_that_is_taken_away_and_given_back_heals() {
    let sts = Sts::start();
    let home = Home::of(&json!([audit()]));
    let provider = provider(&home.places(&to(&sts)), "audit");
    let key = provider.key(at(0)).await.unwrap();

    sts.world().roles.clear();
    assert_eq!(provider.refused(&key, at(1)), Renewal::Possible, "the service says that it is no good");
    let error = provider.key(at(1)).await.unwrap_err();
    assert!(words(&error).contains("EntityNotExist.Role"), "{error}");

    sts.world().roles.push("acs:ram::1:role/audit");
    let key = provider.key(at(2)).await.unwrap();
    assert_eq!(key.id, "STS.role2");
    assert_eq!(provider.refused(&key, at(2)), Renewal::Possible);
    let key = provider.key(at(2)).await.unwrap();
    let moment = at(2) + TimeDelta::seconds(10);
    assert_eq!(provider.refused(&key, moment), Renewal::None, "not at every call");
    assert_eq!(provider.key(moment).await.unwrap().id, key.id);
}

#[tokio::test]
async fn a_key_that_the_role_is_assumed_with_is_read_again() {
    let sts = Sts::start();
    let home = Home::of(&json!([chained("audit", "prod", "acs:ram::1:role/audit"), prod()]));
    let provider = provider(&home.places(&to(&sts)), "audit");
    let key = provider.key(at(0)).await.unwrap();

    sts.world().keys.clear();
    provider.refused(&key, at(1));
    let error = provider.key(at(1)).await.unwrap_err();
    assert!(words(&error).contains("InvalidAccessKeyId.NotFound"), "{error}");
    let edition = provider.edition();
    assert!(!provider.may_have_healed(edition, at(2)));

    sts.world().keys.insert("LTAInew".into(), ("hush-new".into(), None));
    let mut new = prod();
    new["access_key_id"] = "LTAInew".into();
    new["access_key_secret"] = "hush-new".into();
    home.set(&json!([chained("audit", "prod", "acs:ram::1:role/audit"), new]));
    assert!(provider.may_have_healed(edition, at(3)));
    assert_eq!(provider.key(at(3)).await.unwrap().id, "STS.role2");
}

#[tokio::test]
async fn a_role_may_heal_when_there_is_another_key_to_assume_it_with() {
    let sts = Sts::start();
    let home = Home::of(
        &json!([{"name": "helper", "mode": "External", "process_command": "cat printed"}, chained("audit", "helper", "acs:ram::1:role/audit")]),
    );
    let print = |id: &str| {
        let key = json!({"mode": "AK", "access_key_id": id, "access_key_secret": "hush-prod"});
        home.write("printed", &key.to_string());
    };
    let text = std::fs::read_to_string(home.path(".aliyun/config.json")).unwrap();
    home.write(".aliyun/config.json", &text.replace("printed", &home.path("printed").display().to_string()));
    print("LTAIgone");
    let places = home.places(&to(&sts));
    let (role, helper) = (provider(&places, "audit"), provider(&places, "helper"));
    role.key(at(0)).await.unwrap_err();
    let since = role.edition();
    assert!(!role.may_have_healed(since, at(1)));

    print("LTAIprod");
    let gone = helper.key(at(1)).await.unwrap();
    assert_eq!(helper.refused(&gone, at(1)), Renewal::Possible);
    assert_eq!(helper.key(at(1)).await.unwrap().id, "LTAIprod");
    assert!(role.may_have_healed(since, at(1)));
    assert_eq!(role.key(at(1)).await.unwrap().id, "STS.role1");
}

#[tokio::test]
async fn a_wrong_clock_neither_stops_it_nor_lets_keys_run_out_unseen() {
    for wrong in [TimeDelta::hours(-5), TimeDelta::hours(5)] {
        let sts = Sts::start();
        let home = Home::of(&json!([audit()]));
        let provider = provider(&home.places(&to(&sts)), "audit");
        let key = provider.key(at(0) + wrong).await.unwrap();
        assert_eq!(provider.key(at(50) + wrong).await.unwrap().id, key.id);
        sts.set_now(at(61));
        assert_eq!(provider.key(at(61) + wrong).await.unwrap().id, "STS.role2");
    }
}

#[tokio::test]
async fn what_is_no_answer_of_sts_is_said_without_a_word_of_it() {
    for (body, problem) in [
        ("", "it is not JSON"),
        ("<html>hush", "it is not JSON"),
        (r#"{"Credentials":{"AccessKeyId":["hush"]}}"#, "not of the type"),
        (r#"{"Credentials":{"AccessKeyId":"hush"}}"#, "no AccessKeySecret"),
        (r#"{"Credentials":{"AccessKeyId":"a","AccessKeySecret":"hush"}}"#, "no SecurityToken"),
        (r#"{"Credentials":{"AccessKeyId":"a","AccessKeySecret":"hush","SecurityToken":"hush"}}"#, "no Expiration"),
        (
            r#"{"Credentials":{"AccessKeyId":"a","AccessKeySecret":"hush","SecurityToken":"hush","Expiration":"hush"}}"#,
            "Expiration in its answer is no time",
        ),
        (
            r#"{"Credentials":{"AccessKeyId":"a","AccessKeySecret":"hush","SecurityToken":"hush","Expiration":"2026-11-24T19:00:00Z"}}"#,
            "the key that it hands out expired at 2026-11-24T19:00:00Z",
        ),
    ] {
        let server = crate::server::Server::start(move |_| crate::server::Answer::new(200, body));
        let home = Home::of(&json!([audit()]));
        let provider = provider(&home.places(&[("ALIBABA_CLOUD_STS_ENDPOINT", &server.url)]), "audit");
        let error = words(&provider.key(start()).await.unwrap_err());
        assert!(error.contains(problem), "{error}");
    }
}

#[tokio::test]
async fn an_sts_that_is_asked_too_often_is_left_alone_for_as_long_as_it_says() {
    let sts = Sts::start();
    let home = Home::of(&json!([audit()]));
    let provider = provider(&home.places(&to(&sts)), "audit");
    sts.world().fault = Some((503, "Throttling.User"));
    sts.world().retry_after = Some("100000");
    let error = provider.key(at(0)).await.unwrap_err();
    assert!(error.may_pass() && error.remedy().contains("too often"), "{error}: {}", error.remedy());
    let after = |seconds| at(0) + TimeDelta::seconds(seconds);
    provider.key(after(99)).await.unwrap_err();
    assert_eq!(sts.asked("AssumeRole").len(), 1);
    (sts.world().fault, sts.world().retry_after) = (None, None);
    provider.key(after(101)).await.unwrap();
}

#[tokio::test]
async fn many_roles_are_assumed_a_few_at_a_time() {
    let (url, most) = crate::server::counting();
    let names: Vec<String> = (0..40).map(|n| format!("role-{n}")).collect();
    let profile = |name: &String| {
        let mut profile = audit();
        profile["name"] = name.as_str().into();
        profile
    };
    let home = Home::of(&names.iter().map(profile).collect());
    let places = home.places(&[("ALIBABA_CLOUD_STS_ENDPOINT", &url)]);
    let providers: Vec<_> = names.iter().map(|name| provider(&places, name)).collect();
    join_all(providers.iter().map(|provider| provider.key(start()))).await;
    let (most, all) = *most.lock().unwrap();
    assert!((2..=10).contains(&most) && all == 40, "{most} of {all}");
}
