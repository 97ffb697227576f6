//! The log of transitions in a snapshot: bounded, numbered, so that every reader gets each once and can see a gap.

use std::{collections::VecDeque, sync::Arc};

use super::TargetState;
use crate::job::{Seen, Seq, Transition, What};

/// How many transitions are kept for slow readers.
pub const CAPACITY: usize = 10_000;

/// How many share a chunk: a change copies the pointers of one chunk and those to the chunks, not all of them.
const CHUNK: u64 = 128;

/// The latest transitions. Cheap to clone: a snapshot carries it.
#[derive(Debug, Clone, Default)]
pub struct Log {
    /// The oldest that is kept.
    first: u64,
    /// The number that the next one gets.
    next: u64,
    /// Number N is in the chunk of all numbers with the same N / [`CHUNK`]; the first chunk is that of [`Self::first`].
    chunks: Arc<VecDeque<Arc<Vec<Arc<Transition>>>>>,
}

impl Log {
    /// The number that the next transition gets.
    #[must_use]
    pub fn next(&self) -> Seq {
        Seq(self.next)
    }

    /// All that are kept, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<Transition>> {
        self.since(Seq(self.first)).1
    }

    /// Those from `next` on, oldest first, and how many a reader has missed because it was too slow.
    pub fn since(&self, next: Seq) -> (u64, impl DoubleEndedIterator<Item = &Arc<Transition>>) {
        let missed = self.first.saturating_sub(next.0);
        let kept = next.0.max(self.first)..self.next;
        (missed, kept.map(|number| &self.chunks[self.chunk_of(number)][(number % CHUNK) as usize]))
    }

    /// The log with these changes of one target appended.
    #[must_use]
    pub(super) fn with(&self, target: &TargetState, changes: Vec<(Seen, What)>) -> Self {
        if changes.is_empty() {
            return self.clone();
        }
        let mut log = self.clone();
        let chunks = Arc::make_mut(&mut log.chunks);
        for (seen, what) in changes {
            if log.next.is_multiple_of(CHUNK) {
                chunks.push_back(Arc::default());
            }
            if let Some(last) = chunks.back_mut() {
                let (target, account) = (target.key.clone(), target.account.clone());
                let transition = Transition { seq: Seq(log.next), target, account, seen, what };
                Arc::make_mut(last).push(Arc::new(transition));
                log.next += 1;
            }
        }
        let first = log.next.saturating_sub(CAPACITY as u64).max(log.first);
        chunks.drain(..(first / CHUNK - log.first / CHUNK) as usize);
        log.first = first;
        log
    }

    /// The place of the chunk of a number that is kept.
    fn chunk_of(&self, number: u64) -> usize {
        (number / CHUNK - self.first / CHUNK) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{ProfileName, Region, TargetKey, Timestamp};

    fn target() -> TargetState {
        let key = TargetKey { profile: ProfileName::new("p").unwrap(), region: Region::new("cn-x").unwrap() };
        TargetState::new(key, "host", "environment")
    }

    fn back() -> (Seen, What) {
        (Seen { after: None, by: Timestamp::UNIX_EPOCH }, What::TargetBack)
    }

    #[test]
    fn a_reader_gets_each_transition_once_and_sees_a_gap() {
        let target = target();
        let log = Log::default().with(&target, vec![back(), back()]);
        let (missed, new) = log.since(Seq(0));
        assert_eq!((missed, new.count()), (0, 2));
        let next = log.next();
        assert_eq!(log.since(next).1.count(), 0);
        let log = log.with(&target, vec![back(); 3]);
        assert_eq!(log.since(next).1.map(|transition| transition.seq.0).collect::<Vec<_>>(), [2, 3, 4]);
        let log = log.with(&target, vec![back(); CAPACITY]);
        let (missed, new) = log.since(next);
        assert_eq!((missed, new.count()), (3, CAPACITY));
        assert_eq!(log.next(), Seq(5 + CAPACITY as u64));
    }
    #[test]
    fn a_log_that_a_reader_holds_stays_as_it_is() {
        let target = target();
        let mut log = Log::default();
        for size in (1..=3).cycle().take(CAPACITY) {
            let held = log.clone();
            log = log.with(&target, vec![back(); size]);
            for log in [&held, &log] {
                let (oldest, next) = (log.next().0.saturating_sub(CAPACITY as u64), log.next().0);
                let ends = [log.iter().next(), log.iter().next_back()].map(|end| end.map(|end| end.seq.0));
                assert_eq!(ends, if next == 0 { [None, None] } else { [Some(oldest), Some(next - 1)] });
            }
            assert_eq!(log.next().0 - held.next().0, size as u64);
        }
    }
}
