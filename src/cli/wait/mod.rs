//! `trailwatch wait`: ends when jobs have become what they were to become, or can't any more.
//!
//! The loop, the streams and the exit codes are here; whether the condition is met is `condition`'s matter.

mod condition;
mod look;
mod words;

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::TimeDelta;

pub use condition::Goal;

use self::condition::{Plan, Quorum, Search, Verdict, Wait, Wanted};
use super::{
    Prepared,
    args::{Since, WaitArgs},
    follow::{self, Event, Followed, LOOK_AT_CLOCK, Look, Moment, Notices, StatusLine, Stopwatch},
    report::{self, Severity},
};
use crate::{
    engine::{Interest, Snapshot},
    exit::ExitCode,
    export,
    job::{Seq, Timestamp},
};

/// How often a log hears that it still waits.
const HEARTBEAT: Duration = Duration::from_secs(60);

/// How often a bar on a terminal is drawn anew.
const BLINK: Duration = Duration::from_secs(1);

/// Waits to the end.
pub(super) fn run(args: &WaitArgs, timeout: Option<Duration>, prepared: &Prepared, look: Look<'_>) -> ExitCode {
    let setup = &prepared.setup;
    let stopwatch = Stopwatch::start(Arc::clone(&setup.clock));
    let mut waiting = Waiting::new(Wait::new(plan(args, timeout, stopwatch.moment().now)), look);
    let followed = match Followed::start(setup) {
        Ok(followed) => followed,
        Err(error) => return super::internal(&error),
    };
    let (verdict, code) = loop {
        let within = waiting.rest(stopwatch.moment());
        match followed.next(Some(within)) {
            Event::Signal(code) => break (Verdict::Waiting, code),
            Event::Closed => return ExitCode::Done,
            Event::News | Event::Time => {}
        }
        let snapshot = followed.engine.snapshot();
        let verdict = waiting.on_snapshot(&snapshot, stopwatch.moment());
        if verdict != Verdict::Waiting {
            waiting.status.clear();
            break (verdict, exit_code(verdict, &snapshot));
        }
        followed.engine.set_interest(waiting.interest());
    };
    waiting.status.clear();
    let elapsed = stopwatch.moment().elapsed;
    let words = words::ending(&waiting.wait, verdict, TimeDelta::seconds(seconds(elapsed)));
    let summary = words::summary(&waiting.wait, verdict, elapsed.as_secs(), &words);
    match export::write_summary(&mut io::stdout(), args.output, &summary) {
        Ok(()) => code,
        Err(error) => report::output(&error),
    }
}

fn plan(args: &WaitArgs, timeout: Option<Duration>, now: Timestamp) -> Plan {
    let wanted = match (&args.trail, &args.filter) {
        (Some(name), _) => {
            Wanted::Trail { name: name.as_str().into(), since: args.since.map(|since| moment(since, now)) }
        }
        (None, Some(filter)) => Wanted::Filter(filter.clone()),
        (None, None) => {
            let mut ids = args.jobs.clone();
            ids.sort_unstable();
            ids.dedup();
            Wanted::Ids(ids)
        }
    };
    let quorum = match (args.any, args.fail_fast) {
        (false, _) => Quorum::All,
        (true, false) => Quorum::Any,
        (true, true) => Quorum::AnyUnlessOneFails,
    };
    Plan {
        wanted,
        goal: args.r#for,
        quorum,
        appear_within: args.appear_within.unwrap_or_default(),
        give_up_after: args.give_up_after,
        timeout,
    }
}

/// A span that reaches back before all time means everything.
fn moment(since: Since, now: Timestamp) -> Timestamp {
    match since {
        Since::At(at) => at,
        Since::Ago(span) => {
            let at = TimeDelta::from_std(span).ok().and_then(|span| now.checked_sub_signed(span));
            at.unwrap_or(Timestamp::MIN_UTC)
        }
    }
}

fn seconds(elapsed: Duration) -> i64 {
    i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
}

/// How it ends; what is wrong with a target is said.
fn exit_code(verdict: Verdict, snapshot: &Snapshot) -> ExitCode {
    match verdict {
        Verdict::Waiting | Verdict::Met => ExitCode::Done,
        Verdict::Failed => ExitCode::Failed,
        Verdict::NoSuchJob => ExitCode::NoJob,
        Verdict::TimedOut => ExitCode::TimedOut,
        Verdict::GaveUp => {
            report::snapshot(snapshot);
            ExitCode::Unavailable
        }
        Verdict::Refused => match report::snapshot(snapshot) {
            ExitCode::Done => ExitCode::Refused,
            code => code,
        },
    }
}

/// A wait, and what is said of it meanwhile.
struct Waiting<'a> {
    wait: Wait,
    look: Look<'a>,
    status: StatusLine,
    /// The next change that was not looked at: of the trouble of targets.
    next: Seq,
    notices: Notices,
    /// Whether it was said what is waited for.
    introduced: Introduced,
    /// When it was last said how far it is.
    spoke: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Introduced {
    No,
    Yes,
}

impl<'a> Waiting<'a> {
    fn new(wait: Wait, look: Look<'a>) -> Self {
        let status = StatusLine::new(look.term);
        let (next, spoke) = (Seq::default(), Instant::now());
        Self { wait, look, status, next, notices: Notices::default(), introduced: Introduced::No, spoke }
    }

    fn on_snapshot(&mut self, snapshot: &Snapshot, moment: Moment) -> Verdict {
        let verdict = self.wait.on_snapshot(snapshot, moment);
        self.say_trouble(snapshot);
        if self.introduced == Introduced::No && self.wait.search == Search::Done {
            self.introduced = Introduced::Yes;
            self.introduce(snapshot);
        }
        if verdict == Verdict::Waiting {
            self.say_progress(moment);
        }
        verdict
    }

    /// Says which jobs it is about.
    fn introduce(&mut self, snapshot: &Snapshot) {
        self.status.say(Severity::Note, &words::beginning(&self.wait));
        let Wanted::Ids(_) = self.wait.plan.wanted else { return };
        let mut others = Vec::new();
        for job in &self.wait.jobs {
            let rows = look::with_id(snapshot, job.seen.key.id).filter(|at| snapshot.key(*at) != job.seen.key);
            others.extend(rows.map(|at| {
                let (target, other) = (&snapshot.target(at).key, snapshot.job(at));
                format!(
                    "{target} has another job {}, of trail {}; choose with --profile and --region",
                    other.id, other.trail
                )
            }));
        }
        others.iter().for_each(|other| self.status.say(Severity::Warning, other));
    }

    /// Says once that a target can't be read, and once that it can again.
    fn say_trouble(&mut self, snapshot: &Snapshot) {
        let (_, changes) = snapshot.log.since(self.next);
        let trouble: Vec<_> = changes.filter_map(|change| follow::trouble(snapshot, change)).collect();
        self.next = snapshot.log.next();
        trouble.iter().for_each(|(severity, words)| self.status.say(*severity, words));
        if let Some(notice) = self.notices.next(snapshot) {
            self.status.say(Severity::Warning, notice);
        }
    }

    /// A bar on a terminal, a line now and then elsewhere.
    fn say_progress(&mut self, moment: Moment) {
        let words = || words::progress(&self.wait, TimeDelta::seconds(seconds(moment.elapsed)));
        if self.status.is_shown() {
            let line = format!("{} {}", words::bar(&self.wait, self.look.arrow), words());
            self.status.show(&line);
        } else if self.spoke.elapsed() >= HEARTBEAT {
            let words = words();
            self.spoke = Instant::now();
            self.status.say(Severity::Note, &format!("still waiting: {words}"));
        }
    }

    /// The regions of the first job that is open are read at once; those of other active jobs are after each poll.
    fn interest(&self) -> Interest {
        let open = self.wait.jobs.iter().find(|job| job.fate == condition::Fate::Open);
        Interest { selected: open.map(|job| job.seen.key.clone()) }
    }

    fn rest(&self, moment: Moment) -> Duration {
        let look = if self.status.is_shown() { BLINK } else { LOOK_AT_CLOCK };
        self.wait.rest(moment).min(look)
    }
}
