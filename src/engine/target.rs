//! One target at one moment: its jobs, how well they were read, and how it answers. Immutable, as the snapshot that holds it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
    time::Duration,
};

use chrono::TimeDelta;

use super::{Baseline, Error, Ground, Signing, Trails, snapshot::Jobs};
use crate::job::{Account, AccountId, Job, JobId, JobKey, Regions, TargetKey, Timestamp, coverage::Coverage, since};

/// One target: its jobs, and how well they were read.
#[derive(Debug, Clone)]
pub struct TargetState {
    /// Profile and region.
    pub key: TargetKey,
    /// The account, where it is known: STS is asked.
    pub account: Option<AccountId>,
    /// The host that is called.
    pub endpoint: Arc<str>,
    /// Which key signs, and where it comes from.
    pub signing: Signing,
    /// The jobs of the last read that succeeded.
    pub jobs: Arc<Jobs>,
    /// Jobs that the list lacks although the service did not say that they are gone.
    pub unlisted: Arc<BTreeSet<JobId>>,
    /// Of what an earlier run knew, the jobs that no read of this one has listed: the service is asked whether they are gone.
    pub missing: Arc<Baseline>,
    /// Regions, of the jobs for which they were read: few, and every row that is looked at is looked up here.
    pub regions: Arc<BTreeMap<JobId, Arc<Regions>>>,
    /// What each job means now, in the order of [`Jobs::rows`].
    pub coverage: Arc<Coverage>,
    /// The last read that succeeded.
    pub read: Option<Read>,
    /// When a read last held every job: the last one, or one before it.
    pub last_whole: Option<Timestamp>,
    /// How the target answers now.
    pub health: Health,
    /// Since when it can't be read: a read was given up, and none succeeded since.
    pub lost: Option<Timestamp>,
    /// A read under way that somebody waits for.
    pub reading: Option<Reading>,
    /// Whether it is left alone.
    pub paused: bool,
    /// Why regions can't be read, where they can't.
    pub regions_error: Option<Arc<Error>>,
    /// The trails, where they are asked for.
    pub trails: Arc<Trails>,
    /// How far the server's clock is ahead of ours.
    pub clock_offset: TimeDelta,
    /// The target of the same account and region that is read in its place.
    pub twin: Option<TargetKey>,
    /// What is there to be read, as of the last read.
    pub ground: Ground,
    /// How long the last call of the last read that succeeded took to be answered.
    pub latency: Option<Duration>,
}

/// A read of all pages that succeeded.
#[derive(Debug, Clone)]
pub struct Read {
    /// When it was finished.
    pub at: Timestamp,
    /// Whether it can be believed.
    pub quality: Quality,
    /// `TotalCount` of the last page.
    pub total: Option<u64>,
    /// `RequestId` of each page of the read that first brought the jobs as they are, in order: what to quote to support.
    pub request_ids: Arc<[Arc<str>]>,
    /// After how long the next one follows.
    pub next_in: Duration,
}

/// Whether a read is known to hold every job.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Quality {
    /// Every job is in it.
    #[default]
    Whole,
    /// Jobs may be missing.
    Unconfirmed(Why),
}

/// Why a read is not known to be whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// A first read of several pages, which a second one has not confirmed yet.
    OneRead,
    /// The list kept changing while its pages were read: this is all that was seen.
    Moved {
        /// How often it was read.
        reads: usize,
    },
    /// The service announces another number of jobs than it lists.
    Contradicted {
        /// Distinct jobs that were read.
        read: u64,
        /// What the service announced.
        announced: u64,
    },
    /// Entries that could not be read as jobs, one description each.
    Unreadable(Arc<[String]>),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OneRead => f.write_str("read once, a second read is to confirm it"),
            Self::Moved { reads } => write!(f, "the list moved each of the {reads} times that it was read"),
            Self::Contradicted { read, announced } => {
                write!(f, "the service announces {announced} jobs but lists {read}")
            }
            Self::Unreadable(faults) => {
                let first = faults.first().map_or("", String::as_str);
                write!(f, "{} entries of the answer can't be read as jobs, the first because {first}", faults.len())
            }
        }
    }
}

/// How a target answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// Nothing was heard yet.
    Unknown,
    /// The last call succeeded.
    Ok,
    /// Calls fail and are repeated.
    Retrying {
        /// When it began to fail.
        since: Timestamp,
        /// How many calls failed since.
        attempt: u32,
        /// The last failure.
        error: Arc<Error>,
    },
    /// Credentials, a permission or the whole feature are refused: it is asked again rarely, or when the user asks.
    Refused {
        /// Since when.
        since: Timestamp,
        /// The refusal.
        error: Arc<Error>,
    },
}

impl Health {
    /// What is wrong, if anything.
    #[must_use]
    pub fn error(&self) -> Option<&Arc<Error>> {
        match self {
            Self::Unknown | Self::Ok => None,
            Self::Retrying { error, .. } | Self::Refused { error, .. } => Some(error),
        }
    }
}

/// How far a read has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// When it began.
    pub since: Timestamp,
    /// Jobs so far.
    pub jobs: u64,
    /// `TotalCount`, once a page has come.
    pub total: Option<u64>,
}

/// Whether what is shown can be trusted to be current.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Freshness {
    /// Another target is read in its place.
    Twin,
    /// The region is not there for the account.
    Absent,
    /// Read lately.
    Live,
    /// The first read is under way.
    Loading,
    /// Read lately, but jobs may be missing.
    Unconfirmed,
    /// Read lately, but calls fail now and are repeated.
    Retrying,
    /// Left alone by the user.
    Paused,
    /// Not read for three intervals (30 s at least).
    Stale,
    /// Never read, and the calls fail.
    Unread,
    /// Credentials or a permission are refused.
    Refused,
}

impl TargetState {
    /// A target of which nothing is known yet.
    #[must_use]
    pub fn new(key: TargetKey, endpoint: &str, signing: impl Into<Signing>) -> Self {
        Self {
            key,
            account: None,
            endpoint: endpoint.into(),
            signing: signing.into(),
            jobs: Arc::default(),
            unlisted: Arc::default(),
            missing: Arc::default(),
            regions: Arc::default(),
            coverage: Arc::default(),
            read: None,
            last_whole: None,
            health: Health::Unknown,
            lost: None,
            reading: None,
            paused: false,
            regions_error: None,
            trails: Arc::default(),
            clock_offset: TimeDelta::zero(),
            twin: None,
            ground: Ground::Used,
            latency: None,
        }
    }

    /// Under whose name jobs are kept and told of: the profile's, which is known from the first read on and in every run. The
    /// account comes to be known later, and sometimes not at all.
    #[must_use]
    pub fn owner(&self) -> Account {
        Account::Profile(self.key.profile.clone())
    }

    /// Whose jobs these are: the account, or the profile that stands for it until it is known.
    #[must_use]
    pub fn whose(&self) -> Account {
        match &self.account {
            Some(id) => Account::Id(id.clone()),
            None => Account::Profile(self.key.profile.clone()),
        }
    }

    /// A job's identity over all targets.
    #[must_use]
    pub fn job_key(&self, job: &Job) -> JobKey {
        let home = job.home.clone().unwrap_or_else(|| self.home_of(job).into());
        JobKey { account: self.owner(), home, id: job.id }
    }

    /// The home region of a job: as the service wrote it, else that of the target.
    pub(super) fn home_of<'a>(&'a self, job: &'a Job) -> &'a str {
        job.home.as_deref().unwrap_or(self.key.region.as_str())
    }

    /// A job by its id.
    #[must_use]
    pub fn job(&self, id: JobId) -> Option<&Job> {
        self.jobs.get(id)
    }

    /// When what is shown becomes stale, if no read comes before.
    #[must_use]
    pub fn stale_at(&self, interval: Duration) -> Option<Timestamp> {
        let read = self.read.as_ref()?;
        let patience = (interval.max(read.next_in) * 3).max(Duration::from_secs(30));
        read.at.checked_add_signed(TimeDelta::from_std(patience).ok()?)
    }

    /// Whether what is shown is current. `now` is the service's time, as the read's is: the local one plus
    /// [`Self::clock_offset`].
    #[must_use]
    pub fn freshness(&self, interval: Duration, now: Timestamp) -> Freshness {
        if matches!(self.health, Health::Refused { .. }) {
            return Freshness::Refused;
        }
        if self.twin.is_some() {
            return Freshness::Twin;
        }
        if self.paused {
            return Freshness::Paused;
        }
        match &self.read {
            _ if self.stale_at(interval).is_some_and(|at| now >= at) => Freshness::Stale,
            Some(_) if self.health.error().is_some() => Freshness::Retrying,
            Some(_) if matches!(self.ground, Ground::Absent(_)) => Freshness::Absent,
            Some(Read { quality: Quality::Whole, .. }) => Freshness::Live,
            Some(_) => Freshness::Unconfirmed,
            None if self.health.error().is_some() => Freshness::Unread,
            None => Freshness::Loading,
        }
    }

    /// Whether the jobs are known as of lately: there was a read, it is not stale, and no later one was given up or refused.
    ///
    /// One call that fails and is repeated does not make them unknown. `now` is the service's time.
    #[must_use]
    pub fn is_current(&self, interval: Duration, now: Timestamp) -> bool {
        let refused = matches!(self.health, Health::Refused { .. });
        self.twin.is_some() || (!refused && self.lost.is_none() && self.stale_at(interval).is_some_and(|at| now < at))
    }

    /// The service's time: ours, corrected by how far its clock is ahead.
    #[must_use]
    pub fn service_time(&self, now: Timestamp) -> Timestamp {
        now.checked_add_signed(self.clock_offset).unwrap_or(now)
    }

    /// Whether there is a list that can be told. The first read of several pages is confirmed by a second one, soon.
    #[must_use]
    pub fn has_list(&self) -> bool {
        self.twin.is_some() || self.read.as_ref().is_some_and(|read| read.quality != Quality::Unconfirmed(Why::OneRead))
    }

    /// How old the last read is, by the service's time.
    #[must_use]
    pub fn read_age(&self, now: Timestamp) -> Option<TimeDelta> {
        self.read.as_ref().map(|read| since(read.at, now))
    }

    /// Whether every job is known to be in [`Self::jobs`], as of its read, and no call failed since.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.twin.is_some()
            || self.health == Health::Ok && self.read.as_ref().is_some_and(|read| read.quality == Quality::Whole)
    }
}
