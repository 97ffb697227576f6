//! One read for scripts: all targets at once, then done.

use std::{collections::BTreeSet, future::Future, io, rc::Rc, sync::Arc, time::Duration};

use futures_util::future;
use tokio::{
    runtime,
    sync::mpsc,
    task::{JoinSet, LocalSet},
    time::{Instant, timeout_at},
};

use super::{
    Depth, Error, Setup, Snapshot, Store, Wish,
    caller::{Caller, Shared},
    identity::Identity,
    memory::{Memory, Visit},
    report::{Report, TargetIndex},
    sweep::{Sweep, Sweeper},
};
use crate::{
    actiontrail::{Detail, ServedRegion},
    job::{AccountId, JobId, TargetKey, coverage::Fitness},
};

/// How long scripts still wait for the numbers of accounts once the jobs are at hand: STS may not be reachable from here.
pub const GRACE: Duration = Duration::from_millis(500);

/// What a target answered that was asked for one job.
#[derive(Debug)]
pub struct Answer {
    /// Which target.
    pub target: TargetKey,
    /// Its account, where that is known.
    pub account: Option<AccountId>,
    /// The job, or why there is none.
    pub outcome: Result<Detail, Error>,
}

/// What every target answered, in their order.
pub type Answers = Vec<Answer>;

/// Reads every target once, as deep as [`Setup::depth`] says, each call repeated within [`Setup::patience`]; what failed says so
/// in its health, or in its trails. `trouble` hears of every failure after which it waits to ask again.
///
/// # Errors
/// Where no runtime can be started.
pub fn read_once(setup: &Setup, trouble: impl Fn(&TargetKey, &Error) + 'static) -> io::Result<Arc<Snapshot>> {
    let mut store = Store::new(setup.states(), setup.interval, setup.rules());
    // Nobody waits for what the journal has to say.
    let (answers, _) = mpsc::unbounded_channel();
    let mut memory = Memory::open(setup.journal.as_deref(), Visit::DoesNotCount, &mut store, &setup.clock, answers);
    let trouble = Rc::new(trouble);
    on_a_runtime(async {
        let shared = Shared::new(setup);
        let callers: Vec<_> = callers(setup, &shared).collect();
        shared.identities().iter().for_each(Identity::ask);
        let reads = callers.iter().cloned().map(|(at, caller)| {
            let trouble = Rc::clone(&trouble);
            let depth = setup.depth;
            async move {
                let trouble = |error: &Error| trouble(caller.target(), error);
                let trails = async { if depth == Depth::Trails { Some(caller.trails(trouble).await) } else { None } };
                let (swept, trails) = future::join(swept(at, &caller, trouble), trails).await;
                (swept, trails.map(|outcome| Report::Trails(at, outcome.map_err(Arc::new))))
            }
        });
        for (swept, trails) in all(reads).await? {
            for report in [Some(swept), trails].into_iter().flatten() {
                store.apply(report, (setup.clock)());
            }
        }
        for (targets, account) in accounts(&shared).await {
            store.account(&targets, &account, (setup.clock)());
        }
        if setup.depth == Depth::Trails {
            ask_how_they_fare(setup, callers, &mut store).await?;
        }
        Ok(())
    })?;
    memory.keep(store.snapshot());
    Ok(Arc::clone(store.snapshot()))
}

async fn swept(at: TargetIndex, caller: &Caller, trouble: impl Fn(&Error)) -> Report {
    let page = async |number| caller.list(number, &trouble).await;
    let read = Sweeper::default().sweep(page, || caller.clock().now(), |_| ()).await;
    match caller.empty_where_absent(read) {
        Ok(sweep) => Report::Swept(at, Sweep { clock_offset: caller.clock().offset(), ..sweep }),
        Err(error) => Report::Failed(at, Arc::new(error)),
    }
}

/// Asks how the delivery of those trails fares that have a failure, which is known only now, and of all that should deliver: one
/// that broke without any job is not to be called covered.
async fn ask_how_they_fare(setup: &Setup, callers: Vec<(TargetIndex, Caller)>, store: &mut Store) -> io::Result<()> {
    let snapshot = Arc::clone(store.snapshot());
    let asked = callers.into_iter().map(|(at, caller)| {
        let target = &snapshot.targets[at.0];
        let fit = target.trails.rows.iter().filter(|known| known.delivered.fitness == Fitness::Fit);
        let fit = fit.map(|known| Arc::clone(&known.trail.name));
        let names: BTreeSet<Arc<str>> = target.failing_trails().into_iter().chain(fit).collect();
        async move {
            let mut reports = Vec::with_capacity(names.len());
            for name in names {
                let outcome = caller.trail_status_at_once(&name).await;
                let is_refused = outcome.as_ref().is_err_and(|error| error.verdict().is_lasting());
                reports.push(Report::TrailStatus(at, name, outcome.map_err(Arc::new)));
                if is_refused {
                    break;
                }
            }
            reports
        }
    });
    for report in all(asked).await?.into_iter().flatten() {
        store.apply(report, (setup.clock)());
    }
    Ok(())
}

/// Asks every target for one job. `trouble` hears of every failure after which it waits to ask again.
///
/// # Errors
/// Where no runtime can be started.
pub fn get_once(setup: &Setup, id: JobId, trouble: impl Fn(&TargetKey, &Error) + 'static) -> io::Result<Answers> {
    let trouble = Rc::new(trouble);
    let shared = Shared::new(setup);
    let (mut answers, accounts) = on_a_runtime(async {
        shared.identities().iter().for_each(Identity::ask);
        let asked = callers(setup, &shared).map(|(at, caller)| {
            let trouble = Rc::clone(&trouble);
            async move { (at, caller.get(id, |error| trouble(caller.target(), error)).await) }
        });
        Ok((all(asked).await?, accounts(&shared).await))
    })?;
    answers.sort_by_key(|(at, _)| at.0);
    // A region that is not there has no job, and whoever named none asks for no more.
    let is_named = |at: TargetIndex| setup.targets[at.0].wish == Wish::Named;
    answers.retain(|(at, outcome)| is_named(*at) || !outcome.as_ref().is_err_and(Error::is_no_region));
    let account =
        |at: &TargetIndex| accounts.iter().find(|(targets, _)| targets.contains(at)).map(|(_, id)| id.clone());
    let answer = |(at, outcome): (TargetIndex, _)| Answer {
        target: setup.targets[at.0].key.clone(),
        account: account(&at),
        outcome,
    };
    Ok(answers.into_iter().map(answer).collect())
}

/// Asks each target, which stands for an account here, which regions the service has; in their order.
///
/// # Errors
/// Where no runtime can be started.
pub fn regions_once(setup: &Setup) -> io::Result<Vec<Result<Vec<ServedRegion>, Error>>> {
    let shared = Shared::new(setup);
    let asked = callers(setup, &shared).map(|(at, caller)| async move { (at, caller.regions(|_| ()).await) });
    let mut answers = on_a_runtime(all(asked))?;
    answers.sort_by_key(|(at, _)| at.0);
    Ok(answers.into_iter().map(|(_, answer)| answer).collect())
}

fn callers(setup: &Setup, shared: &Shared) -> impl Iterator<Item = (TargetIndex, Caller)> {
    let caller = move |spec| Caller::new(setup, spec, shared);
    setup.targets.iter().enumerate().map(move |(at, spec)| (TargetIndex(at), caller(spec)))
}

/// The accounts, once what was asked meanwhile is at hand.
async fn accounts(shared: &Shared) -> Vec<(Vec<TargetIndex>, AccountId)> {
    let end = Instant::now() + GRACE;
    let mut known = Vec::with_capacity(shared.identities().len());
    for identity in shared.identities() {
        let account = timeout_at(end, identity.account()).await.unwrap_or(None);
        known.extend(account.map(|account| (identity.targets.clone(), account)));
    }
    known
}

/// Runs futures side by side, in the order in which they end.
async fn all<T: 'static>(futures: impl Iterator<Item = impl Future<Output = T> + 'static>) -> io::Result<Vec<T>> {
    let mut tasks = JoinSet::new();
    for future in futures {
        tasks.spawn_local(future);
    }
    let mut done = Vec::new();
    while let Some(outcome) = tasks.join_next().await {
        done.push(outcome.map_err(io::Error::other)?);
    }
    Ok(done)
}

/// Runs a future, and what it spawns on its thread, on a runtime of its own.
fn on_a_runtime<T>(future: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let done = LocalSet::new().block_on(&runtime, future);
    // A name that is still being looked up must not hold up the end.
    runtime.shutdown_background();
    done
}
