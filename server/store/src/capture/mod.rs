//! The store as the tap sees it.

mod append;
mod budget;
mod budget_files;
mod channels;
mod classes;
mod copy;
pub(crate) mod delay;
pub(crate) mod flags;
mod names;
mod partitions;
mod prepare;
mod progress;
mod shares;
mod sources;
mod tap_catalog;

pub(crate) use channels::{PolicyRow, channel_policy, mode};
pub(crate) use prepare::key_hash;

use crate::{
    Store,
    error::{failed, no_such_table},
    news, pool,
};
use async_trait::async_trait;
use std::io;
use weir_domain::{
    PartitionId, StoreError,
    capture::{AppendOutcome, CaptureBatch, EventLog},
};

/// What a process remembers of the catalog. Only what never changes, or may be late.
#[derive(Default)]
pub(crate) struct Caches {
    pub(crate) types: names::TypeNames,
    pub(crate) classes: classes::ClassCache,
    pub(crate) looked_at: crate::erasures::tombstones::LookedAt,
    pub(crate) left_alone: crate::maintenance::room::LeftAlone,
}

impl Caches {
    pub(crate) fn clear(&self) {
        self.types.clear();
        self.classes.clear();
    }
}

#[async_trait]
impl EventLog for Store {
    async fn append(&self, batch: &CaptureBatch) -> Result<AppendOutcome, StoreError> {
        let classes = self.classes(batch.partition).await.map_err(failed)?;
        let classes =
            classes.ok_or_else(|| StoreError::Internal(format!("there is no partition {}", batch.partition)))?;
        let types = self.type_ids(batch.partition, &batch.events).await.map_err(failed)?;
        let prepared = aside_if_large(batch, || prepare::prepare(batch, classes, &types))
            .map_err(|e| StoreError::Internal(format!("partition {}: {e}", batch.partition)))?;
        let mut tries = 0;
        loop {
            match append::store(self, batch, prepared.as_ref()).await {
                // The first batch of a new class, or upkeep is late.
                Err(e) if no_such_table(&e) && tries < 2 => {
                    tries += 1;
                    if let Some(p) = &prepared {
                        append::make_buckets(self, p).await.map_err(failed)?;
                    }
                }
                done => return done.map_err(failed),
            }
        }
    }

    async fn announce(&self, partitions: &[PartitionId]) -> Result<(), StoreError> {
        // A NOTIFY carries 8,000 bytes; 300 ids of 20 digits stay below.
        for some in partitions.chunks(300) {
            let ids = some.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            sqlx::query("select pg_notify($1, $2)")
                .bind(news::CHANNEL)
                .bind(ids)
                .execute(self.capture_pool())
                .await
                .map_err(failed)?;
        }
        Ok(())
    }
}

/// Compressing megabytes on an async thread would hold up everything else on it.
fn aside_if_large<T>(batch: &CaptureBatch, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let bytes: usize = batch.events.iter().map(|e| e.raw_size() + 64).sum();
    if bytes > 128 * 1024 { pool::off_the_runtime(work) } else { work() }
}
