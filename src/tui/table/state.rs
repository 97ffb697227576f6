//! Which row is selected and which are in view. The selection belongs to a job, not to a place.

use crate::{engine::Snapshot, job::JobKey, tui::rows::Rows};

/// Selection and scroll position.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableState {
    selected: Option<JobKey>,
    place: usize,
    offset: usize,
    height: usize,
}

impl TableState {
    /// The selected job.
    #[must_use]
    pub fn selected(&self) -> Option<&JobKey> {
        self.selected.as_ref()
    }

    /// Where the selected job stands, from the top of the list.
    #[must_use]
    pub fn place(&self) -> usize {
        self.place
    }

    /// The first row in view.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// How many rows fit.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// Takes over how many rows fit.
    pub fn set_height(&mut self, height: usize, rows: &Rows) {
        self.height = height;
        self.reveal(rows);
    }

    /// Selects the row `by` rows further down (up, where negative), as far as there are rows.
    pub fn step(&mut self, by: isize, rows: &Rows, snapshot: &Snapshot) {
        self.select(self.place.saturating_add_signed(by), rows, snapshot);
    }

    /// Selects the row at a place, or the last one.
    pub fn select(&mut self, place: usize, rows: &Rows, snapshot: &Snapshot) {
        self.place = place.min(rows.len().saturating_sub(1));
        self.selected = rows.get(self.place).map(|at| snapshot.key(at));
        self.reveal(rows);
    }

    /// Finds the selected job in a new index. A job that is gone leaves the selection at its place.
    pub fn follow(&mut self, rows: &Rows, snapshot: &Snapshot) {
        let found = self.selected.as_ref().and_then(|key| rows.position(snapshot, key));
        match found {
            Some(place) => {
                // The view moves with the job, so that it stays at the same height of the screen.
                let moved = place as isize - self.place as isize;
                if self.offset > 0 {
                    self.offset = self.offset.saturating_add_signed(moved);
                }
                self.place = place;
                // Another profile of its account may tell of it now.
                self.selected = rows.get(place).map(|at| snapshot.key(at));
                self.reveal(rows);
            }
            None => self.select(self.place, rows, snapshot),
        }
    }

    /// Scrolls so that the selection is in view; at an edge the view jumps half a page, so that it moves rarely.
    fn reveal(&mut self, rows: &Rows) {
        let last = rows.len().saturating_sub(self.height);
        let in_view = self.offset..self.offset + self.height.max(1);
        if !in_view.contains(&self.place) {
            self.offset = self.place.saturating_sub(self.height / 2);
        }
        self.offset = self.offset.min(last);
    }
}
