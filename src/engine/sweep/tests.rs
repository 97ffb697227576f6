//! Sweeps over lists that stand still and lists that move while they are read.

use std::cell::{Cell, RefCell};

use proptest::prelude::*;

use super::*;
use crate::job::tests::job;

fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// A server that lists `ids` in pages of `size`.
struct Server {
    ids: RefCell<Vec<i64>>,
    size: usize,
    calls: Cell<u32>,
}

impl Server {
    fn of(count: i64, size: usize) -> Self {
        Self { ids: RefCell::new((0..count).collect()), size, calls: Cell::new(0) }
    }

    fn page(&self, number: u32) -> Page {
        self.calls.set(self.calls.get() + 1);
        let ids = self.ids.borrow();
        let first = (number as usize - 1) * self.size;
        let jobs = ids.iter().skip(first).take(self.size).map(|id| job(*id)).collect();
        let total = Some(ids.len() as u64);
        let size = Some(self.size as u64);
        Page { jobs, faults: vec![], total, size, request_id: Some("R".into()), server_time: None }
    }

    fn sweep(&self, sweeper: &mut Sweeper, change: impl Fn(Page) -> Page) -> (Sweep, u32) {
        self.calls.set(0);
        let page = async |number| Ok(change(self.page(number)));
        let sweep = block_on(sweeper.sweep(page, now, |_| ())).unwrap();
        (sweep, self.calls.get())
    }
}

#[test]
fn every_job_is_read_whatever_the_number_and_the_page_size() {
    for (count, size, pages) in [(0, 100, 1), (1, 100, 1), (99, 100, 1), (100, 100, 1), (101, 100, 2), (1000, 50, 20)] {
        let server = Server::of(count, size);
        let mut sweeper = Sweeper::default();
        let (sweep, calls) = server.sweep(&mut sweeper, |page| page);
        assert_eq!((sweep.jobs.rows.len() as i64, sweep.quality), (count, Quality::Whole), "{count} jobs");
        assert_eq!(calls, if pages == 1 { 1 } else { 2 * pages }, "several pages are read twice at first");
        let (sweep, calls) = server.sweep(&mut sweeper, |page| page);
        assert_eq!((sweep.quality, calls), (Quality::Whole, pages), "in the steady state a poll costs its pages");
    }
}

#[test]
fn without_a_total_a_short_page_ends_the_read() {
    let quiet = |page| Page { total: None, size: None, ..page };
    let full = Server::of(200, 100);
    let (sweep, calls) = full.sweep(&mut Sweeper::default(), quiet);
    assert_eq!(
        (sweep.jobs.rows.len(), sweep.quality, calls),
        (200, Quality::Whole, 6),
        "an empty page follows a full one"
    );
}

#[test]
fn a_total_that_contradicts_the_pages_for_ever_does_not_triple_the_load() {
    let server = Server::of(150, 100);
    let lies = |page| Page { total: Some(180), ..page };
    let mut sweeper = Sweeper::default();
    let (sweep, calls) = server.sweep(&mut sweeper, lies);
    let expected = Quality::Unconfirmed(Why::Contradicted { read: 150, announced: 180 });
    assert_eq!((sweep.jobs.rows.len(), &sweep.quality, calls), (150, &expected, 4));
    let (sweep, calls) = server.sweep(&mut sweeper, lies);
    assert_eq!((&sweep.quality, calls), (&expected, 2));
}

#[test]
fn a_list_that_never_rests_is_shown_as_the_union_of_what_was_seen() {
    let server = Server::of(150, 100);
    let next = Cell::new(1000);
    let moving = |page| {
        server.ids.borrow_mut().insert(0, next.get());
        next.set(next.get() + 1);
        page
    };
    let (sweep, calls) = server.sweep(&mut Sweeper::default(), moving);
    assert_eq!((sweep.quality, calls), (Quality::Unconfirmed(Why::Moved { reads: 3 }), 6));
    assert!((0..150).all(|id| sweep.jobs.get(JobId::new(id)).is_some()), "nothing that was seen is dropped");
}

#[test]
fn an_absurd_total_is_refused_and_an_endless_list_ends() {
    let absurd = async |_| Ok(Page { total: Some(u64::MAX), ..Server::of(100, 100).page(1) });
    let refused = block_on(Sweeper::default().sweep(absurd, now, |_| ()));
    assert!(matches!(refused, Err(Error::TooMany { total: u64::MAX, .. })));
    let calls = Cell::new(0);
    let endless = async |_| {
        calls.set(calls.get() + 1);
        Ok(Page { total: None, ..Server::of(100, 100).page(1) })
    };
    block_on(Sweeper::default().sweep(endless, now, |_| ())).unwrap();
    assert!(calls.get() < 5_000, "{}", calls.get());
}

#[test]
fn what_cannot_be_read_as_a_job_is_told() {
    let odd = |page: Page| Page { faults: vec!["a job has no JobId".into()], total: Some(4), ..page };
    let (sweep, _) = Server::of(3, 100).sweep(&mut Sweeper::default(), odd);
    assert!(matches!(sweep.quality, Quality::Unconfirmed(Why::Unreadable(_))));
}

/// What happens to the list between two page reads.
#[derive(Debug, Clone)]
enum Churn {
    Insert(prop::sample::Index),
    Delete(prop::sample::Index),
    Move(prop::sample::Index, prop::sample::Index),
    Nothing,
}

fn churn() -> impl Strategy<Value = Churn> {
    prop_oneof![
        2 => any::<prop::sample::Index>().prop_map(Churn::Insert),
        2 => any::<prop::sample::Index>().prop_map(Churn::Delete),
        1 => any::<(prop::sample::Index, prop::sample::Index)>().prop_map(|(from, to)| Churn::Move(from, to)),
        4 => Just(Churn::Nothing),
    ]
}

/// The true list, what came and went, and by how many page reads.
struct Truth {
    ids: Vec<i64>,
    next: i64,
}

impl Truth {
    fn apply(&mut self, churn: &Churn) {
        match churn {
            Churn::Insert(at) => {
                let at = at.index(self.ids.len() + 1);
                self.ids.insert(at, self.next);
                self.next += 1;
            }
            Churn::Delete(at) if !self.ids.is_empty() => {
                self.ids.remove(at.index(self.ids.len()));
            }
            Churn::Move(from, to) if !self.ids.is_empty() => {
                let id = self.ids.remove(from.index(self.ids.len()));
                let to = to.index(self.ids.len() + 1);
                self.ids.insert(to, id);
            }
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    /// Small pages and much churn, so that boundaries are hit all the time: several polls in a row of one sweeper.
    #[test]
    fn no_job_that_lived_through_the_read_is_missing_from_an_accepted_sweep(
        count in 0..14_i64,
        size in 1..5_usize,
        script in prop::collection::vec(churn(), 1..60),
        between in prop::collection::vec(churn(), 5),
    ) {
        let truth = RefCell::new(Truth { ids: (0..count).collect(), next: 100 });
        let step = Cell::new(0);
        // The jobs that were there at every page of the read under way, which begins with page 1.
        let lived: RefCell<BTreeSet<i64>> = RefCell::default();
        let mut sweeper = Sweeper::default();
        for between in between {
            truth.borrow_mut().apply(&between);
            let page = async |number: u32| {
                let mut truth = truth.borrow_mut();
                let here: BTreeSet<i64> = truth.ids.iter().copied().collect();
                if number == 1 {
                    lived.replace(here);
                } else {
                    lived.borrow_mut().retain(|id| here.contains(id));
                }
                let jobs = truth.ids.iter().skip((number as usize - 1) * size).take(size).map(|id| job(*id)).collect();
                let total = Some(truth.ids.len() as u64);
                if let Some(churn) = script.get(step.get()) {
                    truth.apply(churn);
                }
                step.set(step.get() + 1);
                Ok(Page { jobs, faults: vec![], total, size: Some(size as u64), request_id: None, server_time: None })
            };
            let sweep = block_on(sweeper.sweep(page, now, |_| ())).unwrap();
            if sweep.quality == Quality::Whole {
                let missing: Vec<i64> =
                    lived.borrow().iter().copied().filter(|id| sweep.jobs.get(JobId::new(*id)).is_none()).collect();
                prop_assert!(missing.is_empty(), "missing {missing:?}");
            }
        }
    }
}
