//! `trailwatch history` on a journal that is there, is being written, is not there, or can't be read.

use std::{fs, path::PathBuf, process::Stdio, sync::Arc, thread};

use chrono::{TimeDelta, Utc};
use serde_json::Value;
use tempfile::TempDir;
use trailwatch::{
    job::{
        Account, Change, JobId, JobKey, JobSeen, ProfileName, Region, Seen, Seq, Status, TargetKey, Timestamp,
        Transition, What,
    },
    journal::Journal,
};

use crate::program::{Outcome, command, run};

/// A home with a journal in it.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join(".local/state/trailwatch/journal.db")
    }

    fn journal(&self) -> Journal {
        let opened = Journal::open(&self.path(), Utc::now());
        assert_eq!(opened.notice, None);
        opened.journal.unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        command(self.0.path(), &[], arguments).output().unwrap().into()
    }
}

fn target() -> TargetKey {
    TargetKey { profile: ProfileName::new("prod").unwrap(), region: Region::new("cn-hangzhou").unwrap() }
}

fn job(id: i64) -> JobSeen {
    let account = Account::Profile(ProfileName::new("prod").unwrap());
    JobSeen {
        key: JobKey { account, home: "cn-hangzhou".into(), id: JobId::new(id) },
        trail: "payments\u{1b}[2J\n-audit".into(),
        status: Status::Failed,
        created: None,
        updated: None,
        window: trailwatch::job::Window::default(),
        regions: None,
    }
}

/// The failure of a job, seen so many hours ago.
fn failure(id: i64, hours: i64) -> Arc<Transition> {
    let by: Timestamp = Utc::now() - TimeDelta::hours(hours);
    let what = What::Job(job(id), Change::Status { from: Status::Delivering, to: Status::Failed });
    Arc::new(Transition { seq: Seq(0), target: target(), account: None, seen: Seen { after: None, by }, what })
}

fn ids(outcome: &Outcome) -> Vec<i64> {
    let objects = outcome.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    objects.map(|object| object["job_id"].as_i64().unwrap()).collect()
}

#[test]
fn what_was_seen_is_printed_in_every_format() {
    let home = Home::new();
    home.journal().record(&[failure(1, 50), failure(2, 20), failure(3, 1)]).unwrap();
    let table = home.run(&["history"]).ends(0);
    assert_eq!((table.stdout.lines().count(), table.stderr.as_str()), (4, ""));
    assert!(table.stdout.contains("payments\\u{1b}[2J\\u{a}-audit"), "{}", table.stdout);
    let document = home.run(&["history", "-o", "json"]).ends(0).json();
    assert_eq!(document["transitions"].as_array().unwrap().len(), 3);
    assert_eq!(document["transitions"][0]["trail_name"], "payments\u{1b}[2J\n-audit");
    assert_eq!(home.run(&["history", "-o", "csv"]).ends(0).stdout.matches("\r\n").count(), 4);
    let lines = |arguments: &[&str]| ids(&home.run(&[&["history", "-o", "ndjson"], arguments].concat()).ends(0));
    assert_eq!(lines(&[]), [1, 2, 3]);
    assert_eq!(lines(&["--since", "1d"]), [2, 3]);
    assert_eq!(lines(&["--since", "584000000000y"]), [1, 2, 3]);
    assert_eq!(lines(&["2"]), [2]);
    assert_eq!(lines(&["--profile", "prod", "--region", "cn-hangzhou"]), [1, 2, 3]);
    assert_eq!(lines(&["--profile", "audit"]), [0; 0]);
    assert_eq!(lines(&["--region", "cn-beijing"]), [0; 0]);
    assert_eq!(lines(&["1", "--since", "1d"]), [0; 0], "it is known, and nothing of it is so new");
    let variables = [("TRAILWATCH_SINCE", "1d"), ("TRAILWATCH_OUTPUT", "ndjson")];
    let outcome: Outcome = command(home.0.path(), &variables, &["history"]).output().unwrap().into();
    assert_eq!(ids(&outcome.ends(0)), [2, 3]);
}

#[test]
fn a_job_of_which_nothing_was_ever_seen_is_66() {
    let home = Home::new();
    let mut journal = home.journal();
    journal.record(&[failure(1, 1)]).unwrap();
    journal.remember(&target(), &job(2).key.account, [job(2)], Utc::now()).unwrap();
    let outcome = home.run(&["history", "5"]).ends(66).says("error: nothing was ever seen of job 5");
    assert_eq!(outcome.stdout, "");
    assert_eq!(home.run(&["history", "2", "-o", "ndjson"]).ends(0).stdout, "", "seen, and it did not change");
}

#[test]
fn without_a_journal_it_says_so_and_begins_none() {
    let home = Home::new();
    let outcome = home.run(&["history", "-o", "json"]).ends(0).says("note: nothing was recorded yet");
    assert_eq!(outcome.json()["transitions"], Value::Array(Vec::new()));
    home.run(&["history", "5"]).ends(66).says("journal.db");
    assert_eq!(fs::read_dir(home.0.path()).unwrap().count(), 0);
}

#[test]
fn wrong_usage_is_2() {
    for arguments in [
        &["history", "x"][..],
        &["history", "--since", "7"],
        &["history", "--since", "soon"],
        &["history", "-o", "raw"],
        &["history", "--no-journal"],
        &["--demo", "history"],
    ] {
        let outcome = run(&[], arguments).ends(2).says("error: ");
        assert_eq!(outcome.stdout, "", "{arguments:?}");
    }
    run(&[("TRAILWATCH_NO_JOURNAL", "1")], &["history"]).ends(2).says("TRAILWATCH_NO_JOURNAL");
    run(&[("TRAILWATCH_NO_JOURNAL", "0")], &["history"]).ends(0);
    assert!(run(&[], &["history", "--help"]).ends(0).stdout.contains("trailwatch history --since 7d"));
}

#[test]
fn a_damaged_one_is_told_and_left_to_whoever_writes() {
    let home = Home::new();
    drop(home.journal());
    fs::write(home.path(), "no journal at all").unwrap();
    let outcome = home.run(&["history"]).ends(70).says("error: can't read the journal").says("it is damaged");
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.lines().count()), ("", 1));
    assert_eq!(fs::read(home.path()).unwrap(), b"no journal at all");
}

#[test]
fn it_reads_while_another_writes() {
    let home = Home::new();
    let mut journal = home.journal();
    journal.record(&[failure(0, 1)]).unwrap();
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let writer = thread::spawn(move || {
        let mut next = 1;
        while stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
            journal.record(&[failure(next, 1), failure(next + 1, 1)]).unwrap();
            next += 2;
        }
        next
    });
    let read = || ids(&home.run(&["history", "-o", "ndjson"]).ends(0)).len();
    let mut last = 0;
    for _ in 0..3 {
        // Two at once.
        let mut other = command(home.0.path(), &[], &["history", "-o", "ndjson"]);
        let other = other.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let seen = read();
        let other: Outcome = other.wait_with_output().unwrap().into();
        assert_eq!((seen % 2, ids(&other.ends(0)).len() % 2), (1, 1), "what is written together is seen together");
        assert!(seen >= last);
        last = seen;
    }
    drop(stop);
    let written = usize::try_from(writer.join().unwrap()).unwrap();
    assert_eq!(read(), written);
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let home = Home::new();
    let many: Vec<_> = (0..2000).map(|id| failure(id, 1)).collect();
    home.journal().record(&many).unwrap();
    for format in ["table", "json", "ndjson", "csv"] {
        let mut command = command(home.0.path(), &[], &["history", "-o", format]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{format}");
    }
}
