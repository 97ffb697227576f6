//! A process that is killed at any point between seeing and telling: nothing is lost by it, and nothing doubled.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use super::fixture::*;
use crate::{
    job::{JobSeen, Status, What},
    journal::{Journal, Post},
    notify::{AT_ONCE, Notifier, Signal, Starter, Way},
};

/// Where a helper process finds its place, and how far it goes; without it, the helper is a test that does nothing.
const PLACE: &str = "TRAILWATCH_TEST_NOTIFY";
const STEP: &str = "TRAILWATCH_TEST_STEP";

/// Jobs that fail.
const JOBS: std::ops::Range<i64> = 1..6;

fn way(trace: &Path) -> Way {
    shell("file", r#"sleep 1; echo "$TRAILWATCH_JOB_ID" >> "$0""#, &trace.to_string_lossy())
}

/// Does what a process does before it is killed, and says when it has.
#[test]
fn helper_that_is_killed() {
    let Some(place) = env::var_os(PLACE).map(PathBuf::from) else { return };
    let mut journal = Journal::open(&place.join("journal.db"), at(0)).journal.unwrap();
    let world = failed(JOBS);
    // The way was in use before.
    journal.hear("file", &[target()], at(-60), |_| None).unwrap();
    match env::var(STEP).unwrap().as_str() {
        "recorded" => {
            journal.record(&world.transitions()).unwrap();
            let jobs = world.transitions().iter().map(|transition| seen(&transition.what)).collect::<Vec<_>>();
            journal.remember(&target(), &jobs[0].key.account.clone(), jobs, at(10)).unwrap();
        }
        "posted" => {
            let posts: Vec<Post> = world.transitions().iter().filter_map(post).collect();
            assert_eq!(journal.post(&posts).unwrap(), 5);
        }
        _ => {
            let notifier = Notifier::start(
                &[way(&place.join("trace"))],
                Some(&place.join("journal.db")),
                &clock(),
                Starter::Direct,
            );
            let notifier = notifier.unwrap();
            notifier.see(world.0.snapshot().clone());
            // As many as run at once; the others wait for a second.
            eventually("the first are begun", || began(&place.join("journal.db")) == AT_ONCE as i64);
            std::mem::forget(notifier);
        }
    }
    let _ = writeln!(std::io::stdout(), "\nready");
    thread::sleep(Duration::from_secs(60));
}

fn began(journal: &Path) -> i64 {
    let connection = rusqlite::Connection::open(journal).unwrap();
    connection.query_row("SELECT count(*) FROM signal WHERE begun IS NOT NULL", [], |row| row.get(0)).unwrap()
}

fn seen(what: &What) -> JobSeen {
    what.job().unwrap().clone()
}

fn post(transition: &std::sync::Arc<crate::job::Transition>) -> Option<Post> {
    let signal = Signal::of(transition)?;
    let (subject, event) = (signal.subject(), signal.json());
    Some(Post { way: "file".into(), kind: signal.kind.word(), subject, event, at: at(10) })
}

fn killed_when(step: &str, place: &Path) {
    let arguments = ["--exact", "notify::tests::processes::helper_that_is_killed", "--nocapture"];
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(arguments).env(PLACE, place).env(STEP, step).stdout(Stdio::piped());
    let mut child: Child = command.spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let ready = lines.into_iter().any(|line| line == "ready");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(ready, "{step}");
}

#[test]
fn a_process_that_is_killed_loses_and_doubles_nothing() {
    for step in ["recorded", "posted", "begun"] {
        let place = Place::new();
        let directory = place.trace().parent().unwrap().to_owned();
        killed_when(step, &directory);
        // The next one reads that the jobs have failed, as it would, and knows what the journal knows.
        for _ in 0..2 {
            let mut journal = Journal::open(&place.journal(), at(20)).journal.unwrap();
            let mut world = World::remembering(&mut journal);
            let notifier =
                Notifier::start(&[way(&place.trace())], Some(&place.journal()), &clock(), Starter::Direct).unwrap();
            notifier.see(world.0.snapshot().clone());
            let jobs: Vec<_> = JOBS.map(|id| job(id, "audit", Status::Failed)).collect();
            notifier.see(world.read(20, &jobs));
            eventually("all are told", || place.lines().len() >= 5);
        }
        // Whatever was begun twice would have told twice by now.
        thread::sleep(Duration::from_millis(1_500));
        let mut lines = place.lines();
        lines.sort();
        assert_eq!(lines, ["1", "2", "3", "4", "5"], "{step}: {}", fs::read_to_string(place.trace()).unwrap());
    }
}
