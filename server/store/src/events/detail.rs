//! One event with its bytes.

use super::{
    fill::{bodies, damaged, row_shown},
    given_up,
    reach::Place,
    rows::{self, Row},
    whole::seen,
};
use crate::{Store, block::Block};
use sqlx::PgConnection;
use weir_domain::{
    ChannelId, EventId, SourceId,
    access::View,
    events::{RawEvent, StoredEvent},
};

impl Store {
    pub(super) async fn one_event(&self, view: &View, id: EventId) -> sqlx::Result<Option<StoredEvent>> {
        let mut db = self.by_index().await?;
        let place = sqlx::query!(
            "select p.channel_id, p.number, c.source_id from partition p join channel c on c.id = p.channel_id where p.id = $1",
            id.partition.0
        )
        .fetch_optional(&mut *db)
        .await?;
        let Some(place) = place.filter(|p| view.channels().contains(ChannelId(p.channel_id))) else { return Ok(None) };
        let Some((_, row)) = rows::one(&mut db, id).await? else { return Ok(None) };
        let place =
            Place { channel: ChannelId(place.channel_id), source: SourceId(place.source_id), number: place.number };
        let event_type = sqlx::query_scalar!("select name from event_type where id = $1", row.type_id)
            .fetch_optional(&mut *db)
            .await?;
        let raw = raw(&mut db, view, &row).await?;
        let key = raw.as_ref().and_then(|r| r.key.clone());
        let head = raw.as_ref().and_then(|r| r.payload.as_ref()).map(|p| p[..p.len().min(512)].to_vec());
        let mut shown = row_shown(&row, place, event_type.as_ref(), key, head, raw.is_none());
        given_up::tell(&mut db, std::iter::once(&mut shown)).await?;
        Ok(Some(StoredEvent {
            row: shown,
            time_kind: row.flags().time_kind(),
            broker_ms: row.broker_ms,
            ce_time: row.ce_time.map(|t| t.0),
            raw,
        }))
    }
}

/// What the store keeps of an event's key, for the audit; `None` if there is no such event, or nothing of its key.
pub(crate) async fn key_of(db: &mut PgConnection, id: EventId) -> sqlx::Result<Option<i64>> {
    Ok(rows::one(db, id).await?.and_then(|(_, row)| row.key_hash))
}

/// Its bytes, without what the view may not see; `None` if they were erased, never kept, or their retention has passed.
async fn raw(db: &mut PgConnection, view: &View, row: &Row) -> sqlx::Result<Option<RawEvent>> {
    let Some(block) = row.block() else { return Ok(None) };
    let found = bodies(db, block.0, &[block], i32::MAX).await?;
    let Some((.., body)) = found.first() else { return Ok(None) };
    let broken = |e| damaged(block.1, block.2, &e);
    let opened = Block::open(body).map_err(broken)?;
    let event = opened.body().map_err(broken)?.event(row.place_in_block()).map_err(broken)?;
    Ok(event.map(|e| seen(e, view)))
}
