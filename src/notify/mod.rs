//! Signals that reach people: from the engine's transitions to bell, window title and commands, once each.
//!
//! `rules` says what is worth a signal, `config` who is told of it, `deliver` that it is told once over restarts and
//! processes, `command` how a command runs, `step` how it begins. The dashboard and the commands for scripts use it alike, and it knows neither.

mod command;
mod config;
mod deliver;
mod rules;
mod step;
#[cfg(test)]
mod tests;
mod window;

use std::{
    io,
    path::Path,
    sync::{
        Arc,
        mpsc::{self, Receiver, Sender, SyncSender},
    },
    thread,
    time::Duration,
};

pub use command::MOST_OUTPUT;
pub use config::{Bell, Config, TIMEOUT, Title, Way};
pub use deliver::AT_ONCE;
pub use rules::{Kind, Rules, Signal, UNREAD_AFTER};
pub use step::{Starter, take_step};
pub use window::{BELL, GIVE_BACK_TITLE, KEEP_TITLE, title, titled};

use self::deliver::{Desk, FAREWELL};
use crate::engine::{Clock, Snapshot};

/// How long the end waits for the thread beyond what that gives running commands: for a disk that is slow.
const SLOW_DISK: Duration = Duration::from_millis(500);

/// What the thread is told.
#[derive(Debug)]
enum Order {
    See(Arc<Snapshot>),
    End,
}

/// Runs the commands that people want to be called by, on a thread of its own. Dropping it begins what still waits and gives
/// what runs a moment.
#[derive(Debug)]
pub struct Notifier {
    /// Nobody listens where no command is wanted.
    orders: Option<Sender<Order>>,
    /// Closes when the thread has ended. Nothing is ever sent.
    ended: Receiver<()>,
}

/// Where snapshots are handed to a [`Notifier`] from another thread.
#[derive(Debug, Clone)]
pub struct Ear(Option<Sender<Order>>);

impl Notifier {
    /// Starts the thread, if there is a command to run. What was told is kept in the journal, which may be in use by others;
    /// without one, it is remembered as long as this lives.
    ///
    /// # Errors
    /// Where the system has no thread left.
    pub fn start(ways: &[Way], journal: Option<&Path>, clock: &Clock, starter: Starter) -> io::Result<Self> {
        let (end, ended) = mpsc::sync_channel(0);
        if ways.is_empty() {
            return Ok(Self { orders: None, ended });
        }
        let (orders, received) = mpsc::channel();
        let (ways, journal, clock) = (ways.to_vec(), journal.map(Path::to_owned), Arc::clone(clock));
        thread::Builder::new().name("notify".into()).spawn(move || {
            let _end: SyncSender<()> = end;
            match Desk::open(ways, journal.as_deref(), clock, starter) {
                Ok(desk) => desk.run(&received),
                Err(error) => tracing::warn!("nobody can be notified: {error}"),
            }
        })?;
        Ok(Self { orders: Some(orders), ended })
    }

    /// Takes a snapshot in; each one holds what the ones before it held. Never waits.
    pub fn see(&self, snapshot: Arc<Snapshot>) {
        send(self.orders.as_ref(), snapshot);
    }

    /// The same for another thread.
    #[must_use]
    pub fn ear(&self) -> Ear {
        Ear(self.orders.clone())
    }
}

impl Ear {
    /// As [`Notifier::see`].
    pub fn see(&self, snapshot: Arc<Snapshot>) {
        send(self.0.as_ref(), snapshot);
    }
}

fn send(orders: Option<&Sender<Order>>, snapshot: Arc<Snapshot>) {
    // It only fails where the thread has ended, and then there is nobody to tell.
    let _ = orders.map(|orders| orders.send(Order::See(snapshot)));
}

impl Drop for Notifier {
    fn drop(&mut self) {
        if let Some(orders) = self.orders.take() {
            let _ = orders.send(Order::End);
            let _ = self.ended.recv_timeout(FAREWELL + SLOW_DISK);
        }
    }
}
