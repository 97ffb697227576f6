//! The columns, one value each: adding one touches this list and nothing else.

use ratatui::text::{Line, Span};

use crate::{
    job::{Job, Regions, Row, SortKey, StatusCounts, TargetKey},
    text,
    tui::{look::Look, theme::Tone},
};

/// One column.
#[derive(Debug)]
pub struct Column {
    /// Its heading.
    pub title: &'static str,
    /// What sorting by it means.
    pub key: Option<SortKey>,
    /// How wide it is.
    pub width: Width,
    /// Those with the highest number leave first where it is narrow; 0 never leaves.
    pub importance: u8,
    /// At which side its cells begin.
    pub align: Align,
    /// What it says of a row, in at most so many columns.
    pub cell: fn(&Row<'_>, &Look<'_>, usize) -> Line<'static>,
}

/// How wide a column is, in terminal columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// Always the same.
    Fixed(usize),
    /// From the one to the other, as there is room.
    Grow(usize, usize),
    /// As wide as its widest cell, where there is room; at least so much.
    Content(Content, usize),
}

/// Columns whose cells decide how wide they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Job ids, which are never cut.
    Id,
    /// Trail names.
    Trail,
    /// Targets.
    Target,
}

/// The widest cell of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Widest {
    /// Job ids.
    pub id: usize,
    /// Trail names.
    pub trail: usize,
    /// Targets.
    pub target: usize,
}

impl Widest {
    /// Takes a job into account.
    pub fn see(&mut self, job: &Job) {
        let digits = job.id.get().unsigned_abs().checked_ilog10().unwrap_or(0) as usize + 1;
        self.id = self.id.max(digits + usize::from(job.id.get() < 0));
        self.trail = self.trail.max(text::width(&text::clean(&job.trail)));
    }

    /// Takes a target into account.
    pub fn see_target(&mut self, target: &TargetKey) {
        let profile = text::width(&text::clean(target.profile.as_str()));
        self.target = self.target.max(profile + 1 + target.region.as_str().len());
    }

    fn of(self, content: Content) -> usize {
        match content {
            Content::Id => self.id,
            Content::Trail => self.trail,
            Content::Target => self.target,
        }
    }
}

/// At which side a cell begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Texts.
    Left,
    /// Numbers.
    Right,
}

/// Between two columns.
pub(super) const GAP: usize = 2;

/// The importance of the trail, the last column whose names are cut rather than left out.
const TRAIL: u8 = 2;

/// Every column, from left to right.
pub const COLUMNS: &[Column] = &[
    Column {
        title: "STATUS",
        key: Some(SortKey::Status),
        width: Width::Fixed(14),
        importance: 0,
        align: Align::Left,
        cell: status,
    },
    Column {
        title: "JOB ID",
        key: Some(SortKey::Id),
        width: Width::Content(Content::Id, 6),
        importance: 1,
        align: Align::Right,
        cell: id,
    },
    Column {
        title: "TRAIL",
        key: Some(SortKey::Trail),
        width: Width::Content(Content::Trail, 10),
        importance: TRAIL,
        align: Align::Left,
        cell: trail,
    },
    Column {
        title: "TARGET",
        key: Some(SortKey::Target),
        width: Width::Content(Content::Target, 16),
        importance: 3,
        align: Align::Left,
        cell: target,
    },
    Column {
        title: "PROGRESS",
        key: None,
        width: Width::Grow(11, 18),
        importance: 4,
        align: Align::Left,
        cell: progress,
    },
    Column {
        title: "CREATED",
        key: Some(SortKey::Created),
        width: Width::Fixed(8),
        importance: 5,
        align: Align::Left,
        cell: created,
    },
    Column {
        title: "ELAPSED",
        key: Some(SortKey::Elapsed),
        width: Width::Fixed(7),
        importance: 6,
        align: Align::Left,
        cell: elapsed,
    },
    Column {
        title: "UPDATED",
        key: Some(SortKey::Updated),
        width: Width::Fixed(8),
        importance: 7,
        align: Align::Left,
        cell: updated,
    },
];

fn status(row: &Row<'_>, look: &Look<'_>, width: usize) -> Line<'static> {
    let (symbol, words, tone) = look.theme.job(row);
    look.line(&format!("{symbol} {words}"), tone, width)
}

fn id(row: &Row<'_>, look: &Look<'_>, width: usize) -> Line<'static> {
    look.line(&row.job.id.to_string(), Tone::Normal, width)
}

fn trail(row: &Row<'_>, look: &Look<'_>, width: usize) -> Line<'static> {
    look.line(&text::clean(&row.job.trail), Tone::Normal, width)
}

fn target(row: &Row<'_>, look: &Look<'_>, width: usize) -> Line<'static> {
    let name = look.cut(&text::clean(&row.target.to_string()), width);
    Line::from(look.target(row.target, name, Tone::Normal))
}

fn created(row: &Row<'_>, look: &Look<'_>, width: usize) -> Line<'static> {
    let age = row.job.created.map(|at| look.ago(at));
    look.line(&age.unwrap_or_default(), Tone::Normal, width)
}

fn updated(row: &Row<'_>, look: &Look<'_>, width: usize) -> Line<'static> {
    let age = row.job.updated.map(|at| look.ago(at));
    look.line(&age.unwrap_or_default(), Tone::Normal, width)
}

fn elapsed(row: &Row<'_>, look: &Look<'_>, width: usize) -> Line<'static> {
    look.line(&look.coarse_run(row.job).unwrap_or_default(), Tone::Normal, width)
}

/// A bar and `done/all`. A blank is not a zero: only regions that were read have a bar.
fn progress(row: &Row<'_>, look: &Look<'_>, width: usize) -> Line<'static> {
    let Some(counts) = row.regions.map(Regions::counts).filter(|counts| counts.total() > 0) else {
        return Line::default();
    };
    let StatusCounts { complete, failed, .. } = counts;
    let numbers = format!(" {complete}/{}", counts.total());
    let room = width.saturating_sub(numbers.len()).min(12);
    let part = |count: usize| count * room / counts.total();
    let symbols = look.theme.symbols;
    let piece = |sign: &str, count: usize, tone| Span::styled(sign.repeat(count), look.theme.style(tone));
    let done_tone = if counts.active() > 0 { Tone::Active } else { Tone::Good };
    let (done, lost) = (part(complete), part(complete + failed) - part(complete));
    Line::from(vec![
        piece(symbols.bar_full, done, done_tone),
        piece(symbols.bar_lost, lost, Tone::Bad),
        piece(symbols.bar_empty, room - done - lost, Tone::Dim),
        Span::raw(numbers),
    ])
}

/// A name up to this long is not cut while a less important column can leave.
const WHOLE_NAME: usize = 20;

/// The most that names take, however long they are.
const LONGEST_NAME: usize = 48;

/// How wide a column is at least, and at most.
#[derive(Debug, Clone, Copy)]
struct Range {
    /// With its names cut.
    least: usize,
    /// With its names whole.
    whole: usize,
    /// With all the air that it can use.
    most: usize,
}

impl Column {
    fn range(&self, widest: Widest) -> Range {
        match self.width {
            Width::Fixed(width) => Range { least: width, whole: width, most: width },
            Width::Grow(least, most) => Range { least, whole: least, most },
            Width::Content(Content::Id, least) => {
                let width = least.max(widest.id);
                Range { least: width, whole: width, most: width }
            }
            Width::Content(content, least) => {
                let most = widest.of(content).clamp(least, LONGEST_NAME);
                Range { least, whole: most.min(WHOLE_NAME), most }
            }
        }
    }
}

/// Which columns fit into `room` columns, and how wide each is. `wanted` says which may be shown at all.
#[must_use]
pub fn fit(room: usize, widest: Widest, wanted: impl Fn(&Column) -> bool) -> Vec<(&'static Column, usize)> {
    let whole = |column: &'static Column| (column, column.range(widest).whole);
    let mut chosen: Vec<_> = COLUMNS.iter().filter(|column| wanted(column)).map(whole).collect();
    // Numbers and times leave before a name is cut, and a cut name leaves last.
    drop_least_important(&mut chosen, room, TRAIL);
    if taken(&chosen) > room {
        chosen.iter_mut().for_each(|(column, width)| *width = column.range(widest).least);
        drop_least_important(&mut chosen, room, 0);
    }
    share_out(&mut chosen, room, widest);
    chosen
}

fn taken(chosen: &[(&Column, usize)]) -> usize {
    chosen.iter().map(|(_, width)| width + GAP).sum::<usize>().saturating_sub(GAP)
}

fn drop_least_important(chosen: &mut Vec<(&Column, usize)>, room: usize, keep: u8) {
    while taken(chosen) > room {
        let last = (0..chosen.len()).max_by_key(|at| chosen[*at].0.importance);
        let Some(last) = last.filter(|at| chosen[*at].0.importance > keep) else { return };
        chosen.remove(last);
    }
}

/// What is left goes round, a column at a time, so that no name is cut while another one has air.
fn share_out(chosen: &mut [(&Column, usize)], room: usize, widest: Widest) {
    let mut spare = room.saturating_sub(taken(chosen));
    loop {
        let before = spare;
        for (column, width) in chosen.iter_mut() {
            if spare > 0 && *width < column.range(widest).most {
                *width += 1;
                spare -= 1;
            }
        }
        if spare == 0 || spare == before {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn columns_fit_and_the_status_never_leaves(room in 14..300_usize, id in 0..20_usize, trail in 0..200_usize) {
            let fitted = fit(room, Widest { id, trail, target: 20 }, |_| true);
            let taken: usize = fitted.iter().map(|(_, width)| width + GAP).sum();
            prop_assert!(taken <= room + GAP);
            prop_assert_eq!(fitted[0].0.title, "STATUS");
        }
    }

    #[test]
    fn narrow_screens_lose_the_least_important_first() {
        let widest = Widest { id: 5, trail: 14, target: 19 };
        let titles =
            |room| fit(room, widest, |_| true).iter().map(|(column, _)| column.title).collect::<Vec<_>>().join(" ");
        assert_eq!(titles(110), "STATUS JOB ID TRAIL TARGET PROGRESS CREATED ELAPSED UPDATED");
        assert_eq!(titles(77), "STATUS JOB ID TRAIL TARGET PROGRESS");
        assert_eq!(titles(36), "STATUS JOB ID TRAIL");
        assert_eq!(titles(30), "STATUS JOB ID");
        assert_eq!(titles(14), "STATUS");
    }
}
