//! Keys are data: which key means which action where, and what the help says of it.
//!
//! The help, the footer's hints and the README's table are made from this list, so that none of them can lie.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a key can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// Half a page up.
    HalfUp,
    /// Half a page down.
    HalfDown,
    /// To the first row.
    Top,
    /// To the last row.
    Bottom,
    /// Open the details, then all of them.
    Open,
    /// One step back; never quits.
    Back,
    /// Read every target now.
    Refresh,
    /// Stop polling, or go on.
    Pause,
    /// Poll less often.
    Slower,
    /// Poll more often.
    Faster,
    /// Sort by the next column.
    SortNext,
    /// The other end first.
    SortReverse,
    /// Type a text that jobs must have.
    Search,
    /// UTC or the local zone.
    Zone,
    /// Settle a failure with a note.
    Settle,
    /// It is not settled after all.
    TakeBack,
    /// Show the keys.
    Help,
    /// Close what is open; from the table, quit.
    Close,
    /// Draw the whole screen anew.
    Redraw,
    /// Stop, until the shell continues the program.
    Suspend,
    /// Quit at once.
    Quit,
}

/// Where a key is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// In the job table.
    Table,
    /// In the full details.
    Detail,
    /// In the help.
    Help,
    /// While a search text is typed; all other keys are text.
    Search,
    /// While a note is typed; all other keys are text.
    Note,
}

/// One line of the key map.
#[derive(Debug, PartialEq, Eq)]
pub struct Binding {
    /// Where it holds.
    pub contexts: &'static [Context],
    /// The keys, the one to show first.
    pub keys: &'static [Key],
    /// What they ask for.
    pub action: Action,
    /// What the help says.
    pub help: &'static str,
    /// What the footer says in which context, where it has room for it.
    pub hints: &'static [(Context, &'static str)],
}

impl Binding {
    /// Its keys as the help and the README show them: `j Down`.
    #[must_use]
    pub fn keys_in_words(&self) -> String {
        self.keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }
}

/// A key with its modifiers. Shift is part of a character, so it does not count for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

const fn key(code: KeyCode) -> Key {
    Key { code, modifiers: KeyModifiers::NONE }
}

const fn char(char: char) -> Key {
    key(KeyCode::Char(char))
}

const fn ctrl(char: char) -> Key {
    Key { code: KeyCode::Char(char), modifiers: KeyModifiers::CONTROL }
}

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Self {
        let mut modifiers = event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        if matches!(event.code, KeyCode::Char(_)) {
            modifiers.remove(KeyModifiers::SHIFT);
        }
        Self { code: event.code, modifiers }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.modifiers.contains(KeyModifiers::CONTROL) {
            f.write_str("Ctrl-")?;
        }
        match self.code {
            KeyCode::Char(char) => write!(f, "{char}"),
            KeyCode::Up => f.write_str("Up"),
            KeyCode::Down => f.write_str("Down"),
            KeyCode::PageUp => f.write_str("PgUp"),
            KeyCode::PageDown => f.write_str("PgDn"),
            KeyCode::Home => f.write_str("Home"),
            KeyCode::End => f.write_str("End"),
            KeyCode::Enter => f.write_str("Enter"),
            KeyCode::Esc => f.write_str("Esc"),
            other => write!(f, "{other:?}"),
        }
    }
}

use Context::{Detail, Help, Note, Search, Table};

const EVERYWHERE: &[Context] = &[Table, Detail, Help, Search, Note];
const NOT_TYPING: &[Context] = &[Table, Detail, Help];
const JOBS: &[Context] = &[Table, Detail];

/// The key map.
pub const BINDINGS: &[Binding] = &[
    bind(NOT_TYPING, &[char('j'), key(KeyCode::Down)], Action::Down, "down", &[(Detail, "scroll"), (Help, "scroll")]),
    bind(NOT_TYPING, &[char('k'), key(KeyCode::Up)], Action::Up, "up", &[]),
    bind(NOT_TYPING, &[key(KeyCode::PageDown), ctrl('f')], Action::PageDown, "a page down", &[]),
    bind(NOT_TYPING, &[key(KeyCode::PageUp), ctrl('b')], Action::PageUp, "a page up", &[]),
    bind(NOT_TYPING, &[ctrl('d')], Action::HalfDown, "half a page down", &[]),
    bind(NOT_TYPING, &[ctrl('u')], Action::HalfUp, "half a page up", &[]),
    bind(NOT_TYPING, &[char('g'), key(KeyCode::Home)], Action::Top, "to the top", &[]),
    bind(NOT_TYPING, &[char('G'), key(KeyCode::End)], Action::Bottom, "to the end", &[]),
    bind(
        &[Table],
        &[key(KeyCode::Enter)],
        Action::Open,
        "all details of the job, or show the pane again",
        &[(Table, "details")],
    ),
    bind(
        NOT_TYPING,
        &[key(KeyCode::Esc)],
        Action::Back,
        "one step back; in the table: drop filter, hide details",
        &[(Detail, "back"), (Help, "back")],
    ),
    bind(&[Table], &[char('/')], Action::Search, "show only jobs that have these words", &[(Table, "filter")]),
    bind(&[Table], &[char('s')], Action::SortNext, "sort by the next column", &[(Table, "sort")]),
    bind(&[Table], &[char('S')], Action::SortReverse, "sort the other way round", &[]),
    bind(&[Table], &[char('a')], Action::Settle, "settle a failure, with a note", &[(Table, "settle")]),
    bind(&[Table], &[char('A')], Action::TakeBack, "it is not settled after all", &[]),
    bind(JOBS, &[char('r')], Action::Refresh, "read all targets now", &[(Table, "refresh"), (Detail, "refresh")]),
    bind(JOBS, &[char('p')], Action::Pause, "stop polling, or go on", &[(Table, "pause"), (Detail, "pause")]),
    bind(JOBS, &[char('+'), char('=')], Action::Slower, "a longer interval between reads", &[]),
    bind(JOBS, &[char('-')], Action::Faster, "a shorter interval between reads", &[]),
    bind(
        JOBS,
        &[char('u')],
        Action::Zone,
        "times in UTC or in the local zone",
        &[(Table, "utc/local"), (Detail, "utc/local")],
    ),
    bind(NOT_TYPING, &[char('?')], Action::Help, "this help, and out of it", &[(Table, "help"), (Detail, "help")]),
    bind(
        NOT_TYPING,
        &[char('q')],
        Action::Close,
        "close what is open; from the table, quit",
        &[(Table, "quit"), (Detail, "close"), (Help, "close")],
    ),
    bind(EVERYWHERE, &[ctrl('l')], Action::Redraw, "draw the whole screen anew", &[]),
    bind(EVERYWHERE, &[ctrl('z')], Action::Suspend, "back to the shell; `fg` continues", &[]),
    bind(EVERYWHERE, &[ctrl('c')], Action::Quit, "quit", &[]),
];

/// The keys of the lines in which text is typed.
pub const SEARCH_BINDINGS: &[Binding] = &[
    bind(&[Search], &[key(KeyCode::Enter)], Action::Open, "keep the filter", &[(Search, "keep")]),
    bind(&[Search], &[key(KeyCode::Esc)], Action::Back, "drop the filter", &[(Search, "drop")]),
    bind(&[Note], &[key(KeyCode::Enter)], Action::Open, "settle the failure with this note", &[(Note, "settle it")]),
    bind(&[Note], &[key(KeyCode::Esc)], Action::Back, "leave the failure open", &[(Note, "leave it")]),
    bind(&[Search], &[key(KeyCode::Down)], Action::Down, "down", &[]),
    bind(&[Search], &[key(KeyCode::Up)], Action::Up, "up", &[]),
];

const fn bind(
    contexts: &'static [Context],
    keys: &'static [Key],
    action: Action,
    help: &'static str,
    hints: &'static [(Context, &'static str)],
) -> Binding {
    Binding { contexts, keys, action, help, hints }
}

/// What a key asks for in a context.
#[must_use]
pub fn action(context: Context, event: KeyEvent) -> Option<Action> {
    let key = Key::from(event);
    let holds = |binding: &&Binding| binding.contexts.contains(&context) && binding.keys.contains(&key);
    BINDINGS.iter().chain(SEARCH_BINDINGS).find(holds).map(|binding| binding.action)
}

/// What the footer says of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hint {
    /// The key.
    pub key: Key,
    /// What it does, in a word.
    pub word: &'static str,
    action: Action,
}

impl Hint {
    /// Whether it tells how to get help or out, which nobody should have to look for.
    #[must_use]
    pub fn is_essential(&self) -> bool {
        matches!(self.action, Action::Help | Action::Close)
    }
}

/// The hints for a context.
pub fn hints(context: Context) -> impl Iterator<Item = Hint> {
    BINDINGS.iter().chain(SEARCH_BINDINGS).filter_map(move |binding| {
        let (_, word) = binding.hints.iter().find(|(here, _)| *here == context)?;
        Some(Hint { key: *binding.keys.first()?, word, action: binding.action })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things_in_one_context() {
        for context in [Table, Detail, Help, Search] {
            let mut seen = Vec::new();
            let here = BINDINGS.iter().chain(SEARCH_BINDINGS).filter(|binding| binding.contexts.contains(&context));
            for key in here.flat_map(|binding| binding.keys) {
                assert!(!seen.contains(key), "{key} is bound twice in {context:?}");
                seen.push(*key);
            }
        }
    }

    #[test]
    fn shift_is_part_of_a_character() {
        let event = |code, modifiers| KeyEvent::new(code, modifiers);
        assert_eq!(action(Table, event(KeyCode::Char('G'), KeyModifiers::SHIFT)), Some(Action::Bottom));
        assert_eq!(action(Table, event(KeyCode::Char('g'), KeyModifiers::NONE)), Some(Action::Top));
        assert_eq!(action(Table, event(KeyCode::Char('c'), KeyModifiers::CONTROL)), Some(Action::Quit));
        assert_eq!(action(Table, event(KeyCode::Char('j'), KeyModifiers::ALT)), None);
        assert_eq!(action(Search, event(KeyCode::Char('q'), KeyModifiers::NONE)), None);
    }
}
