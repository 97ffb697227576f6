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
    engine::{Error, Freshness, Health, TargetState, Verdict},
    text,
    tui::{
        action::Action,
        app::{App, Tab},
        keymap::Context,
        look::Look,
        theme::Tone,
    },
};

/// Draws the words into the upper middle of `area`.
pub(super) fn draw(app: &App, look: &Look<'_>, area: Rect, buf: &mut Buffer) {
    let width = area.width.saturating_sub(4).min(96);
    let lines = if app.rows.total() > 0 { filtered_away(app, look) } else { nothing_read(app, look, width as usize) };
    let lines = as_many_as_fit(lines, area.height as usize);
    let rows: usize = lines.iter().map(|line| line.width().div_ceil(width.max(1) as usize).max(1)).sum();
    let above = (area.height.saturating_sub(rows as u16)) / 3;
    let place = Rect { x: area.x + (area.width - width) / 2, y: area.y + above, width, height: area.height - above };
    Paragraph::new(lines).wrap(Wrap { trim: false }).render(place, buf);
}

/// What does not fit is said to be left out.
fn as_many_as_fit(mut lines: Vec<Line<'static>>, height: usize) -> Vec<Line<'static>> {
    if lines.len() > height && height > 0 {
        let left_out = lines.len() - height + 1;
        lines.truncate(height - 1);
        lines.push(Line::from(format!("... and {left_out} more lines")));
    }
    lines
}

/// What keeps every job from the table, the tab, the filter or both, and the keys that end that.
fn filtered_away(app: &App, look: &Look<'_>) -> Vec<Line<'static>> {
    let (total, search) = (app.rows.total(), text::clean(&app.search.in_force));
    let through = format!("let through by /{search}");
    let what = match (app.list.tab, search.is_empty()) {
        (Tab::All, _) => format!("None of {total} jobs is {through}"),
        (Tab::Active, true) => "No job is under way.".to_owned(),
        (Tab::Active, false) => format!("None of {total} jobs is under way and {through}"),
        (Tab::Open, true) => "No failure is open.".to_owned(),
        (Tab::Open, false) => format!("None of {total} jobs is an open failure and {through}"),
        (Tab::Complete, true) => "No job is complete.".to_owned(),
        (Tab::Complete, false) => format!("None of {total} jobs is complete and {through}"),
        (Tab::Changed, true) => format!("Nothing has changed since {}.", last_visit(app, look)),
        (Tab::Changed, false) => format!("None of {total} jobs has changed and is {through}"),
    };
    let key = |action| app.preferences.keys.key(app.context(), action);
    let drops = key(Action::Back).or_else(|| key(Action::Cancel)).filter(|_| !search.is_empty());
    let shows_all = key(Action::ShowAll).filter(|_| app.list.tab != Tab::All);
    let keys =
        [drops.map(|key| format!("{key} drops the filter.")), shows_all.map(|key| format!("{key} shows all jobs."))];
    let keys: Vec<String> = keys.into_iter().flatten().collect();
    vec![Line::from(look.span(what, Tone::Strong)), Line::from(keys.join(" "))]
}

fn last_visit(app: &App, look: &Look<'_>) -> String {
    let since = app.snapshot.news.since;
    since.map_or_else(|| "this dashboard began".to_owned(), |since| format!("your last visit {}", look.ago(since)))
}

/// Where there is nothing to tell of, because the user wants to hear of no target.
pub(super) fn all_hidden(app: &App) -> Option<String> {
    if app.shown_targets().next().is_some() {
        return None;
    }
    let key = |context| app.preferences.keys.key(context, Action::Targets);
    let lists = match (key(app.context()), key(Context::Table)) {
        (Some(key), _) => format!("; {key} lists them"),
        (None, Some(key)) => format!("; {key} in the table lists them"),
        (None, None) => String::new(),
    };
    Some(format!("All targets are hidden{lists}."))
}

fn nothing_read(app: &App, look: &Look<'_>, width: usize) -> Vec<Line<'static>> {
    if let Some(words) = all_hidden(app) {
        return vec![Line::from(look.span(words, Tone::Strong))];
    }
    // Of a twin there is nothing to tell but what is told of the one that is read in its place.
    let targets = || app.shown_targets().filter(|target| target.twin.is_none());
    let all_empty = targets().all(|target| target.read.is_some() && target.health == Health::Ok);
    if all_empty {
        return empty(look, targets().map(|target| target.key.to_string()));
    }
    let mut lines = Vec::new();
    for target in targets() {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.extend(one_target(app, look, target, width));
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

fn one_target(app: &App, look: &Look<'_>, target: &TargetState, width: usize) -> Vec<Line<'static>> {
    let name = text::clean(&target.key.to_string()).into_owned();
    let Some(error) = target.health.error() else {
        return vec![Line::from(calm(app, look, target, &name))];
    };
    let (state, tone) = match error.verdict() {
        Verdict::Refused => ("refused", Tone::Bad),
        Verdict::NotEnabled => ("backfill jobs are not enabled for this account", Tone::Bad),
        Verdict::MayPass | Verdict::NotFound => ("can't be read", Tone::Warning),
    };
    let mut lines = vec![Line::from(look.span(format!("{name}: {state}"), tone))];
    for (label, words) in facts(look, target, error) {
        lines.extend(fact(look, label, &words, width));
    }
    lines
}

/// A label, and words that are folded beside it.
fn fact(look: &Look<'_>, label: &str, words: &str, width: usize) -> Vec<Line<'static>> {
    const LABEL: usize = 13;
    if width < 50 {
        let folded = text::wrap(&text::clean(&format!("{label}: {words}")), width);
        return folded.into_iter().map(Line::from).collect();
    }
    let folded = text::wrap(&text::clean(words), width.saturating_sub(LABEL + 2));
    let labels = std::iter::once(label).chain(std::iter::repeat(""));
    let line = |(label, words): (&str, String)| {
        Line::from(vec![look.span(format!("  {label:<LABEL$}"), Tone::Dim), words.into()])
    };
    labels.zip(folded).map(line).collect()
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

/// What happened, what to do, with which key, what to tell support.
fn facts(look: &Look<'_>, target: &TargetState, error: &Error) -> Vec<(&'static str, String)> {
    let mut facts = vec![("to do", error.remedy()), ("what", error.line())];
    facts.push(("credentials", target.signing.with.to_string()));
    facts.push(("endpoint", target.endpoint.to_string()));
    facts.extend(error.request_id().map(|id| ("RequestId", id.to_owned())));
    if let Health::Retrying { since, attempt, .. } = &target.health {
        let tries = if *attempt == 1 { "once".to_owned() } else { format!("{attempt} times") };
        facts.push(("since", format!("{}, failed {tries}", look.zone.time(*since))));
    }
    let again = if error.verdict().is_lasting() { "in 5 minutes, or now with r" } else { "by itself, or now with r" };
    facts.push(("asked again", again.to_owned()));
    facts
}
