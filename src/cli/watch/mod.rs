//! `trailwatch watch`: a line for each change, as it happens, for ever.
//!
//! The loop, the streams and the exit code are here; which lines there are is `state`'s matter, how they look `export`'s.

mod attention;
mod lines;
mod memory;
mod state;

use std::{
    io::{self, IsTerminal as _},
    net::SocketAddr,
    sync::Arc,
};

pub(super) use state::Extent;
pub use state::Idle;

use self::{
    attention::Attention,
    memory::{Marks as _, Memory},
    state::{End, Entry, News, Plan, Start, State, Verdict},
};
use super::{
    Prepared,
    args::WatchArgs,
    follow::{self, Event, Followed, LOOK_AT_CLOCK, Look, Moment, Notices, StatusLine, Stopwatch},
    metrics::MetricsServer,
    report::{self, Severity},
    systemd::Supervisor,
};
use crate::{
    engine::{Setup, Snapshot},
    exit::ExitCode,
    export::{self, Line, Pulse, WatchFormat, WatchStyle},
    journal::Reader,
    notify::{self, Notifier, Starter},
    units,
};

/// After how many lines the journal is told: so many may come again after a kill.
const AT_ONCE: usize = 50;

/// Watches to the end.
pub(super) fn run(
    args: &WatchArgs,
    prepared: &Prepared,
    look: Look<'_>,
    config: &notify::Config,
    mut supervisor: Supervisor,
) -> ExitCode {
    let setup = &prepared.setup;
    let stopwatch = Stopwatch::start(Arc::clone(&setup.clock));
    let mut watch = Watch::new(args, prepared, look, config, stopwatch.moment());
    // Dropped after the engine, so that it hears of the last change, too.
    let notifier = Notifier::start(&config.ways, setup.journal.as_deref(), &setup.clock, Starter::this_program());
    let started = notifier.and_then(|notifier| Ok((notifier, Followed::start(setup)?)));
    let (notifier, followed) = match started {
        Ok(started) => started,
        Err(error) => return super::internal(&error),
    };
    let ear = notifier.ear();
    ear.see(followed.engine.snapshot());
    followed.engine.subscribe(move |snapshot| ear.see(snapshot));
    let _metrics = match args.metrics.map(|address| serve_metrics(address, &followed, setup)).transpose() {
        Ok(metrics) => metrics,
        Err(code) => return code,
    };
    supervisor.ready();
    let code = follow(&mut watch, &followed, &stopwatch, &mut supervisor);
    supervisor.stopping();
    code
}

/// Takes one event after the other until one ends it.
fn follow(watch: &mut Watch, followed: &Followed, stopwatch: &Stopwatch, supervisor: &mut Supervisor) -> ExitCode {
    loop {
        let moment = stopwatch.moment();
        let rest = watch.state.rest(moment).into_iter().chain(supervisor.rest(moment.elapsed)).min();
        match followed.next(rest.map(|rest| rest.min(LOOK_AT_CLOCK))) {
            Event::Signal(code) => return code,
            Event::Closed => return ExitCode::Done,
            Event::News | Event::Time => {}
        }
        let (snapshot, moment) = (followed.engine.snapshot(), stopwatch.moment());
        match watch.on_snapshot(&snapshot, moment) {
            Ok(None) => {}
            Ok(Some(code)) => return code,
            Err(error) => {
                watch.status.clear();
                return report::output(&error);
            }
        }
        supervisor.alive(moment.elapsed);
        if supervisor.listens() {
            supervisor.status(&status_words(&watch.state.pulse(&snapshot, moment)));
        }
    }
}

fn serve_metrics(address: SocketAddr, followed: &Followed, setup: &Setup) -> Result<MetricsServer, ExitCode> {
    match MetricsServer::start(address, followed.engine.latest(), Arc::clone(&setup.clock)) {
        Ok(server) => {
            report::say(Severity::Note, &format!("metrics are at http://{}/metrics", server.address()));
            Ok(server)
        }
        Err(error) => {
            report::say(Severity::Error, &format!("--metrics: can't listen at {address}: {error}"));
            Err(ExitCode::Config)
        }
    }
}

/// Everything that hears of a snapshot.
struct Watch {
    state: State,
    memory: Memory,
    style: WatchStyle,
    status: StatusLine,
    attention: Attention,
    notices: Notices,
    /// How it ends after a failure, where that matters.
    on_failure: Option<ExitCode>,
    /// How it ends when its time is over.
    on_time: ExitCode,
}

impl Watch {
    fn new(args: &WatchArgs, prepared: &Prepared, look: Look<'_>, config: &notify::Config, moment: Moment) -> Self {
        let setup = &prepared.setup;
        let targets: Vec<_> = setup.targets.iter().map(|target| target.key.clone()).collect();
        let reader = Reader::of_filter(&args.filter.text);
        let plan = Plan {
            filter: args.filter.filter.clone(),
            start: if args.only_changes { Start::Changes } else { Start::State },
            end: End { idle: args.until, after: args.r#for },
            heartbeat: args.heartbeat,
            extent: args.extent(),
        };
        // Between the lines of a terminal only: a file that is written meanwhile has a screen of its own.
        let term = look.term.filter(|_| io::stdout().is_terminal());
        let status = StatusLine::new(term);
        let attention = Attention::new(config, term.filter(|_| status.is_shown()), look.arrow);
        Self {
            state: State::new(plan),
            memory: Memory::open(setup.journal.as_deref(), reader, &targets, moment.now),
            style: WatchStyle { format: args.output, paint: look.paint, arrow: look.arrow },
            status,
            attention,
            notices: Notices::default(),
            on_failure: args.exit_status.then_some(ExitCode::Failed),
            on_time: if args.until.is_some() { ExitCode::TimedOut } else { ExitCode::Done },
        }
    }

    /// Says what a snapshot brought. The exit code, where that ends it.
    fn on_snapshot(&mut self, snapshot: &Arc<Snapshot>, moment: Moment) -> io::Result<Option<ExitCode>> {
        if let Some(notice) = self.notices.next(snapshot) {
            self.status.say(Severity::Warning, notice);
        }
        let news = self.state.on_snapshot(snapshot, moment, &mut self.memory);
        self.tell(news, snapshot)?;
        if let Some(line) = self.state.heartbeat(snapshot, moment) {
            self.write(&line)?;
        }
        let code = match self.state.verdict(snapshot, moment) {
            Verdict::GoOn => {
                if self.status.is_shown() {
                    let pulse = self.state.pulse(snapshot, moment);
                    let open = self.state.open_failures(snapshot, moment.now);
                    self.attention.see(snapshot, moment, open, pulse.jobs.active());
                    self.status.show(&status_words(&pulse));
                }
                return Ok(None);
            }
            Verdict::Refused => {
                self.status.clear();
                return Ok(Some(report::snapshot(snapshot)));
            }
            Verdict::Idle => ExitCode::Done,
            Verdict::Over => self.time_is_over(snapshot),
        };
        Ok(self.on_failure.filter(|_| self.state.has_seen_failure()).or(Some(code)))
    }

    /// Tells what could not be read at the end. Without `--exit-status` that is no concern of the exit code.
    fn time_is_over(&mut self, snapshot: &Snapshot) -> ExitCode {
        self.status.clear();
        if self.on_failure.is_none() {
            report::unread(snapshot, Severity::Warning);
            return self.on_time;
        }
        match report::unread(snapshot, Severity::Error) {
            ExitCode::Done => self.on_time,
            unread => unread,
        }
    }

    /// Writes lines, and marks what was written.
    fn tell(&mut self, news: News, snapshot: &Snapshot) -> io::Result<()> {
        if news.missed > 0 {
            self.status.say(
                Severity::Warning,
                &format!("{} changes are missing: their lines were read too slowly", news.missed),
            );
        }
        let mut told = Vec::new();
        for Entry { line, change } in news.entries {
            if let Some(line) = &line
                && let Err(error) = self.tell_one(line, snapshot)
            {
                self.memory.told(told);
                return Err(error);
            }
            told.extend(change);
            if told.len() >= AT_ONCE {
                self.memory.told(std::mem::take(&mut told));
            }
        }
        self.memory.told(told);
        Ok(())
    }

    fn tell_one(&mut self, line: &Line, snapshot: &Snapshot) -> io::Result<()> {
        let trouble = match line {
            Line::Change(change) => follow::trouble(snapshot, change),
            Line::State { .. } | Line::LeftOut { .. } | Line::Heartbeat(_) => None,
        };
        if let Some((severity, words)) = &trouble {
            self.status.say(*severity, words);
        }
        if trouble.is_some() && self.style.format == WatchFormat::Text {
            return Ok(());
        }
        self.write(line)
    }

    fn write(&mut self, line: &Line) -> io::Result<()> {
        self.status.clear();
        export::write_line(&mut io::stdout(), self.style, line)
    }
}

fn status_words(pulse: &Pulse) -> String {
    let Pulse { at, jobs, targets, read } = pulse;
    let (active, total, at) = (jobs.active(), jobs.total(), units::Zone::Utc.clock(*at));
    let jobs = if total == 1 { "job" } else { "jobs" };
    format!("watching {total} {jobs}, {active} active; {read} of {targets} targets read, {at}")
}
