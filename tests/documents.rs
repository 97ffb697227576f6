//! What the README shows is made from the program, and this says when it is out of date.

#![allow(clippy::unwrap_used)]

#[path = "../examples/keys.rs"]
mod keys;
#[path = "../examples/screenshot.rs"]
mod screenshot;

use trailwatch::{
    config::{Flag, SETTINGS, Setting, schema},
    exit::ExitCode,
    job::{GRAMMAR, Rule},
};

const README: &str = include_str!("../README.md");

#[test]
fn the_picture_is_the_dashboard() {
    let kept = include_str!("../assets/screenshot.svg");
    let fresh = screenshot::svg();
    assert!(kept == fresh, "out of date; run: cargo run --example screenshot > assets/screenshot.svg");
}

#[test]
fn the_table_of_keys_is_the_key_map() {
    let table = keys::table();
    assert!(
        README.contains(&table),
        "out of date; put the output of `cargo run --example keys` into README.md:\n{table}"
    );
}

#[test]
fn the_table_of_exit_codes_is_the_contract() {
    for code in ExitCode::ALL {
        let row = format!("| {} | {} |", code.code(), code.meaning());
        assert!(README.contains(&row), "README.md has no row {row:?}");
    }
}

#[test]
fn the_table_of_filters_is_the_grammar() {
    let row = |Rule { example, meaning }: &Rule| format!("| `{}` | {meaning} |\n", example.replace('|', "\\|"));
    let table: String = GRAMMAR.iter().map(row).collect();
    assert!(README.contains(&table), "out of date; put this into README.md:\n{table}");
}

#[test]
fn the_table_of_settings_is_what_is_read() {
    let row = |setting: &Setting| {
        let flag = match setting.flag {
            Flag::Named(id) | Flag::Contrary(id) => format!("`--{}`", id.replace('_', "-")),
            Flag::None => String::new(),
        };
        let usual = setting.usual.map(|usual| format!("; default `{usual}`")).unwrap_or_default();
        format!("| `{}` | {flag} | {}{usual} |\n", setting.key, setting.about)
    };
    let table: String = SETTINGS.iter().map(row).collect();
    assert!(README.contains(&table), "out of date; put this into README.md:\n{table}");
}

#[test]
fn the_schema_is_that_of_the_reader() {
    let kept: serde_json::Value = serde_json::from_str(include_str!("../assets/config.schema.json")).unwrap();
    assert!(kept == schema(), "out of date; run: cargo run -- config schema > assets/config.schema.json");
}

/// The names of all settings of a schema, those of its tables, too.
fn settings(schema: &serde_json::Value) -> Vec<String> {
    let of = |key: &str| schema.get(key).filter(|inner| inner.is_object());
    let own = of("properties").and_then(|properties| properties.as_object()).into_iter().flatten();
    let own: Vec<_> = own.flat_map(|(key, inner)| [vec![key.clone()], settings(inner)].concat()).collect();
    let inner = ["additionalProperties", "items"].into_iter().filter_map(of).flat_map(settings);
    own.into_iter().chain(inner).collect()
}

#[test]
fn the_readme_has_every_setting_of_every_table() {
    let settings = settings(&schema());
    assert!(settings.len() > 30 && settings.iter().any(|setting| setting == "debounce"), "{settings:?}");
    for setting in settings {
        let ways =
            [format!("`{setting}`"), format!("\n{setting} = "), format!("[{setting}."), format!("[[{setting}]]")];
        assert!(ways.iter().any(|way| README.contains(way)), "README.md does not have {setting}");
    }
}
