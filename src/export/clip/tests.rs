//! Every clip of a plain job and of one whose names try to get out of their place, pinned.

use std::{collections::BTreeMap, sync::Arc};

use super::*;
use crate::{
    engine::{Fate, Log},
    export::tests::{at, job, now, partial, regions, snapshot, target},
    job::{Change, Job, JobId, JobSeen, Seen, Seq, Status, TrailStatus, Transition, What},
};

const FIRST: RowRef = RowRef { target: 0, row: 0 };

/// One job of one target, with regions and with a change that was seen.
fn one(job: Job, profile: &str) -> Snapshot {
    let (id, key_job) = (job.id, job.clone());
    let mut state = target(profile, vec![job]);
    state.regions = Arc::new(BTreeMap::from([(id, Arc::new(regions()))]));
    let key = state.job_key(&key_job);
    let seen = JobSeen {
        key: key.clone(),
        trail: Arc::clone(&key_job.trail),
        status: Status::Failed,
        created: key_job.created,
        updated: key_job.updated,
        window: key_job.window,
        regions: None,
    };
    let change = Change::Region { region: "cn-`x`\u{1b}".into(), from: Status::Delivering, to: Status::Failed };
    let transition = Transition {
        seq: Seq(1),
        target: state.key.clone(),
        account: state.account.clone(),
        seen: Seen { after: Some(at("2026-11-24T19:59:48Z")), by: at("2026-11-24T19:59:58Z") },
        what: What::Job(seen, change),
    };
    let history = crate::engine::History { job: key, transitions: [transition].into() };
    Snapshot { history: Some(Arc::new(history)), log: Log::default(), ..snapshot(vec![state]) }
}

fn failed(trail: &str) -> Job {
    job(16_640, Status::Failed, trail)
}

fn all(snapshot: &Snapshot) -> String {
    let text = |clip: Clip| clip.text(snapshot, FIRST, now()).unwrap_or_else(|| "(none)".to_owned());
    let shown = Clip::ALL.map(|clip| format!("--- {}\n{}", clip.title(), text(clip)));
    shown.join("\n").replace(env!("CARGO_PKG_VERSION"), "VERSION").replace('\t', "<tab>")
}

#[test]
fn a_plain_job() {
    insta::assert_snapshot!(all(&one(failed("payments-audit"), "prod")));
}

#[test]
fn names_that_try_to_run_something() {
    let trail = "x'; rm -rf ~; `id` $(id) \"$HOME\" | # \\ ``` <b>";
    insta::assert_snapshot!(all(&one(failed(trail), "--profile=$(id)")));
}

#[test]
fn names_that_try_to_steer_a_terminal() {
    let text = all(&one(failed("a\u{1b}[201~\nreboot\r\u{9b}\u{202e}"), "prod"));
    assert!(!text.chars().any(|char| char != '\n' && text::is_unsafe(char)), "{text:?}");
    insta::assert_snapshot!(text);
}

#[test]
fn the_summary_has_what_is_known_of_the_trails_delivery() {
    let lines = |fate: Fate| {
        let mut state = target("prod", vec![failed("payments-audit")]);
        Arc::make_mut(&mut state.trails).statuses = Arc::new(BTreeMap::from([("payments-audit".into(), fate)]));
        let text = Clip::Summary.text(&snapshot(vec![state]), FIRST, now()).unwrap();
        text.lines()
            .filter(|line| line.contains("trail ") || line.contains("the trail:"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
            .join("\n")
    };
    let status = TrailStatus {
        logging: Some(true),
        sls_error: Some("write `sls` failed\u{1b}[2J".into()),
        sls_delivered: Some(at("2026-11-20T10:00:00Z")),
        sls_usable: None,
        error: None,
        started: None,
        stopped: None,
        read: at("2026-11-24T19:59:58Z"),
    };
    let words = lines(Fate::Status(status));
    let fates = [words, lines(Fate::Gone)].join("\n");
    insta::assert_snapshot!(fates);
}

#[test]
fn no_clip_of_a_hostile_list_breaks_out() {
    let snapshot = partial();
    for at in snapshot.rows() {
        for clip in Clip::ALL {
            let text = clip.text(&snapshot, at, now()).unwrap_or_default();
            let allowed = |char| matches!(char, '\n' | '\t');
            let is_steering = |char: char| char.is_control() && !allowed(char) || text::is_escaped_in_json(char);
            assert!(!text.chars().any(is_steering), "{clip:?}: {text:?}");
        }
    }
}

#[test]
fn what_is_not_known_is_no_text() {
    let mut state = target("prod", vec![failed("")]);
    state.read = None;
    let snapshot = snapshot(vec![state]);
    let known = |clip: Clip| clip.text(&snapshot, FIRST, now()).is_some();
    assert_eq!([Clip::RequestId, Clip::Repeat].map(known), [false; 2]);
    assert!(Clip::ALL.into_iter().filter(|clip| known(*clip)).count() == 6);
}

#[test]
fn the_command_goes_where_the_job_was_read() {
    let line = |change: &dyn Fn(&mut TargetState, &mut Job)| {
        let (mut state, mut job) = (target("prod", Vec::new()), failed("payments-audit"));
        change(&mut state, &mut job);
        state.jobs = Arc::new(crate::engine::Jobs { rows: [job].into() });
        let snapshot = snapshot(vec![state]);
        [Clip::Look, Clip::Repeat].map(|clip| clip.text(&snapshot, FIRST, now()).unwrap()).join("\n")
    };
    let lines = [
        line(&|state, _| state.endpoint = "actiontrail-vpc.cn-hangzhou.aliyuncs.com".into()),
        line(&|state, _| state.signing.official = None),
        line(&|_, job| job.home = Some("cn-shanghai".into())),
        line(&|_, job| (job.home, job.id) = (Some("evil.example/?".into()), JobId::new(i64::MIN))),
    ];
    insta::assert_snapshot!(lines.join("\n\n"));
}
