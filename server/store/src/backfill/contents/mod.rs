//! The content of what was stored without it: which ranges are filled, how far, and the filling itself.

mod jobs;
mod lacking;
mod refill;

use crate::{Store, error::failed};
use async_trait::async_trait;
use weir_domain::{
    ChannelId, PartitionId, PersonId, Position, SourceId, StoreError, Timestamp,
    access::{SystemView, View},
    backfill::{
        ContentFill, ContentNotBegun, ContentRead, ContentStored, ContentWork, Contents, FillState, Lacking, Next,
        Times,
    },
};

#[async_trait]
impl Contents for Store {
    async fn content_fills(&self, view: &View, source: SourceId) -> Result<Vec<ContentFill>, StoreError> {
        self.listed_contents(view, source).await.map_err(failed)
    }

    async fn lacking(&self, view: &View, channel: ChannelId, times: Times) -> Result<Option<Lacking>, StoreError> {
        if !view.channels().contains(channel) {
            return Ok(None);
        }
        self.counted_lacking(channel, times).await.map_err(failed)
    }

    async fn begin_content(
        &self,
        view: &View,
        channel: ChannelId,
        times: Times,
        bytes_per_s: u64,
        by: &PersonId,
        now: Timestamp,
    ) -> Result<Result<(), ContentNotBegun>, StoreError> {
        if !view.channels().contains(channel) {
            return Ok(Err(ContentNotBegun::Absent));
        }
        self.begun_content(channel, times, bytes_per_s, by, now).await.map_err(failed)
    }

    async fn hold_content(
        &self,
        view: &View,
        channel: ChannelId,
        to: FillState,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        if !view.channels().contains(channel) {
            return Ok(false);
        }
        self.held_content(channel, to, now).await.map_err(failed)
    }

    async fn contents_to_fill(&self, _: &SystemView) -> Result<Vec<ContentWork>, StoreError> {
        self.running_contents().await.map_err(failed)
    }

    async fn content_goes_on(&self, _: &SystemView, channel: ChannelId) -> Result<Option<u64>, StoreError> {
        let rate = sqlx::query_scalar!(
            "select bytes_per_s from content_fill where channel_id = $1 and state = 'running'",
            channel.0
        )
        .fetch_optional(self.pages())
        .await
        .map_err(failed)?;
        Ok(rate.map(|n| u64::try_from(n).unwrap_or(1)))
    }

    async fn next_lacking(
        &self,
        _: &SystemView,
        partition: PartitionId,
        times: Times,
        from: Position,
    ) -> Result<Next, StoreError> {
        self.lacking_from(partition, times, from).await.map_err(failed)
    }

    async fn fill_content(&self, read: &ContentRead) -> Result<ContentStored, StoreError> {
        self.refilled(read).await.map_err(failed)
    }

    async fn content_over(&self, partition: PartitionId) -> Result<(), StoreError> {
        sqlx::query!("update content_fill_partition set over = true where partition_id = $1", partition.0)
            .execute(self.pages())
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn content_ended(
        &self,
        channel: ChannelId,
        state: FillState,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.ended_content(channel, state, reason, now).await.map_err(failed)
    }
}
