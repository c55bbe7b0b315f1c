//! Small tables that would grow for ever.

use crate::{Store, timestamp::Ts};
use weir_domain::{Timestamp, links::LINK_DAYS};

/// Minutes are for sparks and yesterday; hours for trends.
const MINUTES_KEPT: i64 = 8 * 1440;
const HOURS_KEPT: i64 = 400 * 24;
/// Of buckets that were dropped.
const DROPPED_TOLD_DAYS: i64 = 400;
/// Rows removed of each table by one call.
const AT_MOST: i64 = 50_000;

impl Store {
    pub(super) async fn prune(&self, now: Timestamp) -> sqlx::Result<()> {
        let minute = i32::try_from(now.0.div_euclid(60_000_000) - MINUTES_KEPT).unwrap_or(0);
        let hour = i32::try_from(now.0.div_euclid(3_600_000_000) - HOURS_KEPT).unwrap_or(0);
        let pool = self.capture_pool();
        sqlx::query!(
            "delete from partition_minute where ctid = any(array(select ctid from partition_minute where minute < $1 limit $2))",
            minute,
            AT_MOST
        )
        .execute(pool)
        .await?;
        sqlx::query!(
            "delete from partition_hour where ctid = any(array(select ctid from partition_hour where hour < $1 limit $2))",
            hour,
            AT_MOST
        )
        .execute(pool)
        .await?;
        // Ended or expired sessions are of use for a while, to say why somebody was signed out.
        sqlx::query!(
            "delete from session where ctid = any(array(select ctid from session where expires < $1 limit $2))",
            Ts(now.plus_secs(-7 * 86_400)) as Ts,
            AT_MOST
        )
        .execute(pool)
        .await?;
        sqlx::query!(
            "delete from log_in_attempt where ctid = any(array(select ctid from log_in_attempt where last_failed < $1 limit $2))",
            Ts(now.plus_secs(-3600)) as Ts,
            AT_MOST
        )
        .execute(pool)
        .await?;
        sqlx::query!(
            "delete from search_link where ctid = any(array(select ctid from search_link where opened_at < $1 limit $2))",
            Ts(now.plus_secs(-LINK_DAYS * 86_400)) as Ts,
            AT_MOST
        )
        .execute(pool)
        .await?;
        // What retention dropped is told for as long as the longest of it.
        sqlx::query!(
            "delete from bucket_dropped
             where ctid = any(array(select ctid from bucket_dropped where dropped_at < $1 limit $2))",
            Ts(now.plus_secs(-DROPPED_TOLD_DAYS * 86_400)) as Ts,
            AT_MOST
        )
        .execute(pool)
        .await?;
        Ok(())
    }
}
