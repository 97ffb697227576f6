//! Calls of one target: each within the quota, signed with a fresh key, and repeated while it may still succeed.

use std::{cell::RefCell, sync::Arc, time::Duration};

use backon::{ExponentialBuilder, Retryable};

use super::{Clock, Error, Setup, TargetSpec, limiter::Limiter};
use crate::{
    acs::{self, AccessKey, Class, Http, TransportKind},
    actiontrail::{self, Client, Detail, MAX_PAGE_SIZE, Operation, Page},
    credentials::Provider,
    job::{JobId, Timestamp},
};

const FIRST_DELAY: Duration = Duration::from_millis(500);
const LONGEST_DELAY: Duration = Duration::from_secs(8);

/// Makes the calls of one target.
#[derive(Clone)]
pub(super) struct Caller {
    client: Client,
    provider: Provider,
    lists: Limiter,
    gets: Limiter,
    patience: Duration,
    clock: Clock,
}

impl Caller {
    /// A caller for one target, over shared connections.
    pub(super) fn new(setup: &Setup, spec: &TargetSpec, http: &Arc<Http>) -> Self {
        Self {
            client: Client::new(acs::Client::new(Arc::clone(http), spec.endpoint.clone())),
            provider: spec.provider.clone(),
            lists: Limiter::new(setup.max_qps),
            gets: Limiter::new(setup.max_qps),
            patience: setup.patience,
            clock: Arc::clone(&setup.clock),
        }
    }

    /// The wall clock.
    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Reads one page; every failure that will be repeated is told to `trouble`.
    pub(super) async fn list(&self, page: u32, trouble: impl FnMut(&Error)) -> Result<Page, Error> {
        let call = async |key: &AccessKey| self.client.list(key, page, MAX_PAGE_SIZE, self.now()).await;
        self.repeated(Operation::List, &self.lists, call, trouble).await
    }

    /// Reads one job with its regions.
    pub(super) async fn get(&self, id: JobId, trouble: impl FnMut(&Error)) -> Result<Detail, Error> {
        let call = async |key: &AccessKey| self.client.get(key, id, self.now()).await;
        self.repeated(Operation::Get, &self.gets, call, trouble).await
    }

    async fn repeated<T>(
        &self,
        operation: Operation,
        limiter: &Limiter,
        call: impl AsyncFn(&AccessKey) -> Result<T, actiontrail::Error>,
        mut trouble: impl FnMut(&Error),
    ) -> Result<T, Error> {
        let last = RefCell::new(None);
        let once = async || {
            let key = self.provider.key().await?;
            let _permit = limiter.permit().await;
            call(&key).await.map_err(Error::from)
        };
        let repeated = once
            .retry(backoff())
            .when(|error: &Error| may_repeat(error))
            .adjust(|error, delay| delay.map(|delay| error.retry_after().map_or(delay, |asked| asked.max(delay))))
            .notify(|error, _| {
                trouble(error);
                last.replace(Some(error.clone()));
            });
        match tokio::time::timeout(self.patience, repeated).await {
            Ok(outcome) => outcome,
            Err(_) => Err(last.into_inner().unwrap_or_else(|| self.no_answer(operation))),
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

fn may_repeat(error: &Error) -> bool {
    let Error::Call(error) = error else { return false };
    matches!(error.class(), Class::Transient | Class::Throttled | Class::Nonce)
}
