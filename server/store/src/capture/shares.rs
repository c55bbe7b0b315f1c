//! Who reads which partition (decision 16): members that live, and leases that hang on their lives.

use crate::{Store, error::failed};
use async_trait::async_trait;
use sqlx::PgConnection;
use weir_domain::{
    ChannelId, PartitionId, Position, SourceId, StoreError,
    access::SystemView,
    capture::{Beat, Cursor, Fence, Incarnation, MemberId, OpenPartition, Share, Shares},
};

#[async_trait]
impl Shares for Store {
    async fn join(&self, source: SourceId, holder: &str, ttl_ms: u32) -> Result<MemberId, StoreError> {
        let id = sqlx::query_scalar!(
            "insert into tap_member (source_id, holder, expires)
             values ($1, $2, clock_timestamp() + $3::float8 * interval '1 ms') returning id",
            source.0,
            holder,
            f64::from(ttl_ms)
        )
        .fetch_one(self.capture_pool())
        .await
        .map_err(failed)?;
        Ok(MemberId(id))
    }

    async fn beat(
        &self,
        source: SourceId,
        member: MemberId,
        ttl_ms: u32,
        bury: bool,
    ) -> Result<Option<Beat>, StoreError> {
        let row = sqlx::query_file!("queries/capture/beat.sql", source.0, member.0, f64::from(ttl_ms), bury)
            .fetch_one(self.capture_pool())
            .await
            .map_err(failed)?;
        if row.ended > 0 {
            tracing::warn!(connections = row.ended, "ended what a process that is taken for dead had under way");
        }
        let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(row.lives.then(|| Beat {
            members: row.members.into_iter().map(MemberId).collect(),
            partitions: count(row.partitions),
            held: count(row.held),
            free: count(row.free),
            whole: row.whole,
        }))
    }

    async fn offer(
        &self,
        source: SourceId,
        finder: MemberId,
        read: &[PartitionId],
        leave: &[PartitionId],
    ) -> Result<bool, StoreError> {
        let ids = |of: &[PartitionId]| of.iter().map(|p| p.0).collect::<Vec<_>>();
        let mut tx = crate::pool::begin(self.capture_pool()).await.map_err(failed)?;
        if !holds(&mut tx, None, Fence::Finder(finder)).await.map_err(failed)? {
            return Ok(false);
        }
        // A version before this one opens and closes partitions without leases.
        sqlx::query!(
            "insert into partition_lease (partition_id, source_id)
             select p.id, $1 from unnest($2::bigint[]) as w(id) join partition p on p.id = w.id
             where p.closed_at is null and not exists (select from partition_lease l where l.partition_id = p.id)
             on conflict do nothing",
            source.0,
            &ids(read)
        )
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        sqlx::query!(
            "delete from partition_lease l using partition p
             where l.source_id = $1 and p.id = l.partition_id and (p.closed_at is not null or p.id = any($2))",
            source.0,
            &ids(leave)
        )
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        Ok(true)
    }

    async fn take(&self, source: SourceId, member: MemberId, most: u32) -> Result<u32, StoreError> {
        let mut tx = crate::pool::begin(self.capture_pool()).await.map_err(failed)?;
        // One after the other, each seeing what the one before took: the next statement looks after this one has waited.
        sqlx::query!("select id from source where id = $1 for no key update", source.0)
            .fetch_optional(&mut *tx)
            .await
            .map_err(failed)?;
        let taken = sqlx::query_file!("queries/capture/take.sql", source.0, member.0, i64::from(most))
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        Ok(u32::try_from(taken.rows_affected()).unwrap_or(u32::MAX))
    }

    async fn shares(&self, _: &SystemView, source: SourceId, member: MemberId) -> Result<Vec<Share>, StoreError> {
        let rows = sqlx::query!(
            "select n.name, p.id, p.channel_id, p.number, p.incarnation, c.cursor, c.from_log_start, l.epoch,
                    case when c.from_end then coalesce(c.next_position, 0) end as from_end
             from partition_lease l join partition p on p.id = l.partition_id
             join partition_cursor c on c.partition_id = p.id join channel n on n.id = p.channel_id
             where l.source_id = $1 and l.member_id = $2 and p.closed_at is null",
            source.0,
            member.0
        )
        .fetch_all(self.capture_pool())
        .await
        .map_err(failed)?;
        let share = rows.into_iter().map(|r| Share {
            channel: r.name,
            open: OpenPartition {
                id: PartitionId(r.id),
                channel: ChannelId(r.channel_id),
                number: r.number,
                incarnation: Incarnation(r.incarnation),
                cursor: r.cursor.map(Cursor),
                from_log_start: r.from_log_start,
                from_end: r.from_end.map(Position),
            },
            epoch: r.epoch,
        });
        Ok(share.collect())
    }

    async fn give_up(&self, member: MemberId, partitions: &[PartitionId]) -> Result<(), StoreError> {
        sqlx::query!(
            "update partition_lease set member_id = null where member_id = $1 and partition_id = any($2)",
            member.0,
            &partitions.iter().map(|p| p.0).collect::<Vec<_>>()
        )
        .execute(self.capture_pool())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn leave(&self, member: MemberId) -> Result<(), StoreError> {
        sqlx::query!("delete from tap_member where id = $1", member.0)
            .execute(self.capture_pool())
            .await
            .map_err(failed)?;
        Ok(())
    }
}

/// Does a fence hold? If it does, it holds until the transaction ends: nobody can bury the member before.
pub(super) async fn holds(
    connection: &mut PgConnection,
    partition: Option<PartitionId>,
    fence: Fence,
) -> sqlx::Result<bool> {
    let member = sqlx::query_scalar!("select id from tap_member where id = $1 for key share", fence.member().0)
        .fetch_optional(&mut *connection)
        .await?;
    let (Some(_), Fence::Reader { member, epoch }) = (member, fence) else { return Ok(member.is_some()) };
    let lease = sqlx::query_scalar!(
        "select partition_id from partition_lease where partition_id = $1 and member_id = $2 and epoch = $3 for update",
        partition.map(|p| p.0),
        member.0,
        epoch
    )
    .fetch_optional(connection)
    .await?;
    Ok(lease.is_some())
}

/// The lease of what a reader opened, which it goes on reading; its epoch. A finder's is offered to all.
pub(super) async fn lease(
    connection: &mut PgConnection,
    partition: i64,
    channel: ChannelId,
    fence: Fence,
) -> sqlx::Result<Option<i64>> {
    let Fence::Reader { member, .. } = fence else { return Ok(None) };
    let epoch = sqlx::query_scalar!(
        "insert into partition_lease as l (partition_id, source_id, member_id, epoch)
         select $1, source_id, $3, nextval('partition_lease_epoch') from channel where id = $2
         on conflict (partition_id) do update set member_id = excluded.member_id, epoch = excluded.epoch
         returning epoch",
        partition,
        channel.0,
        member.0
    )
    .fetch_optional(connection)
    .await?;
    Ok(epoch)
}

/// The epoch of a lease that this one holds already.
pub(super) async fn held(connection: &mut PgConnection, partition: i64, fence: Fence) -> sqlx::Result<Option<i64>> {
    let Fence::Reader { member, .. } = fence else { return Ok(None) };
    sqlx::query_scalar!(
        "select l.epoch from partition_lease l join tap_member m on m.id = l.member_id
         where l.partition_id = $1 and m.id = $2",
        partition,
        member.0
    )
    .fetch_optional(connection)
    .await
}
