//! The pane below the table: what matters most of the selected job. All of it is in [`super::full`].

use std::borrow::Cow;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::fields::{self, Field};
use crate::{
    engine::TargetState,
    job::{JobId, Row, Status},
    text,
    tui::{app::App, look::Look, paint, theme::Tone},
};

/// The columns of the labels.
pub(super) const LABEL: usize = 9;

/// From this width on, fields stand in two columns.
const TWO_COLUMNS: usize = 100;

fn selected(app: &App) -> Option<(Row<'_>, &TargetState)> {
    let at = app.rows.get(app.table.place())?;
    Some((app.snapshot.row(at), app.snapshot.target(at)))
}

/// Draws the pane.
pub(super) fn draw(app: &App, look: &Look<'_>, area: Rect, buf: &mut Buffer) {
    let Some((row, target)) = selected(app).filter(|_| area.height > 2) else { return };
    let inner = frame(&title(row.job.id, &row.job.trail, look), None, look, area, buf);
    let lines = brief(&row, target, look, inner.width as usize, inner.height as usize);
    paint::lines(buf, inner, &lines);
}

/// ` Job 16640 · payments-audit `.
pub(super) fn title(id: JobId, trail: &str, look: &Look<'_>) -> String {
    format!(" Job {id} {} {} ", look.theme.symbols.dot, text::clean(trail))
}

/// Draws a frame, and answers the place inside it, with a column of air at both sides.
pub(super) fn frame(title: &str, below: Option<&Line<'_>>, look: &Look<'_>, area: Rect, buf: &mut Buffer) -> Rect {
    let title = look.cut(title, area.width.saturating_sub(2) as usize);
    let inner = paint::frame(buf, area, look.theme.symbols.border, &title.into(), below);
    Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner }
}

/// The fields that matter most, the regions in short, then as much of the region grid as there is room for.
fn brief(row: &Row<'_>, target: &TargetState, look: &Look<'_>, width: usize, height: usize) -> Vec<Line<'static>> {
    let (job, read) = (fields::of_job(row, look), fields::of_read(row, target, look));
    let summary = with_request(regions_summary(row, target, look, width), row, look, width);
    let mut lines = one_column(&fields::of_standing(row, target, look), look, width);
    if width >= TWO_COLUMNS {
        lines.extend(two_columns(&job, &read, look, width));
        lines.push(summary);
    } else {
        lines.extend(one_column(&job, look, width));
        lines.push(summary);
        lines.extend(one_column(&read, look, width));
    }
    let grid = region_grid(row, look, width);
    let room = height.saturating_sub(lines.len());
    if grid.len() > room && room > 0 {
        lines.extend(grid.into_iter().take(room - 1));
        lines.push(look.line(&format!("{:LABEL$}Enter shows all regions", ""), Tone::Dim, width));
    } else {
        lines.extend(grid.into_iter().take(room));
    }
    lines
}

fn one_column(fields: &[Field], look: &Look<'_>, width: usize) -> Vec<Line<'static>> {
    fields.iter().map(|field| field_line(field, look, width)).collect()
}

/// Fields of which nothing is cut: what is long goes on below.
pub(super) fn wrapped(fields: &[Field], look: &Look<'_>, width: usize) -> Vec<Line<'static>> {
    let lines = |field: &Field| {
        let labels = std::iter::once(field.label).chain(std::iter::repeat(""));
        let (tone, value) = (field.tone, text::wrap(&field.value, width.saturating_sub(LABEL)));
        let line = |(label, value): (&str, String)| {
            Line::from(vec![look.span(text::fit(label, LABEL, ""), Tone::Dim), look.span(value, tone)])
        };
        labels.zip(value).map(line).collect::<Vec<_>>()
    };
    fields.iter().flat_map(lines).collect()
}

fn two_columns(left: &[Field], right: &[Field], look: &Look<'_>, width: usize) -> Vec<Line<'static>> {
    let half = width / 2 - 1;
    let pair = |at: usize| {
        let mut line = left.get(at).map_or_else(Line::default, |field| field_line(field, look, half));
        if let Some(field) = right.get(at) {
            let gap = (half + 2).saturating_sub(line.width());
            line.spans.push(Span::raw(" ".repeat(gap)));
            line.spans.extend(field_line(field, look, half).spans);
        }
        line
    };
    (0..left.len().max(right.len())).map(pair).collect()
}

fn field_line(field: &Field, look: &Look<'_>, width: usize) -> Line<'static> {
    let label = text::fit(field.label, LABEL, "");
    let value = look.cut(&field.value, width.saturating_sub(LABEL));
    Line::from(vec![look.span(label, Tone::Dim), look.span(value, field.tone)])
}

/// `regions  ✔ 11  ✖ 3  ○ 8  of 22 · read 20:41Z`, or why there are none.
pub(super) fn regions_summary(row: &Row<'_>, target: &TargetState, look: &Look<'_>, width: usize) -> Line<'static> {
    let label = look.span(text::fit("regions", LABEL, ""), Tone::Dim);
    let Some(regions) = row.regions else {
        let (words, tone) = match &target.regions_error {
            Some(error) if error.verdict().is_lasting() => (format!("not read: {}", error.remedy()), Tone::Warning),
            Some(error) => (format!("not read: {error}"), Tone::Warning),
            None => ("not read yet".to_owned(), Tone::Dim),
        };
        let words = look.cut(&text::clean(&words), width.saturating_sub(LABEL));
        return Line::from(vec![label, look.span(words, tone)]);
    };
    let counts = regions.counts();
    let mut spans = vec![label];
    for status in Status::KNOWN.into_iter().rev().filter(|status| counts.of(*status) > 0) {
        let (symbol, tone) = look.theme.status(status);
        spans.push(look.span(format!("{symbol} {}  ", counts.of(status)), tone));
    }
    let read = format!("of {} {} read {}", counts.total(), look.theme.symbols.dot, look.zone.clock(regions.read));
    spans.push(look.span(look.cut(&read, width.saturating_sub(columns(&spans))), Tone::Dim));
    Line::from(spans)
}

/// Adds the request of the regions where there is room: an id that is cut is of no use, and all details have it, too.
fn with_request(mut line: Line<'static>, row: &Row<'_>, look: &Look<'_>, width: usize) -> Line<'static> {
    let settled = row.regions.filter(|_| !row.job.status.is_active());
    if let Some(id) = settled.and_then(|regions| regions.request_id.as_deref()) {
        let words = format!(" {} request {}", look.theme.symbols.dot, text::clean(id));
        if columns(&line.spans) + text::width(&words) <= width {
            line.spans.push(look.span(words, Tone::Dim));
        }
    }
    line
}

fn columns(spans: &[Span<'_>]) -> usize {
    spans.iter().map(Span::width).sum()
}

/// Every region with its sign, those that need a look first, in columns.
fn region_grid(row: &Row<'_>, look: &Look<'_>, width: usize) -> Vec<Line<'static>> {
    let Some(regions) = row.regions else { return Vec::new() };
    let names: Vec<_> = fields::regions_by_urgency(regions)
        .into_iter()
        .map(|region| (text::clean(&region.region), region.status))
        .collect();
    let room = width.saturating_sub(LABEL);
    let widest = names.iter().map(|(name, _)| text::width(name)).max().unwrap_or(0).min(room.saturating_sub(4));
    let per_line = (room / (widest + 4)).max(1);
    let cell = |(name, status): &(Cow<'_, str>, Status)| {
        let (symbol, tone) = look.theme.status(*status);
        let name = text::fit(name, widest, look.theme.symbols.ellipsis);
        [look.span(format!("{symbol} "), tone), Span::raw(format!("{name}  "))]
    };
    let line = |cells: &[_]| {
        let mut spans = vec![Span::raw(" ".repeat(LABEL))];
        spans.extend(cells.iter().flat_map(cell));
        Line::from(spans)
    };
    names.chunks(per_line).map(line).collect()
}
