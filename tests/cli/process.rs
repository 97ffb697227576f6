//! The program among other processes: pipes, signals, log files.

use std::{
    io::{BufRead as _, BufReader},
    os::unix::process::ExitStatusExt as _,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::program::{Access, command, emulator, run};

#[test]
fn a_closed_pipe_ends_quietly() {
    let emulator = emulator(1_000);
    let (access, home) = (Access::owner(&emulator), TempDir::new().unwrap());
    for format in ["table", "json", "ndjson", "csv", "raw", "id", "prometheus"] {
        let mut command = command(home.path(), &access.variables(), &["list", "-o", format]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{format}");
    }
}

#[test]
fn help_and_version_are_data() {
    for arguments in
        [&["--help"][..], &["-h"], &["list", "--help"], &["get", "-h"], &["emulator", "--help"], &["--version"]]
    {
        let outcome = run(&[], arguments).ends(0);
        assert!(!outcome.stdout.is_empty() && outcome.stderr.is_empty(), "{arguments:?}");
    }
    assert!(run(&[], &["--help"]).stdout.contains("   69  the service can't be reached"));
}

#[test]
fn help_is_a_command_too() {
    assert_eq!(run(&[], &["help"]).ends(0).stdout, run(&[], &["--help"]).stdout);
    for command in ["list", "get", "history", "emulator", "completions", "man", "help"] {
        assert_eq!(run(&[], &["help", command]).ends(0).stdout, run(&[], &[command, "--help"]).stdout, "{command}");
    }
}

#[test]
fn the_log_goes_where_it_was_asked_to_go_and_holds_no_secret() {
    let emulator = emulator(1);
    let directory = TempDir::new().unwrap();
    let log = directory.path().join("new/trailwatch.log");
    let access = Access::of(&emulator, "-sts");
    let outcome = access.run(&["list", "-vvv", "--log-file", log.to_str().unwrap()]).ends(0);
    assert_eq!(outcome.stderr, "");
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(text.contains(" DEBUG trailwatch::acs::call: answered action=\"ListDeliveryHistoryJobs\""), "{text}");
    for (name, value) in access.variables() {
        let secret = name.ends_with("SECRET") || name.ends_with("TOKEN");
        assert!(!secret || !text.contains(value), "{name} is in the log");
    }
    access
        .run(&["list", "--log-file", "/proc/no/such/place"])
        .ends(78)
        .says("can't open the log: /proc/no/such/place: ");
}

/// A running `trailwatch emulator`, killed where a test fails.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts `trailwatch emulator`, and what it exports once it listens: four lines.
fn serve(arguments: &[&str]) -> (Served, Vec<String>) {
    let home = TempDir::new().unwrap();
    let mut command = command(home.path(), &[], arguments);
    let mut served = Served(command.stdout(Stdio::piped()).spawn().unwrap());
    let lines = BufReader::new(served.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let exports = lines.filter_map(|line| Some(line.strip_prefix("export ")?.to_owned())).take(4).collect();
    (served, exports)
}

#[test]
fn the_emulator_has_the_faults_that_it_is_told() {
    let (_served, exports) = serve(&["emulator", "--fault", "denied=0.4,denied=0.3", "--fault", "denied=0.3"]);
    let variables: Vec<(&str, &str)> = exports.iter().filter_map(|line| line.split_once('=')).collect();
    run(&variables, &["list"]).ends(77).says("actiontrail:ListDeliveryHistoryJobs");
}

#[test]
fn the_emulator_prints_what_a_shell_needs_and_stops_on_a_signal() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let (mut served, exports) = serve(&["emulator", "--jobs", "3", "--seed", "7"]);
        let variables: Vec<(&str, &str)> = exports.iter().filter_map(|line| line.split_once('=')).collect();
        let names: Vec<&str> = variables.iter().map(|variable| variable.0).collect();
        assert_eq!(
            names,
            [
                "TRAILWATCH_ENDPOINT",
                "TRAILWATCH_REGION",
                "ALIBABA_CLOUD_ACCESS_KEY_ID",
                "ALIBABA_CLOUD_ACCESS_KEY_SECRET"
            ]
        );
        assert_eq!(run(&variables, &["list", "-o", "id"]).ends(0).stdout.lines().count(), 3);

        let id = served.0.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let status = served.0.wait().unwrap();
        assert_eq!((status.code(), status.signal()), (Some(code), None));
    }
}

#[test]
fn the_emulator_listens_where_it_is_told_but_only_on_this_machine() {
    for wrong in ["0.0.0.0", "192.0.2.1", "::"] {
        run(&[], &["emulator", "--listen", wrong]).ends(2).says("others could reach it there");
    }
    run(&[], &["emulator", "--listen", "[::1]:80"]).ends(2).says("the port with --port");
    // A machine without IPv6 has no such address.
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        return;
    }
    let (_served, exports) = serve(&["emulator", "--listen", "::1", "--jobs", "3"]);
    let variables: Vec<(&str, &str)> = exports.iter().filter_map(|line| line.split_once('=')).collect();
    assert!(variables[0].1.starts_with("http://[::1]:"), "{variables:?}");
    assert_eq!(run(&variables, &["list", "-o", "id"]).ends(0).stdout.lines().count(), 3);
    let everywhere = [&variables[..], &[("TRAILWATCH_REGION", "all")]].concat();
    assert_eq!(run(&everywhere, &["list", "-o", "id"]).ends(0).stdout.lines().count(), 3);
}

#[test]
fn a_port_that_is_taken_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    run(&[], &["emulator", "--port", &port]).ends(78).says(&format!("can't listen at 127.0.0.1:{port}"));
}

#[test]
fn the_dashboard_refuses_to_be_piped() {
    let outcome = run(&[], &["--demo"]).ends(2).says("`trailwatch list`");
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.lines().count()), ("", 1));
}
