//! What failures mean: the coverage of 10,000 jobs.

use std::hint::black_box;

use criterion::Criterion;
use trailwatch::job::coverage::{Coverage, Rules};

use crate::fixture;

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("coverage");
    for trails in [50, 1] {
        let jobs = fixture::jobs_of(10_000, trails);
        group.bench_function(format!("10000 jobs, trails: {trails}"), |bencher| {
            bencher.iter(|| Coverage::of(black_box(&jobs), |_| None, |_| None, &Rules::default(), fixture::now()));
        });
    }
    group.finish();
}
