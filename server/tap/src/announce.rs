use std::{
    collections::BTreeSet,
    mem,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use weir_domain::{PartitionId, capture::EventLog};

/// Between two announcements of one process: at most ten a second (decision 6).
const APART: Duration = Duration::from_millis(100);

/// Collects "something new in partition n" from all taps of a process and tells it, merged, outside every
/// capture transaction. A hint that gets lost costs a listener only time.
#[derive(Clone, Default)]
pub struct Announcer {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<BTreeSet<PartitionId>>,
    any: Notify,
}

impl Announcer {
    pub fn add(&self, partition: PartitionId) {
        self.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(partition);
        self.shared.any.notify_one();
    }

    /// Tells until `stop`. One per process.
    pub async fn run(self, log: Arc<dyn EventLog>, stop: CancellationToken) {
        let telling = async {
            loop {
                self.shared.any.notified().await;
                let waiting = mem::take(&mut *self.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner));
                let waiting: Vec<_> = waiting.into_iter().collect();
                if let Err(error) = log.announce(&waiting).await {
                    tracing::debug!(%error, "news could not be announced; pages look again by themselves");
                }
                tokio::time::sleep(APART).await;
            }
        };
        stop.run_until_cancelled(telling).await;
    }
}
