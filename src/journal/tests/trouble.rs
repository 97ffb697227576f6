//! Files that are damaged, locked, full, newer, somebody else's or not to be written: a notice each, and never a loss.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, time::Duration};

use rusqlite::Connection;

use super::fixture::*;
use crate::journal::{
    Error, Journal, Notice, default_path,
    open::open_within,
    schema::{STEPS, latest},
};

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

/// Opens a journal that can't be used, and tells why.
fn refused(path: &Path) -> Error {
    let opened = open_within(path, now(), Duration::from_millis(20));
    assert!(opened.journal.is_none());
    match opened.notice {
        Some(Notice::Ignored { error, .. }) => error,
        other => panic!("{other:?}"),
    }
}

/// A journal with something in it, closed.
fn filled(count: i64) -> Place {
    let place = Place::new();
    let changes: Vec<_> = (0..count).map(|id| failure(id, id)).collect();
    place.open().record(&changes).unwrap();
    place
}

#[test]
fn it_is_for_its_owner_only() {
    let place = filled(1);
    let path = place.path();
    let _open = place.open();
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    for companion in ["journal.db-wal", "journal.db-shm"] {
        assert_eq!(mode(&path.with_file_name(companion)), 0o600);
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    drop(place.open());
    assert_eq!(mode(&path), 0o600, "also one that came from elsewhere");
    assert!(default_path().is_none_or(|path| path.ends_with("trailwatch/journal.db")));
}

#[test]
fn a_damaged_one_is_set_aside_and_a_new_one_begun() {
    let whole = fs::read(filled(500).path()).unwrap();
    let mut hole = whole.clone();
    hole[4096..8192].fill(0xa5);
    let cut = &whole[..whole.len() / 2];
    for bytes in [b"not a database, but long enough to be one".as_slice(), &hole, cut, &vec![0; 9000]] {
        let place = filled(1);
        fs::write(place.path(), bytes).unwrap();
        for word in ["", "+"] {
            let opened = Journal::open(&place.path(), now());
            let Some(Notice::SetAside { aside, .. }) = &opened.notice else { panic!("{:?}", opened.notice) };
            assert_eq!(fs::read(aside).unwrap(), bytes, "nothing of it is lost");
            assert!(aside.to_str().unwrap().ends_with(&format!("journal.db.damaged-20261124T200000Z{word}")));
            let mut journal = opened.journal.unwrap();
            assert_eq!((all(&journal), journal.record(&[failure(1, 1)]).unwrap()), (vec![], vec![true]));
            drop(journal);
            assert_eq!(all(&place.open()).len(), 1, "the new one stays");
            fs::write(place.path(), bytes).unwrap();
        }
    }
}

#[test]
fn whoever_comes_second_does_not_set_the_new_one_aside() {
    let place = filled(1);
    fs::write(place.path(), [0xa5; 9000]).unwrap();
    let openers: Vec<_> = (0..4)
        .map(|_| {
            let path = place.path();
            std::thread::spawn(move || Journal::open(&path, now()))
        })
        .collect();
    let opened: Vec<_> = openers.into_iter().map(|opener| opener.join().unwrap()).collect();
    let aside = opened.iter().filter(|opened| matches!(opened.notice, Some(Notice::SetAside { .. }))).count();
    assert_eq!((aside, place.neighbours().len()), (1, 2));
    drop(opened);
    assert_eq!(all(&place.open()), []);
}

#[test]
fn a_newer_one_is_left_as_it_is() {
    let place = filled(3);
    Connection::open(place.path()).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = fs::read(place.path()).unwrap();
    let error = Error::Newer { found: 99, known: latest(STEPS) };
    assert_eq!(refused(&place.path()), error);
    assert_eq!(Journal::open_to_read(&place.path()).unwrap_err(), error);
    assert_eq!((fs::read(place.path()).unwrap() == before, place.neighbours().len()), (true, 1));
}

#[test]
fn what_is_not_ours_is_left_as_it_is() {
    let place = filled(0);
    fs::remove_file(place.path()).unwrap();
    Connection::open(place.path()).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    let before = fs::read(place.path()).unwrap();
    assert_eq!(refused(&place.path()), Error::Foreign);
    assert!(fs::read(place.path()).unwrap() == before);

    fs::remove_file(place.path()).unwrap();
    fs::create_dir(place.path()).unwrap();
    assert_eq!(refused(&place.path()), Error::Foreign, "a directory");
    fs::remove_dir(place.path()).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(place.path()).status().unwrap().success());
    assert_eq!(refused(&place.path()), Error::Foreign, "a pipe, which would never answer");
}

#[test]
fn where_nothing_can_be_written_there_is_none() {
    let place = Place::new();
    fs::write(place.directory.path().join("state"), "in the way").unwrap();
    assert!(matches!(refused(&place.path()), Error::Other(_)));
    assert!(matches!(refused(Path::new("/proc/no/such/journal.db")), Error::Other(_) | Error::ReadOnly));

    let place = filled(1);
    let directory = place.path().parent().unwrap().to_owned();
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o500)).unwrap();
    // The superuser may write everywhere.
    if fs::write(directory.join("probe"), "").is_err() {
        assert!(matches!(refused(&place.path()), Error::ReadOnly | Error::Other(_)));
        assert_eq!(refused(&directory.join("new.db")), Error::ReadOnly);
    }
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn a_locked_one_is_ignored_and_a_full_one_keeps_what_it_has() {
    let place = filled(1);
    let mut journal = place.open();
    let lock = Connection::open(place.path()).unwrap();
    lock.execute_batch("BEGIN EXCLUSIVE").unwrap();
    journal.connection.busy_timeout(Duration::from_millis(20)).unwrap();
    assert_eq!(journal.record(&[failure(7, 1)]), Err(Error::Busy));
    assert_eq!(all(&journal).len(), 1, "it can be read while another writes");
    lock.execute_batch("ROLLBACK").unwrap();
    assert_eq!(journal.record(&[failure(7, 1)]), Ok(vec![true]));

    journal.connection.pragma_update(None, "max_page_count", 1).unwrap();
    let many: Vec<_> = (100..2000).map(|id| failure(id, 2)).collect();
    assert_eq!(journal.record(&many), Err(Error::Full));
    assert_eq!(all(&journal).len(), 2, "all or none");
    drop((journal, lock));

    // A lock on the whole file, as a backup program may hold it.
    let lock = Connection::open(place.path()).unwrap();
    lock.execute_batch("PRAGMA locking_mode = exclusive; BEGIN EXCLUSIVE").unwrap();
    assert_eq!(refused(&place.path()), Error::Busy);
}

#[test]
fn reading_begins_nothing() {
    let place = Place::new();
    assert!(Journal::open_to_read(&place.path()).unwrap().is_none());
    assert!(!place.directory.path().join("state").exists());
    fs::create_dir_all(place.path().parent().unwrap()).unwrap();
    fs::write(place.path(), "").unwrap();
    assert!(Journal::open_to_read(&place.path()).unwrap().is_none(), "another process is about to begin it");
    drop(place.open());
    let mut journal = Journal::open_to_read(&place.path()).unwrap().unwrap();
    assert_eq!(journal.record(&[failure(1, 1)]), Err(Error::ReadOnly));
}

#[test]
fn every_notice_says_which_file_and_why() {
    let path = Path::new("/s/journal.db").to_owned();
    let error = Error::Newer { found: 9, known: 1 };
    let said = [
        Notice::Ignored { path: path.clone(), error },
        Notice::Ignored { path: path.clone(), error: Error::ReadOnly },
        Notice::SetAside { path: path.clone(), aside: "/s/journal.db.damaged-1".into(), why: "no header".into() },
        Notice::NotWritten { path: path.clone(), error: Error::Full },
        Notice::NotRead { path, error: Error::Busy },
    ]
    .map(|notice| notice.to_string());
    insta::assert_snapshot!(said.join("\n"), @r"
    the journal /s/journal.db is not used: a newer version of trailwatch wrote it (its format is 9, this version knows 1)
    the journal /s/journal.db is not used: it can't be written: permission denied, or the file system is read-only
    the journal /s/journal.db was damaged (no header): it is kept as /s/journal.db.damaged-1, and a new one was begun
    what was seen could not be written to the journal /s/journal.db: the disk is full
    the journal /s/journal.db could not be read: another process keeps it locked
    ");
}
