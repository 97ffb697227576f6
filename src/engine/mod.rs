//! The engine: polls every target on a thread of its own and publishes immutable snapshots. It never knows who looks.
//!
//! A task per target sweeps all pages (`sweep`), another reads regions (`progress`), a third, where they are needed, its trails
//! (`followed`); all report to the [`Store`],
//! whose snapshots go out on a `watch` channel. Commands (edges) come in by `mpsc`, interest (a level) by `watch`.

mod absent;
mod caller;
mod clock;
mod diff;
mod due;
mod error;
mod errors;
mod followed;
mod ground;
mod identity;
mod limiter;
mod log;
mod meaning;
mod memory;
mod news;
mod once;
mod pace;
mod pages;
mod poller;
mod progress;
mod quotas;
mod rate;
mod report;
mod setup;
mod signing;
mod snapshot;
mod store;
mod sweep;
mod target;
mod trails;
mod twins;

use std::{
    io,
    rc::Rc,
    sync::{Arc, mpsc as std_mpsc},
    thread,
    time::Duration,
};

use tokio::{
    runtime,
    sync::{mpsc, oneshot, watch},
    task::{LocalSet, spawn_local},
    time::{Instant, sleep, sleep_until},
};

use self::{
    caller::{Caller, Shared},
    due::{Due, Matter, PUBLISH_EVERY},
    followed::Followed,
    memory::{Memory, Visit},
    pace::{Needs, Pace},
    poller::{Poke, Poller, Reader, Reports},
    progress::{AT_REST, Progress},
    rate::Rate,
    sweep::Sweeper,
};
use crate::job::{JobKey, TargetKey, coverage::Acknowledgement};

pub use diff::Baseline;
pub use error::{Error, Verdict};
pub use errors::{ErrorSeen, Errors};
pub use ground::Ground;
pub use log::{CAPACITY, Log};
pub use news::News;
pub use once::{Answer, Answers, get_once, read_once, regions_once};
pub use report::{Polling, Report, TargetIndex};
pub use setup::{Clock, Depth, Setup, TargetSpec, Wish, system_clock};
pub use signing::Signing;
pub use snapshot::{History, Jobs, RowRef, Snapshot};
pub use store::Store;
pub use sweep::Sweep;
pub use target::{Freshness, Health, Quality, Read, Reading, TargetState, Why};
pub use trails::{Fate, TrailOf, TrailRef, Trails};

/// How long the end waits for the journal.
const FAREWELL: Duration = Duration::from_millis(2_500);

/// How long time may pass before somebody looks whether jobs mean something else by now.
const LONGEST_TICK: Duration = Duration::from_secs(60);

/// What the engine is told to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Read now.
    Refresh(Scope),
    /// Leave alone.
    Pause(Scope),
    /// Poll again.
    Resume(Scope),
    /// Read this often from now on.
    Interval(Duration),
    /// Settle a failure: it is of no concern any more, for a reason in the user's words.
    Acknowledge(JobKey, Arc<str>),
    /// It is of concern after all.
    TakeBack(JobKey),
}

/// Which targets a command is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All of them.
    All,
    /// One.
    Target(TargetKey),
}

/// What its user looks at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Interest {
    /// The selected job.
    pub selected: Option<JobKey>,
}

/// A running engine; it ends when this is dropped.
pub struct Engine {
    snapshots: watch::Receiver<Arc<Snapshot>>,
    commands: mpsc::UnboundedSender<Command>,
    interest: watch::Sender<Interest>,
    runtime: runtime::Handle,
    /// Dropping it ends the engine's thread.
    alive: Option<oneshot::Sender<()>>,
    /// Closes when that has ended. Nothing is ever sent.
    ended: std_mpsc::Receiver<()>,
}

impl Drop for Engine {
    /// Waits a moment for the journal to be written, and not for anything else.
    fn drop(&mut self) {
        drop(self.alive.take());
        let _ = self.ended.recv_timeout(FAREWELL);
    }
}

impl Engine {
    /// Starts polling for a person who looks: the journal takes note of the visit.
    ///
    /// # Errors
    /// Where no thread or runtime can be started.
    pub fn start(setup: &Setup) -> io::Result<Self> {
        Self::start_as(setup, Visit::Counts)
    }

    /// Starts polling for a script: what it sees is kept as well, but nobody has looked.
    ///
    /// # Errors
    /// Where no thread or runtime can be started.
    pub fn start_for_script(setup: &Setup) -> io::Result<Self> {
        Self::start_as(setup, Visit::DoesNotCount)
    }

    fn start_as(setup: &Setup, visit: Visit) -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (commands, command_queue) = mpsc::unbounded_channel();
        let (interest, interest_level) = watch::channel(Interest::default());
        let (alive, ended) = oneshot::channel();
        let store = Store::new(setup.states(), setup.interval, setup.rules());
        let (publisher, snapshots) = watch::channel(Arc::clone(store.snapshot()));
        let setup = setup.clone();
        let (end, has_ended) = std_mpsc::sync_channel::<()>(0);
        thread::Builder::new().name("engine".into()).spawn(move || {
            let _end = end;
            LocalSet::new().block_on(&runtime, async {
                tokio::select! {
                    () = Hub::start(&setup, visit, store, publisher, interest_level, command_queue).run() => (),
                    _ = ended => (),
                }
            });
            // Dropping a runtime waits for a name that is being looked up; nobody waits for us.
            runtime.shutdown_background();
        })?;
        Ok(Self { snapshots, commands, interest, runtime: handle, alive: Some(alive), ended: has_ended })
    }

    /// The latest snapshot.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshots.borrow())
    }

    /// Answers with the latest snapshot, for another thread; once the engine has ended, with its last.
    pub fn latest(&self) -> impl Fn() -> Arc<Snapshot> + Send + 'static {
        let snapshots = self.snapshots.clone();
        move || Arc::clone(&snapshots.borrow())
    }

    /// Calls `on_change` with each new snapshot, on the engine's thread; what comes faster than it returns is left out.
    pub fn subscribe(&self, mut on_change: impl FnMut(Arc<Snapshot>) + Send + 'static) {
        let mut snapshots = self.snapshots.clone();
        self.runtime.spawn(async move {
            while snapshots.changed().await.is_ok() {
                let snapshot = Arc::clone(&snapshots.borrow_and_update());
                on_change(snapshot);
            }
        });
    }

    /// Gives a command.
    pub fn send(&self, command: Command) {
        // It only fails where the engine's thread has ended, and then there is nothing to command.
        let _ = self.commands.send(command);
    }

    /// Says what its user looks at.
    pub fn set_interest(&self, interest: Interest) {
        self.interest.send_if_modified(|level| {
            let modified = *level != interest;
            *level = interest;
            modified
        });
    }
}

/// To the tasks of one target.
type Pokes = Vec<mpsc::UnboundedSender<Poke>>;

/// Where reports and commands meet.
struct Hub {
    clock: Clock,
    store: Store,
    memory: Memory,
    publisher: watch::Sender<Arc<Snapshot>>,
    interest: watch::Receiver<Interest>,
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
    fn start(
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
            let (snapshots, interest) = (publisher.subscribe(), interest.clone());
            spawn_local(Progress::new(caller.clone(), reports.clone(), snapshots, interest).run());
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
        let twins = vec![false; pokes.len()];
        Self { twins, clock, store, memory, publisher, interest, reports, commands, needs, pokes, rate: shared.rate() }
    }

    async fn run(mut self) {
        let mut unpublished = None;
        let mut due = Due::new(Instant::now());
        // When the selection will have rested: scrolling over a hundred jobs asks the journal for one.
        let mut rested = None;
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
                Ok(()) = self.interest.changed() => rested = Some(Instant::now() + AT_REST),
                () = sleep_until(rested.unwrap_or_else(Instant::now)), if rested.is_some() => {
                    rested = None;
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
        let changed = self.store.apply(report, (self.clock)())?;
        self.memory.keep(&changed);
        self.mind_twins(&changed);
        if changed.log.next() != transitions {
            self.look_up();
        }
        Some(changed)
    }

    /// Tells the tasks of targets that they have become twins, or are none any more.
    fn mind_twins(&mut self, snapshot: &Snapshot) {
        for ((is_twin, was_twin), (target, (_, tasks))) in
            snapshot.twins().zip(&mut self.twins).zip(snapshot.targets.iter().zip(&self.pokes))
        {
            if is_twin != *was_twin {
                *was_twin = is_twin;
                let poke = if is_twin || target.paused { Poke::Pause } else { Poke::Resume };
                for task in tasks {
                    let _ = task.send(poke);
                }
            }
        }
    }

    /// Asks the journal about the job that the user looks at.
    fn look_up(&mut self) {
        if let Some(job) = self.interest.borrow_and_update().selected.clone() {
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
            Command::TakeBack(job) => return self.settle(job, None),
        };
        let mut changed = None;
        let concerned: Vec<usize> = (0..self.pokes.len()).filter(|index| scope.holds(&self.pokes[*index].0)).collect();
        for index in concerned {
            for task in self.pokes[index].1.iter().filter(|_| !self.twins[index]) {
                let _ = task.send(poke);
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

impl Scope {
    /// Whether it is for a target.
    #[must_use]
    pub fn holds(&self, key: &TargetKey) -> bool {
        match self {
            Self::All => true,
            Self::Target(target) => target == key,
        }
    }
}
