//! What the tables of captured events take of the disk, and the room in them that is written to again.

use super::bucket::{Bucket, Part};
use crate::{Store, timestamp::Ts};
use sqlx::AssertSqlSafe;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use weir_domain::Timestamp;

/// A bucket is left behind by every clock this long after its period.
const PAST_SECS: i64 = 900;
/// Less room than this, and than a tenth of the table, is not worth writing it anew.
const WORTH: i64 = 4_000_000;
/// More than this is not copied: nobody reads the table meanwhile. It goes with its retention.
const MOST_COPIED: i64 = 256_000_000;
/// What failed is tried again after this, then after twice as long, up to the last.
const AGAIN: Duration = Duration::from_secs(15 * 60);
const LATEST: Duration = Duration::from_secs(24 * 3600);

/// Buckets whose room could not be given back: until when they are left alone, and for how long that was.
#[derive(Default)]
pub(crate) struct LeftAlone(Mutex<HashMap<i32, (Instant, Duration)>>);

impl LeftAlone {
    fn is(&self, bucket: i32, now: Instant) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&bucket).is_some_and(|(until, _)| *until > now)
    }
    fn failed(&self, bucket: i32, now: Instant) -> Duration {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pause = left.get(&bucket).map_or(AGAIN, |(_, before)| (*before * 2).min(LATEST));
        left.insert(bucket, (now + pause, pause));
        pause
    }
    /// Forgets what is done, and buckets that are gone.
    fn keep(&self, still: impl Fn(i32) -> bool) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|bucket, _| still(*bucket));
    }
}

/// A bucket with what its tables take.
pub(super) struct Measured {
    pub(super) bucket: Bucket,
    pub(super) bytes: i64,
    /// Of them: what was given up, and holds nothing.
    pub(super) room: i64,
    /// Something was given up in it.
    pub(super) holed: bool,
    /// Out of the directory, and not off the disk yet.
    pub(super) detached: bool,
}

impl Measured {
    fn past(&self, at: Timestamp) -> bool {
        self.bucket.bounds().1.plus_secs(PAST_SECS) <= at
    }
    /// Is its room written to again, or given back? What is neither is used.
    pub(super) fn free(&self, at: Timestamp) -> i64 {
        if self.past(at) && !self.worth() { 0 } else { self.room }
    }
    fn worth(&self) -> bool {
        self.room >= WORTH.max(self.bytes / 10)
    }
}

impl Store {
    pub(super) async fn measured(&self) -> sqlx::Result<Vec<Measured>> {
        let rows = sqlx::query!(
            r#"select b.part, b.id, b.density, b.detached_at is not null as "detached!",
                      coalesce(sum(d.stored_bytes), 0)::bigint as "stored!"
               from bucket b left join partition_bucket d on d.part = b.part and d.bucket = b.id
               group by b.part, b.id, b.density, b.detached_at"#
        )
        .fetch_all(self.capture_pool())
        .await?;
        let known: Vec<_> = rows.iter().filter_map(|r| Some((Bucket::known(&r.part, r.id)?, r))).collect();
        let tables: Vec<String> = known.iter().flat_map(|(b, _)| b.tables().map(|(_, table)| table)).collect();
        // Whole tables: what is TOASTed, and indexes with it. One that is gone meanwhile takes nothing.
        let sizes = sqlx::query!(
            r#"select t as "table!", coalesce(pg_total_relation_size(to_regclass(t)), 0)::bigint as "bytes!"
               from unnest($1::text[]) t"#,
            &tables
        )
        .fetch_all(self.capture_pool())
        .await?;
        let sizes: HashMap<String, i64> = sizes.into_iter().map(|r| (r.table, r.bytes)).collect();
        let size = |table: &str| sizes.get(table).copied().unwrap_or(0);
        let measured = known.into_iter().map(|(bucket, row)| {
            let bytes = bucket.tables().map(|(_, table)| size(&table)).sum();
            let blocks = bucket.tables().find(|(parent, _)| *parent == "block").map_or(0, |(_, table)| size(&table));
            let holed = row.density.filter(|_| bucket.part == Part::Payload && !row.detached);
            let room = holed.map_or(0, |d| room(blocks, row.stored, d));
            Measured { bucket, bytes, room, holed: holed.is_some(), detached: row.detached }
        });
        Ok(measured.collect())
    }

    /// Blocks that were given up leave room in their table. In one that is still written to it is used again, as soon as it
    /// is vacuumed; in one of the past never, so the table is written anew where that is worth it and not much to copy: one
    /// a call, as nobody reads it meanwhile.
    pub(super) async fn give_room_back(&self, at: Timestamp) -> sqlx::Result<()> {
        let (left, now) = (&self.caches().left_alone, Instant::now());
        let mut holed = self.measured().await?;
        holed.retain(|m| m.holed);
        left.keep(|id| holed.iter().any(|m| m.bucket.id == id));
        holed.retain(|m| !left.is(m.bucket.id, now));
        for m in holed.iter().filter(|m| !m.past(at)) {
            self.vacuum_blocks(m, "vacuum (index_cleanup on)").await;
        }
        let anew = holed.iter().filter(|m| m.past(at) && m.worth() && m.bytes - m.room <= MOST_COPIED);
        let Some(most) = anew.max_by_key(|m| m.room) else { return Ok(()) };
        if self.vacuum_blocks(most, "vacuum (full)").await {
            sqlx::query!("update bucket set density = null where part = 'payload' and id = $1", most.bucket.id)
                .execute(self.capture_pool())
                .await?;
        }
        Ok(())
    }

    /// False: somebody reads there, or there is no room for the copy, or it takes too long. Later, then.
    async fn vacuum_blocks(&self, of: &Measured, how: &str) -> bool {
        let Some((_, table)) = of.bucket.tables().find(|(parent, _)| *parent == "block") else { return false };
        let vacuumed = async {
            let mut connection = self.capture_pool().acquire().await?;
            // Other limits than the pool's; and whoever drops this call ends it there. Who waits for the table's lock makes
            // others wait behind him, so not for long.
            connection.close_on_drop();
            sqlx::raw_sql("set statement_timeout = '60s'; set lock_timeout = '2s'").execute(&mut *connection).await?;
            let done = sqlx::query(AssertSqlSafe(format!("{how} {table}"))).execute(&mut *connection).await;
            let _ = connection.close().await;
            done
        };
        let Err(error) = vacuumed.await else { return true };
        let pause = self.caches().left_alone.failed(of.bucket.id, Instant::now());
        tracing::warn!(bucket = of.bucket.id, pause_s = pause.as_secs(), %error, "its room can't be given back yet");
        false
    }

    /// The buckets of payloads that a hold keeps, as far as the directory tells.
    pub(super) async fn kept_by_holds(&self, measured: &[Measured], at: Timestamp) -> sqlx::Result<Vec<i32>> {
        let mut kept = Vec::new();
        for m in measured.iter().filter(|m| m.bucket.part == Part::Payload && !m.detached) {
            let found =
                sqlx::query_file_scalar!("queries/holds/pin.sql", Part::Payload.as_str(), m.bucket.id, Ts(at) as Ts)
                    .fetch_all(self.capture_pool())
                    .await?;
            kept.extend((!found.is_empty()).then_some(m.bucket.id));
        }
        Ok(kept)
    }
}

/// What a table is larger than what is stored in it takes.
fn room(table: i64, stored: i64, density: f64) -> i64 {
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "an estimate, far below 2^53")]
    let needed = (stored as f64 * density).ceil() as i64;
    (table - needed).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_what_is_not_needed() {
        assert_eq!([room(1100, 500, 1.1), room(500, 500, 1.1), room(0, 0, 1.0)], [550, 0, 0]);
    }

    #[test]
    fn what_nothing_writes_to_again_and_nobody_gives_back_is_used() {
        let bucket = Bucket::of(Part::Payload, 7, Timestamp(0));
        let (written, past) = (Timestamp(0), bucket.bounds().1.plus_secs(PAST_SECS));
        let of = |bytes, room| Measured { bucket, bytes, room, holed: true, detached: false };
        assert_eq!([of(50_000_000, 4_900_000).free(written), of(50_000_000, 4_900_000).free(past)], [4_900_000, 0]);
        assert_eq!([of(30_000_000, 3_900_000).free(past), of(30_000_000, 4_000_000).free(past)], [0, 4_000_000]);
    }

    #[test]
    fn what_failed_is_left_alone_longer_each_time() {
        let (left, now) = (LeftAlone::default(), Instant::now());
        assert!(!left.is(7, now));
        let pauses: Vec<_> = (0..9).map(|_| left.failed(7, now)).collect();
        assert_eq!((pauses[0], pauses[1], pauses[8]), (AGAIN, AGAIN * 2, LATEST));
        assert!(left.is(7, now + AGAIN) && !left.is(7, now + LATEST) && !left.is(8, now));
        left.keep(|_| false);
        assert!(!left.is(7, now));
    }
}
