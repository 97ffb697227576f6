//! Places for journals, and changes to put into them.

use std::{path::PathBuf, sync::Arc};

use proptest::prelude::*;
use tempfile::TempDir;

use crate::{
    job::{
        Account, AccountId, Change, JobId, JobKey, JobSeen, ProfileName, Region, Seen, Seq, Status, StatusCounts,
        TargetKey, Timestamp, Transition, Trouble, What, Window,
    },
    journal::{Asked, Journal},
};

/// A directory that goes away with the test, and the journal's place in it.
pub(super) struct Place {
    pub(super) directory: TempDir,
}

impl Place {
    pub(super) fn new() -> Self {
        Self { directory: TempDir::new().unwrap() }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.directory.path().join("state/trailwatch/journal.db")
    }

    /// Opens the journal, which must work without a word.
    pub(super) fn open(&self) -> Journal {
        let opened = Journal::open(&self.path(), now());
        assert_eq!(opened.notice, None);
        opened.journal.unwrap()
    }

    /// What stands beside the journal, its companions aside.
    pub(super) fn neighbours(&self) -> Vec<String> {
        let entries = self.path().parent().unwrap().read_dir().unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| !name.ends_with("-wal") && !name.ends_with("-shm"));
        names.sort();
        names
    }
}

pub(super) fn now() -> Timestamp {
    "2026-11-24T20:00:00Z".parse().unwrap()
}

/// So many seconds after [`now`].
pub(super) fn at(seconds: i64) -> Timestamp {
    now() + chrono::TimeDelta::seconds(seconds)
}

pub(super) fn target(profile: &str) -> TargetKey {
    TargetKey { profile: ProfileName::new(profile).unwrap(), region: Region::new("cn-hangzhou").unwrap() }
}

pub(super) fn number() -> Account {
    Account::Id(AccountId::new("1234567890123456"))
}

pub(super) fn stand_in() -> Account {
    Account::Profile(ProfileName::new("prod").unwrap())
}

pub(super) fn job(id: i64, status: Status) -> JobSeen {
    JobSeen {
        key: JobKey { account: number(), home: "cn-hangzhou".into(), id: JobId::new(id) },
        trail: "audit-all".into(),
        status,
        created: Some(at(-600)),
        updated: Some(at(-60)),
        window: Window { start: Some(at(-9000)), end: Some(at(-600)) },
        regions: None,
    }
}

pub(super) fn owned(job: &JobSeen, account: Account) -> JobSeen {
    JobSeen { key: JobKey { account, ..job.key.clone() }, ..job.clone() }
}

/// A change of a job, seen at so many seconds.
pub(super) fn changed(job: JobSeen, change: Change, seconds: i64) -> Arc<Transition> {
    let seen = Seen { after: Some(at(seconds - 10)), by: at(seconds) };
    Arc::new(Transition { seq: Seq(1), target: target("prod"), account: None, seen, what: What::Job(job, change) })
}

/// The failure of a job, seen at so many seconds.
pub(super) fn failure(id: i64, seconds: i64) -> Arc<Transition> {
    let change = Change::Status { from: Status::Delivering, to: Status::Failed };
    changed(job(id, Status::Failed), change, seconds)
}

/// Everything in a journal, without the numbers that it gave.
pub(super) fn all(journal: &Journal) -> Vec<Transition> {
    without_numbers(journal.history(&Asked::default()).unwrap())
}

pub(super) fn without_numbers(transitions: impl IntoIterator<Item = Transition>) -> Vec<Transition> {
    transitions.into_iter().map(|transition| Transition { seq: Seq(0), ..transition }).collect()
}

fn any_time() -> impl Strategy<Value = Timestamp> {
    (-3..3_i64).prop_map(at)
}

fn any_status() -> impl Strategy<Value = Status> {
    prop_oneof![(0..5_i64), any::<i64>()].prop_map(Status::from_code)
}

fn any_account() -> impl Strategy<Value = Account> {
    let profile = "[ab:]|\u{1b}x".prop_map(|name| Account::Profile(ProfileName::new(&name).unwrap()));
    prop_oneof![profile, "[ab:]?".prop_map(|id| Account::Id(AccountId::new(&id)))]
}

fn any_job() -> impl Strategy<Value = JobSeen> {
    let regions = prop::option::of(prop::array::uniform5(0..3_usize)).prop_map(|counts| {
        counts.map(|[initializing, delivering, complete, failed, unknown]| StatusCounts {
            initializing,
            delivering,
            complete,
            failed,
            unknown,
        })
    });
    let key = (any_account(), "[ab]?", 0..3_i64).prop_map(|(account, home, id)| JobKey {
        account,
        home: home.into(),
        id: JobId::new(id),
    });
    let times = (prop::option::of(any_time()), prop::option::of(any_time()));
    (key, any::<String>(), any_status(), times, regions).prop_map(
        |(key, trail, status, (created, updated), regions)| JobSeen {
            key,
            trail: trail.into(),
            status,
            created,
            updated,
            window: Window { start: updated, end: created },
            regions,
        },
    )
}

fn any_what() -> impl Strategy<Value = What> {
    let change = prop_oneof![
        Just(Change::Appeared),
        Just(Change::Stalled),
        Just(Change::Gone),
        (any_status(), any_status()).prop_map(|(from, to)| Change::Status { from, to }),
        ("[ab]?", any_status(), any_status()).prop_map(|(region, from, to)| Change::Region {
            region: region.into(),
            from,
            to
        }),
    ];
    let trouble =
        any::<(String, String)>().prop_map(|(code, message)| Trouble { code: code.into(), message: message.into() });
    prop_oneof![
        6 => (any_job(), change).prop_map(|(job, change)| What::Job(job, change)),
        1 => trouble.prop_map(What::TargetLost),
        1 => Just(What::TargetBack),
    ]
}

/// Any change; from a small world, so that many are the same.
pub(super) fn any_transition() -> impl Strategy<Value = Arc<Transition>> {
    (any_what(), "[pq]", prop::option::of("[12]"), prop::option::of(any_time()), any_time()).prop_map(
        |(what, profile, account, after, by)| {
            let account = account.as_deref().map(AccountId::new);
            Arc::new(Transition { seq: Seq(0), target: target(&profile), account, seen: Seen { after, by }, what })
        },
    )
}

/// What makes a change the same as another, by the rule and not by the tables.
pub(super) fn identity(transition: &Transition) -> String {
    let Transition { target, seen, what, .. } = transition;
    match what {
        What::Job(job, change @ (Change::Appeared | Change::Gone)) => {
            format!("{:?} {change:?} {:?}", job.key, job.created)
        }
        What::Job(job, change) => format!("{:?} {change:?} {:?}", job.key, job.updated),
        other => format!("{target} {} {}", other.word(), seen.by),
    }
}
