//! What `watch` and `wait` have in common: an engine that is followed, signals, the end of a pipe, and the time.
//!
//! All of it comes to one queue, so that each command is a plain loop. What it means is for the commands to say.

mod accounts;
mod screen;
mod time;
mod trouble;

use std::{
    io,
    os::fd::AsFd as _,
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    thread,
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    io::Errno,
};
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator::Signals,
    low_level,
};

pub(super) use accounts::Accounts;
pub(super) use screen::StatusLine;
pub(super) use time::{Moment, Stopwatch};
pub(super) use trouble::{Notices, trouble};

use crate::{
    engine::{Engine, Setup},
    exit::ExitCode,
    export::{Arrow, Paint},
};

/// How long the command has to end after a signal: its output may be stuck in a pipe that nobody reads.
const AFTER_SIGNAL: Duration = Duration::from_millis(800);

/// How often the wall clock is looked at while a time is waited for: the timers of a machine that slept do not know it.
pub(super) const LOOK_AT_CLOCK: Duration = Duration::from_secs(5);

/// How many events may wait. More than one snapshot is no more news than one, and signals wait for their place.
const WAITING: usize = 16;

/// How the program looks on its streams.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look<'a> {
    /// On standard output.
    pub(super) paint: Paint,
    /// Whether signs of ASCII must do.
    pub(super) arrow: Arrow,
    /// The value of `TERM`.
    pub(super) term: Option<&'a str>,
}

/// What wakes the loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// There is a new snapshot.
    News,
    /// A signal ends the program.
    Signal(ExitCode),
    /// Nobody reads the output any more.
    Closed,
    /// The time that was waited for has come.
    Time,
}

/// An engine that polls, and the queue of what happens.
pub(super) struct Followed {
    pub(super) engine: Engine,
    events: Receiver<Event>,
}

impl Followed {
    /// Starts to poll, and to listen to signals and to the end of the output.
    pub(super) fn start(setup: &Setup) -> io::Result<Self> {
        let (sender, events) = sync_channel(WAITING);
        spawn_signals(sender.clone())?;
        spawn_hang_up(sender.clone())?;
        let engine = Engine::start_for_script(setup)?;
        // The snapshot itself is asked for when there is time for it: one that waits in a queue is an old one.
        engine.subscribe(move |_| match sender.try_send(Event::News) {
            Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
        });
        Ok(Self { engine, events })
    }

    /// Waits for what happens next, `within` this time where there is one.
    pub(super) fn next(&self, within: Option<Duration>) -> Event {
        // The threads for signals and hang-up keep the queue open.
        let Some(within) = within else { return self.events.recv().unwrap_or(Event::Closed) };
        match self.events.recv_timeout(within) {
            Ok(event) => event,
            Err(RecvTimeoutError::Timeout) => Event::Time,
            Err(RecvTimeoutError::Disconnected) => Event::Closed,
        }
    }
}

/// SIGHUP is left as it is: it ends the program, unless `nohup` said otherwise.
fn spawn_signals(events: SyncSender<Event>) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    thread::Builder::new().name("signals".into()).spawn(move || {
        for signal in signals.forever() {
            let code = if signal == SIGINT { ExitCode::Interrupted } else { ExitCode::Terminated };
            let _ = thread::Builder::new().name("deadline".into()).spawn(move || {
                thread::sleep(AFTER_SIGNAL);
                low_level::exit(code.code().into())
            });
            if events.send(Event::Signal(code)).is_err() {
                return;
            }
        }
    })?;
    Ok(())
}

/// Without it, a command at the front of a pipe whose reader has left would poll on until it has something to say.
fn spawn_hang_up(events: SyncSender<Event>) -> io::Result<()> {
    thread::Builder::new().name("hang-up".into()).spawn(move || {
        if hang_up().is_ok() {
            let _ = events.send(Event::Closed);
        }
    })?;
    Ok(())
}

/// Waits until nobody can read standard output any more. `Err` where that can't be watched.
fn hang_up() -> io::Result<()> {
    let stdout = io::stdout();
    loop {
        let mut watched = [PollFd::from_borrowed_fd(stdout.as_fd(), PollFlags::empty())];
        match poll(&mut watched, None) {
            Err(Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
            Ok(_) => {}
        }
        let seen = watched[0].revents();
        if seen.intersects(PollFlags::HUP | PollFlags::ERR) {
            return Ok(());
        }
        if seen.contains(PollFlags::NVAL) {
            return Err(Errno::BADF.into());
        }
    }
}
