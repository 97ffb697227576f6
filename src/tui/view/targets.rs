//! Every target and how it fares, a row each; the whole of the selected one below: what is wrong with it and what to do.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::{Block, Borders, Paragraph, Widget},
};

use super::{
    detail::{frame, wrapped},
    fields::{Field, field},
};
use crate::{
    engine::{Ground, Health, Quality, TargetState},
    job::coverage::Standing,
    text,
    tui::{app::App, look::Look, theme::Tone},
};

/// The most lines for the whole of the selected target.
const WHOLE: u16 = 14;

/// From these widths on a row also says what its jobs are at, when it was read, and with which key.
const WITH_READ: usize = 64;
const WITH_KEY: usize = 100;

/// The columns that are always there.
const STATE: usize = 15;
const JOBS: usize = 7;

/// Those that leave where it is narrow.
const WORK: usize = 13;
const READ: usize = 11;
const LATENCY: usize = 9;

/// How wide the columns are that depend on the screen; 0 where they are not there.
struct Widths {
    target: usize,
    rest: bool,
    key: usize,
}

/// Draws the list.
pub(super) fn draw(app: &App, look: &Look<'_>, place: usize, area: Rect, buf: &mut Buffer) {
    let inner = frame(&title(app, look), None, look, area, buf);
    let width = inner.width as usize;
    let Some(selected) = app.snapshot.targets.get(place) else { return };
    let whole = wrapped(&whole(app, selected, look), look, width);
    let below = (whole.len() as u16 + 1).min(WHOLE).min(inner.height / 2);
    let rows = (inner.height - below).saturating_sub(1) as usize;
    let first = (place + 1).saturating_sub(rows);
    let widths = widths(app, width);
    let mut lines = vec![heading(&widths, look)];
    let shown = app.snapshot.targets.iter().enumerate().skip(first).take(rows);
    lines.extend(shown.map(|(at, target)| row(app, look, &widths, target, at == place)));
    Paragraph::new(lines).render(inner, buf);
    let line = Block::new().borders(Borders::TOP).border_set(look.theme.symbols.border);
    let below = Rect { y: inner.bottom() - below, height: below, ..inner };
    Paragraph::new(whole).block(line).render(below, buf);
}

fn title(app: &App, look: &Look<'_>) -> String {
    let dot = look.theme.symbols.dot;
    let counted = |count: usize, word: &str| if count == 0 { String::new() } else { format!(" {dot} {count} {word}") };
    let targets = &app.snapshot.targets;
    let troubled = targets.iter().filter(|target| target.health.error().is_some()).count();
    let paused = targets.iter().filter(|target| target.paused).count();
    let more = [counted(troubled, "in trouble"), counted(paused, "paused"), counted(app.hidden_targets(), "hidden")];
    format!(" Targets {dot} {}{} ", targets.len(), more.concat())
}

fn widths(app: &App, width: usize) -> Widths {
    let widest = app.snapshot.targets.iter().map(|target| text::width(&text::clean(&target.key.to_string()))).max();
    let rest = width >= WITH_READ;
    let taken = 1 + STATE + JOBS + if rest { WORK + READ + LATENCY } else { 0 };
    let room = width.saturating_sub(taken);
    let target = (widest.unwrap_or(0).clamp(6, 40) + 2).min(room);
    Widths { target, rest, key: if width >= WITH_KEY { room - target } else { 0 } }
}

fn heading(widths: &Widths, look: &Look<'_>) -> Line<'static> {
    let cell = |words: &str, width: usize| text::fit(words, width, "");
    let mut words = format!(" {}{}{:>JOBS$}", cell("STATE", STATE), cell("TARGET", widths.target), "JOBS");
    if widths.rest {
        words += &format!("  {}{}{:>7}  ", cell("AT WORK", WORK - 2), cell("READ", READ), "ANSWER");
    }
    words += &cell("KEY", widths.key);
    look.line(&words, Tone::Dim, usize::MAX)
}

fn row(app: &App, look: &Look<'_>, widths: &Widths, target: &TargetState, is_selected: bool) -> Line<'static> {
    let cell = |words: &str, width: usize| match width {
        0 => String::new(),
        _ => text::fit(&text::clean(words), width.saturating_sub(2), look.theme.symbols.ellipsis) + "  ",
    };
    let (sign, word, tone) = look.theme.freshness(target.freshness(app.snapshot.interval, look.now));
    if let Some(at) = target.stale_at(app.snapshot.interval) {
        look.changes_at(at);
    }
    let is_hidden = !app.hidden.shows(target, &app.snapshot);
    let jobs = if target.read.is_some() { target.jobs.rows.len().to_string() } else { "-".to_owned() };
    let mut spans = vec![
        Span::raw(if is_selected { look.theme.symbols.cursor } else { " " }.to_owned()),
        look.span(cell(&format!("{sign} {word}"), STATE), tone),
        look.target(
            &target.key,
            cell(&target.key.to_string(), widths.target),
            if is_hidden { Tone::Dim } else { Tone::Normal },
        ),
        look.span(format!("{jobs:>JOBS$}"), if is_hidden { Tone::Dim } else { Tone::Normal }),
    ];
    if widths.rest {
        spans.push(Span::raw("  "));
        spans.extend(work(target, is_hidden, look));
        let read = target.read.as_ref().map_or_else(|| "-".to_owned(), |read| look.zone.time(read.at));
        spans.push(Span::raw(cell(&read, READ)));
        spans.push(Span::raw(format!("{:>7}  ", latency(target).unwrap_or_else(|| "-".to_owned()))));
    }
    spans.push(look.span(cell(&target.signing.with, widths.key), Tone::Dim));
    let line = Line::from(spans);
    if is_selected { line.style(look.theme.selected()) } else { line }
}

/// How many of its jobs are under way, and how many failures are open; or that none of them is in the table.
fn work(target: &TargetState, is_hidden: bool, look: &Look<'_>) -> Vec<Span<'static>> {
    let width = WORK - 2;
    if is_hidden {
        return vec![look.span(format!("{:width$}", "hidden"), Tone::Dim)];
    }
    let Work { active, open } = Work::of(target);
    let symbols = look.theme.symbols;
    let part = |sign: &str, count: usize| if count == 0 { String::new() } else { format!("{sign} {count}  ") };
    let (active, open) = (part(symbols.delivering, active), part(symbols.failed, open));
    let air = width.saturating_sub(text::width(&active) + text::width(&open));
    vec![look.span(active, Tone::Active), look.span(open, Tone::Bad), Span::raw(" ".repeat(air))]
}

/// What is going on among the jobs of a target.
struct Work {
    active: usize,
    open: usize,
}

impl Work {
    fn of(target: &TargetState) -> Self {
        let active = target.jobs.rows.iter().filter(|job| job.status.is_active()).count();
        let open = target.coverage.standings.iter().filter(|standing| Standing::is_open_failure(standing)).count();
        Self { active, open }
    }
}

/// How long an answer takes: `52ms`, `1.2s`.
fn latency(target: &TargetState) -> Option<String> {
    let took = target.latency?;
    Some(match took.as_millis() {
        millis @ ..1000 => format!("{millis}ms"),
        _ => format!("{:.1}s", took.as_secs_f64()),
    })
}

/// Everything about a target: what is wrong first.
fn whole(app: &App, target: &TargetState, look: &Look<'_>) -> Vec<Field> {
    let mut fields = vec![state(app, target, look)];
    if let Some(error) = target.health.error() {
        fields.push(field("to do", text::clean(&error.remedy())));
        fields.push(field("what", text::clean(&error.line())));
        fields.extend(error.request_id().map(|id| field("request", text::clean(id))));
    }
    if app.hidden.holds(&target.key) {
        let words = match app.hidden.shows(target, &app.snapshot) {
            true => "but its jobs are in the table: they are those of a twin that is not hidden, too",
            false => "its jobs are not in the table; it is polled as before",
        };
        fields.push(field("hidden", words));
    }
    if let Some(of) = &target.twin {
        let words = format!("the same account as {of}, which is read in its place until it fails");
        fields.push(field("twin", text::clean(&words)));
    }
    match &target.ground {
        Ground::Used => {}
        Ground::Barren => fields.push(field("rarely", "neither a job nor a trail is known here: it is read rarely")),
        Ground::Absent(error) => {
            let words = format!("the region is not there for this account, which is read rarely: {error}");
            fields.push(field("rarely", text::clean(&words)));
        }
    }
    fields.push(jobs(target));
    fields.push(read(target, look));
    fields.push(field("key", text::clean(&target.signing.with)));
    fields
        .extend(target.signing.trouble.as_ref().map(|trouble| warning("next key", text::clean(trouble).into_owned())));
    fields.extend(target.account.as_ref().map(|account| field("account", text::clean(account.as_str()))));
    fields.push(field("endpoint", target.endpoint.to_string()));
    let missing = [&target.regions_error, &target.trails.error, &target.trails.status_error];
    let missing = missing.into_iter().flatten().filter_map(|error| error.missing_action());
    fields.extend(missing.map(|action| warning("missing", action.to_owned())));
    fields
}

fn warning(label: &'static str, value: String) -> Field {
    Field { label, value, tone: Tone::Warning }
}

/// Whether it is fresh, since when it is not, and whether it is left alone.
fn state(app: &App, target: &TargetState, look: &Look<'_>) -> Field {
    let (sign, word, tone) = look.theme.freshness(target.freshness(app.snapshot.interval, look.now));
    let since = match &target.health {
        Health::Unknown | Health::Ok => String::new(),
        Health::Retrying { since, attempt, .. } => {
            let tries = if *attempt == 1 { "once".to_owned() } else { format!("{attempt} times") };
            format!(", failed {tries} since {}", look.zone.time(*since))
        }
        Health::Refused { since, .. } => format!(", since {}, asked again every 5 minutes", look.zone.time(*since)),
    };
    let paused = if target.paused { ", left alone until it is resumed" } else { "" };
    let name = text::clean(&target.key.to_string()).into_owned();
    Field { label: "state", value: format!("{sign} {word}{since}{paused} {} {name}", look.theme.symbols.dot), tone }
}

fn jobs(target: &TargetState) -> Field {
    if target.read.is_none() {
        return field("jobs", "not read yet");
    }
    let Work { active, open } = Work::of(target);
    field("jobs", format!("{}, {active} under way, {open} open", target.jobs.rows.len()))
}

/// When it was read, whether that can be believed, how long the answer took and when the next one follows.
fn read(target: &TargetState, look: &Look<'_>) -> Field {
    let Some(read) = &target.read else { return field("read", "not yet") };
    let answer = latency(target).map_or_else(String::new, |took| format!(", answered in {took}"));
    let every =
        if target.paused { String::new() } else { format!(", every {}", humantime::format_duration(read.next_in)) };
    let words = format!("{}{answer}{every}", look.zone.date_time(read.at));
    match &read.quality {
        Quality::Whole => field("read", words),
        Quality::Unconfirmed(why) => warning("read", text::clean(&format!("{words}; unconfirmed, {why}")).into_owned()),
    }
}
