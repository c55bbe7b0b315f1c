//! Retention classes and the policy of a partition's channel, remembered for a while.

use crate::Store;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use weir_domain::{PartitionId, capture::Keeping};

/// A change of class or policy holds for new events within this time.
const FRESH: Duration = Duration::from_secs(10);
const REMEMBERED: usize = 100_000;

#[derive(Debug, Clone, Copy)]
pub(super) struct Classes {
    pub(super) payload: i16,
    pub(super) metadata: i16,
    pub(super) keeping: Keeping,
}

#[derive(Default)]
pub(crate) struct ClassCache(Mutex<HashMap<PartitionId, (Classes, Instant)>>);

impl ClassCache {
    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Store {
    /// `None`: there is no such partition.
    pub(super) async fn classes(&self, partition: PartitionId) -> sqlx::Result<Option<Classes>> {
        let cache = &self.caches().classes.0;
        let kept = cache.lock().unwrap_or_else(PoisonError::into_inner).get(&partition).copied();
        if let Some((classes, at)) = kept
            && at.elapsed() < FRESH
        {
            return Ok(Some(classes));
        }
        let row = sqlx::query!(
            r#"select c.payload_class, c.metadata_class, c.policy, c.sampled_per_mille, c.withheld_at is not null as "withheld!",
                    c.erase_on_tombstone
             from partition p join channel c on c.id = p.channel_id where p.id = $1"#,
            partition.0
        )
        .fetch_optional(self.capture_pool())
        .await?;
        let classes = row.map(|r| Classes {
            payload: r.payload_class,
            metadata: r.metadata_class,
            keeping: Keeping {
                mode: super::channels::mode(&r.policy, r.sampled_per_mille),
                over_budget: r.withheld,
                erase_on_tombstone: r.erase_on_tombstone,
            },
        });
        if let Some(classes) = classes {
            let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
            if cache.len() >= REMEMBERED {
                cache.clear();
            }
            cache.insert(partition, (classes, Instant::now()));
        }
        Ok(classes)
    }
}
