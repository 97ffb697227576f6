//! Two profiles of one account that name the same region see the same jobs: the first one that can be read is polled, the other
//! one is its twin and rests, until the first one fails. Pure.

use std::{collections::HashMap, sync::Arc};

use super::{Baseline, Health, Snapshot, TargetState, diff};
use crate::job::{AccountId, Region, TargetKey};

/// Of which target each one is the twin, in the order of the targets.
pub(super) fn find(targets: &[Arc<TargetState>]) -> Vec<Option<TargetKey>> {
    let mut first: HashMap<(&AccountId, &Region), &TargetKey> = HashMap::new();
    let mut twins = Vec::with_capacity(targets.len());
    for target in targets {
        let place = target.account.as_ref().map(|account| (account, &target.key.region));
        // One that fails tells why, whoever else can read the same.
        let Some(place) = place.filter(|_| !fails(target)) else {
            twins.push(None);
            continue;
        };
        twins.push(first.get(&place).map(|of| (*of).clone()));
        first.entry(place).or_insert(&target.key);
    }
    twins
}

/// Whether another one is to be read in its place. One that the user pauses is to be left alone, and so are its jobs.
fn fails(target: &TargetState) -> bool {
    target.lost.is_some() || matches!(target.health, Health::Refused { .. })
}

impl TargetState {
    /// Whether it rests: the user wants it to, or another target stands for it.
    #[must_use]
    pub fn rests(&self) -> bool {
        self.paused || self.twin.is_some()
    }

    /// The target that tells of its jobs: itself, or the one that is read in its place.
    #[must_use]
    pub fn told_by(&self) -> &TargetKey {
        self.twin.as_ref().unwrap_or(&self.key)
    }

    /// Whether both states of a target are chosen alike among others that know the same jobs or trails.
    #[must_use]
    pub fn tells_as(&self, other: &Self) -> bool {
        self.account == other.account && self.twin == other.twin && self.lost.is_some() == other.lost.is_some()
    }

    /// What it had is the other one's to tell from now on.
    pub(super) fn become_twin(&mut self, of: TargetKey) {
        *self = Self { twin: Some(of), ..self.unread() };
    }

    /// Its key is another account's from now on: what it had must not be taken for that one's.
    pub(super) fn become_anothers(&mut self) {
        *self = Self { health: self.health.clone(), lost: self.lost, twin: self.twin.clone(), ..self.unread() };
    }

    /// The same target as if it had never been read.
    fn unread(&self) -> Self {
        let fresh = Self::new(self.key.clone(), &self.endpoint, self.signing.clone());
        let (account, paused, clock_offset) = (self.account.clone(), self.paused, self.clock_offset);
        Self { account, paused, clock_offset, latency: self.latency, ..fresh }
    }

    /// It is read itself from now on. What it finds changed since the last read of the one that stood for it is a change: that
    /// one did not come to see it.
    pub(super) fn take_over(&mut self, from: Option<&Self>) {
        self.twin = None;
        if let Some(from) = from.filter(|from| from.account == self.account) {
            let mut jobs: Vec<_> = from.jobs.rows.iter().map(|job| diff::job_seen(self, job)).collect();
            jobs.sort_unstable_by(|a, b| a.key.cmp(&b.key));
            self.missing = Arc::new(Baseline { read: from.read.as_ref().map(|read| read.at), jobs });
        }
    }
}

impl Snapshot {
    /// Which targets are twins, in their order.
    pub(super) fn twins(&self) -> impl Iterator<Item = bool> {
        self.targets.iter().map(|target| target.twin.is_some())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        actiontrail::TrailList,
        credentials,
        engine::{Error, Jobs, Polling, Report, RowRef, Store, Sweep, TargetIndex},
        job::{
            Change, Job, JobId, ProfileName, Status, Timestamp, Trail, What, Window,
            coverage::{Acknowledgement, Rules},
            tests::job,
        },
    };

    const A: TargetIndex = TargetIndex(0);
    const B: TargetIndex = TargetIndex(1);
    const C: TargetIndex = TargetIndex(2);

    fn store() -> Store {
        let key = |(profile, region): (&str, &str)| TargetKey {
            profile: ProfileName::new(profile).unwrap(),
            region: Region::new(region).unwrap(),
        };
        let keys = [("a", "cn-x"), ("b", "cn-x"), ("b", "cn-y")].map(key);
        let targets = keys.into_iter().map(|key| TargetState::new(key, "host", "environment")).collect();
        Store::new(targets, Duration::from_secs(10), Rules::default())
    }

    fn swept(at: TargetIndex) -> Report {
        Report::Swept(at, Sweep { jobs: Arc::new([job(1), job(2)].into_iter().collect()), ..Sweep::default() })
    }

    fn refused(at: TargetIndex) -> Report {
        let error = credentials::Error::Broken { place: "here".into(), problem: "gone".into() };
        Report::Failed(at, Arc::new(Error::Credentials(error)))
    }

    fn twins(store: &Store) -> [bool; 3] {
        Vec::from_iter(store.snapshot().twins()).try_into().unwrap()
    }

    fn apply(store: &mut Store, reports: impl IntoIterator<Item = Report>) {
        for report in reports {
            store.apply(report, Timestamp::UNIX_EPOCH);
        }
    }

    #[test]
    fn one_of_two_is_read_and_the_other_takes_over_while_it_fails() {
        let account = || AccountId::new("1");
        let mut store = store();
        apply(&mut store, [swept(A), swept(B), swept(C), Report::Account(vec![A], account())]);
        assert_eq!((twins(&store), store.snapshot().rows().len()), ([false; 3], 4), "nobody knows it of b yet");
        let before = store.snapshot().key(store.snapshot().rows()[0]);
        apply(&mut store, [Report::Account(vec![B, C], account())]);
        assert_eq!(twins(&store), [false, true, false]);
        let snapshot = Arc::clone(store.snapshot());
        assert_eq!((snapshot.rows().len(), snapshot.log.iter().count()), (2, 0), "each job once, and nothing changed");
        assert_eq!(snapshot.key(snapshot.rows()[0]), before, "what is selected, settled and kept stays so");
        assert!(snapshot.targets[1].jobs.rows.is_empty() && snapshot.targets[1].is_complete());
        assert!(store.apply(swept(B), Timestamp::UNIX_EPOCH).is_none(), "an answer that was under way");
        apply(&mut store, [refused(A)]);
        assert_eq!(twins(&store), [false; 3]);
        apply(&mut store, [swept(B)]);
        assert_eq!(store.snapshot().rows()[0].target, 1, "the word of the one that can be read");
        assert!(store.snapshot().log.iter().all(|transition| transition.what.job().is_none()), "no job is new");
        apply(&mut store, [swept(A)]);
        assert_eq!(twins(&store), [false, true, false]);
    }

    #[test]
    fn what_changed_while_one_took_over_is_told_once() {
        let account = AccountId::new("1");
        let mut store = store();
        apply(&mut store, [swept(A), swept(B), swept(C), Report::Account(vec![A, B], account), refused(A)]);
        let failed = crate::job::Job { status: Status::Failed, ..job(1) };
        let jobs: Arc<Jobs> = Arc::new([failed, job(3)].into_iter().collect());
        let sweep = |jobs: &Arc<Jobs>, second| Sweep {
            jobs: Arc::clone(jobs),
            at: Timestamp::from_timestamp(second, 0).unwrap(),
            ..Sweep::default()
        };
        apply(&mut store, [Report::Swept(B, sweep(&jobs, 1))]);
        let told = store.snapshot().log.iter().filter_map(|transition| {
            let What::Job(job, change) = &transition.what else { return None };
            Some((transition.target.profile.to_string(), job.key.id.get(), change.clone()))
        });
        let status = Change::Status { from: job(1).status, to: Status::Failed };
        assert_eq!(Vec::from_iter(told), [("b".into(), 1, status), ("b".into(), 3, Change::Appeared)]);
        assert!(store.snapshot().targets[1].missing.by_id(JobId::new(2)).is_some(), "it is asked whether it is gone");
        let before = store.snapshot().log.iter().count();
        apply(&mut store, [Report::Swept(A, sweep(&jobs, 2))]);
        let back = store.snapshot().log.iter().skip(before).map(|transition| transition.what.clone());
        assert_eq!(Vec::from_iter(back), [What::TargetBack], "of what the other one told nothing again");
    }

    #[test]
    fn what_was_read_with_another_accounts_key_is_forgotten() {
        let mut store = store();
        let of = |targets, account| Report::Account(targets, AccountId::new(account));
        apply(&mut store, [swept(A), swept(B), of(vec![A, B], "1"), of(vec![A], "2")]);
        let [a, b] = [0, 1].map(|at| Arc::clone(&store.snapshot().targets[at]));
        assert!(a.jobs.rows.is_empty() && a.read.is_none() && a.account == Some(AccountId::new("2")));
        assert_eq!((twins(&store), b.missing.jobs.len()), ([false; 3], 0), "b knew nothing but through a");
        apply(&mut store, [of(vec![A], "1"), swept(A), of(vec![B], "3")]);
        let b = &store.snapshot().targets[1];
        assert!(b.twin.is_none() && b.missing.jobs.is_empty(), "what a has is none of its jobs: {:?}", b.missing);
        assert_eq!(store.snapshot().log.iter().count(), 0, "no job came or went");
    }

    #[test]
    fn of_trails_the_word_of_the_one_that_can_be_read_counts() {
        let trails = |at| {
            let trail = Trail { name: "t".into(), home: Some("cn-x".into()), ..Trail::default() };
            Report::Trails(at, Ok(TrailList { trails: vec![trail], faults: Vec::new(), request_id: None }))
        };
        let mut store = store();
        apply(&mut store, [swept(A), trails(A), swept(B), Report::Account(vec![A, B], AccountId::new("1"))]);
        apply(&mut store, [refused(A), swept(B), trails(B)]);
        let told = store.snapshot().trails(Timestamp::UNIX_EPOCH);
        assert_eq!(told.iter().map(|at| at.target).collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn what_was_settled_through_one_is_settled_through_the_other() {
        let failed = || Sweep {
            jobs: Arc::new([Job { status: Status::Failed, window: Window::default(), ..job(1) }].into_iter().collect()),
            ..Sweep::default()
        };
        let mut store = store();
        apply(&mut store, [Report::Swept(A, failed()), Report::Swept(B, failed())]);
        let [a, b] = [0, 1].map(|at| store.snapshot().key(RowRef { target: at, row: 0 }));
        let word = Acknowledgement { at: Timestamp::UNIX_EPOCH, note: "known".into() };
        apply(&mut store, [Report::Settled(b.clone(), Some(word))]);
        let open = |store: &Store, at: usize| store.snapshot().targets[at].coverage.standings[0].is_open_failure();
        assert!(open(&store, 0) && !open(&store, 1), "nobody knows that they are one");
        apply(&mut store, [Report::Account(vec![A, B], AccountId::new("1"))]);
        assert!(!open(&store, 0));
        apply(&mut store, [refused(A), Report::Swept(B, failed())]);
        assert!(!open(&store, 1));
        let found = |key| store.snapshot().places(key).map(|at| at.target).collect::<Vec<_>>();
        assert_eq!((found(&a), found(&b)), (vec![1, 0], vec![1, 0]), "by either key, the word of b first");
        let keys = store.keys_of(&a);
        assert!(keys.len() == 2 && keys.contains(&b), "{keys:?}");
        apply(&mut store, keys.into_iter().map(|key| Report::Settled(key, None)));
        assert!(open(&store, 0) && open(&store, 1), "it is taken back through either");
    }

    #[test]
    fn one_that_is_refused_says_so_although_another_one_is_read() {
        let mut store = store();
        let known = Report::Account(vec![A, B], AccountId::new("1"));
        apply(&mut store, [swept(A), refused(B), known]);
        assert_eq!(twins(&store), [false; 3]);
        assert!(store.snapshot().targets[1].health.error().is_some());
    }

    #[test]
    fn a_pause_is_for_both() {
        let mut store = store();
        let known = Report::Account(vec![A, B], AccountId::new("1"));
        apply(&mut store, [swept(A), swept(B), known, Report::Polling(A, Polling::Paused), swept(C)]);
        assert_eq!(twins(&store), [false, true, false]);
    }
}
