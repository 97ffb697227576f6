//! The configuration file over the whole program: flags over environment over file over defaults, what is wrong with it, and what
//! `config` says of it.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use tempfile::TempDir;
use trailwatch::config::{Kind, SETTINGS, Setting};

use crate::program::{Access, KEYS, Outcome, command, emulator};

/// A home with this configuration file in it.
fn home(config: &str) -> (TempDir, PathBuf) {
    let home = TempDir::new().unwrap();
    let path = home.path().join(".config/trailwatch/config.toml");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::set_permissions(path.parent().unwrap(), fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(&path, config).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    (home, path)
}

fn run(home: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Outcome {
    command(home, variables, arguments).output().unwrap().into()
}

#[test]
fn flags_come_before_variables_and_these_before_the_file() {
    let (home, path) =
        home("interval = \"30s\"\nmax_qps = 7\ntheme = \"dark\"\njournal = false\nregions = [\"cn-beijing\"]\n");
    let at = |line: u64| serde_json::json!({ "kind": "file", "path": path.to_str().unwrap(), "line": line });
    let variables = [("TRAILWATCH_MAX_QPS", "6"), ("TRAILWATCH_THEME", "light"), ("TRAILWATCH_NO_JOURNAL", "0")];
    let shown = run(home.path(), &variables, &["config", "show", "-o", "json", "--theme", "mono"]).ends(0).json();
    let setting = |key: &str| (shown["settings"][key]["value"].clone(), shown["settings"][key]["origin"].clone());
    let variable = |name: &str| serde_json::json!({ "kind": "variable", "name": name });
    assert_eq!(setting("interval"), ("30s".into(), at(1)));
    assert_eq!(setting("max_qps"), (6.into(), variable("TRAILWATCH_MAX_QPS")));
    assert_eq!(setting("theme"), ("mono".into(), serde_json::json!({ "kind": "flag", "name": "--theme" })));
    assert_eq!(setting("journal"), (true.into(), variable("TRAILWATCH_NO_JOURNAL")));
    assert_eq!(setting("regions"), (vec!["cn-beijing"].into(), at(5)));
    assert_eq!(setting("timeout"), ("30s".into(), serde_json::json!({ "kind": "default" })));
    assert_eq!(setting("ca_file").0, serde_json::Value::Null);
}

#[test]
fn each_setting_is_in_the_file_and_each_with_a_flag_has_a_variable_that_comes_before_it() {
    let is_setting = |line: &str| line.starts_with('#') && !line.starts_with("# ");
    let lines = include_str!("../../assets/config.toml").lines();
    let whole: Vec<&str> = lines.map(|line| if is_setting(line) { &line[1..] } else { line }).collect();
    let (home, _) = home(&whole.join("\n"));
    // The log is one.
    let path = home.path().join("any");
    let origin = |setting: &Setting, variables: &[(&str, &str)]| {
        let shown = run(home.path(), variables, &["config", "show", "-o", "json"]).ends(0).json();
        shown["settings"][setting.key]["origin"].clone()
    };
    for setting in SETTINGS {
        let line = 1 + whole.iter().position(|line| line.starts_with(&format!("{} = ", setting.key))).unwrap();
        assert_eq!(origin(setting, &[])["line"], line, "{}", setting.key);
        let Some(flag) = setting.flag_id() else { continue };
        let value = match setting.kind {
            Kind::Switch => "1",
            Kind::Number { .. } => "7",
            Kind::Duration => "20s",
            Kind::Choice(words) => words()[0],
            Kind::Texts if setting.key == "groups" => "prod",
            Kind::Path => path.to_str().unwrap(),
            Kind::Text | Kind::Texts | Kind::Choices(_) => "x-1",
        };
        let name = format!("TRAILWATCH_{}", flag.to_uppercase());
        let expected = serde_json::json!({ "kind": "variable", "name": name });
        assert_eq!(origin(setting, &[(&name, value)]), expected);
    }
}

#[test]
fn what_is_set_is_what_is_done() {
    let emulator = emulator(3);
    let access = Access::owner(&emulator);
    let variables = access.variables();
    let keys = [variables[0], variables[1]];
    let (home, _) = home(&format!("endpoint = \"{}\"\nregions = [\"cn-hangzhou\", \"cn-beijing\"]\n", emulator.url()));
    let regions = |variables: &[(&str, &str)], arguments: &[&str]| -> Vec<String> {
        let list = run(home.path(), variables, &[&["list", "-o", "json"], arguments].concat()).ends(0).json();
        let targets = list["targets"].as_array().unwrap().iter();
        targets.map(|target| target["region"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(regions(&keys, &[]), ["cn-hangzhou", "cn-beijing"]);
    let chosen = [keys[0], keys[1], ("TRAILWATCH_REGION", "cn-shanghai")];
    assert_eq!(regions(&chosen, &[]), ["cn-shanghai"]);
    assert_eq!(regions(&chosen, &["--region", "cn-chengdu"]), ["cn-chengdu"]);
    run(home.path(), &[], &["list", "--demo", "-o", "id"]).ends(0);
}

const GROUPS: &str = "profiles = [\"own\"]\nregions = [\"cn-hangzhou\"]\n\
    [group.two]\nprofiles = [\"a\", \"b\"]\nregions = [\"cn-beijing\"]\n\
    [group.bare]\nprofiles = [\"a\"]\n\
    [group.east]\nregions = [\"cn-shanghai\"]\n";

#[test]
fn a_group_is_chosen_by_name_and_what_is_said_nearer_to_the_call_holds() {
    let emulator = emulator(1);
    let access = Access::owner(&emulator);
    let profiles = ["own", "a", "b", "c"].map(|name| access.profile(name));
    let (home, path) = home(GROUPS);
    fs::create_dir(home.path().join(".aliyun")).unwrap();
    let file = serde_json::json!({ "current": "own", "profiles": profiles });
    fs::write(home.path().join(".aliyun/config.json"), file.to_string()).unwrap();
    let url = emulator.url();
    let targets = |variables: &[(&str, &str)], arguments: &[&str]| -> String {
        let variables = [variables, &[("TRAILWATCH_ENDPOINT", &*url)]].concat();
        let list = run(home.path(), &variables, &[&["list", "-o", "json"], arguments].concat()).ends(0).json();
        let name = |target: &serde_json::Value| format!("{}/{}", target["profile"], target["region"]).replace('"', "");
        list["targets"].as_array().unwrap().iter().map(name).collect::<Vec<_>>().join(" ")
    };
    let in_env = |group: &'static str| [("TRAILWATCH_GROUP", group)];
    assert_eq!(targets(&[], &[]), "own/cn-hangzhou");
    assert_eq!(targets(&[], &["--group", "two"]), "a/cn-beijing b/cn-beijing");
    assert_eq!(targets(&in_env("two"), &[]), "a/cn-beijing b/cn-beijing");
    assert_eq!(targets(&[], &["--group", "two,bare"]), "a/cn-beijing b/cn-beijing a/cn-hangzhou");
    assert_eq!(targets(&[], &["--group", "two", "--region", "cn-chengdu"]), "a/cn-chengdu b/cn-chengdu");
    assert_eq!(targets(&[], &["--group", "east"]), "own/cn-shanghai");
    assert_eq!(targets(&[], &["--group", "east", "--profile", "c"]), "c/cn-shanghai");
    assert_eq!(targets(&[], &["--group", "bare", "--profile", "c"]), "a/cn-hangzhou c/cn-hangzhou");
    assert_eq!(targets(&in_env("two"), &["--profile", "c"]), "c/cn-hangzhou");
    assert_eq!(targets(&[("TRAILWATCH_PROFILE", "c")], &["--group", "two"]), "a/cn-beijing b/cn-beijing");
    assert_eq!(targets(&[("TRAILWATCH_REGION", "cn-chengdu")], &["--group", "two"]), "a/cn-beijing b/cn-beijing");
    let key = [("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAI5tOther"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "x")];
    assert_eq!(targets(&key, &[]), "own/cn-hangzhou", "as with --profile");
    // The vendor's own variables count as what they are: the environment.
    assert_eq!(targets(&[("ALIBABA_CLOUD_PROFILE", "c")], &[]), "c/cn-hangzhou");
    assert_eq!(targets(&[("ALIBABA_CLOUD_REGION_ID", "cn-chengdu")], &[]), "own/cn-chengdu");
    assert_eq!(targets(&[("REGION", "mars")], &[]), "own/cn-hangzhou");

    run(home.path(), &[], &["list", "--group", "twoo"])
        .ends(2)
        .says("--group: there is no group \"twoo\", did you mean two?");
    run(home.path(), &in_env("x"), &["list"])
        .ends(2)
        .says("TRAILWATCH_GROUP: there is no group \"x\"; ")
        .says("has two, bare, east");
    fs::write(&path, "groups = [\"prod\"]\n").unwrap();
    let words = format!("{0}:1: there is no group \"prod\"; name one as [group.prod] in {0}", path.display());
    run(home.path(), &[], &["list"]).ends(78).says(&words);
    run(home.path(), &[], &["config", "check"]).ends(78).says(&words);
    run(home.path(), &[], &["list", "--demo", "--group", "x"])
        .ends(0)
        .says("--group (or the variable for it) is left aside");
}

#[test]
fn what_was_seen_is_told_of_all_whatever_is_watched_now() {
    let (home, path) = home(GROUPS);
    let shown = run(home.path(), &[], &["config", "show", "--group", "two"]).ends(0).stdout;
    assert!(shown.starts_with("# profiles ") && shown.contains("groups = [\"two\"] "), "{shown}");
    run(home.path(), &[], &["history"]).ends(0);
    fs::write(&path, "journal = false\n").unwrap();
    run(home.path(), &[], &["history"]).ends(2).says(&format!("which {}:1 leaves alone", path.display()));
}

#[test]
fn the_timeout_of_the_file_is_not_that_of_a_whole_wait() {
    let emulator = emulator(1);
    let access = Access::owner(&emulator);
    let (home, _) = home("timeout = \"100ms\"\n");
    // For a second there is no such job, longer than the timeout of the file.
    let arguments = ["wait", "--trail", "nobody", "--appear-within", "1s"];
    run(home.path(), &access.variables(), &arguments).ends(66);
}

#[test]
fn mistakes_are_told_with_file_and_line_and_end_with_78() {
    for (text, line, words) in [
        ("\nintervall = \"5s\"\n", 2, "\"intervall\" is no setting, did you mean interval?"),
        ("interval = \"soon\"\n", 1, "interval: expected number at 0; write it as in 500ms, 10s, 5m or 2h"),
        ("interval = \"100ms\"\n", 1, "interval: it must be between 1s and 1d"),
        ("max_qps = 0\n", 1, "max_qps: 0 is not in 1..=1000"),
        ("max_qps = -1\n", 1, "max_qps: "),
        ("theme = \"solarized\"\n", 1, "theme: \"solarized\" is no theme: expected terminal, dark, light or mono"),
        ("bell = true\nregions = [\"cn-beijing\", \"Moon/1\"]\n", 2, "regions: \"Moon/1\" is not"),
        ("endpoint_type = \"inner\"\n", 1, "endpoint_type: \"inner\" is no type of endpoint: expected public or vpc"),
        ("keys = 5\n", 1, "keys needs a text in quotes"),
        ("= 5\n", 1, ""),
    ] {
        let (home, path) = home(text);
        for arguments in [&["list"][..], &["config", "check"], &["config", "show"], &["history"]] {
            let outcome = run(home.path(), &KEYS, arguments).ends(78);
            outcome.says(&format!("error: {}: line {line}: {words}", path.display()));
        }
        // What another layer hides is as wrong.
        let hidden = [("ALIBABA_CLOUD_REGION_ID", "cn-hangzhou"), ("TRAILWATCH_INTERVAL", "10s")];
        run(home.path(), &hidden, &["list"]).ends(78);
        run(home.path(), &[], &["help", "list"]).ends(0);
        run(home.path(), &[], &["config", "path"]).ends(0);
    }
}

#[test]
fn an_endpoint_of_the_file_is_wrong_configuration() {
    let (home, path) = home("regions = [\"cn-hangzhou\"]\nendpoint = \"https://me:hush@host/path\"\n");
    let outcome = run(home.path(), &KEYS, &["list"]).ends(78).says(&format!("{}:2: ", path.display()));
    assert!(!outcome.stderr.contains("hush"), "{}", outcome.stderr);
    for format in ["toml", "json"] {
        let shown = run(home.path(), &KEYS, &["config", "show", "-o", format]).ends(0);
        assert!(shown.stdout.contains("https://host/path") && !shown.stdout.contains("hush"), "{}", shown.stdout);
    }
    run(home.path(), &KEYS, &["list", "--endpoint", "nowhere"]).ends(2).says("--endpoint: ");
}

#[test]
fn a_check_says_whether_a_file_can_be_used() {
    let (home, path) = home("[[notify]]\nname = \"x\"\ncommand = [\"true\"]\n");
    assert_eq!(run(home.path(), &[], &["config", "check"]).ends(0).stdout, format!("{}: ok\n", path.display()));
    assert_eq!(run(home.path(), &[], &["config", "path"]).ends(0).stdout, format!("{}\n", path.display()));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    run(home.path(), &[], &["config", "check"]).ends(78).says("others may write").says("chmod go-w");
    run(home.path(), &KEYS, &["list"]).ends(78).says("others may write");
    for (text, code) in [("max_qps = 1\n", 0), ("ca_file = \"ca.pem\"\n", 78), ("log_file = \"~/.bashrc\"\n", 78)] {
        fs::write(&path, text).unwrap();
        run(home.path(), &[], &["config", "check"]).ends(code);
    }
    fs::remove_file(&path).unwrap();
    assert!(run(home.path(), &[], &["config", "check"]).ends(0).stdout.starts_with("there is no configuration file"));
    run(home.path(), &[], &["config", "check", "--config", "/nonexistent"]).ends(78).says("there is no such file");
}

#[test]
fn a_file_to_begin_with_is_written_once_whole_and_for_its_owner() {
    let home = TempDir::new().unwrap();
    let path = home.path().join(".config/trailwatch/config.toml");
    assert_eq!(run(home.path(), &[], &["config", "init"]).ends(0).stdout, format!("{}\n", path.display()));
    assert_eq!(fs::read_to_string(&path).unwrap(), include_str!("../../assets/config.toml"));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    run(home.path(), &[], &["config", "check"]).ends(0);
    fs::write(&path, "max_qps = 1\n").unwrap();
    run(home.path(), &[], &["config", "init"]).ends(78).says("it is there already, and is left as it is");
    assert_eq!(fs::read_to_string(&path).unwrap(), "max_qps = 1\n");
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
    run(home.path(), &[], &["config", "init", "--config", "/proc/no/config.toml"])
        .ends(78)
        .says("/proc/no/config.toml: ");
}

#[test]
fn what_is_shown_is_a_file_that_says_the_same_and_no_secret() {
    let text = "groups = [\"g\"]\nkeys = \"k\\u001b[2J\\\"\\\\\"\n[[notify]]\nname = \"chat\"\non = [\"failed\"]\nfilter = \"trail:pay*\"\n\
                command = [\"curl\", \"https://hook?token=hush\"]\n\
                [group.g]\nprofiles = [\"a\"]\n[target.\"prod/cn-hangzhou\"]\nmark = \"red\"\n";
    let (home, path) = home(text);
    let shown = run(home.path(), &[("TRAILWATCH_MOUSE", "1")], &["config", "show", "--interval", "20s"]).ends(0).stdout;
    let again = path.with_file_name("again.toml");
    fs::write(&again, &shown).unwrap();
    fs::set_permissions(&again, fs::Permissions::from_mode(0o600)).unwrap();
    let config = ["config", "show", "--config", again.to_str().unwrap(), "-o", "json"];
    let settings = run(home.path(), &[], &config).ends(0).json();
    assert_eq!(settings["settings"]["mouse"]["value"], true);
    assert_eq!(settings["settings"]["interval"]["value"], "20s");
    assert_eq!(settings["notify"][0]["filter"], "trail:pay*");
    assert!(!shown.contains("hush"), "{shown}");
    let shown = shown.replace(path.parent().unwrap().to_str().unwrap(), "/config");
    insta::assert_snapshot!(shown);
}

/// A home with this configuration, these lines of a key map, and a profile "prod".
fn home_with_prod(config: &str, keys: &str) -> (TempDir, PathBuf) {
    let (home, path) = home(config);
    fs::write(path.with_file_name("keys.toml"), keys).unwrap();
    fs::create_dir(home.path().join(".aliyun")).unwrap();
    let profile = r#"{"name":"prod","mode":"AK","access_key_id":"x","access_key_secret":"y","region_id":"cn-beijing"}"#;
    fs::write(home.path().join(".aliyun/config.json"), format!(r#"{{"profiles":[{profile}]}}"#)).unwrap();
    (home, path)
}

#[test]
fn a_mark_for_nobody_is_told_with_the_profile_that_was_probably_meant() {
    let marks =
        "[target.\"prod/cn-beijing\"]\nmark = \"red\"\n[target.prdo]\nmark = \"red\"\n[target.zzz]\nmark = \"blue\"\n";
    let (home, path) = home_with_prod(marks, "");
    let check = run(home.path(), &[], &["config", "check"]).ends(0);
    let told: Vec<_> = check.stderr.lines().collect();
    let at = |line: usize| format!("warning: {}: line {line}: no profile is called ", path.display());
    let prdo = format!("{}\"prdo\", which is marked; did you mean prod?", at(4));
    assert_eq!(told, [prdo.clone(), format!("{}\"zzz\", which is marked; there are prod", at(6))]);
    let variables = [("TRAILWATCH_PROFILE", "prod"), ("TRAILWATCH_ENDPOINT", "http://127.0.0.1:9")];
    let listed = run(home.path(), &variables, &["list", "--timeout", "1s"]);
    assert!(listed.stderr.contains(prdo.trim_start_matches("warning: ")), "{}", listed.stderr);
    assert!(!listed.stderr.contains("zzz"), "profiles come and go: {}", listed.stderr);
    let doctor = run(home.path(), &variables, &["doctor", "--timeout", "1s"]);
    assert!(doctor.stdout.contains("\"prdo\"") && doctor.stdout.contains("\"zzz\""), "{}", doctor.stdout);
}

#[test]
fn an_endpoint_is_checked_where_it_stands() {
    for (line, code, words) in [
        ("endpoint = \"ftp://x\"", 78, "line 2: endpoint: \"ftp://x\" is not an http or https URL"),
        (
            "endpoint = \"http://example.com\"",
            78,
            "line 2: endpoint: \"http://example.com\" would send requests over plain",
        ),
        ("endpoint = \"http://example.com\"\ninsecure_http = true", 0, ""),
    ] {
        let (home, _) = home(&format!("\n{line}\n"));
        run(home.path(), &[], &["config", "check"]).ends(code).says(words);
    }
}

#[test]
fn files_and_profiles_that_are_not_there_are_told_with_their_line() {
    let (home, path) = home_with_prod("\nca_file = \"nix.pem\"\n", "");
    let missing = path.with_file_name("nix.pem");
    let at = |line: usize| format!("{}: line {line}: ", path.display());
    let check = run(home.path(), &[], &["config", "check"]).ends(78);
    let fault = format!("error: {}ca_file: {}: No such file or directory", at(2), missing.display());
    assert!(check.stderr.starts_with(&fault) && check.stdout.is_empty(), "{}", check.stderr);
    let text = "profiles = [\"zzz\", \"prod\"]\n\n[group.g]\nprofiles = [\"prdo\"]\n";
    fs::write(&path, text).unwrap();
    let check = run(home.path(), &[], &["config", "check"]).ends(0);
    let expected = [
        format!("warning: {}no profile is called \"zzz\", which is in `profiles`; there are prod", at(1)),
        format!("warning: {}no profile is called \"prdo\", which is in [group.g]; did you mean prod?", at(3)),
    ];
    assert_eq!(check.stderr.lines().collect::<Vec<_>>(), expected);
    assert!(check.stdout.contains(": ok\n"), "{}", check.stdout);
    // Its directory would be made.
    fs::write(&path, "log_file = \"/proc/no/x.log\"\n").unwrap();
    run(home.path(), &[], &["config", "check"]).ends(78).says("can't open the log: /proc/no/x.log: ");
}

#[test]
fn a_key_map_is_checked_too() {
    let (home, path) = home_with_prod("", "[table]\ndown = \"j\"\n");
    let keys = path.with_file_name("keys.toml");
    let check = run(home.path(), &[], &["config", "check"]).ends(0);
    assert_eq!(check.stdout, format!("{}: ok\n{}: ok\n", path.display(), keys.display()));
    fs::write(&keys, "[table]\n\ndwon = \"j\"\n").unwrap();
    let fault = format!("{}: line 3: \"dwon\" is no action, did you mean down?", keys.display());
    let check = run(home.path(), &[], &["config", "check"]).ends(78).says(&fault);
    assert_eq!(check.stdout, "", "nothing is called well");
    let doctor = run(home.path(), &[("TRAILWATCH_ENDPOINT", "http://127.0.0.1:9")], &["doctor", "--timeout", "1s"]);
    assert!(doctor.stdout.contains(&fault), "{}", doctor.stdout);
    run(home.path(), &[], &["config", "check", "--keys", "/nowhere/k.toml"])
        .ends(78)
        .says("there is no such file (--keys)");
}
