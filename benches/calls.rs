//! One call: signing it, and decoding a page of its answer.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use trailwatch::{
    acs::{
        AccessKey, Answer,
        sign::{Request, canonical_query, sign},
    },
    actiontrail::Page,
};

use crate::fixture;

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("call");
    let key =
        AccessKey { id: "LTAI5tExampleKeyIdWXYZ".into(), secret: "ExampleSecretOf30Characters...".into(), token: None };
    group.bench_function("sign", |bencher| {
        bencher.iter(|| {
            let query = canonical_query(black_box(&[("PageNumber", "17"), ("PageSize", "100")]));
            let request = Request {
                method: "POST",
                host: "actiontrail.cn-hangzhou.aliyuncs.com",
                action: "ListDeliveryHistoryJobs",
                version: "2020-07-06",
                query: &query,
                body: b"",
                date: fixture::now(),
                nonce: "3156853299f313e23d1673dc12e1703d",
            };
            sign(&request, &key)
        });
    });
    let body = fixture::body(1..101, 50);
    group.throughput(Throughput::Bytes(body.len() as u64));
    let answer = Answer::of(body);
    group.bench_function("decode a page of 100", |bencher| bencher.iter(|| Page::decode(black_box(&answer)).unwrap()));
    group.finish();
}
