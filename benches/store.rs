//! Taking a sweep in: `Store::apply`, where one job changed and where none did; and one report among 200 targets.

use std::sync::Arc;

use criterion::{BatchSize, Criterion};
use trailwatch::{
    engine::{Report, Snapshot, Store, Sweep, TargetIndex},
    job::{Job, JobId, Status},
};

use crate::fixture;

/// The target that is reported about.
const AT: TargetIndex = TargetIndex(0);

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("store");
    for jobs in [100, 10_000] {
        // Each sweep is decoded anew: what is equal has to be found equal.
        let [unchanged, other] = [fixture::sweep(fixture::jobs(jobs)), changed(fixture::sweep(fixture::jobs(jobs)))];
        let mut store = fixture::store(1, jobs);
        group.bench_function(format!("sweep of {jobs} jobs, unchanged"), |bencher| {
            bencher.iter_batched(|| unchanged.clone(), |sweep| apply(&mut store, AT, sweep), BatchSize::LargeInput);
        });
        let mut sweeps = [&other, &unchanged].into_iter().cycle();
        group.bench_function(format!("sweep of {jobs} jobs, one changed"), |bencher| {
            let mut next = || sweeps.next().unwrap().clone();
            bencher.iter_batched(&mut next, |sweep| apply(&mut store, AT, sweep), BatchSize::PerIteration);
        });
    }
    let mut store = fixture::store(200, 50);
    let sweep = fixture::sweep(fixture::jobs(50));
    let other = changed(sweep.clone());
    let mut reports = (0..).map(|turn| (TargetIndex(turn % 200), if turn / 200 % 2 == 0 { &other } else { &sweep }));
    group.bench_function("200 targets of 50 jobs, one job of one changed", |bencher| {
        let mut next = || reports.next().map(|(at, sweep)| (at, sweep.clone())).unwrap();
        bencher.iter_batched(&mut next, |(at, sweep)| apply(&mut store, at, sweep), BatchSize::PerIteration);
    });
    group.finish();
}

/// The answer is given back, so that what it frees is not measured.
fn apply(store: &mut Store, at: TargetIndex, sweep: Sweep) -> Option<Arc<Snapshot>> {
    store.apply(Report::Swept(at, sweep), fixture::now())
}

/// The same sweep, but the newest job has ended.
fn changed(sweep: Sweep) -> Sweep {
    let ended = |job: &Job| Job { status: Status::Complete, ..job.clone() };
    let change = |job: &Job| if job.id == JobId::new(1_999_999) { ended(job) } else { job.clone() };
    Sweep { jobs: Arc::new(sweep.jobs.rows.iter().map(change).collect()), ..sweep }
}
