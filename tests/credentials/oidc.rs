//! A role that trusts a token in a file, by variables as a cluster sets them, and by a profile.

use std::sync::Arc;

use serde_json::json;
use trailwatch::{
    acs::{AccessKey, Client, Endpoint, Http, HttpOptions, PlainHttp},
    credentials::sts::get_caller_identity,
};

use crate::{
    fixture::{Home, another, at, find, provider, start, words},
    server::{Answer, Seen, Server},
    sts::Sts,
};

fn home() -> Home {
    let profile = |name: &str, session: &str| {
        json!({"name": name, "mode": "OIDC", "oidc_provider_arn": "acs:ram::1:oidc-provider/k", "expired_seconds": 900,
            "ram_role_arn": "acs:ram::1:role/audit", session: "pod", "oidc_token_file": "/nowhere"})
    };
    let home = Home::of(&json!([profile("cli", "ram_session_name"), profile("sdk", "role_session_name")]));
    home.write("token", "hush-web-token\n");
    home
}

/// The three variables that a cluster sets, and the way to an STS.
fn variables(home: &Home, sts: &Sts) -> Vec<(&'static str, String)> {
    vec![
        ("ALIBABA_CLOUD_ROLE_ARN", "acs:ram::1:role/audit".into()),
        ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "acs:ram::1:oidc-provider/k".into()),
        ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", home.path("token").display().to_string()),
        ("ALIBABA_CLOUD_STS_ENDPOINT", sts.server.url.clone()),
    ]
}

fn borrowed<'a>(variables: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    variables.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

#[tokio::test]
async fn a_pod_needs_nothing_but_its_variables() {
    let (home, sts) = (home(), Sts::start());
    let mut all = variables(&home, &sts);
    all.push(("ALIBABA_CLOUD_ROLE_SESSION_NAME", "watch-pod".into()));
    let found = find(&home.places(&borrowed(&all)), None).unwrap();
    assert_eq!(found.provider.source.to_string(), "OIDC token in a file (environment)");
    assert!(found.note.unwrap().contains("ALIBABA_CLOUD_ROLE_ARN) is used, not profile cli"));
    let key = found.provider.key(at(0)).await.unwrap();
    assert_eq!(key.id, "STS.role1");
    let asked = sts.asked("AssumeRoleWithOIDC");
    assert_eq!((asked[0]["RoleSessionName"].as_str(), asked[0]["DurationSeconds"].as_str()), ("watch-pod", "3600"));
    let seen = sts.server.seen();
    assert!(!seen[0].query.contains("hush"), "the token goes into no URL");

    // The cluster changes the token; the old one is not trusted any more when the key is renewed.
    home.write("token", "hush-second-token");
    sts.world().oidc_token = "hush-second-token".into();
    sts.set_now(at(56));
    assert_eq!(another(&found.provider, &key, at(56)).await.id, "STS.role2");
}

#[tokio::test]
async fn a_profile_names_the_file() {
    let (home, sts) = (home(), Sts::start());
    let text = std::fs::read_to_string(home.path(".aliyun/config.json")).unwrap();
    home.write(".aliyun/config.json", &text.replace("/nowhere", &home.path("token").display().to_string()));
    let places = home.places(&[("ALIBABA_CLOUD_STS_ENDPOINT", &sts.server.url)]);
    for profile in ["cli", "sdk"] {
        provider(&places, profile).key(start()).await.unwrap();
    }
    let asked = sts.asked("AssumeRoleWithOIDC");
    assert!(asked.iter().all(|params| params["RoleSessionName"] == "pod" && params["DurationSeconds"] == "900"));
}

#[tokio::test]
async fn who_repeats_a_token_gets_it_into_no_error() {
    let as_code = |seen: &Seen| {
        let said = format!("no: {}{}", seen.body, seen.header("x-acs-security-token"));
        Answer::new(403, json!({"Code": "NoPermission", "Message": said, "RequestId": "R-1"}).to_string())
    };
    let as_page = |seen: &Seen| Answer::new(502, format!("{}{}", seen.header("x-acs-security-token"), seen.body));
    let as_answer = |seen: &Seen| Answer::new(200, format!("{}{}", seen.header("x-acs-security-token"), seen.body));
    for server in [Server::start(as_code), Server::start(as_page), Server::start(as_answer)] {
        let home = home();
        let pod = home.places(&[
            ("ALIBABA_CLOUD_ROLE_ARN", "acs:ram::1:role/audit"),
            ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "acs:ram::1:oidc-provider/k"),
            ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", &home.path("token").display().to_string()),
            ("ALIBABA_CLOUD_STS_ENDPOINT", &server.url),
        ]);
        words(&find(&pod, None).unwrap().provider.key(start()).await.unwrap_err());

        let endpoint = Endpoint::parse(&server.url, PlainHttp::LoopbackOnly).unwrap();
        let client = Client::new(Arc::new(Http::new(HttpOptions::default())), endpoint);
        let key =
            AccessKey { id: "STS.x".into(), secret: "hush-secret".into(), token: Some("hush-session-token".into()) };
        let error = get_caller_identity(&client, &key, start()).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hush"), "{error}");
    }
}

#[tokio::test]
async fn each_way_to_be_wrong_is_told_apart() {
    let (home, sts) = (home(), Sts::start());
    let places = home.places(&[("ALIBABA_CLOUD_STS_ENDPOINT", &sts.server.url)]);
    let error = provider(&places, "cli").key(start()).await.unwrap_err();
    assert!(words(&error).contains("profile cli: the token's file /nowhere: there is no such file"), "{error}");

    let all = variables(&home, &sts);
    let provider = find(&home.places(&borrowed(&all)), None).unwrap().provider;
    for (token, problem, minute, passes) in
        [(" \n", "it is empty", 0, true), ("hush-old-token", "AuthenticationFail.OIDCToken.Expired", 1, false)]
    {
        home.write("token", token);
        sts.set_now(at(minute));
        let error = provider.key(at(minute)).await.unwrap_err();
        assert!(words(&error).contains(problem), "{error}");
        assert_eq!(error.may_pass(), passes);
    }
    let edition = provider.edition();
    let soon = at(1) + chrono::TimeDelta::seconds(1);
    assert!(!provider.may_have_healed(edition, soon));
    let soon = soon + chrono::TimeDelta::seconds(1);
    home.write("token", "hush-web-token");
    assert!(provider.may_have_healed(edition, soon), "a new token is seen at once");
    assert_eq!(provider.key(soon).await.unwrap().id, "STS.role1", "it heals");

    for missing in 0..3 {
        let mut some = all.clone();
        let (name, _) = some.remove(missing);
        some.push(("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "true".into()));
        some.push(("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true".into()));
        let error = words(&find(&home.places(&borrowed(&some)), None).unwrap_err());
        assert!(error.contains(&format!("OIDC token in a file: {name} is not set")), "{error}");
    }
}

#[test]
fn variables_that_are_half_set_are_told() {
    let (home, sts) = (home(), Sts::start());
    let all = variables(&home, &sts);
    let note = |names: &[&str]| {
        let some: Vec<_> = all.iter().filter(|(name, _)| names.contains(name)).cloned().collect();
        find(&home.places(&borrowed(&some)), None).unwrap().note
    };
    const ROLE: &str = "ALIBABA_CLOUD_ROLE_ARN";
    const PROVIDER: &str = "ALIBABA_CLOUD_OIDC_PROVIDER_ARN";
    const TOKEN: &str = "ALIBABA_CLOUD_OIDC_TOKEN_FILE";
    let missing = note(&[ROLE, TOKEN]).unwrap();
    let expected = "ALIBABA_CLOUD_OIDC_TOKEN_FILE is set, but ALIBABA_CLOUD_OIDC_PROVIDER_ARN is not: no role is assumed with a \
        token, another source is used";
    assert_eq!(missing, expected);
    let missing = note(&[PROVIDER]).unwrap();
    assert!(missing.contains("ALIBABA_CLOUD_OIDC_TOKEN_FILE and ALIBABA_CLOUD_ROLE_ARN are not"), "{missing}");
    assert_eq!((note(&[]), note(&[ROLE])), (None, None), "the role alone may be for others");
}
