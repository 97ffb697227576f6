//! Secrets and tokens stay where they are: none is on a screen, in an output, an error, a log, the journal, the list of
//! processes or a debug print, whatever is asked for and whatever goes wrong. All of these tests' own contain "hush".

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command};

use serde_json::{Value, json};
use tempfile::TempDir;
use trailwatch::{
    acs::HttpOptions,
    credentials::{Env, Places, resolve},
    emulator::{Emulator, Identity},
    job::ProfileName,
};

use crate::{
    endpoint::{serve, still},
    term::{Term, command, eventually},
};

/// A profile for every way to get a key: two give one that the service takes, the others one that it refuses, or none.
fn profiles(emulator: &Emulator, sts: &str, script: &Path) -> Vec<Value> {
    let identity = |holds: fn(&Identity) -> bool| emulator.identities().iter().find(|one| holds(one)).unwrap().clone();
    let (own, temporary) = (identity(|one| one.token.is_none()), identity(|one| one.token.is_some()));
    vec![
        json!({"name": "own", "mode": "AK", "access_key_id": own.key_id, "access_key_secret": own.secret}),
        json!({"name": "temporary", "mode": "StsToken", "access_key_id": temporary.key_id,
            "access_key_secret": temporary.secret, "sts_token": temporary.token}),
        json!({"name": "wrong", "mode": "AK", "access_key_id": own.key_id, "access_key_secret": "hush-wrong"}),
        json!({"name": "unknown", "mode": "StsToken", "access_key_id": "STS.nobody", "access_key_secret": "hush-unknown",
            "sts_token": "hush-token"}),
        json!({"name": "role", "mode": "RamRoleArn", "access_key_id": "LTAIrole", "access_key_secret": "hush-role",
            "ram_role_arn": "acs:ram::1:role/audit", "external_id": "hush-external-id"}),
        json!({"name": "chain", "mode": "ChainableRamRoleArn", "source_profile": "role",
            "ram_role_arn": "acs:ram::2:role/deep"}),
        json!({"name": "command", "mode": "External", "process_command": script.display().to_string()}),
        json!({"name": "uri", "mode": "CredentialsURI", "credentials_uri": format!("{sts}/keys?token=hush-in-the-uri")}),
        json!({"name": "sso", "mode": "CloudSSO", "cloud_sso_sign_in_url": format!("{sts}/sign-in"),
            "cloud_sso_account_id": "1", "cloud_sso_access_config": "ac-1", "access_token": "hush-access",
            "cloud_sso_access_token_expire": 4_000_000_000_u64}),
        json!({"name": "oauth", "mode": "OAuth", "oauth_site_type": "CN", "oauth_access_token": "hush-oauth",
            "oauth_access_token_expire": 1, "oauth_refresh_token": "hush-refresh", "access_key_id": "STS.old",
            "access_key_secret": "hush-cached", "sts_token": "hush-cached-token", "sts_expiration": 1}),
        json!({"name": "refused", "mode": "BearerToken", "bearer_token": "hush-bearer"}),
    ]
}

/// A service that hands out keys: good ones, and answers with half of a key in them.
fn sts() -> String {
    serve(|head| {
        if head.contains("/keys") {
            return r#"{"Code":"Success","AccessKeyId":"STS.uri","AccessKeySecret":"hush-uri","SecurityToken":"hush-"#
                .into();
        }
        let key = json!({"AccessKeyId": "STS.handed", "AccessKeySecret": "hush-handed", "SecurityToken": "hush-handed-token",
            "Expiration": "2099-01-01T00:00:00Z"});
        let arn = json!({"AccountId": "1", "Arn": "acs:ram::1:user/x"});
        json!({"Credentials": key, "CloudCredential": "hush-of-another-shape", "RequestId": "R-1", "AccountId": "1",
            "Arn": arn["Arn"]})
        .to_string()
    })
}

/// A home with all of it, and the variables.
struct Bastion {
    emulator: Emulator,
    home: TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Bastion {
    fn new() -> Self {
        let (emulator, home, sts) = (still(12), TempDir::new().unwrap(), sts());
        let script = home.path().join("print-a-key");
        fs::write(
            &script,
            "#!/bin/sh\necho '{\"mode\":\"AK\",\"access_key_id\":\"LTAIx\",\"access_key_secret\":\"hush-cut'\n",
        )
        .unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).unwrap();
        fs::create_dir(home.path().join(".aliyun")).unwrap();
        let file = json!({"current": "own", "profiles": profiles(&emulator, &sts, &script)});
        fs::write(home.path().join(".aliyun/config.json"), file.to_string()).unwrap();
        let variables = vec![
            ("TRAILWATCH_ENDPOINT", emulator.url()),
            ("TRAILWATCH_REGION", "cn-hangzhou".to_owned()),
            ("TRAILWATCH_MAX_QPS", "1000".to_owned()),
            ("TRAILWATCH_ALL_PROFILES", "true".to_owned()),
            ("TRAILWATCH_TIMEOUT", "300ms".to_owned()),
            ("ALIBABA_CLOUD_STS_ENDPOINT", sts),
            ("HTTPS_PROXY", "http://me:hush-proxy@127.0.0.1:9".to_owned()),
        ];
        Self { emulator, home, variables }
    }

    /// Checks that a text has no secret, and that it is one that could have had some.
    fn is_silent(&self, what: &str, text: &[u8], control: &str) {
        let text = String::from_utf8_lossy(text);
        assert!(text.contains(control), "{what}: no {control:?} in\n{text}");
        let own = self.emulator.identities().iter();
        let own = own.flat_map(|one| [Some(one.secret.as_str()), one.token.as_deref()]).flatten();
        for secret in own.chain(["hush"]) {
            let place =
                text.find(secret).map(|at| text[..at + secret.len()].lines().last().unwrap_or_default().to_owned());
            assert_eq!(place, None, "{what}");
        }
    }
}

#[test]
fn none_is_in_what_commands_print_and_log() {
    let bastion = Bastion::new();
    for (arguments, control) in [
        (&["list", "-vvv"][..], "wrong/cn-hangzhou"),
        (&["list", "-o", "json"], "\"profile\": \"wrong\""),
        (&["list", "-o", "prometheus"], "profile=\"wrong\""),
        (&["get", "1", "-vvv"], "wrong/cn-hangzhou"),
        (&["coverage", "-vvv"], "wrong/cn-hangzhou"),
        (&["watch", "-vvv", "--for", "2s"], "wrong/cn-hangzhou"),
        (&["doctor", "-vvv"], "wrong/cn-hangzhou"),
        (&["doctor", "-o", "json"], "wrong/cn-hangzhou"),
        (&["config", "show"], "all_profiles"),
        (&["list", "--endpoint", "https://actiontrail.invalid", "-vvv"], "wrong/cn-hangzhou"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trailwatch"));
        command.env_clear().env("HOME", bastion.home.path()).envs(bastion.variables.iter().cloned()).args(arguments);
        let output = command.output().unwrap();
        bastion.is_silent(&arguments.join(" "), &[output.stdout, output.stderr].concat(), control);
    }
}

#[test]
fn none_is_on_the_dashboard_in_its_files_or_in_the_list_of_processes() {
    let bastion = Bastion::new();
    let log = bastion.home.path().join("log");
    let arguments = ["-vvv", "--log-file", log.to_str().unwrap()];
    let term = Term::spawn((160, 50), TempDir::new().unwrap(), command(&bastion.home, &bastion.variables, &arguments));
    term.until("jobs", |screen| screen.jobs().len() >= 12);
    let process = |name: &str| fs::read(format!("/proc/{}/{name}", term.id())).unwrap();
    bastion.is_silent("the list of processes", &process("cmdline"), "--log-file");
    // Every pane, and each target in its list.
    term.press("t");
    term.shows("┌ Targets ");
    (0..11).for_each(|_| term.press("j"));
    term.press("q");
    for pane in ["f", "\t", "\t", "\t", "q", "e", "q", "v", "q", "y"] {
        term.press(pane);
    }
    term.press("\x1b");
    term.until("the table", |screen| !screen.title().is_empty());
    eventually("all that is refused in the log", || {
        let text = fs::read_to_string(&log).unwrap();
        ["wrong/", "unknown/", "role/", "chain/", "command", "uri", "sso", "oauth"]
            .iter()
            .all(|name| text.contains(name))
    });
    // Not `q`: with the Esc before it, it may come as one key.
    term.press("\x03");
    let bytes = term.bytes();
    term.ends(130);
    bastion.is_silent("the screen", &bytes, "SignatureDoesNotMatch");
    bastion.is_silent("the log", &fs::read(&log).unwrap(), "wrong/cn-hangzhou");
    let state = bastion.home.path().join(".local/state/trailwatch");
    for file in fs::read_dir(&state).unwrap() {
        let path = file.unwrap().path();
        bastion.is_silent(&path.display().to_string(), &fs::read(&path).unwrap(), "");
    }
    bastion.is_silent("the journal", &fs::read(state.join("journal.db")).unwrap(), "SQLite");
}

#[test]
fn none_is_in_a_debug_print() {
    let bastion = Bastion::new();
    let variables: Vec<_> = bastion.variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let places = Places::new(Env::of(&variables), Some(bastion.home.path().to_owned()), HttpOptions::default());
    for name in ["own", "temporary", "role", "chain", "command", "uri", "sso", "oauth", "refused"] {
        let found = resolve(&places, Some(&ProfileName::new(name).unwrap()));
        bastion.is_silent(name, format!("{found:?}").as_bytes(), "");
    }
    bastion.is_silent("identities", format!("{:?}", bastion.emulator.identities()).as_bytes(), "key_id");
}
