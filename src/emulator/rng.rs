//! Chance that can be repeated: numbers that follow from a seed alone. Good for a believable world, for nothing secret.

/// A splitmix64 generator: 64 bits of state, so every job can own one and be computed without the others.
#[derive(Debug, Clone)]
pub(super) struct Rng(u64);

impl Rng {
    /// The numbers of one seed and one purpose. Streams of different purposes do not repeat each other.
    pub(super) fn new(seed: u64, purpose: u64) -> Self {
        let mut rng = Self(seed ^ purpose.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        // Neighbouring seeds differ in a bit or two: one step spreads them.
        let mixed = rng.next();
        Self(mixed)
    }

    /// The next 64 bits.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound`; 0 where the bound is 0. The bias of the remainder does not matter here.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }

    /// A number from 0 up to but without 1.
    pub(super) fn unit(&mut self) -> f64 {
        // 53 bits are what a double holds exactly.
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Seconds, from `low` up to but without `high`.
    pub(super) fn seconds(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high.saturating_sub(low)).unwrap_or(0);
        low.saturating_add(i64::try_from(self.below(span)).unwrap_or(0))
    }

    /// Whether an event of this many percent happens.
    pub(super) fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    /// Random letters and digits, as the vendor's keys have them.
    pub(super) fn letters(&mut self, count: usize) -> String {
        const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        (0..count).map(|_| char::from(ALPHABET[(self.next() % 62) as usize])).collect()
    }

    /// Puts a slice into a random order.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last as u64 + 1) as usize;
            items.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_a_purpose_repeat_their_numbers_and_differ_from_others() {
        let take = |seed, purpose| {
            let mut rng = Rng::new(seed, purpose);
            [rng.next(), rng.next(), rng.next()]
        };
        assert_eq!(take(1, 1), take(1, 1));
        assert_ne!(take(1, 1), take(1, 2));
        assert_ne!(take(1, 1), take(2, 1));
        assert_ne!(take(0, 0), [0; 3]);
    }

    #[test]
    fn bounds_are_kept_even_when_they_make_no_sense() {
        let mut rng = Rng::new(7, 0);
        assert!((0..1000).all(|_| rng.below(3) < 3));
        assert!((0..1000).all(|_| (0.0..1.0).contains(&rng.unit())));
        assert!((0..1000).all(|_| (5..9).contains(&rng.seconds(5, 9))));
        assert_eq!((rng.below(0), rng.seconds(5, 5), rng.seconds(9, 5)), (0, 5, 9));
    }

    #[test]
    fn a_shuffle_keeps_every_item() {
        let mut items: Vec<u8> = (0..22).collect();
        Rng::new(3, 3).shuffle(&mut items);
        assert_ne!(items, (0..22).collect::<Vec<u8>>());
        items.sort_unstable();
        assert_eq!(items, (0..22).collect::<Vec<u8>>());
    }
}
