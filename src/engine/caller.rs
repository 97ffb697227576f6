//! Calls of one target: each within the quota, signed with a fresh key, and repeated while it may still succeed.

use std::{cell::Cell, rc::Rc, sync::Arc, time::Duration};

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::time::{Instant, sleep, timeout};

use super::{
    Error, Setup, Signing, TargetSpec, Verdict, Wish,
    clock::ServerClock,
    ground::TrailsSeen,
    identity::Identity,
    pace::WasThrottled,
    quotas::{Quotas, Whose},
    rate::Rate,
};
use crate::{
    acs::{self, AccessKey, Class, Http, TransportKind},
    actiontrail::{self, Client, Detail, MAX_PAGE_SIZE, Operation, Page, ServedRegion, TrailList},
    credentials::{self, Edition, Provider, Renewal},
    job::{JobId, TargetKey, Timestamp, TrailStatus},
};

const FIRST_DELAY: Duration = Duration::from_millis(500);
const LONGEST_DELAY: Duration = Duration::from_secs(8);

/// What the callers of all targets share: connections, quotas, whose keys they are, and how much is called.
pub(super) struct Shared {
    http: Arc<Http>,
    quotas: Rc<Quotas>,
    identities: Vec<Rc<Identity>>,
    rate: Rc<Rate>,
}

impl Shared {
    pub(super) fn new(setup: &Setup) -> Self {
        let http = Arc::new(Http::new(setup.http.clone()));
        let identities = Identity::of_profiles(setup, &http);
        Self { http, quotas: Rc::new(Quotas::new(setup.max_qps)), identities, rate: Rc::default() }
    }

    /// How much is called.
    pub(super) fn rate(&self) -> Rc<Rate> {
        Rc::clone(&self.rate)
    }

    /// Whose the keys of the profiles are.
    pub(super) fn identities(&self) -> &[Rc<Identity>] {
        &self.identities
    }
}

/// Makes the calls of one target.
#[derive(Clone)]
pub(super) struct Caller {
    target: TargetKey,
    wish: Wish,
    client: Client,
    provider: Provider,
    whose: Whose,
    quotas: Rc<Quotas>,
    patience: Duration,
    clock: Rc<ServerClock>,
    rate: Rc<Rate>,
    throttled: Rc<Cell<bool>>,
    trails_seen: Rc<Cell<Option<TrailsSeen>>>,
    latency: Rc<Cell<Option<Duration>>>,
}

impl Caller {
    /// A caller for one target.
    pub(super) fn new(setup: &Setup, spec: &TargetSpec, shared: &Shared) -> Self {
        Self {
            target: spec.key.clone(),
            wish: spec.wish,
            client: Client::new(acs::Client::new(Arc::clone(&shared.http), spec.endpoint.clone())),
            provider: spec.provider.clone(),
            whose: Whose::of(spec, shared.identities()),
            quotas: Rc::clone(&shared.quotas),
            patience: setup.patience,
            clock: Rc::new(ServerClock::new(Arc::clone(&setup.clock))),
            rate: shared.rate(),
            throttled: Rc::default(),
            trails_seen: Rc::default(),
            latency: Rc::default(),
        }
    }

    /// Whose calls it makes.
    pub(super) fn target(&self) -> &TargetKey {
        &self.target
    }

    /// Why it is read.
    pub(super) fn wish(&self) -> Wish {
        self.wish
    }

    /// What was last told of its trails.
    pub(super) fn trails_seen(&self) -> Option<TrailsSeen> {
        self.trails_seen.get()
    }

    /// The server's time.
    pub(super) fn clock(&self) -> &Rc<ServerClock> {
        &self.clock
    }

    /// Whether a call was throttled since this was last asked.
    pub(super) fn take_throttled(&self) -> WasThrottled {
        if self.throttled.take() { WasThrottled::Yes } else { WasThrottled::No }
    }

    /// Which key signs.
    pub(super) fn signing(&self) -> Signing {
        Signing::of(&self.provider, self.clock.local())
    }

    /// What [`Self::may_have_healed`] compares with.
    pub(super) fn edition(&self) -> Edition {
        self.provider.edition()
    }

    /// Whether a call that was refused may be answered by now: with another key, or after another sign-in.
    pub(super) fn may_have_healed(&self, since: Edition) -> bool {
        self.provider.may_have_healed(since, self.clock.local())
    }

    /// How long the last call took that succeeded.
    pub(super) fn latency(&self) -> Option<Duration> {
        self.latency.get()
    }

    /// Reads one page; every failure after which it waits to ask again is told to `trouble`.
    pub(super) async fn list(&self, page: u32, trouble: impl FnMut(&Error)) -> Result<Page, Error> {
        let call = async |key: &AccessKey, now| self.client.list(key, page, MAX_PAGE_SIZE, now).await;
        let page = self.repeated(Operation::List, call, Some(trouble)).await?;
        page.server_time.inspect(|server| self.learn(*server));
        Ok(page)
    }

    /// Reads one job with its regions; every failure after which it waits to ask again is told to `trouble`.
    pub(super) async fn get(&self, id: JobId, trouble: impl FnMut(&Error)) -> Result<Detail, Error> {
        let call = async |key: &AccessKey, now| self.client.get(key, id, now).await;
        self.repeated(Operation::Get, call, Some(trouble)).await
    }

    /// The same, asked once only: for what will be asked again soon anyway.
    pub(super) async fn get_at_once(&self, id: JobId) -> Result<Detail, Error> {
        let call = async |key: &AccessKey, now| self.client.get(key, id, now).await;
        self.repeated(Operation::Get, call, None::<fn(&Error)>).await
    }

    /// Reads the trails; every failure after which it waits to ask again is told to `trouble`.
    pub(super) async fn trails(&self, trouble: impl FnMut(&Error)) -> Result<TrailList, Error> {
        self.trails_with(Some(trouble)).await
    }

    /// The same, asked once only.
    pub(super) async fn trails_at_once(&self) -> Result<TrailList, Error> {
        self.trails_with(None::<fn(&Error)>).await
    }

    async fn trails_with(&self, trouble: Option<impl FnMut(&Error)>) -> Result<TrailList, Error> {
        let call = async |key: &AccessKey, now| self.client.trails(key, now).await;
        let outcome = self.repeated(Operation::Trails, call, trouble).await;
        if let Some(seen) = TrailsSeen::of(&outcome, self.clock.now()) {
            self.trails_seen.set(Some(seen));
        }
        let list = outcome?;
        list.faults.iter().for_each(|fault| tracing::warn!(target = %self.target, "a trail can't be read: {fault}"));
        Ok(list)
    }

    /// Reads the regions that the service has.
    pub(super) async fn regions(&self, trouble: impl FnMut(&Error)) -> Result<Vec<ServedRegion>, Error> {
        let call = async |key: &AccessKey, now| self.client.regions(key, now).await;
        self.repeated(Operation::Regions, call, Some(trouble)).await
    }

    /// Reads how the delivery of a trail fares, asked once only. `None` where there is no such trail.
    pub(super) async fn trail_status_at_once(&self, name: &str) -> Result<Option<TrailStatus>, Error> {
        let call = async |key: &AccessKey, now| self.client.trail_status(key, name, now).await;
        match self.repeated(Operation::TrailStatus, call, None::<fn(&Error)>).await {
            Ok(status) => Ok(Some(status)),
            Err(error) if error.verdict() == Verdict::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Calls until it succeeds, cannot succeed, or patience ends. Waiting for a place within the quota takes no patience:
    /// nothing is wrong meanwhile. Without anybody to tell of trouble, it is not waited for the end of it.
    async fn repeated<T>(
        &self,
        operation: Operation,
        call: impl AsyncFn(&AccessKey, Timestamp) -> Result<T, actiontrail::Error>,
        mut trouble: Option<impl FnMut(&Error)>,
    ) -> Result<T, Error> {
        let mut delays = backoff().build();
        let mut patience = self.patience;
        let mut signed_again = false;
        let mut last = None;
        loop {
            let begun = Instant::now();
            let key = self.key(patience).await;
            patience = patience.saturating_sub(begun.elapsed());
            let outcome = match &key {
                Ok(key) => match self.sent(operation, &call, key, &mut patience).await {
                    Some(outcome) => outcome,
                    None => return Err(last.unwrap_or_else(|| self.no_answer(operation))),
                },
                Err(error) => Err(error.clone().into()),
            };
            let error = match outcome {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            match self.after(&error, delays.next().unwrap_or(LONGEST_DELAY), patience) {
                After::AnotherKey if !signed_again && key.is_ok_and(|key| self.is_replaced(&key)) => {
                    signed_again = true;
                }
                After::GiveUp | After::AnotherKey => return Err(error),
                After::SignAgain if signed_again => return Err(error),
                After::SignAgain => signed_again = true,
                After::Wait(wait) => {
                    let Some(trouble) = &mut trouble else { return Err(error) };
                    tracing::info!(target = %self.target, ?wait, "{error}; trying again");
                    trouble(&error);
                    sleep(wait).await;
                    patience = patience.saturating_sub(wait);
                }
            }
            last = Some(error);
        }
    }

    /// Sends one call within the quota, or gives up when patience ends.
    async fn sent<T>(
        &self,
        operation: Operation,
        call: &impl AsyncFn(&AccessKey, Timestamp) -> Result<T, actiontrail::Error>,
        key: &AccessKey,
        patience: &mut Duration,
    ) -> Option<Result<T, Error>> {
        let limiter = self.quotas.limiter(&self.whose, &self.target.region, operation).await;
        let permit = limiter.permit().await;
        self.rate.count();
        let begun = Instant::now();
        let outcome = timeout(*patience, self.logged(operation, call(key, self.clock.now()))).await.ok()?;
        permit.answered();
        *patience = patience.saturating_sub(begun.elapsed());
        Some(outcome)
    }

    async fn logged<T>(
        &self,
        operation: Operation,
        call: impl Future<Output = Result<T, actiontrail::Error>>,
    ) -> Result<T, Error> {
        let begun = Instant::now();
        let outcome = call.await;
        let (target, action, took) = (&self.target, operation.action(), begun.elapsed());
        match &outcome {
            Ok(_) => {
                self.latency.set(Some(took));
                tracing::debug!(%target, ?took, "{action} answered");
            }
            Err(error) => {
                let id = error.source.request_id().unwrap_or("none");
                tracing::debug!(%target, ?took, request_id = id, "{action} failed: {error}");
            }
        }
        outcome.map_err(Error::from)
    }

    async fn key(&self, patience: Duration) -> Result<AccessKey, credentials::Error> {
        self.provider.key_within(patience, self.clock.local()).await
    }

    /// Takes note of the server's time. The provider is others' as well, but the clocks are the same two for all of them.
    fn learn(&self, server: Timestamp) {
        self.clock.learn(server);
        self.provider.learn(self.clock.offset());
    }

    /// Whether a key that was refused may have a successor.
    fn is_replaced(&self, key: &AccessKey) -> bool {
        self.provider.refused(key, self.clock.local()) == Renewal::Possible
    }

    /// What to do after a failure: what may pass is repeated while patience lasts, a wrong date or a used nonce is signed again.
    fn after(&self, error: &Error, delay: Duration, patience: Duration) -> After {
        let call = match error {
            Error::Call(call) => call,
            Error::Credentials(key) if key.may_pass() => return wait(error.retry_after(), delay, patience),
            Error::Credentials(_) | Error::TooMany { .. } => return After::GiveUp,
        };
        match call.class() {
            Class::Throttled => {
                self.throttled.set(true);
                wait(error.retry_after(), delay, patience)
            }
            Class::Transient => wait(None, delay, patience),
            Class::Nonce => After::SignAgain,
            Class::Clock => match call.source.server_time() {
                Some(server) => {
                    self.learn(server);
                    After::SignAgain
                }
                None => After::GiveUp,
            },
            Class::Key | Class::Token => After::AnotherKey,
            _ => After::GiveUp,
        }
    }

    fn no_answer(&self, operation: Operation) -> Error {
        let source = acs::Error::Transport {
            kind: TransportKind::Timeout,
            host: self.client.host().to_owned(),
            detail: format!("nothing within {}", humantime::format_duration(self.patience)),
        };
        Error::Call(actiontrail::Error { operation, source })
    }
}

/// What follows a call that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    GiveUp,
    /// At once, with another date and nonce; once.
    SignAgain,
    /// At once, with another key, if there is one; once.
    AnotherKey,
    Wait(Duration),
}

/// Exponential, jittered, without an end: the caller's patience ends it.
fn backoff() -> ExponentialBuilder {
    let delays = ExponentialBuilder::new().with_min_delay(FIRST_DELAY).with_max_delay(LONGEST_DELAY);
    delays.with_jitter().without_max_times()
}

/// Waits as long as the server asks, and gives up where that is longer than patience lasts. A delay of ours is shortened,
/// so that the last try is not long before the end.
fn wait(asked: Option<Duration>, delay: Duration, patience: Duration) -> After {
    match asked {
        Some(asked) if asked >= patience => After::GiveUp,
        Some(asked) => After::Wait(delay.min(patience / 2).max(asked)),
        None if patience < FIRST_DELAY => After::GiveUp,
        None => After::Wait(delay.min(patience / 2)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_server_is_given_the_time_that_it_asks_for_or_left_alone() {
        assert_eq!(wait(Some(3 * SECOND), SECOND, 30 * SECOND), After::Wait(3 * SECOND));
        assert_eq!(wait(Some(SECOND), 3 * SECOND, 30 * SECOND), After::Wait(3 * SECOND));
        assert_eq!(wait(Some(20 * SECOND), 8 * SECOND, 30 * SECOND), After::Wait(20 * SECOND), "never less than asked");
        assert_eq!(wait(Some(60 * SECOND), SECOND, 30 * SECOND), After::GiveUp, "it could only be disappointed");
    }

    #[test]
    fn patience_is_used_up_by_tries_and_not_by_one_long_wait() {
        let mut left = 30 * SECOND;
        let mut waits = Vec::new();
        while let After::Wait(wait) = wait(None, 16 * SECOND, left) {
            waits.push(wait.as_millis());
            left -= wait;
        }
        assert_eq!(waits, [15_000, 7_500, 3_750, 1_875, 937, 468]);
        assert!(left < FIRST_DELAY);
    }
}
