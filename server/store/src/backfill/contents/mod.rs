//! The content of what was stored without it: which ranges are filled, how far, and the filling itself.

mod jobs;
mod lacking;
mod refill;

use crate::{Store, error::failed, timestamp::Ts};
use async_trait::async_trait;
use weir_domain::{
    ChannelId, PartitionId, PersonId, Position, SourceId, StoreError, Timestamp,
    access::{SystemView, View},
    backfill::{
        ContentFill, ContentNotBegun, ContentRead, ContentStored, ContentWanted, ContentWork, Contents, FillState,
        Lacking, Next, Times,
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
        wanted: &ContentWanted,
        by: &PersonId,
        now: Timestamp,
    ) -> Result<Result<(), ContentNotBegun>, StoreError> {
        if !view.channels().contains(channel) {
            return Ok(Err(ContentNotBegun::Absent));
        }
        self.begun_content(channel, wanted, by, now).await.map_err(failed)
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

    async fn content_goes_on(&self, _: &SystemView, work: &ContentWork) -> Result<bool, StoreError> {
        sqlx::query_scalar!(
            r#"select exists (
                   select from content_fill where channel_id = $1 and asked_at = $2 and state = 'running'
               ) as "on!""#,
            work.channel.0,
            Ts(work.asked_at) as Ts
        )
        .fetch_one(self.pages())
        .await
        .map_err(failed)
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

    async fn content_over(&self, work: &ContentWork, partition: PartitionId) -> Result<(), StoreError> {
        sqlx::query!(
            "update content_fill_partition d set over = true from content_fill f
             where d.partition_id = $1 and f.channel_id = d.channel_id and f.asked_at = $2",
            partition.0,
            Ts(work.asked_at) as Ts
        )
        .execute(self.pages())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn content_ended(
        &self,
        work: &ContentWork,
        state: FillState,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.ended_content(work, state, reason, now).await.map_err(failed)
    }
}
