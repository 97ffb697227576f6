//! Asking every job of a long list whether a filter lets it through: what a key of the filter's line costs beside the index.

use std::hint::black_box;

use criterion::Criterion;
use trailwatch::job::{Filter, Row};

use crate::fixture;

const JOBS: u32 = 100_000;

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("filter");
    group.sample_size(20);
    let snapshot = fixture::snapshot(JOBS);
    let rows: Vec<Row<'_>> = snapshot.rows().into_iter().map(|at| snapshot.row(at)).collect();
    for (name, text) in [
        ("a word", "trail-17"),
        ("a number", "1777"),
        ("a time", "03:17"),
        ("fields", "status:failed trail:*-1? age<90d"),
    ] {
        let filter = Filter::parse(text).unwrap();
        group.bench_function(format!("{JOBS} jobs by {name}"), |bencher| {
            bencher.iter(|| rows.iter().filter(|row| black_box(&filter).matches(row, fixture::now())).count());
        });
    }
    group.finish();
}
