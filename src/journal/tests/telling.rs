//! What `watch` has told: each reader is told each change once, over all restarts.

use std::sync::Arc;

use proptest::prelude::*;

use super::fixture::*;
use crate::{
    job::{Status, Transition},
    journal::{Journal, Reader},
};

fn reader() -> Reader {
    Reader::of_filter(" trail:pay* ")
}

fn untold(journal: &Journal) -> Vec<i64> {
    let untold = journal.untold(&reader(), &target("prod")).unwrap();
    untold.iter().filter_map(|transition| Some(transition.what.job()?.key.id.get())).collect()
}

#[test]
fn a_reader_is_told_what_it_was_never_told_since_it_first_came() {
    let mut journal = Place::new().open();
    journal.record(&[failure(1, 1)]).unwrap();
    journal.begin_to_tell(&reader(), &[target("prod")]).unwrap();
    journal.record(&[failure(2, 2), failure(3, 3), failure(4, 4)]).unwrap();
    assert_eq!(untold(&journal), [2, 3, 4], "what was before it came is of no concern");
    journal.tell(&reader(), &[failure(3, 3), failure(5, 5)]).unwrap();
    journal.begin_to_tell(&reader(), &[target("prod")]).unwrap();
    assert_eq!(untold(&journal), [2, 4], "it came before, and was told one that nobody had recorded");
    let told = |id: i64| journal.was_told(&reader(), &failure(id, 9)).unwrap();
    assert_eq!([2, 3, 5, 6].map(told), [false, true, true, false], "whenever others saw it");
    let other = Reader::of_filter("");
    assert_eq!(journal.untold(&other, &target("prod")), Ok(Vec::new()), "it never came");
    assert!(!journal.was_told(&other, &failure(3, 3)).unwrap());
}

#[test]
fn what_a_state_shows_is_passed_over() {
    let mut journal = Place::new().open();
    journal.begin_to_tell(&reader(), &[target("prod"), target("audit")]).unwrap();
    journal.record(&[failure(2, 2), failure(3, 3), failure(4, 4)]).unwrap();
    journal.pass_over(&reader(), &target("audit"), at(9)).unwrap();
    journal.pass_over(&reader(), &target("prod"), at(3)).unwrap();
    assert_eq!(untold(&journal), [4]);
}

#[test]
fn what_is_forgotten_leaves_nothing_behind() {
    let mut journal = Place::new().open();
    journal.record(&[failure(1, 1)]).unwrap();
    journal.begin_to_tell(&reader(), &[target("prod")]).unwrap();
    journal.tell(&reader(), &[failure(2, 2)]).unwrap();
    journal.prune(at(500 * 86_400)).unwrap();
    let left = |what: &str| journal.connection.query_row(what, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!((left("SELECT count(*) FROM watch_told"), left("SELECT max(since) FROM watch_reader")), (0, 0));
    journal.record(&[failure(7, 500 * 86_400)]).unwrap();
    assert_eq!(untold(&journal), [7], "although its number is that of one that was told");
    assert_eq!(job(7, Status::Failed).key.id.get(), 7);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn every_change_of_a_job_is_told_once_whatever_the_order(
        changes in prop::collection::vec(any_transition(), 0..12), told in prop::collection::vec(any::<bool>(), 12),
    ) {
        let mut journal = Place::new().open();
        let targets = [target("p"), target("q")];
        journal.begin_to_tell(&reader(), &targets).unwrap();
        let half: Vec<Arc<Transition>> =
            changes.iter().zip(&told).filter(|(_, told)| **told).map(|(change, _)| Arc::clone(change)).collect();
        journal.tell(&reader(), &half).unwrap();
        journal.record(&changes).unwrap();
        for change in half.iter().filter(|change| change.what.job().is_some()) {
            prop_assert!(journal.was_told(&reader(), change).unwrap());
        }
        let rest = || targets.iter().flat_map(|target| journal.untold(&reader(), target).unwrap());
        for change in rest() {
            prop_assert!(half.iter().all(|told| identity(told) != identity(&change)));
        }
        let rest: Vec<_> = rest().map(Arc::new).collect();
        let jobs = |changes: &[Arc<Transition>]| {
            let of_jobs = changes.iter().filter(|change| change.what.job().is_some());
            of_jobs.map(|change| identity(change)).collect::<std::collections::BTreeSet<_>>()
        };
        prop_assert_eq!(&jobs(&half) | &jobs(&rest), jobs(&changes));
        journal.tell(&reader(), &rest).unwrap();
        prop_assert!(targets.iter().all(|target| journal.untold(&reader(), target).unwrap().is_empty()));
    }
}

#[test]
fn what_was_told_is_what_the_next_run_begins_with() {
    let mut journal = Place::new().open();
    let (target, account) = (target("prod"), job(1, Status::Failed).key.account);
    journal.remember(&target, &account, [], at(1)).unwrap();
    journal.begin_to_tell(&reader(), std::slice::from_ref(&target)).unwrap();
    // It ends before the engine comes to remember the read that saw this.
    journal.tell(&reader(), &[failure(2, 2)]).unwrap();
    let known = journal.baseline(&target).unwrap().unwrap();
    assert_eq!(known.jobs.iter().map(|job| (job.key.id.get(), job.status)).collect::<Vec<_>>(), [(2, Status::Failed)]);
}
