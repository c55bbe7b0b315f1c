//! Payloads that go before their bucket's time: of channels above their limit, those older than a retention that was
//! made shorter, and those for which the store has no room. Whole blocks, oldest first, a bounded number in one statement (decision 3).

use super::bucket::{Bucket, Part};
use crate::{Store, error::failed, holds::pins::pinned, timestamp::Ts};
use std::collections::BTreeMap;
use weir_domain::{
    ChannelId, StoreError, Timestamp,
    capture::{GivenUpBy, GivenUpPayloads},
};

/// Blocks deleted by one statement: some 30 MB, and capture of the same partition waits for no longer than that takes.
const BLOCKS: i64 = 500;
/// Statements of one call; the rest comes with the next.
const STEPS: u32 = 200;
/// Channels and buckets looked at in one call.
const MOST: i64 = 1000;
/// A bucket is left behind by every clock this long after its period.
const PAST_SECS: i64 = 900;

/// What a channel may not keep.
struct Excess {
    by: GivenUpBy,
    allowed: i64,
    /// Where it lies, oldest first: of one bucket each partition with the bytes that it has there.
    buckets: Vec<(i32, Vec<(i64, i64)>)>,
    /// Bytes to be freed.
    bytes: i64,
}

/// One call's progress.
struct Progress {
    at: Timestamp,
    steps: u32,
    done: GivenUpPayloads,
    touched: Vec<(i32, i64)>,
}

impl Progress {
    fn new(at: Timestamp) -> Self {
        Self { at, steps: STEPS, done: GivenUpPayloads::default(), touched: Vec::new() }
    }
}

impl Store {
    pub(super) async fn give_up(&self, at: Timestamp) -> Result<GivenUpPayloads, StoreError> {
        let mut all = self.outdated(at).await.map_err(failed)?;
        all.extend(self.above_their_limit().await.map_err(failed)?);
        let mut progress = Progress::new(at);
        for excess in all {
            self.free(&excess, &mut progress).await.map_err(failed)?;
        }
        self.drop_emptied(&progress).await?;
        self.forget_given_up(at).await.map_err(failed)?;
        Ok(progress.done)
    }

    /// So many bytes of one channel, because the budget of `allowed` is used up.
    pub(super) async fn give_up_of(
        &self,
        channel: ChannelId,
        bytes: u64,
        allowed: u64,
        at: Timestamp,
    ) -> Result<GivenUpPayloads, StoreError> {
        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let buckets = self.payloads_of(channel.0).await.map_err(failed)?;
        let excess = Excess { by: GivenUpBy::Budget, allowed: number(allowed), buckets, bytes: number(bytes) };
        let mut progress = Progress::new(at);
        self.free(&excess, &mut progress).await.map_err(failed)?;
        self.drop_emptied(&progress).await?;
        Ok(progress.done)
    }

    /// Payloads in buckets of a longer class than their channel has now, whose time by the new one has passed.
    async fn outdated(&self, at: Timestamp) -> sqlx::Result<Vec<Excess>> {
        let rows = sqlx::query!(
            r#"select d.bucket, d.partition_id, d.stored_bytes, c.payload_class
               from bucket b join partition_bucket d on d.part = 'payload' and d.bucket = b.id
               join partition p on p.id = d.partition_id join channel c on c.id = p.channel_id
               where b.part = 'payload' and b.detached_at is null and b.class_days > c.payload_class
                 and b.to_time + c.payload_class * interval '1 day' <= $1
               order by b.to_time, d.partition_id limit $2"#,
            Ts(at) as Ts,
            MOST
        )
        .fetch_all(self.capture_pool())
        .await?;
        let outdated = rows.into_iter().map(|r| Excess {
            by: GivenUpBy::Retention,
            allowed: r.payload_class.into(),
            buckets: vec![(r.bucket, vec![(r.partition_id, r.stored_bytes)])],
            bytes: i64::MAX,
        });
        Ok(outdated.collect())
    }

    async fn above_their_limit(&self) -> sqlx::Result<Vec<Excess>> {
        let channels = sqlx::query!(
            r#"select c.id, c.payload_limit as "allowed!", sum(d.stored_bytes)::bigint as "bytes!"
               from channel c join partition p on p.channel_id = c.id
               join partition_bucket d on d.partition_id = p.id and d.part = 'payload'
               where c.payload_limit is not null
               group by c.id having sum(d.stored_bytes) > c.payload_limit order by c.id limit $1"#,
            MOST
        )
        .fetch_all(self.capture_pool())
        .await?;
        let mut above = Vec::with_capacity(channels.len());
        for channel in channels {
            let buckets = self.payloads_of(channel.id).await?;
            above.push(Excess {
                by: GivenUpBy::Limit,
                allowed: channel.allowed,
                buckets,
                bytes: channel.bytes - channel.allowed,
            });
        }
        Ok(above)
    }

    /// Where a channel's payloads lie, oldest first.
    async fn payloads_of(&self, channel: i64) -> sqlx::Result<Vec<(i32, Vec<(i64, i64)>)>> {
        let rows = sqlx::query!(
            "select d.bucket, d.partition_id, d.stored_bytes
             from partition p join partition_bucket d on d.partition_id = p.id and d.part = 'payload'
             join bucket b on b.part = 'payload' and b.id = d.bucket
             where p.channel_id = $1 and b.detached_at is null and d.stored_bytes > 0
             order by b.to_time, d.bucket, d.partition_id",
            channel
        )
        .fetch_all(self.capture_pool())
        .await?;
        let mut buckets: Vec<(i32, Vec<(i64, i64)>)> = Vec::new();
        for row in rows {
            let part = (row.partition_id, row.stored_bytes);
            match buckets.last_mut().filter(|(bucket, _)| *bucket == row.bucket) {
                Some((_, parts)) => parts.push(part),
                None => buckets.push((row.bucket, vec![part])),
            }
        }
        Ok(buckets)
    }

    /// Bucket after bucket; within one, each partition gives up its part, so that none loses all of a time and another
    /// nothing.
    async fn free(&self, excess: &Excess, progress: &mut Progress) -> sqlx::Result<()> {
        let mut left = excess.bytes;
        for (bucket, parts) in &excess.buckets {
            if left <= 0 {
                break;
            }
            let there: i64 = parts.iter().map(|p| p.1).sum();
            let wanted = left;
            for (partition, bytes) in parts {
                let part = share(wanted, *bytes, there);
                left = left.saturating_sub(self.free_of(*bucket, *partition, part, excess, progress).await?);
            }
        }
        Ok(())
    }

    /// How many bytes were freed: at least `bytes`, if there were as many and steps left.
    async fn free_of(
        &self,
        bucket: i32,
        partition: i64,
        bytes: i64,
        excess: &Excess,
        progress: &mut Progress,
    ) -> sqlx::Result<i64> {
        let (at, mut freed) = (progress.at, 0);
        while freed < bytes {
            if progress.steps == 0 {
                progress.done.more = true;
                break;
            }
            progress.steps -= 1;
            let mut tx = crate::pool::begin(self.capture_pool()).await?;
            // What a hold keeps stays, limit or not.
            if let Some(bucket) = Bucket::known(Part::Payload.as_str(), bucket)
                && pinned(&mut tx, bucket, at).await?
            {
                tx.commit().await?;
                break;
            }
            let step = sqlx::query_file!(
                "queries/maintenance/give_up.sql",
                bucket,
                partition,
                BLOCKS,
                bytes - freed,
                excess.by.as_str(),
                i32::try_from(at.0.div_euclid(3_600_000_000)).unwrap_or(i32::MAX),
                excess.allowed,
                Ts(at) as Ts
            )
            .fetch_one(&mut *tx)
            .await?;
            tx.commit().await?;
            if step.blocks == 0 {
                progress.touched.push((bucket, partition));
                break;
            }
            freed += step.bytes;
            progress.done.blocks += step.blocks.unsigned_abs();
            progress.done.bytes += step.bytes.unsigned_abs();
        }
        Ok(freed)
    }

    /// What nothing is left of goes out of the directory, and a bucket of the past that is empty off the disk: only then
    /// is its room given back. (Room in others is used again by what comes, as long as they are written.)
    async fn drop_emptied(&self, progress: &Progress) -> Result<(), StoreError> {
        let mut buckets: BTreeMap<i32, Vec<i64>> = BTreeMap::new();
        for (bucket, partition) in &progress.touched {
            buckets.entry(*bucket).or_default().push(*partition);
        }
        let mut empty = Vec::new();
        for (id, partitions) in buckets {
            let Some(bucket) = Bucket::known(Part::Payload.as_str(), id) else { continue };
            if bucket.bounds().1.plus_secs(PAST_SECS) > progress.at {
                continue;
            }
            let used = sqlx::query_scalar!(
                r#"with gone as (
                       delete from partition_bucket d
                       where d.part = 'payload' and d.bucket = $1 and d.partition_id = any($2)
                         and not exists (select from block b where b.bucket = $1 and b.partition_id = d.partition_id)
                       returning d.partition_id
                   )
                   select exists (
                       select from partition_bucket d where d.part = 'payload' and d.bucket = $1
                         and not exists (select from gone g where g.partition_id = d.partition_id)
                   ) as "used!""#,
                id,
                &partitions
            )
            .fetch_one(self.capture_pool())
            .await
            .map_err(failed)?;
            if !used {
                empty.push((bucket, false));
            }
        }
        self.remove_buckets(empty, progress.at).await.map(drop)
    }

    /// What is told of payloads is of use as long as their rows can be there.
    async fn forget_given_up(&self, at: Timestamp) -> sqlx::Result<()> {
        const LONGEST_HOURS: i64 = 500 * 24;
        let hour = i32::try_from(at.0.div_euclid(3_600_000_000) - LONGEST_HOURS).unwrap_or(0);
        sqlx::query!("delete from payload_given_up where hour < $1", hour).execute(self.capture_pool()).await?;
        Ok(())
    }
}

/// `of` in the proportion of `part` to `whole`, rounded up; all of it where more is wanted than there is.
fn share(of: i64, part: i64, whole: i64) -> i64 {
    if of >= whole {
        return i64::MAX;
    }
    let exact = i128::from(of) * i128::from(part);
    let whole = i128::from(whole.max(1));
    i64::try_from((exact + whole - 1) / whole).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_partition_gives_its_part() {
        assert_eq!([share(10, 50, 100), share(10, 49, 100), share(1, 1, 3)], [5, 5, 1]);
        assert_eq!([share(100, 50, 100), share(i64::MAX, 0, 0)], [i64::MAX; 2]);
        assert_eq!(share(i64::MAX - 1, i64::MAX - 1, i64::MAX), i64::MAX - 1);
    }
}
