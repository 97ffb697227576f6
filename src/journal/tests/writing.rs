//! The thread that writes: nobody waits for it, and what was ordered is done at the end.

use std::{
    fs,
    sync::{Arc, mpsc},
};

use super::fixture::*;
use crate::{
    job::Status,
    journal::{Answer, Asked, Behind, Error, JournalWriter, Notice},
};

fn writer(place: &Place) -> (JournalWriter, mpsc::Receiver<Answer>) {
    let (tell, told) = mpsc::channel();
    let writer = JournalWriter::start(place.open(), now, move |answer| drop(tell.send(answer))).unwrap();
    (writer, told)
}

#[test]
fn what_was_ordered_is_done_when_the_writer_is_gone() {
    let place = Place::new();
    let mut journal = place.open();
    let (writer, told) = writer(&place);
    let failed = job(1, Status::Failed);
    writer.record(vec![failure(1, 1), failure(2, 2)]).unwrap();
    writer.remember(target("prod"), number(), [failed.clone()].into_iter(), at(2)).unwrap();
    writer.acknowledge(failed.key.clone(), "known".into(), at(3)).unwrap();
    writer.ask(Asked { since: Some(at(1)), ..Asked::default() }).unwrap();
    writer.take_back(failed.key.clone()).unwrap();
    writer.leave(at(4)).unwrap();
    drop(writer);

    let told: Vec<Answer> = told.iter().collect();
    let [Answer::Acknowledged(first), Answer::History(_, history), Answer::Acknowledged(last)] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!((&*first[&failed.key].note, last.len()), ("known", 0));
    assert_eq!(without_numbers(history.clone()), without_numbers([failure(2, 2).as_ref().clone()]));
    assert_eq!(all(&journal).len(), 2);
    assert_eq!(journal.baseline(&target("prod")).unwrap().unwrap().jobs.len(), 1);
}

#[test]
fn the_end_of_a_visit_is_written() {
    let place = Place::new();
    let mut journal = place.open();
    journal.visit_begin(at(0)).unwrap();
    let writer = JournalWriter::start(journal, now, |_| {}).unwrap();
    writer.leave(at(7)).unwrap();
    drop(writer);
    assert_eq!(place.open().visit_begin(at(9)).unwrap(), Some(at(7)));
}

#[test]
fn trouble_is_told_once_and_whoever_orders_never_waits() {
    let place = Place::new();
    let journal = place.open();
    journal.connection.pragma_update(None, "query_only", true).unwrap();
    // It holds the writer at its first word, until the test has ordered too much.
    let (go, gone) = mpsc::channel::<()>();
    let (tell, told) = mpsc::channel();
    let writer = JournalWriter::start(journal, now, move |answer| {
        let _ = gone.recv();
        let _ = tell.send(answer);
    })
    .unwrap();
    let ordered = (0..3000).map(|id| writer.record(vec![failure(id, 1)])).filter(Result::is_ok).count();
    assert!((1024..=1026).contains(&ordered), "{ordered}");
    assert_eq!(writer.record(vec![failure(1, 1)]), Err(Behind));
    drop(go);
    drop(writer);
    let path = place.path();
    assert_eq!(told.iter().collect::<Vec<_>>(), [Answer::Trouble(Notice::NotWritten { path, error: Error::ReadOnly })]);
}

#[test]
fn a_journal_that_breaks_in_the_middle_is_set_aside() {
    let place = Place::new();
    let mut journal = place.open();
    let many: Vec<Arc<_>> = (0..500).map(|id| failure(id, id)).collect();
    journal.record(&many).unwrap();
    journal.connection.execute_batch("PRAGMA wal_checkpoint(truncate)").unwrap();
    let mut bytes = fs::read(place.path()).unwrap();
    bytes[4096..].fill(0xa5);
    // In place, under the file that the writer has open and may have in memory.
    journal.connection.execute_batch("PRAGMA shrink_memory").unwrap();
    overwrite(&place, &bytes);
    let (tell, told) = mpsc::channel();
    let writer = JournalWriter::start(journal, now, move |answer| drop(tell.send(answer))).unwrap();
    writer.record(vec![failure(1000, 1)]).unwrap();
    writer.record(vec![failure(1001, 1)]).unwrap();
    drop(writer);
    let told: Vec<Answer> = told.iter().collect();
    assert!(matches!(&told[..], [Answer::Trouble(Notice::SetAside { .. })]), "{told:?}");
    assert_eq!(all(&place.open()).len(), 1, "the one that found it is lost, the next is written");
}

/// From another process: this one would lose SQLite's locks by opening the file.
fn overwrite(place: &Place, bytes: &[u8]) {
    let source = place.directory.path().join("bytes");
    fs::write(&source, bytes).unwrap();
    let (from, to) = (format!("if={}", source.display()), format!("of={}", place.path().display()));
    let output = std::process::Command::new("dd").args([&from, &to, "conv=notrunc"]).output().unwrap();
    assert!(output.status.success());
}
