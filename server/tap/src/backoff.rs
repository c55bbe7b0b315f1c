//! Waiting before a new try: doubling, with jitter, so that many taps do not knock at once.

use rand::{RngExt, rngs::StdRng};
use std::time::Duration;

#[derive(Debug, Clone)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    tries: u32,
}

impl Backoff {
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, tries: 0 }
    }

    /// Towards brokers.
    pub const fn broker() -> Self {
        Self::new(Duration::from_millis(500), Duration::from_secs(30))
    }

    /// Towards the database, which is one's own and near.
    pub const fn store() -> Self {
        Self::new(Duration::from_millis(100), Duration::from_secs(3))
    }

    /// Between half of the doubled wait and all of it.
    pub fn next(&mut self, rng: &mut StdRng) -> Duration {
        let whole = self.first.saturating_mul(1 << self.tries.min(20)).min(self.longest);
        self.tries = self.tries.saturating_add(1);
        whole.mul_f64(rng.random_range(0.5..=1.0))
    }

    pub const fn reset(&mut self) {
        self.tries = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::SeedableRng;

    proptest! {
        #[test]
        fn it_doubles_up_to_the_longest_and_is_repeatable(seed: u64) {
            let all = |seed| {
                let (mut rng, mut backoff) = (StdRng::seed_from_u64(seed), Backoff::broker());
                (0..100).map(|_| backoff.next(&mut rng)).collect::<Vec<_>>()
            };
            let waits = all(seed);
            for (i, wait) in waits.iter().enumerate() {
                let whole = Duration::from_millis(500 << i.min(10)).min(Duration::from_secs(30));
                prop_assert!(*wait <= whole && *wait >= whole / 2, "{i}: {wait:?} of {whole:?}");
            }
            prop_assert_eq!(waits, all(seed));
        }
    }
}
