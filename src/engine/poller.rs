//! The task of one target: it reads all pages, rests for the interval, and listens to refresh, pause and resume meanwhile.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};

use super::{
    Error, Reading,
    caller::Caller,
    store::{Polling, Report, TargetIndex},
    sweep::{Sweep, sweep},
};

/// How long a refusal is left alone, unless the user asks.
const REFUSED_REST: Duration = Duration::from_secs(300);

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
    pub(super) at: TargetIndex,
    pub(super) caller: Caller,
    pub(super) reports: mpsc::UnboundedSender<Report>,
    pub(super) pokes: mpsc::UnboundedReceiver<Poke>,
    pub(super) interval: watch::Receiver<Duration>,
}

/// Why a read begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Occasion {
    /// Nothing is on the screen yet, or the user asked: progress is shown at once.
    Awaited,
    /// The interval is over.
    Due,
}

/// The engine is gone: the task ends.
struct Gone;

impl Poller {
    /// Polls until the engine ends.
    pub(super) async fn run(mut self) {
        let mut occasion = Occasion::Awaited;
        let mut polling = Polling::On;
        loop {
            let outcome = self.read(occasion).await;
            let refused = matches!(&outcome, Err(error) if error.verdict().is_lasting());
            self.tell(match outcome {
                Ok(sweep) => Report::Swept(self.at, sweep),
                Err(error) => Report::Failed(self.at, Arc::new(error)),
            });
            match self.rest(refused, &mut polling).await {
                Ok(next) => occasion = next,
                Err(Gone) => return,
            }
        }
    }

    async fn read(&self, occasion: Occasion) -> Result<Sweep, Error> {
        let begun = Instant::now();
        let page = async |number| {
            self.caller.list(number, |error| self.tell(Report::Trouble(self.at, Arc::new(error.clone())))).await
        };
        let progress = |reading: Reading| {
            if occasion == Occasion::Awaited || begun.elapsed() >= QUIET {
                self.tell(Report::Reading(self.at, reading));
            }
        };
        sweep(page, || self.caller.now(), progress).await
    }

    /// Waits until the next read is due. A refresh that was asked for during the last read was served by it.
    async fn rest(&mut self, refused: bool, polling: &mut Polling) -> Result<Occasion, Gone> {
        let rested = Instant::now();
        while let Ok(poke) = self.pokes.try_recv() {
            self.take(poke, polling);
        }
        loop {
            let rest = if refused { REFUSED_REST } else { *self.interval.borrow() };
            tokio::select! {
                poke = self.pokes.recv() => {
                    let poke = poke.ok_or(Gone)?;
                    self.take(poke, polling);
                    if poke != Poke::Pause {
                        return Ok(Occasion::Awaited);
                    }
                }
                changed = self.interval.changed() => changed.map_err(|_| Gone)?,
                () = sleep_until(rested + rest), if *polling == Polling::On => return Ok(Occasion::Due),
            }
        }
    }

    fn take(&self, poke: Poke, polling: &mut Polling) {
        match poke {
            Poke::Refresh => return,
            Poke::Pause => *polling = Polling::Paused,
            Poke::Resume => *polling = Polling::On,
        }
        self.tell(Report::Polling(self.at, *polling));
    }

    /// The receiver outlives the tasks, but for the moment in which the engine ends.
    fn tell(&self, report: Report) {
        let _ = self.reports.send(report);
    }
}
