//! The task of one target: it reads all pages, rests for the interval, and listens to refresh, pause and resume meanwhile.

use std::{cell::Cell, pin::pin, sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};

use super::{
    Error, Snapshot, absent,
    caller::Caller,
    store::{Report, TargetIndex},
    sweep::{Progress, Sweep, Sweeper},
};

/// How long a refusal is left alone, unless the user asks.
const LONG_REST: Duration = Duration::from_secs(300);

/// How long a read goes on before anybody is told that it is under way: less would flicker at every poll.
const QUIET: Duration = Duration::from_secs(1);

/// What a target's task is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Poke {
    Refresh,
    Pause,
    Resume,
}

/// Polls one target.
pub(super) struct Poller {
    pub(super) reader: Reader,
    pub(super) reports: Reports,
    pub(super) pokes: mpsc::UnboundedReceiver<Poke>,
    pub(super) interval: watch::Receiver<Duration>,
}

/// Reads one target, and remembers the read before.
pub(super) struct Reader {
    pub(super) caller: Caller,
    pub(super) snapshots: watch::Receiver<Arc<Snapshot>>,
    pub(super) sweeper: Sweeper,
}

/// Tells the store about one target.
#[derive(Clone)]
pub(super) struct Reports {
    pub(super) at: TargetIndex,
    pub(super) queue: mpsc::UnboundedSender<Report>,
}

/// Why a read begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Occasion {
    /// Nothing is on the screen yet, or the user asked: progress is shown at once.
    Awaited,
    /// The user asked while it is paused: it goes on being paused after this read.
    Once,
    /// The interval is over.
    Due,
}

/// What happens after a read, or instead of its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Rest for so long.
    Rest(Rest),
    /// Read at once.
    Again,
    /// Wait to be resumed or asked.
    Paused,
}

/// How long it rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// The interval.
    Interval,
    /// Long, because asking again soon is of no use.
    Long,
}

/// The engine is gone: the task ends.
struct Gone;

impl Poller {
    /// Polls until the engine ends.
    pub(super) async fn run(mut self) {
        let mut occasion = Occasion::Awaited;
        loop {
            let next = match self.read(occasion).await {
                Ok(Next::Again) => Ok(Occasion::Awaited),
                Ok(Next::Paused) => self.paused().await,
                Ok(Next::Rest(rest)) => self.rest(rest).await,
                Err(Gone) => Err(Gone),
            };
            match next {
                Ok(next) => occasion = next,
                Err(Gone) => return,
            }
        }
    }

    /// Reads, and goes on listening meanwhile.
    async fn read(&mut self, occasion: Occasion) -> Result<Next, Gone> {
        let Self { reader, reports, pokes, .. } = self;
        let troubled = Cell::new(false);
        let mut read = pin!(reader.read(occasion, &troubled, reports));
        loop {
            tokio::select! {
                outcome = &mut read => {
                    let rest = reports.outcome(outcome);
                    return Ok(if occasion == Occasion::Once { Next::Paused } else { Next::Rest(rest) });
                }
                poke = pokes.recv() => match poke.ok_or(Gone)? {
                    Poke::Pause => return Ok(Next::Paused),
                    Poke::Resume if occasion == Occasion::Once => return Ok(Next::Again),
                    // A read in trouble may be waiting; one that goes well serves whoever asks.
                    Poke::Refresh if troubled.get() => return Ok(Next::Again),
                    Poke::Refresh | Poke::Resume => {}
                },
            }
        }
    }

    /// Waits until the next read is due.
    async fn rest(&mut self, rest: Rest) -> Result<Occasion, Gone> {
        let rested = Instant::now();
        loop {
            let length = match rest {
                Rest::Interval => *self.interval.borrow(),
                Rest::Long => LONG_REST,
            };
            tokio::select! {
                poke = self.pokes.recv() => return match poke.ok_or(Gone)? {
                    Poke::Pause => self.paused().await,
                    Poke::Refresh | Poke::Resume => Ok(Occasion::Awaited),
                },
                changed = self.interval.changed() => changed.map_err(|_| Gone)?,
                () = sleep_until(rested + length) => return Ok(Occasion::Due),
            }
        }
    }

    /// Waits to be resumed, or to be asked for one read.
    async fn paused(&mut self) -> Result<Occasion, Gone> {
        loop {
            match self.pokes.recv().await.ok_or(Gone)? {
                Poke::Pause => {}
                Poke::Resume => return Ok(Occasion::Awaited),
                Poke::Refresh => return Ok(Occasion::Once),
            }
        }
    }
}

impl Reader {
    /// Reads all pages, until they can be believed. `troubled` says whether a call failed and is repeated.
    async fn read(&mut self, occasion: Occasion, troubled: &Cell<bool>, reports: &Reports) -> Result<Sweep, Error> {
        let Self { caller, snapshots, sweeper } = self;
        let begun = Instant::now();
        let trouble = |error: &Error| {
            troubled.set(true);
            reports.tell(Report::Trouble(reports.at, Arc::new(error.clone())));
        };
        let page = async |number| caller.list(number, trouble).await;
        let progress = |progress| match progress {
            Progress::Pages(reading) if occasion != Occasion::Due || begun.elapsed() >= QUIET => {
                reports.tell(Report::Reading(reports.at, reading));
            }
            Progress::Pages(_) => {}
            Progress::Unconfirmed(sweep) => reports.tell(Report::Swept(reports.at, sweep)),
        };
        let sweep = sweeper.sweep(page, || caller.now(), progress).await?;
        let before = Arc::clone(&snapshots.borrow().targets[reports.at.0]);
        Ok(absent::settle(sweep, &before, async |id| caller.get(id, |_| ()).await).await)
    }
}

impl Reports {
    /// Tells how a read ended, and how long to rest after it.
    fn outcome(&self, outcome: Result<Sweep, Error>) -> Rest {
        match outcome {
            Ok(sweep) => {
                self.tell(Report::Swept(self.at, sweep));
                Rest::Interval
            }
            Err(error) => {
                let rest = if error.verdict().is_lasting() { Rest::Long } else { Rest::Interval };
                self.tell(Report::Failed(self.at, Arc::new(error)));
                rest
            }
        }
    }

    /// The receiver outlives the tasks, but for the moment in which the engine ends.
    pub(super) fn tell(&self, report: Report) {
        let _ = self.queue.send(report);
    }
}
