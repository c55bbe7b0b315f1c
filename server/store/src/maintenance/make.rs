//! Making a bucket: its tables, attached, and its row. DDL, so not checked at compile time; names are ours.

use super::bucket::Bucket;
use crate::timestamp::Ts;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// Advisory lock for making buckets ("buck"): two processes never do it at once.
pub(crate) const LOCK: i64 = 0x6275_636b;

/// Makes the bucket unless it is there; true if it was made. Safe under concurrency, and while others read and write:
/// ATTACH takes a lock that lets both go on.
pub(crate) async fn make(connection: &mut PgConnection, bucket: Bucket) -> sqlx::Result<bool> {
    let mut tx = connection.begin().await?;
    sqlx::query("select pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await?;
    let (from, to) = bucket.bounds();
    let made = sqlx::query!(
        "insert into bucket (part, id, class_days, from_time, to_time) values ($1, $2, $3, $4, $5) on conflict do nothing",
        bucket.part.as_str(),
        bucket.id,
        bucket.class_days(),
        Ts(from) as Ts,
        Ts(to) as Ts
    )
    .execute(&mut *tx)
    .await?;
    if made.rows_affected() == 0 {
        return Ok(false);
    }
    for (parent, table) in bucket.tables() {
        let id = bucket.id;
        // Without a row in `bucket` this can only be what an interrupted removal left: detached, past its retention.
        for ddl in [
            format!("drop table if exists {table}"),
            format!("create table {table} (like {parent} including all, check (bucket = {id}))"),
            format!("alter table {parent} attach partition {table} for values in ({id})"),
        ] {
            sqlx::query(AssertSqlSafe(ddl)).execute(&mut *tx).await?;
        }
    }
    tx.commit().await?;
    Ok(true)
}
