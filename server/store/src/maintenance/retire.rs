//! Removing buckets whose retention has passed: out of the directory, out of the tables, off the disk.

use super::bucket::Bucket;
use crate::{Store, error::failed, holds::pins::pinned, timestamp::Ts};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use weir_domain::{StoreError, Timestamp, capture::Maintained};

/// Advisory lock for removing buckets ("rebu"). Not the one for making them: a removal may wait for long, and capture
/// must get its bucket meanwhile.
pub(crate) const LOCK: i64 = 0x7265_6275;

impl Store {
    /// One bucket after another; one that is held by somebody's lock is left for the next run.
    pub(super) async fn retire(&self, now: Timestamp) -> Result<Maintained, StoreError> {
        self.end_holds(now).await.map_err(failed)?;
        let rows = sqlx::query!(
            r#"select part, id, detached_at is not null as "begun!" from bucket where to_time <= $1 order by to_time"#,
            Ts(now) as Ts
        )
        .fetch_all(self.capture_pool())
        .await
        .map_err(failed)?;
        let due = rows.iter().filter_map(|r| Some((Bucket::known(&r.part, r.id)?, r.begun)));
        self.remove_buckets(due.filter(|(b, begun)| *begun || b.ends() <= now).collect(), now).await
    }

    /// `true`: its removal was begun before.
    pub(super) async fn remove_buckets(
        &self,
        due: Vec<(Bucket, bool)>,
        now: Timestamp,
    ) -> Result<Maintained, StoreError> {
        let mut done = Maintained::default();
        if due.is_empty() {
            return Ok(done);
        }
        let mut connection = self.capture_pool().acquire().await.map_err(failed)?;
        // DETACH CONCURRENTLY takes no transaction, so the lock is the session's; another process that holds it is
        // about the same work.
        // This call may be dropped at any moment (the lease was lost): the connection then ends, and its lock with it.
        connection.close_on_drop();
        let mine = sqlx::query_scalar("select pg_try_advisory_lock($1)").bind(LOCK);
        if !mine.fetch_one(&mut *connection).await.map_err(failed)? {
            done.deferred = due.len() as u32;
            return Ok(done);
        }
        for (bucket, begun) in due {
            match remove(&mut connection, bucket, begun, now).await {
                Ok(removed) => done.dropped += u32::from(removed),
                Err(e) => match failed(e) {
                    StoreError::Internal(text) => {
                        return Err(StoreError::Internal(format!("removing bucket {}: {text}", bucket.id)));
                    }
                    _ => done.deferred += 1,
                },
            }
        }
        // Waited for, so that the next run finds the lock free.
        let _ = connection.close().await;
        Ok(done)
    }
}

/// False: a hold keeps it.
async fn remove(connection: &mut PgConnection, bucket: Bucket, begun: bool, now: Timestamp) -> sqlx::Result<bool> {
    // Short: whoever waits for a lock makes others wait behind him.
    sqlx::query("set lock_timeout = '2s'").execute(&mut *connection).await?;
    if !begun {
        // First out of the directory: pages stop looking there before the tables go.
        let mut tx = connection.begin().await?;
        if pinned(&mut tx, bucket, now).await? {
            tx.commit().await?;
            return Ok(false);
        }
        sqlx::query!(
            "update bucket set detached_at = now() where part = $1 and id = $2",
            bucket.part.as_str(),
            bucket.id
        )
        .execute(&mut *tx)
        .await?;
        // Which events were erased stays: their broker may still have them.
        leave_word(&mut tx, bucket).await?;
        sqlx::query!("delete from partition_bucket where part = $1 and bucket = $2", bucket.part.as_str(), bucket.id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
    }
    for (parent, table) in bucket.tables() {
        detach(connection, parent, &table).await?;
        sqlx::query(AssertSqlSafe(format!("drop table if exists {table}"))).execute(&mut *connection).await?;
    }
    // Again, for what an append with a clock far behind wrote in between.
    leave_word(connection, bucket).await?;
    sqlx::query!("delete from partition_bucket where part = $1 and bucket = $2", bucket.part.as_str(), bucket.id)
        .execute(&mut *connection)
        .await?;
    sqlx::query!("delete from bucket where part = $1 and id = $2", bucket.part.as_str(), bucket.id)
        .execute(connection)
        .await?;
    Ok(true)
}

/// What of each partition goes with the rows of a bucket: its pages then say where they were, and since when no more.
async fn leave_word(db: &mut PgConnection, bucket: Bucket) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into bucket_dropped
             (partition_id, bucket, class_days, first_position, last_position, min_time, max_time, dropped_at)
         select d.partition_id, d.bucket, b.class_days, d.first_position, d.last_position, d.min_time, d.max_time,
                clock_timestamp()
         from partition_bucket d join bucket b on b.part = d.part and b.id = d.bucket
         where d.part = 'metadata' and d.part = $1 and d.bucket = $2
           and exists (select from partition p where p.id = d.partition_id)
         on conflict (partition_id, bucket) do update
         set first_position = least(bucket_dropped.first_position, excluded.first_position),
             last_position = greatest(bucket_dropped.last_position, excluded.last_position),
             min_time = least(bucket_dropped.min_time, excluded.min_time),
             max_time = greatest(bucket_dropped.max_time, excluded.max_time)",
        bucket.part.as_str(),
        bucket.id
    )
    .execute(db)
    .await
    .map(drop)
}

/// Without stopping readers and writers of the other buckets.
pub(crate) async fn detach(connection: &mut PgConnection, parent: &str, table: &str) -> sqlx::Result<()> {
    let state: Option<bool> = sqlx::query_scalar(
        "select inhdetachpending from pg_inherits where inhrelid = to_regclass($1) and inhparent = to_regclass($2)",
    )
    .bind(table)
    .bind(parent)
    .fetch_optional(&mut *connection)
    .await?;
    let how = match state {
        None => return Ok(()),
        // An earlier run was interrupted in the middle.
        Some(true) => "finalize",
        Some(false) => "concurrently",
    };
    let ddl = |how: &str| AssertSqlSafe(format!("alter table {parent} detach partition {table} {how}"));
    match sqlx::query(ddl(how)).execute(&mut *connection).await {
        // Citus refuses CONCURRENTLY (decision 3): 0A000, feature not supported.
        Err(e) if e.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref() == Some("0A000") => {
            sqlx::query(ddl("")).execute(connection).await.map(drop)
        }
        done => done.map(drop),
    }
}
