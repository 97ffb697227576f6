//! `prometheus`: the text format that Prometheus scrapes, and that node_exporter's textfile collector reads.
//!
//! What is not known is absent, and never 0: a target that can't be read has `trailwatch_target_up` 0 and no counts at all.

use std::{
    fmt::{self, Write as _},
    io::{self, Write},
    sync::Arc,
};

use super::Listing;
use crate::{
    engine::{Error, Health, Quality, Snapshot, TargetState, Verdict},
    job::{AccountId, Status, Timestamp, coverage::Standing},
    text,
};

/// The kinds of errors, as the label `kind` tells them.
mod kind {
    pub(super) const REFUSED: &str = "refused";
    pub(super) const NOT_ENABLED: &str = "not_enabled";
    pub(super) const UNREAD: &str = "unread";
    pub(super) const INCOMPLETE: &str = "incomplete";
}

/// A metric; all of them are gauges.
struct Family {
    name: &'static str,
    help: &'static str,
}

const BUILD: Family =
    Family { name: "trailwatch_build_info", help: "The version that wrote this, as a label; always 1." };
const INFO: Family =
    Family { name: "trailwatch_target_info", help: "What is known of a target beside its name, as labels; always 1." };
const UP: Family = Family {
    name: "trailwatch_target_up",
    help: "Whether the jobs of a target are known as of lately (1); where they are not (0), their counts are absent.",
};
const COMPLETE: Family = Family {
    name: "trailwatch_target_complete",
    help: "Whether every job of a target is known to be counted (1), or some may be missing (0).",
};
const ERROR: Family = Family {
    name: "trailwatch_target_error_info",
    help: "Why a target can't be read, or not wholly, as labels: the code, and what kind it is of; absent where all is well.",
};
const LAST_WHOLE_READ: Family = Family {
    name: "trailwatch_last_whole_read_timestamp_seconds",
    help: "When a target was last read whole, by the clock of this machine; its age is time() minus this.",
};
const JOBS: Family = Family { name: "trailwatch_jobs", help: "Jobs by status." };
const OPEN_FAILURES: Family = Family {
    name: "trailwatch_open_failures",
    help: "Failed jobs that still matter: neither superseded nor expired nor settled by hand.",
};
const STALLED: Family =
    Family { name: "trailwatch_stalled_jobs", help: "Active jobs that have not changed for too long." };

/// The words of the label `status`, in the order in which they are written.
const STATUSES: [&str; 5] = {
    let [initializing, delivering, complete, failed] = Status::KNOWN;
    [initializing.word(), delivering.word(), complete.word(), failed.word(), Status::Unknown(-1).word()]
};

/// What is counted of the rows of one target.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    statuses: [u64; STATUSES.len()],
    open: u64,
    stalled: u64,
}

/// Every job of a snapshot, in the text format of Prometheus.
///
/// A job that several targets list is counted at the first of them that is known, so that sums over targets are right.
#[must_use]
pub fn metrics(snapshot: &Snapshot, now: Timestamp) -> String {
    let mut snapshot = snapshot.clone();
    let mut targets: Vec<Arc<TargetState>> = snapshot.targets.to_vec();
    // Of two targets that list a job the first one's word counts: one that is not known must not take it from one that is.
    targets.sort_by_key(|target| !is_current(target, &snapshot, now));
    snapshot.targets = targets.into();
    let rows = snapshot.rows();
    exposition(&Listing { snapshot: &snapshot, rows, now })
}

pub(super) fn list(out: &mut dyn Write, listing: &Listing<'_>) -> io::Result<()> {
    out.write_all(exposition(listing).as_bytes())
}

/// The metrics of a list: of the jobs that are in it, and of all targets.
fn exposition(listing: &Listing<'_>) -> String {
    let mut out = Exposition::default();
    let targets = &listing.snapshot.targets;
    let counts = counts(listing);
    let known = || targets.iter().zip(&counts).filter(|(target, _)| is_current(target, listing.snapshot, listing.now));

    out.family(&BUILD);
    out.sample(&BUILD, &[("version", env!("CARGO_PKG_VERSION"))], 1);
    out.family(&UP);
    for target in targets.iter() {
        out.of_target(&UP, target, &[], is_current(target, listing.snapshot, listing.now).into());
    }
    out.family(&COMPLETE);
    for target in targets.iter() {
        let complete = target.is_complete() && is_current(target, listing.snapshot, listing.now);
        out.of_target(&COMPLETE, target, &[], complete.into());
    }
    out.family(&LAST_WHOLE_READ);
    for target in targets.iter() {
        // Reads are timed by the service's clock, and Prometheus compares with its own.
        let read = target.last_whole.and_then(|at| at.checked_sub_signed(target.clock_offset));
        read.into_iter().for_each(|at| out.of_target(&LAST_WHOLE_READ, target, &[], at.timestamp()));
    }
    out.family(&ERROR);
    for target in targets.iter() {
        let error = trouble(target);
        error.into_iter().for_each(|(code, kind)| out.of_target(&ERROR, target, &[("code", code), ("kind", kind)], 1));
    }
    out.family(&INFO);
    for target in targets.iter() {
        let account = target.account.as_ref().map(|account| ("account_id", AccountId::as_str(account)));
        let labels: Vec<_> = account.into_iter().chain([("endpoint", &*target.endpoint)]).collect();
        out.of_target(&INFO, target, &labels, 1);
    }
    out.family(&JOBS);
    for (target, counts) in known() {
        for (status, count) in STATUSES.into_iter().zip(counts.statuses) {
            out.of_target(&JOBS, target, &[("status", status)], count as i64);
        }
    }
    out.family(&OPEN_FAILURES);
    known().for_each(|(target, counts)| out.of_target(&OPEN_FAILURES, target, &[], counts.open as i64));
    out.family(&STALLED);
    known().for_each(|(target, counts)| out.of_target(&STALLED, target, &[], counts.stalled as i64));
    out.0
}

fn counts(listing: &Listing<'_>) -> Vec<Counts> {
    let mut counts = vec![Counts::default(); listing.snapshot.targets.len()];
    for at in &listing.rows {
        let row = listing.snapshot.row(*at);
        let counts = &mut counts[at.target as usize];
        let status = STATUSES.iter().position(|word| *word == row.job.status.word());
        status.into_iter().for_each(|status| counts.statuses[status] += 1);
        counts.open += u64::from(row.standing.is_some_and(Standing::is_open_failure));
        counts.stalled += u64::from(matches!(row.standing, Some(Standing::Stalled { .. })));
    }
    counts
}

fn is_current(target: &TargetState, snapshot: &Snapshot, now: Timestamp) -> bool {
    target.is_current(snapshot.interval, target.service_time(now))
}

/// The code and the kind of what is wrong with a target, if anything.
fn trouble(target: &TargetState) -> Option<(&str, &'static str)> {
    if let Health::Retrying { error, .. } | Health::Refused { error, .. } = &target.health {
        return Some((error.code(), kind_of(error)));
    }
    match target.read.as_ref()?.quality {
        Quality::Whole => None,
        Quality::Unconfirmed(_) => Some(("Unconfirmed", kind::INCOMPLETE)),
    }
}

fn kind_of(error: &Error) -> &'static str {
    match error.verdict() {
        Verdict::Refused => kind::REFUSED,
        Verdict::NotEnabled => kind::NOT_ENABLED,
        Verdict::MayPass | Verdict::NotFound => kind::UNREAD,
    }
}

/// The text, as it grows. Writing to it can't fail.
#[derive(Default)]
struct Exposition(String);

impl Exposition {
    /// Begins a metric. One of which nothing is known has its description only, which says that it exists.
    fn family(&mut self, Family { name, help }: &Family) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} gauge");
    }

    fn of_target(&mut self, family: &Family, target: &TargetState, labels: &[(&str, &str)], value: i64) {
        let (profile, region) = (target.key.profile.as_str(), target.key.region.as_str());
        let labels: Vec<_> = [("profile", profile), ("region", region)].into_iter().chain(labels.to_vec()).collect();
        self.sample(family, &labels, value);
    }

    fn sample(&mut self, family: &Family, labels: &[(&str, &str)], value: i64) {
        let _ = write!(self.0, "{}", family.name);
        for (at, (name, text)) in labels.iter().enumerate() {
            let before = if at == 0 { '{' } else { ',' };
            let _ = write!(self.0, "{before}{name}=\"{}\"", LabelValue(text));
        }
        let _ = writeln!(self.0, "}} {value}");
    }
}

/// A text from outside as the value of a label: what terminals obey or hide is spelt out, as `\u{1b}`.
///
/// Two texts never become one: Prometheus refuses a whole answer in which two series have the same labels.
struct LabelValue<'a>(&'a str);

impl fmt::Display for LabelValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, char) in self.0.char_indices() {
            match char {
                '"' => f.write_str("\\\"")?,
                // What is spelt out already is told from what is spelt out here.
                '\\' if self.0[at..].starts_with("\\u{") => f.write_str("\\\\u{5c}")?,
                '\\' => f.write_str("\\\\")?,
                char if text::is_unsafe(char) || text::is_mark(char) => write!(f, "\\\\u{{{:x}}}", char as u32)?,
                char => f.write_char(char)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
