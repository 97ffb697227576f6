//! What fills the screen: the table, the details of one job, the events, the coverage, or the targets. Only one at a time.

use crate::job::JobKey;

/// What fills the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tui) enum Screen {
    /// The job table, with or without the pane of the selected job.
    Table,
    /// Everything about one job. It stays on that job, whatever happens in the table.
    Details(Details),
    /// What was seen to change, and errors: the newest first, so many down.
    Events(usize),
    /// What of the last 90 days of each trail's events was delivered, and which trail is selected.
    Coverage(usize),
    /// Every target and how it fares, and which of them is selected.
    Targets(usize),
}

/// The full details.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tui) struct Details {
    pub(in crate::tui) job: JobKey,
    pub(in crate::tui) tab: DetailsTab,
    /// How many lines they are scrolled down.
    pub(in crate::tui) scroll: u16,
}

/// The tabs of the details.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tui) enum DetailsTab {
    /// Every field and what follows from it.
    Summary,
    /// Every region.
    Regions,
    /// What was seen of the job.
    History,
    /// What the service sent.
    Raw,
}

impl DetailsTab {
    /// Every tab, from left to right.
    pub(in crate::tui) const ALL: [Self; 4] = [Self::Summary, Self::Regions, Self::History, Self::Raw];

    /// Its name.
    pub(in crate::tui) const fn title(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Regions => "regions",
            Self::History => "history",
            Self::Raw => "json",
        }
    }

    /// The one so many further right; behind the last comes the first.
    pub(super) fn beside(self, by: isize) -> Self {
        let tabs = Self::ALL.len().cast_signed();
        let at = Self::ALL.iter().position(|tab| *tab == self).unwrap_or(0).cast_signed();
        Self::ALL[(at + by).rem_euclid(tabs).unsigned_abs()]
    }
}

/// Whether the selected job's details stand below the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tui) enum Pane {
    /// They do.
    Shown,
    /// The table has the whole screen.
    Hidden,
}
