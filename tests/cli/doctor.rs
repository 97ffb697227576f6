//! `doctor`: what works, what is missing, what fails, and how it ends. Its identities are an emulator's, STS included.

use trailwatch::emulator::{Config, Emulator, Quota};

use crate::program::{Access, KEYS, Outcome, api_error, command, emulator, home_with, run, serve};

/// Looks at an endpoint, which is STS as well, as one of its identities.
fn doctor(access: &Access, arguments: &[&str]) -> Outcome {
    let mut variables = access.variables();
    let sts = variables.iter().find(|(name, _)| *name == "TRAILWATCH_ENDPOINT").map_or("", |(_, url)| url).to_owned();
    variables.push(("ALIBABA_CLOUD_STS_ENDPOINT", &sts));
    run(&variables, &[&["doctor"], arguments].concat())
}

/// Verdict and message of each finding of a kind.
fn verdicts(outcome: &Outcome, check: &str) -> Vec<(String, String)> {
    let findings = outcome.json()["findings"].as_array().unwrap().clone();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let found = findings.iter().filter(|finding| finding["check"] == check);
    found.map(|finding| (text(&finding["verdict"]), text(&finding["message"]))).collect()
}

#[test]
fn where_all_is_well_it_says_so_and_ends_with_0() {
    let emulator = emulator(5);
    let outcome = doctor(&Access::owner(&emulator), &[]).ends(0);
    assert_eq!(outcome.stderr, "");
    let words = |line: &str| line.split_whitespace().take(2).map(str::to_owned).collect::<Vec<_>>().join(" ");
    let expected = [
        "ok configuration",
        "ok credentials",
        "ok identity",
        "ok endpoint",
        "ok clock",
        "ok permission",
        "ok permission",
        "ok permission",
        "ok permission",
        "ok permission",
        "ok backfill",
        "ok journal",
        "ok terminal",
    ];
    assert_eq!(outcome.stdout.lines().map(words).collect::<Vec<_>>(), expected);
    let document = doctor(&Access::owner(&emulator), &["-o", "json"]).ends(0).json();
    assert_eq!((&document["ok"], document["findings"].as_array().unwrap().len()), (&true.into(), expected.len()));
    assert!(outcome.stdout.contains("connected and answered in "));
}

#[test]
fn a_sign_in_that_is_over_is_a_warning_while_its_key_is_good() {
    let emulator = emulator(5);
    let who = &emulator.identities()[0];
    let profile = serde_json::json!({"name": "sso", "mode": "CloudSSO", "region_id": "cn-hangzhou",
        "cloud_sso_sign_in_url": "https://sso.invalid/x", "cloud_sso_account_id": "1", "cloud_sso_access_config": "ac",
        "access_token": "hush-token", "cloud_sso_access_token_expire": 1_700_000_000,
        "access_key_id": who.key_id, "access_key_secret": who.secret, "sts_expiration": 4_000_000_000_i64});
    let home = home_with("sso", &[profile]);
    let url = emulator.url();
    let variables = [("ALIBABA_CLOUD_STS_ENDPOINT", url.as_str()), ("TRAILWATCH_ENDPOINT", url.as_str())];
    let outcome: Outcome = command(home.path(), &variables, &["doctor", "-o", "json"]).output().unwrap().into();
    let outcome = outcome.ends(0);
    let told = verdicts(&outcome, "credentials");
    assert_eq!(told.iter().map(|(verdict, _)| verdict.as_str()).collect::<Vec<_>>(), ["ok", "warn"]);
    assert!(told[1].1.contains("used until 2096-10-02T07:06:40Z: "), "{told:?}");
    assert!(told[1].1.contains("the sign-in ended at 2023-11-14T22:13:20Z"), "{told:?}");
}

#[test]
fn what_only_takes_a_feature_away_is_a_warning_and_names_the_action() {
    let emulator = emulator(5);
    for (identity, action) in [("-no-get", "GetDeliveryHistoryJob"), ("-no-trails", "DescribeTrails")] {
        let outcome = doctor(&Access::of(&emulator, identity), &["-o", "json"]).ends(0);
        let permissions = verdicts(&outcome, "permission");
        let warned: Vec<_> = permissions.iter().filter(|(verdict, _)| verdict == "warn").collect();
        let missing = format!("actiontrail:{action} is missing");
        assert!(warned.iter().any(|(_, message)| *message == missing), "{permissions:?}");
    }
}

#[test]
fn without_the_one_permission_that_is_needed_it_is_77() {
    let emulator = emulator(5);
    let outcome = doctor(&Access::of(&emulator, "-denied"), &["-o", "json"]).ends(77);
    let missing = ("fail".to_owned(), "actiontrail:ListDeliveryHistoryJobs is missing".to_owned());
    assert!(verdicts(&outcome, "permission").contains(&missing));
    assert_eq!(outcome.json()["ok"], false);
}

#[test]
fn a_key_that_is_refused_is_told_once_with_what_to_do() {
    let emulator = emulator(5);
    let url = emulator.url();
    let wrong_secret = ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "wrong");
    let wrong_key = ("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAI5tNobodysKey");
    for (wrong, code) in [(wrong_secret, "SignatureDoesNotMatch"), (wrong_key, "InvalidAccessKeyId.NotFound")] {
        let access = Access::owner(&emulator);
        let mut variables = access.variables();
        variables.extend([("ALIBABA_CLOUD_STS_ENDPOINT", url.as_str()), wrong]);
        let regions = ["doctor", "-o", "json", "--region", "cn-beijing", "--region", "cn-hangzhou"];
        let outcome = run(&variables, &regions).ends(77);
        let told = verdicts(&outcome, "credentials");
        let [(verdict, message)] = &told[..] else { panic!("{told:?}") };
        assert!(verdict == "fail" && message.contains("the key is refused: ") && message.contains(code), "{message}");
        let finding = &outcome.json()["findings"][1];
        assert!(finding["about"] == "env" && finding["remedy"].as_str().unwrap().contains("mistyped"), "{finding}");
        assert_eq!(verdicts(&outcome, "identity"), []);
        let not_asked = ("warn".to_owned(), "not asked, the key is refused".to_owned());
        assert_eq!(verdicts(&outcome, "permission"), [not_asked.clone(), not_asked]);
    }
}

#[test]
fn who_shares_a_quota_waits_for_a_place_in_it() {
    let quota = Quota { list: 1, get: 1, ..Quota::DOCUMENTED };
    let emulator = Emulator::start(Config { jobs: 5, quota, ..Config::default() }).unwrap();
    let regions = ["--region", "cn-beijing", "--region", "cn-hangzhou"];
    let outcome = doctor(&Access::owner(&emulator), &[&["-o", "json"], &regions[..]].concat()).ends(0);
    assert!(emulator.stats().throttled > 0 && outcome.json()["ok"] == true, "{}", outcome.stdout);
}

#[test]
fn an_account_without_backfill_jobs_hears_that() {
    let url = serve(|_| api_error("400 Bad Request", "NotSupportDeliveryHistoryJob"));
    let variables = [&KEYS[..], &[("ALIBABA_CLOUD_STS_ENDPOINT", url.as_str())]].concat();
    let outcome = run(&variables, &["doctor", "-o", "json", "--endpoint", &url]).ends(77);
    assert_eq!(verdicts(&outcome, "backfill")[0].0, "fail");
    assert_eq!(verdicts(&outcome, "identity")[0].0, "warn", "the key's id stands in");
    let findings = outcome.json()["findings"].as_array().unwrap().clone();
    let identity = findings.iter().find(|finding| finding["check"] == "identity").unwrap();
    assert!(identity["remedy"].as_str().unwrap().contains("ALIBABA_CLOUD_STS_ENDPOINT"), "{identity}");
}

#[test]
fn a_host_that_is_not_there_is_told_once_and_is_69() {
    let variables = [&KEYS[..], &[("ALIBABA_CLOUD_STS_ENDPOINT", "http://127.0.0.1:9")]].concat();
    let outcome = run(&variables, &["doctor", "-o", "json", "--endpoint", "http://127.0.0.1:9"]).ends(69);
    assert_eq!(verdicts(&outcome, "endpoint")[0].0, "fail");
    assert_eq!(verdicts(&outcome, "permission"), []);
}

#[test]
fn a_server_without_tls_is_told_as_such_and_not_as_a_certificate() {
    let emulator = emulator(1);
    let url = emulator.url().replace("http://", "https://");
    let outcome = run(&KEYS, &["list", "--timeout", "1s", "--endpoint", &url]).ends(69);
    let outcome = outcome.says("it does not speak TLS; is it meant to be http://?");
    assert!(!outcome.stderr.contains("--ca-file") && outcome.stderr.contains("TlsFailed"), "{}", outcome.stderr);
}

#[test]
fn without_a_key_it_lists_where_it_looked() {
    let variables = [("TRAILWATCH_REGION", "cn-hangzhou"), ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")];
    let outcome = run(&variables, &["doctor", "-o", "json"]).ends(77);
    let (verdict, message) = &verdicts(&outcome, "credentials")[0];
    assert_eq!(verdict, "fail");
    assert!(message.contains("~/.aliyun/config.json: there is no such file"), "{message}");
}

#[test]
fn one_profile_of_several_that_gives_no_key_does_not_hide_the_others() {
    let emulator = emulator(5);
    let broken = serde_json::json!({ "name": "broken", "mode": "BearerToken", "region_id": "cn-hangzhou" });
    let home = home_with("own", &[Access::owner(&emulator).profile("own"), broken]);
    let (url, flags) = (emulator.url(), ["doctor", "--all-profiles", "-o", "json", "--endpoint"]);
    let variables = [("ALIBABA_CLOUD_STS_ENDPOINT", url.as_str())];
    let arguments = [&flags[..], &[url.as_str()]].concat();
    let outcome = Outcome::from(command(home.path(), &variables, &arguments).output().unwrap()).ends(77);
    let credentials: Vec<_> = verdicts(&outcome, "credentials").into_iter().map(|(verdict, _)| verdict).collect();
    assert_eq!(credentials, ["ok", "fail"]);
    assert_eq!(verdicts(&outcome, "backfill").len(), 1);
    assert_eq!(verdicts(&outcome, "endpoint").len(), 2, "a host can be knocked at without a key");
}

#[test]
fn a_wrong_configuration_is_told_among_the_rest() {
    let emulator = emulator(5);
    let home = home_with("own", &[Access::owner(&emulator).profile("own")]);
    let config = home.path().join("wrong.toml");
    std::fs::write(&config, "intervall = \"10s\"\n").unwrap();
    let (url, path) = (emulator.url(), config.to_str().unwrap());
    let variables = [("ALIBABA_CLOUD_STS_ENDPOINT", url.as_str())];
    let arguments = ["doctor", "-o", "json", "--config", path, "--endpoint", &url];
    let outcome = Outcome::from(command(home.path(), &variables, &arguments).output().unwrap()).ends(78);
    let (verdict, message) = &verdicts(&outcome, "configuration")[0];
    assert!(verdict == "fail" && message.contains("intervall") && message.contains("line 1"), "{message}");
    assert_eq!(verdicts(&outcome, "backfill")[0].0, "ok");
}

#[test]
fn no_secret_is_in_it() {
    let emulator = emulator(5);
    for suffix in ["-denied", "-no-get", "-no-trails"] {
        let access = Access::of(&emulator, suffix);
        let outcome = doctor(&access, &["-vvv"]);
        for (name, value) in access.variables() {
            let is_secret = name.ends_with("SECRET") || name.ends_with("TOKEN") || name.ends_with("KEY_ID");
            assert!(!is_secret || !(outcome.stdout.clone() + &outcome.stderr).contains(value), "{name}");
        }
    }
}
