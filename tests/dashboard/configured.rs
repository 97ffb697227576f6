//! The dashboard as its configuration file wants it: looks, mouse, keys and targets, and what is wrong told before it is drawn.

use std::{fs, os::unix::fs::PermissionsExt as _};

use tempfile::TempDir;
use vt100::MouseProtocolMode;

use crate::{
    endpoint::{Variables, reading, still},
    term::{Term, eventually},
};

/// A directory with this configuration, and the variable that names it.
fn configured(config: &str, mut variables: Variables) -> (TempDir, Variables) {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("config.toml");
    fs::write(&path, config).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    variables.push(("TRAILWATCH_CONFIG", path.display().to_string()));
    (directory, variables)
}

#[test]
fn looks_mouse_and_keys_are_those_of_the_file() {
    let emulator = still(3);
    let config = "ascii = true\nmouse = true\nkeys = \"keys.toml\"\n";
    let (directory, variables) = configured(config, reading(&emulator));
    fs::write(directory.path().join("keys.toml"), "[panes]\nhelp = \"H\"\n").unwrap();
    let term = Term::start((100, 30), &variables, &[]);
    let screen = term.shows("1 all 3");
    assert!(!(0..screen.height()).any(|y| screen.row(y).contains('─')), "{}", term.whole());
    eventually("the mouse is taken", || term.mouse().0 == MouseProtocolMode::PressRelease);
    term.press("H");
    term.shows("this help, and out of it");
    term.press("qq");
    term.ends(0).restored();
}

#[test]
fn what_is_wrong_is_told_before_anything_is_drawn() {
    let emulator = still(0);
    for (config, words) in [
        ("theme = \"solarized\"\n", "config.toml: line 1: theme: \"solarized\" is no theme"),
        ("\nkeys = \"nowhere.toml\"\n", "nowhere.toml: there is no such file ("),
        ("groups = [\"prod\"]\n", "config.toml:1: there is no group \"prod\""),
    ] {
        let (_directory, variables) = configured(config, reading(&emulator));
        let ended = Term::start((200, 24), &variables, &[]).ends(78);
        assert!(ended.text().contains(words), "{}", ended.text());
    }
}
