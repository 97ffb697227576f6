//! What keys mean: the key map is data, `assets/keys.toml`, which a file of the user changes. Help, footer, palette and the
//! README's table are made from it.
//!
//! What an action does is in `app`, how a file is read in [`file`].

mod file;
mod key;

use std::fmt;

use crossterm::event::KeyEvent;

pub use self::{
    file::{Fault, Problem},
    key::{Key, NoKey},
};
use super::action::Action;

/// The map that everybody gets.
const DEFAULT: &str = include_str!("../../../assets/keys.toml");

/// Where a key is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// Anywhere.
    Everywhere,
    /// Wherever no text is typed.
    Panes,
    /// In the job table.
    Table,
    /// In the full details.
    Details,
    /// In the list of events.
    Events,
    /// In the coverage of trails.
    Coverage,
    /// In the list of targets.
    Targets,
    /// In the help.
    Help,
    /// In the choice of columns.
    Columns,
    /// In the choice of what to copy.
    Copy,
    /// While a filter is typed; all other keys are text.
    Filter,
    /// While a note is typed; all other keys are text.
    Note,
    /// While a command is typed; all other keys are text.
    Command,
    /// While a file name is typed; all other keys are text.
    Export,
    /// When a file would be overwritten.
    Overwrite,
}

impl Context {
    /// Every context, in the order of the help.
    pub const ALL: [Self; 15] = [
        Self::Panes,
        Self::Table,
        Self::Details,
        Self::Events,
        Self::Coverage,
        Self::Targets,
        Self::Columns,
        Self::Copy,
        Self::Help,
        Self::Filter,
        Self::Note,
        Self::Command,
        Self::Export,
        Self::Overwrite,
        Self::Everywhere,
    ];

    /// Its name, as files have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::Panes => "panes",
            Self::Table => "table",
            Self::Details => "details",
            Self::Events => "events",
            Self::Coverage => "coverage",
            Self::Targets => "targets",
            Self::Help => "help",
            Self::Columns => "columns",
            Self::Copy => "copy",
            Self::Filter => "filter",
            Self::Note => "note",
            Self::Command => "command",
            Self::Export => "export",
            Self::Overwrite => "overwrite",
        }
    }

    /// When its keys hold, as a heading.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::Panes => "wherever no text is typed",
            Self::Table => "in the table",
            Self::Details => "in the details",
            Self::Events => "in the events",
            Self::Coverage => "in the coverage",
            Self::Targets => "in the targets",
            Self::Help => "in the help",
            Self::Columns => "in the choice of columns",
            Self::Copy => "in the choice of what to copy",
            Self::Filter => "while a filter is typed",
            Self::Note => "while a note is typed",
            Self::Command => "while a command is typed",
            Self::Export => "while a file name is typed",
            Self::Overwrite => "when a file would be overwritten",
        }
    }

    /// Whether keys that are not bound are text.
    #[must_use]
    pub const fn is_typing(self) -> bool {
        matches!(self, Self::Filter | Self::Note | Self::Command | Self::Export)
    }

    /// Where a key is looked up, in this order.
    fn chain(self) -> impl Iterator<Item = Self> {
        let has_panes = !self.is_typing() && self != Self::Overwrite;
        [Some(self), has_panes.then_some(Self::Panes), Some(Self::Everywhere)].into_iter().flatten()
    }

    /// What the footer says, in the order of importance.
    const fn hints(self) -> &'static [(Action, &'static str)] {
        use Action::*;
        match self {
            Self::Table => &[
                (Open, "details"),
                (Filter, "filter"),
                (Sort, "sort"),
                (Settle, "settle"),
                (Refresh, "refresh"),
                (Events, "events"),
                (Coverage, "coverage"),
                (Targets, "targets"),
                (Copy, "copy"),
                (Pause, "pause"),
                (Columns, "columns"),
                (Export, "export"),
                (Command, "commands"),
                (Help, "help"),
                (Close, "quit"),
            ],
            Self::Details => &[
                (NextTab, "tabs"),
                (Down, "scroll"),
                (Copy, "copy"),
                (Refresh, "refresh"),
                (Zone, "utc/local"),
                (Back, "back"),
                (Help, "help"),
                (Close, "close"),
            ],
            Self::Events => &[(Down, "down"), (Open, "details"), (Zone, "utc/local"), (Help, "help"), (Close, "close")],
            Self::Coverage => &[
                (Down, "down"),
                (Open, "newest job"),
                (Refresh, "refresh"),
                (Zone, "utc/local"),
                (Help, "help"),
                (Close, "close"),
            ],
            Self::Targets => &[
                (RefreshTarget, "refresh it"),
                (PauseTarget, "pause it"),
                (HideTarget, "hide it"),
                (Open, "its jobs"),
                (Down, "down"),
                (Zone, "utc/local"),
                (Help, "help"),
                (Close, "close"),
            ],
            Self::Help => &[(Down, "scroll"), (Close, "close")],
            Self::Columns => &[(Toggle, "show or hide"), (Down, "down"), (Close, "close")],
            Self::Copy => &[(Open, "copy it"), (Down, "down"), (Close, "close")],
            Self::Filter => &[(Accept, "keep"), (Cancel, "drop"), (Previous, "earlier ones")],
            Self::Note => &[(Accept, "settle it"), (Cancel, "leave it")],
            Self::Command => &[(Accept, "do it"), (Complete, "complete"), (Next, "next"), (Cancel, "leave it")],
            Self::Export => &[(Accept, "write it"), (Cancel, "leave it")],
            Self::Overwrite => &[(Yes, "overwrite it"), (Cancel, "leave it")],
            Self::Everywhere | Self::Panes => &[],
        }
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One line of the key map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Where it holds.
    pub context: Context,
    /// What the keys ask for.
    pub action: Action,
    /// The keys, the one to show first; none where the user wants none.
    pub keys: Vec<Key>,
}

impl Binding {
    /// Its keys as the help and the README show them: `j Down`.
    #[must_use]
    pub fn keys_in_words(&self) -> String {
        self.keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }
}

/// What every key means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

impl Default for Keymap {
    fn default() -> Self {
        Self { bindings: file::read(DEFAULT).expect("the embedded key map is sound, which a test makes sure of") }
    }
}

impl Keymap {
    /// The default map with what a user's file changes.
    ///
    /// # Errors
    /// Where the file is not as it must be, or a key would mean two things: where, what, and what to do.
    pub fn with(text: &str) -> Result<Self, Fault> {
        let mut map = Self::default();
        for changed in file::read(text)? {
            let same = |known: &&mut Binding| (known.context, known.action) == (changed.context, changed.action);
            match map.bindings.iter_mut().find(same) {
                Some(known) => *known = changed,
                None => map.bindings.push(changed),
            }
        }
        file::check(&map.bindings, text)?;
        Ok(map)
    }

    /// What a key asks for in a context.
    #[must_use]
    pub fn action(&self, context: Context, event: KeyEvent) -> Option<Action> {
        let key = Key::from(event);
        let holds =
            |here: Context| self.bindings.iter().find(|binding| binding.context == here && binding.keys.contains(&key));
        context.chain().find_map(holds).map(|binding| binding.action)
    }

    /// The key to show for an action.
    #[must_use]
    pub fn key(&self, context: Context, action: Action) -> Option<Key> {
        let first = |here: Context| {
            let binding = self.bindings.iter().find(|binding| (binding.context, binding.action) == (here, action))?;
            binding.keys.first().copied()
        };
        context.chain().find_map(first)
    }

    /// The bindings of one context, without those that have no key.
    pub fn of(&self, context: Context) -> impl Iterator<Item = &Binding> {
        self.bindings.iter().filter(move |binding| binding.context == context && !binding.keys.is_empty())
    }

    /// The hints for a context.
    pub(super) fn hints(&self, context: Context) -> impl Iterator<Item = Hint> {
        context
            .hints()
            .iter()
            .filter_map(move |(action, word)| Some(Hint { key: self.key(context, *action)?, word, action: *action }))
    }
}

/// What the footer says of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hint {
    /// The key.
    pub(super) key: Key,
    /// What it does, in a word.
    pub(super) word: &'static str,
    /// What that is.
    pub(super) action: Action,
}

impl Hint {
    /// Whether it tells how to get help or out, which nobody should have to look for.
    pub(super) fn is_essential(&self) -> bool {
        matches!(self.action, Action::Help | Action::Close)
    }
}

#[cfg(test)]
mod tests;
