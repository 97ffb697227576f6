//! Whose a profile's key is: asked of STS, and again before the first call with another key. Of several profiles it is asked
//! before the first call of all, because two of one account share its quota (`quotas`); else once its first target was read, so
//! that nothing waits for it.
//! What follows from two profiles of one account is the store's matter.

use std::{rc::Rc, sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    task::spawn_local,
    time::{Instant, timeout, timeout_at},
};

use super::{
    Clock, Setup, Snapshot, TargetSpec,
    poller::Reports,
    report::{Report, TargetIndex},
};
use crate::{
    acs::{self, Http},
    credentials::{Edition, Provider, sts},
    job::{AccountId, ProfileName},
};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long calls wait for it, whose quota depends on it.
const AWAITED: Duration = Duration::from_secs(2);

/// After how long it is asked again where there was no answer: STS may not be reachable from here. It doubles up to the longest.
const FIRST_RETRY: Duration = Duration::from_secs(5);
const LONGEST_RETRY: Duration = Duration::from_secs(600);

/// Asks whose the key of one profile is.
pub(super) struct Identity {
    pub(super) profile: ProfileName,
    /// The profile's targets.
    pub(super) targets: Vec<TargetIndex>,
    provider: Provider,
    http: Arc<Http>,
    /// The test server that is asked in place of STS.
    in_place: Option<acs::Endpoint>,
    clock: Clock,
    asked: watch::Sender<Asked>,
}

/// How asking went.
#[derive(Debug, Clone, Default)]
struct Asked {
    /// The last answer. It goes on being believed while it is asked again: another key is seldom another account's.
    account: Option<AccountId>,
    state: State,
    /// How often nobody told since the key changed.
    failures: u32,
}

#[derive(Debug, Clone, Default)]
enum State {
    #[default]
    Unasked,
    /// Since then.
    UnderWay(Instant),
    /// Of the key of this edition.
    Answered(Edition),
    /// The same; it is not asked again before then, unless there is another key.
    Unanswered(Edition, Instant),
}

impl Asked {
    fn is_due(&self, now: Edition) -> bool {
        match self.state {
            State::Unasked => true,
            State::UnderWay(_) => false,
            State::Answered(edition) => edition != now,
            State::Unanswered(edition, until) => edition != now || until <= Instant::now(),
        }
    }

    fn begin(&mut self, now: Edition) {
        if !matches!(self.state, State::Unanswered(edition, _) if edition == now) {
            self.failures = 0;
        }
        self.state = State::UnderWay(Instant::now());
    }

    fn end(&mut self, answer: Option<AccountId>, edition: Edition) {
        if answer.is_some() {
            (self.account, self.state) = (answer, State::Answered(edition));
        } else {
            let retry = FIRST_RETRY.saturating_mul(1 << self.failures.min(10)).min(LONGEST_RETRY);
            self.failures += 1;
            self.state = State::Unanswered(edition, Instant::now() + retry);
        }
    }

    /// Until when calls wait: for the first try with a key, and not for STS where that is silent.
    fn awaited_until(&self) -> Option<Instant> {
        match self.state {
            State::UnderWay(since) if self.failures == 0 => Some(since + AWAITED),
            _ => None,
        }
    }
}

impl Identity {
    /// One for each profile.
    pub(super) fn of_profiles(setup: &Setup, http: &Arc<Http>) -> Vec<Rc<Self>> {
        let mut all: Vec<Self> = Vec::new();
        for (index, spec) in setup.targets.iter().enumerate() {
            let TargetSpec { key, provider, .. } = spec;
            match all.iter_mut().find(|known| known.profile == key.profile) {
                Some(known) => known.targets.push(TargetIndex(index)),
                None => all.push(Self {
                    profile: key.profile.clone(),
                    targets: vec![TargetIndex(index)],
                    provider: provider.clone(),
                    http: Arc::clone(http),
                    in_place: in_place(spec),
                    clock: Arc::clone(&setup.clock),
                    asked: watch::Sender::default(),
                }),
            }
        }
        all.into_iter().map(Rc::new).collect()
    }

    /// Asks, unless it is known or was asked just now. Nobody waits.
    pub(super) fn ask(self: &Rc<Self>) {
        let edition = self.provider.edition();
        if !self.asked.borrow().is_due(edition) {
            return;
        }
        self.asked.send_modify(|asked| asked.begin(edition));
        let this = Rc::clone(self);
        // In a task of its own: who gives up waiting takes nothing from the others.
        spawn_local(async move {
            let mut edition = this.provider.edition();
            let answer = timeout(PATIENCE, this.answer(&mut edition)).await.unwrap_or(None);
            this.asked.send_modify(|asked| asked.end(answer, edition));
        });
    }

    /// The account, after a moment in which it may come to be known. `None` where nobody tells: then the profile goes on
    /// standing for it.
    pub(super) async fn account(self: &Rc<Self>) -> Option<AccountId> {
        self.ask();
        let mut asked = self.asked.subscribe();
        let end = asked.borrow().awaited_until();
        if let Some(end) = end {
            let is_over = |asked: &Asked| !matches!(asked.state, State::UnderWay(_));
            let _ = timeout_at(end, asked.wait_for(is_over)).await;
        }
        self.asked.borrow().account.clone()
    }

    /// Whose the key of this `edition` is. The key may be given only now, and another one while STS is asked.
    async fn answer(&self, edition: &mut Edition) -> Option<AccountId> {
        let key = self.provider.key((self.clock)()).await;
        *edition = self.provider.edition();
        let key = key.ok()?;
        // Its profile may have come to name another one.
        let endpoint = self.in_place.clone().unwrap_or_else(|| self.provider.sts());
        let client = acs::Client::new(Arc::clone(&self.http), endpoint);
        let answer = sts::get_caller_identity(&client, &key, (self.clock)()).await;
        let answer = answer.inspect_err(|error| tracing::info!("whose key {} has is not known: {error}", self.profile));
        Some(answer.ok()?.account)
    }

    /// Whether it was ever known.
    pub(super) fn is_known(&self) -> bool {
        self.asked.borrow().account.is_some()
    }

    /// Tells the account when it comes to be known. Whoever needs it to make calls asks; at the latest, it is asked once one of
    /// the targets was read.
    pub(super) async fn run(self: Rc<Self>, reports: Reports, mut snapshots: watch::Receiver<Arc<Snapshot>>) {
        let (mut asked, mut told) = (self.asked.subscribe(), None);
        loop {
            let is_read = {
                let snapshot = snapshots.borrow_and_update();
                self.targets.iter().any(|at| snapshot.targets[at.0].read.is_some())
            };
            if is_read {
                self.ask();
            }
            let account = asked.borrow_and_update().account.clone();
            if let Some(account) = account.filter(|account| told.as_ref() != Some(account)) {
                reports.tell(Report::Account(self.targets.clone(), account.clone()));
                told = Some(account);
            }
            tokio::select! {
                changed = snapshots.changed() => if changed.is_err() { return },
                _ = asked.changed() => {}
            }
        }
    }
}

/// What is on this machine, or called over plain http, is a test server, whose keys mean nothing to the real STS.
fn in_place(spec: &TargetSpec) -> Option<acs::Endpoint> {
    let is_test = spec.endpoint.is_loopback() || !spec.endpoint.is_tls();
    is_test.then(|| spec.endpoint.clone())
}
