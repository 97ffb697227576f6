//! The map that everybody gets, and what files make of it.

use crossterm::event::{KeyCode, KeyModifiers};
use proptest::prelude::*;

use super::*;

fn press(map: &Keymap, context: Context, key: char) -> Option<Action> {
    map.action(context, KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE))
}

fn fault(text: &str) -> String {
    Keymap::with(text).unwrap_err().to_string()
}

#[test]
fn a_narrow_context_goes_before_a_wide_one_and_text_is_text() {
    let map = Keymap::default();
    assert_eq!(press(&map, Context::Table, 'j'), Some(Action::Down));
    assert_eq!(press(&map, Context::Details, 's'), None);
    assert_eq!(press(&map, Context::Filter, 'q'), None);
    let control = |char| KeyEvent::new(KeyCode::Char(char), KeyModifiers::CONTROL);
    for context in Context::ALL {
        assert_eq!(map.action(context, control('c')), Some(Action::Quit), "{context}");
    }
}

#[test]
fn every_action_has_a_key_by_default() {
    let map = Keymap::default();
    let bound = |action: Action| Context::ALL.iter().any(|context| map.key(*context, action).is_some());
    // The theme is changed too rarely for a key of its own.
    assert_eq!(Action::all().filter(|action| !bound(*action)).collect::<Vec<_>>(), [Action::Theme]);
}

#[test]
fn every_hint_has_its_key() {
    let map = Keymap::default();
    for context in Context::ALL {
        assert_eq!(map.hints(context).count(), context.hints().len(), "{context}");
    }
}

#[test]
fn a_file_changes_what_it_names_and_leaves_the_rest() {
    let map =
        Keymap::with("[table]\nsettle = \"F5\"\nexport = \"none\"\n[panes]\nrefresh = [\"x\", \"R\"]\ntheme = \"T\"\n")
            .unwrap();
    assert_eq!(map.key(Context::Table, Action::Settle), "F5".parse().ok());
    assert_eq!(map.key(Context::Table, Action::Export), None);
    assert_eq!(press(&map, Context::Table, 'x'), Some(Action::Refresh));
    assert_eq!(press(&map, Context::Table, 'r'), None);
    assert_eq!(press(&map, Context::Details, 'T'), Some(Action::Theme));
    assert_eq!(press(&map, Context::Table, 'j'), Some(Action::Down));
}

#[test]
fn mistakes_are_told_with_their_place_and_a_way_out() {
    let told = [
        "[table\n",
        "down = \"j\"\n",
        "[tabel]\ndown = \"j\"\n",
        "\n[table]\nsetle = \"x\"\n",
        "[table]\nsettle = \"xx\"\n",
        "[table]\nsettle = 5\n",
        "[table]\nsettle = [\"a\", 5]\n",
        "[filter]\naccept = \"x\"\n",
        "[table]\nsettle = \"x\"\n",
        "[table]\nsettle = \"F5\"\nsort = \"F5\"\n",
        "[table]\nsettle = \"F5\"\nsettle = \"F6\"\n",
    ]
    .map(fault)
    .join("\n");
    insta::assert_snapshot!(told);
}

proptest! {
    #[test]
    fn no_file_makes_it_panic(text in "(\\[[a-z]{0,6}\\]\n|[a-z-]{1,8} = (\"[a-zA-Z+-]{0,6}\"|\\[\"j\"\\]|5)\n|\\PC{0,8}\n){0,6}") {
        let _ = Keymap::with(&text);
    }
}
