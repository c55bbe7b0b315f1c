//! Rows of events as they are read: from the packed rows of their spans.

use super::{order::Order, reach::Reach};
use crate::{
    capture::flags::Flags,
    error::corrupt,
    span::{self, Base, SpanRow},
    timestamp::Ts,
};
use sqlx::PgConnection;
use std::collections::{BTreeMap, HashMap};
use weir_domain::{EventId, PartitionId, Position, Timestamp, events::PageCursor};

/// Events that were captured together, and whose bytes are in one block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) partition: i64,
    pub(crate) first: i64,
    pub(crate) events: u32,
}

/// What a page can still take: what comes behind `edge`, and no later than what is at `far`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub(super) order: Order,
    pub(super) edge: PageCursor,
    pub(super) far: Timestamp,
}

impl Window {
    fn holds(&self, row: &Row) -> bool {
        self.order.soon(row.sort_time.0) >= self.order.soon(self.far)
            && self.order.compare(&self.edge, &row.order()).is_lt()
    }
}

/// Spans that are asked for by one statement: some megabytes at most.
const AT_ONCE: usize = 512;

/// Calls `f` with each row of some spans of one bucket, and the place of its span among them.
pub(super) async fn each_row(
    db: &mut PgConnection,
    bucket: i32,
    spans: &[Span],
    mut f: impl FnMut(usize, Row),
) -> sqlx::Result<()> {
    for (of, some) in spans.chunks(AT_ONCE).enumerate() {
        let packed = packed(db, bucket, some).await?;
        let places: HashMap<(i64, i64), usize> =
            some.iter().enumerate().map(|(i, s)| ((s.partition, s.first), of * AT_ONCE + i)).collect();
        for span in packed {
            let Some(at) = places.get(&(span.partition, span.base.first)).copied() else { continue };
            span.each(|row| f(at, row))?;
        }
    }
    Ok(())
}

/// A span's rows as they are stored.
pub(crate) struct PackedRows {
    pub(crate) partition: i64,
    pub(crate) base: Base,
    pub(super) block_bucket: Option<i32>,
    pub(super) rows: Vec<u8>,
}

impl PackedRows {
    pub(crate) fn each(&self, mut f: impl FnMut(Row)) -> sqlx::Result<()> {
        let (partition, base) = (self.partition, self.base);
        let read = span::each(base, &self.rows, |at, row| {
            f(Row::of(partition, base, self.block_bucket, at, &row));
        });
        read.ok_or_else(|| corrupt(format!("the rows of span {partition}-{}", base.first)))
    }
}

pub(crate) async fn packed(db: &mut PgConnection, bucket: i32, spans: &[Span]) -> sqlx::Result<Vec<PackedRows>> {
    let found = sqlx::query_file!(
        "queries/events/packed_rows.sql",
        bucket,
        &spans.iter().map(|s| s.partition).collect::<Vec<_>>(),
        &spans.iter().map(|s| s.first).collect::<Vec<_>>()
    )
    .fetch_all(db)
    .await?;
    let packed = found.into_iter().map(|s| PackedRows {
        partition: s.partition_id,
        base: Base { first: s.first_position, captured_at: s.captured_at.0 },
        block_bucket: s.block_bucket,
        rows: s.rows,
    });
    Ok(packed.collect())
}

/// The rows of some spans of one bucket, as far as the window, types and key let them through, in no order; the first
/// `limit` of them, or all.
pub(super) async fn of_spans(
    db: &mut PgConnection,
    bucket: i32,
    spans: &[Span],
    window: &Window,
    reach: &Reach,
    limit: Option<usize>,
) -> sqlx::Result<Vec<Row>> {
    let mut rows = Vec::new();
    each_row(db, bucket, spans, |_, row| {
        if window.holds(&row) && reach.takes(&row) {
            rows.push(row);
        }
    })
    .await?;
    if let Some(limit) = limit.filter(|limit| rows.len() > *limit) {
        window.order.sort(&mut rows);
        rows.truncate(limit);
    }
    Ok(rows)
}

/// The rows at some places of spans: (which span, place in its block).
pub(super) async fn of_places(
    db: &mut PgConnection,
    bucket: i32,
    spans: &[Span],
    places: &[(usize, i16)],
    window: &Window,
) -> sqlx::Result<Vec<Row>> {
    let mut by_span: BTreeMap<usize, Vec<i16>> = BTreeMap::new();
    for (span, ordinal) in places {
        by_span.entry(*span).or_default().push(*ordinal);
    }
    let wanted: Vec<&Vec<i16>> = by_span.values().collect();
    let read: Vec<Span> = by_span.keys().filter_map(|span| spans.get(*span)).copied().collect();
    let mut rows = Vec::with_capacity(places.len());
    each_row(db, bucket, &read, |at, row| {
        if window.holds(&row) && wanted.get(at).is_some_and(|of| of.contains(&row.ordinal)) {
            rows.push(row);
        }
    })
    .await?;
    Ok(rows)
}

/// One event's row, and the bucket it is in.
pub(crate) async fn one(db: &mut PgConnection, id: EventId) -> sqlx::Result<Option<(i32, Row)>> {
    let (partition, position) = (id.partition.0, id.position.0);
    let spans = sqlx::query_file!("queries/events/span_of.sql", partition, position).fetch_all(&mut *db).await?;
    for s in spans {
        let mut found = None;
        let span = Span { partition, first: s.first_position, events: 1 };
        each_row(db, s.bucket, &[span], |_, row| {
            if row.position == position {
                found = Some(row);
            }
        })
        .await?;
        if let Some(row) = found {
            return Ok(Some((s.bucket, row)));
        }
    }
    Ok(None)
}

/// Of spans with their buckets, nearest first, the rows of as many as it takes to have `most` of those that `takes` lets
/// through, in no order.
pub(super) async fn nearest(
    db: &mut PgConnection,
    spans: &[(i32, Span)],
    most: usize,
    takes: impl Fn(&Row) -> bool,
) -> sqlx::Result<Vec<Row>> {
    let mut rows = Vec::new();
    // The nearest may hold the place itself, so that it alone is not enough.
    let (mut from, mut enough) = (0, 2);
    while from < spans.len() && rows.len() < most {
        let some = &spans[from..spans.len().min(from + enough)];
        for same in some.chunk_by(|a, b| a.0 == b.0) {
            let Some((bucket, _)) = same.first() else { continue };
            let of: Vec<Span> = same.iter().map(|s| s.1).collect();
            each_row(db, *bucket, &of, |_, row| {
                if takes(&row) {
                    rows.push(row);
                }
            })
            .await?;
        }
        (from, enough) = (from + enough, enough * 4);
    }
    Ok(rows)
}

/// One row, not yet what a page may see.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(super) partition_id: i64,
    pub(super) position: i64,
    pub(super) sort_time: Ts,
    pub(super) captured_at: Ts,
    pub(super) block_first: i64,
    pub(super) block_bucket: Option<i32>,
    pub(super) ordinal: i16,
    pub(super) broker_ms: Option<i64>,
    pub(super) ce_time: Option<Ts>,
    pub(crate) type_id: i32,
    pub(super) size: i32,
    pub(super) flags: Flags,
    pub(crate) key_hash: Option<i64>,
}

impl Row {
    fn of(partition: i64, base: Base, block_bucket: Option<i32>, at: usize, row: &SpanRow) -> Self {
        Self {
            partition_id: partition,
            position: row.position,
            sort_time: Ts(row.sort_time),
            captured_at: Ts(base.captured_at),
            block_first: base.first,
            block_bucket: block_bucket.filter(|_| !row.flags.withheld()),
            ordinal: i16::try_from(at).unwrap_or(i16::MAX),
            broker_ms: row.broker_ms,
            ce_time: row.ce_time.map(Ts),
            type_id: row.type_id,
            size: row.size,
            flags: row.flags,
            key_hash: row.key_hash,
        }
    }
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
        self.flags
    }
    /// Where its bytes are: (bucket, partition, first position of the block); `None` if they were never kept.
    pub(super) fn block(&self) -> Option<(i32, i64, i64)> {
        self.block_bucket.map(|b| (b, self.partition_id, self.block_first))
    }
    pub(super) fn place_in_block(&self) -> usize {
        usize::try_from(self.ordinal).unwrap_or(usize::MAX)
    }
}
