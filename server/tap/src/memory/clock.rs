use tokio::time::Instant;
use weir_domain::{Clock, Timestamp};

/// Follows tokio's time, which tests can stop and wind: 2026-11-22 at its making.
#[derive(Debug, Clone, Copy)]
pub struct MemoryClock {
    made: Instant,
}

impl Default for MemoryClock {
    fn default() -> Self {
        Self { made: Instant::now() }
    }
}

impl Clock for MemoryClock {
    fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.made.elapsed().as_micros()).unwrap_or(i64::MAX);
        Timestamp::from_millis(1_795_000_000_000).plus_micros(passed)
    }
}
