//! The log of transitions in a snapshot: bounded, numbered, so that every reader gets each once and can see a gap.

use std::{collections::VecDeque, sync::Arc};

use crate::job::{Seen, Seq, TargetKey, Transition, What};

/// How many transitions are kept for slow readers.
pub const CAPACITY: usize = 10_000;

/// The latest transitions. Cheap to clone: a snapshot carries it.
#[derive(Debug, Clone, Default)]
pub struct Log {
    /// How many came before [`Self::tail`].
    dropped: u64,
    tail: Arc<VecDeque<Arc<Transition>>>,
}

impl Log {
    /// The number that the next transition gets.
    #[must_use]
    pub fn next(&self) -> Seq {
        Seq(self.dropped + self.tail.len() as u64)
    }

    /// All that are kept, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<Transition>> {
        self.tail.iter()
    }

    /// Those from `next` on, oldest first, and how many a reader has missed because it was too slow.
    pub fn since(&self, next: Seq) -> (u64, impl Iterator<Item = &Arc<Transition>>) {
        let missed = self.dropped.saturating_sub(next.0);
        let skip = usize::try_from(next.0.saturating_sub(self.dropped)).unwrap_or(usize::MAX);
        (missed, self.tail.iter().skip(skip))
    }

    /// The log with these changes of one target appended.
    #[must_use]
    pub(super) fn with(&self, target: &TargetKey, changes: Vec<(Seen, What)>) -> Self {
        if changes.is_empty() {
            return self.clone();
        }
        let mut tail = VecDeque::clone(&self.tail);
        let mut seq = self.next();
        for (seen, what) in changes {
            tail.push_back(Arc::new(Transition { seq, target: target.clone(), seen, what }));
            seq.0 += 1;
        }
        let excess = tail.len().saturating_sub(CAPACITY);
        tail.drain(..excess);
        Self { dropped: self.dropped + excess as u64, tail: Arc::new(tail) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{ProfileName, Region, Timestamp};

    fn back() -> (Seen, What) {
        (Seen { after: None, by: Timestamp::UNIX_EPOCH }, What::TargetBack)
    }

    #[test]
    fn a_reader_gets_each_transition_once_and_sees_a_gap() {
        let target = TargetKey { profile: ProfileName::new("p").unwrap(), region: Region::new("cn-x").unwrap() };
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
}
