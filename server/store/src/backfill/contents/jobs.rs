use crate::{Store, sources::at_broker, timestamp::Ts};
use std::collections::HashMap;
use uuid::Uuid;
use weir_domain::{
    ChannelId, PartitionId, PersonId, Position, SourceId, Timestamp,
    access::View,
    backfill::{ContentDone, ContentFill, ContentNotBegun, ContentPart, ContentWanted, ContentWork, FillState, Times},
};

const fn number(n: i64) -> u64 {
    n.unsigned_abs()
}

impl Store {
    pub(super) async fn listed_contents(&self, view: &View, source: SourceId) -> sqlx::Result<Vec<ContentFill>> {
        let channels: Vec<i64> = view.channels().ids().iter().map(|c| c.0).collect();
        let rows = sqlx::query_file!("queries/backfill/content_fills.sql", source.0, &channels)
            .fetch_all(self.pages())
            .await?;
        let fills = rows.into_iter().map(|r| ContentFill {
            channel: ChannelId(r.channel_id),
            name: r.name,
            source,
            times: Times { from: r.from_time.0, to: r.to_time.0 },
            state: FillState::parse(&r.state),
            bytes_per_s: number(r.bytes_per_s),
            asked_by: r.by,
            asked_at: r.asked_at.0,
            changed_at: r.changed_at.0,
            reason: r.reason,
            lacking: r.lacking.map(number),
            done: ContentDone {
                events: number(r.events),
                raw_bytes: number(r.raw_bytes),
                gone: number(r.gone),
                other: number(r.other),
                unreadable: number(r.unreadable),
            },
        });
        Ok(fills.collect())
    }

    pub(super) async fn begun_content(
        &self,
        channel: ChannelId,
        wanted: &ContentWanted,
        by: &PersonId,
        now: Timestamp,
    ) -> sqlx::Result<Result<(), ContentNotBegun>> {
        let ContentWanted { times, bytes_per_s, lacking } = *wanted;
        let mut tx = crate::pool::begin(self.pages()).await?;
        // Two who begin at once begin one.
        let erases =
            sqlx::query_scalar!("select erase_on_tombstone from channel where id = $1 for no key update", channel.0)
                .fetch_optional(&mut *tx)
                .await?;
        match erases {
            None => return Ok(Err(ContentNotBegun::Absent)),
            Some(true) => return Ok(Err(ContentNotBegun::Erases)),
            Some(false) => {}
        }
        let there = sqlx::query!(
            r#"select state, from_time = $2 and to_time = $3 as "same!" from content_fill where channel_id = $1"#,
            channel.0,
            Ts(times.from) as Ts,
            Ts(times.to) as Ts
        )
        .fetch_optional(&mut *tx)
        .await?;
        let state = there.as_ref().map(|t| FillState::parse(&t.state));
        let same = there.as_ref().is_some_and(|t| t.same);
        if !same && matches!(state, Some(FillState::Running | FillState::Paused)) {
            return Ok(Err(ContentNotBegun::Busy));
        }
        // What is done is begun anew: content may have gone since.
        let goes_on = same && state != Some(FillState::Done);
        if !goes_on {
            sqlx::query!("delete from content_fill where channel_id = $1", channel.0).execute(&mut *tx).await?;
        }
        sqlx::query!(
            "insert into content_fill as f
                 (channel_id, from_time, to_time, state, bytes_per_s, asked_by, asked_at, changed_at, lacking)
             values ($1, $2, $3, 'running', $4, (select id from person where id = $5), $6, $6, $7)
             on conflict (channel_id) do update set
                 -- Of a filling that goes on, what is done is no longer among what lacks content.
                 lacking = excluded.lacking + (
                     select coalesce(sum(d.events), 0) from content_fill_partition d where d.channel_id = f.channel_id)::bigint,
                 state = 'running', bytes_per_s = excluded.bytes_per_s, asked_by = excluded.asked_by,
                 asked_at = excluded.asked_at, changed_at = excluded.changed_at, reason = null",
            channel.0,
            Ts(times.from) as Ts,
            Ts(times.to) as Ts,
            i64::try_from(bytes_per_s).unwrap_or(i64::MAX),
            Uuid::parse_str(&by.0).ok() as Option<Uuid>,
            Ts(now) as Ts,
            lacking.map(|n| i64::try_from(n).unwrap_or(i64::MAX)) as Option<i64>
        )
        .execute(&mut *tx)
        .await?;
        // Incarnations that are over are at no broker any more; what was filled from before capture is of an open one.
        sqlx::query!(
            "insert into content_fill_partition (partition_id, channel_id, done)
             select p.id, p.channel_id, d.first
             from partition p cross join lateral (
                 select min(b.first_position) as first from partition_bucket b
                 where b.partition_id = p.id and b.part = 'metadata' and b.max_time >= $2 and b.min_time < $3) d
             where p.channel_id = $1 and d.first is not null
               and (p.closed_at is null or p.closed_reason = $4)
             on conflict (partition_id) do nothing",
            channel.0,
            Ts(times.from) as Ts,
            Ts(times.to) as Ts,
            super::super::CLOSED
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(Ok(()))
    }

    pub(super) async fn held_content(&self, channel: ChannelId, to: FillState, now: Timestamp) -> sqlx::Result<bool> {
        let held = sqlx::query!(
            "update content_fill set state = $2, changed_at = $3, reason = null
             where channel_id = $1 and (state = 'running' or (state = 'paused' and $2 = 'stopped'))",
            channel.0,
            to.as_str(),
            Ts(now) as Ts
        )
        .execute(self.pages())
        .await?;
        Ok(held.rows_affected() == 1)
    }

    pub(super) async fn running_contents(&self) -> sqlx::Result<Vec<ContentWork>> {
        let jobs = sqlx::query!(
            r#"select channel_id, asked_at as "asked_at: Ts", bytes_per_s, from_time as "from_time: Ts", to_time as "to_time: Ts" from content_fill
               where state = 'running' order by asked_at, channel_id"#
        )
        .fetch_all(self.pages())
        .await?;
        let rows = sqlx::query_file!("queries/backfill/content_parts.sql").fetch_all(self.pages()).await?;
        let mut parts: HashMap<i64, Vec<ContentPart>> = HashMap::new();
        for r in rows {
            let off = Some(r.off);
            let at = at_broker!(r, off);
            let part = ContentPart { partition: PartitionId(r.partition_id), at, done: Position(r.done) };
            parts.entry(r.channel_id).or_default().push(part);
        }
        let work = jobs.into_iter().map(|j| ContentWork {
            channel: ChannelId(j.channel_id),
            asked_at: j.asked_at.0,
            bytes_per_s: number(j.bytes_per_s).max(1),
            times: Times { from: j.from_time.0, to: j.to_time.0 },
            parts: parts.remove(&j.channel_id).unwrap_or_default(),
        });
        Ok(work.collect())
    }

    pub(super) async fn ended_content(
        &self,
        work: &ContentWork,
        state: FillState,
        reason: Option<&str>,
        now: Timestamp,
    ) -> sqlx::Result<()> {
        sqlx::query!(
            "update content_fill set state = $2, reason = $3, changed_at = $4
             where channel_id = $1 and asked_at = $5 and state = 'running' and (state, reason) is distinct from ($2, $3)",
            work.channel.0,
            state.as_str(),
            reason.map(crate::name::storable_text),
            Ts(now) as Ts,
            Ts(work.asked_at) as Ts
        )
        .execute(self.pages())
        .await
        .map(drop)
    }
}
