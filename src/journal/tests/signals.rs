//! What is to be told is told once: over ways, processes, accounts that become known, and targets that heal.

use super::fixture::*;
use crate::{
    job::{Account, Change, JobSeen, Status, Timestamp, Transition, What},
    journal::{Journal, Post, Subject},
};

fn post(way: &str, subject: Subject) -> Post {
    let kind = if matches!(subject, Subject::Target(_)) { "unread" } else { "failed" };
    Post { way: way.into(), kind, subject, event: format!("{way} {kind}"), at: at(0) }
}

fn of_job(way: &str, job: &JobSeen) -> Post {
    post(way, Subject::Job { target: target("prod"), key: job.key.clone(), stamp: job.updated })
}

fn failed(id: i64) -> JobSeen {
    job(id, Status::Failed)
}

fn waiting(journal: &Journal, way: &str) -> Vec<i64> {
    journal.pending(way, at(-3600), 100).unwrap().into_iter().map(|pending| pending.id).collect()
}

/// Begins all that waits in a way.
fn take(journal: &mut Journal, way: &str) -> usize {
    let ids = waiting(journal, way);
    assert!(journal.begin(&ids, at(1)).unwrap());
    ids.len()
}

/// Tells of every transition.
fn every(way: &'static str) -> impl FnMut(&Transition) -> Option<Post> {
    move |transition| transition.what.job().map(|job| of_job(way, job))
}

#[test]
fn a_signal_is_handed_over_once_per_way() {
    let place = Place::new();
    let (mut one, mut other) = (place.open(), place.open());
    assert_eq!(one.post(&[of_job("a", &failed(1)), of_job("b", &failed(1))]).unwrap(), 2);
    assert_eq!(other.post(&[of_job("a", &failed(1))]).unwrap(), 0);
    let pending = one.pending("a", at(-60), 100).unwrap();
    assert_eq!((pending.len(), pending[0].at, &*pending[0].event), (1, at(0), "a failed"));
    assert_eq!((take(&mut other, "a"), take(&mut one, "a"), take(&mut one, "b")), (1, 0, 1));
    assert_eq!(one.post(&[of_job("a", &failed(1))]).unwrap(), 0);
    let later = JobSeen { updated: Some(at(0)), ..failed(1) };
    assert_eq!(one.post(&[of_job("a", &later)]).unwrap(), 1, "another state of the same job");
    assert_eq!(one.pending("a", at(1), 100).unwrap(), [], "found too long ago");
}

#[test]
fn all_that_one_begins_still_waits_or_nothing_is_begun() {
    let place = Place::new();
    let (mut one, mut other) = (place.open(), Journal::open_again(&place.path()).unwrap());
    one.post(&[of_job("a", &failed(1)), of_job("a", &failed(2))]).unwrap();
    let ids = waiting(&one, "a");
    assert!(other.begin(&ids[..1], at(1)).unwrap());
    assert!(!one.begin(&ids, at(1)).unwrap() && !one.begin(&ids[..1], at(1)).unwrap());
    assert_eq!((waiting(&one, "a"), one.is_pending(&ids[..1]).unwrap()), (ids[1..].to_vec(), false));
    one.put_back(&ids[..1]).unwrap();
    assert_eq!((waiting(&other, "a"), other.is_pending(&ids).unwrap()), (ids, true));
}

#[test]
fn the_trouble_of_a_target_is_told_once_until_it_heals() {
    let mut journal = Journal::in_memory().unwrap();
    let trouble = [post("a", Subject::Target(target("prod")))];
    assert_eq!([journal.post(&trouble).unwrap(), journal.post(&trouble).unwrap()], [1, 0]);
    assert_eq!(take(&mut journal, "a"), 1);
    assert_eq!(journal.post(&trouble).unwrap(), 0);
    journal.heal(&target("audit"), at(5)).unwrap();
    assert_eq!(journal.post(&trouble).unwrap(), 0, "another one has healed");
    journal.heal(&target("prod"), at(5)).unwrap();
    assert_eq!(journal.post(&trouble).unwrap(), 1);
}

#[test]
fn what_was_recorded_and_not_told_is_heard_once() {
    let place = Place::new();
    let mut journal = place.open();
    let mine = [target("prod")];
    journal.record(&[failure(1, 1)]).unwrap();
    assert_eq!(journal.hear("a", &mine, at(-60), every("a")).unwrap(), 0, "a new way begins with what comes");
    journal.record(&[failure(2, 2), failure(3, 3)]).unwrap();
    // Of one it was told before the other process was killed.
    journal.post(&[of_job("a", &failed(3))]).unwrap();
    assert_eq!(journal.hear("a", &[target("audit")], at(-60), every("a")).unwrap(), 0);
    let mut other = place.open();
    assert_eq!(other.hear("a", &mine, at(-60), every("a")).unwrap(), 1);
    assert_eq!(journal.hear("a", &mine, at(-60), every("a")).unwrap(), 0);
    journal.record(&[failure(4, 4)]).unwrap();
    assert_eq!(journal.hear("a", &mine, at(60), every("a")).unwrap(), 0, "told too late");
}

#[test]
fn an_account_that_becomes_known_doubles_nothing() {
    let mut journal = Journal::in_memory().unwrap();
    let before = owned(&failed(1), stand_in());
    let remember = |journal: &mut Journal, account: Account, job: &JobSeen, when: Timestamp| {
        journal.remember(&target("prod"), &account, [job.clone()], when).unwrap();
    };
    remember(&mut journal, stand_in(), &before, at(0));
    journal.hear("a", &[target("prod")], at(-60), every("a")).unwrap();
    journal.record(&[changed(before.clone(), Change::Stalled, 0)]).unwrap();
    assert_eq!(journal.post(&[of_job("a", &before)]).unwrap(), 1);
    assert_eq!(take(&mut journal, "a"), 1);
    remember(&mut journal, number(), &failed(1), at(1));
    assert_eq!(journal.post(&[of_job("a", &failed(1))]).unwrap(), 0);
    assert_eq!(journal.hear("a", &[target("prod")], at(-60), every("a")).unwrap(), 0);
    assert!(
        all(&journal)
            .iter()
            .all(|transition| matches!(&transition.what, What::Job(job, _) if job.key.account == number()))
    );
}
