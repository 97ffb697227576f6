//! The program, with every kind of source, as talkative as it gets: what it prints and logs holds no secret.

use std::{
    fs,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};
use trailwatch::emulator::{Config, Emulator};

use crate::{
    fixture::{Home, handed},
    server::{Answer, Server},
};

/// Services by the clock of this machine, which is the program's.
struct Services {
    emulator: Emulator,
    sts: Server,
    helper: Server,
}

impl Services {
    fn start() -> Self {
        let emulator = Emulator::start(Config::default()).unwrap();
        let end = chrono::Utc::now() + chrono::TimeDelta::hours(1);
        let sts = Server::start(move |_| Answer::new(200, json!({"Credentials": handed(1, end)}).to_string()));
        let helper = Server::start(move |seen| match seen.path.as_str() {
            "/cloud-credentials" => Answer::new(200, json!({"CloudCredential": handed(2, end)}).to_string()),
            _ => Answer::new(200, handed(3, end).to_string()),
        });
        for server in [&sts, &helper] {
            server.set_now(chrono::Utc::now());
        }
        Self { emulator, sts, helper }
    }
}

fn quiet(home: &Home, services: &Services, profile: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trailwatch"));
    command
        .args(["list", "--region", "cn-hangzhou", "--endpoint", &services.emulator.url(), "--timeout", "2s"])
        .args(["--profile", profile])
        .env_clear()
        .env("HOME", home.path(""))
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("ALIBABA_CLOUD_STS_ENDPOINT", &services.sts.url)
        .stdin(Stdio::null());
    command
}

fn list(home: &Home, services: &Services, profile: &str) -> Output {
    quiet(home, services, profile).arg("-vvv").output().unwrap()
}

fn profiles(services: &Services, home: &Home) -> Value {
    let role = "acs:ram::1:role/audit";
    let printed = json!({"access_key_id": "LTAIprinted", "access_key_secret": "hush-printed"});
    home.write("key.sh", &format!("echo hush-noise >&2; echo '{printed}' # $1"));
    home.write("token", "hush-web-token");
    let script = home.path("key.sh").display().to_string();
    json!([
        {"name": "ak", "access_key_id": "LTAIak", "access_key_secret": "hush-ak"},
        {"name": "sts", "mode": "StsToken", "access_key_id": "x", "access_key_secret": "hush", "sts_token": "hush-sts"},
        {"name": "role", "mode": "RamRoleArn", "access_key_id": "x", "access_key_secret": "hush", "ram_role_arn": role},
        {"name": "chain", "mode": "ChainableRamRoleArn", "source_profile": "role", "ram_role_arn": role},
        {"name": "oidc", "mode": "OIDC", "oidc_provider_arn": "p", "ram_role_arn": role, "oidc_token_file": home.path("token")},
        {"name": "command", "mode": "External", "process_command": format!("sh '{script}'")},
        {"name": "uri", "mode": "CredentialsURI", "credentials_uri": format!("{}/k?s=hush-uri", services.helper.url)},
        {"name": "sso", "mode": "CloudSSO", "cloud_sso_sign_in_url": services.helper.url, "cloud_sso_account_id": "1",
            "cloud_sso_access_config": "a", "access_token": "hush-access",
            "cloud_sso_access_token_expire": chrono::Utc::now().timestamp() + 3600},
        {"name": "oauth", "mode": "OAuth", "access_key_id": "x", "access_key_secret": "hush", "sts_token": "hush-token",
            "sts_expiration": chrono::Utc::now().timestamp() + 3600, "oauth_refresh_token": "hush-refresh",
            "oauth_access_token": "hush-access"},
    ])
}

#[test]
fn no_secret_of_any_source_is_printed_or_logged() {
    let (services, home) = (Services::start(), Home::empty());
    fs::create_dir(home.path(".aliyun")).unwrap();
    let all = profiles(&services, &home);
    home.set(&all);
    for profile in all.as_array().unwrap().iter().map(|profile| profile["name"].as_str().unwrap()) {
        let output = list(&home, &services, profile);
        let text = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        // Each of them finds its key, which the endpoint does not know.
        assert!(text.contains("InvalidAccessKeyId.NotFound"), "{profile}: {text}");
        assert_eq!(output.status.code(), Some(77), "{profile}: {text}");
        assert!(!text.contains("hush"), "{profile}: {text}");
    }
    let journal = home.path(".local/state/trailwatch/journal.sqlite3");
    let files = [journal, home.path(".local/state/trailwatch/trailwatch.log")];
    for file in files.iter().filter(|file| file.exists()) {
        assert!(!String::from_utf8_lossy(&fs::read(file).unwrap()).contains("hush"), "{}", file.display());
    }
}

#[test]
fn a_source_that_fails_is_told_once_with_what_to_do() {
    let home = Home::empty();
    fs::create_dir(home.path(".aliyun")).unwrap();
    for (status, code, expected) in [(503, "ServiceUnavailable", 69), (403, "NoPermission", 77)] {
        let mut services = Services::start();
        let refusal = json!({"Code": code, "Message": "one\nerror: forged", "RequestId": "R"}).to_string();
        services.sts = Server::start(move |_| Answer::new(status, refusal.clone()));
        home.set(&profiles(&services, &home));
        let output = quiet(&home, &services, "role").output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(expected), "{text}");
        let errors: Vec<&str> = text.lines().filter(|line| line.starts_with("error: ")).collect();
        let [error] = errors[..] else { panic!("{text}") };
        assert!(
            error.starts_with("error: role/cn-hangzhou: NoCredentials: ~/.aliyun/config.json, profile role, "),
            "{text}"
        );
        assert!(error.ends_with(&format!("{code} (HTTP {status}): one\\u{{a}}error: forged")), "{text}");
        assert!(text.contains("  remedy: "), "{text}");
        let warnings = text.lines().filter(|line| line.starts_with("warning: "));
        let trying = warnings.map(|line| line.ends_with("; trying again for up to 2s")).collect::<Vec<_>>();
        assert_eq!(trying, if expected == 69 { vec![true] } else { vec![] }, "{text}");
    }
}
