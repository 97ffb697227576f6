//! The trails of one target, read beside its sweeps: all of them rarely, and how the delivery of those fares that failed.
//!
//! It looks whenever its target was read, and when the user asks. It has no timer of its own: a target that can't be read, or
//! is paused, is not asked for its trails either.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::TimeDelta;
use tokio::sync::{mpsc, watch};

use super::{
    Health, Snapshot, TargetState, Verdict,
    caller::Caller,
    poller::{Poke, Reports},
    report::Report,
};
use crate::job::Timestamp;

/// How long the trails are believed: they change when somebody configures them.
const EVERY: TimeDelta = TimeDelta::minutes(30);

/// How long it is believed how a delivery fares, while a failure of its trail is open.
const STATUS_EVERY: TimeDelta = TimeDelta::minutes(10);

/// After how long trails that could not be read are asked for again.
const RETRY: TimeDelta = TimeDelta::minutes(1);

/// The most trails that are asked for how they fare after one sweep.
const MOST: usize = 20;

/// Reads the trails of one target.
pub(super) struct Followed {
    caller: Caller,
    reports: Reports,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    pokes: mpsc::UnboundedReceiver<Poke>,
    /// When the trails are to be read again.
    due: Option<Timestamp>,
    /// When it was last asked how a trail fares.
    asked: HashMap<Arc<str>, Timestamp>,
    /// Until when nobody is asked how a trail fares, because that is not allowed.
    refused_until: Option<Timestamp>,
}

impl Followed {
    pub(super) fn new(
        caller: Caller,
        reports: Reports,
        snapshots: watch::Receiver<Arc<Snapshot>>,
        pokes: mpsc::UnboundedReceiver<Poke>,
    ) -> Self {
        Self { caller, reports, snapshots, pokes, due: None, asked: HashMap::new(), refused_until: None }
    }

    /// Follows sweeps and the user's wishes until the engine ends.
    pub(super) async fn run(mut self) {
        loop {
            self.read().await;
            tokio::select! {
                changed = self.snapshots.changed() => if changed.is_err() { return },
                poke = self.pokes.recv() => match poke {
                    // What was a twin until now knows no trails any more.
                    Some(Poke::Refresh | Poke::Resume | Poke::Anew) => self.forget(),
                    Some(Poke::Pause) => {}
                    None => return,
                },
            }
        }
    }

    /// Everything is due again, also what was refused; however often the user asked.
    fn forget(&mut self) {
        while self.pokes.try_recv().is_ok() {}
        (self.due, self.refused_until) = (None, None);
        self.asked.clear();
    }

    /// Reads what is due.
    async fn read(&mut self) {
        let now = self.caller.clock().now();
        let snapshot = Arc::clone(&self.snapshots.borrow_and_update());
        let target = &snapshot.targets[self.reports.at.0];
        if target.read.is_none() || target.rests() || target.health != Health::Ok {
            return;
        }
        if self.due.is_none_or(|due| due <= now) {
            self.describe(now).await;
        }
        if self.refused_until.is_none_or(|until| until <= now) {
            self.ask_how_they_fare(target, now).await;
        }
    }

    async fn describe(&mut self, now: Timestamp) {
        let outcome = self.caller.trails_at_once().await;
        let rest = match &outcome {
            Err(error) if error.verdict() == Verdict::MayPass => RETRY,
            _ => EVERY,
        };
        self.due = now.checked_add_signed(rest);
        self.reports.tell(Report::Trails(self.reports.at, outcome.map_err(Arc::new)));
    }

    async fn ask_how_they_fare(&mut self, target: &TargetState, now: Timestamp) {
        let failing = target.failing_trails();
        if failing.is_empty() && self.asked.is_empty() {
            return;
        }
        let still: HashSet<&Arc<str>> = failing.iter().collect();
        self.asked.retain(|name, _| still.contains(name));
        let is_due = |name: &&Arc<str>| self.asked.get(*name).is_none_or(|at| now - *at >= STATUS_EVERY);
        let due: Vec<Arc<str>> = failing.iter().filter(is_due).take(MOST).cloned().collect();
        for name in due {
            self.asked.insert(Arc::clone(&name), now);
            let outcome = self.caller.trail_status_at_once(&name).await;
            let is_refused = outcome.as_ref().is_err_and(|error| error.verdict().is_lasting());
            self.reports.tell(Report::TrailStatus(self.reports.at, name, outcome.map_err(Arc::new)));
            if is_refused {
                self.refused_until = now.checked_add_signed(EVERY);
                return;
            }
        }
    }
}
