//! What has to be there before the screen is taken over: a terminal, and keys.

use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::term::{ALTERNATE_SCREEN, Term, command};

fn refuses(output: &Output) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{stderr}");
    assert!(stderr.contains("`trailwatch list`") && stderr.trim_end().lines().count() == 1, "{stderr}");
}

#[test]
fn without_a_terminal_it_names_the_command_for_scripts() {
    let output = Command::new(env!("CARGO_BIN_EXE_trailwatch"))
        .env_clear()
        .arg("--demo")
        .stdin(Stdio::piped())
        .output()
        .unwrap();
    refuses(&output);
    let home = TempDir::new().unwrap();
    for half in ["keys", "screen"] {
        let (_pty, pts) = pty_process::blocking::open().unwrap();
        let command = command(&home, &[], &["--demo"]).stderr(Stdio::piped());
        let command = match half {
            "keys" => command.stdout(Stdio::piped()),
            _ => command.stdin(Stdio::null()),
        };
        refuses(&command.spawn(pts).unwrap().wait_with_output().unwrap());
    }
}

#[test]
fn without_keys_it_lists_the_sources_and_leaves_the_screen_alone() {
    let ended = Term::start((120, 40), &[], &[]).ends(77);
    let text = ended.text();
    assert!(text.contains("ALIBABA_CLOUD_ACCESS_KEY_ID is not set"), "{text}");
    assert!(text.contains("~/.aliyun/config.json"), "{text}");
    assert!(!ended.bytes.windows(ALTERNATE_SCREEN.len()).any(|bytes| bytes == ALTERNATE_SCREEN));
}
