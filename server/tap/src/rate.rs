//! The cap on what a catch-up takes from its broker.

use std::time::Duration;
use tokio::time::Instant;

/// What reads beside the taps may take a second where the source has no cap.
const BESIDE: u64 = 8 << 20;

/// Of a source's cap, what reads beside its taps may take a second: a quarter, so that neither can starve the other.
pub fn beside_taps(cap: Option<u64>) -> u64 {
    cap.map_or(BESIDE, |cap| (cap / 4).max(1))
}

/// What its taps may take: the rest.
pub fn of_taps(cap: u64) -> u64 {
    cap.saturating_sub(beside_taps(Some(cap))).max(1)
}

/// A token bucket that goes into debt: a read's size is known only afterwards, so it is paid for by waiting.
#[derive(Debug, Clone)]
pub struct Rate {
    bytes_per_s: f64,
    /// Bytes that may be taken at once, at most one second's worth.
    tokens: f64,
    filled: Instant,
}

impl Rate {
    /// `None` is no cap.
    pub fn new(bytes_per_s: Option<u64>, now: Instant) -> Option<Self> {
        let bytes_per_s = bytes_per_s?.max(1) as f64;
        Some(Self { bytes_per_s, tokens: 0.0, filled: now })
    }

    /// Another cap from now on; what was taken before is paid for at the new one.
    pub fn set(&mut self, bytes_per_s: u64, now: Instant) {
        self.fill(now);
        self.bytes_per_s = bytes_per_s.max(1) as f64;
    }

    pub fn take(&mut self, bytes: u64, now: Instant) {
        self.fill(now);
        self.tokens -= bytes as f64;
    }

    /// How long to read nothing.
    pub fn wait(&mut self, now: Instant) -> Duration {
        self.fill(now);
        // A day at most: the loop asks again anyway, and a huge debt must not overflow a Duration.
        Duration::from_secs_f64((-self.tokens / self.bytes_per_s).clamp(0.0, 86_400.0))
    }

    /// The most one read should take, so that debts stay short (a quarter of a second) and live partitions fresh.
    pub fn read_bytes(bytes_per_s: Option<u64>, at_most: usize) -> usize {
        bytes_per_s.map_or(at_most, |b| usize::try_from(b / 4).unwrap_or(usize::MAX).clamp(64 << 10, at_most))
    }

    fn fill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.filled = self.filled.max(now);
        self.tokens = (self.tokens + passed * self.bytes_per_s).min(self.bytes_per_s);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whoever waits as told takes no more than the cap and one second's burst, plus the last read.
        #[test]
        fn the_cap_holds(cap in 1u64..10_000_000, reads in proptest::collection::vec((0u64..5_000_000, 0u64..2_000), 1..50)) {
            let begin = Instant::now();
            let (mut now, mut taken, mut last) = (begin, 0, 0);
            let mut rate = Rate::new(Some(cap), begin).unwrap();
            for (bytes, idle_ms) in reads {
                now += Duration::from_millis(idle_ms);
                now += rate.wait(now);
                prop_assert!(rate.wait(now) < Duration::from_millis(1));
                rate.take(bytes, now);
                taken += bytes;
                last = last.max(bytes);
                let allowed = cap as f64 * ((now - begin).as_secs_f64() + 1.0) + last as f64;
                prop_assert!(taken as f64 <= allowed + 1.0, "{taken} of {allowed}");
            }
        }
    }

    #[test]
    fn a_cap_that_is_shared_is_shared_from_now_on() {
        let begin = Instant::now();
        let mut rate = Rate::new(Some(1_000), begin).unwrap();
        rate.set(500, begin);
        rate.take(1_000, begin);
        assert_eq!(rate.wait(begin), Duration::from_secs(2));
        rate.set(1_000, begin + Duration::from_secs(1));
        assert_eq!(rate.wait(begin + Duration::from_secs(1)), Duration::from_millis(500));
    }

    #[test]
    fn taps_and_reads_beside_them_share_a_cap() {
        for cap in [4, 1_000, 10 << 20, u64::MAX] {
            assert_eq!(of_taps(cap) + beside_taps(Some(cap)), cap);
        }
        assert_eq!((of_taps(0), of_taps(1)), (1, 1), "never nothing at all");
        assert_eq!(beside_taps(None), BESIDE);
    }

    #[test]
    fn no_cap_and_small_reads() {
        assert!(Rate::new(None, Instant::now()).is_none());
        assert_eq!(Rate::read_bytes(None, 8 << 20), 8 << 20);
        assert_eq!(Rate::read_bytes(Some(1 << 20), 8 << 20), 1 << 18);
        assert_eq!(Rate::read_bytes(Some(1), 8 << 20), 64 << 10);
        assert_eq!(Rate::read_bytes(Some(u64::MAX), 8 << 20), 8 << 20);
    }
}
