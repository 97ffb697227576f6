//! A thread of its own for the journal, so that whoever watches never waits for the disk.

use std::{
    collections::HashMap,
    io,
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError},
    },
    thread,
    time::Duration,
};

use super::{Asked, Error, Journal, Notice};
use crate::job::{
    Account, AccountId, JobKey, JobSeen, ProfileName, TargetKey, Timestamp, Transition, coverage::Acknowledgement,
};

/// How many orders may wait. More than that, and the disk hangs.
const WAITING: usize = 1024;

/// How long the end of the program waits for what is not yet written.
const FAREWELL: Duration = Duration::from_secs(2);

/// What the journal says back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// To [`JournalWriter::ask`].
    History(Asked, Vec<Transition>),
    /// What is acknowledged now, after an order changed it.
    Acknowledged(HashMap<JobKey, Acknowledgement>),
    /// Something the user should know; the same trouble is told once until something succeeds.
    Trouble(Notice),
}

/// So much waits for the disk that this order is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the journal is too slow: what was seen is not written")]
pub struct Behind;

enum Order {
    Record(Vec<Arc<Transition>>),
    NameAccount { profile: ProfileName, account: AccountId, since: Timestamp },
    Remember(Box<Remembered>),
    Acknowledge { key: JobKey, note: Arc<str>, now: Timestamp },
    TakeBack(JobKey),
    Ask(Asked),
    Leave(Timestamp),
}

/// What a target listed: by far the largest order, and each place of the queue takes as much as that.
struct Remembered {
    target: TargetKey,
    account: Account,
    jobs: Box<dyn Iterator<Item = JobSeen> + Send>,
    read_at: Timestamp,
}

/// Gives orders to a journal. None of its calls waits; dropping it waits a little for what is not yet written.
#[derive(Debug)]
pub struct JournalWriter {
    orders: Option<SyncSender<Order>>,
    /// Closes when the thread has ended. Nothing is ever sent.
    ended: Receiver<()>,
}

impl JournalWriter {
    /// Hands a journal to a thread of its own. `tell` is called there; `now` only where a damaged journal is set aside.
    ///
    /// # Errors
    /// Where the system has no thread left.
    pub fn start(
        journal: Journal,
        now: impl Fn() -> Timestamp + Send + 'static,
        tell: impl FnMut(Answer) + Send + 'static,
    ) -> io::Result<Self> {
        let (orders, received) = mpsc::sync_channel(WAITING);
        let (end, ended) = mpsc::sync_channel(0);
        thread::Builder::new().name("journal".into()).spawn(move || {
            let _end: SyncSender<()> = end;
            let mut desk = Desk { journal: Some(journal), now, tell, told: None };
            received.iter().for_each(|order| desk.carry_out(order));
        })?;
        Ok(Self { orders: Some(orders), ended })
    }

    /// Writes transitions.
    ///
    /// # Errors
    /// [`Behind`]; so for all below.
    pub fn record(&self, transitions: Vec<Arc<Transition>>) -> Result<(), Behind> {
        self.order(Order::Record(transitions))
    }

    /// Takes note of whose changes are, as [`Journal::name_account`] does.
    ///
    /// # Errors
    /// Where too much waits for the disk.
    pub fn name_account(&self, profile: ProfileName, account: AccountId, since: Timestamp) -> Result<(), Behind> {
        self.order(Order::NameAccount { profile, account, since })
    }

    /// Keeps the state of every job of a target, as [`Journal::remember`] does, which asks for each when it is its turn.
    ///
    /// # Errors
    /// [`Behind`].
    pub fn remember(
        &self,
        target: TargetKey,
        account: Account,
        jobs: impl Iterator<Item = JobSeen> + Send + 'static,
        read_at: Timestamp,
    ) -> Result<(), Behind> {
        self.order(Order::Remember(Box::new(Remembered { target, account, jobs: Box::new(jobs), read_at })))
    }

    /// Settles a job by the user's word. [`Answer::Acknowledged`] follows.
    ///
    /// # Errors
    /// [`Behind`].
    pub fn acknowledge(&self, key: JobKey, note: Arc<str>, now: Timestamp) -> Result<(), Behind> {
        self.order(Order::Acknowledge { key, note, now })
    }

    /// Takes that back. [`Answer::Acknowledged`] follows.
    ///
    /// # Errors
    /// [`Behind`].
    pub fn take_back(&self, key: JobKey) -> Result<(), Behind> {
        self.order(Order::TakeBack(key))
    }

    /// Reads transitions. [`Answer::History`] follows.
    ///
    /// # Errors
    /// [`Behind`].
    pub fn ask(&self, asked: Asked) -> Result<(), Behind> {
        self.order(Order::Ask(asked))
    }

    /// Ends the visit that the journal began.
    ///
    /// # Errors
    /// [`Behind`].
    pub fn leave(&self, now: Timestamp) -> Result<(), Behind> {
        self.order(Order::Leave(now))
    }

    fn order(&self, order: Order) -> Result<(), Behind> {
        let Some(orders) = &self.orders else { return Ok(()) };
        match orders.try_send(order) {
            Err(TrySendError::Full(_)) => Err(Behind),
            // The thread ends only with this value, or by a panic, which ends the program.
            Ok(()) | Err(TrySendError::Disconnected(_)) => Ok(()),
        }
    }
}

impl Drop for JournalWriter {
    fn drop(&mut self) {
        drop(self.orders.take());
        if self.ended.recv_timeout(FAREWELL) == Err(RecvTimeoutError::Timeout) {
            tracing::warn!("the journal is too slow: the last changes may not be written");
        }
    }
}

/// What the thread works with.
struct Desk<N, T> {
    journal: Option<Journal>,
    now: N,
    tell: T,
    /// The trouble that was told last, so that a full disk is told once and not at every poll.
    told: Option<Error>,
}

impl<N: Fn() -> Timestamp, T: FnMut(Answer)> Desk<N, T> {
    fn carry_out(&mut self, order: Order) {
        let Some(journal) = &mut self.journal else { return };
        let reads = matches!(order, Order::Ask(_));
        match carry_out(journal, order) {
            Ok(answer) => {
                self.told = None;
                answer.into_iter().for_each(&mut self.tell);
            }
            Err(Error::Damaged(why)) => self.begin_anew(why),
            Err(error) if self.told.as_ref() == Some(&error) => {}
            Err(error) => {
                let path = journal.path.clone();
                self.told = Some(error.clone());
                let notice = if reads { Notice::NotRead { path, error } } else { Notice::NotWritten { path, error } };
                (self.tell)(Answer::Trouble(notice));
            }
        }
    }

    /// What was to be done is lost with the rest of the damaged journal.
    fn begin_anew(&mut self, why: String) {
        let Some(journal) = self.journal.take() else { return };
        let path = journal.path.clone();
        let opened = journal.begin_anew((self.now)(), why.clone());
        self.journal = opened.journal;
        // Where nothing was set aside, the damage is too deep to be found by a look, or another process was faster.
        let lost = || Notice::NotWritten { path, error: Error::Damaged(why) };
        (self.tell)(Answer::Trouble(opened.notice.unwrap_or_else(lost)));
    }
}

fn carry_out(journal: &mut Journal, order: Order) -> Result<Option<Answer>, Error> {
    match order {
        Order::Record(transitions) => journal.record(&transitions).map(|_| None),
        Order::NameAccount { profile, account, since } => {
            journal.name_account(&profile, &account, since).map(|()| None)
        }
        Order::Remember(remembered) => {
            let Remembered { target, account, jobs, read_at } = *remembered;
            journal.remember(&target, &account, jobs, read_at).map(|_| None)
        }
        Order::Acknowledge { key, note, now } => {
            journal.acknowledge(&key, &note, now)?;
            journal.acknowledgements().map(Answer::Acknowledged).map(Some)
        }
        Order::TakeBack(key) => {
            journal.take_back(&key)?;
            journal.acknowledgements().map(Answer::Acknowledged).map(Some)
        }
        Order::Ask(asked) => {
            let history = journal.history(&asked)?;
            Ok(Some(Answer::History(asked, history)))
        }
        Order::Leave(now) => journal.visit_end(now).map(|()| None),
    }
}
