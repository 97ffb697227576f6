//! What a wait says: how far it is while it goes on, and how it ended. Pure.

use chrono::TimeDelta;

use super::condition::{Fate, Goal, Presence, Quorum, Search, Verdict, Wait, Waited, Wanted};
use crate::{
    export::{Arrow, JobWaited, Summary},
    units,
};

/// The cells of a bar.
const BAR: usize = 20;

/// The outcome as scripts read it.
pub(super) const fn outcome(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Waiting => "interrupted",
        Verdict::Met => "met",
        Verdict::Failed => "failed",
        Verdict::NoSuchJob => "no_such_job",
        Verdict::Refused => "refused",
        Verdict::GaveUp => "gave_up",
        Verdict::TimedOut => "timed_out",
    }
}

/// How a wait ended. [`Verdict::Waiting`] where a signal ended it.
pub(super) fn summary<'a>(wait: &'a Wait, verdict: Verdict, waited_seconds: u64, words: &'a str) -> Summary<'a> {
    let job = |waited: &'a Waited| {
        let Waited { target, account, seen, at, presence, .. } = waited;
        let gone = *presence == Presence::Gone;
        JobWaited { job: seen, target, account: account.as_ref(), gone, at: *at }
    };
    let (outcome, goal) = (outcome(verdict), wait.plan.goal.word());
    Summary { outcome, goal, waited_seconds, words, jobs: wait.jobs.iter().map(job).collect() }
}

/// The outcome in words, on one line.
pub(super) fn ending(wait: &Wait, verdict: Verdict, waited: TimeDelta) -> String {
    let after = units::exact(waited);
    let of = |fate: Fate| wait.jobs.iter().filter(|job| job.fate == fate).map(name).collect::<Vec<_>>().join(", ");
    let open = || match wait.search {
        Search::Done => of(Fate::Open),
        Search::Open(_) => sought(wait),
    };
    match verdict {
        Verdict::Met => {
            let jobs = match wait.plan.quorum {
                Quorum::All if wait.jobs.len() > 3 => format!("{} jobs", wait.jobs.len()),
                _ => of(Fate::Met),
            };
            let became = match wait.plan.goal {
                Goal::Complete | Goal::Terminal => "complete",
                Goal::Gone => "gone",
            };
            format!("{became}: {jobs}, after {after}")
        }
        Verdict::Failed => format!("failed: {}, after {after}", of(Fate::Failed)),
        Verdict::NoSuchJob if wait.search == Search::Done => {
            format!("no such job any more: {} is gone", of(Fate::Lost))
        }
        Verdict::NoSuchJob => format!("no such job: {}", sought(wait)),
        Verdict::Refused => format!("refused after {after}: {}", open()),
        Verdict::GaveUp => format!("gave up after {after}, since the service can't be read: {}", open()),
        Verdict::TimedOut => format!("timed out after {after}: {}", open()),
        Verdict::Waiting => format!("interrupted after {after}: {}", open()),
    }
}

/// What is looked for.
fn sought(wait: &Wait) -> String {
    match &wait.plan.wanted {
        Wanted::Ids(_) => {
            let Search::Open(missing) = &wait.search else { return String::new() };
            missing.iter().map(|id| format!("job {id}")).collect::<Vec<_>>().join(", ")
        }
        Wanted::Trail { name, since: None } => format!("a job of trail {name}"),
        Wanted::Trail { name, since: Some(since) } => {
            format!("a job of trail {name} created after {}", units::rfc3339(*since))
        }
        Wanted::Filter(_) => "one that the filter lets through".to_owned(),
    }
}

fn name(job: &Waited) -> String {
    format!("job {} ({})", job.seen.key.id, job.seen.trail)
}

/// What is waited for, said once when it is known.
pub(super) fn beginning(wait: &Wait) -> String {
    match &wait.jobs[..] {
        [job] => format!("waiting for {} to be {}", name(job), wait.plan.goal.word()),
        jobs => {
            let which = if wait.plan.quorum == Quorum::All { "all" } else { "one" };
            format!("waiting for {which} of {} jobs to be {}", jobs.len(), wait.plan.goal.word())
        }
    }
}

/// How far it is.
pub(super) fn progress(wait: &Wait, waited: TimeDelta) -> String {
    let after = units::exact(waited);
    if wait.search != Search::Done {
        return format!("looking for {}, {after}", sought(wait));
    }
    let mut open = wait.jobs.iter().filter(|job| job.fate == Fate::Open);
    match (open.next(), open.count()) {
        (Some(job), _) if wait.jobs.len() == 1 => {
            let run = job.seen.elapsed(job.at).map(|run| format!(", {}", units::exact(run))).unwrap_or_default();
            format!("{} {}{}{run}", name(job), job.seen.status, regions(job))
        }
        (Some(job), more) => {
            let (all, open) = (wait.jobs.len(), more + 1);
            format!("{open} of {all} jobs open, {after}; {} {}{}", name(job), job.seen.status, regions(job))
        }
        (None, _) => after,
    }
}

fn regions(job: &Waited) -> String {
    let counts = job.seen.regions.map(|counts| format!(" {}/{} regions", counts.complete, counts.total()));
    counts.unwrap_or_default()
}

/// How much of the regions is delivered, drawn.
pub(super) fn bar(wait: &Wait, arrow: Arrow) -> String {
    let (full, empty) = match arrow {
        Arrow::Drawn => ("█", "░"),
        Arrow::Ascii => ("#", "-"),
    };
    // A job whose regions are not known yet counts as one that has delivered nothing.
    let share = |job: &Waited| match (job.fate, job.seen.regions) {
        (Fate::Met, _) => (1, 1),
        (_, Some(counts)) => (counts.complete, counts.total().max(1)),
        (_, None) => (0, 1),
    };
    let cells: usize = wait.jobs.iter().map(share).map(|(done, of)| done * BAR / of).sum();
    let done = cells / wait.jobs.len().max(1);
    format!("[{}{}]", full.repeat(done), empty.repeat(BAR - done))
}
