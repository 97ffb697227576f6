//! What is remembered from one dashboard to the next: what changed while nobody looked, and that nothing is told twice.

use std::{
    collections::BTreeSet,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{TimeDelta, Utc};
use serde_json::Value;
use tempfile::TempDir;
use trailwatch::emulator::{Config, Emulator, Quota, Scenario};

use crate::{
    endpoint::{Variables, reading, still},
    term::Term,
};

/// A world whose time the test moves, and the place of the journals of all who watch it.
struct World {
    emulator: Emulator,
    passed: Arc<AtomicI64>,
    state: TempDir,
}

impl World {
    fn new() -> Self {
        let passed = Arc::new(AtomicI64::new(0));
        let hand = Arc::clone(&passed);
        let clock = Arc::new(move || Utc::now() + TimeDelta::seconds(hand.load(Ordering::SeqCst)));
        let config = Config { scenario: Scenario::Demo, clock, quota: Quota::UNLIMITED, ..Config::default() };
        Self { emulator: Emulator::start(config).unwrap(), passed, state: TempDir::new().unwrap() }
    }

    /// Lets a minute pass: in the demo's first account one job ends and another begins.
    fn a_minute_later(&self) {
        self.passed.fetch_add(60, Ordering::SeqCst);
    }

    fn variables(&self) -> Variables {
        let mut variables = reading(&self.emulator);
        variables.push(("XDG_STATE_HOME", self.state.path().display().to_string()));
        variables
    }

    fn watch(&self) -> Term {
        let term = Term::start((120, 40), &self.variables(), &[]);
        term.until("jobs", |screen| screen.jobs().len() > 5);
        term
    }

    fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trailwatch"));
        let out = command.env_clear().envs(self.variables()).args(arguments).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    }

    /// Each line of the history: job, what, from, to.
    fn history(&self) -> Vec<String> {
        let lines = self.run(&["history", "-o", "ndjson"]);
        let what = |line: &str| {
            let line: Value = serde_json::from_str(line).unwrap();
            let of = |name: &str| line[name].to_string();
            [of("job_id"), of("type"), of("from"), of("to"), of("changed_region")].join(" ")
        };
        lines.lines().map(what).collect()
    }
}

#[test]
fn what_changed_while_nobody_looked_is_marked_and_listed() {
    let world = World::new();
    let first = world.watch();
    assert!(!first.screen().title().contains("since your last visit"), "nobody was here before");
    first.press("q");
    first.ends(0);
    world.a_minute_later();
    let second = world.watch();
    let screen = second.until("the news", |screen| screen.title().contains("• since your last visit"));
    assert!(screen.title().contains("1 complete, 1 delivering"), "{}", screen.title());
    assert_eq!(screen.text().matches("│•").count() + screen.text().matches("│›").count(), 2, "{}", screen.text());
    let history = world.history();
    assert!(history.iter().any(|line| line.contains("\"status\" \"delivering\" \"complete\"")), "{history:?}");
    assert!(history.iter().any(|line| line.contains("\"appeared\"")), "{history:?}");
    second.press("/complete");
    second.until("the job that ended", |screen| screen.title().contains("/complete "));
    second.press("\r");
    second.until("the table", |screen| !screen.last_row().starts_with(" /"));
    second.press("g\r\t\t");
    second.until("what was seen of it", |screen| screen.has("delivering to complete, between"));
    second.press("q");
}

#[test]
fn a_job_that_was_deleted_while_nobody_looked_is_listed_as_gone() {
    let state = TempDir::new().unwrap();
    let variables = |emulator: &Emulator| {
        let mut variables = reading(emulator);
        variables.push(("XDG_STATE_HOME", state.path().display().to_string()));
        variables
    };
    let ids = |screen: &crate::screen::Screen| screen.jobs().iter().map(|job| job.id.clone()).collect::<BTreeSet<_>>();
    // The same endpoint a day later, with a job less.
    let [before, after] = [still(3), still(2)];
    let first = Term::start((120, 40), &variables(&before), &[]);
    let known = ids(&first.until("three jobs", |screen| screen.jobs().len() == 3));
    first.press("q");
    first.ends(0);
    let second = Term::start((120, 40), &variables(&after), &[]);
    let screen = second.until("the news", |screen| screen.title().contains("since your last visit"));
    assert!(screen.title().contains("1 gone"), "{}", screen.title());
    assert!(ids(&screen).is_subset(&known));
    second.press("q");
    second.ends(0);
}

#[test]
fn two_dashboards_and_a_list_leave_one_journal() {
    let world = World::new();
    let dashboards = [world.watch(), world.watch()];
    world.run(&["list"]);
    world.a_minute_later();
    for dashboard in &dashboards {
        dashboard.press("r");
    }
    world.run(&["list"]);
    for dashboard in &dashboards {
        dashboard.until("the new job", |screen| {
            screen.jobs().iter().any(|job| job.status == "delivering" || job.status == "initializing")
        });
    }
    for dashboard in dashboards {
        dashboard.press("q");
        dashboard.ends(0);
    }
    let history = world.history();
    let distinct: BTreeSet<&String> = history.iter().collect();
    assert_eq!(history.len(), distinct.len(), "something is told twice: {history:?}");
    assert!(history.iter().any(|line| line.contains("\"delivering\" \"complete\"")), "{history:?}");
}
