//! The text that Prometheus reads, pinned; and that no label can break out of its quotes or be taken for another.

use std::{collections::HashSet, sync::Arc};

use chrono::TimeDelta;
use proptest::prelude::*;

use super::{
    super::{
        Format, Listing,
        tests::{job, now, partial, plain, read, snapshot, target, target_key},
    },
    LabelValue, metrics,
};
use crate::{
    acs::{self, TransportKind},
    actiontrail::{self, Operation},
    engine::{Error, Health, Quality, Snapshot, TargetState, Why},
    job::{Job, JobId, Order, Status, coverage::Rules},
};

/// With the meaning of its jobs found out, as the engine does.
fn weighed(mut state: TargetState) -> TargetState {
    let coverage = crate::job::coverage::Coverage::of(
        &state.jobs.rows,
        |job: &Job| state.regions.get(&job.id).map(Arc::as_ref),
        |_| None,
        &Rules::default(),
        now(),
    );
    state.coverage = Arc::new(coverage);
    state.last_whole = state.read.as_ref().filter(|read| read.quality == Quality::Whole).map(|read| read.at);
    state
}

/// Jobs of every status: one failure that is open, one that is settled by a later job, one job that stands still.
fn jobs() -> Vec<Job> {
    let fresh = |id, status, trail: &str| {
        let created = now() - TimeDelta::hours(id);
        let window = crate::job::Window { start: Some(created - TimeDelta::days(9)), end: Some(created) };
        Job { created: Some(created), updated: Some(created), window, ..job(id, status, trail) }
    };
    vec![
        fresh(1, Status::Complete, "settled"),
        Job { window: fresh(1, Status::Failed, "").window, ..fresh(2, Status::Failed, "settled") },
        fresh(3, Status::Failed, "open"),
        fresh(4, Status::Delivering, "stalled"),
        Job { updated: Some(now()), ..fresh(5, Status::Delivering, "at work") },
        fresh(6, Status::Unknown(7), "new"),
    ]
}

fn unreachable() -> Arc<Error> {
    let source = acs::Error::Transport { kind: TransportKind::Connect, host: "h".into(), detail: "d".into() };
    Arc::new(Error::Call(actiontrail::Error { operation: Operation::List, source }))
}

/// The lines of one metric, without its description.
fn lines<'a>(text: &'a str, metric: &str) -> Vec<&'a str> {
    text.lines().filter(|line| line.strip_prefix(metric).is_some_and(|rest| rest.starts_with(['{', ' ']))).collect()
}

#[test]
fn the_format_is_pinned() {
    let mut whole = target("prod", jobs());
    // The service's clock is a minute ahead, and it was read two seconds ago.
    whole.clock_offset = TimeDelta::seconds(60);
    whole.read.as_mut().unwrap().at += whole.clock_offset;
    whole.account = None;
    let whole = weighed(whole);
    let mut hostile = partial().targets.to_vec();
    let mut snapshot = snapshot(vec![whole]);
    hostile[0] = Arc::clone(&snapshot.targets[0]);
    let strange = TargetState {
        key: target_key("a\"b\\c\\u{1b}\n\u{202e}e\u{301}审{x=\"y\"} 1", "cn-beijing"),
        ..weighed(target("x", vec![job(1, Status::Complete, "t")]))
    };
    hostile.push(Arc::new(strange));
    snapshot.targets = hostile.into();
    insta::assert_snapshot!(plain(Format::Prometheus, &snapshot));
}

#[test]
fn what_is_not_known_is_absent_and_never_zero() {
    let never = TargetState::new(target_key("never", "cn-hangzhou"), "h", "c");
    let text = metrics(&snapshot(vec![never]), now());
    assert_eq!(
        lines(&text, "trailwatch_target_up"),
        ["trailwatch_target_up{profile=\"never\",region=\"cn-hangzhou\"} 0"]
    );
    for metric in ["jobs", "open_failures", "stalled_jobs", "last_whole_read_timestamp_seconds"] {
        assert_eq!(lines(&text, &format!("trailwatch_{metric}")).len(), 0, "{metric}: {text}");
    }
}

#[test]
fn counts_stay_while_a_call_is_repeated_and_go_when_the_read_is_given_up() {
    let mut state = weighed(target("prod", jobs()));
    state.health = Health::Retrying { since: now(), attempt: 1, error: unreachable() };
    let retried = metrics(&snapshot(vec![state.clone()]), now());
    assert_eq!(lines(&retried, "trailwatch_open_failures").len(), 1);
    assert!(lines(&retried, "trailwatch_target_up")[0].ends_with(" 1"));
    assert!(lines(&retried, "trailwatch_target_complete")[0].ends_with(" 0"));
    assert!(lines(&retried, "trailwatch_target_error_info")[0].contains("code=\"NotConnected\",kind=\"unread\""));
    state.lost = Some(now());
    let lost = metrics(&snapshot(vec![state.clone()]), now());
    assert_eq!(lines(&lost, "trailwatch_open_failures").len(), 0);
    assert_eq!(lines(&lost, "trailwatch_last_whole_read_timestamp_seconds").len(), 1, "its age is what is asked for");
    (state.lost, state.health) = (None, Health::Ok);
    let stale = metrics(&snapshot(vec![state]), now() + TimeDelta::minutes(1));
    assert!(lines(&stale, "trailwatch_target_up")[0].ends_with(" 0"), "nobody has read it for a minute");
}

#[test]
fn a_list_that_may_lack_jobs_is_counted_and_says_so() {
    let mut state = weighed(target("prod", jobs()));
    state.read = Some(read(6, Quality::Unconfirmed(Why::OneRead)));
    let text = metrics(&snapshot(vec![weighed(state)]), now());
    assert!(lines(&text, "trailwatch_open_failures")[0].ends_with(" 1"));
    assert!(lines(&text, "trailwatch_target_complete")[0].ends_with(" 0"));
    assert!(lines(&text, "trailwatch_target_error_info")[0].contains("code=\"Unconfirmed\",kind=\"incomplete\""));
}

#[test]
fn a_job_of_two_targets_is_counted_once_where_it_is_known() {
    let sum = |snapshot: &Snapshot| -> Vec<String> {
        let text = metrics(snapshot, now());
        lines(&text, "trailwatch_open_failures").into_iter().map(str::to_owned).collect()
    };
    let (first, second) = (weighed(target("first", jobs())), weighed(target("second", jobs())));
    let values = sum(&snapshot(vec![first.clone(), second.clone()]));
    assert!(values[0].ends_with(" 1") && values[1].ends_with(" 0"), "{values:?}");
    let lost = TargetState { lost: Some(now()), ..first };
    let values = sum(&snapshot(vec![lost, second]));
    assert_eq!(values, ["trailwatch_open_failures{profile=\"second\",region=\"cn-hangzhou\"} 1"]);
}

#[test]
fn a_filtered_list_counts_what_is_in_it() {
    let snapshot = snapshot(vec![weighed(target("prod", jobs()))]);
    let mut listing = Listing::sorted(&snapshot, Order::default(), now());
    listing.keep(|row, _| row.job.id == JobId::new(4));
    let text = super::exposition(&listing);
    assert!(lines(&text, "trailwatch_open_failures")[0].ends_with(" 0"));
    assert!(lines(&text, "trailwatch_stalled_jobs")[0].ends_with(" 1"));
}

/// What Prometheus makes of what stands between the quotes; `None` where it would end early or make no sense.
fn read_back(written: &str) -> Option<String> {
    let mut chars = written.chars();
    let mut text = String::new();
    while let Some(char) = chars.next() {
        match char {
            '"' | '\n' => return None,
            '\\' => text.push(match chars.next()? {
                'n' => '\n',
                escaped @ ('\\' | '"') => escaped,
                _ => return None,
            }),
            char => text.push(char),
        }
    }
    Some(text)
}

/// What was spelt out, as it was.
fn respelt(text: &str) -> Option<String> {
    let mut parts = text.split("\\u{");
    let mut out = parts.next()?.to_owned();
    for part in parts {
        let (code, rest) = part.split_once('}')?;
        out.push(char::from_u32(u32::from_str_radix(code, 16).ok()?)?);
        out += rest;
    }
    Some(out)
}

#[test]
fn labels_that_look_alike_stay_apart() {
    let texts = ["\u{1b}", "\\u{1b}", "\\u{5c}u{1b}", "\\\\u{1b}", "\"", "\\\"", "\n", "\\n", "e\u{301}", "e"];
    let written: HashSet<String> = texts.iter().map(|text| LabelValue(text).to_string()).collect();
    assert_eq!(written.len(), texts.len(), "{written:?}");
}

proptest! {
    #[test]
    fn every_label_comes_back(text in prop_oneof![any::<String>(), "[\\\\u{}15bc\"\n\u{1b}é]{0,12}"]) {
        let written = LabelValue(&text).to_string();
        prop_assert!(!written.chars().any(crate::text::is_unsafe), "{written:?}");
        let read = read_back(&written);
        prop_assert!(read.is_some(), "{written:?}");
        prop_assert_eq!(respelt(&read.unwrap()), Some(text));
    }
}
