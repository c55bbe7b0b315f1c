//! Events with one key, by the index of key hashes.

use super::{
    fill::open_blocks,
    reach::{Reach, reach},
    rows::Row,
    walk::{Walked, at_or_before},
};
use crate::{Store, timestamp::Ts};
use sqlx::PgConnection;
use weir_domain::{
    Timestamp,
    access::View,
    events::{EventFilter, PageCursor, TimeRange},
};

/// A key with more events than this is no needle: they lie dense enough to be met by walking.
const NEEDLE: i64 = 2000;

/// `None`: too many for this way.
pub(super) async fn by_key(
    db: &mut PgConnection,
    reach: &Reach,
    hash: i64,
    range: TimeRange,
    before: Option<PageCursor>,
    limit: usize,
) -> sqlx::Result<Option<Walked>> {
    let before = before.unwrap_or(at_or_before(Timestamp(i64::MAX)));
    let mut rows = with_hash(db, reach, hash, range, before.time, NEEDLE + 1).await?;
    if rows.len() as i64 > NEEDLE {
        return Ok(None);
    }
    let looked_at = rows.len() as u64;
    rows.retain(|r| {
        r.order() < before && range.contains(r.sort_time.0) && reach.type_id.is_none_or(|t| t == r.type_id)
    });
    rows.sort_unstable_by_key(|r| std::cmp::Reverse(r.order()));
    let next = (rows.len() > limit).then(|| rows[limit - 1].order());
    rows.truncate(limit);
    Ok(Some(Walked { rows, looked_at, complete: true, next }))
}

async fn with_hash(
    db: &mut PgConnection,
    reach: &Reach,
    hash: i64,
    range: TimeRange,
    upto: Timestamp,
    most: i64,
) -> sqlx::Result<Vec<Row>> {
    let partitions = reach.ids();
    let buckets = sqlx::query_file_scalar!(
        "queries/events/buckets.sql",
        &partitions,
        Ts(range.to.map_or(upto, |t| t.min(upto))) as Ts,
        Ts(range.from.unwrap_or(Timestamp(i64::MIN))) as Ts
    )
    .fetch_all(&mut *db)
    .await?;
    // The one statement for a bitmap: with its LIMIT the planner hopes to meet enough rows by reading on and on.
    sqlx::raw_sql("set local enable_bitmapscan = on; set local enable_indexscan = off").execute(&mut *db).await?;
    let rows = sqlx::query_file_as!(Row, "queries/events/by_key.sql", hash, &partitions, most, &buckets)
        .fetch_all(&mut *db)
        .await?;
    sqlx::raw_sql("set local enable_bitmapscan = off; set local enable_indexscan = on").execute(db).await?;
    Ok(rows)
}

impl Store {
    /// Is an event with exactly this key stored where the view reaches? Its bytes decide, so a key whose payload's
    /// retention has passed is not found here.
    pub(crate) async fn key_is_stored(&self, view: &View, key: &[u8]) -> sqlx::Result<bool> {
        let mut db = self.by_index().await?;
        let Some(reach) = reach(&mut db, view, &EventFilter::default()).await? else { return Ok(false) };
        let hash = crate::capture::key_hash(key);
        let rows = with_hash(&mut db, &reach, hash, TimeRange::default(), Timestamp(i64::MAX), 5).await?;
        let bytes = open_blocks(&mut db, &rows, true, false, 0).await?;
        Ok(rows.iter().any(|r| bytes.get(&r.id()).and_then(|b| b.key.as_deref()) == Some(key)))
    }
}
