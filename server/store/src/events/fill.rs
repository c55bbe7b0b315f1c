//! Keys and payload heads for the rows of a page: each block read and opened once, large ones only at their beginning.

use super::{reach::Reach, rows::Row};
use crate::{
    block::{BadBlock, Block},
    error::corrupt,
};
use sqlx::PgConnection;
use std::collections::{BTreeMap, HashMap};
use weir_domain::{
    EventId,
    access::View,
    events::{Absence, KeyHash, StoredRow},
};

/// Bytes of a payload that a list shows something of.
const HEAD: usize = 512;
/// A list shows no more of a key; the whole one is in the event's own page.
pub(super) const KEY: usize = 4096;
/// Bytes read of a block at first: more than most blocks have.
const PREFIX: i32 = 256 * 1024;
/// The same where only keys are asked for: they stand at the beginning.
pub(crate) const KEYS_PREFIX: i32 = 16 * 1024;
/// Blocks held at once: bounds memory to a few megabytes.
const AT_ONCE: usize = 16;

/// What was read from a block for one event.
#[derive(Debug, Default)]
pub(super) struct Bytes {
    pub(super) key: Option<Vec<u8>>,
    pub(super) head: Option<Vec<u8>>,
}

/// Which rows lie in which block.
pub(super) fn by_block(rows: &[Row]) -> BTreeMap<(i32, i64, i64), Vec<&Row>> {
    let mut wanted: BTreeMap<(i32, i64, i64), Vec<&Row>> = BTreeMap::new();
    for row in rows {
        if let Some(block) = row.block() {
            wanted.entry(block).or_default().push(row);
        }
    }
    wanted
}

/// Bytes of `rows`, as far as their blocks are still there. `most` bounds the payload heads.
pub(super) async fn open_blocks(
    db: &mut PgConnection,
    rows: &[Row],
    keys: bool,
    heads: bool,
    most: usize,
) -> sqlx::Result<HashMap<EventId, Bytes>> {
    let wanted = by_block(rows);
    let mut found = HashMap::with_capacity(rows.len());
    if !keys && !heads {
        return Ok(found);
    }
    let blocks: Vec<_> = wanted.keys().copied().collect();
    for same_bucket in blocks.chunk_by(|a, b| a.0 == b.0) {
        for some in same_bucket.chunks(AT_ONCE) {
            open_some(db, some, &wanted, keys, heads, most, &mut found).await?;
        }
    }
    Ok(found)
}

async fn open_some(
    db: &mut PgConnection,
    blocks: &[(i32, i64, i64)],
    wanted: &BTreeMap<(i32, i64, i64), Vec<&Row>>,
    keys: bool,
    heads: bool,
    most: usize,
    found: &mut HashMap<EventId, Bytes>,
) -> sqlx::Result<()> {
    let Some(&(bucket, ..)) = blocks.first() else { return Ok(()) };
    let prefix = if heads { PREFIX } else { KEYS_PREFIX };
    for (partition, first, body) in bodies(db, bucket, blocks, prefix).await? {
        let Some(rows) = wanted.get(&(bucket, partition, first)) else { continue };
        match read(&body, rows, keys, heads, most, found) {
            // Huge keys: the whole block, alone.
            Err(BadBlock::TooShort) => {
                for (.., body) in bodies(db, bucket, &[(bucket, partition, first)], i32::MAX).await? {
                    read(&body, rows, keys, heads, most, found).map_err(|e| damaged(partition, first, &e))?;
                }
            }
            done => done.map_err(|e| damaged(partition, first, &e))?,
        }
    }
    Ok(())
}

/// The beginnings of some blocks of one bucket: (partition, first position, bytes). Those whose retention has passed are left out.
pub(crate) async fn bodies(
    db: &mut PgConnection,
    bucket: i32,
    blocks: &[(i32, i64, i64)],
    most: i32,
) -> sqlx::Result<Vec<(i64, i64, Vec<u8>)>> {
    let rows = sqlx::query_file!(
        "queries/events/blocks.sql",
        bucket,
        &blocks.iter().map(|b| b.1).collect::<Vec<_>>(),
        &blocks.iter().map(|b| b.2).collect::<Vec<_>>(),
        most
    )
    .fetch_all(&mut *db)
    .await?;
    Ok(rows.into_iter().map(|r| (r.partition_id, r.first_position, r.body)).collect())
}

/// What a page may see of `rows`.
pub(super) async fn shown(
    db: &mut PgConnection,
    view: &View,
    reach: &Reach,
    rows: &[Row],
) -> sqlx::Result<Vec<StoredRow>> {
    let names = type_names(db, rows).await?;
    let mut bytes = open_blocks(db, rows, view.key(), view.payload(), HEAD).await?;
    let mut shown = Vec::with_capacity(rows.len());
    for row in rows {
        let read = bytes.remove(&row.id());
        let expired = read.is_none() && (view.key() || view.payload());
        let Bytes { key, head } = read.unwrap_or_default();
        // The hash found it; the key's own bytes decide, as long as they are there.
        if let (Some((_, wanted)), Some(key)) = (&reach.key, &key)
            && key != wanted
        {
            continue;
        }
        let Some(place) = reach.partitions.get(&row.partition()) else { continue };
        shown.push(row_shown(row, *place, names.get(&row.type_id), key, head, expired));
    }
    super::given_up::tell(db, shown.iter_mut()).await?;
    Ok(shown)
}

pub(super) async fn type_names(db: &mut PgConnection, rows: &[Row]) -> sqlx::Result<HashMap<i32, String>> {
    let mut ids: Vec<i32> = rows.iter().map(|r| r.type_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let names = sqlx::query!("select id, name from event_type where id = any($1)", &ids).fetch_all(&mut *db).await?;
    Ok(names.into_iter().map(|r| (r.id, r.name)).collect())
}

pub(super) fn row_shown(
    row: &Row,
    place: super::reach::Place,
    event_type: Option<&String>,
    mut key: Option<Vec<u8>>,
    payload_head: Option<Vec<u8>>,
    expired: bool,
) -> StoredRow {
    if let Some(key) = &mut key {
        key.truncate(KEY);
    }
    StoredRow {
        id: row.id(),
        source: place.source,
        channel: place.channel,
        partition_number: place.number,
        sort_time: row.sort_time.0,
        time_mark: row.flags().time_mark(),
        captured_at: row.captured_at.0,
        event_type: event_type.cloned().unwrap_or_default(),
        key,
        key_hash: row.key_hash.map(KeyHash),
        size: u64::try_from(row.size).unwrap_or(0),
        tombstone: row.flags().tombstone(),
        possible_duplicate: row.flags().possible_duplicate(),
        absent: row.flags().absence().or(expired.then(|| Absence::of(None, false))),
        payload_head,
    }
}

pub(crate) fn damaged(partition: i64, first: i64, e: &BadBlock) -> sqlx::Error {
    corrupt(format!("block {partition}-{first}: {e}"))
}

fn read(
    body: &[u8],
    rows: &[&Row],
    keys: bool,
    heads: bool,
    most: usize,
    found: &mut HashMap<EventId, Bytes>,
) -> Result<(), BadBlock> {
    let block = Block::open(body)?;
    let reach = rows.iter().map(|r| block.reach(r.place_in_block(), most)).max().unwrap_or(0);
    let payloads = if heads { Some(block.body_prefix(reach)?) } else { None };
    for row in rows {
        let at = row.place_in_block();
        let key = if keys { block.key(at)?.map(<[u8]>::to_vec) } else { None };
        let head = match &payloads {
            Some(p) => p.payload_head(at, most)?.map(<[u8]>::to_vec),
            None => None,
        };
        found.insert(row.id(), Bytes { key, head });
    }
    Ok(())
}
