//! What is made for Prometheus and Grafana: that it asks for metrics that there are, and what a real Prometheus makes of it.
//!
//! The latter needs `prometheus` and `promtool`, which Debian has in its package `prometheus`:
//! `cargo test --test prometheus -- --ignored`.

#![allow(clippy::unwrap_used, reason = "a test that has no answer has failed")]

mod real;

use std::{collections::BTreeSet, time::Duration};

use trailwatch::{
    engine::{Store, TargetState},
    export,
    job::{ProfileName, Region, TargetKey, Timestamp, coverage::Rules},
};

const ALERTS: &str = include_str!("../../assets/alerts.yml");
const DASHBOARD: &str = include_str!("../../assets/grafana.json");
const README: &str = include_str!("../../README.md");

/// Every metric with its description, whether anything is known of it or not.
fn metrics() -> Vec<(String, String)> {
    let key = TargetKey { profile: ProfileName::new("p").unwrap(), region: Region::new("cn-x").unwrap() };
    let store = Store::new(vec![TargetState::new(key, "h", "c")], Duration::from_secs(10), Rules::default());
    let text = export::metrics(store.snapshot(), Timestamp::UNIX_EPOCH);
    let described = text.lines().filter_map(|line| line.strip_prefix("# HELP ")?.split_once(' '));
    described.map(|(name, help)| (name.to_owned(), help.to_owned())).collect()
}

/// The names of metrics in a text; a name of the project or of an alert has no underscore.
fn names(text: &str) -> BTreeSet<String> {
    let words = text.split(|char: char| !(char.is_ascii_alphanumeric() || char == '_'));
    words.filter(|word| word.starts_with("trailwatch_")).map(str::to_owned).collect()
}

#[test]
fn alerts_and_dashboard_ask_for_metrics_that_there_are() {
    let known: BTreeSet<String> = metrics().into_iter().map(|(name, _)| name).collect();
    for (file, text) in [("alerts.yml", ALERTS), ("grafana.json", DASHBOARD)] {
        let asked = names(text);
        assert!(asked.len() >= 5, "{file}: {asked:?}");
        assert!(asked.is_subset(&known), "{file}: {:?}", asked.difference(&known));
    }
}

#[test]
fn the_dashboard_is_json_and_every_panel_asks_something() {
    let dashboard: serde_json::Value = serde_json::from_str(DASHBOARD).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    assert!(panels.len() >= 5);
    let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len());
    assert!(panels.iter().all(|panel| panel["targets"][0]["expr"].is_string()));
}

#[test]
fn the_table_of_metrics_is_what_is_written() {
    let table: String = metrics().iter().map(|(name, help)| format!("| `{name}` | {help} |\n")).collect();
    assert!(README.contains(&table), "out of date; put this into README.md:\n{table}");
}
