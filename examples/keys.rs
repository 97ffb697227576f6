//! Prints the README's table of keys, made from the key map: `cargo run --example keys`.

#![allow(clippy::print_stdout)]

use trailwatch::tui::{BINDINGS, Binding, SEARCH_BINDINGS};

/// The table as Markdown.
pub fn table() -> String {
    let row = |binding: &Binding, place: &str| {
        let keys: Vec<String> = binding.keys_in_words().split(' ').map(|key| format!("`{key}`")).collect();
        format!("| {} | {}{place} |\n", keys.join(" "), binding.help)
    };
    let mut table = "| keys | what they do |\n|---|---|\n".to_owned();
    table.extend(BINDINGS.iter().map(|binding| row(binding, "")));
    table.extend(SEARCH_BINDINGS.iter().map(|binding| row(binding, " (while text is typed)").replace(") (", ", ")));
    table
}

#[allow(dead_code, reason = "the test of the README includes this file for `table`")]
fn main() {
    print!("{}", table());
}
