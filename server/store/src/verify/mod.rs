//! What is compared with brokers, and what came of it.

mod kept;
mod partitions;
mod stretch;

use crate::{Store, error::failed};
use async_trait::async_trait;
use std::collections::BTreeSet;
use weir_domain::{
    ChannelId, PartitionId, Position, SourceId, StoreError, Timestamp,
    access::{SystemView, View},
    events::KeyHash,
    verify::{Candidate, ChannelVerified, Compared, Stretch, Verifying},
};

impl Store {
    /// The number that rows keep of a key.
    pub fn hash_of_key(key: &[u8]) -> KeyHash {
        KeyHash(crate::capture::key_hash(key))
    }
}

#[async_trait]
impl Verifying for Store {
    async fn candidates(
        &self,
        _: &SystemView,
        now: Timestamp,
        after: PartitionId,
        most: u32,
    ) -> Result<Vec<Candidate>, StoreError> {
        self.comparable(now, None, None, (after, most)).await.map_err(failed)
    }

    async fn partitions(
        &self,
        view: &View,
        source: SourceId,
        channel: Option<ChannelId>,
        now: Timestamp,
    ) -> Result<Vec<Candidate>, StoreError> {
        let visible = view.channels().ids().iter().filter(|c| channel.is_none_or(|wanted| wanted == **c));
        let channels: Vec<i64> = visible.map(|c| c.0).collect();
        self.comparable(now, Some(source), Some(&channels), (PartitionId(i64::MIN), MOST_PARTITIONS))
            .await
            .map_err(failed)
    }

    async fn open_partitions(&self, view: &View, channel: ChannelId) -> Result<Vec<Candidate>, StoreError> {
        if !view.channels().contains(channel) {
            return Ok(Vec::new());
        }
        self.open_partitions_of(channel, MOST_PARTITIONS).await.map_err(failed)
    }

    async fn position_at(
        &self,
        view: &View,
        partition: PartitionId,
        since: Timestamp,
    ) -> Result<Option<Position>, StoreError> {
        self.position_since(view, partition, since).await.map_err(failed)
    }

    async fn position_until(
        &self,
        view: &View,
        partition: PartitionId,
        until: Timestamp,
    ) -> Result<Option<Position>, StoreError> {
        self.position_behind(view, partition, until).await.map_err(failed)
    }

    async fn stretch(
        &self,
        _: &SystemView,
        partition: PartitionId,
        range: (Position, Position),
        bytes_of: &BTreeSet<Position>,
    ) -> Result<Stretch, StoreError> {
        self.stored_stretch(partition, range, bytes_of).await.map_err(failed)
    }

    async fn compared(&self, done: &Compared) -> Result<(), StoreError> {
        self.keep_compared(done).await.map_err(failed)
    }

    async fn verified(&self, view: &View, source: Option<SourceId>) -> Result<Vec<ChannelVerified>, StoreError> {
        self.how_verified(view, source).await.map_err(failed)
    }
}

/// Partitions of one source that one question goes through.
const MOST_PARTITIONS: u32 = 10_000;
