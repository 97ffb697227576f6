//! What lies over the screen: help, choices, and the lines in which something is typed. One at a time; it takes all keys.

use tui_input::Input;

use crate::{
    export::Export,
    tui::{action::Action, keymap::Context},
};

/// What lies over the screen.
#[derive(Debug, Clone)]
pub(in crate::tui) enum Overlay {
    /// The keys, scrolled down so many lines.
    Help(u16),
    /// The choice of columns, and which of them is selected.
    Columns(usize),
    /// The choice of what to copy, and which of it is selected.
    Copy(usize),
    /// The line for the filter.
    Filter,
    /// The line for the note with which a failure is settled.
    Note,
    /// The line for a command.
    Command(Palette),
    /// The line for the name of a file.
    Export(Input),
    /// The question whether a file may go for this.
    Overwrite(Box<Export>),
}

impl Overlay {
    /// In which context keys are read.
    pub(super) fn context(&self) -> Context {
        match self {
            Self::Help(_) => Context::Help,
            Self::Columns(_) => Context::Columns,
            Self::Copy(_) => Context::Copy,
            Self::Filter => Context::Filter,
            Self::Note => Context::Note,
            Self::Command(_) => Context::Command,
            Self::Export(_) => Context::Export,
            Self::Overwrite(_) => Context::Overwrite,
        }
    }
}

/// A command that is typed, with the actions that match.
#[derive(Debug, Clone, Default)]
pub(in crate::tui) struct Palette {
    pub(in crate::tui) input: Input,
    /// Which of the matches is selected.
    pub(in crate::tui) place: usize,
}

/// Names from other programs.
const ALIASES: [(&str, Action); 4] =
    [("q", Action::Close), ("quit!", Action::Quit), ("q!", Action::Quit), ("h", Action::Help)];

impl Palette {
    /// The actions that match what was typed, the best first.
    pub(in crate::tui) fn matches(&self) -> Vec<Action> {
        let typed = self.input.value().trim().to_lowercase();
        if let Some((_, action)) = ALIASES.iter().find(|(alias, _)| *alias == typed) {
            return vec![*action];
        }
        let mut matches: Vec<(usize, Action)> =
            commands().filter_map(|action| Some((worth(action, &typed)?, action))).collect();
        matches.sort_by_key(|(worth, _)| *worth);
        matches.into_iter().map(|(_, action)| action).collect()
    }

    /// The selected match.
    pub(in crate::tui) fn chosen(&self) -> Option<Action> {
        self.matches().get(self.place).copied()
    }
}

/// What can be asked for by name: not what only means something while something else is open.
fn commands() -> impl Iterator<Item = Action> {
    use Action::{
        Accept, Cancel, Command, Complete, HideTarget, Next, PauseTarget, Previous, RefreshTarget, Toggle, Yes,
    };
    Action::all().filter(|action| {
        !matches!(action, Accept | Cancel | Command | Complete | Next | Previous | Toggle | Yes)
            && !matches!(action, RefreshTarget | PauseTarget | HideTarget)
    })
}

/// How well a name matches, 0 the best: it begins so, a word of it does, it has it, its help has it.
fn worth(action: Action, typed: &str) -> Option<usize> {
    let name = action.name();
    if name.starts_with(typed) {
        return Some(0);
    }
    if name.split('-').any(|word| word.starts_with(typed)) {
        return Some(1);
    }
    if name.contains(typed) || name.replace('-', " ").contains(typed) {
        return Some(2);
    }
    action.help().contains(typed).then_some(3)
}
