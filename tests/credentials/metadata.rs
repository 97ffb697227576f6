//! The role of an instance.

use std::{
    net::TcpListener,
    sync::{Arc, Mutex},
};

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    fixture::{Home, another, at, find, handed, provider, start, words},
    server::{Answer, Server},
    sts::Sts,
};

const ROLES: &str = "/latest/meta-data/ram/security-credentials/";

/// What a metadata service is like.
#[derive(Clone)]
struct Instance {
    /// Answers the PUT for a token with it.
    token: Option<&'static str>,
    /// Answers without a token, too.
    v1: bool,
    role: Option<&'static str>,
    key: (u16, Value),
}

impl Instance {
    fn usual() -> Self {
        let key = (200, handed(1, at(360)));
        Self { token: Some("hush-imds"), v1: false, role: Some("watcher"), key }
    }

    fn start(self) -> (Server, Arc<Mutex<Self>>) {
        let instance = Arc::new(Mutex::new(self));
        let asked = Arc::clone(&instance);
        let server = Server::start(move |seen| {
            let instance = asked.lock().unwrap();
            if (seen.method.as_str(), seen.path.as_str()) == ("PUT", "/latest/api/token") {
                assert_eq!(seen.header("x-aliyun-ecs-metadata-token-ttl-seconds"), "21600");
                return instance.token.map_or(Answer::new(403, ""), |token| Answer::new(200, token));
            }
            let given = seen.headers.get("x-aliyun-ecs-metadata-token").map(String::as_str);
            if given.is_none_or(|given| Some(given) != instance.token) && !(given.is_none() && instance.v1) {
                return Answer::new(403, "no token");
            }
            match (seen.path.strip_prefix(ROLES), instance.role) {
                (Some(""), Some(role)) => Answer::new(200, role),
                (Some(name), Some(role)) if name == role => Answer::new(instance.key.0, instance.key.1.to_string()),
                _ => Answer::new(404, "<html>not here"),
            }
        });
        (server, instance)
    }
}

fn profiles() -> Value {
    json!([{"name": "any", "mode": "EcsRamRole"}, {"name": "named", "mode": "EcsRamRole", "ram_role_name": "watcher"},
        {"name": "guessed", "ram_role_name": "watcher"}, {"name": "other", "mode": "EcsRamRole", "ram_role_name": "other"},
        {"name": "odd", "mode": "EcsRamRole", "ram_role_name": "../evil"},
        {"name": "role", "mode": "RamRoleArnWithRoleName", "ram_role_name": "watcher", "ram_role_arn": "acs:ram::1:role/audit"}])
}

#[tokio::test]
async fn the_second_version_is_asked_with_a_token() {
    let (server, _) = Instance::usual().start();
    let home = Home::of(&profiles());
    let places = home.instance(&[], &server);
    for profile in ["any", "named", "guessed"] {
        let provider = provider(&places, profile);
        assert_eq!(provider.source.to_string(), "~/.aliyun/config.json, EcsRamRole");
        assert_eq!(provider.key(start()).await.unwrap().id, "STS.handed1");
    }
    let asked: Vec<String> = server.seen().iter().map(|seen| format!("{} {}", seen.method, seen.path)).collect();
    let (put, roles, key) = ("PUT /latest/api/token", format!("GET {ROLES}"), format!("GET {ROLES}watcher"));
    assert_eq!(asked, [put, &roles, &key, put, &key, put, &key], "the name is asked for only where it is not known");
}

#[tokio::test]
async fn the_first_version_is_asked_without_one_unless_that_is_forbidden() {
    let broken = |token, v1| Instance { token, v1, ..Instance::usual() };
    let home = Home::of(&profiles());
    let (old, _) = broken(None, true).start();
    assert_eq!(provider(&home.instance(&[], &old), "any").key(start()).await.unwrap().id, "STS.handed1");

    let forbidden = [("ALIBABA_CLOUD_IMDSV1_DISABLED", "true")];
    let before = old.seen().len();
    let error = provider(&home.instance(&forbidden, &old), "any").key(start()).await.unwrap_err();
    assert!(words(&error).contains("it gives no token: HTTP 403"), "{error}");
    assert!(old.seen()[before..].iter().all(|seen| seen.method == "PUT"), "nothing was asked without a token");

    let (hard, _) = broken(None, false).start();
    let error = provider(&home.instance(&[], &hard), "any").key(start()).await.unwrap_err();
    assert!(words(&error).contains("HTTP 403 when asked for the role's name"), "{error}");
}

#[tokio::test]
async fn the_key_is_renewed_and_the_old_one_serves_meanwhile() {
    let (server, instance) = Instance::usual().start();
    let home = Home::of(&profiles());
    let provider = provider(&home.instance(&[], &server), "any");
    let first = provider.key(start()).await.unwrap();
    instance.lock().unwrap().key = (503, json!({}));
    server.set_now(at(356));
    assert_eq!(provider.key(at(356)).await.unwrap().id, first.id);
    while provider.late(at(356)).is_none() {
        tokio::task::yield_now().await;
    }
    let note = provider.late(at(356)).unwrap().to_string();
    assert!(note.contains("HTTP 503") && !note.contains("hush"), "{note}");
    instance.lock().unwrap().key = (200, handed(2, at(700)));
    assert_eq!(another(&provider, &first, at(357)).await.id, "STS.handed2");
}

#[tokio::test]
async fn each_way_to_be_wrong_is_told_apart() {
    let home = Home::of(&profiles());
    let usual = Instance::usual;
    for (instance, profile, problem, passes) in [
        (Instance { role: None, ..usual() }, "any", "this instance has no role", false),
        (usual(), "other", "this instance has no role other", false),
        (Instance { key: (500, json!({})), ..usual() }, "any", "HTTP 500 when asked for role watcher", true),
        (Instance { key: (200, json!("hush")), ..usual() }, "any", "not of the type", false),
        (Instance { key: (200, json!({"Code": "Failed"})), ..usual() }, "any", "it answered Failed", false),
        (Instance { key: (200, json!({"AccessKeyId": "hush"})), ..usual() }, "any", "no AccessKeySecret", false),
        (
            Instance { key: (200, handed(1, start())), ..usual() },
            "any",
            "expired at 2026-11-24T20:00:00Z, and it is",
            true,
        ),
        (Instance { role: Some("../../evil"), ..usual() }, "any", "this instance has no role", false),
    ] {
        let (server, _) = instance.start();
        let error = provider(&home.instance(&[], &server), profile).key(start()).await.unwrap_err();
        assert!(words(&error).contains(problem), "{error}");
        assert_eq!(error.may_pass(), passes, "{error}");
    }
    let (server, _) = usual().start();
    let error = find(&home.instance(&[], &server), Some("odd")).unwrap_err();
    assert!(words(&error).contains("\"../evil\" is no role's name"), "{error}");
    let disabled = [("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "TRUE")];
    let error = find(&home.instance(&disabled, &server), Some("any")).unwrap_err();
    assert!(words(&error).contains("ALIBABA_CLOUD_ECS_METADATA_DISABLED=true forbids"), "{error}");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_wrong_clock_of_the_instance_does_not_make_its_key_useless() {
    let (server, _) = Instance::usual().start();
    let home = Home::of(&profiles());
    let provider = provider(&home.instance(&[], &server), "any");
    assert_eq!(provider.key(start() + TimeDelta::days(2)).await.unwrap().id, "STS.handed1");
}

#[tokio::test]
async fn where_no_service_is_there_is_no_instance() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let (mut server, _) = Instance::usual().start();
    server.url = url;
    let home = Home::of(&profiles());
    let error = provider(&home.instance(&[], &server), "any").key(start()).await.unwrap_err();
    assert!(words(&error).contains("this is no instance"), "{error}");
}

#[tokio::test]
async fn the_instances_role_assumes_another() {
    let (server, _) = Instance::usual().start();
    let sts = Sts::start();
    sts.world().keys.insert("STS.handed1".into(), ("hush-handed".into(), Some("hush-token".into())));
    let home = Home::of(&profiles());
    let places = home.instance(&[("ALIBABA_CLOUD_STS_ENDPOINT", &sts.server.url)], &server);
    assert_eq!(provider(&places, "role").key(start()).await.unwrap().id, "STS.role1");
}

#[tokio::test]
async fn the_role_that_is_assumed_is_renewed_with_the_key_that_the_instance_has_then() {
    let (server, instance) = Instance::usual().start();
    let sts = Sts::start();
    let known = |n: u32| (format!("STS.handed{n}"), ("hush-handed".to_owned(), Some("hush-token".to_owned())));
    sts.world().keys.extend([known(1), known(2)]);
    let home = Home::of(&profiles());
    let provider = provider(&home.instance(&[("ALIBABA_CLOUD_STS_ENDPOINT", &sts.server.url)], &server), "role");
    let first = provider.key(start()).await.unwrap();

    // Both have expired: the instance's lasts six hours, the role's one.
    instance.lock().unwrap().key = (200, handed(2, at(800)));
    sts.set_now(at(400));
    server.set_now(at(400));
    let second = another(&provider, &first, at(400)).await;
    assert_eq!(second.id, "STS.role2");

    // The instance has lost its role, and the other one's key has expired: nothing serves.
    instance.lock().unwrap().role = None;
    sts.set_now(at(900));
    server.set_now(at(900));
    let error = provider.key(at(900)).await.unwrap_err();
    assert!(words(&error).contains("this instance has no role"), "{error}");
}
