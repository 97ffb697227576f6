//! Several processes on one journal, and one that is killed while it writes.

use std::{
    collections::HashSet,
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, Command, Stdio},
    thread,
};

use super::fixture::*;
use crate::journal::Journal;

/// Where a helper process finds the journal; without it, the helper is a test that does nothing.
const PATH: &str = "TRAILWATCH_TEST_JOURNAL";
/// How many changes it writes.
const COUNT: &str = "TRAILWATCH_TEST_COUNT";

/// Writes changes one by one and says so on standard output.
#[test]
fn helper_that_writes() {
    let Some(path) = std::env::var_os(PATH) else { return };
    let count: i64 = std::env::var(COUNT).unwrap().parse().unwrap();
    let mut journal = Journal::open(path.as_ref(), now()).journal.unwrap();
    for id in 0..count {
        journal.record(&[failure(id, id)]).unwrap();
        journal.remember(&target("prod"), &number(), [job(id, crate::job::Status::Failed)], at(id)).unwrap();
        // Whoever listens may be gone.
        let _ = writeln!(std::io::stdout(), "\nwrote {id}");
    }
}

fn helper(place: &Place, count: i64) -> Child {
    let arguments = ["--exact", "journal::tests::processes::helper_that_writes", "--nocapture"];
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(arguments).env(PATH, place.path()).env(COUNT, count.to_string()).stdout(Stdio::piped());
    command.spawn().unwrap()
}

#[test]
fn a_writer_that_is_killed_leaves_a_journal_that_opens() {
    for wait_for in [0, 1, 40] {
        let place = Place::new();
        let mut child = helper(&place, i64::MAX);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let wrote = lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("wrote ")?.parse::<usize>().ok());
        let last = wrote.take_while(|id| *id < wait_for).last();
        child.kill().unwrap();
        child.wait().unwrap();

        let mut journal = place.open();
        let verdict: String = journal.connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        let kept = all(&journal);
        assert_eq!(verdict, "ok");
        assert!(kept.len() > last.unwrap_or(0), "what was said to be written is there: {}", kept.len());
        // A change that was written is known, also where the read that saw it was not written any more.
        let known = journal.baseline(&target("prod")).unwrap().map_or(0, |baseline| baseline.jobs.len());
        assert!((1..=2).contains(&known), "{known}");
        assert_eq!(journal.record(&[failure(-1, 0)]).unwrap(), [true]);
    }
}

#[test]
fn processes_and_threads_write_the_same_at_once_and_it_is_there_once() {
    const CHANGES: i64 = 60;
    let place = Place::new();
    let children: Vec<Child> = (0..2).map(|_| helper(&place, CHANGES)).collect();
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let path = place.path();
            thread::spawn(move || {
                let opened = Journal::open(&path, now());
                let mut journal = opened.journal.unwrap_or_else(|| panic!("{:?}", opened.notice));
                (0..CHANGES).map(|id| journal.record(&[failure(id, id)]).unwrap()[0]).filter(|new| *new).count()
            })
        })
        .collect();
    let new: usize = writers.into_iter().map(|writer| writer.join().unwrap()).sum();
    for child in children {
        assert!(child.wait_with_output().unwrap().status.success());
    }
    let kept = all(&place.open());
    let ids: HashSet<_> = kept.iter().map(|change| change.what.job().unwrap().key.id).collect();
    assert_eq!((kept.len(), ids.len()), (60, 60));
    assert!(new <= kept.len(), "each was new to one");
}

#[test]
fn many_begin_one_journal() {
    for _ in 0..20 {
        let place = Place::new();
        let openers: Vec<_> = (0..8)
            .map(|_| {
                let path = place.path();
                thread::spawn(move || Journal::open(&path, now()).notice)
            })
            .collect();
        for opener in openers {
            assert_eq!(opener.join().unwrap(), None);
        }
    }
}
