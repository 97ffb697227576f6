//! The order in which the list has its jobs: the service documents none, so a client must do with any.

use super::rng::Rng;
use crate::job::JobId;

/// In which order the list has its jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ListOrder {
    /// The newest first: what appears is on the first page.
    #[default]
    NewestFirst,
    /// The oldest first: what appears is on the last page.
    OldestFirst,
    /// None that could be seen: what appears is anywhere.
    Shuffled,
}

/// The ids in the order of the list.
#[derive(Debug)]
pub(super) struct Listing {
    order: ListOrder,
    seed: u64,
    /// From the back of the list to its front: at the front it changes most.
    ids: Vec<JobId>,
}

impl Listing {
    /// The list of these jobs, whose ids are given in ascending order.
    pub(super) fn new(order: ListOrder, seed: u64, mut ids: Vec<JobId>) -> Self {
        match order {
            ListOrder::NewestFirst => {}
            ListOrder::OldestFirst => ids.reverse(),
            ListOrder::Shuffled => Rng::new(seed, 0x5_4FF1).shuffle(&mut ids),
        }
        Self { order, seed, ids }
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// A part of it.
    pub(super) fn page(&self, before: usize, size: usize) -> impl Iterator<Item = JobId> {
        self.ids.iter().rev().skip(before).take(size).copied()
    }

    /// Adds a new job where the order has it.
    pub(super) fn add(&mut self, id: JobId) {
        let place = match self.order {
            ListOrder::NewestFirst => 0,
            ListOrder::OldestFirst => self.len(),
            ListOrder::Shuffled => Rng::new(self.seed, id.get() as u64).below(self.len() as u64 + 1) as usize,
        };
        self.insert(place, id);
    }

    /// Adds one at this place, 0 for the front.
    pub(super) fn insert(&mut self, place: usize, id: JobId) {
        self.ids.insert(self.len().saturating_sub(place), id);
    }

    /// Takes one away.
    pub(super) fn remove(&mut self, id: JobId) {
        if let Some(index) = self.ids.iter().position(|known| *known == id) {
            self.ids.remove(index);
        }
    }

    /// Moves one job to another place, or, one time in four, every job to any place.
    pub(super) fn reorder(&mut self, rng: &mut Rng) {
        if rng.percent(25) {
            rng.shuffle(&mut self.ids);
        } else if !self.ids.is_empty() {
            let id = self.ids.remove(rng.below(self.len() as u64) as usize);
            self.insert(rng.below(self.len() as u64 + 1) as usize, id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(order: ListOrder) -> Listing {
        Listing::new(order, 1, (1..=9).map(JobId::new).collect())
    }

    fn read(listing: &Listing) -> Vec<i64> {
        listing.page(0, 100).map(JobId::get).collect()
    }

    #[test]
    fn new_jobs_come_where_the_order_has_them() {
        let with_ten = |order| {
            let mut listing = listing(order);
            listing.add(JobId::new(10));
            read(&listing)
        };
        assert_eq!(with_ten(ListOrder::NewestFirst), [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
        assert_eq!(with_ten(ListOrder::OldestFirst), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        let mut shuffled = with_ten(ListOrder::Shuffled);
        assert!(!shuffled.is_sorted());
        shuffled.sort_unstable();
        assert_eq!(shuffled, with_ten(ListOrder::OldestFirst));
    }

    #[test]
    fn places_count_from_the_front() {
        let mut listing = listing(ListOrder::OldestFirst);
        for (place, id) in [(0, 20), (2, 21), (11, 22), (99, 23)] {
            listing.insert(place, JobId::new(id));
        }
        listing.remove(JobId::new(5));
        listing.remove(JobId::new(5));
        assert_eq!(read(&listing), [20, 1, 21, 2, 3, 4, 6, 7, 8, 9, 22, 23]);
        assert_eq!(listing.page(2, 3).map(JobId::get).collect::<Vec<_>>(), [21, 2, 3]);
        assert_eq!(listing.page(usize::MAX, 3).count() + listing.page(12, 3).count(), 0);
    }

    #[test]
    fn reordering_keeps_every_job() {
        let (mut listing, mut rng) = (listing(ListOrder::NewestFirst), Rng::new(1, 1));
        for _ in 0..100 {
            listing.reorder(&mut rng);
            let mut ids = read(&listing);
            ids.sort_unstable();
            assert_eq!(ids, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        }
        Listing::new(ListOrder::Shuffled, 1, Vec::new()).reorder(&mut rng);
    }
}
