//! Whose a profile's key is: asked of STS once its first target was read, so that nothing waits for it, and again after another
//! key. What follows from two profiles of one account is the store's matter.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use super::{
    Clock, Setup, Snapshot, TargetSpec,
    caller::Shared,
    poller::Reports,
    report::{Report, TargetIndex},
};
use crate::{
    acs,
    credentials::{Edition, Provider, sts},
    job::{AccountId, ProfileName},
};

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// After how long it is asked again where there was none: STS may not be reachable from here.
const RETRY: Duration = Duration::from_secs(600);

/// Asks whose the key of one profile is.
#[derive(Clone)]
pub(super) struct Identity {
    profile: ProfileName,
    /// The profile's targets.
    pub(super) targets: Vec<TargetIndex>,
    provider: Provider,
    client: acs::Client,
    clock: Clock,
}

impl Identity {
    /// One for each profile that gives a key.
    pub(super) fn of_profiles(setup: &Setup, shared: &Shared) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for (index, spec) in setup.targets.iter().enumerate() {
            let TargetSpec { key, provider: Ok(provider), .. } = spec else { continue };
            match all.iter_mut().find(|known| known.profile == key.profile) {
                Some(known) => known.targets.push(TargetIndex(index)),
                None => all.push(Self {
                    profile: key.profile.clone(),
                    targets: vec![TargetIndex(index)],
                    provider: provider.clone(),
                    client: acs::Client::new(shared.http(), endpoint(spec, provider)),
                    clock: Arc::clone(&setup.clock),
                }),
            }
        }
        all
    }

    /// The account. `None` where nobody tells: then the profile goes on standing for it.
    pub(super) async fn ask(&self) -> Option<AccountId> {
        let asked = async {
            let key = self.provider.key((self.clock)()).await.ok()?;
            let answer = sts::get_caller_identity(&self.client, &key, (self.clock)()).await;
            answer.inspect_err(|error| tracing::info!("whose key {} has is not known: {error}", self.profile)).ok()
        };
        Some(timeout(PATIENCE, asked).await.ok()??.account)
    }

    /// Asks once one of the targets was read, and again after another key or where there was no answer.
    pub(super) async fn run(self, reports: Reports, mut snapshots: watch::Receiver<Arc<Snapshot>>) {
        let mut known: Option<Edition> = None;
        let mut asked: Option<Instant> = None;
        loop {
            let is_read = {
                let snapshot = snapshots.borrow_and_update();
                self.targets.iter().any(|at| snapshot.targets[at.0].read.is_some())
            };
            let edition = self.provider.edition();
            let may_ask = asked.is_none_or(|at| at.elapsed() >= RETRY) || known.is_some_and(|known| known != edition);
            if is_read && known != Some(edition) && may_ask {
                asked = Some(Instant::now());
                known = None;
                if let Some(account) = self.ask().await {
                    // The key may have been given only now.
                    known = Some(self.provider.edition());
                    reports.tell(Report::Account(self.targets.clone(), account));
                }
            }
            if snapshots.changed().await.is_err() {
                return;
            }
        }
    }
}

/// Where it is asked. What is on this machine, or called over plain http, is a test server, whose keys mean nothing to the real
/// STS.
fn endpoint(spec: &TargetSpec, provider: &Provider) -> acs::Endpoint {
    let is_test = spec.endpoint.is_loopback() || !spec.endpoint.is_tls();
    if is_test { spec.endpoint.clone() } else { provider.sts().clone() }
}
