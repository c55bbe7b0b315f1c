//! Events that are older than a retention of metadata that was made shorter. Whole buckets leave the directory with the
//! policy itself, so that no page finds them; of the bucket that the new end lies in, spans are deleted one batch after
//! another. (What is captured from then on goes to buckets of the new class, and with them.)

use super::bucket::{Bucket, Part};
use crate::{Store, error::failed, timestamp::Ts};
use sqlx::PgConnection;
use std::collections::BTreeSet;
use weir_domain::{ChannelId, StoreError, Timestamp, capture::Maintained};

/// Spans deleted by one statement.
const SPANS: i64 = 2_000;
/// Statements of one call of upkeep; the rest comes with the next.
const STEPS: u32 = 200;
/// And of the call that sets the policy: some millions of events.
const STEPS_AT_ONCE: u32 = 20;
const MOST: i64 = 1_000;
/// A bucket is left behind by every clock this long after its period.
const PAST_SECS: i64 = 900;

impl Store {
    pub(super) async fn forget(&self, at: Timestamp) -> Result<Maintained, StoreError> {
        let mut steps = STEPS;
        let mut tx = crate::pool::begin(self.capture_pool()).await.map_err(failed)?;
        self.hide_outdated(&mut tx, None, at).await.map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        self.forget_older(None, at, &mut steps).await.map_err(failed)?;
        // With steps of its own: neither keeps the other waiting.
        let mut steps = STEPS;
        let emptied = self.forget_hidden(at, &mut steps).await.map_err(failed)?;
        self.remove_buckets(emptied.into_iter().map(|bucket| (bucket, false)).collect(), at).await
    }

    /// Takes whole buckets out of every page's sight.
    pub(crate) async fn hide_outdated(
        &self,
        db: &mut PgConnection,
        channel: Option<ChannelId>,
        at: Timestamp,
    ) -> sqlx::Result<()> {
        // No hold is placed or ended before this has ended.
        sqlx::query("lock table hold in share mode").execute(&mut *db).await?;
        let kept = held(db, at).await?;
        sqlx::query_file!("queries/maintenance/hide_outdated.sql", Ts(at) as Ts, channel.map(|c| c.0), &kept)
            .execute(db)
            .await
            .map(drop)
    }

    /// With the policy itself, as far as that is done in a moment.
    pub(crate) async fn forget_at_once(&self, channel: ChannelId, at: Timestamp) -> sqlx::Result<()> {
        let mut steps = STEPS_AT_ONCE;
        self.forget_older(Some(channel), at, &mut steps).await
    }

    /// Of buckets that the end of the new retention lies in: what was captured before it.
    async fn forget_older(&self, channel: Option<ChannelId>, at: Timestamp, steps: &mut u32) -> sqlx::Result<()> {
        // Only where there is something to do: those that have nothing, and held ones, keep no others waiting.
        let mut db = self.capture_pool().acquire().await?;
        let kept = held(&mut db, at).await?;
        let rows = sqlx::query!(
            r#"select d.bucket, d.partition_id, c.metadata_class
               from bucket b join partition_bucket d on d.part = 'metadata' and d.bucket = b.id
               join partition p on p.id = d.partition_id join channel c on c.id = p.channel_id
               where b.part = 'metadata' and b.detached_at is null and b.class_days > c.metadata_class
                 and b.from_time + c.metadata_class * interval '1 day' < $1
                 and ($2::bigint is null or c.id = $2) and b.id <> all($4::integer[])
                 and (select s.captured_at from event_span s where s.bucket = d.bucket and s.partition_id = d.partition_id
                      order by s.first_position limit 1) < $1 - c.metadata_class * interval '1 day'
               order by b.to_time, d.partition_id limit $3"#,
            Ts(at) as Ts,
            channel.map(|c| c.0),
            MOST,
            &kept
        )
        .fetch_all(&mut *db)
        .await?;
        drop(db);
        for row in rows {
            let before = at.plus_secs(-i64::from(row.metadata_class) * 86_400);
            let mut any = false;
            while *steps > 0 {
                let mut tx = crate::pool::begin(self.capture_pool()).await?;
                sqlx::query("lock table hold in share mode").execute(&mut *tx).await?;
                if held(&mut tx, at).await?.contains(&row.bucket) {
                    break;
                }
                let gone = spans(&mut tx, row.bucket, row.partition_id, Some(before)).await?;
                tx.commit().await?;
                any |= gone > 0;
                *steps -= u32::from(gone > 0);
                if gone < SPANS {
                    break;
                }
            }
            if any {
                self.tell_oldest(row.bucket, row.partition_id).await?;
            }
        }
        Ok(())
    }

    /// What stands in the directory of the time of the first event.
    async fn tell_oldest(&self, bucket: i32, partition: i64) -> sqlx::Result<()> {
        sqlx::query!(
            "update partition_bucket d set min_time = o.min_time
             from (select min(min_time) as min_time from event_span where bucket = $1 and partition_id = $2) o
             where d.part = 'metadata' and d.bucket = $1 and d.partition_id = $2 and o.min_time > d.min_time",
            bucket,
            partition
        )
        .execute(self.capture_pool())
        .await
        .map(drop)
    }

    /// What no page sees any more. Buckets of the past that nothing is left of.
    async fn forget_hidden(&self, at: Timestamp, steps: &mut u32) -> sqlx::Result<Vec<Bucket>> {
        let rows =
            sqlx::query!("select bucket, partition_id from forgotten order by bucket, partition_id limit $1", MOST)
                .fetch_all(self.capture_pool())
                .await?;
        let mut touched = BTreeSet::new();
        for row in rows {
            loop {
                if *steps == 0 {
                    break;
                }
                *steps -= 1;
                let mut tx = crate::pool::begin(self.capture_pool()).await?;
                let gone = spans(&mut tx, row.bucket, row.partition_id, None).await?;
                if gone < SPANS {
                    sqlx::query!(
                        "delete from forgotten where bucket = $1 and partition_id = $2",
                        row.bucket,
                        row.partition_id
                    )
                    .execute(&mut *tx)
                    .await?;
                }
                tx.commit().await?;
                if gone < SPANS {
                    touched.insert(row.bucket);
                    break;
                }
            }
        }
        let mut emptied = Vec::new();
        for id in touched {
            let Some(bucket) = Bucket::known(Part::Metadata.as_str(), id) else { continue };
            if bucket.bounds().1.plus_secs(PAST_SECS) > at {
                continue;
            }
            let used = sqlx::query_scalar!(
                r#"select exists (select from partition_bucket where part = 'metadata' and bucket = $1)
                       or exists (select from forgotten where bucket = $1) as "used!""#,
                id
            );
            if !used.fetch_one(self.capture_pool()).await? {
                emptied.push(bucket);
            }
        }
        Ok(emptied)
    }
}

async fn spans(db: &mut PgConnection, bucket: i32, partition: i64, before: Option<Timestamp>) -> sqlx::Result<i64> {
    let step =
        sqlx::query_file!("queries/maintenance/forget.sql", bucket, partition, before.map(Ts) as Option<Ts>, SPANS);
    Ok(step.fetch_one(db).await?.spans)
}

/// Buckets of metadata that a hold may keep. Of a hold of a key nobody knows which without looking at each event: as long as
/// one stands, all of them.
async fn held(db: &mut PgConnection, at: Timestamp) -> sqlx::Result<Vec<i32>> {
    sqlx::query_scalar!(
        r#"select b.id from bucket b where b.part = 'metadata' and exists (
               select from hold h where h.ended_at is null and h.ends_at > $1 and (
                   h.kind = 'key'
                   or (h.kind = 'channel' and exists (
                       select from partition_bucket d join partition p on p.id = d.partition_id
                       where d.part = 'metadata' and d.bucket = b.id and p.channel_id = h.channel_id
                         and (h.from_time is null or d.max_time >= h.from_time)
                         and (h.to_time is null or d.min_time < h.to_time)))
                   or (h.kind = 'events' and exists (
                       select from hold_event e join partition_bucket d on d.partition_id = e.partition_id
                       where e.hold_id = h.id and d.part = 'metadata' and d.bucket = b.id
                         and e.position between d.first_position and d.last_position))))"#,
        Ts(at) as Ts
    )
    .fetch_all(db)
    .await
}
