//! What is on the screen, cell by cell, and what a reader makes of it: frames, headings, rows of jobs, the cursor.
//!
//! Every question is asked by columns, so that text that is one column off is not found.

use std::{fmt, ops::Range};

/// One look at the screen.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Screen {
    /// The text of each cell. The right half of a wide character has none.
    rows: Vec<Vec<String>>,
    /// Where the cursor is, row and column, if it is shown.
    pub(crate) cursor: Option<(u16, u16)>,
}

/// A row of the job table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JobRow {
    pub(crate) status: String,
    pub(crate) id: String,
    pub(crate) trail: String,
    pub(crate) selected: bool,
}

/// The columns of the table that are never missing on the screens of these tests.
struct Headings {
    row: usize,
    status: usize,
    id_end: usize,
    trail: Range<usize>,
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}", self.text())
    }
}

impl From<&vt100::Screen> for Screen {
    fn from(screen: &vt100::Screen) -> Self {
        let (height, width) = screen.size();
        let cell = |y, x| match screen.cell(y, x) {
            Some(cell) if cell.is_wide_continuation() => String::new(),
            Some(cell) if cell.has_contents() => cell.contents().to_owned(),
            _ => " ".to_owned(),
        };
        let rows = (0..height.get()).map(|y| (0..width.get()).map(|x| cell(y, x)).collect()).collect();
        Self { rows, cursor: (!screen.hide_cursor()).then(|| screen.cursor_position()) }
    }
}

impl Screen {
    pub(crate) fn height(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn row(&self, y: usize) -> String {
        self.rows[y].concat()
    }

    pub(crate) fn last_row(&self) -> String {
        self.row(self.rows.len() - 1)
    }

    /// All rows, without the blanks at their ends.
    pub(crate) fn text(&self) -> String {
        let rows: Vec<_> = (0..self.rows.len()).map(|y| self.row(y).trim_end().to_owned()).collect();
        rows.join("\n")
    }

    /// The same without the last row.
    pub(crate) fn above_footer(&self) -> String {
        self.text().rsplit_once('\n').map_or(String::new(), |(above, _)| above.to_owned())
    }

    /// Whether the words stand in one of the rows.
    pub(crate) fn has(&self, words: &str) -> bool {
        (0..self.rows.len()).any(|y| self.row(y).contains(words))
    }

    /// The frame's line above the job table.
    pub(crate) fn title(&self) -> String {
        let title = |y| Some(self.row(y)).filter(|row| row.starts_with("┌ Backfill jobs"));
        (0..self.rows.len()).find_map(title).unwrap_or_default()
    }

    /// By what the table is sorted, as in `trail ↑`.
    pub(crate) fn sort(&self) -> String {
        let title = self.title();
        let words = title.split_once("sort: ").map_or("", |(_, rest)| rest);
        words.trim_end_matches(['─', '┐']).trim().to_owned()
    }

    /// The frame's line above the details.
    pub(crate) fn details(&self) -> Option<String> {
        (0..self.rows.len()).map(|y| self.row(y)).find(|row| row.starts_with("┌ Job "))
    }

    /// Whether the details are those of the selected job. They are drawn after the table: what stands above them is
    /// whole, while a table by itself may still be under way from the program to the screen.
    pub(crate) fn is_drawn(&self) -> bool {
        let title = self.selected().map(|id| format!("┌ Job {id} · "));
        title.is_some_and(|title| self.details().is_some_and(|row| row.starts_with(&title)))
    }

    /// Whether the details have the whole screen.
    pub(crate) fn has_full_details(&self) -> bool {
        self.details().is_some() && self.title().is_empty() && self.has("│ job id ")
    }

    /// The rows that lie within a frame.
    pub(crate) fn framed(&self) -> usize {
        self.rows.iter().filter(|row| "┌│└".contains(row[0].as_str())).count()
    }

    /// The jobs in view.
    pub(crate) fn jobs(&self) -> Vec<JobRow> {
        let Some(headings) = self.headings() else { return Vec::new() };
        let rows = self.job_rows(&headings);
        rows.map(|row| {
            let left = row[headings.status..=headings.id_end].concat();
            let (status, id) = left.trim().rsplit_once(' ').unwrap_or_default();
            let status = status.trim().split_once(' ').map_or("", |(_symbol, words)| words);
            JobRow {
                status: status.to_owned(),
                id: id.to_owned(),
                trail: row[headings.trail.clone()].concat().trim().to_owned(),
                selected: row[1] == "›",
            }
        })
        .collect()
    }

    /// The place of the selected job among those in view.
    pub(crate) fn place(&self) -> Option<usize> {
        self.jobs().iter().position(|job| job.selected)
    }

    /// The selected job's number.
    pub(crate) fn selected(&self) -> Option<String> {
        self.jobs().into_iter().find(|job| job.selected).map(|job| job.id)
    }

    /// What is not where it belongs: frames that are not closed in the last column, cells that are not below their heading.
    pub(crate) fn faults(&self) -> Vec<String> {
        let framed = self.rows.iter().filter(|row| "┌│└".contains(row[0].as_str()));
        let open = framed.filter(|row| !row.last().is_some_and(|last| "┐│┘█".contains(last.as_str())));
        let mut faults: Vec<String> = open.map(|row| row.concat()).collect();
        if let Some(headings) = self.headings() {
            let aligned = |row: &&Vec<String>| {
                let between = &row[headings.id_end + 1..headings.trail.start];
                row[headings.status] != " " && row[headings.id_end] != " " && between.iter().all(|cell| cell == " ")
            };
            faults.extend(self.job_rows(&headings).filter(|row| !aligned(row)).map(|row| row.concat()));
        }
        faults
    }

    fn headings(&self) -> Option<Headings> {
        let row = self.rows.iter().position(|row| row.concat().starts_with("│ STATUS "))?;
        // Cells, not bytes: no heading is wider than its letters.
        let text: Vec<char> = self.row(row).chars().collect();
        let find = |word: &str| {
            let word: Vec<char> = word.chars().collect();
            text.windows(word.len()).position(|window| *window == *word)
        };
        let (status, id, trail) = (find("STATUS")?, find("JOB ID")?, find("TRAIL")?);
        let end = ["TARGET", "PROGRESS"].into_iter().find_map(find).unwrap_or(text.len() - 1);
        Some(Headings { row, status, id_end: id + "JOB ID".len() - 1, trail: trail..end })
    }

    fn job_rows<'a>(&'a self, headings: &Headings) -> impl Iterator<Item = &'a Vec<String>> {
        let is_job = |row: &&Vec<String>| row[0] == "│" && row[2] != " ";
        self.rows[headings.row + 1..].iter().take_while(is_job)
    }
}
