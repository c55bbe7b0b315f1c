use super::CLOSED;
use crate::{Store, timestamp::Ts};
use uuid::Uuid;
use weir_domain::{ChannelId, PersonId, Timestamp, access::View, backfill::NotBegun};

impl Store {
    /// One transaction: the job, and for each partition with something before it one that will hold it.
    pub(super) async fn begin_backfill(
        &self,
        view: &View,
        channel: ChannelId,
        bytes_per_s: u64,
        by: &PersonId,
        now: Timestamp,
    ) -> sqlx::Result<Result<(), NotBegun>> {
        if !view.channels().contains(channel) {
            return Ok(Err(NotBegun::Absent));
        }
        let mut tx = crate::pool::begin(self.pages()).await?;
        // Two who begin at once begin one.
        let erases =
            sqlx::query_scalar!("select erase_on_tombstone from channel where id = $1 for no key update", channel.0)
                .fetch_optional(&mut *tx)
                .await?;
        match erases {
            None => return Ok(Err(NotBegun::Absent)),
            Some(true) => return Ok(Err(NotBegun::Erases)),
            Some(false) => {}
        }
        sqlx::query!(
            "insert into backfill as f (channel_id, state, bytes_per_s, asked_by, asked_at, changed_at)
             values ($1, 'running', $2, (select id from person where id = $3), $4, $4)
             on conflict (channel_id) do update set
                 state = 'running', bytes_per_s = excluded.bytes_per_s, asked_by = excluded.asked_by,
                 asked_at = excluded.asked_at, changed_at = excluded.changed_at, reason = null",
            channel.0,
            i64::try_from(bytes_per_s).unwrap_or(i64::MAX),
            Uuid::parse_str(&by.0).ok() as Option<Uuid>,
            Ts(now) as Ts
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "with wanted as (
                 select p.id, p.number, p.incarnation, p.opened_at, coalesce(t.first, k.next_position) as upto
                 from partition p
                 join partition_cursor k on k.partition_id = p.id
                 cross join lateral (
                     select min(b.first_position) as first from partition_bucket b
                     where b.partition_id = p.id and b.part = 'metadata') t
                 where p.channel_id = $1 and p.closed_at is null and coalesce(t.first, k.next_position) > 0
                   and not exists (select from backfill_partition d where d.of_partition = p.id)
             ), made as (
                 insert into partition (channel_id, number, incarnation, opened_at, closed_at, closed_reason)
                 select $1, w.number, w.incarnation, w.opened_at, $2, $3 from wanted w
                 returning id, number
             ), cursors as (
                 insert into partition_cursor (partition_id) select id from made
             ), told as (
                 -- It is no change of the channel.
                 insert into change_partition (partition_id, closed) select id, true from made
             )
             insert into backfill_partition (partition_id, of_partition, channel_id, to_position)
             select m.id, w.id, $1, w.upto from made m join wanted w on w.number = m.number",
            channel.0,
            Ts(now) as Ts,
            CLOSED
        )
        .execute(&mut *tx)
        .await?;
        let left = sqlx::query_scalar!(
            r#"select exists (
                   select from backfill_partition d join partition_cursor k on k.partition_id = d.partition_id
                   where d.channel_id = $1 and coalesce(k.next_position, 0) < d.to_position) as "left!""#,
            channel.0
        )
        .fetch_one(&mut *tx)
        .await?;
        if !left {
            return Ok(Err(NotBegun::Nothing));
        }
        tx.commit().await?;
        Ok(Ok(()))
    }
}
