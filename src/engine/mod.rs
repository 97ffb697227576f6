//! The engine: polls every target on a thread of its own and publishes immutable snapshots. It never knows who looks.
//!
//! A task per target sweeps all pages (`sweep`), another reads regions (`progress`), a third, where they are needed, its trails
//! (`followed`); all report to the `hub`, which lets the [`Store`] take it in and publishes its snapshots on a `watch` channel.
//! Commands (edges) come in by `mpsc`, interest (a level) by `watch`.

mod absent;
mod caller;
mod clock;
mod diff;
mod due;
mod error;
mod errors;
mod followed;
mod ground;
mod hub;
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
    sync::{Arc, mpsc as std_mpsc},
    thread,
    time::Duration,
};

use tokio::{
    runtime,
    sync::{mpsc, oneshot, watch},
    task::LocalSet,
};

use self::{hub::Hub, memory::Visit};
use crate::job::{JobKey, TargetKey};

pub use diff::Baseline;
pub use error::{Error, Verdict};
pub use errors::{ErrorSeen, Errors};
pub use ground::Ground;
pub use log::{CAPACITY, Log};
pub use news::News;
pub use once::{Answer, Answers, GRACE, get_once, read_once, regions_once};
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
