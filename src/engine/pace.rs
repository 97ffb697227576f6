//! How long a target rests between two reads. Pure: what was learned goes in, a duration comes out.

use std::time::Duration;

use super::Verdict;

/// How long a refusal is left alone, unless the user asks.
const REFUSED: Duration = Duration::from_secs(300);

/// How long a region is left alone in which there is nothing, and by how much more or less.
const BARREN: Duration = Duration::from_secs(20 * 60);
const BARREN_JITTER: f64 = 0.25;

/// The slowest that throttling makes it, in times of the usual rest.
const SLOWEST: u32 = 16;

/// By how much rests differ from each other, so that targets don't call in step: a tenth up or down.
const JITTER: f64 = 0.1;

/// What the pace depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Needs {
    /// While a job is active.
    pub(super) interval: Duration,
    /// While none is.
    pub(super) idle_interval: Duration,
    /// The quota that the target may use, in calls a second.
    pub(super) max_qps: u32,
}

/// How a read ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It succeeded.
    Read {
        /// How many calls it took.
        pages: usize,
        /// Whether a job is active.
        activity: Activity,
    },
    /// It failed.
    Failed {
        /// What that means.
        verdict: Verdict,
        /// How long the service asks to be left alone.
        asked: Duration,
    },
}

/// What goes on in the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Activity {
    Active,
    Idle,
    /// There is nothing in the region, which nobody has named.
    Barren,
}

/// The pace of one target: additive increase, multiplicative decrease.
#[derive(Debug)]
pub(super) struct Pace {
    slowness: u32,
    last: Outcome,
}

impl Default for Pace {
    fn default() -> Self {
        Self { slowness: 1, last: Outcome::Failed { verdict: Verdict::MayPass, asked: Duration::ZERO } }
    }
}

impl Pace {
    /// Learns from a read.
    pub(super) fn learn(&mut self, outcome: Outcome, was_throttled: WasThrottled) {
        self.last = outcome;
        self.slowness = match was_throttled {
            WasThrottled::Yes => (self.slowness * 2).min(SLOWEST),
            WasThrottled::No => (self.slowness - 1).max(1),
        };
    }

    /// How long to rest now. `dice` is any number from 0 to 1, which spreads the rests of many targets.
    pub(super) fn rest(&self, needs: Needs, dice: f64) -> Duration {
        let usual = self.usual(needs);
        let barren = matches!(self.last, Outcome::Read { activity: Activity::Barren, .. });
        let jitter = if barren { BARREN_JITTER } else { JITTER };
        usual.mul_f64(1.0 - jitter + 2.0 * jitter * dice.clamp(0.0, 1.0)).max(self.least(needs))
    }

    /// Whether the last read was refused for good, as far as is known.
    pub(super) fn is_refused(&self) -> bool {
        matches!(self.last, Outcome::Failed { verdict, .. } if verdict.is_lasting())
    }

    /// How long to rest although the user asks: as long as the service wants to be left alone.
    pub(super) fn asked(&self) -> Duration {
        if let Outcome::Failed { asked, .. } = self.last { asked } else { Duration::ZERO }
    }

    /// How long the rest is without its jitter.
    pub(super) fn usual(&self, needs: Needs) -> Duration {
        let usual = match self.last {
            Outcome::Failed { verdict, .. } if verdict.is_lasting() => return REFUSED,
            Outcome::Failed { .. } | Outcome::Read { activity: Activity::Active, .. } => needs.interval,
            Outcome::Read { activity: Activity::Idle, .. } => needs.interval.max(needs.idle_interval),
            Outcome::Read { activity: Activity::Barren, .. } => needs.interval.max(needs.idle_interval).max(BARREN),
        };
        (usual * self.slowness).max(self.least(needs))
    }

    /// What the pages cost at half of the quota: a long list is never read back to back. Or what the service asks for.
    fn least(&self, needs: Needs) -> Duration {
        match self.last {
            Outcome::Failed { asked, .. } => asked,
            Outcome::Read { pages, .. } if pages > 1 => {
                Duration::from_secs_f64(pages as f64 * 2.0 / f64::from(needs.max_qps.max(1)))
            }
            _ => Duration::ZERO,
        }
    }
}

/// Whether a call was throttled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum WasThrottled {
    /// One was.
    Yes,
    /// None was.
    #[default]
    No,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NEEDS: Needs =
        Needs { interval: Duration::from_secs(10), idle_interval: Duration::from_secs(60), max_qps: 5 };

    fn read(pages: usize, activity: Activity) -> Outcome {
        Outcome::Read { pages, activity }
    }

    fn failed(verdict: Verdict, seconds: u64) -> Outcome {
        Outcome::Failed { verdict, asked: Duration::from_secs(seconds) }
    }

    fn rest_after(outcome: Outcome) -> Duration {
        let mut pace = Pace::default();
        pace.learn(outcome, WasThrottled::No);
        pace.rest(NEEDS, 0.5)
    }

    #[test]
    fn active_jobs_are_read_often_and_quiet_accounts_rarely() {
        assert_eq!(rest_after(read(1, Activity::Active)), Duration::from_secs(10));
        assert_eq!(rest_after(read(1, Activity::Idle)), Duration::from_secs(60));
        assert_eq!(rest_after(failed(Verdict::MayPass, 0)), Duration::from_secs(10));
        assert_eq!(rest_after(failed(Verdict::Refused, 0)), REFUSED);
    }

    #[test]
    fn where_there_is_nothing_it_is_asked_rarely_and_not_in_step() {
        let mut pace = Pace::default();
        pace.learn(read(1, Activity::Barren), WasThrottled::No);
        let rests = [0.0, 0.5, 1.0].map(|dice| pace.rest(NEEDS, dice).as_secs() / 60);
        assert_eq!(rests, [15, 20, 25]);
    }

    #[test]
    fn a_service_that_asks_to_be_left_alone_is() {
        assert_eq!(rest_after(failed(Verdict::MayPass, 90)), Duration::from_secs(90));
        assert_eq!(rest_after(failed(Verdict::MayPass, 3)), Duration::from_secs(10));
    }

    #[test]
    fn a_long_list_is_never_read_faster_than_half_the_quota() {
        assert_eq!(rest_after(read(100, Activity::Active)), Duration::from_secs(40));
    }

    #[test]
    fn throttling_doubles_the_rest_and_success_wins_it_back_step_by_step() {
        let mut pace = Pace::default();
        let mut rests = Vec::new();
        for throttled in [WasThrottled::Yes, WasThrottled::Yes, WasThrottled::No, WasThrottled::No, WasThrottled::No] {
            pace.learn(read(1, Activity::Active), throttled);
            rests.push(pace.rest(NEEDS, 0.5).as_secs());
        }
        assert_eq!(rests, [20, 40, 30, 20, 10]);
    }

    proptest! {
        #[test]
        fn the_rest_is_never_shorter_than_the_cost_and_jitters_by_a_tenth(
            pages in 0..2000_usize, throttles in 0..9_usize, dice in 0.0..1.0_f64,
        ) {
            let mut pace = Pace::default();
            for _ in 0..throttles {
                pace.learn(read(pages, Activity::Active), WasThrottled::Yes);
            }
            pace.learn(read(pages, Activity::Active), WasThrottled::No);
            let rest = pace.rest(NEEDS, dice);
            prop_assert!(rest >= Duration::from_secs(9));
            prop_assert!(rest <= Duration::from_secs(11 * u64::from(SLOWEST)).max(Duration::from_secs(pages as u64)));
            prop_assert!(pages < 2 || rest.as_secs_f64() >= pages as f64 * 2.0 / 5.0 - 1e-6);
        }
    }
}
