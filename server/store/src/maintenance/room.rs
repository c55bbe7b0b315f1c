//! What the tables of captured events take of the disk, and the room in them that is written to again.

use super::bucket::{Bucket, Part};
use crate::{Store, timestamp::Ts};
use sqlx::AssertSqlSafe;
use std::collections::HashMap;
use weir_domain::Timestamp;

/// A bucket is left behind by every clock this long after its period.
const PAST_SECS: i64 = 900;
/// Less room than this, and than a tenth of the table, is not worth writing it anew.
const WORTH: i64 = 4_000_000;

/// A bucket with what its tables take.
pub(super) struct Measured {
    pub(super) bucket: Bucket,
    pub(super) bytes: i64,
    /// Of them: what was given up, and holds nothing.
    pub(super) room: i64,
    /// Something was given up in it.
    pub(super) holed: bool,
}

impl Store {
    pub(super) async fn measured(&self) -> sqlx::Result<Vec<Measured>> {
        let rows = sqlx::query!(
            r#"select b.part, b.id, b.density, coalesce(sum(d.stored_bytes), 0)::bigint as "stored!"
               from bucket b left join partition_bucket d on d.part = b.part and d.bucket = b.id
               where b.detached_at is null group by b.part, b.id, b.density"#
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
            let room = row.density.filter(|_| bucket.part == Part::Payload).map_or(0, |d| room(blocks, row.stored, d));
            Measured { bucket, bytes, room, holed: row.density.is_some() }
        });
        Ok(measured.collect())
    }

    /// Blocks that were given up leave room in their table. In one that is still written to it is used again, as soon as it
    /// is vacuumed; in one of the past never, so the table is written anew where that is worth it.
    pub(super) async fn give_room_back(&self, at: Timestamp) -> sqlx::Result<()> {
        for m in self.measured().await?.into_iter().filter(|m| m.holed) {
            let past = m.bucket.bounds().1.plus_secs(PAST_SECS) <= at;
            if past && m.room < WORTH.max(m.bytes / 10) {
                continue;
            }
            let how = if past { "vacuum (full)" } else { "vacuum (index_cleanup on)" };
            let Some((_, table)) = m.bucket.tables().find(|(parent, _)| *parent == "block") else { continue };
            let mut connection = self.capture_pool().acquire().await?;
            // Other limits than the pool's; and whoever drops this call ends it there. Who waits for the table's lock makes
            // others wait behind him, so not for long.
            connection.close_on_drop();
            sqlx::raw_sql("set statement_timeout = '15min'; set lock_timeout = '2s'").execute(&mut *connection).await?;
            let done = sqlx::query(AssertSqlSafe(format!("{how} {table}"))).execute(&mut *connection).await;
            let _ = connection.close().await;
            match done {
                Ok(_) if past => {
                    sqlx::query!("update bucket set density = null where part = 'payload' and id = $1", m.bucket.id)
                        .execute(self.capture_pool())
                        .await?;
                }
                Ok(_) => {}
                // Somebody reads there, or there is no room for the copy: the next time.
                Err(error) => tracing::debug!(bucket = m.bucket.id, %error, "its room can't be given back yet"),
            }
        }
        Ok(())
    }

    /// The buckets of payloads that a hold keeps, as far as the directory tells.
    pub(super) async fn kept_by_holds(&self, measured: &[Measured], at: Timestamp) -> sqlx::Result<Vec<i32>> {
        let mut kept = Vec::new();
        for m in measured.iter().filter(|m| m.bucket.part == Part::Payload) {
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
        assert_eq!([room(1100, 500, 1.1), room(500, 500, 1.1), room(0, 0, 1.0)], [549, 0, 0]);
    }
}
