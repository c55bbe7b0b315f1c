use std::sync::atomic::{AtomicI64, Ordering};
use weir_domain::{Clock, Timestamp};

/// Stands still until told.
pub struct FakeClock(AtomicI64);

impl FakeClock {
    pub fn new(at: Timestamp) -> Self {
        Self(AtomicI64::new(at.0))
    }
    pub fn pass_secs(&self, secs: i64) {
        self.0.fetch_add(secs * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}
