//! Lists that change while they are read: jobs slip in, go and change places between two pages, as chance will have it.
//!
//! It breaks the service's rules on purpose: what slips in may be old already, and many may come in a second.

use super::{rng::Rng, world::Account};

/// How much a list changes before each page of it is read: so many times on average.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Churn {
    /// Settled jobs that slip in: at the front, in the middle or at the back, one as likely as the other.
    pub insert: f64,
    /// Jobs that are deleted.
    pub delete: f64,
    /// Changes of the order: one job that moves, or now and then all.
    pub reorder: f64,
}

impl Churn {
    /// Nothing changes by itself.
    pub const NONE: Self = Self { insert: 0.0, delete: 0.0, reorder: 0.0 };

    /// Lets it happen to an account, before the n-th call is answered. The seed and the number decide what.
    pub(super) fn happen(self, account: &mut Account, seed: u64, n: u64) {
        let mut rng = Rng::new(seed, 0xC400_0000_0000 + n);
        // First those that go, so that a job that comes can hide that one went.
        for _ in 0..times(self.delete, &mut rng) {
            account.delete_at(rng.below(account.len() as u64) as usize);
        }
        for _ in 0..times(self.insert, &mut rng) {
            let len = account.len();
            let place = match rng.below(3) {
                0 => 0,
                1 => rng.below(len as u64 + 1) as usize,
                _ => len,
            };
            account.slip_in(place, &mut rng);
        }
        for _ in 0..times(self.reorder, &mut rng) {
            account.reorder(&mut rng);
        }
    }
}

/// How often something happens that happens `average` times on average: one of the two whole numbers beside it.
fn times(average: f64, rng: &mut Rng) -> u32 {
    // A number that is none or negative becomes 0.
    let average = average.clamp(0.0, 1000.0);
    average as u32 + u32::from(rng.unit() < average.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_average_is_kept() {
        for average in [0.0, 0.25, 1.0, 2.5] {
            let mut rng = Rng::new(1, 1);
            let sum: u32 = (0..10_000).map(|_| times(average, &mut rng)).sum();
            assert!((f64::from(sum) / 10_000.0 - average).abs() < 0.03, "{sum} for {average}");
        }
        assert!([f64::NAN, -1.0].iter().all(|none| times(*none, &mut Rng::new(1, 1)) == 0));
    }
}
