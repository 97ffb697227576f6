//! What is wrong before anything is asked: usage, keys, regions, endpoints.

use crate::program::{Access, KEYS, command, emulator, home_with, run};

#[test]
fn wrong_usage_is_2_and_writes_no_data() {
    for arguments in [
        &["lsit"][..],
        &["list", "-o", "xml"],
        &["list", "--sort", "creatd"],
        &["list", "--status", "broken"],
        &["list", "--interval", "10"],
        &["list", "--timeout", "0s"],
        &["list", "--max-qps", "0"],
        &["list", "--region", "Moon/1"],
        &["list", "--filter", "statsu:failed"],
        &["list", "--filter", "is:changed"],
        &["get"],
        &["get", "x"],
        &["get", "5", "-o", "csv"],
        &["emulator", "--port", "70000"],
        &["emulator", "--fault", "teapot=1"],
        &["emulator", "--fault", "503=1.5"],
        &["emulator", "--fault", "503=0.7", "--fault", "html=0.7"],
        &["emulator", "--latency", "2"],
        &["emulator", "--quota", "0"],
        &["completions"],
        &["completions", "tcsh"],
        &["man"],
        &["--theme", "solarized"],
        &["--bogus"],
    ] {
        let outcome = run(&KEYS, arguments).ends(2).says("error: ");
        assert_eq!(outcome.stdout, "", "{arguments:?}");
    }
    run(&[], &["emulator", "--fault", "teapot=1"]).ends(2).says("the kinds are 503, 500, throttle");
    run(&KEYS, &["list", "--sort", "creatd"]).ends(2).says("did you mean created?");
    run(&KEYS, &["list", "--status", "bogus"]).ends(2).says("complete, failed, unknown or a status code");
    let filter = "trail:pay* statsu:failed";
    let under = "  trail:pay* statsu:failed\n             ^^^^^^\nthere is no field \"statsu\", did you mean status?";
    run(&KEYS, &["list", "--filter", filter]).ends(2).says(under);
    run(&[KEYS[0], KEYS[1], KEYS[2], ("TRAILWATCH_FILTER", filter)], &["list"]).ends(2).says(under);
    run(&KEYS, &["list", "--filter", "is:changed"]).ends(2).says("trailwatch history --since 1d");
    run(&KEYS, &["get", "abc"]).ends(2).says("a job id is a whole number, as in 16602");
    run(&KEYS, &["get", "99999999999999999999"]).ends(2).says("no job id is that large");
    run(&KEYS, &["list", "--theme", "solarized"]).ends(2).says("expected terminal, dark, light or mono");
    run(&KEYS, &["help", "lsit"]).ends(2).says("[possible values: list, get, ");
}

#[test]
fn usage_does_not_ask_for_what_the_environment_has() {
    let variables = [("TRAILWATCH_REGION", "cn-hangzhou"), ("TRAILWATCH_MAX_QPS", "3"), ("TRAILWATCH_TIMEOUT", "2s")];
    for (arguments, usage) in [
        (&["get"][..], "Usage: trailwatch get [OPTIONS] <JOB_ID>\n"),
        (&["list", "--bogus"], "Usage: trailwatch list [OPTIONS]\n"),
        (&["history", "--bogus"], "Usage: trailwatch history [OPTIONS] [JOB_ID]\n"),
        (&["emulator", "--bogus"], "Usage: trailwatch emulator [OPTIONS]\n"),
        (&["--bogus"], "Usage: trailwatch [OPTIONS] [COMMAND]\n"),
    ] {
        run(&variables, arguments).ends(2).says(usage);
    }
}

#[test]
fn an_empty_variable_is_not_set() {
    let emulator = emulator(3);
    let names = [
        "PROFILE",
        "INTERVAL",
        "IDLE_INTERVAL",
        "TIMEOUT",
        "CA_FILE",
        "LOG_FILE",
        "VERBOSE",
        "DEMO",
        "INSECURE_HTTP",
        "NO_JOURNAL",
        "ASCII",
        "OUTPUT",
        "STATUS",
        "FILTER",
        "SORT",
        "NO_HEADERS",
        "EXIT_STATUS",
    ];
    let names = names.map(|name| format!("TRAILWATCH_{name}"));
    let empty = names.iter().map(|name| (name.as_str(), ""));
    let access = Access::owner(&emulator);
    let variables: Vec<_> = access.variables().into_iter().chain(empty).collect();
    let outcome = run(&variables, &["list"]).ends(0);
    assert_eq!((outcome.stdout.lines().count(), outcome.stderr.as_str()), (4, ""));
    let variables = [KEYS[0], KEYS[1], ("TRAILWATCH_REGION", ""), ("TRAILWATCH_MAX_QPS", "")];
    run(&variables, &["list"]).ends(78).says("no region is set");
}

#[test]
fn an_endpoint_is_a_base_url_and_plain_http_stays_here() {
    for (endpoint, words) in [
        ("actiontrail.cn-hangzhou.aliyuncs.com", "is not an http or https URL"),
        ("https://me:hush@host/path", "must be a base URL"),
        ("http://example.com", "use https, or allow it with --insecure-http"),
    ] {
        let outcome = run(&KEYS, &["list", "--endpoint", endpoint]).ends(2).says(words);
        assert!(!outcome.stderr.contains("hush"), "{}", outcome.stderr);
    }
}

#[test]
fn without_keys_it_lists_the_sources() {
    run(&[], &["list"])
        .ends(77)
        .says("ALIBABA_CLOUD_ACCESS_KEY_ID is not set")
        .says("~/.aliyun/config.json: there is no");
    let no_instance = [("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")];
    run(&no_instance, &["get", "5", "--region", "cn-hangzhou"])
        .ends(77)
        .says("remedy: set ALIBABA_CLOUD_ACCESS_KEY_ID")
        .says("ECS instance role: skipped");
    run(&KEYS[..1], &["list"]).ends(77).says("ALIBABA_CLOUD_ACCESS_KEY_SECRET is not");
    run(&KEYS, &["list", "--profile", "prod"]).ends(77).says("there is no ~/.aliyun/config.json");
}

#[test]
fn without_a_region_it_says_where_to_set_one() {
    run(&KEYS[..2], &["list"]).ends(78).says("--region cn-hangzhou").says("TRAILWATCH_REGION").says("region_id");
    let wrong = [KEYS[0], KEYS[1], ("ALIBABA_CLOUD_REGION_ID", "Moon/1")];
    run(&wrong, &["list"]).ends(78).says("environment variable ALIBABA_CLOUD_REGION_ID");
    run(&KEYS, &["list", "--ca-file", "/nonexistent.pem"]).ends(78).says("--ca-file: /nonexistent.pem");
}

#[test]
fn raw_takes_one_target() {
    let outcome = run(&KEYS, &["list", "-o", "raw", "--region", "cn-hangzhou,cn-beijing"]).ends(2);
    assert!(outcome.stderr.contains("exactly one target, not 2") && outcome.stdout.is_empty());
}

#[test]
fn a_variable_stands_for_every_flag_and_the_flag_wins() {
    let emulator = emulator(3);
    let access = Access::owner(&emulator);
    let with = |extra: &[(&'static str, &'static str)], arguments: &[&str]| {
        run(&[access.variables(), extra.to_vec()].concat(), arguments).ends(0)
    };
    assert_eq!(with(&[("TRAILWATCH_OUTPUT", "id")], &["list"]).stdout.lines().count(), 3);
    let quiet = with(&[("TRAILWATCH_OUTPUT", "id"), ("TRAILWATCH_NO_HEADERS", "1")], &["list", "-o", "csv"]);
    assert_eq!(quiet.stdout.matches("\r\n").count(), 3);
    let two = with(&[("TRAILWATCH_REGION", "cn-hangzhou,cn-beijing")], &["list", "-o", "json"]).json();
    assert_eq!(two["targets"].as_array().unwrap().len(), 2);
    assert_eq!(two["jobs"].as_array().unwrap().len(), 3, "a job of both is listed once");
    let one = with(&[("TRAILWATCH_REGION", "cn-beijing")], &["list", "-o", "json", "--region", "cn-shanghai"]).json();
    assert_eq!(one["targets"][0]["region"], "cn-shanghai");
    assert!(with(&[("TRAILWATCH_VERBOSE", "2")], &["list"]).stderr.contains("debug: answered"));
    assert!(with(&[("TRAILWATCH_INSECURE_HTTP", "0")], &["list"]).stderr.is_empty());
}

#[test]
fn a_profile_gives_key_and_region_and_a_hidden_one_is_told() {
    let emulator = emulator(2);
    let (owner, temporary) = (Access::owner(&emulator), Access::of(&emulator, "-sts"));
    let home = home_with("own", &[owner.profile("own"), temporary.profile("sts")]);
    let endpoint = [("TRAILWATCH_ENDPOINT", owner.variables()[3].1.to_owned())];
    let endpoint: Vec<(&str, &str)> = endpoint.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let list = |variables: &[(&str, &str)], arguments: &[&str]| {
        crate::program::Outcome::from(command(home.path(), variables, arguments).output().unwrap()).ends(0)
    };
    assert_eq!(list(&endpoint, &["list", "-o", "json"]).json()["targets"][0]["profile"], "own");
    let named = list(&endpoint, &["list", "-o", "json", "--profile", "sts"]);
    assert_eq!((named.json()["jobs"][0]["profile"].as_str(), named.stderr.as_str()), (Some("sts"), ""));

    let hidden = list(&owner.variables(), &["list", "-o", "json"]);
    assert_eq!(hidden.json()["targets"][0]["profile"], "env");
    assert!(hidden.stderr.starts_with("warning: the key of the environment"), "{}", hidden.stderr);
    assert_eq!(hidden.stderr.lines().count(), 1);
}

#[test]
fn a_wrong_variable_is_named() {
    let wrong = [("TRAILWATCH_INTERVAL", "soon")];
    let outcome = run(&wrong, &["list"]).ends(2).says("invalid value 'soon' for '--interval <DURATION>'");
    outcome.says("note: that is what the environment variable TRAILWATCH_INTERVAL says");
    let outcome = run(&wrong, &["list", "--interval=later"]).ends(2).says("invalid value 'later'");
    assert!(!outcome.stderr.contains("TRAILWATCH_INTERVAL"), "{}", outcome.stderr);
    run(&[("TRAILWATCH_JOBS", "many")], &["emulator"]).ends(2).says("variable TRAILWATCH_JOBS says");
}
