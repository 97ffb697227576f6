//! Who is there and what happens: the accounts, their trails, their history, the script of their runs, their outages.
//!
//! Data and the rules that turn a seed into it; the state that follows from them is `world`'s.

use chrono::TimeDelta;

use super::{
    plan::{Outcome, Pace, Plan},
    rng::Rng,
};
use crate::job::{JobId, Timestamp};

/// What the emulator's world is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scenario {
    /// One account with exactly so many settled jobs. Nothing happens by itself; a job that is created does run.
    #[default]
    Still,
    /// One account with so many settled jobs, and one run every seven minutes, of which one is under way at the start.
    Living,
    /// Three accounts, "prod", "audit" and "intl", with so many settled jobs in all, and a script of two minutes that goes
    /// on for ever: within the first minute every status is seen, a job appears, one completes and one fails, and "intl"
    /// is out of service for a quarter of a minute. "prod" also has jobs in eu-central-1, where the service is out for nearly
    /// half of the time.
    Demo,
    /// So many accounts, "account-1" and so on, with so many settled jobs in all; in each one long run follows the other, and
    /// all are under way at the start.
    Fleet(u16),
}

/// A trail of an account.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trail {
    pub(super) name: &'static str,
    pub(super) delivers: Delivers,
    /// For how many days it has been switched on, at the start.
    pub(super) on_for_days: i64,
    pub(super) past: Past,
}

/// What was done with a trail before the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Past {
    /// It was backfilled now and then.
    Backfilled,
    /// Nobody has backfilled it.
    Untouched,
    /// It was backfilled once, long ago, and then deleted: only its job is left.
    Deleted,
}

/// Where a trail delivers to, and whether that works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivers {
    /// To Simple Log Service: it can be backfilled.
    ToSls,
    /// To Simple Log Service, which refuses it: every backfill fails.
    Vainly,
    /// To OSS only: it can't be backfilled.
    ToOss,
}

/// What is the same for every job of an account.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting {
    /// The credential profile that the emulator proposes.
    pub(super) profile: &'static str,
    /// The region: the account's home, or another one where it has trails and jobs.
    pub(super) region: &'static str,
    /// Of which account, by its place, this is another region; none for an account of its own.
    pub(super) elsewhere_of: Option<usize>,
    /// Its trails: those with a past first. The last of these to SLS is the one that fails.
    pub(super) trails: &'static [Trail],
    /// How fast a job runs that a client created.
    pub(super) created_pace: Pace,
    /// How many jobs besides the history are kept before the oldest settled one leaves the list.
    pub(super) kept: usize,
    /// The runs that begin by themselves.
    pub(super) script: Script,
    /// When the endpoint answers 503 to this account: seconds of each period.
    pub(super) outage: Option<Outage>,
    /// Whether its credentials are temporary ones.
    pub(super) temporary: bool,
    /// Whether its history has a job with a status that nobody documents.
    pub(super) odd_status: bool,
}

/// The runs that begin by themselves.
#[derive(Debug, Clone, Copy)]
pub(super) enum Script {
    /// None.
    Nothing,
    /// One in every period, more or less.
    Paced(Beat),
    /// The same ones in every period of so many seconds.
    Cycle(i64, &'static [Run]),
}

/// How runs follow each other, in seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beat {
    /// From the beginning of one to that of the next.
    every: i64,
    /// How long the first one is under way when the emulator starts.
    ahead: i64,
    /// How much later than that one of the others begins, at most.
    late: i64,
    /// How long it delivers, at least and at most.
    delivering: (i64, i64),
}

/// A run that begins by itself, and when: seconds since the emulator's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) at: i64,
    pub(super) trail: usize,
    pub(super) pace: Pace,
    pub(super) outcome: Outcome,
}

/// From which second to which one of every period nothing is answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outage {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) every: i64,
}

const fn to(delivers: Delivers, name: &'static str, on_for_days: i64) -> Trail {
    Trail { name, delivers, on_for_days, past: Past::Backfilled }
}

/// What nobody notices: its events of before are not in SLS.
const fn untouched(name: &'static str, on_for_days: i64) -> Trail {
    Trail { past: Past::Untouched, ..to(Delivers::ToSls, name, on_for_days) }
}

const DELETED: Trail = Trail { past: Past::Deleted, ..to(Delivers::ToSls, "retired-audit", 0) };

const fn run(at: i64, trail: usize, initializing: i64, delivering: i64, outcome: Outcome) -> Run {
    Run { at, trail, pace: Pace { initializing, delivering }, outcome }
}

const ONE_ACCOUNT: Setting = Setting {
    profile: "emulator",
    region: "cn-hangzhou",
    elsewhere_of: None,
    trails: &[
        to(Delivers::ToSls, "audit-all", 400),
        to(Delivers::ToSls, "payments-audit", 61),
        to(Delivers::ToSls, "trail-name", 33),
        to(Delivers::Vainly, "legacy-audit", 12),
        to(Delivers::ToOss, "oss-archive", 400),
        untouched("orders-audit", 20),
        DELETED,
    ],
    created_pace: Pace { initializing: 10, delivering: 174 },
    kept: 500,
    script: Script::Nothing,
    outage: None,
    temporary: false,
    odd_status: false,
};

/// A region in which an account has nothing.
pub(super) const NOWHERE: Setting = Setting { trails: &[], ..ONE_ACCOUNT };

const LIVING: Beat = Beat { every: 420, ahead: 75, late: 90, delivering: (110, 240) };

const FLEET: Beat = Beat { every: 600, ahead: 60, late: 50, delivering: (400, 500) };

const QUICK: Pace = Pace { initializing: 6, delivering: 30 };

/// A poll every ten seconds sees every phase: none that matters is shorter.
const DEMO: [Setting; 4] = [
    Setting {
        profile: "prod",
        created_pace: QUICK,
        kept: 12,
        odd_status: true,
        // A run that is nearly done when the viewer comes completes; soon the next one appears.
        script: Script::Cycle(120, &[run(-20, 0, 6, 32, Outcome::Complete), run(26, 1, 11, 38, Outcome::Complete)]),
        ..ONE_ACCOUNT
    },
    Setting {
        profile: "audit",
        region: "cn-shanghai",
        trails: &[
            to(Delivers::ToSls, "payments-audit", 45),
            to(Delivers::ToSls, "org-security", 400),
            to(Delivers::Vainly, "compliance-365", 70),
            to(Delivers::ToOss, "oss-archive", 400),
        ],
        created_pace: QUICK,
        kept: 12,
        temporary: true,
        // A run fails, and a later one of the same trail repairs it.
        script: Script::Cycle(120, &[run(-22, 0, 8, 48, Outcome::Failed(3)), run(58, 0, 10, 28, Outcome::Complete)]),
        ..ONE_ACCOUNT
    },
    Setting {
        profile: "intl",
        region: "ap-southeast-1",
        trails: &[
            to(Delivers::ToSls, "eu-privacy", 28),
            to(Delivers::ToSls, "intl-all", 400),
            to(Delivers::Vainly, "legacy-apac", 85),
            to(Delivers::ToOss, "oss-archive", 400),
            untouched("apac-orders", 6),
        ],
        created_pace: QUICK,
        kept: 12,
        // A run goes on while nobody can look.
        outage: Some(Outage { from: 25, to: 40, every: 120 }),
        script: Script::Cycle(120, &[run(-3, 0, 14, 47, Outcome::Complete), run(76, 1, 8, 22, Outcome::Complete)]),
        ..ONE_ACCOUNT
    },
    // Another region of the first account, which is out of service for nearly half of the time.
    Setting {
        profile: "prod",
        region: "eu-central-1",
        elsewhere_of: Some(0),
        trails: &[
            to(Delivers::ToSls, "eu-audit", 150),
            to(Delivers::ToSls, "eu-orders", 75),
            to(Delivers::Vainly, "eu-legacy", 80),
            to(Delivers::ToOss, "oss-archive", 400),
        ],
        created_pace: QUICK,
        kept: 12,
        outage: Some(Outage { from: 60, to: 110, every: 120 }),
        script: Script::Cycle(120, &[run(-12, 0, 10, 44, Outcome::Complete), run(66, 1, 8, 26, Outcome::Complete)]),
        ..ONE_ACCOUNT
    },
];

impl Scenario {
    /// The accounts, and how many of so many settled jobs each has.
    pub(super) fn accounts(self, jobs: usize) -> Vec<(Setting, usize)> {
        match self {
            Self::Still => vec![(ONE_ACCOUNT, jobs)],
            Self::Living => vec![(Setting { script: Script::Paced(LIVING), ..ONE_ACCOUNT }, jobs)],
            Self::Demo => {
                let [prod, audit, intl, europe] = DEMO;
                let (second, third, fourth) = (jobs * 3 / 10, jobs / 5, jobs / 10);
                vec![(prod, jobs - second - third - fourth), (audit, second), (intl, third), (europe, fourth)]
            }
            Self::Fleet(accounts) => {
                let setting = Setting { profile: "account", kept: 12, script: Script::Paced(FLEET), ..ONE_ACCOUNT };
                let (all, accounts) = (jobs, usize::from(accounts));
                (0..accounts).map(|nth| (setting, (all + nth) / accounts)).collect()
            }
        }
    }
}

impl Setting {
    /// The trails that can be backfilled.
    pub(super) fn backfilled(&self) -> usize {
        let has_jobs = |trail: &&Trail| trail.delivers != Delivers::ToOss && trail.past == Past::Backfilled;
        self.trails.iter().filter(has_jobs).count()
    }

    /// The trail that was deleted, if one was.
    fn deleted(&self) -> Option<usize> {
        self.trails.iter().position(|trail| trail.past == Past::Deleted)
    }

    /// The job that a client creates on one of the trails: it ends as that trail's state suggests, so that both ends can be had.
    pub(super) fn created(&self, trail: usize) -> (Pace, Outcome) {
        let vain = self.trails.get(trail).is_some_and(|trail| trail.delivers == Delivers::Vainly);
        (self.created_pace, if vain { Outcome::Failed(3) } else { Outcome::Complete })
    }
}

impl Outage {
    /// Whether nothing is answered, so long after the start.
    pub(super) fn covers(self, since_start: TimeDelta) -> bool {
        let second = since_start.num_seconds().rem_euclid(self.every.max(1));
        (self.from..self.to).contains(&second)
    }
}

impl Script {
    /// The n-th run. They come in order of time and do not overlap.
    pub(super) fn run(self, n: u64, seed: u64, setting: &Setting) -> Option<Run> {
        match self {
            Self::Nothing => None,
            Self::Cycle(period, runs) => {
                let count = runs.len() as u64;
                let run = runs.get(n.checked_rem(count)? as usize)?;
                Some(Run { at: run.at + period * (n / count) as i64, ..*run })
            }
            Self::Paced(beat) => Some(paced(n, beat, seed, setting)),
        }
    }
}

/// A run of [`Script::Paced`]: one in five fails, and the next one repairs it.
fn paced(n: u64, beat: Beat, seed: u64, setting: &Setting) -> Run {
    let dice = |n: u64| Rng::new(seed, 0x5C21_0000_0000 + n);
    let unlucky = |n: u64| dice(n).percent(20);
    let fails = |n: u64| unlucky(n) && !(n > 0 && unlucky(n - 1));
    let trail = |n: u64| {
        let mut rng = dice(n);
        rng.next();
        // The trail that can't be delivered is left alone: its failure stays open.
        rng.below(setting.backfilled().saturating_sub(1) as u64) as usize
    };
    let mut rng = dice(n);
    rng.next();
    rng.next();
    // The first one is under way when the emulator starts.
    let late = if n == 0 { 0 } else { rng.seconds(0, beat.late) };
    let (least, most) = beat.delivering;
    Run {
        at: beat.every * n as i64 - beat.ahead + late,
        trail: if n > 0 && fails(n - 1) { trail(n - 1) } else { trail(n) },
        pace: Pace { initializing: rng.seconds(10, 25), delivering: rng.seconds(least, most) },
        outcome: if fails(n) { Outcome::Failed(1 + rng.below(4) as usize) } else { Outcome::Complete },
    }
}

/// How old the k-th newest job of a history of `count` is, in seconds: denser towards the present, 20 minutes apart at least.
fn age(k: u64, count: u64) -> i64 {
    let spread = u128::from(k) * u128::from(k) * 200 * 86_400 / u128::from(count * count).max(1);
    (1200 * k) as i64 + spread as i64
}

/// So many settled jobs before `start`, oldest first, with ids from `first_id` on.
pub(super) fn history(setting: &Setting, count: usize, seed: u64, first_id: i64, start: Timestamp) -> Vec<Plan> {
    // A million jobs are 40 years of history at the densest.
    let count = count.min(1_000_000) as u64;
    let backfilled = setting.backfilled() as u64;
    let vain = backfilled.saturating_sub(1) as usize;
    let mut rng = Rng::new(seed, 0x0061_5708);
    let mut id = first_id;
    let mut failed: Option<usize> = None;
    let job = |k: u64| {
        let repairs = failed.filter(|_| rng.percent(70));
        let any = rng.below(if k < 3 { backfilled - 1 } else { backfilled }) as usize;
        let mut trail = repairs.unwrap_or(any);
        let mut fails = repairs.is_none() && rng.percent(15);
        // Among the newest, whatever the seed: a failure that is still open, and one that a later job repaired.
        match k {
            1 | 2 => (trail, fails) = (any, false),
            3 if count > 3 => (trail, fails) = (vain, true),
            4 if count > 5 => (trail, fails) = (0, false),
            5 if count > 5 => (trail, fails) = (0, true),
            // The oldest has outlived its trail.
            _ if k == count && count > 9 => trail = setting.deleted().unwrap_or(trail),
            _ => {}
        }
        failed = fails.then_some(trail);
        let gap = age(k, count) - age(k - 1, count);
        let created = start - TimeDelta::seconds(age(k, count)) + TimeDelta::seconds(rng.seconds(0, gap / 4));
        let pace = Pace { initializing: rng.seconds(5, 30), delivering: rng.seconds(150, 900).min(gap / 2 - 30) };
        let outcome = match fails {
            _ if setting.odd_status && k == count.min(7) => Outcome::Unknown(7),
            true => Outcome::Failed(1 + rng.below(5) as usize),
            false => Outcome::Complete,
        };
        id += 1 + rng.below(3) as i64;
        Plan { id: JobId::new(id), trail, created, pace, outcome, seed: rng.next() }
    };
    (1..=count).rev().map(job).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_run_of_a_script_is_in_the_way_of_the_next(seed: u64, n in 0..10_000_u64) {
            for scenario in [Scenario::Living, Scenario::Demo, Scenario::Fleet(2)] {
                for (setting, _) in scenario.accounts(44) {
                    let run = |n| setting.script.run(n, seed, &setting).unwrap();
                    prop_assert!(run(n).at + run(n).pace.total() < run(n + 1).at);
                    prop_assert!(setting.trails[run(n).trail].delivers == Delivers::ToSls);
                }
            }
        }

        #[test]
        fn a_run_that_failed_is_repaired_by_the_next(seed: u64, n in 0..10_000_u64) {
            let [(setting, _)] = Scenario::Living.accounts(44)[..] else { panic!("one account") };
            let (this, next) = (paced(n, LIVING, seed, &setting), paced(n + 1, LIVING, seed, &setting));
            if this.outcome != Outcome::Complete {
                prop_assert_eq!((next.trail, next.outcome), (this.trail, Outcome::Complete));
            }
        }
    }

    #[test]
    fn the_accounts_share_the_history() {
        for jobs in [0, 1, 2, 44, 1000] {
            for scenario in [Scenario::Still, Scenario::Living, Scenario::Demo, Scenario::Fleet(7)] {
                assert_eq!(scenario.accounts(jobs).iter().map(|(_, share)| share).sum::<usize>(), jobs);
            }
        }
    }
}
