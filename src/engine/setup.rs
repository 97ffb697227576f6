//! What the engine is told at its start.

use std::{path::PathBuf, sync::Arc, time::Duration};

use chrono::TimeDelta;

use super::{Signing, TargetState, pace::Needs};
use crate::{
    acs::{Endpoint, HttpOptions},
    credentials::Provider,
    job::{TargetKey, Timestamp, coverage::Rules},
};

/// Whoever owns the clock passes this; the engine's tasks ask it, nobody else.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The system's clock.
#[must_use]
pub fn system_clock() -> Clock {
    Arc::new(chrono::Utc::now)
}

/// What to watch, and how.
#[derive(Clone)]
pub struct Setup {
    /// What to poll, each key once.
    pub targets: Vec<TargetSpec>,
    /// How often each target is read.
    pub interval: Duration,
    /// How often a target is read in which no job is active.
    pub idle_interval: Duration,
    /// An active job whose `UpdatedTime` has not moved for so long is stalled.
    pub stalled_after: Duration,
    /// The most calls in any one second, per target and operation.
    pub max_qps: u32,
    /// How long a call may be repeated without success before it counts as failed.
    pub patience: Duration,
    /// How much is read of each target.
    pub depth: Depth,
    /// Where what was seen is kept, if it is.
    pub journal: Option<PathBuf>,
    /// About the connections.
    pub http: HttpOptions,
    /// The wall clock.
    pub clock: Clock,
}

/// How much is read of each target: what nobody needs is not asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// Its jobs.
    #[default]
    Jobs,
    /// Also its trails, and how the delivery of those fares that have an open failure.
    Trails,
}

/// One target: whose key, which endpoint.
#[derive(Debug, Clone)]
pub struct TargetSpec {
    /// Profile and region.
    pub key: TargetKey,
    /// Where to call.
    pub endpoint: Endpoint,
    /// How it came to be one.
    pub wish: Wish,
    /// What signs. While it gives no key, nothing is called, and the target tells why.
    pub provider: Provider,
}

/// How a target came to be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wish {
    /// Its region was named.
    #[default]
    Named,
    /// Every region was asked for: where there is nothing it is read rarely, and a region that is not there is no trouble.
    Found,
}

impl Setup {
    /// What the pace of every target depends on.
    pub(super) fn needs(&self) -> Needs {
        Needs { interval: self.interval, idle_interval: self.idle_interval, max_qps: self.max_qps }
    }

    /// What jobs are weighed by.
    pub(super) fn rules(&self) -> Rules {
        Rules { stalled_after: TimeDelta::from_std(self.stalled_after).unwrap_or(TimeDelta::MAX) }
    }

    /// The state of every target before anything was read.
    pub(super) fn states(&self) -> Vec<TargetState> {
        let state = |spec: &TargetSpec| {
            let signing = Signing::of(&spec.provider, (self.clock)());
            TargetState::new(spec.key.clone(), &spec.endpoint.to_string(), signing)
        };
        self.targets.iter().map(state).collect()
    }
}
