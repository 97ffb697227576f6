//! The first line: what is watched, whether it is fresh, and what is going on.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Modifier,
    text::{Line, Span},
};

use crate::{
    engine::Freshness,
    job::Status,
    text,
    tui::{app::App, fare::Fare, look::Look, paint, theme::Tone},
};

/// How much is said. Where it is narrow, less is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Words {
    Many,
    Few,
    Least,
    None,
}

/// How much each part says, from wide screens to narrow ones.
const LADDER: [[Words; 3]; 7] = [
    [Words::Many, Words::Many, Words::Many],
    [Words::Many, Words::Few, Words::Many],
    [Words::Many, Words::Many, Words::Few],
    [Words::Few, Words::Few, Words::Few],
    [Words::Least, Words::Few, Words::Few],
    [Words::Least, Words::Least, Words::Few],
    [Words::None, Words::Least, Words::Few],
];

/// Draws the line: name, targets and freshness on the left, counts on the right.
pub(super) fn draw(app: &App, look: &Look<'_>, area: Rect, buf: &mut Buffer) {
    let width = area.width as usize;
    let fare = app.fare_at(look.now);
    fare.until.into_iter().for_each(|at| look.changes_at(at));
    let parts = |words: [Words; 3]| {
        let [left, middle, right] = words;
        [name(app, &fare, look, left), freshness(app, &fare, look, middle), counts(app, look, right)]
    };
    let fits = |parts: &[Line<'_>; 3]| parts.iter().map(Line::width).sum::<usize>() + 5 <= width;
    let steps = LADDER.into_iter().map(parts);
    let [left, middle, right] = steps.into_iter().find(fits).unwrap_or_else(|| parts(LADDER[LADDER.len() - 1]));
    let put = |x: usize, line: &Line<'_>, buf: &mut Buffer| {
        let x = x.min(width) as u16;
        paint::line(buf, area.x + x, area.y, line, area.width - x);
    };
    put(0, &left, buf);
    put(left.width() + 3, &middle, buf);
    let end = width.saturating_sub(right.width() + 1);
    if end > left.width() + middle.width() + 3 {
        put(end, &right, buf);
    }
}

fn name(app: &App, fare: &Fare, look: &Look<'_>, words: Words) -> Line<'static> {
    let mut spans = Vec::new();
    if matches!(words, Words::Many | Words::Few) {
        spans.push(look.span(" trailwatch", Tone::Strong));
    }
    if let Some(mark) = app.preferences.mark {
        spans.push(Span::raw(" "));
        spans.push(Span::styled(format!(" {mark} "), look.theme.selected()));
    }
    let first = fare.first.and_then(|place| app.snapshot.targets.get(place));
    if let Some(first) = first.filter(|_| words != Words::None) {
        let more = fare.all - 1;
        let more = if more > 0 { format!(" +{more}") } else { String::new() };
        let most = if words == Words::Many { 40 } else { 18 };
        let key = first.key.clone();
        let first = look.cut(&text::clean(&key.to_string()), most);
        let space = if words == Words::Least { " " } else { "  " };
        spans.push(Span::raw(space));
        spans.push(match look.mark(&key) {
            Some(style) => Span::styled(format!(" {first} "), style.add_modifier(Modifier::REVERSED)),
            None => Span::raw(first),
        });
        spans.push(Span::raw(more));
    }
    let hidden = app.hidden_targets();
    if hidden > 0 {
        spans.push(look.span(format!(" {hidden} hidden"), Tone::Warning));
        if fare.is_trouble_hidden {
            spans.push(look.span(format!(" {}", look.theme.symbols.stale), Tone::Bad));
        }
    }
    Line::from(spans)
}

fn freshness(app: &App, fare: &Fare, look: &Look<'_>, words: Words) -> Line<'static> {
    let Some(worst) = fare.worst else { return Line::default() };
    let (symbol, word, tone) = look.theme.freshness(worst);
    let is_shared = worst != Freshness::Live && fare.all > 1;
    let share = if is_shared { format!(" {}/{}", fare.concerned, fare.all) } else { String::new() };
    let mut spans = vec![look.span(format!("{symbol} {word}{share}"), tone)];
    if worst != Freshness::Paused && fare.paused > 0 {
        let (symbol, word, tone) = look.theme.freshness(Freshness::Paused);
        spans.push(look.span(format!("  {symbol} {word}"), tone));
    }
    let dot = look.theme.symbols.dot;
    if words == Words::Least {
        return Line::from(spans);
    }
    if let Some(at) = fare.oldest_read {
        spans.push(Span::raw(format!(" {dot} read {}", look.zone.clock(at))));
    }
    if worst != Freshness::Loading && fare.refreshing > 0 {
        spans.push(Span::raw(format!(" {dot} refreshing")));
    } else if words == Words::Many {
        spans.push(Span::raw(format!(" {dot} every {}", humantime::format_duration(fare.pace))));
        let calls = app.snapshot.calls_per_minute;
        if calls > 0 {
            spans.push(look.span(format!(" {dot} {calls} calls/min"), Tone::Dim));
        }
    }
    Line::from(spans)
}

/// What goes on, and what still matters: failures that a later job repaired do not count.
fn counts(app: &App, look: &Look<'_>, words: Words) -> Line<'static> {
    let (counts, attention) = (app.rows.counts(), app.rows.attention());
    let of = |status: Status, word: &'static str| {
        let (symbol, tone) = look.theme.status(status);
        (symbol, counts.of(status), word, tone)
    };
    let failed = look.theme.status(Status::Failed).0;
    let shown = [
        of(Status::Initializing, "initializing"),
        of(Status::Delivering, "delivering"),
        (look.theme.symbols.stale, attention.stalled, "stalled", Tone::Bad),
        (failed, attention.open, "open", Tone::Bad),
        of(Status::Unknown(0), "unknown"),
        (look.theme.symbols.uncovered, app.trails.uncovered, "uncovered", Tone::Warning),
        // What is complete is many and needs no word.
        of(Status::Complete, ""),
    ];
    if let Some(at) = app.trails.next_change {
        look.changes_at(at);
    }
    let mut spans = Vec::new();
    for (symbol, count, word, tone) in shown.into_iter().filter(|(_, count, _, _)| *count > 0) {
        let word = if words == Words::Many && !word.is_empty() { format!(" {word}") } else { String::new() };
        let gap = if spans.is_empty() { "" } else { "  " };
        spans.push(look.span(format!("{gap}{symbol} {count}{word}"), tone));
    }
    Line::from(spans)
}
