//! What came of comparing.

use crate::{Store, timestamp::Ts};
use weir_domain::{
    ChannelId, PartitionId, Position, SourceId,
    access::View,
    verify::{ChannelVerified, Compared, DifferenceKind, DifferenceShown},
};

/// Differences kept of one partition: more tell nobody more.
const MOST: i64 = 1_000;

impl Store {
    pub(super) async fn keep_compared(&self, done: &Compared) -> sqlx::Result<()> {
        let mut tx = crate::pool::begin(self.pages()).await?;
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let read = if done.in_background { count(done.read_bytes) } else { 0 };
        sqlx::query!(
            "insert into partition_verified as v (partition_id, verified_at, compared, gone, day_from, day_bytes)
             values ($1, case when $2 then $3::timestamptz end, $4, $5, $3, $6)
             on conflict (partition_id) do update set
                 verified_at = coalesce(excluded.verified_at, v.verified_at),
                 compared = v.compared + excluded.compared, gone = v.gone + excluded.gone,
                 day_from = case when v.day_from > $3 - interval '1 day' then v.day_from else $3 end,
                 day_bytes = case when v.day_from > $3 - interval '1 day' then v.day_bytes else 0 end + excluded.day_bytes",
            done.partition.0,
            done.newest,
            Ts(done.at) as Ts,
            count(done.compared),
            count(done.gone),
            read
        )
        .execute(&mut *tx)
        .await?;
        let positions: Vec<i64> = done.differences.iter().map(|d| d.position.0).collect();
        let kinds: Vec<String> = done.differences.iter().map(|d| d.kind.as_str().to_owned()).collect();
        sqlx::query!(
            "delete from verify_difference
             where partition_id = $1 and position >= $2 and position < $3
               and (position, kind) not in (select * from unnest($4::bigint[], $5::text[]))",
            done.partition.0,
            done.from.0,
            done.to.0,
            &positions,
            &kinds
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "insert into verify_difference (partition_id, position, kind, found_at)
             select $1, d.position, d.kind, $4 from unnest($2::bigint[], $3::text[]) as d (position, kind)
             limit greatest(0, $5 - (select count(*) from verify_difference where partition_id = $1))
             on conflict do nothing",
            done.partition.0,
            &positions,
            &kinds,
            Ts(done.at) as Ts,
            MOST
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }

    pub(super) async fn how_verified(
        &self,
        view: &View,
        source: Option<SourceId>,
    ) -> sqlx::Result<Vec<ChannelVerified>> {
        let channels: Vec<i64> = view.channels().ids().iter().map(|c| c.0).collect();
        let source = source.map(|s| s.0);
        let rows = sqlx::query_file!("queries/verify/verified.sql", &channels, source).fetch_all(self.pages()).await?;
        let count = |n: i64| u64::try_from(n).unwrap_or(0);
        let small = |n: i32| u32::try_from(n).unwrap_or(0);
        let mut all: Vec<ChannelVerified> = rows
            .into_iter()
            .map(|r| ChannelVerified {
                channel: ChannelId(r.channel),
                name: r.name,
                source: SourceId(r.source),
                partitions: small(r.partitions),
                verified: small(r.verified),
                until: r.until.map(|t| t.0),
                compared: count(r.compared),
                gone: count(r.gone),
                differences: count(r.differences),
                latest: Vec::new(),
            })
            .collect();
        if all.iter().all(|channel| channel.differences == 0) {
            return Ok(all);
        }
        let latest = sqlx::query!(
            r#"select c.id as "channel!", f.partition_id as "partition!", p.number as "number!", f.position as "position!",
                      f.kind as "kind!", f.found_at as "found_at!: Ts"
               from channel c cross join lateral (
                   select f.* from verify_difference f join partition p on p.id = f.partition_id
                   where p.channel_id = c.id order by f.found_at desc, f.position limit $3) f
               join partition p on p.id = f.partition_id
               where c.id = any($1) and ($2::bigint is null or c.source_id = $2)"#,
            &channels,
            source,
            ChannelVerified::LATEST as i64
        )
        .fetch_all(self.pages())
        .await?;
        for r in latest {
            let (Some(channel), Some(kind)) =
                (all.iter_mut().find(|c| c.channel.0 == r.channel), DifferenceKind::parse(&r.kind))
            else {
                continue;
            };
            channel.latest.push(DifferenceShown {
                partition: PartitionId(r.partition),
                partition_number: r.number,
                position: Position(r.position),
                kind,
                found_at: r.found_at.0,
            });
        }
        Ok(all)
    }
}
