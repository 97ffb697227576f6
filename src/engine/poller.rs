//! The task of one target: it reads all pages, rests for the interval, and listens to refresh, pause and resume meanwhile.

use std::{cell::Cell, pin::pin, sync::Arc, time::Duration};

use ring::rand::{SecureRandom, SystemRandom};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep},
};

use super::{
    Error, Ground, Signing,
    caller::Caller,
    pace::{Activity, Needs, Outcome, Pace, WasThrottled},
    report::{Report, TargetIndex},
    sweep::{Progress, Sweep, Sweeper},
};
use crate::crash::{self, Place};

/// How often the wall clock is looked at during a rest: the timers of a machine that slept do not know that it did.
const LOOK_AT_CLOCK: Duration = Duration::from_secs(5);

/// How long a read goes on before anybody is told that it is under way: less would flicker at every poll.
const QUIET: Duration = Duration::from_secs(1);

/// What a target's task is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Poke {
    Refresh,
    Pause,
    Resume,
    /// What is being read is another account's by now: it is read anew.
    Anew,
}

/// Polls one target.
pub(super) struct Poller {
    pub(super) reader: Reader,
    pub(super) reports: Reports,
    pub(super) pokes: mpsc::UnboundedReceiver<Poke>,
    pub(super) needs: watch::Receiver<Needs>,
    pub(super) pace: Pace,
}

/// Reads one target, and remembers the read before.
pub(super) struct Reader {
    pub(super) caller: Caller,
    pub(super) sweeper: Sweeper,
    /// What was told of the key.
    pub(super) signing: Option<Signing>,
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

impl Occasion {
    /// The same, now that the user asks as well.
    fn awaited(self) -> Self {
        if self == Self::Once { Self::Once } else { Self::Awaited }
    }
}

/// What happens after a read, or instead of its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Rest as long as the pace says.
    Rest,
    /// Read at once.
    Again(Occasion),
    /// Wait to be resumed or asked.
    Paused,
}

/// Whether whoever asks meanwhile is served by the read under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patience {
    /// It goes well, or it waits because there were too many calls: one more would make that worse.
    Calm,
    /// It waits for the end of some trouble, which may be over.
    Waiting,
}

/// The engine is gone: the task ends.
struct Gone;

impl Poller {
    /// Polls until the engine ends.
    pub(super) async fn run(mut self) {
        let mut occasion = Occasion::Awaited;
        loop {
            let next = match self.read(occasion).await {
                Ok(Next::Again(occasion)) => Ok(occasion),
                Ok(Next::Paused) => self.paused().await,
                Ok(Next::Rest) => self.rest().await,
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
        let Self { reader, reports, pokes, needs, pace } = self;
        let patience = Cell::new(Patience::Calm);
        let mut read = pin!(reader.read(occasion, &patience, reports));
        loop {
            tokio::select! {
                (outcome, was_throttled) = &mut read => {
                    reports.outcome(outcome, was_throttled, pace, *needs.borrow());
                    return Ok(if occasion == Occasion::Once { Next::Paused } else { Next::Rest });
                }
                poke = pokes.recv() => match poke.ok_or(Gone)? {
                    Poke::Pause => return Ok(Next::Paused),
                    Poke::Resume if occasion == Occasion::Once => return Ok(Next::Again(Occasion::Awaited)),
                    Poke::Refresh if patience.get() == Patience::Waiting => return Ok(Next::Again(occasion.awaited())),
                    Poke::Anew => return Ok(Next::Again(occasion)),
                    Poke::Refresh | Poke::Resume => crash::rehearse(Place::Task),
                },
            }
        }
    }

    /// Waits until the next read is due, the user asks, or there is another key after one that was refused. A service that asked to be left alone is, whoever asks.
    async fn rest(&mut self) -> Result<Occasion, Gone> {
        let clock = self.reader.caller.clock().clone();
        let (rested, rested_at, dice) = (Instant::now(), clock.now(), dice());
        let mut occasion = Occasion::Due;
        let edition = self.pace.is_refused().then(|| self.reader.caller.edition());
        loop {
            if edition.is_some_and(|since| self.reader.caller.may_have_healed(since)) {
                return Ok(occasion);
            }
            let rest = match occasion {
                Occasion::Due => self.pace.rest(*self.needs.borrow(), dice),
                Occasion::Awaited | Occasion::Once => self.pace.asked(),
            };
            let slept = (clock.now() - rested_at).to_std().unwrap_or_default();
            let left = rest.saturating_sub(rested.elapsed().max(slept));
            if left.is_zero() {
                return Ok(occasion);
            }
            tokio::select! {
                poke = self.pokes.recv() => match poke.ok_or(Gone)? {
                    Poke::Pause => return self.paused().await,
                    Poke::Refresh | Poke::Resume | Poke::Anew => {
                        crash::rehearse(Place::Task);
                        occasion = Occasion::Awaited;
                    }
                },
                changed = self.needs.changed() => changed.map_err(|_| Gone)?,
                () = sleep(left.min(LOOK_AT_CLOCK)) => {}
            }
        }
    }

    /// Waits to be resumed, or to be asked for one read.
    async fn paused(&mut self) -> Result<Occasion, Gone> {
        loop {
            match self.pokes.recv().await.ok_or(Gone)? {
                Poke::Pause | Poke::Anew => {}
                Poke::Resume => return Ok(Occasion::Awaited),
                Poke::Refresh => return Ok(Occasion::Once),
            }
        }
    }
}

impl Reader {
    /// Reads all pages, until they can be believed, and says whether the quota was used up meanwhile.
    async fn read(
        &mut self,
        occasion: Occasion,
        patience: &Cell<Patience>,
        reports: &Reports,
    ) -> (Result<Sweep, Error>, WasThrottled) {
        let outcome = self.sweep(occasion, patience, reports).await;
        let signing = self.caller.signing();
        if self.signing.as_ref() != Some(&signing) {
            reports.tell(Report::Signing(reports.at, signing.clone()));
            self.signing = Some(signing);
        }
        if let Err(error) = &outcome {
            tracing::warn!("{} can't be read: {error}", self.caller.target());
        }
        (outcome, self.caller.take_throttled())
    }

    async fn sweep(
        &mut self,
        occasion: Occasion,
        patience: &Cell<Patience>,
        reports: &Reports,
    ) -> Result<Sweep, Error> {
        let Self { caller, sweeper, .. } = self;
        let begun = Instant::now();
        let trouble = |error: &Error| {
            patience.set(if error.is_throttled() { Patience::Calm } else { Patience::Waiting });
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
        let swept = sweeper.sweep(page, || caller.clock().now(), progress).await;
        let mut sweep = caller.empty_where_absent(swept)?;
        sweep.ground = caller.ground(&sweep).await;
        sweep.clock_offset = caller.clock().offset();
        sweep.latency = caller.latency();
        Ok(sweep)
    }
}

impl Reports {
    /// Tells how a read ended, and lets the pace learn from it.
    fn outcome(&self, outcome: Result<Sweep, Error>, was_throttled: WasThrottled, pace: &mut Pace, needs: Needs) {
        match outcome {
            Ok(mut sweep) => {
                let active = sweep.jobs.rows.iter().any(|job| job.status.is_active());
                let activity = match sweep.ground {
                    Ground::Used if active => Activity::Active,
                    Ground::Used => Activity::Idle,
                    Ground::Barren | Ground::Absent(_) => Activity::Barren,
                };
                pace.learn(Outcome::Read { pages: sweep.request_ids.len(), activity }, was_throttled);
                sweep.next_in = pace.usual(needs);
                self.tell(Report::Swept(self.at, sweep));
            }
            Err(error) => {
                let asked = error.retry_after().unwrap_or_default();
                pace.learn(Outcome::Failed { verdict: error.verdict(), asked }, was_throttled);
                self.tell(Report::Failed(self.at, Arc::new(error)));
            }
        }
    }

    /// The receiver outlives the tasks, but for the moment in which the engine ends.
    pub(super) fn tell(&self, report: Report) {
        let _ = self.queue.send(report);
    }
}

/// A number from 0 to 1, so that targets don't rest in step.
fn dice() -> f64 {
    let mut bytes = [0; 4];
    // Without random numbers every rest is of the middling length, which is as good.
    match SystemRandom::new().fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 0.5,
    }
}
