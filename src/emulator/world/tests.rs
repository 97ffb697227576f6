//! Whether the world keeps the service's rules, and whether only the seed and the clock decide it.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{super::rng::Rng, *};
use crate::job::Status;

fn start() -> Timestamp {
    "2026-11-24T20:00:00Z".parse().unwrap()
}

fn after(seconds: i64) -> Timestamp {
    start() + TimeDelta::seconds(seconds)
}

impl Account {
    /// The whole list.
    fn jobs(&self) -> impl Iterator<Item = &Plan> {
        self.page(0, self.len())
    }
}

/// All that a client can read of an account.
fn look(account: &Account) -> Vec<String> {
    let now = account.now();
    let row = |plan: &Plan| {
        let (status, updated, regions) = (plan.status(now), plan.updated(now), plan.regions(now));
        format!("{} {} {} {status} {updated} {regions:?}", plan.id, account.trail_of(plan), plan.created)
    };
    account.jobs().map(row).collect()
}

fn scenarios() -> impl Strategy<Value = Scenario> {
    prop_oneof![Just(Scenario::Still), Just(Scenario::Living), Just(Scenario::Demo), Just(Scenario::Fleet(3))]
}

#[derive(Debug, Clone)]
enum Act {
    Pass(i64),
    Create(usize),
    Delete(usize),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        3 => (0..100_i64).prop_map(Act::Pass),
        1 => (0..4_usize).prop_map(Act::Create),
        1 => (0..50_usize).prop_map(Act::Delete),
    ];
    proptest::collection::vec(act, 0..60)
}

/// Does the acts, with the clock looked at every `step` seconds on the way.
fn live(scenario: Scenario, seed: u64, acts: &[Act], step: i64) -> Vec<Vec<String>> {
    let mut world = World::new(scenario, seed, 20, start());
    let mut second = 0;
    for act in acts {
        for account in &mut world.accounts {
            match act {
                Act::Pass(seconds) => {
                    for between in (0..*seconds).step_by(step as usize) {
                        account.advance(after(second + between));
                    }
                    account.advance(after(second + seconds));
                }
                Act::Create(trail) => _ = account.create(account.setting.trails[*trail].name, None),
                Act::Delete(place) => {
                    let id = account.jobs().nth(*place).map(|plan| plan.id);
                    let _: Option<bool> = id.map(|id| account.delete(id));
                }
            }
        }
        second += if let Act::Pass(seconds) = act { *seconds } else { 0 };
    }
    world.accounts.iter().map(look).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn how_often_the_clock_is_looked_at_changes_nothing(
        scenario in scenarios(), seed: u64, acts in acts(), step in 1..30_i64,
    ) {
        prop_assert_eq!(live(scenario, seed, &acts, step), live(scenario, seed, &acts, 1_000_000));
    }

    #[test]
    fn an_account_never_has_two_running_jobs_and_ids_only_grow(scenario in scenarios(), seed: u64, acts in acts()) {
        let mut world = World::new(scenario, seed, 20, start());
        let mut second = 0;
        for act in acts {
            second += if let Act::Pass(seconds) = act { seconds } else { 0 };
            for account in &mut world.accounts {
                account.advance(after(second));
                if let Act::Create(trail) = act {
                    let runs = account.is_running(after(second));
                    let done = account.create(account.setting.trails[trail].name, None);
                    prop_assert!(!(runs && done.is_ok()));
                }
                let now = account.now();
                let running = account.jobs().filter(|plan| plan.status(now).is_active()).count();
                prop_assert!(running <= 1);
                let mut pairs = account.jobs().zip(account.jobs().skip(1));
                let in_order = pairs.all(|(newer, older)| newer.id > older.id && newer.created >= older.settled_from());
                prop_assert!(in_order);
                let is_past = |plan: &Plan| plan.created <= plan.updated(now) && plan.updated(now) <= now;
                prop_assert!(account.jobs().all(is_past));
            }
        }
    }

    #[test]
    fn every_change_of_a_list_is_told_once(scenario in scenarios(), seed: u64, acts in acts()) {
        for order in [ListOrder::NewestFirst, ListOrder::OldestFirst, ListOrder::Shuffled] {
            let mut world = World::new(scenario, seed, 20, start()).in_order(order);
            let (account, mut rng, mut second) = (&mut world.accounts[0], Rng::new(seed, 1), 0);
            let mut known: BTreeSet<_> = account.ids().into_iter().collect();
            for act in &acts {
                match act {
                    Act::Pass(seconds) => second += seconds,
                    Act::Create(0) => account.reorder(&mut rng),
                    Act::Create(_) => account.slip_in(account.len() / 2, &mut rng),
                    Act::Delete(place) => account.delete_at(*place),
                }
                account.advance(after(second));
                for change in account.take_changes() {
                    match change {
                        Change::Inserted(id) => prop_assert!(known.last().is_none_or(|last| *last < id) && known.insert(id)),
                        Change::Deleted(id) => prop_assert!(known.remove(&id)),
                        Change::Reordered => {}
                    }
                }
                let listed: Vec<_> = account.jobs().map(|plan| plan.id).collect();
                prop_assert_eq!(listed.len(), account.len());
                prop_assert_eq!(&listed.into_iter().collect::<BTreeSet<_>>(), &known);
            }
        }
    }

    #[test]
    fn a_still_world_has_exactly_so_many_settled_jobs(seed: u64, jobs in 0..300_usize) {
        let mut world = World::new(Scenario::Still, seed, jobs, start());
        let account = &mut world.accounts[0];
        let before = look(account);
        prop_assert_eq!(before.len(), jobs);
        prop_assert!(account.jobs().all(|plan| !plan.status(start()).is_active()));
        let runs: Vec<_> = account.jobs().map(|plan| (plan.created, plan.settled_from())).collect();
        prop_assert!(runs.windows(2).all(|pair| pair[1].1 < pair[0].0), "two runs overlap");
        account.advance(after(86_400));
        prop_assert_eq!(look(account), before);
    }

    #[test]
    fn every_history_has_an_open_failure_and_a_repaired_one(seed: u64, jobs in 6..100_usize) {
        let world = World::new(Scenario::Still, seed, jobs, start());
        let mut later = BTreeSet::new();
        let (mut open, mut repaired) = (0, 0);
        for plan in world.accounts[0].jobs() {
            match plan.outcome {
                Outcome::Complete => _ = later.insert(plan.trail),
                _ if later.contains(&plan.trail) => repaired += 1,
                _ => open += 1,
            }
        }
        prop_assert!(open > 0 && repaired > 0);
    }
}

#[test]
fn the_same_seed_gives_the_same_world_and_another_one_another() {
    let of = |seed| look(&World::new(Scenario::Still, seed, 44, start()).accounts[0]);
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
}

#[test]
fn ten_thousand_jobs_are_as_good_as_ten() {
    let world = World::new(Scenario::Still, 1, 10_000, start());
    let ids: BTreeSet<_> = world.accounts[0].jobs().map(|plan| plan.id).collect();
    assert_eq!(ids.len(), 10_000);
}

#[test]
fn a_created_job_lives_by_the_clock() {
    let mut world = World::new(Scenario::Still, 1, 3, start());
    let account = &mut world.accounts[0];
    let good = account.create("audit-all", Some("token")).unwrap();
    assert_eq!(account.create("payments-audit", None), Err(CannotCreate::OneRuns));
    assert_eq!(account.create("audit-all", Some("token")), Ok(good), "the same token means the same job");
    assert_eq!(account.create("payments-audit", Some("token")), Err(CannotCreate::TokenReused));
    assert_eq!(account.create("nowhere", None), Err(CannotCreate::NoSuchTrail));
    assert_eq!(account.create("retired-audit", None), Err(CannotCreate::NoSuchTrail));
    assert_eq!(account.create("oss-archive", None), Err(CannotCreate::NotToSls));
    let status = |account: &Account, id| account.job(id).unwrap().status(account.now());
    assert_eq!(status(account, good), Status::Initializing);
    account.advance(after(60));
    assert_eq!(status(account, good), Status::Delivering);
    account.advance(after(184));
    assert_eq!(status(account, good), Status::Complete);
    let bad = account.create("legacy-audit", None).unwrap();
    account.advance(after(1000));
    assert_eq!(status(account, bad), Status::Failed);
    assert!(account.delete(good));
    assert!(!account.delete(good));
    assert!(account.job(good).is_none());
    assert_eq!(account.len(), 4);
}

#[test]
fn a_clock_that_was_set_back_undoes_nothing() {
    let mut world = World::new(Scenario::Demo, 1, 44, start());
    let account = &mut world.accounts[0];
    account.advance(after(100));
    let before = look(account);
    account.advance(after(10));
    assert_eq!(look(account), before);
}

/// What a viewer who reads every `interval` seconds has seen of the demo after so many seconds.
#[derive(Debug, Default)]
struct Seen {
    statuses: BTreeSet<i64>,
    progress: BTreeSet<usize>,
    changes: BTreeSet<(i64, i64)>,
    appeared: usize,
    failed_regions: usize,
    out: usize,
    back: bool,
}

fn watch(interval: i64, until: i64) -> Seen {
    let mut world = World::new(Scenario::Demo, 1, 44, start());
    let mut seen = Seen::default();
    let mut before = vec![None; 3];
    for second in (0..=until).step_by(interval as usize) {
        for (account, before) in world.accounts.iter_mut().zip(&mut before) {
            account.advance(after(second));
            if account.is_out() {
                seen.out += 1;
                continue;
            }
            seen.back |= seen.out > 0 && account.setting.profile == "intl";
            let now = account.now();
            let jobs: Vec<_> = account.jobs().map(|plan| (plan.id, plan.status(now).code())).collect();
            seen.statuses.extend(jobs.iter().map(|(_, code)| *code));
            for (id, code) in &jobs {
                let count = |status| {
                    let regions = account.job(*id).unwrap().regions(now);
                    regions.iter().filter(|(_, s)| *s == status).count()
                };
                if *code == 1 {
                    seen.progress.insert(count(Status::Complete));
                }
                let old = before.as_ref().and_then(|jobs: &Vec<_>| jobs.iter().find(|(old, _)| old == id));
                match old {
                    Some((_, old)) if old != code => {
                        seen.changes.insert((*old, *code));
                        seen.failed_regions = seen.failed_regions.max(count(Status::Failed));
                    }
                    None if before.is_some() => seen.appeared += 1,
                    _ => {}
                }
            }
            *before = Some(jobs);
        }
    }
    seen
}

#[test]
fn the_first_minute_of_the_demo_shows_everything() {
    for interval in [1, 2, 5, 10] {
        let seen = watch(interval, 60);
        assert_eq!(seen.statuses, BTreeSet::from([0, 1, 2, 3, 7]), "every {interval} s");
        assert!(seen.progress.len() >= 4, "every {interval} s: {seen:?}");
        for change in [(0, 1), (1, 2), (1, 3)] {
            assert!(seen.changes.contains(&change), "every {interval} s: {change:?} is missing in {seen:?}");
        }
        assert!(seen.appeared >= 1 && seen.failed_regions == 3, "every {interval} s: {seen:?}");
        assert!(seen.out >= 1 && seen.back, "every {interval} s: {seen:?}");
    }
}

#[test]
fn the_demo_goes_on_for_ever_without_growing() {
    let mut world = World::new(Scenario::Demo, 1, 44, start());
    for account in &mut world.accounts {
        let history = account.len();
        account.advance(after(86_400));
        assert!(account.len() <= history + 12, "{} jobs", account.len());
        let recent = account.jobs().filter(|plan| plan.created > after(86_400 - 120)).count();
        assert!((1..=3).contains(&recent), "{recent} in the last two minutes");
    }
}
