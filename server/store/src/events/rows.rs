//! Rows of the event table as they are read.

use super::reach::Reach;
use crate::{capture::flags::Flags, timestamp::Ts};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use weir_domain::{EventId, PartitionId, Position, Timestamp, events::PageCursor};

/// Events that were captured together, and whose bytes are in one block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) partition: i64,
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) events: u32,
}

impl Span {
    /// No position inside it was left out.
    fn is_dense(&self) -> bool {
        self.last.checked_sub(self.first) == Some(i64::from(self.events) - 1)
    }
}

/// What a page can still take: older than `before`, and no older than `least`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub(super) before: PageCursor,
    pub(super) least: Timestamp,
}

/// The newest rows of some spans of one bucket, as far as types and key let them through; `limit` of them, or all.
pub(super) async fn of_spans(
    db: &mut PgConnection,
    bucket: i32,
    spans: &[Span],
    window: &Window,
    reach: &Reach,
    limit: Option<i64>,
) -> sqlx::Result<Vec<Row>> {
    if spans.is_empty() {
        return Ok(Vec::new());
    }
    sqlx::query_file_as!(
        Row,
        "queries/events/of_spans.sql",
        bucket,
        &spans.iter().map(|s| s.partition).collect::<Vec<_>>(),
        &spans.iter().map(|s| s.first).collect::<Vec<_>>(),
        &spans.iter().map(|s| s.last).collect::<Vec<_>>(),
        Ts(window.before.time) as Ts,
        window.before.id.partition.0,
        window.before.id.position.0,
        Ts(window.least) as Ts,
        reach.types.as_deref() as Option<&[i32]>,
        reach.key_hash(),
        limit
    )
    .fetch_all(db)
    .await
}

/// Of a span with gaps between its positions, more places than this are found by reading all of it.
const FEW: usize = 4;

/// The rows at some places of spans: (which span, place in its block).
pub(super) async fn of_places(
    db: &mut PgConnection,
    bucket: i32,
    spans: &[Span],
    places: &[(usize, i16)],
    window: &Window,
    reach: &Reach,
) -> sqlx::Result<Vec<Row>> {
    let mut by_span: BTreeMap<usize, BTreeSet<i16>> = BTreeMap::new();
    for (span, ordinal) in places {
        by_span.entry(*span).or_default().insert(*ordinal);
    }
    let whole = by_span.iter().filter(|(span, of)| of.len() > FEW && spans.get(**span).is_some_and(|s| !s.is_dense()));
    let whole: Vec<usize> = whole.map(|(span, _)| *span).collect();
    let read: Vec<Span> = whole.iter().filter_map(|span| spans.get(*span)).copied().collect();
    let wanted: HashMap<(i64, i64), BTreeSet<i16>> = whole
        .iter()
        .filter_map(|span| Some(((spans.get(*span)?.partition, spans.get(*span)?.first), by_span.remove(span)?)))
        .collect();
    let mut rows = of_spans(db, bucket, &read, window, reach, None).await?;
    rows.retain(|r| wanted.get(&(r.partition_id, r.block_first)).is_some_and(|of| of.contains(&r.ordinal)));
    let few = by_span.into_iter().flat_map(|(span, of)| of.into_iter().map(move |ordinal| (span, ordinal)));
    rows.extend(one_by_one(db, bucket, spans, few, window).await?);
    Ok(rows)
}

async fn one_by_one(
    db: &mut PgConnection,
    bucket: i32,
    spans: &[Span],
    places: impl Iterator<Item = (usize, i16)>,
    window: &Window,
) -> sqlx::Result<Vec<Row>> {
    let (mut partitions, mut from, mut to, mut ordinals) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (span, ordinal) in places {
        let Some(span) = spans.get(span) else { continue };
        // Positions ascend, so its own is at least this, and exactly this where none was left out.
        let position = span.first.saturating_add(i64::from(ordinal));
        partitions.push(span.partition);
        from.push(position);
        to.push(if span.is_dense() { position } else { span.last });
        ordinals.push(ordinal);
    }
    if ordinals.is_empty() {
        return Ok(Vec::new());
    }
    sqlx::query_file_as!(
        Row,
        "queries/events/of_places.sql",
        bucket,
        &partitions,
        &from,
        &to,
        &ordinals,
        Ts(window.before.time) as Ts,
        window.before.id.partition.0,
        window.before.id.position.0,
        Ts(window.least) as Ts
    )
    .fetch_all(db)
    .await
}

/// One row, not yet what a page may see.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) partition_id: i64,
    pub(super) position: i64,
    pub(super) sort_time: Ts,
    pub(super) captured_at: Ts,
    pub(super) block_first: i64,
    pub(super) block_bucket: Option<i32>,
    pub(super) ordinal: i16,
    pub(super) broker_ms: Option<i64>,
    pub(super) ce_time: Option<Ts>,
    pub(super) type_id: i32,
    pub(super) size: i32,
    pub(super) flags: i16,
    pub(super) key_hash: Option<i64>,
}

impl Row {
    pub(super) fn partition(&self) -> PartitionId {
        PartitionId(self.partition_id)
    }
    pub(super) fn id(&self) -> EventId {
        EventId { partition: self.partition(), position: Position(self.position) }
    }
    /// Its place in the order of lists.
    pub(super) fn order(&self) -> PageCursor {
        PageCursor { time: self.sort_time.0, id: self.id() }
    }
    pub(super) fn flags(&self) -> Flags {
        Flags(self.flags)
    }
    /// Where its bytes are: (bucket, partition, first position of the block); `None` if they were never kept.
    pub(super) fn block(&self) -> Option<(i32, i64, i64)> {
        self.block_bucket.map(|b| (b, self.partition_id, self.block_first))
    }
    pub(super) fn place_in_block(&self) -> usize {
        usize::try_from(self.ordinal).unwrap_or(usize::MAX)
    }
}
