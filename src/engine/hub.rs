//! Where reports and commands meet: it starts the tasks of the targets, lets the store take in what they tell, and publishes it.

use std::{rc::Rc, sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, watch},
    task::spawn_local,
    time::{Instant, sleep, sleep_until},
};

use super::{
    Clock, Command, Depth, Interest, Polling, Report, Setup, Snapshot, Store, TargetIndex,
    caller::{Caller, Shared},
    due::{Due, Matter, PUBLISH_EVERY},
    followed::Followed,
    memory::{Memory, Visit},
    pace::{Needs, Pace},
    poller::{Poke, Poller, Reader, Reports},
    progress::Progress,
    rate::Rate,
    sweep::Sweeper,
};
use crate::job::{JobKey, TargetKey, coverage::Acknowledgement};

/// How long a selection rests before a call, or a question to the journal, is spent on it: scrolling over a hundred jobs costs
/// nothing, and wakes no task of a target.
const AT_REST: Duration = Duration::from_millis(250);

/// How long time may pass before somebody looks whether jobs mean something else by now.
const LONGEST_TICK: Duration = Duration::from_secs(60);

/// To the tasks of one target.
type Pokes = Vec<mpsc::UnboundedSender<Poke>>;

/// Where reports and commands meet.
pub(super) struct Hub {
    clock: Clock,
    store: Store,
    memory: Memory,
    publisher: watch::Sender<Arc<Snapshot>>,
    interest: watch::Receiver<Interest>,
    /// The interest, once it has rested.
    rested: watch::Sender<Interest>,
    reports: mpsc::UnboundedReceiver<Report>,
    commands: mpsc::UnboundedReceiver<Command>,
    needs: watch::Sender<Needs>,
    rate: Rc<Rate>,
    pokes: Vec<(TargetKey, Pokes)>,
    /// Which targets are left alone because another one is read in their place.
    twins: Vec<bool>,
}

impl Hub {
    /// Spawns the tasks of every target, on the thread that calls.
    pub(super) fn start(
        setup: &Setup,
        visit: Visit,
        mut store: Store,
        publisher: watch::Sender<Arc<Snapshot>>,
        interest: watch::Receiver<Interest>,
        commands: mpsc::UnboundedReceiver<Command>,
    ) -> Self {
        let shared = Shared::new(setup);
        let (report, reports) = mpsc::unbounded_channel();
        let journal = setup.journal.as_deref();
        let memory = Memory::open(journal, visit, &mut store, &setup.clock, report.clone());
        let (needs, needs_level) = watch::channel(setup.needs());
        let (rested, rested_level) = watch::channel(Interest::default());
        let mut pokes = Vec::with_capacity(setup.targets.len());
        for (index, spec) in setup.targets.iter().enumerate() {
            let caller = Caller::new(setup, spec, &shared);
            let reports = Reports { at: TargetIndex(index), queue: report.clone() };
            let (poke, poke_queue) = mpsc::unbounded_channel();
            let mut told = vec![poke];
            if setup.depth == Depth::Trails {
                let (poke, poke_queue) = mpsc::unbounded_channel();
                told.push(poke);
                spawn_local(Followed::new(caller.clone(), reports.clone(), publisher.subscribe(), poke_queue).run());
            }
            pokes.push((spec.key.clone(), told));
            let (snapshots, rested) = (publisher.subscribe(), rested_level.clone());
            spawn_local(Progress::new(caller.clone(), reports.clone(), snapshots, rested).run());
            let reader = Reader { caller, sweeper: Sweeper::default(), signing: None };
            let (needs, pace) = (needs_level.clone(), Pace::default());
            spawn_local(Poller { reader, reports, pokes: poke_queue, needs, pace }.run());
        }
        for identity in shared.identities() {
            if let Some(at) = identity.targets.first().copied() {
                spawn_local(Rc::clone(identity).run(Reports { at, queue: report.clone() }, publisher.subscribe()));
            }
        }
        let clock = Arc::clone(&setup.clock);
        let (twins, rate) = (vec![false; pokes.len()], shared.rate());
        Self { clock, store, memory, publisher, interest, rested, reports, commands, needs, rate, pokes, twins }
    }

    /// Until the engine ends.
    pub(super) async fn run(mut self) {
        let mut unpublished = None;
        let mut due = Due::new(Instant::now());
        let mut at_rest = None;
        loop {
            let tick = self.next_tick();
            tokio::select! {
                Some(report) = self.reports.recv() => {
                    let matter = if matches!(report, Report::Reading(..)) { Matter::Progress } else { Matter::News };
                    let told = self.take(report);
                    if told.is_some() {
                        due.note(matter);
                    }
                    unpublished = self.count_calls().or(told).or(unpublished);
                }
                Some(command) = self.commands.recv() => {
                    let obeyed = self.obey(command);
                    if obeyed.is_some() {
                        due.note(Matter::News);
                    }
                    unpublished = obeyed.or(unpublished);
                }
                Ok(()) = self.interest.changed() => at_rest = Some(Instant::now() + AT_REST),
                () = sleep_until(at_rest.unwrap_or_else(Instant::now)), if at_rest.is_some() => {
                    at_rest = None;
                    self.rested.send_replace(self.interest.borrow_and_update().clone());
                    self.look_up();
                }
                () = sleep(tick) => {
                    unpublished = self.take(Report::Tick).or(unpublished);
                    unpublished = self.count_calls().or(unpublished);
                }
                () = sleep_until(due.at()), if unpublished.is_some() => {
                    if let Some(snapshot) = unpublished.take() {
                        self.publisher.send_replace(snapshot);
                    }
                    due.published(Instant::now());
                }
                else => return,
            }
        }
    }

    /// Takes in how much is called: nothing that anybody would remember.
    fn count_calls(&mut self) -> Option<Arc<Snapshot>> {
        self.store.apply(Report::Rate(self.rate.per_minute()), (self.clock)())
    }

    /// Takes a report in, and keeps what it changed.
    fn take(&mut self, report: Report) -> Option<Arc<Snapshot>> {
        let transitions = self.store.snapshot().log.next();
        let anothers = self.becoming_anothers(&report);
        let changed = self.store.apply(report, (self.clock)())?;
        self.memory.keep(&changed);
        anothers.into_iter().for_each(|at| self.poke(at, Poke::Anew));
        self.mind_twins(&changed);
        if changed.log.next() != transitions {
            self.look_up();
        }
        Some(changed)
    }

    /// The targets whose key is another account's than it was, as a report says.
    fn becoming_anothers(&self, report: &Report) -> Vec<TargetIndex> {
        let Report::Account(concerned, account) = report else { return Vec::new() };
        let known = |at: &TargetIndex| self.store.snapshot().targets[at.0].account.as_ref();
        concerned.iter().copied().filter(|at| known(at).is_some_and(|known| known != account)).collect()
    }

    fn poke(&self, at: TargetIndex, poke: Poke) {
        for task in &self.pokes[at.0].1 {
            let _ = task.send(poke);
        }
    }

    /// Tells the tasks of targets that they have become twins, or are none any more.
    fn mind_twins(&mut self, snapshot: &Snapshot) {
        for (index, (is_twin, target)) in snapshot.twins().zip(snapshot.targets.iter()).enumerate() {
            if is_twin != self.twins[index] {
                self.twins[index] = is_twin;
                self.poke(TargetIndex(index), if is_twin || target.paused { Poke::Pause } else { Poke::Resume });
            }
        }
    }

    /// Asks the journal about the job that the user looks at.
    fn look_up(&mut self) {
        if let Some(job) = self.interest.borrow().selected.clone() {
            self.memory.ask(job);
        }
    }

    /// How long until jobs mean something else, if nothing happens.
    fn next_tick(&self) -> Duration {
        let targets = &self.store.snapshot().targets;
        let next = targets.iter().filter_map(|target| target.coverage.next_change).min();
        let rest = next.map_or(LONGEST_TICK, |at| (at - (self.clock)()).to_std().unwrap_or_default());
        rest.clamp(PUBLISH_EVERY, LONGEST_TICK)
    }

    fn obey(&mut self, command: Command) -> Option<Arc<Snapshot>> {
        let (scope, poke, polling) = match command {
            Command::Refresh(scope) => (scope, Poke::Refresh, None),
            Command::Pause(scope) => (scope, Poke::Pause, Some(Polling::Paused)),
            Command::Resume(scope) => (scope, Poke::Resume, Some(Polling::On)),
            Command::Interval(interval) => {
                // Who sets a pace by hand means every target, the idle ones, too.
                self.needs.send_modify(|needs| (needs.interval, needs.idle_interval) = (interval, interval));
                return self.take(Report::Interval(interval));
            }
            Command::Acknowledge(job, note) => {
                let acknowledgement = Acknowledgement { at: (self.clock)(), note };
                return self.settle(job, Some(acknowledgement));
            }
            Command::TakeBack(job) => {
                let keys = self.store.keys_of(&job);
                return keys.into_iter().fold(None, |changed, key| self.settle(key, None).or(changed));
            }
        };
        let mut changed = None;
        let concerned: Vec<usize> = (0..self.pokes.len()).filter(|index| scope.holds(&self.pokes[*index].0)).collect();
        for index in concerned {
            if !self.twins[index] {
                self.poke(TargetIndex(index), poke);
            }
            // Said at once, and not by the task: it may be waiting for an answer.
            let report = polling.map(|polling| Report::Polling(TargetIndex(index), polling));
            changed = report.and_then(|report| self.take(report)).or(changed);
        }
        changed
    }

    fn settle(&mut self, job: JobKey, acknowledgement: Option<Acknowledgement>) -> Option<Arc<Snapshot>> {
        self.memory.settle(job.clone(), acknowledgement.as_ref());
        self.take(Report::Settled(job, acknowledgement))
    }
}
