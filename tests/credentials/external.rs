//! Commands that print a key.

use std::{fs, time::Duration};

use chrono::{DateTime, Utc};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::{Value, json};
use trailwatch::credentials::{Places, Provider, Renewal};

use crate::fixture::{Home, another, at, find, provider, start, words};

/// A home with a script, and a profile that runs it.
fn scripted(script: &str) -> Home {
    let home = Home::empty();
    fs::create_dir(home.path(".aliyun")).unwrap();
    home.write("get key.sh", script);
    home.set(&with(&format!("sh '{}' one 'two words'", home.path("get key.sh").display())));
    home
}

fn with(command: &str) -> Value {
    json!([{"name": "command", "mode": "External", "process_command": command}])
}

fn printed(id: &str, until: Option<DateTime<Utc>>) -> String {
    let mut key =
        json!({"mode": "StsToken", "access_key_id": id, "access_key_secret": "hush", "sts_token": "hush-token"});
    if let Some(until) = until {
        key["expiration"] = until.format("%Y-%m-%dT%H:%M:%SZ").to_string().into();
    }
    key.to_string()
}

/// How often the script has run, by the lines that it leaves.
fn runs(home: &Home) -> usize {
    fs::read_to_string(home.path("runs")).map_or(0, |text| text.lines().count())
}

fn command(places: &Places) -> Provider {
    provider(places, "command")
}

#[tokio::test]
async fn a_command_is_run_ahead_of_the_end_of_what_it_printed() {
    let home = scripted("");
    let script = |id: &str, until| {
        format!(
            "cd '{}'; echo \"$#,$1,$2\" >>runs; cat <<'X'\n{}\nX\n",
            home.path("").display(),
            printed(id, Some(until))
        )
    };
    home.write("get key.sh", &script("STS.first", at(60)));
    let provider = command(&home.places(&[]));
    assert_eq!(provider.source.to_string(), "~/.aliyun/config.json, External");
    let key = provider.key(at(0)).await.unwrap();
    assert_eq!(key.id, "STS.first");
    assert_eq!(fs::read_to_string(home.path("runs")).unwrap(), "2,one,two words\n");
    assert_eq!(provider.key(at(50)).await.unwrap().id, "STS.first");
    assert_eq!(runs(&home), 1);
    home.write("get key.sh", &script("STS.second", at(120)));
    assert_eq!(another(&provider, &key, at(56)).await.id, "STS.second");
    assert_eq!(runs(&home), 2);
}

#[tokio::test]
async fn a_key_without_an_end_is_kept_until_it_is_refused() {
    let home = scripted("");
    let script = |id: &str| format!("echo run >>'{}'; echo '{}'", home.path("runs").display(), printed(id, None));
    home.write("get key.sh", &script("STS.first"));
    let provider = command(&home.places(&[]));
    let key = provider.key(at(0)).await.unwrap();
    provider.key(at(10_000)).await.unwrap();
    assert_eq!(runs(&home), 1);
    home.write("get key.sh", &script("STS.second"));
    assert_eq!(provider.refused(&key, at(10_001)), Renewal::Possible);
    assert_eq!(provider.key(at(10_001)).await.unwrap().id, "STS.second");
}

#[tokio::test]
async fn no_shell_reads_the_command() {
    let home = scripted("");
    let planted = home.path("planted");
    home.set(&with(&format!("printf '%s' $(touch {0}) ; touch {0}", planted.display())));
    let error = command(&home.places(&[])).key(start()).await.unwrap_err();
    assert!(words(&error).contains("what the command prints: it is not JSON"), "{error}");
    assert!(!planted.exists());
}

#[tokio::test]
async fn each_way_to_be_wrong_is_told_apart() {
    for (script, problem) in [
        ("echo hush >&2; exit 3", "the command failed, exit status: 3"),
        ("echo hush", "it is not JSON"),
        ("echo '{\"mode\":\"AK\",\"access_key_secret\":\"hush\"}'", "it has no access_key_id"),
        ("echo '{\"mode\":\"AK\",\"access_key_id\":\"hush\"}'", "it has no access_key_secret"),
        (
            "echo '{\"mode\":\"StsToken\",\"access_key_id\":\"x\",\"access_key_secret\":\"hush\"}'",
            "it has no sts_token",
        ),
        ("echo '{\"mode\":\"Quantum\",\"access_key_id\":\"x\",\"access_key_secret\":\"hush\"}'", "its mode is Quantum"),
        (
            "echo '{\"access_key_id\":\"x\",\"access_key_secret\":\"hush\",\"expiration\":\"hush\"}'",
            "its expiration is no time",
        ),
        (
            "echo '{\"access_key_id\":\"x\",\"access_key_secret\":\"hush\",\"expiration\":\"2026-11-24T19:00:00Z\"}'",
            "expired at 2026-11-24T19:00:00Z",
        ),
        ("yes hush", "the command prints more than 64 KiB"),
    ] {
        let home = scripted(script);
        let error = command(&home.places(&[])).key(start()).await.unwrap_err();
        assert!(words(&error).contains(problem), "{script}: {error}");
        assert_eq!(error.may_pass(), problem.contains("exit status") || problem.contains("expired"), "{script}");
        assert!(error.to_string().starts_with("~/.aliyun/config.json, profile command, process_command: "), "{error}");
    }
    for (line, problem) in [
        ("'hush", "process_command has a quote that is not closed"),
        ("''", "process_command names no program"),
        ("", "it has no process_command"),
    ] {
        let error = words(&find(&Home::of(&with(line)).places(&[]), Some("command")).unwrap_err());
        assert!(error.contains(problem), "{line}: {error}");
    }
    let home = Home::of(&with("/nonexistent/helper --password hush"));
    let error = command(&home.places(&[])).key(start()).await.unwrap_err();
    assert!(words(&error).contains("the command can't be run: No such file"), "{error}");
    let forbidden = [("ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS", "1")];
    assert!(words(&find(&home.places(&forbidden), Some("command")).unwrap_err()).contains("forbids this mode"));
}

/// The processes whose numbers a script left.
fn processes(home: &Home) -> Vec<Pid> {
    let text = fs::read_to_string(home.path("pids")).unwrap_or_default();
    text.lines().filter_map(|line| Pid::from_raw(line.trim().parse().ok()?)).collect()
}

#[tokio::test]
async fn a_command_that_does_not_end_is_killed_with_all_that_it_began() {
    let home = scripted("");
    let pids = home.path("pids");
    home.write("get key.sh", &format!("sleep 1000 & echo $! >>'{0}'; echo $$ >>'{0}'; wait", pids.display()));
    let mut places = home.places(&[]);
    places.command_limit = Duration::from_millis(500);
    let error = command(&places).key(start()).await.unwrap_err();
    assert!(words(&error).contains("the command did not end within") && error.may_pass(), "{error}");
    // Killed, they may still have to be collected by whoever adopts them.
    let is_gone = |pid: &Pid| {
        let state = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
        test_kill_process(*pid).is_err() || state.contains(") Z ")
    };
    while !processes(&home).iter().all(is_gone) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn who_gives_up_waiting_leaves_the_key_to_who_asks_next() {
    let home = scripted("");
    let (runs_file, go) = (home.path("runs").display().to_string(), home.path("go").display().to_string());
    let printed = printed("STS.first", None);
    let script = format!("echo run >>'{runs_file}'; until [ -e '{go}' ]; do sleep 0.05; done; echo '{printed}'");
    home.write("get key.sh", &script);
    let provider = command(&home.places(&[]));
    for _ in 0..2 {
        let error = provider.key_within(Duration::from_millis(200), start()).await.unwrap_err();
        assert!(words(&error).contains("no key within 200ms") && error.may_pass(), "{error}");
    }
    home.write("go", "");
    assert_eq!(provider.key(start()).await.unwrap().id, "STS.first");
    assert_eq!(runs(&home), 1, "it was never begun anew");
}

#[tokio::test]
async fn the_pause_after_a_failure_begins_at_its_end() {
    let home = scripted("");
    home.write("get key.sh", &format!("echo run >>'{}'; sleep 100", home.path("runs").display()));
    let mut places = home.places(&[]);
    places.command_limit = Duration::from_millis(2100);
    let provider = command(&places);
    let second = |n| start() + chrono::TimeDelta::seconds(n);
    // Both wait for one answer, and it says no to both.
    let (one, other) = tokio::join!(provider.key(start()), provider.key(start()));
    assert!(one.is_err() && other.is_err());
    provider.key(second(2)).await.unwrap_err();
    assert_eq!(runs(&home), 1);
    provider.key(second(40)).await.unwrap_err();
    assert_eq!(runs(&home), 2);
}

#[tokio::test]
async fn what_a_command_leaves_behind_holds_nothing_up() {
    let home = scripted("");
    let pids = home.path("pids").display().to_string();
    home.write("get key.sh", &format!("sleep 1000 & echo $! >'{pids}'; echo '{}'", printed("STS.first", None)));
    assert_eq!(command(&home.places(&[])).key(start()).await.unwrap().id, "STS.first");
    for left in processes(&home) {
        kill_process(left, Signal::KILL).unwrap();
    }
}
