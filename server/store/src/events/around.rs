//! What lies around one event: in its partition, and of its key.

use super::{
    fill::{open_blocks, shown},
    needle::{NEEDLE, with_hash},
    reach::{Reach, reach},
    rows::{self, Row, Span, nearest},
};
use crate::Store;
use sqlx::PgConnection;
use std::cmp::Reverse;
use weir_domain::{
    EventId,
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
        let Some((_, own)) = rows::one(&mut db, id).await? else { return Ok(None) };
        let rows = beside(&mut db, &own, each as usize).await?;
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

/// The events before one in its partition, it, and those after it, each time the nearest first; `each` of them at most.
async fn beside(db: &mut PgConnection, own: &Row, each: usize) -> sqlx::Result<Vec<Row>> {
    let (partition, position) = (own.partition_id, own.position);
    // Its own span may hold them all, and any other holds one at least.
    let spans = i64::try_from(each).unwrap_or(i64::MAX).saturating_add(1);
    let before = sqlx::query_file!("queries/events/spans_before.sql", partition, position, spans).fetch_all(&mut *db);
    let before: Vec<_> =
        before.await?.into_iter().map(|s| (s.bucket, span(partition, s.first_position, s.events))).collect();
    let after = sqlx::query_file!("queries/events/spans_after.sql", partition, position, spans).fetch_all(&mut *db);
    let after = after.await?.into_iter().map(|s| (s.bucket, span(partition, s.first_position, s.events)));
    // The rest of its own span comes first.
    let after: Vec<_> = before.first().copied().into_iter().chain(after).collect();
    let mut rows = nearest(db, &before, each, |r| r.position < position).await?;
    rows.sort_unstable_by_key(|r| Reverse(r.position));
    rows.truncate(each);
    rows.push(own.clone());
    let mut later = nearest(db, &after, each, |r| r.position > position).await?;
    later.sort_unstable_by_key(|r| r.position);
    later.truncate(each);
    rows.extend(later);
    Ok(rows)
}

fn span(partition: i64, first: i64, events: i32) -> Span {
    Span { partition, first, events: u32::try_from(events).unwrap_or(0) }
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
    let Some(mut rows) = with_hash(db, reach, hash, TimeRange::default(), NEEDLE).await? else {
        return Ok((Neighbours::default(), true));
    };
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
