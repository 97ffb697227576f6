//! What keys and the command line can ask for: one list, from which the key map, the palette and the help are made.
//!
//! What an action does is in `app`; which key asks for it is in `assets/keys.toml`.

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// One row or line up.
    Up,
    /// One row or line down.
    Down,
    /// One screen up.
    PageUp,
    /// One screen down.
    PageDown,
    /// Half a screen up.
    HalfUp,
    /// Half a screen down.
    HalfDown,
    /// To the first row or line.
    Top,
    /// To the last row or line.
    Bottom,
    /// Open what is selected.
    Open,
    /// One step back.
    Back,
    /// Close what is open; from the table, quit.
    Close,
    /// Everything about the selected job, on the whole screen.
    Details,
    /// The next tab of the details.
    NextTab,
    /// The tab before.
    PreviousTab,
    /// Everything that was seen to change, and every error.
    Events,
    /// What of each trail's events was delivered.
    Coverage,
    /// Every target and how it fares.
    Targets,
    /// Read the selected target now.
    RefreshTarget,
    /// Stop polling the selected target, or go on.
    PauseTarget,
    /// Take the jobs of the selected target out of the table, or show them again.
    HideTarget,
    /// To the next job that changed.
    NextChanged,
    /// Show all jobs.
    ShowAll,
    /// Show those under way.
    ShowActive,
    /// Show the failures that still matter.
    ShowOpen,
    /// Show those that are complete.
    ShowComplete,
    /// Show those that changed.
    ShowChanged,
    /// Type a filter.
    Filter,
    /// Sort by the next column.
    Sort,
    /// The other end first.
    Reverse,
    /// Choose the columns.
    Columns,
    /// Show or hide what is selected.
    Toggle,
    /// Settle a failure with a note.
    Settle,
    /// It is not settled after all.
    TakeBack,
    /// Copy the job's number.
    CopyId,
    /// Choose what to copy.
    Copy,
    /// Write the list to a file.
    Export,
    /// Read all targets now.
    Refresh,
    /// Stop polling, or go on.
    Pause,
    /// Poll less often.
    Slower,
    /// Poll more often.
    Faster,
    /// UTC or the local zone.
    Zone,
    /// The next theme.
    Theme,
    /// Type a command.
    Command,
    /// Show the keys.
    Help,
    /// Take what was typed.
    Accept,
    /// Leave it.
    Cancel,
    /// What was typed before, or the entry above.
    Previous,
    /// What was typed after, or the entry below.
    Next,
    /// Complete what was typed.
    Complete,
    /// Yes, do it.
    Yes,
    /// Draw everything anew.
    Redraw,
    /// Stop the program, to go on later.
    Suspend,
    /// Quit at once.
    Quit,
}

/// Each action with its name, as files and the command line have it, and what the help says.
pub(super) const ACTIONS: &[(Action, &str, &str)] = &[
    (Action::Down, "down", "down"),
    (Action::Up, "up", "up"),
    (Action::PageDown, "page-down", "a page down"),
    (Action::PageUp, "page-up", "a page up"),
    (Action::HalfDown, "half-page-down", "half a page down"),
    (Action::HalfUp, "half-page-up", "half a page up"),
    (Action::Top, "top", "to the top"),
    (Action::Bottom, "bottom", "to the end"),
    (Action::Open, "open", "open: the details pane, then all details"),
    (Action::Back, "back", "one step back: close, drop the filter, hide the pane"),
    (Action::Close, "close", "close what is open; from the table, quit"),
    (Action::Details, "details", "all details of the job"),
    (Action::NextTab, "next-tab", "the next tab"),
    (Action::PreviousTab, "previous-tab", "the tab before"),
    (Action::Events, "events", "what was seen to change, and errors"),
    (Action::Coverage, "coverage", "what of each trail's last 90 days was delivered"),
    (Action::Targets, "targets", "every target and how it fares"),
    (Action::RefreshTarget, "refresh-target", "read this target now"),
    (Action::PauseTarget, "pause-target", "stop polling this target, or go on"),
    (Action::HideTarget, "hide-target", "hide the jobs of this target, or show them again"),
    (Action::NextChanged, "next-changed", "to the next job that changed"),
    (Action::ShowAll, "show-all", "all jobs"),
    (Action::ShowActive, "show-active", "only jobs under way"),
    (Action::ShowOpen, "show-open", "only failures that still matter"),
    (Action::ShowComplete, "show-complete", "only complete jobs"),
    (Action::ShowChanged, "show-changed", "only jobs that changed"),
    (Action::Filter, "filter", "show only jobs that match"),
    (Action::Sort, "sort", "sort by the next column"),
    (Action::Reverse, "reverse", "sort the other way round"),
    (Action::Columns, "columns", "choose the columns"),
    (Action::Toggle, "toggle", "show or hide the column"),
    (Action::Settle, "settle", "settle a failure, with a note"),
    (Action::TakeBack, "take-back", "it is not settled after all"),
    (Action::CopyId, "copy-id", "copy the job id"),
    (Action::Copy, "copy", "choose what to copy"),
    (Action::Export, "export", "write the list to a file"),
    (Action::Refresh, "refresh", "read all targets now"),
    (Action::Pause, "pause", "stop polling, or go on"),
    (Action::Slower, "slower", "a longer interval between reads"),
    (Action::Faster, "faster", "a shorter interval between reads"),
    (Action::Zone, "zone", "times in UTC or in the local zone"),
    (Action::Theme, "theme", "the next theme"),
    (Action::Command, "command", "type the name of a command"),
    (Action::Help, "help", "this help, and out of it"),
    (Action::Accept, "accept", "take what was typed"),
    (Action::Cancel, "cancel", "leave it"),
    (Action::Previous, "previous", "what was typed before, or the entry above"),
    (Action::Next, "next", "what was typed after, or the entry below"),
    (Action::Complete, "complete", "complete the name"),
    (Action::Yes, "yes", "yes"),
    (Action::Redraw, "redraw", "draw the screen anew"),
    (Action::Suspend, "suspend", "stop the program; fg goes on"),
    (Action::Quit, "quit", "quit"),
];

impl Action {
    /// Every action, in the order of the help.
    pub fn all() -> impl Iterator<Item = Self> {
        ACTIONS.iter().map(|(action, _, _)| *action)
    }

    /// Its name: `half-page-down`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.entry().1
    }

    /// What it does, in a few words.
    #[must_use]
    pub fn help(self) -> &'static str {
        self.entry().2
    }

    /// The action of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        ACTIONS.iter().find(|(_, known, _)| *known == name).map(|(action, _, _)| *action)
    }

    fn entry(self) -> &'static (Self, &'static str, &'static str) {
        let entry = ACTIONS.iter().find(|(action, _, _)| *action == self);
        entry.expect("every action is in the list, which a test makes sure of")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_action_is_listed_once() {
        // The last variant's number is the count, as no variant has one of its own.
        assert_eq!(ACTIONS.len(), Action::Quit as usize + 1);
        assert_eq!(Action::all().collect::<HashSet<_>>().len(), ACTIONS.len());
        for action in Action::all() {
            assert_eq!(Action::named(action.name()), Some(action));
        }
    }
}
