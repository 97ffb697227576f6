//! What the hot paths cost: `cargo bench`, or `cargo bench -- store` for one group.
//!
//! The jobs are made by `fixture` and decoded like the service's, so that they are as large as real ones.
//! How the whole program compares with the vendor's SDK is measured by `vendor_sdk.py` beside this file.

#![allow(clippy::unwrap_used)]

mod calls;
mod coverage;
mod dashboard;
mod filter;
mod fixture;
mod store;

use std::time::Duration;

use criterion::Criterion;

fn main() {
    let brief = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3));
    let mut criterion = brief.configure_from_args();
    calls::bench(&mut criterion);
    store::bench(&mut criterion);
    coverage::bench(&mut criterion);
    filter::bench(&mut criterion);
    dashboard::bench(&mut criterion);
    criterion.final_summary();
}
