//! Whether two snapshots look the same, so that a poll that brings nothing new is not drawn.
//!
//! Whoever shows more of a snapshot says so here.

use std::sync::Arc;

use crate::{
    engine::{Read, Snapshot, TargetState, Trails},
    job::Timestamp,
};

/// Whether `after` looks as `before` did, at `now` and in every pane: it may have been read later, within the minute that is
/// shown.
pub(in crate::tui) fn look_the_same(before: &Snapshot, after: &Snapshot, now: Timestamp) -> bool {
    let Snapshot { rev: _, targets, interval, calls_per_minute, log, errors, news, history, notice } = before;
    let targets_are_same = || {
        targets.len() == after.targets.len()
            && targets.iter().zip(after.targets.iter()).all(|(before, after)| {
                // What was stale when it was last drawn is not any more.
                let was_stale = before.stale_at(*interval).is_some_and(|at| at <= now);
                Arc::ptr_eq(before, after) || (!was_stale && same_target(before, after))
            })
    };
    *interval == after.interval
        && *calls_per_minute == after.calls_per_minute
        && log.next() == after.log.next()
        && errors.count() == after.errors.count()
        && Arc::ptr_eq(news, &after.news)
        && *history == after.history
        && *notice == after.notice
        && targets_are_same()
}

fn same_target(before: &TargetState, after: &TargetState) -> bool {
    let TargetState {
        key: _,
        account,
        endpoint: _,
        signing,
        jobs,
        unlisted,
        missing: _,
        regions,
        coverage,
        read,
        last_whole: _,
        health,
        lost,
        reading,
        paused,
        regions_error,
        trails,
        clock_offset,
        ground,
        twin,
        // Shown in the targets alone, which are drawn at every read.
        latency: _,
    } = before;
    *account == after.account
        && *ground == after.ground
        && *signing == after.signing
        && *twin == after.twin
        && Arc::ptr_eq(jobs, &after.jobs)
        && Arc::ptr_eq(unlisted, &after.unlisted)
        && Arc::ptr_eq(regions, &after.regions)
        && Arc::ptr_eq(coverage, &after.coverage)
        && *health == after.health
        && *lost == after.lost
        && *reading == after.reading
        && *paused == after.paused
        && *regions_error == after.regions_error
        && (Arc::ptr_eq(trails, &after.trails) || same_trails(trails, &after.trails))
        && *clock_offset == after.clock_offset
        && match (read, &after.read) {
            (Some(before), Some(after)) => same_read(before, after),
            (None, None) => true,
            _ => false,
        }
}

fn same_trails(before: &Trails, after: &Trails) -> bool {
    before.same_as(after) && before.read.map(minute) == after.read.map(minute)
}

fn minute(at: Timestamp) -> i64 {
    at.timestamp().div_euclid(60)
}

fn same_read(before: &Read, after: &Read) -> bool {
    let Read { at, quality, total: _, request_ids, next_in } = before;
    minute(*at) == minute(after.at)
        && *quality == after.quality
        && Arc::ptr_eq(request_ids, &after.request_ids)
        && *next_in == after.next_in
}
