//! Events with one key, by the index of key hashes.

use super::{
    fill::open_blocks,
    look::Looking,
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
pub(super) const NEEDLE: i64 = 2000;
/// Rows of one bucket that are opened to see whether a hash is a key's.
const SAME_HASH: i64 = 5;

/// `None`: too many for this way.
pub(super) async fn by_key(
    db: &mut PgConnection,
    reach: &Reach,
    looking: Option<&mut Looking>,
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
        r.order() < before
            && range.contains(r.sort_time.0)
            && reach.types.as_ref().is_none_or(|t| t.contains(&r.type_id))
    });
    rows.sort_unstable_by_key(|r| std::cmp::Reverse(r.order()));
    if let Some(looking) = looking {
        rows = newest_matching(db, looking, &rows, limit).await?;
    }
    let next = (rows.len() > limit).then(|| rows[limit - 1].order());
    rows.truncate(limit);
    Ok(Some(Walked { rows, looked_at, complete: true, next, passed_over: false }))
}

/// As many of `rows`, newest first, as it takes to know the page and whether there is a next one.
async fn newest_matching(
    db: &mut PgConnection,
    looking: &mut Looking,
    rows: &[Row],
    limit: usize,
) -> sqlx::Result<Vec<Row>> {
    let mut found = Vec::new();
    for some in rows.chunks(64) {
        let mut matching = looking.matching(db, some.to_vec()).await?;
        matching.sort_unstable_by_key(|r| std::cmp::Reverse(r.order()));
        found.extend(matching);
        if found.len() > limit {
            break;
        }
    }
    Ok(found)
}

/// Events with a hash that may be in a range, in no order; `most` of them at most.
pub(super) async fn with_hash(
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
    by_bitmap(&mut *db, true).await?;
    let rows = sqlx::query_file_as!(Row, "queries/events/by_key.sql", hash, &partitions, most, &buckets)
        .fetch_all(&mut *db)
        .await?;
    by_bitmap(db, false).await?;
    Ok(rows)
}

/// The only statements for a bitmap: with their LIMIT the planner hopes to meet enough rows by reading on and on.
async fn by_bitmap(db: &mut PgConnection, on: bool) -> sqlx::Result<()> {
    let how = match on {
        true => "set local enable_bitmapscan = on; set local enable_indexscan = off",
        false => "set local enable_bitmapscan = off; set local enable_indexscan = on",
    };
    sqlx::raw_sql(how).execute(db).await.map(drop)
}

impl Store {
    /// Is an event with exactly this key stored where the view reaches? Its bytes decide, so a key whose payload's
    /// retention has passed is not found here.
    pub(crate) async fn key_is_stored(&self, view: &View, key: &[u8]) -> sqlx::Result<bool> {
        let mut db = self.by_index().await?;
        let Some(reach) = reach(&mut db, view, &EventFilter::default()).await? else { return Ok(false) };
        let (hash, partitions) = (crate::capture::key_hash(key), reach.ids());
        // Newest first: a busy key is met at once, and rows whose bytes are gone never hide one whose bytes are there.
        let buckets = sqlx::query_file_scalar!("queries/events/key_buckets.sql", &partitions);
        for bucket in buckets.fetch_all(&mut *db).await? {
            by_bitmap(&mut db, true).await?;
            let rows = sqlx::query_file_as!(Row, "queries/events/key_rows.sql", hash, &partitions, bucket, SAME_HASH)
                .fetch_all(&mut *db)
                .await?;
            by_bitmap(&mut db, false).await?;
            let bytes = open_blocks(&mut db, &rows, true, false, 0).await?;
            if rows.iter().any(|r| bytes.get(&r.id()).and_then(|b| b.key.as_deref()) == Some(key)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
