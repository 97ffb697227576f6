//! A real Prometheus scrapes a server that watches the emulator, with the alerts of `assets/`; and Prometheus' own checks.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;
use trailwatch::{
    cli::{MetricsServer, demo_setup},
    config::Options,
    engine::{Engine, system_clock},
};

use crate::{ALERTS, DASHBOARD};

/// How long anything may take to come about.
const LIMIT: Duration = Duration::from_secs(60);

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server of what an engine sees of the demo.
fn server() -> (MetricsServer, impl Sized) {
    let demo = demo_setup(&Options::default(), system_clock()).unwrap();
    let engine = Engine::start(&demo.setup).unwrap();
    let server = MetricsServer::start("127.0.0.1:0".parse().unwrap(), engine.latest(), system_clock()).unwrap();
    (server, (engine, demo))
}

/// The body of the answer to a GET.
fn get(address: &str, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer.split_once("\r\n\r\n")?.1.to_owned())
}

/// Asks until there is an answer that will do.
fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(begun.elapsed() < LIMIT, "{what}");
        thread::sleep(Duration::from_millis(200));
    }
}

/// Runs a check of promtool, which must find nothing to say.
fn promtool(arguments: &[&str], input: &str) {
    let mut command = Command::new("promtool");
    let mut child = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
}

#[test]
#[ignore = "needs promtool"]
fn promtool_finds_no_fault() {
    promtool(&["check", "rules", "assets/alerts.yml"], "");
    promtool(&["test", "rules", "tests/prometheus/alerts_test.yml"], "");
    let (server, _engine) = server();
    let address = server.address().to_string();
    let page = eventually("the demo is read", || {
        get(&address, "/metrics").filter(|page| page.contains("\ntrailwatch_open_failures{"))
    });
    promtool(&["check", "metrics"], &page);
}

/// What a query of Prometheus' answers: its series.
fn query(prometheus: &str, expression: &str) -> Option<Vec<Value>> {
    let expression: String = expression.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let answer: Value = serde_json::from_str(&get(prometheus, &format!("/api/v1/query?query={expression}"))?).ok()?;
    assert_eq!(answer["status"], "success", "{answer}");
    answer["data"]["result"].as_array().cloned()
}

fn start(directory: &Path, scraped: &str) -> (Killed, String) {
    fs::write(directory.join("alerts.yml"), ALERTS).unwrap();
    let configuration = format!(
        "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\nrule_files: [alerts.yml]\n\
         scrape_configs: [{{job_name: trailwatch, static_configs: [{{targets: ['{scraped}']}}]}}]\n"
    );
    fs::write(directory.join("prometheus.yml"), configuration).unwrap();
    // A port that was free a moment ago.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let log = fs::File::create(directory.join("log")).unwrap();
    let mut command = Command::new("prometheus");
    command.current_dir(directory).args(["--config.file=prometheus.yml", "--storage.tsdb.path=data"]);
    let child = command.arg(format!("--web.listen-address={free}")).stderr(log).spawn().unwrap();
    (Killed(child), free)
}

#[test]
#[ignore = "needs a prometheus"]
fn a_real_prometheus_scrapes_it_and_weighs_the_alerts() {
    let (server, _engine) = server();
    let directory = TempDir::new().unwrap();
    let (_running, prometheus) = start(directory.path(), &server.address().to_string());
    let up = eventually("it scrapes", || {
        query(&prometheus, "trailwatch_target_up == 1").filter(|series| !series.is_empty())
    });
    assert!(up.iter().all(|series| series["metric"]["profile"].is_string()), "{up:?}");
    assert_eq!(query(&prometheus, "up").unwrap()[0]["value"][1], "1", "Prometheus' own word");
    let failures = query(&prometheus, "last_over_time(trailwatch_open_failures[15m])").unwrap();
    assert!(!failures.is_empty());
    // Every panel's question is one that Prometheus understands.
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    for panel in dashboard["panels"].as_array().unwrap() {
        let expression =
            panel["targets"][0]["expr"].as_str().unwrap().replace("$profile", ".*").replace("$region", ".*");
        let series = query(&prometheus, &expression).unwrap();
        assert!(panel["type"] == "table" || !series.is_empty(), "{expression} has no answer");
    }
    let rules = eventually("the rules are weighed", || {
        let rules: Value = serde_json::from_str(&get(&prometheus, "/api/v1/rules")?).ok()?;
        let rules = rules["data"]["groups"][0]["rules"].as_array()?.clone();
        (!rules.is_empty() && rules.iter().all(|rule| rule["health"] == "ok")).then_some(rules)
    });
    assert_eq!(rules.len(), ALERTS.matches("- alert: ").count());
    let log = fs::read_to_string(directory.path().join("log")).unwrap();
    assert!(!log.contains("level=error") && !log.contains("level=warn"), "{log}");
}
