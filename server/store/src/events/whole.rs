//! Events with all their bytes, many at once and a few megabytes of them.

use super::{
    fill::{KEY, bodies, by_block, damaged, open_blocks, row_shown, type_names},
    reach::Reach,
    rows::Row,
};
use crate::block::{BadBlock, Block};
use sqlx::PgConnection;
use std::collections::HashMap;
use weir_domain::{
    EventId,
    access::View,
    events::{LARGEST_OF_MANY, RawEvent, StoredEvent},
};

/// Bytes of the events of one answer, before they were packed.
pub(super) const AT_MOST: u64 = 8 << 20;
/// Blocks held at once: none is larger than [`LARGEST_OF_MANY`].
const AT_ONCE: usize = 8;

fn size(row: &Row) -> u64 {
    u64::try_from(row.size).unwrap_or(0)
}

fn too_large(row: &Row) -> bool {
    size(row) > LARGEST_OF_MANY
}

/// What a row's event takes of [`AT_MOST`].
pub(super) fn weight(row: &Row) -> u64 {
    if too_large(row) { KEY as u64 } else { size(row) }
}

/// `rows` as far as a view may see them, in their order. Of those that are too large, the beginning of the key.
pub(super) async fn whole(
    db: &mut PgConnection,
    view: &View,
    reach: &Reach,
    rows: &[Row],
) -> sqlx::Result<Vec<StoredEvent>> {
    let names = type_names(db, rows).await?;
    let (large, usual): (Vec<Row>, Vec<Row>) = rows.iter().cloned().partition(too_large);
    let sees = view.key() || view.headers() || view.payload();
    let mut bytes = if sees { of_blocks(db, view, &usual).await? } else { HashMap::new() };
    let mut keys = HashMap::new();
    for some in large.chunks(AT_ONCE) {
        // A key may be as large as its event: a few at a time, and of each no more than a list shows, unless it is looked for.
        let mut read = open_blocks(db, some, view.key(), false, 0).await?;
        if reach.key.is_none() {
            read.values_mut().filter_map(|bytes| bytes.key.as_mut()).for_each(|key| {
                key.truncate(KEY);
                key.shrink_to_fit();
            });
        }
        keys.extend(read);
    }
    let mut events = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(place) = reach.partitions.get(&row.partition()) else { continue };
        let raw = bytes.remove(&row.id()).flatten();
        let (key, gone) = match too_large(row) {
            true => {
                let read = keys.remove(&row.id());
                let gone = view.key() && read.is_none();
                (read.and_then(|b| b.key), gone)
            }
            false => (raw.as_ref().and_then(|r| r.key.clone()), sees && raw.is_none()),
        };
        // The hash found it; the key's own bytes decide, as long as they are there.
        if let (Some((_, wanted)), Some(key)) = (&reach.key, &key)
            && key != wanted
        {
            continue;
        }
        events.push(StoredEvent {
            row: row_shown(row, *place, names.get(&row.type_id), key, None, gone),
            time_kind: row.flags().time_kind(),
            broker_ms: row.broker_ms,
            ce_time: row.ce_time.map(|t| t.0),
            raw,
        });
    }
    super::given_up::tell(db, events.iter_mut().map(|e| &mut e.row)).await?;
    Ok(events)
}

/// What the blocks hold of `rows`, without what the view may not see. Rows whose block is gone are left out; those whose
/// bytes were erased or never kept have none.
async fn of_blocks(
    db: &mut PgConnection,
    view: &View,
    rows: &[Row],
) -> sqlx::Result<HashMap<EventId, Option<RawEvent>>> {
    let wanted = by_block(rows);
    let mut found = HashMap::with_capacity(rows.len());
    let blocks: Vec<_> = wanted.keys().copied().collect();
    for same_bucket in blocks.chunk_by(|a, b| a.0 == b.0) {
        for some in same_bucket.chunks(AT_ONCE) {
            let Some(&(bucket, ..)) = some.first() else { continue };
            for (partition, first, body) in bodies(db, bucket, some, i32::MAX).await? {
                let Some(rows) = wanted.get(&(bucket, partition, first)) else { continue };
                read(&body, rows, view, &mut found).map_err(|e| damaged(partition, first, &e))?;
            }
        }
    }
    Ok(found)
}

fn read(
    body: &[u8],
    rows: &[&Row],
    view: &View,
    found: &mut HashMap<EventId, Option<RawEvent>>,
) -> Result<(), BadBlock> {
    let block = Block::open(body)?;
    let body = block.body()?;
    for row in rows {
        let event = body.event(row.place_in_block())?;
        found.insert(row.id(), event.map(|e| seen(e, view)));
    }
    Ok(())
}

/// Without what the view may not see.
pub(super) fn seen(event: RawEvent, view: &View) -> RawEvent {
    RawEvent {
        key: event.key.filter(|_| view.key()),
        headers: if view.headers() { event.headers } else { Vec::new() },
        payload: event.payload.filter(|_| view.payload()),
    }
}
