//! What stands in the table's place while there is no job to show: loading, empty, refused, in trouble, filtered away.
//!
//! Each says what is so and what to do next.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::Line,
    widgets::{Paragraph, Widget, Wrap},
};

use crate::{
    engine::{Error, Freshness, Health, TargetState},
    text,
    tui::{app::App, look::Look, theme::Tone},
};

/// Draws the words into the upper middle of `area`.
pub(super) fn draw(app: &App, look: &Look<'_>, area: Rect, buf: &mut Buffer) {
    let lines = if app.rows.total() > 0 { filtered_away(app, look) } else { nothing_read(app, look) };
    let width = area.width.saturating_sub(4).min(96);
    let rows: usize = lines.iter().map(|line| line.width().div_ceil(width.max(1) as usize).max(1)).sum();
    let above = (area.height.saturating_sub(rows as u16)) / 3;
    let place = Rect { x: area.x + (area.width - width) / 2, y: area.y + above, width, height: area.height - above };
    Paragraph::new(lines).wrap(Wrap { trim: false }).render(place, buf);
}

fn filtered_away(app: &App, look: &Look<'_>) -> Vec<Line<'static>> {
    let search = text::clean(app.search.input.value()).into_owned();
    vec![
        Line::from(look.span(format!("None of {} jobs has {search:?} in it.", app.rows.total()), Tone::Strong)),
        Line::from("Esc drops the filter."),
    ]
}

fn nothing_read(app: &App, look: &Look<'_>) -> Vec<Line<'static>> {
    let targets = &app.snapshot.targets;
    let all_empty = targets.iter().all(|target| target.read.is_some() && target.health == Health::Ok);
    if all_empty {
        return empty(look, targets.iter().map(|target| target.key.to_string()));
    }
    let mut lines = Vec::new();
    for target in targets.iter() {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.extend(one_target(app, look, target));
    }
    lines
}

fn empty(look: &Look<'_>, targets: impl Iterator<Item = String>) -> Vec<Line<'static>> {
    let targets = targets.collect::<Vec<_>>().join(", ");
    vec![
        Line::from(look.span("There are no backfill jobs.", Tone::Strong)),
        Line::from(text::clean(&format!("Read without trouble: {targets}.")).into_owned()),
        Line::default(),
        Line::from("A job copies the events of the last 90 days to a trail that delivers to Simple Log Service:"),
        Line::from("  aliyun actiontrail CreateDeliveryHistoryJob --TrailName NAME"),
        Line::from("The feature may have to be enabled for the account first; a ticket with Alibaba Cloud opens it."),
    ]
}

fn one_target(app: &App, look: &Look<'_>, target: &TargetState) -> Vec<Line<'static>> {
    let name = text::clean(&target.key.to_string()).into_owned();
    let Some(error) = target.health.error() else {
        return vec![Line::from(calm(app, look, target, &name))];
    };
    let (state, tone) = match &target.health {
        Health::Refused { .. } => ("refused", Tone::Bad),
        _ => ("can't be read", Tone::Warning),
    };
    let mut lines = vec![Line::from(look.span(format!("{name}: {state}"), tone))];
    lines.extend(explain(look, target, error));
    lines
}

fn calm(app: &App, look: &Look<'_>, target: &TargetState, name: &str) -> ratatui::text::Span<'static> {
    match (target.freshness(app.snapshot.interval, look.now), target.reading) {
        (Freshness::Paused, _) => look.span(format!("{name}: paused; p goes on"), Tone::Warning),
        (_, _) if target.read.is_some() => look.span(format!("{name}: no jobs"), Tone::Normal),
        (_, Some(reading)) if reading.jobs > 0 => {
            let of = reading.total.map_or_else(String::new, |total| format!(" of {total}"));
            look.span(format!("{name}: reading, {}{of} jobs so far", reading.jobs), Tone::Active)
        }
        _ => look.span(format!("{name}: reading from {}", target.endpoint), Tone::Active),
    }
}

/// What happened, with which key, what to tell support, what to do.
fn explain(look: &Look<'_>, target: &TargetState, error: &Error) -> Vec<Line<'static>> {
    let fact = |label: &str, words: &str| {
        let label = look.span(format!("  {label:<11}"), Tone::Dim);
        Line::from(vec![label, text::clean(words).into_owned().into()])
    };
    let mut lines = vec![fact("what", &error.to_string())];
    lines.push(fact("endpoint", &target.endpoint));
    lines.push(fact("credentials", &target.credentials));
    if let Some(id) = error.request_id() {
        lines.push(fact("RequestId", id));
    }
    if let Health::Retrying { since, attempt, .. } = &target.health {
        let tries = if *attempt == 1 { "once".to_owned() } else { format!("{attempt} times") };
        lines.push(fact("since", &format!("{}, failed {tries}", look.zone.time(*since))));
    }
    lines.push(fact("to do", &error.remedy()));
    let again = match &target.health {
        Health::Refused { .. } => "in 5 minutes, or now with r",
        _ => "by itself, or now with r",
    };
    lines.push(fact("asked again", again));
    lines
}
