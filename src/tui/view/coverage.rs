//! What of the last 90 days of each trail's events was delivered: a bar for each trail, the whole of the selected one below.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::{Block, Borders, Paragraph, Widget},
};

use super::{
    detail::{frame, wrapped},
    notice::all_hidden,
    trail,
};
use crate::{
    engine::{TargetState, TrailRef},
    job::coverage::{EDGE, SegmentState},
    text,
    tui::{app::App, look::Look, theme::Tone},
    units,
};

/// The most lines for targets that do not tell of their trails.
const NOTES: usize = 3;

/// The most lines for the whole of the selected trail.
const WHOLE: u16 = 12;

/// From these widths on a row has a word, and its target.
const WITH_WORD: usize = 64;
const WITH_TARGET: usize = 100;

/// The widest that a bar is: a column a day.
const DAYS: usize = 90;

/// The columns for the length of a hole.
const HOLE: usize = 6;

/// How wide the columns of the list are.
struct Widths {
    word: usize,
    trail: usize,
    target: usize,
    bar: usize,
}

/// Draws the list.
pub(super) fn draw(app: &App, look: &Look<'_>, place: usize, area: Rect, buf: &mut Buffer) {
    let inner = frame(&title(app, look), Some(&legend(look, area.width as usize)), look, area, buf);
    let (width, notes) = (inner.width as usize, notes(app, look));
    if app.trails.shown.is_empty() {
        let lines = if notes.is_empty() { vec![nothing(app, look, width)] } else { notes };
        Paragraph::new(lines).render(inner, buf);
        return;
    }
    let whole = whole(app, look, place, width);
    let below = (whole.len() as u16 + 1).min(WHOLE).min(inner.height / 2);
    let rows = (inner.height - below).saturating_sub(1 + notes.len() as u16) as usize;
    let first = (place + 1).saturating_sub(rows);
    let widths = widths(app, width);
    let mut lines = vec![heading(&widths, look)];
    let shown = app.trails.shown.iter().enumerate().skip(first).take(rows);
    lines.extend(shown.map(|(at, trail)| row(app, look, &widths, *trail, at == place)));
    lines.extend(notes);
    Paragraph::new(lines).render(inner, buf);
    let line = Block::new().borders(Borders::TOP).border_set(look.theme.symbols.border);
    let below = Rect { y: inner.bottom() - below, height: below, ..inner };
    Paragraph::new(whole).block(line).render(below, buf);
}

fn title(app: &App, look: &Look<'_>) -> String {
    let dot = look.theme.symbols.dot;
    let read = app.shown_targets().filter_map(|target| target.trails.read).min();
    let counts = |at| {
        let (trails, uncovered) = (app.trails.shown.len(), app.trails.uncovered);
        format!(" {dot} {trails} trails, {uncovered} uncovered {dot} read {}", look.zone.clock(at))
    };
    format!(" Coverage{} ", read.map_or_else(String::new, counts))
}

/// What the signs mean.
fn legend(look: &Look<'_>, width: usize) -> Line<'static> {
    let part = |state: SegmentState| {
        let (sign, tone) = trail::sign(state, look);
        let more = if state == SegmentState::Edge && width >= WITH_WORD {
            format!(", lost within {}", units::coarse(EDGE))
        } else {
            String::new()
        };
        [look.span(format!(" {sign} "), tone), look.span(format!("{}{more} ", state.word()), Tone::Dim)]
    };
    Line::from([SegmentState::Covered, SegmentState::Hole, SegmentState::Edge].map(part).concat())
}

/// Why nothing, or not everything, is there: a line for each target that does not tell, and for those that have no room one.
fn notes(app: &App, look: &Look<'_>) -> Vec<Line<'static>> {
    let width = app.size.width.saturating_sub(4) as usize;
    let note = |target: &TargetState| {
        let why = match &target.trails.error {
            Some(error) => trail::why_not(&[error])?,
            None if target.trails.faults > 0 => format!("{} trails can't be read", target.trails.faults),
            None => return None,
        };
        Some(look.line(&text::clean(&format!("{}: {why}", target.key)), Tone::Warning, width))
    };
    let mut notes: Vec<_> = app.shown_targets().filter_map(note).collect();
    if notes.len() > NOTES {
        let more = notes.split_off(NOTES - 1).len();
        notes.push(look.line(&format!("and {more} more targets, see t"), Tone::Warning, width));
    }
    notes
}

fn nothing(app: &App, look: &Look<'_>, width: usize) -> Line<'static> {
    if let Some(words) = all_hidden(app) {
        return look.line(&words, Tone::Normal, width);
    }
    let mut told = app.shown_targets().filter(|target| target.twin.is_none());
    let is_read = told.all(|target| target.trails.read.is_some());
    let words = if is_read { "There are no trails." } else { "The trails are read once the jobs are." };
    look.line(words, Tone::Dim, width)
}

fn widths(app: &App, width: usize) -> Widths {
    let widest = |of: &dyn Fn(TrailRef) -> usize| app.trails.shown.iter().map(|at| of(*at)).max().unwrap_or(0);
    let name = widest(&|at| text::width(&text::clean(&app.snapshot.trail(at).known.trail.name)));
    let word = if width >= WITH_WORD { 16 } else { 0 };
    let trail = name.clamp(5, (width / 4).max(8)) + 2;
    let target = match width >= WITH_TARGET {
        true => widest(&|at| text::width(&text::clean(&app.snapshot.trail(at).target.to_string()))).clamp(6, 24) + 2,
        false => 0,
    };
    let bar = width.saturating_sub(1 + word + trail + target + HOLE).min(DAYS);
    Widths { word, trail, target, bar }
}

fn heading(widths: &Widths, look: &Look<'_>) -> Line<'static> {
    let Widths { word, trail, target, bar } = *widths;
    let title = |name: &str, width: usize| text::fit(name, width, "");
    let (from, to) = ("90 days ago", "now");
    let axis = match bar > from.len() + to.len() {
        true => format!("{from}{to:>width$}", width = bar - from.len()),
        false => " ".repeat(bar),
    };
    let words = [title("COVERAGE", word), title("TRAIL", trail), title("TARGET", target), axis].concat();
    look.line(&format!(" {words}{:>HOLE$}", "HOLE"), Tone::Dim, usize::MAX)
}

fn row(app: &App, look: &Look<'_>, widths: &Widths, at: TrailRef, is_selected: bool) -> Line<'static> {
    let row = app.snapshot.trail(at);
    let (trail, delivered) = (&row.known.trail, &row.known.delivered);
    let lacks = delivered.is_uncovered(look.now);
    let cell = |words: &str, width: usize| match width {
        0 => String::new(),
        _ => text::fit(&text::clean(words), width - 2, look.theme.symbols.ellipsis) + "  ",
    };
    let cursor = if is_selected { look.theme.symbols.cursor } else { " " };
    let (sign, tone) = match lacks {
        true => (look.theme.symbols.uncovered, Tone::Bad),
        false => (" ", Tone::Normal),
    };
    let word = format!("{sign} {}", delivered.word(look.now).replace('_', " "));
    let mut spans = vec![Span::raw(cursor.to_owned()), look.span(cell(&word, widths.word), tone)];
    // Without its word, the name says by its tone and the bar by its signs what is so.
    spans.push(look.span(cell(&trail.name, widths.trail), if lacks { Tone::Bad } else { Tone::Strong }));
    spans.push(Span::raw(cell(&row.target.to_string(), widths.target)));
    match delivered.bar(look.now) {
        None => spans.push(look.span(format!("{:width$}{:>HOLE$}", "", "-", width = widths.bar), Tone::Dim)),
        Some(bar) => {
            let cells = trail::bar(&bar, widths.bar, look);
            spans.extend(cells.chunk_by(|a, b| a == b).map(|run| look.span(run[0].0.repeat(run.len()), run[0].1)));
            let missing = bar.missing();
            let missing = if missing.is_zero() { String::new() } else { units::coarse(missing) };
            spans.push(look.span(format!("{missing:>HOLE$}"), tone));
        }
    }
    let line = Line::from(spans);
    if is_selected { line.style(look.theme.selected()) } else { line }
}

/// Everything about the selected trail.
fn whole(app: &App, look: &Look<'_>, place: usize, width: usize) -> Vec<Line<'static>> {
    let Some(at) = app.trails.shown.get(place) else { return Vec::new() };
    let (row, target) = (app.snapshot.trail(*at), &app.snapshot.targets[at.target as usize]);
    let name = text::clean(&format!("{} {} {}", row.known.trail.name, look.theme.symbols.dot, row.target)).into_owned();
    let mut lines = vec![look.line(&name, Tone::Strong, width)];
    let mut fields = trail::of_trail(row.known, look);
    // What matters first, since not all of it may have room.
    fields.sort_by_key(|field| field.tone != Tone::Bad && field.label != "coverage");
    let status = target.trails.status(&row.known.trail.name);
    let at = fields.iter().position(|field| field.tone != Tone::Bad).unwrap_or(fields.len());
    status.into_iter().for_each(|status| fields.insert(at, trail::delivery(status, look)));
    lines.extend(wrapped(&fields, look, width));
    lines
}
