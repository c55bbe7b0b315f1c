//! Filling what lies before capture began: which channels, how far, and who asked. And content of what was stored without.

mod begin;
mod contents;
mod parts;

use crate::{Store, error::failed, timestamp::Ts};
use async_trait::async_trait;
use weir_domain::{
    ChannelId, PartitionId, PersonId, Position, SourceId, StoreError, Timestamp,
    access::{SystemView, View},
    backfill::{Backfill, BackfillWork, Backfills, FillState, Fillable, NotBegun},
};

/// Why its partitions are closed from the start.
pub(crate) const CLOSED: &str = "backfill";

#[async_trait]
impl Backfills for Store {
    async fn fillable(&self, view: &View, source: SourceId) -> Result<Vec<Fillable>, StoreError> {
        let channels: Vec<i64> = view.channels().ids().iter().map(|c| c.0).collect();
        let rows = sqlx::query_file!("queries/backfill/fillable.sql", source.0, &channels)
            .fetch_all(self.pages())
            .await
            .map_err(failed)?;
        let number = |n: i64| u64::try_from(n).unwrap_or(0);
        Ok(rows
            .into_iter()
            .map(|r| Fillable {
                channel: ChannelId(r.channel),
                name: r.name,
                positions: number(r.positions),
                bytes_each: r.bytes_each.map(number),
            })
            .collect())
    }

    async fn backfills(&self, view: &View, source: SourceId) -> Result<Vec<Backfill>, StoreError> {
        self.listed_backfills(view, source).await.map_err(failed)
    }

    async fn begin(
        &self,
        view: &View,
        channel: ChannelId,
        bytes_per_s: u64,
        by: &PersonId,
        now: Timestamp,
    ) -> Result<Result<(), NotBegun>, StoreError> {
        self.begin_backfill(view, channel, bytes_per_s, by, now).await.map_err(failed)
    }

    async fn hold(&self, view: &View, channel: ChannelId, to: FillState, now: Timestamp) -> Result<bool, StoreError> {
        if !view.channels().contains(channel) {
            return Ok(false);
        }
        let held = sqlx::query!(
            "update backfill set state = $2, changed_at = $3, reason = null
             where channel_id = $1 and (state = 'running' or (state = 'paused' and $2 = 'stopped'))",
            channel.0,
            to.as_str(),
            Ts(now) as Ts
        )
        .execute(self.pages())
        .await
        .map_err(failed)?;
        Ok(held.rows_affected() == 1)
    }

    async fn to_fill(&self, _: &SystemView) -> Result<Vec<BackfillWork>, StoreError> {
        self.running_backfills().await.map_err(failed)
    }

    async fn goes_on(&self, _: &SystemView, channel: ChannelId) -> Result<Option<u64>, StoreError> {
        let rate = sqlx::query_scalar!(
            "select bytes_per_s from backfill where channel_id = $1 and state = 'running'",
            channel.0
        )
        .fetch_optional(self.pages())
        .await
        .map_err(failed)?;
        Ok(rate.map(|n| u64::try_from(n).unwrap_or(1)))
    }

    async fn began_at(&self, partition: PartitionId, from: Position) -> Result<(), StoreError> {
        sqlx::query!(
            "update backfill_partition set from_position = coalesce(from_position, $2) where partition_id = $1",
            partition.0,
            from.0
        )
        .execute(self.pages())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn ends_at(&self, partition: PartitionId, to: Position) -> Result<(), StoreError> {
        sqlx::query!(
            "update backfill_partition set to_position = least(to_position, $2) where partition_id = $1",
            partition.0,
            to.0
        )
        .execute(self.pages())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn ended(
        &self,
        channel: ChannelId,
        state: FillState,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "update backfill set state = $2, reason = $3, changed_at = $4
             where channel_id = $1 and state = 'running' and (state, reason) is distinct from ($2, $3)",
            channel.0,
            state.as_str(),
            reason.map(crate::name::storable_text),
            Ts(now) as Ts
        )
        .execute(self.pages())
        .await
        .map_err(failed)?;
        Ok(())
    }
}
