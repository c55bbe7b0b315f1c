//! A store in memory that keeps the contract of the real one and fails on demand: at an exact moment, before or
//! after its commit. For tests of what reads and of what runs it.

mod catalog;
mod clock;
mod leases;
mod log;
mod shares;
mod state;

pub use clock::MemoryClock;
pub use state::{Fault, StoredPartition};

use state::State;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, sleep};
use weir_domain::{
    PartitionId, SourceId, StoreError,
    capture::{CaptureMode, PartitionProgress, SourceReport},
};

/// A handle to one store; clones are the same store.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
}

impl MemoryStore {
    /// Every call fails so long.
    pub fn set_away(&self, away: bool) {
        self.lock().away = away;
    }

    /// The next appends fail so, one fault each.
    pub fn fail_next(&self, faults: impl IntoIterator<Item = Fault>) {
        self.lock().faults.extend(faults);
    }

    pub fn forget_faults(&self) {
        self.lock().faults.clear();
    }

    /// Each append takes this long.
    pub fn set_slow(&self, slow: Duration) {
        self.lock().slow = slow;
    }

    pub fn set_paused(&self, source: SourceId, paused: bool) {
        let mut state = self.lock();
        if paused {
            state.paused.insert(source);
        } else {
            state.paused.remove(&source);
        }
    }

    /// What is kept of a channel from now on. One that was off goes on at its end.
    pub fn set_mode(&self, channel: &str, mode: CaptureMode) {
        let mut state = self.lock();
        let before = state.modes.insert(channel.to_owned(), mode);
        if before == Some(CaptureMode::Off) && mode != CaptureMode::Off {
            let of_channel = state.partitions.iter_mut().filter(|p| p.channel_name == channel && p.closed.is_none());
            of_channel.for_each(|p| p.from_end = true);
        }
    }

    /// A source that no file names is none of those that stand still: somebody made it otherwise.
    pub fn adopt(&self, source: SourceId) {
        self.lock().orphans.remove(&source);
    }

    /// Every incarnation there ever was, in the order of their ids.
    pub fn partitions(&self) -> Vec<StoredPartition> {
        self.lock().partitions.clone()
    }

    /// The stored payloads, as text, of one channel: partition by partition, in order.
    pub fn payloads(&self, channel: &str) -> Vec<String> {
        let of_channel = self.partitions().into_iter().filter(|p| p.channel_name == channel);
        let payload = |e: &weir_domain::capture::CapturedEvent| e.payload.clone().unwrap_or_default();
        of_channel.flat_map(|p| p.events.iter().map(payload).collect::<Vec<_>>()).map(text).collect()
    }

    /// Who reads which partition.
    pub fn readers(&self) -> Vec<(PartitionId, String)> {
        self.lock().readers()
    }

    /// How often members said that they live.
    pub fn beats(&self) -> u64 {
        self.lock().beats
    }

    /// How a source stood after each report, oldest first.
    pub fn reports(&self, source: SourceId) -> Vec<SourceReport> {
        self.lock().reports.iter().filter(|r| r.source == source).cloned().collect()
    }

    pub fn last_report(&self, source: SourceId) -> Option<SourceReport> {
        self.lock().reports.iter().rfind(|r| r.source == source).cloned()
    }

    pub fn progress(&self, partition: PartitionId) -> Option<PartitionProgress> {
        self.lock().progress.get(&partition).cloned()
    }

    /// When news were announced, and of which partitions.
    pub fn announced(&self) -> Vec<(Instant, Vec<PartitionId>)> {
        self.lock().announced.clone()
    }

    /// How often its upkeep was done.
    pub fn maintained(&self) -> u32 {
        self.lock().maintained
    }

    /// Most appends that ran at once so far.
    pub fn most_at_once(&self) -> u32 {
        self.lock().most_at_once
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look(&self) -> Result<MutexGuard<'_, State>, StoreError> {
        let state = self.lock();
        if state.away { Err(StoreError::Unavailable("the store is away".into())) } else { Ok(state) }
    }

    /// Gives the clock a chance, as a real call does.
    async fn travel(&self) {
        let slow = self.lock().slow;
        sleep(slow.max(Duration::from_millis(1))).await;
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}
