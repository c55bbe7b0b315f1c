//! What taps and leases tell whoever watches the process, as numbers. Never a key, a header or a payload.

use std::{fmt, time::Duration};

use weir_domain::capture::{CaptureBatch, GapReason, SourceState};

/// Called often and in the way of the events: it must neither block nor fail.
pub trait Meter: Send + Sync {
    /// A batch is in the store.
    fn stored(&self, source: &str, channel: &str, stored: &Stored<'_>);
    /// Something is missing for good.
    fn gap(&self, source: &str, reason: GapReason);
    /// How a source stands, every few seconds and whenever it changes.
    fn standing(&self, source: &str, standing: &Standing);
    /// No tap of this process reads the source any more.
    fn gone(&self, source: &str);
    /// So many leases more (or fewer) are held by this process.
    fn leases(&self, change: i64);
    /// What captured events take of the disk, and the budget; `None`: another process looks after it.
    fn store(&self, used: Option<(u64, Option<u64>)>);
}

/// A batch and what became of it.
#[derive(Debug, Clone, Copy)]
pub struct Stored<'a> {
    pub batch: &'a CaptureBatch,
    pub events: u64,
    /// Key, headers and payloads as the broker gave them.
    pub raw_bytes: u64,
    pub stored_bytes: u64,
    /// The transaction, from its beginning until the events were durable.
    pub took: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub state: SourceState,
    /// Milliseconds that the broker's quota made this client wait in its last answer.
    pub throttled_ms: u32,
    /// Events that the broker holds and this tap has not read; `None` while that is not known.
    pub behind: Option<u64>,
    /// Partitions that this tap reads; other processes read the others.
    pub partitions: usize,
}

/// Measures nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoMeter;

impl Meter for NoMeter {
    fn stored(&self, _: &str, _: &str, _: &Stored<'_>) {}
    fn gap(&self, _: &str, _: GapReason) {}
    fn standing(&self, _: &str, _: &Standing) {}
    fn gone(&self, _: &str) {}
    fn leases(&self, _: i64) {}
    fn store(&self, _: Option<(u64, Option<u64>)>) {}
}

impl fmt::Debug for dyn Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meter")
    }
}
