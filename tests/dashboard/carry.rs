//! What is carried out of the dashboard: a copy through the terminal, an export into a file; and a key map of the user's own.

use std::fs;

use tempfile::TempDir;

use crate::{
    endpoint::{Variables, reading, still},
    screen::Screen,
    term::Term,
};

fn loaded(variables: &Variables) -> Term {
    let term = Term::start((120, 40), variables, &[]);
    term.until("jobs", |screen| screen.place() == Some(0) && screen.jobs().len() == 12);
    term
}

#[test]
fn a_copy_reaches_the_terminal_whole_and_once() {
    let emulator = still(12);
    let term = loaded(&reading(&emulator));
    let id = term.screen().jobs()[0].id.clone();
    term.press("c");
    term.shows(&format!("copied {} bytes", id.len()));
    let sequence = format!("\x1b]52;c;{}\x07", base64(id.as_bytes()));
    let bytes = String::from_utf8_lossy(&term.bytes()).into_owned();
    assert_eq!(bytes.matches(&sequence).count(), 1);
    term.press("y");
    term.shows("┌ Copy ");
    term.press("jj\r");
    term.until("it is copied", |screen| screen.last_row().starts_with(" copied ") && !screen.has("┌ Copy "));
    term.press("q");
    term.ends(0).restored();
}

fn base64(bytes: &[u8]) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    STANDARD.encode(bytes)
}

#[test]
fn an_export_is_written_and_never_overwrites_without_a_yes() {
    let emulator = still(12);
    let home = TempDir::new().unwrap();
    let path = home.path().join("jobs.csv");
    let term = loaded(&reading(&emulator));
    let export = || {
        term.press("x");
        term.shows("write to: trailwatch-jobs-");
        term.press(&format!("\x15{}\r", path.display()));
    };
    export();
    term.shows("12 jobs written to ");
    let written = fs::read_to_string(&path).unwrap();
    assert_eq!(written.lines().count(), 13);
    fs::write(&path, "mine").unwrap();
    export();
    term.shows("is there already.");
    term.press("n");
    term.until("the hints", |screen| screen.last_row().starts_with(" Enter details "));
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    export();
    term.shows("is there already.");
    term.press("y");
    term.shows("12 jobs written to ");
    assert_eq!(fs::read_to_string(&path).unwrap(), written);
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1, "nothing is left beside it");
    term.press("q");
    term.ends(0);
}

#[test]
fn a_key_map_of_the_users_own_changes_what_it_names() {
    let emulator = still(12);
    let home = TempDir::new().unwrap();
    let path = home.path().join("keys.toml");
    fs::write(&path, "[table]\nsort = \"F5\"\nexport = \"none\"\n").unwrap();
    let mut variables = reading(&emulator);
    variables.push(("TRAILWATCH_KEYS", path.display().to_string()));
    let term = loaded(&variables);
    term.until("its hint", |screen: &Screen| screen.last_row().contains("F5 sort"));
    term.press("sx\x1b[15~");
    term.until("sorted by the new key", |screen| screen.sort() == "status ↑" && !screen.has("write to:"));
    term.press("q");
    term.ends(0);
}

#[test]
fn a_key_map_with_a_mistake_is_refused_with_its_place() {
    let home = TempDir::new().unwrap();
    let path = home.path().join("keys.toml");
    fs::write(&path, "[table]\nsort = \"x\"\n").unwrap();
    let variables = vec![("TRAILWATCH_KEYS", path.display().to_string())];
    let term = Term::start((80, 24), &variables, &["--demo"]);
    let ended = term.ends(78);
    let words = String::from_utf8_lossy(&ended.bytes).into_owned();
    assert!(words.contains("keys.toml: line 2: x would mean both sort and export in [table]"), "{words}");
}
