//! A helper that hands out keys over HTTP.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::{
    fixture::{Home, another, at, find, handed, provider, start, words},
    server::{Answer, Server},
};

/// A helper that gives this answer.
fn helper(status: u16, body: &Value) -> (Server, Arc<Mutex<Answer>>) {
    let answer = Arc::new(Mutex::new(Answer::new(status, body.to_string())));
    let given = Arc::clone(&answer);
    (Server::start(move |_| given.lock().unwrap().clone()), answer)
}

fn home(uri: &str) -> Home {
    Home::of(&json!([{"name": "helper", "mode": "CredentialsURI", "credentials_uri": uri}]))
}

#[tokio::test]
async fn a_helper_is_asked_by_profile_and_by_variable() {
    let (server, answer) = helper(200, &handed(1, at(60)));
    let uri = format!("{}/keys?secret=hush-path", server.url);
    let home = home(&uri);
    let by_profile = provider(&home.places(&[]), "helper");
    assert_eq!(by_profile.source.to_string(), "~/.aliyun/config.json, CredentialsURI");
    let key = by_profile.key(at(0)).await.unwrap();
    assert_eq!((key.id.as_str(), server.seen()[0].query.as_str()), ("STS.handed1", "secret=hush-path"));
    assert!(!format!("{by_profile:?}").contains("hush"));

    *answer.lock().unwrap() = Answer::new(200, handed(2, at(200)).to_string());
    server.set_now(at(56));
    assert_eq!(another(&by_profile, &key, at(56)).await.id, "STS.handed2");

    let off = [("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true"), ("ALIBABA_CLOUD_CREDENTIALS_URI", uri.as_str())];
    let by_variable = find(&Home::empty().places(&off), None).unwrap().provider;
    assert_eq!(by_variable.source.to_string(), "ALIBABA_CLOUD_CREDENTIALS_URI");
    assert_eq!(by_variable.key(at(56)).await.unwrap().id, "STS.handed2");
}

#[tokio::test]
async fn each_way_to_be_wrong_is_told_apart() {
    for (status, body, problem, passes) in [
        (500, json!("hush"), "it answers HTTP 500", true),
        (429, json!("hush"), "it answers HTTP 429", true),
        (403, json!("hush"), "it answers HTTP 403", false),
        (302, json!("hush"), "it answers HTTP 302", false),
        (200, json!("hush"), "not of the type", false),
        (200, json!({"Code": "Nope hush?"}), "it answered", false),
        (200, json!({"Code": "Success", "AccessKeyId": "hush"}), "no AccessKeySecret", false),
        (200, handed(1, at(-1)), "expired at 2026-11-24T19:59:00Z", true),
    ] {
        let (server, _) = helper(status, &body);
        let home = home(&format!("{}/keys?secret=hush-path", server.url));
        let error = provider(&home.places(&[]), "helper").key(start()).await.unwrap_err();
        if !problem.starts_with("it answered") {
            words(&error);
        }
        assert!(error.to_string().contains(problem), "{error}");
        assert!(error.to_string().contains("profile helper, credentials_uri, http://127.0.0.1:"), "{error}");
        assert_eq!(error.may_pass(), passes, "{error}");
    }
    let (server, _) = helper(200, &json!("x".repeat(70_000)));
    let error = provider(&home(&server.url).places(&[]), "helper").key(start()).await.unwrap_err();
    assert!(words(&error).contains("larger than 64 KiB"), "{error}");
}

#[test]
fn keys_cross_no_network_in_the_clear_and_helpers_can_be_forbidden() {
    for (uri, problem) in [
        ("http://10.0.0.1/hush", "plain http"),
        ("http://localhost:8080/hush", "plain http"),
        ("http://127.0.0.1.example.com/hush", "plain http"),
        ("ftp://127.0.0.1/hush", "neither an https nor an http URL"),
        ("hush", "it is no URL"),
        ("", "it has no credentials_uri"),
    ] {
        let error = words(&find(&home(uri).places(&[]), Some("helper")).unwrap_err());
        assert!(error.contains(problem), "{uri}: {error}");
    }
    assert!(find(&home("https://keys.example.com/hush").places(&[]), Some("helper")).is_ok());
    for value in ["1", "true", "TRUE"] {
        let forbidden = [("ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS", value)];
        let error = words(&find(&home("http://127.0.0.1/").places(&forbidden), Some("helper")).unwrap_err());
        assert!(error.contains("ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS forbids this mode"), "{error}");
    }
}

#[tokio::test]
async fn the_clock_of_a_helper_on_this_machine_teaches_nothing() {
    let (server, _) = helper(200, &handed(1, at(60)));
    let home = home(&server.url);
    let provider = provider(&home.places(&[]), "helper");
    let wrong = chrono::TimeDelta::hours(5);
    // What the service said is what its key is weighed by, not what the helper's clock, which is ours, would make of it.
    server.set_now(start() + wrong);
    provider.learn(-wrong);
    assert_eq!(provider.key(at(0) + wrong).await.unwrap().id, "STS.handed1");
    assert_eq!(provider.key(at(50) + wrong).await.unwrap().id, "STS.handed1");
    assert_eq!(server.seen().len(), 1);
}
