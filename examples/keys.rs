//! Prints the README's tables of keys, made from the key map: `cargo run --example keys`.

#![allow(clippy::print_stdout)]

use trailwatch::tui::{Binding, Context, Keymap};

/// The tables as Markdown, one for each context.
pub fn table() -> String {
    let map = Keymap::default();
    let row = |binding: &Binding| {
        let keys: Vec<String> = binding.keys.iter().map(|key| format!("`{key}`")).collect();
        format!("| {} | `{}` | {} |\n", keys.join(" "), binding.action.name(), binding.action.help())
    };
    let table = |context: Context| {
        let rows: String = map.of(context).map(row).collect();
        let head = format!("`[{context}]`, {}:\n\n| keys | action | what it does |\n|---|---|---|\n", context.title());
        (!rows.is_empty()).then(|| format!("{head}{rows}"))
    };
    Context::ALL.into_iter().filter_map(table).collect::<Vec<_>>().join("\n")
}

#[allow(dead_code, reason = "the test of the README includes this file for `table`")]
fn main() {
    print!("{}", table());
}
