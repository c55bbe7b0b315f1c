//! Rows of one partition by their positions, with their bytes: for comparing them with the broker.

use super::{
    fill::{bodies, by_block},
    rows::{Row, Span, each_row},
};
use crate::block::{BadBlock, Block};
use sqlx::PgConnection;
use std::collections::{BTreeSet, HashMap};
use weir_domain::{PartitionId, Position, capture::TimeKind, events::RawEvent, verify::LONGEST_STRETCH};

/// Spans of one stretch at most: as many as it may have positions.
const MOST_SPANS: i64 = LONGEST_STRETCH;

/// A row with its bytes, whatever anybody may see.
pub(crate) struct RowOfStretch {
    pub(crate) position: Position,
    pub(crate) time_kind: TimeKind,
    pub(crate) broker_ms: Option<i64>,
    pub(crate) size: u64,
    pub(crate) tombstone: bool,
    pub(crate) key_hash: Option<i64>,
    pub(crate) raw: Option<RawEvent>,
    /// Its bytes should be there and are not, or can't be unpacked.
    pub(crate) lost: bool,
}

/// Ascending, of at most [`LONGEST_STRETCH`] positions; with bytes those that stand in `bytes_of`.
pub(crate) async fn rows_of_stretch(
    db: &mut PgConnection,
    partition: PartitionId,
    (from, to): (Position, Position),
    bytes_of: &BTreeSet<Position>,
) -> sqlx::Result<Vec<RowOfStretch>> {
    let to = to.min(Position(from.0.saturating_add(LONGEST_STRETCH)));
    let spans = sqlx::query_file!("queries/verify/spans.sql", partition.0, from.0, to.0, MOST_SPANS)
        .fetch_all(&mut *db)
        .await?;
    let mut rows = Vec::new();
    for of_bucket in spans.chunk_by(|a, b| a.bucket == b.bucket) {
        let Some(bucket) = of_bucket.first().map(|s| s.bucket) else { continue };
        let span = |first, events| Span { partition: partition.0, first, events: u32::try_from(events).unwrap_or(0) };
        let of_bucket: Vec<Span> = of_bucket.iter().map(|s| span(s.first_position, s.events)).collect();
        each_row(&mut *db, bucket, &of_bucket, |_, row| rows.push(row)).await?;
    }
    rows.retain(|row| from.0 <= row.position && row.position < to.0);
    rows.sort_unstable_by_key(|row| row.position);
    let wanted: Vec<Row> = rows.iter().filter(|row| bytes_of.contains(&Position(row.position))).cloned().collect();
    let mut bytes = of_blocks(db, &wanted).await?;
    let shown = |row: Row| {
        let kept = row.block().is_some() && row.flags().absence().is_none();
        let found = bytes.remove(&row.position);
        RowOfStretch {
            position: Position(row.position),
            time_kind: row.flags().time_kind(),
            broker_ms: row.broker_ms,
            size: u64::try_from(row.size).unwrap_or(0),
            tombstone: row.flags().tombstone(),
            key_hash: row.key_hash,
            lost: kept && matches!(found, Some(Found::Lost)),
            raw: match found {
                Some(Found::Kept(raw)) if kept => Some(raw),
                _ => None,
            },
        }
    };
    Ok(rows.into_iter().map(shown).collect())
}

enum Found {
    Kept(RawEvent),
    Lost,
}

/// By position. What is in a bucket that is no more is left out: its retention has passed.
async fn of_blocks(db: &mut PgConnection, rows: &[Row]) -> sqlx::Result<HashMap<i64, Found>> {
    let wanted = by_block(rows);
    let alive: BTreeSet<i32> = sqlx::query_scalar!(
        "select id from bucket where part = 'payload' and detached_at is null and id = any($1)",
        &wanted.keys().map(|(bucket, ..)| *bucket).collect::<Vec<_>>()
    )
    .fetch_all(&mut *db)
    .await?
    .into_iter()
    .collect();
    let mut found = HashMap::with_capacity(rows.len());
    // One at a time: a large event is a block of its own.
    for (block, rows) in wanted.iter().filter(|((bucket, ..), _)| alive.contains(bucket)) {
        let bodies = bodies(db, block.0, std::slice::from_ref(block), i32::MAX).await?;
        let events = bodies.first().and_then(|(.., body)| events_of(body, rows).ok());
        match events {
            Some(events) => found.extend(events),
            None => found.extend(rows.iter().map(|row| (row.position, Found::Lost))),
        }
    }
    Ok(found)
}

fn events_of(body: &[u8], rows: &[&Row]) -> Result<Vec<(i64, Found)>, BadBlock> {
    let block = Block::open(body)?;
    let body = block.body()?;
    let mut events = Vec::with_capacity(rows.len());
    for row in rows {
        let event = body.event(row.place_in_block())?;
        events.push((row.position, event.map_or(Found::Lost, Found::Kept)));
    }
    Ok(events)
}
