//! The lines of `watch`: a change, a state or a sign of life each, as words or as one JSON object.
//!
//! Which lines there are and when is the command's matter.

use std::{
    io::{self, Write},
    sync::Arc,
};

use anstyle::Style;
use clap::ValueEnum;
use serde::Serialize;

use super::{
    Paint,
    grid::NOTHING,
    history::{ChangeRecord, statuses},
    json,
};
use crate::{
    job::{AccountId, Change, JobSeen, Status, StatusCounts, TargetKey, Timestamp, Transition, What},
    text, units,
};

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WatchFormat {
    /// A line of words for people
    Text,
    /// A JSON object a line
    Ndjson,
}

/// What stands between a status and the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrow {
    /// An arrow.
    Drawn,
    /// One of ASCII signs.
    Ascii,
}

/// How lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatchStyle {
    /// As words or as objects.
    pub format: WatchFormat,
    /// Whether words are coloured.
    pub paint: Paint,
    /// The arrow in words.
    pub arrow: Arrow,
}

/// What is said on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// How a job is at the start.
    State {
        /// The job.
        job: JobSeen,
        /// The target that lists it.
        target: TargetKey,
        /// Whose it is, where that is known.
        account: Option<AccountId>,
        /// When that was read.
        at: Timestamp,
    },
    /// Jobs that nobody has to look at, and that therefore have no line of their own at the start.
    LeftOut {
        /// How many of which status.
        jobs: StatusCounts,
        /// When that was so.
        at: Timestamp,
    },
    /// Something changed.
    Change(Arc<Transition>),
    /// Nothing changed for a while, and somebody is watching.
    Heartbeat(Pulse),
}

/// What there is to watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulse {
    /// When this was so.
    pub at: Timestamp,
    /// How many jobs have which status.
    pub jobs: StatusCounts,
    /// How many targets there are.
    pub targets: usize,
    /// How many of them can be read.
    pub read: usize,
}

#[derive(Serialize)]
struct PulseRecord {
    time: String,
    r#type: &'static str,
    jobs: JobsRecord,
    targets: TargetsRecord,
}

#[derive(Serialize)]
struct JobsRecord {
    active: usize,
    total: usize,
}

#[derive(Serialize)]
struct TargetsRecord {
    read: usize,
    total: usize,
}

/// Writes a line, and flushes it. Of trouble with a target there is only an object: its words belong on standard error.
///
/// # Errors
/// Where the stream does not take it.
pub fn write_line(out: &mut dyn Write, style: WatchStyle, line: &Line) -> io::Result<()> {
    let mut buffer = Vec::new();
    match (style.format, line) {
        (WatchFormat::Ndjson, Line::State { job, target, account, at }) => {
            json::compact(&mut buffer, &ChangeRecord::of_state(job, target, account.as_ref(), *at))?;
        }
        (WatchFormat::Ndjson, Line::Change(transition)) => json::compact(&mut buffer, &ChangeRecord::new(transition))?,
        (WatchFormat::Ndjson, Line::Heartbeat(pulse)) => json::compact(&mut buffer, &PulseRecord::new(pulse))?,
        // Objects leave nothing out.
        (WatchFormat::Ndjson, Line::LeftOut { .. }) => return Ok(()),
        (WatchFormat::Text, line) => words(&mut buffer, style, line)?,
    }
    // In one piece, so that no reader sees half of a line.
    out.write_all(&buffer)?;
    out.flush()
}

impl PulseRecord {
    fn new(pulse: &Pulse) -> Self {
        Self {
            time: units::rfc3339(pulse.at),
            r#type: "heartbeat",
            jobs: JobsRecord { active: pulse.jobs.active(), total: pulse.jobs.total() },
            targets: TargetsRecord { read: pulse.read, total: pulse.targets },
        }
    }
}

fn words(out: &mut dyn Write, style: WatchStyle, line: &Line) -> io::Result<()> {
    match line {
        Line::State { job, target, at, .. } => {
            let status = job.status;
            row(out, job, target, *at, style.paint.status(status), &status.to_string())
        }
        Line::LeftOut { jobs, at } => {
            let counted = [(jobs.complete, "complete"), (jobs.failed, "failed and settled")];
            let counted = counted.iter().filter(|(count, _)| *count > 0);
            let counted: Vec<_> = counted.map(|(count, word)| format!("{count} {word}")).collect();
            writeln!(out, "{}  and {}, which --full shows", units::rfc3339_seconds(*at), counted.join(", "))
        }
        Line::Change(transition) => {
            let Transition { target, seen, what: what @ What::Job(job, change), .. } = &**transition else {
                return Ok(());
            };
            let look = statuses(what).1.map_or_else(Style::new, |status| style.paint.status(status));
            row(out, job, target, seen.by, look, &text::clean(&change_words(job, change, style.arrow)))
        }
        Line::Heartbeat(Pulse { at, jobs, targets, read }) => {
            let (at, active, total) = (units::rfc3339_seconds(*at), jobs.active(), jobs.total());
            writeln!(out, "{at}  heartbeat: {active} of {total} jobs active, {read} of {targets} targets read")
        }
    }
}

/// Columns as wide as what usually stands in them: what comes later is not known yet.
fn row(
    out: &mut dyn Write,
    job: &JobSeen,
    target: &TargetKey,
    at: Timestamp,
    look: Style,
    change: &str,
) -> io::Result<()> {
    let fill = |text: &str, columns: usize| " ".repeat(columns.saturating_sub(text::width(text)));
    let (time, target) = (units::rfc3339_seconds(at), text::clean(&target.to_string()).into_owned());
    let trail = Some(text::clean(&job.trail)).filter(|name| !name.is_empty()).unwrap_or(NOTHING.into());
    // Without blanks, so that it stays one field.
    let elapsed = job.elapsed(at).map_or_else(|| NOTHING.to_owned(), |run| units::exact(run).replace(' ', ""));
    let regions =
        job.regions.map_or_else(|| NOTHING.to_owned(), |counts| format!("{}/{}", counts.complete, counts.total()));
    let (after_target, after_trail, after_change) = (fill(&target, 16), fill(&trail, 16), fill(change, 25));
    writeln!(
        out,
        "{time}  {target}{after_target}  {:>6}  {trail}{after_trail}  {look}{change}{look:#}{after_change}  {elapsed:>7}  \
         {regions:>5}",
        job.key.id
    )
}

fn change_words(job: &JobSeen, change: &Change, arrow: Arrow) -> String {
    let arrow = match arrow {
        Arrow::Drawn => "→",
        Arrow::Ascii => "->",
    };
    let between = |from: &Status, to: &Status| format!("{from} {arrow} {to}");
    match change {
        Change::Appeared => format!("appeared {arrow} {}", job.status),
        Change::Status { from, to } => between(from, to),
        Change::Region { region, from, to } => format!("{region}: {}", between(from, to)),
        Change::Stalled => format!("{}, stalled", job.status),
        Change::Gone => format!("{} {arrow} gone", job.status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::history::tests::{at, history, job};

    /// Every type of line, with the worst that a service may answer.
    fn lines() -> Vec<Line> {
        let changes = history();
        let target = changes[0].target.clone();
        let account = changes[1].account.clone();
        let state =
            |job: JobSeen| Line::State { job, target: target.clone(), account: account.clone(), at: at("20:10:22.25") };
        let mut lines = vec![
            state(job(16_602, "trail-name", Status::Complete)),
            state(JobSeen { regions: None, created: None, ..job(7, "\u{1b}[2J", Status::Unknown(7)) }),
        ];
        let jobs = [Status::Complete, Status::Complete, Status::Failed].into_iter().collect();
        lines.push(Line::LeftOut { jobs, at: at("20:10:23") });
        lines.extend(changes.into_iter().map(|change| Line::Change(Arc::new(change))));
        let jobs = [Status::Complete, Status::Delivering].into_iter().collect();
        lines.push(Line::Heartbeat(Pulse { at: at("20:15:22"), jobs, targets: 3, read: 2 }));
        lines
    }

    fn written(format: WatchFormat, paint: Paint, arrow: Arrow) -> String {
        let mut out = Vec::new();
        let style = WatchStyle { format, paint, arrow };
        lines().iter().for_each(|line| write_line(&mut out, style, line).unwrap());
        String::from_utf8(out).unwrap()
    }

    fn plain(format: WatchFormat, arrow: Arrow) -> String {
        let text = written(format, Paint::Plain, arrow);
        assert!(!text.chars().any(|char| (char.is_control() && char != '\n') || text::is_escaped_in_json(char)));
        text
    }

    #[test]
    fn text() {
        insta::assert_snapshot!(plain(WatchFormat::Text, Arrow::Drawn));
    }

    #[test]
    fn ndjson() {
        let text = plain(WatchFormat::Ndjson, Arrow::Drawn);
        assert_eq!(text.lines().count(), lines().len() - 1, "objects leave nothing out");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn asked_for_ascii_signs_it_has_no_others_of_its_own() {
        let text = plain(WatchFormat::Text, Arrow::Ascii);
        assert!(text.contains("delivering -> failed") && !text.contains('→'));
    }

    #[test]
    fn a_change_has_the_colour_of_what_it_became() {
        let text = written(WatchFormat::Text, Paint::Coloured, Arrow::Drawn);
        assert!(text.contains("\u{1b}[31mdelivering → failed\u{1b}[0m"), "{text:?}");
    }
}
