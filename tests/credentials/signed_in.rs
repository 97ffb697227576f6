//! Sign-ins of the official command line: CloudSSO, which is asked for keys, and OAuth, which only it renews.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use trailwatch::credentials::Renewal;

use crate::{
    fixture::{Home, another, at, find, handed, provider, start, words},
    server::{Answer, Server},
};

/// A CloudSSO that gives this answer to who has signed in.
fn cloud_sso() -> (Server, Arc<Mutex<Answer>>) {
    let answer = Arc::new(Mutex::new(Answer::new(200, json!({"CloudCredential": handed(1, at(60))}).to_string())));
    let given = Arc::clone(&answer);
    let server = Server::start(move |seen| {
        if (seen.method.as_str(), seen.path.as_str()) != ("POST", "/cloud-credentials") {
            return Answer::new(404, "");
        }
        if seen.header("authorization") != "Bearer hush-access" {
            return Answer::new(401, json!({"ErrorCode": "InvalidToken", "ErrorMessage": "hush-access"}).to_string());
        }
        let wanted: Value = serde_json::from_str(&seen.body).unwrap();
        assert_eq!(wanted, json!({"AccountId": "1234", "AccessConfigurationId": "ac-1"}));
        given.lock().unwrap().clone()
    });
    (server, answer)
}

/// A profile that is signed in until then, in minutes.
fn signed_in(server: &Server, until: i64) -> Value {
    json!({"name": "sso", "mode": "CloudSSO", "cloud_sso_sign_in_url": format!("{}/sign/in?x=1", server.url),
        "cloud_sso_account_id": "1234", "cloud_sso_access_config": "ac-1", "access_token": "hush-access",
        "cloud_sso_access_token_expire": at(until).timestamp()})
}

/// The same with a key that is good until then, in minutes.
fn with_key(mut profile: Value, id: &str, until: i64) -> Value {
    profile["access_key_id"] = id.into();
    profile["access_key_secret"] = "hush-cached".into();
    profile["sts_token"] = "hush-cached-token".into();
    profile["sts_expiration"] = at(until).timestamp().into();
    profile
}

#[tokio::test]
async fn a_sign_in_gives_keys_for_as_long_as_it_lasts() {
    let (server, answer) = cloud_sso();
    let home = Home::of(&json!([with_key(signed_in(&server, 480), "STS.cached", 60)]));
    let provider = provider(&home.places(&[]), "sso");
    assert_eq!(provider.source.to_string(), "~/.aliyun/config.json, CloudSSO");
    let cached = provider.key(at(0)).await.unwrap();
    assert_eq!(cached.id, "STS.cached", "the key that the official command line left is good");
    assert!(server.seen().is_empty());

    server.set_now(at(56));
    *answer.lock().unwrap() = Answer::new(200, json!({"CloudCredential": handed(2, at(116))}).to_string());
    let second = another(&provider, &cached, at(56)).await;
    assert_eq!(second.id, "STS.handed2");
    assert_eq!(provider.refused(&second, at(57)), Renewal::Possible);
    *answer.lock().unwrap() = Answer::new(200, json!({"CloudCredential": handed(3, at(117))}).to_string());
    assert_eq!(provider.key(at(57)).await.unwrap().id, "STS.handed3");
}

#[tokio::test]
async fn a_key_of_the_file_that_is_refused_is_not_taken_again() {
    let (server, _) = cloud_sso();
    let home = Home::of(&json!([with_key(signed_in(&server, 480), "STS.cached", 60)]));
    let provider = provider(&home.places(&[]), "sso");
    let cached = provider.key(at(0)).await.unwrap();
    assert_eq!(provider.refused(&cached, at(1)), Renewal::Possible);
    server.set_now(at(1));
    assert_eq!(provider.key(at(1)).await.unwrap().id, "STS.handed1");
}

#[tokio::test]
async fn after_its_end_signing_in_elsewhere_heals() {
    let (server, _) = cloud_sso();
    let home = Home::of(&json!([with_key(signed_in(&server, 30), "STS.cached", 40)]));
    let provider = provider(&home.places(&[]), "sso");
    for minute in [0, 39] {
        assert_eq!(provider.key(at(minute)).await.unwrap().id, "STS.cached");
    }
    let error = provider.key(at(41)).await.unwrap_err();
    assert!(words(&error).contains("the sign-in ended at 2026-11-24T20:30:00Z"), "{error}");
    assert!(error.remedy().contains("sign in again"), "{}", error.remedy());
    assert!(server.seen().is_empty(), "a token that is over is not sent");
    let edition = provider.edition();

    home.set(&json!([signed_in(&server, 500)]));
    server.set_now(at(42));
    assert!(provider.may_have_healed(edition, at(42)));
    assert_eq!(provider.key(at(42)).await.unwrap().id, "STS.handed1");
}

#[tokio::test]
async fn a_sign_in_that_is_over_is_told_while_its_key_still_serves() {
    let (server, _) = cloud_sso();
    let home = Home::of(&json!([with_key(signed_in(&server, 30), "STS.cached", 120)]));
    let provider = provider(&home.places(&[]), "sso");
    assert_eq!(provider.key(at(10)).await.unwrap().id, "STS.cached");
    assert_eq!(provider.late(at(10)), None);
    assert_eq!(provider.key(at(31)).await.unwrap().id, "STS.cached");
    let late = provider.late(at(31)).unwrap();
    let words = late.to_string();
    assert!(words.contains("is used until 2026-11-24T22:00:00Z"), "{words}");
    assert!(words.contains("the sign-in ended at 2026-11-24T20:30:00Z") && !words.contains("hush"), "{words}");
    assert!(late.remedy().contains("sign in again"), "{}", late.remedy());

    home.set(&json!([with_key(signed_in(&server, 500), "STS.cached", 120)]));
    assert_eq!(provider.key(at(32)).await.unwrap().id, "STS.cached");
    assert_eq!(provider.late(at(32)), None);
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn what_is_left_of_a_key_serves_while_the_sign_in_service_fails() {
    let (server, answer) = cloud_sso();
    let home = Home::of(&json!([with_key(signed_in(&server, 480), "STS.cached", 3)]));
    for (status, body) in
        [(503, json!({"ErrorCode": "Busy"})), (200, json!({"CloudCredential": handed(1, at(-1))})), (403, json!({}))]
    {
        *answer.lock().unwrap() = Answer::new(status, body.to_string());
        let provider = provider(&home.places(&[]), "sso");
        assert_eq!(provider.key(at(0)).await.unwrap().id, "STS.cached", "{body}");
        assert!(provider.key(at(3)).await.is_err(), "{body}");
    }
}

#[tokio::test]
async fn a_key_that_is_over_when_it_comes_is_an_error_and_not_asked_for_at_every_call() {
    let (server, answer) = cloud_sso();
    *answer.lock().unwrap() = Answer::new(200, json!({"CloudCredential": handed(1, at(-1))}).to_string());
    let home = Home::of(&json!([signed_in(&server, 480)]));
    let provider = provider(&home.places(&[]), "sso");
    for _ in 0..3 {
        let error = provider.key(at(0)).await.unwrap_err();
        assert!(words(&error).contains("expired at 2026-11-24T19:59:00Z") && error.may_pass(), "{error}");
    }
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn each_way_to_be_wrong_is_told_apart() {
    for (status, body, problem, passes) in [
        (503, json!({"ErrorCode": "Busy"}), "Busy (HTTP 503)", true),
        (400, json!({"ErrorCode": "NoSuchAccount", "ErrorMessage": "hush"}), "NoSuchAccount (HTTP 400)", false),
        (403, json!({"ErrorCode": "hush hush hush"}), "the sign-in is not taken any more: HTTP 403", false),
        (200, json!("hush"), "not of the type", false),
        (200, json!({"CloudCredential": {"AccessKeyId": "hush"}}), "no AccessKeySecret", false),
    ] {
        let (server, answer) = cloud_sso();
        *answer.lock().unwrap() = Answer::new(status, body.to_string());
        let home = Home::of(&json!([signed_in(&server, 480)]));
        let error = provider(&home.places(&[]), "sso").key(start()).await.unwrap_err();
        assert!(words(&error).contains(problem), "{error}");
        assert_eq!(error.may_pass(), passes, "{error}");
    }
    let (server, _) = cloud_sso();
    let wrong = |field: &str, value: &str| {
        let mut profile = signed_in(&server, 480);
        profile[field] = value.into();
        Home::of(&json!([profile]))
    };
    let error = provider(&wrong("access_token", "hush-wrong").places(&[]), "sso").key(start()).await.unwrap_err();
    assert!(words(&error).contains("InvalidToken (HTTP 401)"), "{error}");
    let error = provider(&wrong("access_token", "").places(&[]), "sso").key(start()).await.unwrap_err();
    assert!(words(&error).contains("nobody has signed in"), "{error}");
    for (field, value, problem) in [
        ("cloud_sso_sign_in_url", "http://sso.example.com/x", "cloud_sso_sign_in_url is no https URL"),
        ("cloud_sso_sign_in_url", "hush", "cloud_sso_sign_in_url is no URL"),
        ("cloud_sso_account_id", "", "it has no cloud_sso_account_id"),
        ("cloud_sso_access_config", "", "it has no cloud_sso_access_config"),
        ("cloud_sso_access_token_expire", "soon", "cloud_sso_access_token_expire is not a whole number"),
    ] {
        let error = words(&find(&wrong(field, value).places(&[]), Some("sso")).unwrap_err());
        assert!(error.contains(problem), "{field}: {error}");
    }
}

#[tokio::test]
async fn a_key_that_another_program_renews_is_read_from_its_file() {
    let oauth = |id: &str, until: i64| {
        json!([with_key(
            json!({"name": "me", "mode": "OAuth", "oauth_site_type": "CN", "oauth_access_token": "hush",
            "oauth_refresh_token": "hush-refresh"}),
            id,
            until
        )])
    };
    let home = Home::of(&oauth("STS.first", 60));
    let provider = provider(&home.places(&[]), "me");
    assert_eq!(provider.source.to_string(), "~/.aliyun/config.json, OAuth");
    assert_eq!(provider.late(at(54)), None);
    assert_eq!(provider.key(at(59)).await.unwrap().id, "STS.first");
    let late = provider.late(at(59)).unwrap();
    assert!(late.to_string().contains("used until 2026-11-24T21:00:00Z"), "{late}");
    assert!(late.remedy().contains("run any command of the official command line"), "{}", late.remedy());
    let error = provider.key(at(60)).await.unwrap_err();
    assert!(words(&error).contains("expired at 2026-11-24T21:00:00Z"), "{error}");
    assert!(error.remedy().contains("run any command of the official command line"), "{}", error.remedy());
    let before = std::fs::read(home.path(".aliyun/config.json")).unwrap();
    assert!(provider.key(at(61)).await.is_err());
    assert_eq!(std::fs::read(home.path(".aliyun/config.json")).unwrap(), before, "nothing is written");
    home.set(&oauth("STS.second", 120));
    assert_eq!(provider.key(at(62)).await.unwrap().id, "STS.second");

    let fresh = Home::of(&json!([{"name": "me", "mode": "OAuth", "oauth_refresh_token": "hush"}]));
    let error = crate::fixture::provider(&fresh.places(&[]), "me").key(start()).await.unwrap_err();
    assert!(words(&error).contains("profile me: it has no key yet"), "{error}");
}
