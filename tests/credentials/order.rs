//! The order of the sources: each one in turn is taken away, and the next one is found.

use serde_json::json;

use crate::{
    fixture::{Home, find, handed, start, words},
    server::{Answer, Server},
    sts::Sts,
};

/// A metadata service that knows one role, without tokens.
fn instance() -> Server {
    Server::start(|seen| match seen.path.strip_prefix("/latest/meta-data/ram/security-credentials/") {
        Some("") => Answer::new(200, "watcher"),
        Some("watcher") => Answer::new(200, handed(5, start() + chrono::TimeDelta::hours(6)).to_string()),
        _ => Answer::new(404, ""),
    })
}

type Variable<'a> = (&'a str, &'a str);

#[tokio::test]
async fn the_sources_are_asked_in_the_order_of_the_sdks() {
    let (sts, instance) = (Sts::start(), instance());
    let helper = Server::start(|_| Answer::new(200, handed(6, start() + chrono::TimeDelta::hours(1)).to_string()));
    let home = Home::of(&json!([{"name": "prod", "access_key_id": "LTAIfile", "access_key_secret": "hush"}]));
    home.write("token", "hush-web-token");
    std::fs::create_dir(home.path(".alibabacloud")).unwrap();
    let ini = "[default]\ntype=access_key\naccess_key_id=LTAIini\naccess_key_secret=hush\n";
    home.write(".alibabacloud/credentials", ini);
    let token = home.path("token").display().to_string();
    let always = [
        ("ALIBABA_CLOUD_STS_ENDPOINT", sts.server.url.as_str()),
        ("ALIBABA_CLOUD_CREDENTIALS_URI", helper.url.as_str()),
    ];
    // What takes each source away, in order.
    let sources: [(&str, &str, &[Variable]); 6] = [
        (
            "LTAIenv",
            "environment",
            &[("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAIenv"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "hush")],
        ),
        (
            "STS.role1",
            "OIDC token in a file (environment)",
            &[
                ("ALIBABA_CLOUD_ROLE_ARN", "acs:ram::1:role/audit"),
                ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "acs:ram::1:oidc-provider/k"),
                ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", &token),
            ],
        ),
        ("LTAIfile", "~/.aliyun/config.json", &[]),
        ("LTAIini", "~/.alibabacloud/credentials", &[]),
        ("STS.handed5", "ECS instance role, else ALIBABA_CLOUD_CREDENTIALS_URI", &[]),
        ("STS.handed6", "ALIBABA_CLOUD_CREDENTIALS_URI", &[("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")]),
    ];
    for (at, (key, source, _)) in sources.iter().enumerate() {
        let mut variables = always.to_vec();
        variables.extend(sources[at..].iter().flat_map(|(.., set)| *set).filter(|(name, _)| {
            // The last source needs the one before it out of the way.
            at == 5 || *name != "ALIBABA_CLOUD_ECS_METADATA_DISABLED"
        }));
        if at > 2 {
            variables.push(("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "true"));
        }
        if at > 3 {
            home.write(".alibabacloud/credentials", "");
        }
        let provider = find(&home.instance(&variables, &instance), None).unwrap().provider;
        assert_eq!(provider.source.to_string(), *source);
        assert_eq!(provider.key(start()).await.unwrap().id, *key);
        // Of two that may answer, the one that did.
        let source = source.split_once(", else ").map_or(*source, |(first, _)| first);
        assert!(provider.signs_with().starts_with(&format!("{source} (")), "{}", provider.signs_with());
    }
}

#[tokio::test]
async fn a_machine_that_is_no_instance_asks_the_helper() {
    let helper = Server::start(|_| Answer::new(200, handed(6, start() + chrono::TimeDelta::hours(1)).to_string()));
    let mut nobody = Server::start(|_| Answer::new(404, ""));
    nobody.url = "http://127.0.0.1:1".to_owned();
    let without_role = Server::start(|_| Answer::new(404, ""));
    for instance in [nobody, without_role] {
        let places = Home::empty().instance(&[("ALIBABA_CLOUD_CREDENTIALS_URI", &helper.url)], &instance);
        let provider = find(&places, None).unwrap().provider;
        assert_eq!(provider.key(start()).await.unwrap().id, "STS.handed6");
        assert_eq!(provider.signs_with(), "ALIBABA_CLOUD_CREDENTIALS_URI (STS.****ded6)");
    }
    // One that is there and refuses is not passed over.
    let refusing = Server::start(|seen| Answer::new(if seen.path.ends_with('/') { 403 } else { 404 }, ""));
    let places = Home::empty().instance(&[("ALIBABA_CLOUD_CREDENTIALS_URI", &helper.url)], &refusing);
    let error = find(&places, None).unwrap().provider.key(start()).await.unwrap_err();
    assert!(words(&error).contains("HTTP 403"), "{error}");
}

#[test]
fn what_forbids_helpers_forbids_a_credentials_uri_of_the_environment_too() {
    let helper = Server::start(|_| Answer::new(200, handed(6, start() + chrono::TimeDelta::hours(1)).to_string()));
    let mut variables = vec![
        ("ALIBABA_CLOUD_CREDENTIALS_URI", helper.url.as_str()),
        ("ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS", "true"),
    ];
    let provider = find(&Home::empty().places(&variables), None).unwrap().provider;
    assert_eq!(provider.source.to_string(), "ECS instance role");
    variables.push(("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true"));
    let error = words(&find(&Home::empty().places(&variables), None).unwrap_err());
    let last = "environment: ALIBABA_CLOUD_CREDENTIALS_URI is set, but ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS forbids to ask it";
    assert!(error.ends_with(last), "{error}");
}

#[tokio::test]
async fn when_all_fail_one_message_lists_each_with_what_was_missing() {
    let mut nobody = Server::start(|_| Answer::new(404, ""));
    nobody.url = "http://127.0.0.1:1".to_owned();
    let provider = find(&Home::empty().instance(&[], &nobody), None).unwrap().provider;
    let message = words(&provider.key(start()).await.unwrap_err());
    let lines: Vec<&str> = message.lines().collect();
    assert_eq!(
        lines[..5],
        [
            "no access key was found; looked at:",
            "  environment: ALIBABA_CLOUD_ACCESS_KEY_ID is not set",
            "  OIDC token in a file: ALIBABA_CLOUD_ROLE_ARN is not set",
            "  ~/.aliyun/config.json: there is no such file",
            "  ~/.alibabacloud/credentials.ini, ~/.alibabacloud/credentials: there is no such file",
        ]
    );
    assert!(lines[lines.len() - 2].starts_with("  ECS instance role: 127.0.0.1:1 can't be reached, "), "{message}");
    assert_eq!(lines[lines.len() - 1], "  environment: ALIBABA_CLOUD_CREDENTIALS_URI is not set");
}
