//! What is made from the definitions of the arguments: completions and manual pages.

use std::process::Command;

use tempfile::TempDir;

use crate::program::run;

/// The words of all commands and options, as each command's help has them.
fn words() -> Vec<String> {
    let commands = ["list", "get", "history", "coverage", "emulator", "completions", "man", "help"];
    let helps = commands.iter().map(|command| run(&[], &["help", command]).ends(0).stdout);
    let options: Vec<String> = helps.flat_map(|help| options(&help)).collect();
    commands.iter().map(ToString::to_string).chain(options).collect()
}

/// The long options that a help describes.
fn options(help: &str) -> Vec<String> {
    let described = help.lines().filter(|line| line.trim_start().starts_with('-'));
    let options = described.flat_map(|line| line.split([' ', ',', '=']).filter(|word| word.starts_with("--")));
    options.map(|word| word.trim_end_matches(['.', ':']).to_owned()).collect()
}

#[test]
fn every_shell_completes_every_command_and_option() {
    let words = words();
    assert!(words.iter().any(|word| word == "--exit-status") && words.len() > 40, "{words:?}");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&[], &["completions", shell]).ends(0).stdout;
        for word in &words {
            // fish writes options as `-l name`.
            let bare = word.trim_start_matches('-');
            assert!(script.contains(word.as_str()) || script.contains(&format!("-l {bare}")), "{shell}: {word}");
        }
    }
}

#[test]
fn shells_can_read_their_scripts() {
    for shell in ["bash", "zsh", "fish"] {
        let script = run(&[], &["completions", shell]).ends(0).stdout;
        let home = TempDir::new().unwrap();
        let file = home.path().join("script");
        std::fs::write(&file, script).unwrap();
        // A shell that is not there, or does not start, can't be asked.
        if !Command::new(shell).args(["-c", "true"]).output().is_ok_and(|output| output.status.success()) {
            continue;
        }
        let output = Command::new(shell).arg("-n").arg(&file).output().unwrap();
        assert!(output.status.success(), "{shell}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn bash_completes() {
    let script = run(&[], &["completions", "bash"]).ends(0).stdout;
    let ask = |words: &[&str]| {
        let [.., previous, current] = words else { panic!("no word to complete in {words:?}") };
        // As bash calls it: the command, the word to complete and the one before.
        let call = format!("COMP_WORDS=({}); COMP_CWORD={}", words.join(" "), words.len() - 1);
        let line = format!("{script}\n{call}; _trailwatch trailwatch {current} {previous}; echo \"${{COMPREPLY[@]}}\"");
        let output = Command::new("bash").args(["--norc", "-c", &line]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(ask(&["trailwatch", "com"]), "completions");
    assert_eq!(ask(&["trailwatch", "list", "--exi"]), "--exit-status");
    assert_eq!(ask(&["trailwatch", "list", "--output", "pro"]), "prometheus");
}

#[test]
fn pages_are_written_where_they_were_asked_for() {
    let home = TempDir::new().unwrap();
    let directory = home.path().join("man1");
    let outcome = run(&[], &["man", directory.to_str().unwrap()]).ends(0);
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("", ""));
    for page in std::fs::read_dir(&directory).unwrap() {
        let path = page.unwrap().path();
        let page = std::fs::read_to_string(&path).unwrap();
        assert!(page.contains("\n.TH trailwatch") && page.contains("\n.SH OPTIONS\n"), "{page}");
        let has_codes = page.contains("\n.SH \"EXIT CODES\"\n");
        assert!(has_codes || path.ends_with("trailwatch-help.1"), "{page}");
    }
    let list = std::fs::read_to_string(directory.join("trailwatch-list.1")).unwrap().replace("\\-", "-");
    assert!(list.contains("--exit-status") && list.contains("--max-qps"), "{list}");
    run(&[], &["man", "/proc/no/such/place"]).ends(78).says("can't write /proc/no/such/place: ");
}
