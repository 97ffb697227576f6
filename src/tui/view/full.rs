//! All details of one job, on the whole screen, in tabs. They stay on their job, also when the service does not list it any more.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::{Paragraph, Widget},
};
use serde_json::Value;

use super::{
    detail::{LABEL, frame, regions_summary, title, wrapped},
    fields, trail,
};
use crate::{
    engine::TargetState,
    job::{Change, Row, What},
    text,
    tui::{
        app::{App, Details, DetailsTab},
        look::Look,
        theme::Tone,
    },
};

/// Draws them.
pub(super) fn draw(app: &App, look: &Look<'_>, details: &Details, area: Rect, buf: &mut Buffer) {
    let trail = find(app, details).map_or_else(|| last_trail(app, details), |(row, _)| row.job.trail.to_string());
    let inner = frame(&title(details.job.id, &trail, look), Some(&tabs(details.tab, look)), look, area, buf);
    let lines = lines(app, look, details, inner.width as usize);
    Paragraph::new(lines).scroll((details.scroll, 0)).render(inner, buf);
}

/// How far they can be scrolled.
pub(super) fn most_scroll(app: &App, look: &Look<'_>, details: &Details, area: Rect) -> u16 {
    let lines = lines(app, look, details, area.width.saturating_sub(4) as usize).len();
    (lines as u16).saturating_sub(area.height.saturating_sub(2))
}

fn tabs(shown: DetailsTab, look: &Look<'_>) -> Line<'static> {
    let tab = |tab: DetailsTab| match tab == shown {
        true => Span::styled(format!("[{}]", tab.title()), look.theme.style(Tone::Strong)),
        false => look.span(format!(" {} ", tab.title()), Tone::Dim),
    };
    Line::from(DetailsTab::ALL.map(tab).to_vec())
}

fn find<'a>(app: &'a App, details: &Details) -> Option<(Row<'a>, &'a TargetState)> {
    let at = app.snapshot.find(&details.job)?;
    Some((app.snapshot.row(at), app.snapshot.target(at)))
}

fn lines(app: &App, look: &Look<'_>, details: &Details, width: usize) -> Vec<Line<'static>> {
    let Some((row, target)) = find(app, details) else { return gone(app, look, details, width) };
    match details.tab {
        DetailsTab::Summary => summary(&row, target, look, width),
        DetailsTab::Regions => regions(&row, target, look, width),
        DetailsTab::History => history(app, look, details, width),
        DetailsTab::Raw => raw(&row, width),
    }
}

/// Every field, the regions in short, the trail, and what the service sent that we do not know.
fn summary(row: &Row<'_>, target: &TargetState, look: &Look<'_>, width: usize) -> Vec<Line<'static>> {
    let mut lines = wrapped(&fields::full(row, target, look), look, width);
    lines.push(regions_summary(row, target, look, width));
    let parts =
        [("the trail", trail::of_job(row, target, look)), ("other fields of the API", fields::unknown(row.job))];
    for (heading, fields) in parts.into_iter().filter(|(_, fields)| !fields.is_empty()) {
        lines.push(Line::default());
        lines.push(look.line(heading, Tone::Dim, width));
        lines.extend(wrapped(&fields, look, width));
    }
    lines
}

/// Every region, those that need a look first.
fn regions(row: &Row<'_>, target: &TargetState, look: &Look<'_>, width: usize) -> Vec<Line<'static>> {
    let mut lines = vec![regions_summary(row, target, look, width)];
    let Some(regions) = row.regions else { return lines };
    if let Some(id) = regions.request_id.as_deref() {
        lines.push(look.line(&format!("{:LABEL$}request {}", "", text::clean(id)), Tone::Dim, width));
    }
    lines.push(Line::default());
    lines.extend(fields::regions_by_urgency(regions).into_iter().map(|region| {
        let (symbol, tone) = look.theme.status(region.status);
        let words = look.cut(&format!("{symbol} {}", region.status), 16);
        let name = look.cut(&text::clean(&region.region), width.saturating_sub(LABEL + 16));
        Line::from(vec![look.span(format!("{:LABEL$}{words:<16}", ""), tone), Span::raw(name)])
    }));
    lines
}

fn history(app: &App, look: &Look<'_>, details: &Details, width: usize) -> Vec<Line<'static>> {
    let seen = fields::seen(&app.snapshot, &details.job, look);
    let words = match seen.is_empty() {
        true => "Nothing was seen to change since this job is watched.",
        false => "as seen, as precisely as the reads allow",
    };
    let mut lines: Vec<_> = text::wrap(words, width).iter().map(|line| look.line(line, Tone::Dim, width)).collect();
    lines.extend(wrapped(&seen, look, width));
    lines
}

/// What the list said of it, a field a line.
fn raw(row: &Row<'_>, width: usize) -> Vec<Line<'static>> {
    let value: Value = serde_json::from_str(row.job.raw.get()).unwrap_or_default();
    let pretty = format!("{value:#}");
    let folded = pretty.lines().flat_map(|line| {
        let words = line.trim_start();
        let indent = line.len() - words.len();
        let folded = text::wrap(&text::clean(words), width.saturating_sub(indent));
        folded.into_iter().map(move |line| Line::from(format!("{:indent$}{line}", "")))
    });
    folded.collect()
}

/// What is left of a job that the service does not know any more: what was seen of it, and what is lost with it.
fn gone(app: &App, look: &Look<'_>, details: &Details, width: usize) -> Vec<Line<'static>> {
    let told = text::wrap("The service does not list this job any more.", width);
    let mut lines: Vec<_> = told.iter().map(|line| look.line(line, Tone::Bad, width)).collect();
    let seen = app.snapshot.history(&details.job);
    let last = seen.iter().rev().find_map(|transition| match &transition.what {
        What::Job(job, Change::Gone) => fields::risk_of_gone(job, look),
        _ => None,
    });
    lines.extend(last.iter().flat_map(|words| text::wrap(words, width)).map(Line::from));
    lines.push(Line::default());
    lines.extend(history(app, look, details, width));
    lines
}

fn last_trail(app: &App, details: &Details) -> String {
    let seen = app.snapshot.history(&details.job);
    seen.last().and_then(|transition| transition.what.job()).map_or_else(String::new, |job| job.trail.to_string())
}
