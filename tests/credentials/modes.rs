//! Every mode of the official command line's file and every type of the SDKs': which fields they take, and each way to be wrong.

use serde_json::{Map, Value, json};
use trailwatch::credentials::Renewal;

use crate::{
    fixture::{Home, at, find, handed, provider, start, words},
    server::{Answer, Server},
    sts::Sts,
};

const ROLES: &str = "/latest/meta-data/ram/security-credentials/";

/// A profile of this mode with these fields beside its name.
fn profile(name: &str, mode: Option<&str>, fields: Value) -> Value {
    let mut profile: Map<String, Value> = serde_json::from_value(fields).unwrap();
    profile.insert("name".into(), name.into());
    profile.extend(mode.map(|mode| ("mode".to_owned(), mode.into())));
    profile.into()
}

fn without(profile: &Value, field: &str) -> Value {
    let mut profile = profile.clone();
    profile.as_object_mut().unwrap().remove(field).expect(field);
    profile
}

fn key() -> Value {
    json!({"access_key_id": "LTAIprod", "access_key_secret": "hush-prod"})
}

fn with(mut fields: Value, more: &Value) -> Value {
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    fields
}

fn role() -> Value {
    json!({"ram_role_arn": "acs:ram::1:role/audit"})
}

fn sso() -> Value {
    json!({"cloud_sso_sign_in_url": "https://sso.example.com/x", "cloud_sso_account_id": "1",
        "cloud_sso_access_config": "ac", "access_token": "hush-access"})
}

fn oidc() -> Value {
    with(role(), &json!({"oidc_provider_arn": "p", "oidc_token_file": "/nowhere"}))
}

#[test]
fn what_a_mode_needs_is_named_where_it_is_missing() {
    let printed = json!({"process_command": "true"});
    let all = [
        ("AK", key(), vec!["access_key_id", "access_key_secret"]),
        (
            "StsToken",
            with(key(), &json!({"sts_token": "hush-token"})),
            vec!["access_key_id", "access_key_secret", "sts_token"],
        ),
        ("RamRoleArn", with(key(), &role()), vec!["access_key_id", "access_key_secret", "ram_role_arn"]),
        (
            "ChainableRamRoleArn",
            with(role(), &json!({"source_profile": "prod"})),
            vec!["source_profile", "ram_role_arn"],
        ),
        ("RamRoleArnWithRoleName", with(role(), &json!({"ram_role_name": "watcher"})), vec!["ram_role_arn"]),
        ("OIDC", oidc(), vec!["oidc_provider_arn", "oidc_token_file", "ram_role_arn"]),
        ("External", printed, vec!["process_command"]),
        ("CredentialsURI", json!({"credentials_uri": "https://keys.example.com"}), vec!["credentials_uri"]),
        ("CloudSSO", sso(), vec!["cloud_sso_sign_in_url", "cloud_sso_account_id", "cloud_sso_access_config"]),
    ];
    for (mode, fields, needed) in all {
        let whole = profile("p", Some(mode), fields);
        let home = |profile: &Value| Home::of(&json!([profile, profile_of_prod()]));
        assert!(find(&home(&whole).places(&[]), Some("p")).is_ok(), "{mode}");
        for field in needed {
            let error = words(&find(&home(&without(&whole, field)).places(&[]), Some("p")).unwrap_err());
            assert!(error.starts_with("~/.aliyun/config.json, profile p: "), "{mode}: {error}");
            assert!(error.contains(&format!("no {field}")), "{mode} without {field}: {error}");
        }
    }
}

fn profile_of_prod() -> Value {
    profile("prod", Some("AK"), key())
}

#[test]
fn a_field_that_is_not_what_it_should_be_is_named() {
    let role = with(key(), &role());
    for (mode, fields, field, value, problem) in [
        ("RamRoleArn", role.clone(), "expired_seconds", json!("soon"), "expired_seconds is not a whole number"),
        ("RamRoleArn", role.clone(), "expired_seconds", json!(899), "has 900 at least"),
        ("RamRoleArn", role.clone(), "sts_region", json!("Moon/1"), "sts_region: \"Moon/1\" is not a region id"),
        ("RamRoleArn", role.clone(), "sts_endpoint", json!("http://sts.example.com"), "over plain http"),
        ("RamRoleArn", role.clone(), "policy", json!({"hush": 1}), "policy is not a text"),
        ("RamRoleArn", role, "external_id", json!(["hush"]), "external_id is not a text"),
        ("OIDC", oidc(), "expired_seconds", json!(60), "has 900 at least"),
        ("OAuth", key(), "sts_expiration", json!("hush"), "sts_expiration is not a whole number"),
        ("CloudSSO", sso(), "sts_expiration", json!(i64::MAX), "sts_expiration is no time"),
    ] {
        let home = Home::of(&json!([with(profile("p", Some(mode), fields), &json!({ field: value }))]));
        let error = find(&home.places(&[]), Some("p")).map(|found| found.provider.sts().to_string());
        let error = words(&error.expect_err(problem));
        assert!(error.contains(problem), "{mode}: {error}");
    }
}

#[test]
fn a_missing_mode_is_inferred_in_the_order_of_the_official_command_line() {
    // Each beside all that come after it.
    let order = [
        (key(), "~/.aliyun/config.json"),
        (json!({"ram_role_name": "watcher"}), "~/.aliyun/config.json, EcsRamRole"),
        (json!({"process_command": "true"}), "~/.aliyun/config.json, External"),
        (oidc(), "~/.aliyun/config.json, OIDC"),
        (sso(), "~/.aliyun/config.json, CloudSSO"),
    ];
    for (at, (fields, source)) in order.iter().enumerate() {
        let mut all = order[at + 1..].iter().fold(fields.clone(), |all, (more, _)| with(more.clone(), &all));
        all["bearer_token"] = "hush-bearer".into();
        if at == 0 {
            // It would be that of a role.
            all.as_object_mut().unwrap().remove("ram_role_arn");
        }
        let home = Home::of(&json!([profile("p", None, all)]));
        assert_eq!(provider(&home.places(&[]), "p").source.to_string(), *source);
    }
    let home = Home::of(&json!([profile("p", None, with(key(), &role()))]));
    assert_eq!(provider(&home.places(&[]), "p").source.to_string(), "~/.aliyun/config.json, RamRoleArn");
}

#[tokio::test]
async fn keys_that_stand_in_a_profile_or_a_variable_have_no_successor() {
    let token = json!({"sts_token": "hush-token"});
    let profiles =
        json!([profile("ak", Some("AK"), with(key(), &token)), profile("sts", Some("StsToken"), with(key(), &token))]);
    let home = Home::of(&profiles);
    let variables = [
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", "STS.env"),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "hush-env"),
        ("ALIBABA_CLOUD_SECURITY_TOKEN", "hush-token"),
    ];
    let by_variable = find(&home.places(&variables), None).unwrap().provider;
    for (provider, has_token) in
        [(provider(&home.places(&[]), "ak"), false), (provider(&home.places(&[]), "sts"), true), (by_variable, true)]
    {
        let key = provider.key(start()).await.unwrap();
        assert_eq!(key.token.is_some(), has_token, "mode AK means the key without a token");
        assert_eq!(provider.refused(&key, at(1)), Renewal::None, "expired is expired");
        assert_eq!(provider.key(at(1)).await.unwrap().id, key.id);
        assert_eq!(provider.late(at(1)), None);
    }
}

#[tokio::test]
async fn a_role_is_assumed_with_a_temporary_key_too() {
    let sts = Sts::start();
    sts.world().keys.insert("STS.base".into(), ("hush-base".into(), Some("hush-base-token".into())));
    let base = json!({"access_key_id": "STS.base", "access_key_secret": "hush-base", "sts_token": "hush-base-token"});
    let home = Home::of(&json!([profile("p", Some("RamRoleArn"), with(base, &role()))]));
    let places = home.places(&[("ALIBABA_CLOUD_STS_ENDPOINT", &sts.server.url)]);
    assert_eq!(provider(&places, "p").key(start()).await.unwrap().id, "STS.role1");
}

#[test]
fn sts_is_where_the_profile_says() {
    let vpc = ("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED", "true");
    for (fields, variables, host) in [
        (json!({}), vec![], "sts.aliyuncs.com"),
        (json!({"sts_region": "cn-hangzhou"}), vec![], "sts.cn-hangzhou.aliyuncs.com"),
        (json!({"sts_region": "cn-hangzhou", "enable_vpc": true}), vec![], "sts-vpc.cn-hangzhou.aliyuncs.com"),
        (json!({"sts_region": "cn-hangzhou"}), vec![vpc], "sts-vpc.cn-hangzhou.aliyuncs.com"),
        (json!({"enable_vpc": true}), vec![], "sts.aliyuncs.com"),
        (json!({"sts_endpoint": "sts.example.com", "sts_region": "cn-hangzhou"}), vec![], "sts.example.com"),
    ] {
        for (mode, needed) in [("RamRoleArn", with(key(), &role())), ("OIDC", oidc())] {
            let home = Home::of(&json!([profile("p", Some(mode), with(needed, &fields))]));
            assert_eq!(provider(&home.places(&variables), "p").sts().to_string(), host, "{fields}");
        }
    }
}

#[test]
fn the_profiles_variables_have_the_order_of_the_official_command_line() {
    let all = ["ALIBABACLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE", "ALICLOUD_PROFILE"];
    let home = Home::of(&all.iter().map(|name| profile(name, Some("AK"), key())).collect());
    for at in 0..all.len() {
        let variables: Vec<_> = all[at..].iter().rev().map(|name| (*name, *name)).collect();
        assert_eq!(find(&home.places(&variables), None).unwrap().provider.profile.as_str(), all[at]);
    }
}

#[tokio::test]
async fn the_file_is_read_as_the_official_command_line_writes_it() {
    let home = Home::of(&json!([]));
    let printed = r#"{\"access_key_id\":\"LTAI\u0026co\",\"access_key_secret\":\"hush\"}"#;
    let text = format!(
        "\u{feff}{{\n\t\"current\": \"p\",\n\t\"profiles\": [\n\t\t{{\n\t\t\t\"name\": \"p\",\n\t\t\t\"mode\": \"External\",\n\t\t\t\
         \"process_command\": \"echo '{printed}'\",\n\t\t\t\"expired_seconds\": 0,\n\t\t\t\"language\": \"en\",\n\t\t\t\"auto_plugin_install\": false\n\t\t}}\n\t],\n\t\"meta_path\": \"\"\n}}"
    );
    home.write(".aliyun/config.json", &text);
    let found = find(&home.places(&[]), None).unwrap().provider;
    assert_eq!(found.key(start()).await.unwrap().id, "LTAI&co");
}

#[tokio::test]
async fn a_pod_s_role_is_assumed_with_its_policy_and_each_refusal_of_sts_is_told() {
    let sts = Sts::start();
    let home = Home::empty();
    std::fs::create_dir(home.path(".aliyun")).unwrap();
    home.write("token", "hush-web-token");
    let mut fields = oidc();
    fields["oidc_token_file"] = home.path("token").display().to_string().into();
    fields["policy"] = "{}".into();
    home.set(&json!([profile("p", Some("OIDC"), fields)]));
    let provider = || provider(&home.places(&[("ALIBABA_CLOUD_STS_ENDPOINT", &sts.server.url)]), "p");
    provider().key(start()).await.unwrap();
    assert_eq!(sts.asked("AssumeRoleWithOIDC")[0]["Policy"], "{}");

    sts.world().roles.clear();
    let error = provider().key(start()).await.unwrap_err();
    assert!(words(&error).contains("EntityNotExist.Role") && !error.may_pass(), "{error}");
    for (fault, passes) in [((503, "ServiceUnavailable"), true), ((403, "NoPermission"), false)] {
        sts.world().fault = Some(fault);
        let error = provider().key(start()).await.unwrap_err();
        assert!(words(&error).contains(fault.1), "{error}");
        assert_eq!(error.may_pass(), passes, "{error}");
    }

    let late = Server::start(|_| Answer::new(200, json!({"Credentials": handed(1, at(-1))}).to_string()));
    let places = home.places(&[("ALIBABA_CLOUD_STS_ENDPOINT", &late.url)]);
    let error = crate::fixture::provider(&places, "p").key(start()).await.unwrap_err();
    assert!(words(&error).contains("expired at 2026-11-24T19:59:00Z"), "{error}");
}

/// An instance whose answers to who has a token may differ from those to who has none.
fn instance(with_token: u16) -> Server {
    Server::start(move |seen| {
        let has_token = seen.headers.contains_key("x-aliyun-ecs-metadata-token");
        match (seen.method.as_str(), seen.path.strip_prefix(ROLES)) {
            ("PUT", _) => Answer::new(200, "hush-imds"),
            _ if has_token && with_token != 200 => Answer::new(with_token, ""),
            (_, Some("")) => Answer::new(200, "listed"),
            (_, Some("listed" | "watcher")) => Answer::new(200, handed(5, at(60)).to_string()),
            _ => Answer::new(404, ""),
        }
    })
}

#[tokio::test]
async fn a_variable_names_the_instances_role() {
    let server = instance(200);
    for (role, problem) in
        [("watcher", None), ("another", Some("this instance has no role another")), ("../x", Some("is no role's name"))]
    {
        let places = Home::empty().instance(&[("ALIBABA_CLOUD_ECS_METADATA", role)], &server);
        let key = match find(&places, None) {
            Ok(found) => found.provider.key(start()).await,
            Err(error) => Err(error),
        };
        match problem {
            None => assert_eq!(key.unwrap().id, "STS.handed5"),
            Some(problem) => assert!(words(key.as_ref().unwrap_err()).contains(problem), "{role}: {key:?}"),
        }
    }
    assert!(server.seen().iter().all(|seen| seen.path != ROLES), "a name that is known is not asked for");
    // A profile's own comes first.
    let home = Home::of(&json!([profile("p", Some("EcsRamRole"), json!({"ram_role_name": "watcher"}))]));
    let places = home.instance(&[("ALIBABA_CLOUD_ECS_METADATA", "another")], &server);
    provider(&places, "p").key(start()).await.unwrap();
}

#[tokio::test]
async fn an_instance_that_refuses_its_own_token_is_asked_without_one() {
    let server = instance(500);
    let home = Home::of(&json!([profile("p", Some("EcsRamRole"), json!({}))]));
    assert_eq!(provider(&home.instance(&[], &server), "p").key(start()).await.unwrap().id, "STS.handed5");
    let strict = [("ALIBABA_CLOUD_IMDSV1_DISABLED", "true")];
    let error = provider(&home.instance(&strict, &server), "p").key(start()).await.unwrap_err();
    assert!(words(&error).contains("HTTP 500"), "{error}");
}

#[tokio::test]
async fn an_instance_that_is_busy_or_silent_is_asked_again() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut nobody = Server::start(|_| Answer::new(404, ""));
    nobody.url = format!("http://{}", silent.local_addr().unwrap());
    let busy = Server::start(|_| Answer::new(503, ""));
    let home = Home::of(&json!([profile("p", Some("EcsRamRole"), json!({}))]));
    for server in [busy, nobody] {
        for variables in [&[][..], &[("ALIBABA_CLOUD_IMDSV1_DISABLED", "true")]] {
            let error = provider(&home.instance(variables, &server), "p").key(start()).await.unwrap_err();
            words(&error);
            assert!(error.may_pass(), "{error}");
        }
    }
}

#[tokio::test]
async fn where_the_instances_role_is_not_to_be_had_no_other_is_assumed_with_it() {
    let (server, sts) = (Server::start(|_| Answer::new(404, "")), Sts::start());
    let home = Home::of(&json!([profile("p", Some("RamRoleArnWithRoleName"), role())]));
    let places = home.instance(&[("ALIBABA_CLOUD_STS_ENDPOINT", &sts.server.url)], &server);
    let error = provider(&places, "p").key(start()).await.unwrap_err();
    assert!(words(&error).contains("this instance has no role"), "{error}");
    assert!(sts.server.seen().is_empty());
    // The instance's key is one that STS does not know.
    let places = home.instance(&[("ALIBABA_CLOUD_STS_ENDPOINT", &sts.server.url)], &instance(200));
    let error = provider(&places, "p").key(start()).await.unwrap_err();
    assert!(words(&error).contains("InvalidAccessKeyId.NotFound"), "{error}");
}

#[tokio::test]
async fn the_four_fields_of_a_key_are_all_needed_whoever_hands_it_out() {
    for field in ["AccessKeyId", "AccessKeySecret", "SecurityToken", "Expiration"] {
        for empty in [json!(null), json!(" ")] {
            let mut answer = handed(1, at(60));
            answer[field] = empty.clone();
            let helper = Server::start(move |_| Answer::new(200, answer.to_string()));
            let home = Home::of(&json!([profile("p", Some("CredentialsURI"), json!({"credentials_uri": helper.url}))]));
            let error = words(&provider(&home.places(&[]), "p").key(start()).await.unwrap_err());
            assert!(error.contains(field), "{field} {empty}: {error}");
        }
    }
}

#[tokio::test]
async fn the_sdks_types_are_as_particular_as_the_modes() {
    let home = Home::empty();
    std::fs::create_dir(home.path(".alibabacloud")).unwrap();
    let text = "[ecs]\ntype = ecs_ram_role\nrole_name = watcher\n[any]\ntype = ecs_ram_role\n\
        [keyless]\ntype = access_key\n[idless]\ntype = access_key\naccess_key_secret = hush\n\
        [roleless]\ntype = ram_role_arn\naccess_key_id = x\naccess_key_secret = hush\n\
        [unsigned]\ntype = ram_role_arn\nrole_arn = acs:ram::1:role/audit\n\
        [fileless]\ntype = oidc_role_arn\nrole_arn = r\noidc_provider_arn = p\n\
        [providerless]\ntype = oidc_role_arn\nrole_arn = r\noidc_token_file_path = /x\n";
    home.write(".alibabacloud/credentials.ini", text);
    let server = instance(200);
    let places = home.instance(&[], &server);
    for section in ["ecs", "any"] {
        let provider = provider(&places, section);
        assert_eq!(provider.source.to_string(), "~/.alibabacloud/credentials.ini, ecs_ram_role");
        assert_eq!(provider.key(start()).await.unwrap().id, "STS.handed5");
    }
    for (section, problem) in [
        ("keyless", "it has no access_key_id"),
        ("idless", "it has an access_key_secret, but no access_key_id"),
        ("roleless", "it has no ram_role_arn or role_arn"),
        ("unsigned", "it has no access_key_id"),
        ("fileless", "it has no oidc_token_file or oidc_token_file_path"),
        ("providerless", "it has no oidc_provider_arn"),
    ] {
        let error = words(&find(&places, Some(section)).unwrap_err());
        assert_eq!(error, format!("~/.alibabacloud/credentials.ini, section {section}: {problem}"));
    }
}
