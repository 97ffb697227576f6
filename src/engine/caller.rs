//! Calls of one target: each within the quota, signed with a fresh key, and repeated while it may still succeed.

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, VecDeque},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use backon::{ExponentialBuilder, Retryable};
use tokio::time::Instant;

use super::{Error, Setup, TargetSpec, clock::ServerClock, limiter::Limiter, pace::WasThrottled};
use crate::{
    acs::{self, AccessKey, Class, Http, TransportKind},
    actiontrail::{self, Client, Detail, MAX_PAGE_SIZE, Operation, Page},
    credentials::Provider,
    job::{JobId, Region, TargetKey, Timestamp},
};

const FIRST_DELAY: Duration = Duration::from_millis(500);
const LONGEST_DELAY: Duration = Duration::from_secs(8);

/// What the callers of all targets share: connections, quotas, and how much is called.
pub(super) struct Shared {
    http: Arc<Http>,
    max_qps: u32,
    /// The service counts by account, region and operation; a key id stands in for its account.
    limits: RefCell<HashMap<(String, Region, &'static str), Limiter>>,
    rate: Rc<Rate>,
}

impl Shared {
    pub(super) fn new(setup: &Setup) -> Self {
        let http = Arc::new(Http::new(setup.http.clone()));
        Self { http, max_qps: setup.max_qps, limits: RefCell::default(), rate: Rc::default() }
    }

    /// How much is called.
    pub(super) fn rate(&self) -> Rc<Rate> {
        Rc::clone(&self.rate)
    }

    fn limiter(&self, spec: &TargetSpec, operation: Operation) -> Limiter {
        let quota = (spec.provider.key_id().to_owned(), spec.key.region.clone(), operation.action());
        let mut limits = self.limits.borrow_mut();
        limits.entry(quota).or_insert_with(|| Limiter::new(self.max_qps)).clone()
    }
}

/// The calls of the last minute: ActionTrail writes each into its user's own audit trail.
#[derive(Debug, Default)]
pub(super) struct Rate {
    calls: RefCell<VecDeque<Instant>>,
}

impl Rate {
    fn count(&self) {
        self.calls.borrow_mut().push_back(Instant::now());
    }

    /// Calls within the last minute.
    pub(super) fn per_minute(&self) -> usize {
        let mut calls = self.calls.borrow_mut();
        while calls.front().is_some_and(|at| at.elapsed() > Duration::from_secs(60)) {
            calls.pop_front();
        }
        calls.len()
    }
}

/// Makes the calls of one target.
#[derive(Clone)]
pub(super) struct Caller {
    target: TargetKey,
    client: Client,
    provider: Provider,
    lists: Limiter,
    gets: Limiter,
    patience: Duration,
    clock: Rc<ServerClock>,
    rate: Rc<Rate>,
    throttled: Rc<Cell<bool>>,
}

impl Caller {
    /// A caller for one target.
    pub(super) fn new(setup: &Setup, spec: &TargetSpec, shared: &Shared) -> Self {
        Self {
            target: spec.key.clone(),
            client: Client::new(acs::Client::new(Arc::clone(&shared.http), spec.endpoint.clone())),
            provider: spec.provider.clone(),
            lists: shared.limiter(spec, Operation::List),
            gets: shared.limiter(spec, Operation::Get),
            patience: setup.patience,
            clock: Rc::new(ServerClock::new(Arc::clone(&setup.clock))),
            rate: shared.rate(),
            throttled: Rc::default(),
        }
    }

    /// The server's time.
    pub(super) fn clock(&self) -> &Rc<ServerClock> {
        &self.clock
    }

    /// Whether a call was throttled since this was last asked.
    pub(super) fn take_throttled(&self) -> WasThrottled {
        if self.throttled.take() { WasThrottled::Yes } else { WasThrottled::No }
    }

    /// Reads one page; every failure that will be repeated is told to `trouble`.
    pub(super) async fn list(&self, page: u32, trouble: impl FnMut(&Error)) -> Result<Page, Error> {
        let call = async |key: &AccessKey, now| self.client.list(key, page, MAX_PAGE_SIZE, now).await;
        let page = self.repeated(Operation::List, &self.lists, call, trouble).await?;
        page.server_time.inspect(|server| self.clock.learn(*server));
        Ok(page)
    }

    /// Reads one job with its regions.
    pub(super) async fn get(&self, id: JobId, trouble: impl FnMut(&Error)) -> Result<Detail, Error> {
        let call = async |key: &AccessKey, now| self.client.get(key, id, now).await;
        self.repeated(Operation::Get, &self.gets, call, trouble).await
    }

    async fn repeated<T>(
        &self,
        operation: Operation,
        limiter: &Limiter,
        call: impl AsyncFn(&AccessKey, Timestamp) -> Result<T, actiontrail::Error>,
        mut trouble: impl FnMut(&Error),
    ) -> Result<T, Error> {
        let last = RefCell::new(None);
        let signed_again = Cell::new(false);
        // Waiting for our own turn is no silence of the service: patience begins with the first call.
        let first = Cell::new(Some(limiter.permit().await));
        let once = async || {
            let key = self.provider.key().await?;
            let _permit = match first.take() {
                Some(permit) => permit,
                None => limiter.permit().await,
            };
            self.rate.count();
            self.logged(operation, call(&key, self.clock.now())).await
        };
        let repeated = once
            .retry(backoff())
            .when(|error: &Error| self.may_repeat(error, &signed_again))
            .adjust(|error, delay| delay.map(|delay| wait(error, delay)))
            .notify(|error, delay| {
                tracing::info!(target = %self.target, delay = ?delay, "{error}; trying again");
                trouble(error);
                last.replace(Some(error.clone()));
            });
        match tokio::time::timeout(self.patience, repeated).await {
            Ok(outcome) => outcome,
            Err(_) => Err(last.into_inner().unwrap_or_else(|| self.no_answer(operation))),
        }
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
            Ok(_) => tracing::debug!(%target, ?took, "{action} answered"),
            Err(error) => {
                let id = error.source.request_id().unwrap_or("none");
                tracing::debug!(%target, ?took, request_id = id, "{action} failed: {error}");
            }
        }
        outcome.map_err(Error::from)
    }

    /// What may pass is repeated until patience ends; a wrong date or a used nonce is signed again, once.
    fn may_repeat(&self, error: &Error, signed_again: &Cell<bool>) -> bool {
        let Error::Call(error) = error else { return false };
        match error.class() {
            Class::Throttled => {
                self.throttled.set(true);
                true
            }
            Class::Transient => true,
            Class::Nonce => !signed_again.replace(true),
            Class::Clock => match error.source.server_time() {
                Some(server) => {
                    self.clock.learn(server);
                    !signed_again.replace(true)
                }
                None => false,
            },
            _ => false,
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

/// Exponential, jittered, without an end: the caller's patience ends it.
fn backoff() -> ExponentialBuilder {
    let delays = ExponentialBuilder::new().with_min_delay(FIRST_DELAY).with_max_delay(LONGEST_DELAY);
    delays.with_jitter().without_max_times()
}

/// How long to wait before a call is repeated: what the server asks, and not at all where it is only signed again.
fn wait(error: &Error, delay: Duration) -> Duration {
    match error {
        Error::Call(call) if matches!(call.class(), Class::Nonce | Class::Clock) => Duration::ZERO,
        _ => error.retry_after().map_or(delay, |asked| asked.max(delay)),
    }
}
