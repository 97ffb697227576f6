//! The desk: takes snapshots, keeps in the journal whom to tell of what, and begins commands, a few at a time.
//!
//! The journal is the queue: what one process did not come to begin, the next one does. Everything happens on one thread.

use std::{
    collections::HashSet,
    iter,
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use chrono::TimeDelta;

use super::{
    Order,
    command::Running,
    config::Way,
    rules::{Rules, Signal},
    step::{self, Starter},
};
use crate::{
    engine::{Clock, Health, Snapshot},
    job::{Seq, TargetKey, Timestamp, Transition},
    journal::{Error, Journal, Pending, Post},
};

/// How many commands run at once.
pub const AT_ONCE: usize = 4;

/// How many events one command is told at once.
const MOST_EVENTS: usize = 100;

/// How much is held that can't be kept: what is beyond that is heard of again, once the journal can be used.
const MOST_POSTS: usize = 10_000;

/// What was found so long ago is not told any more: a way that was out of use does not wake with old news.
const TOO_LATE: TimeDelta = TimeDelta::days(7);

/// How often running commands are looked after.
const A_MOMENT: Duration = Duration::from_millis(20);

/// How often to look for what another process left behind, and how long a way rests whose command can't be begun.
const A_WHILE: Duration = Duration::from_secs(60);

/// How long the end waits for what is due and what runs.
pub(super) const FAREWELL: Duration = Duration::from_millis(1_500);

/// When what waits is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patience {
    /// When its time has come.
    Usual,
    /// At once: this is the end.
    None,
}

/// What the thread works with.
pub(super) struct Desk {
    ways: Vec<Waiting>,
    journal: Journal,
    clock: Clock,
    rules: Rules,
    latest: Option<Arc<Snapshot>>,
    targets: Vec<TargetKey>,
    /// The targets of which the journal is to be told once they are well.
    ill: HashSet<TargetKey>,
    /// Up to which transition of this run the journal was asked.
    heard: Seq,
    /// What could not be kept yet.
    posts: Vec<Post>,
    /// Where a command marks itself what it tells of as begun; `None`: it is marked here.
    step: Option<Step>,
    running: Vec<Running>,
    /// When to look again for what waits.
    look: Instant,
    /// The trouble with the journal that was told last.
    told: Option<Error>,
}

/// The program that takes the first step of a command, and the journal in which it marks it.
struct Step {
    program: PathBuf,
    journal: PathBuf,
}

struct Waiting {
    way: Way,
    /// Until when it rests, since its command can't be begun.
    rests: Option<Instant>,
}

impl Desk {
    /// A desk over the journal, or over a memory of this process alone where there is none that can be used.
    ///
    /// # Errors
    /// Where there is not even that.
    pub(super) fn open(ways: Vec<Way>, journal: Option<&Path>, clock: Clock, starter: Starter) -> Result<Self, Error> {
        // What is wrong with the journal tells the engine, which opens it, too.
        let opened = journal.and_then(|path| Journal::open(path, clock()).journal);
        let step = match (starter, journal) {
            (Starter::Program(program), Some(journal)) if opened.is_some() => {
                Some(Step { program, journal: journal.to_owned() })
            }
            _ => None,
        };
        let journal = opened.map_or_else(Journal::in_memory, Ok)?;
        Ok(Self {
            ways: ways.into_iter().map(|way| Waiting { way, rests: None }).collect(),
            journal,
            clock,
            rules: Rules::default(),
            latest: None,
            targets: Vec::new(),
            ill: HashSet::new(),
            heard: Seq::default(),
            posts: Vec::new(),
            step,
            running: Vec::new(),
            look: Instant::now(),
            told: None,
        })
    }

    /// Works until it is told to end.
    pub(super) fn run(mut self, orders: &Receiver<Order>) {
        loop {
            let (mut seen, mut ends) = (None, false);
            match orders.recv_timeout(self.rest()) {
                Ok(first) => iter::once(first).chain(orders.try_iter()).for_each(|order| match order {
                    // A snapshot has all that those before it had.
                    Order::See(snapshot) => seen = Some(snapshot),
                    Order::End => ends = true,
                }),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => ends = true,
            }
            match seen {
                Some(snapshot) => self.see(snapshot),
                None => self.see_again(),
            }
            if ends {
                return self.farewell();
            }
            self.tend();
            if Instant::now() >= self.look {
                self.look = Instant::now() + A_WHILE;
                self.keep_and_begin(Patience::Usual);
            }
        }
    }

    /// How long nothing has to be done, if no order comes.
    fn rest(&self) -> Duration {
        if !self.running.is_empty() {
            return A_MOMENT;
        }
        let until_look = self.look.saturating_duration_since(Instant::now());
        let next = self.rules.next_change().map(|at| (at - (self.clock)()).to_std().unwrap_or_default());
        // A clock that stands still must not make this spin.
        next.map_or(until_look, |next| until_look.min(next.max(A_MOMENT)))
    }

    fn see(&mut self, snapshot: Arc<Snapshot>) {
        if self.latest.is_none() {
            self.targets = snapshot.targets.iter().map(|target| target.key.clone()).collect();
            self.ill = self.targets.iter().cloned().collect();
            self.latest = Some(Arc::clone(&snapshot));
            self.hear();
        }
        self.latest = Some(snapshot);
        self.see_again();
    }

    /// Finds what is worth telling by now.
    fn see_again(&mut self) {
        let Some(snapshot) = self.latest.clone() else { return };
        let now = (self.clock)();
        self.note_health(&snapshot, now);
        let signals = self.rules.see(&snapshot, now);
        for Waiting { way, .. } in &self.ways {
            let room = MOST_POSTS.saturating_sub(self.posts.len());
            self.posts.extend(signals.iter().filter_map(|signal| post(way, signal, &snapshot, now)).take(room));
        }
        if self.heard != snapshot.log.next() {
            self.heard = snapshot.log.next();
            self.hear();
        }
        if !signals.is_empty() {
            self.look = Instant::now();
        }
    }

    /// Tells the journal of targets that are well again, or for the first time in this run.
    fn note_health(&mut self, snapshot: &Snapshot, now: Timestamp) {
        for target in snapshot.targets.iter() {
            if target.health.error().is_some() {
                self.ill.insert(target.key.clone());
            } else if target.health == Health::Ok && self.ill.contains(&target.key) {
                let healed = self.journal.heal(&target.key, now);
                if self.succeeded(healed).is_some() {
                    self.ill.remove(&target.key);
                }
            }
        }
    }

    /// Goes through what was recorded and perhaps never told: by another process, or by one that was killed.
    fn hear(&mut self) {
        let Some(snapshot) = self.latest.clone() else { return };
        let now = (self.clock)();
        for at in 0..self.ways.len() {
            let way = &self.ways[at].way;
            let told = |transition: &Transition| {
                let signal = Signal::of(&Arc::new(transition.clone()))?;
                post(way, &signal, &snapshot, now)
            };
            let heard = self.journal.hear(&way.name, &self.targets, now - TOO_LATE, told);
            if self.succeeded(heard).is_some_and(|new| new > 0) {
                self.look = Instant::now();
            }
        }
    }

    /// Keeps what was found, and begins what is due.
    fn keep_and_begin(&mut self, patience: Patience) {
        let kept = self.journal.post(&self.posts);
        if self.succeeded(kept).is_some() {
            self.posts.clear();
        }
        // One of each way in turn: one that has much to tell does not hold the others up.
        loop {
            let mut begun = false;
            for at in 0..self.ways.len() {
                begun |= self.begin_next(at, patience);
            }
            if !begun {
                return;
            }
        }
    }

    /// Begins what is due next in a way; whether it did.
    fn begin_next(&mut self, at: usize, patience: Patience) -> bool {
        let Waiting { way, rests } = &self.ways[at];
        let (now, instant) = ((self.clock)(), Instant::now());
        if self.running.len() >= AT_ONCE {
            return false;
        }
        if let Some(rests) = rests.filter(|rests| *rests > instant) {
            self.look = self.look.min(rests);
            return false;
        }
        let most = if way.debounce.is_zero() { 1 } else { MOST_EVENTS };
        let flying: HashSet<i64> = self.running.iter().flat_map(|running| running.ids.iter().copied()).collect();
        let pending = self.journal.pending(&way.name, now - TOO_LATE, most + flying.len());
        let Some(mut pending) = self.succeeded(pending) else { return false };
        pending.retain(|pending| !flying.contains(&pending.id));
        pending.truncate(most);
        let Some(first) = pending.first() else { return false };
        let due = first.at + TimeDelta::from_std(self.ways[at].way.debounce).unwrap_or_default();
        let rest = (due - now).to_std().unwrap_or_default();
        if !rest.is_zero() && patience == Patience::Usual {
            self.look = self.look.min(instant + rest);
            return false;
        }
        self.begin(at, &pending, now)
    }

    fn begin(&mut self, at: usize, pending: &[Pending], now: Timestamp) -> bool {
        let ids: Vec<i64> = pending.iter().map(|pending| pending.id).collect();
        let first = match &self.step {
            Some(Step { program, journal }) => step::words(program, journal, &ids),
            None => {
                let begun = self.journal.begin(&ids, now);
                match self.succeeded(begun) {
                    Some(true) => Vec::new(),
                    // Another process was faster: what it left is looked for again.
                    Some(false) => return true,
                    None => return false,
                }
            }
        };
        let way = &self.ways[at].way;
        match Running::begin(way, pending, &first) {
            Ok(running) => {
                self.running.push(running);
                true
            }
            Err(error) => {
                tracing::warn!("notify {}: {} can't be run: {error}", way.name, way.command[0]);
                self.ways[at].rests = Some(Instant::now() + A_WHILE);
                if self.step.is_none() {
                    let put_back = self.journal.put_back(&ids);
                    self.succeeded(put_back);
                }
                false
            }
        }
    }

    /// Looks after what runs. Where a place becomes free, somebody may wait for it.
    fn tend(&mut self) {
        let now = Instant::now();
        for over in self.running.extract_if(.., |running| running.is_over(now)).collect::<Vec<_>>() {
            self.look = now;
            // It ended without having begun what it was for: it is not there. If it ended well, another process was faster.
            if over.failed() && matches!(self.journal.is_pending(&over.ids), Ok(true)) {
                let way = self.ways.iter_mut().find(|waiting| waiting.way.name == *over.way());
                way.into_iter().for_each(|waiting| waiting.rests = Some(now + A_WHILE));
            }
        }
    }

    /// Begins what waits, whether its time has come or not, and gives what runs a moment. What runs longer goes on alone; what
    /// was not begun waits for the next run.
    fn farewell(&mut self) {
        let deadline = Instant::now() + FAREWELL;
        self.hear();
        self.keep_and_begin(Patience::None);
        while !self.running.is_empty() && Instant::now() < deadline {
            thread::sleep(A_MOMENT);
            let count = self.running.len();
            self.tend();
            if self.running.len() < count {
                self.keep_and_begin(Patience::None);
            }
        }
    }

    /// The result where there is one; the same trouble is told once until something succeeds.
    fn succeeded<T>(&mut self, result: Result<T, Error>) -> Option<T> {
        match result {
            Ok(result) => {
                self.told = None;
                Some(result)
            }
            Err(error) => {
                self.complain(error);
                None
            }
        }
    }

    fn complain(&mut self, error: Error) {
        if self.told.as_ref() != Some(&error) {
            tracing::warn!("notifications wait: the journal can't be used: {error}");
            self.told = Some(error);
        }
        self.look = self.look.min(Instant::now() + A_WHILE);
    }
}

/// What a way is to tell of a signal, if it is for it.
fn post(way: &Way, signal: &Signal, snapshot: &Snapshot, now: Timestamp) -> Option<Post> {
    let wanted = way.on.contains(&signal.kind) && signal.passes(&way.filter, snapshot, now);
    wanted.then(|| Post {
        way: Arc::clone(&way.name),
        kind: signal.kind.word(),
        subject: signal.subject(),
        event: signal.json(),
        at: now,
    })
}
