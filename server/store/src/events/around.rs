//! What lies around one event: in its partition, and of its key.

use super::{
    by_key::{NEEDLE, with_hash},
    detail::row,
    fill::{open_blocks, shown},
    reach::{Reach, reach},
    rows::Row,
};
use crate::{Store, timestamp::Ts};
use sqlx::PgConnection;
use std::cmp::Reverse;
use weir_domain::{
    EventId, Timestamp,
    access::View,
    events::{EventFilter, Neighbours, StoredAround, StoredRow, TimeRange},
};

impl Store {
    pub(super) async fn event_around(&self, view: &View, id: EventId, each: u32) -> sqlx::Result<Option<StoredAround>> {
        let mut db = self.by_index().await?;
        let Some(mut reach) = reach(&mut db, view, &EventFilter::default()).await? else { return Ok(None) };
        if !reach.partitions.contains_key(&id.partition) {
            return Ok(None);
        }
        let Some(own) = row(&mut db, id).await? else { return Ok(None) };
        let (partition, position, most) = (id.partition.0, id.position.0, i64::from(each));
        let mut rows = sqlx::query_file_as!(Row, "queries/events/before.sql", partition, position, most)
            .fetch_all(&mut *db)
            .await?;
        rows.push(own.clone());
        rows.extend(
            sqlx::query_file_as!(Row, "queries/events/after.sql", partition, position, most)
                .fetch_all(&mut *db)
                .await?,
        );
        let mut shown = shown(&mut db, view, &reach, &rows).await?;
        let Some(at) = shown.iter().position(|r| r.id == id) else { return Ok(None) };
        let after = shown.split_off(at + 1);
        let Some(event) = shown.pop() else { return Ok(None) };
        let in_partition = Neighbours { before: shown, after };
        // The whole of it: what a list shows of a key may be its beginning only.
        let mut bytes = open_blocks(&mut db, std::slice::from_ref(&own), view.key(), false, 0).await?;
        let (of_key, busy_key) = match (own.key_hash, bytes.remove(&id).and_then(|b| b.key)) {
            (Some(hash), Some(key)) if view.key() => {
                reach.key = Some((hash, key));
                of_key(&mut db, view, &reach, &own, each as usize).await?
            }
            _ => (Neighbours::default(), false),
        };
        Ok(Some(StoredAround { event, in_partition, of_key, busy_key }))
    }
}

/// By time, over all that is reached; true instead where the key has too many.
async fn of_key(
    db: &mut PgConnection,
    view: &View,
    reach: &Reach,
    own: &Row,
    each: usize,
) -> sqlx::Result<(Neighbours<StoredRow>, bool)> {
    let Some(hash) = reach.key_hash() else { return Ok((Neighbours::default(), false)) };
    let mut rows = with_hash(db, reach, hash, TimeRange::default(), Timestamp(i64::MAX), NEEDLE + 1).await?;
    if rows.len() as i64 > NEEDLE {
        return Ok((Neighbours::default(), true));
    }
    rows.sort_unstable_by_key(|r| Reverse(r.order()));
    let Some(at) = rows.iter().position(|r| r.id() == own.id()) else { return Ok((Neighbours::default(), false)) };
    let newest = at.saturating_sub(each);
    let around: Vec<Row> = rows.drain(newest..).take(at - newest + 1 + each).collect();
    let shown = shown(db, view, reach, &around).await?;
    let order = own.order();
    let (mut after, before): (Vec<_>, Vec<_>) =
        shown.into_iter().filter(|r| r.id != own.id()).partition(|r| (r.sort_time, r.id) > (order.time, order.id));
    // Both begin with the nearest.
    after.reverse();
    Ok((Neighbours { before, after }, false))
}
