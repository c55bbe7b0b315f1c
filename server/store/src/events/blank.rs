//! Taking events' bytes out of the store, everything else staying as it is: what erasure does to one span and its block.
//! The only place where erasure touches rows and zones; a change of how they are stored is made here.

use super::{
    fill::damaged,
    rows::{self, Row, Span, each_row},
};
use crate::{
    Store,
    block::{BadBlock, Block, blank},
    error::{corrupt, failed},
    segments,
    span::{self, Base, SpanRow, pack},
    timestamp::Ts,
};
use sqlx::PgConnection;
use weir_domain::{
    EventId, StoreError, Timestamp,
    search::{Zones, says_packed},
};

/// What erasure has to know of one row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) id: EventId,
    pub(crate) ordinal: usize,
    pub(crate) sort_time: Timestamp,
    pub(crate) key_hash: Option<i64>,
    pub(crate) tombstone: bool,
}

/// The rows of a span, by position.
pub(crate) async fn places(db: &mut PgConnection, bucket: i32, partition: i64, first: i64) -> sqlx::Result<Vec<Place>> {
    let mut places = Vec::new();
    each_row(db, bucket, &[Span { partition, first, events: 0 }], |_, row| places.push(place(&row))).await?;
    Ok(places)
}

pub(super) fn place(row: &Row) -> Place {
    Place {
        id: row.id(),
        ordinal: row.place_in_block(),
        sort_time: row.sort_time.0,
        key_hash: row.key_hash,
        tombstone: row.flags().tombstone(),
    }
}

/// Rows of a span forget the hashes of their keys and say that they were erased.
pub(crate) async fn blank_rows(
    db: &mut PgConnection,
    bucket: i32,
    partition: i64,
    first: i64,
    positions: &[i64],
) -> sqlx::Result<()> {
    let span = sqlx::query!(
        r#"select captured_at as "captured_at: Ts", rows from event_span
           where bucket = $1 and partition_id = $2 and first_position = $3 for update"#,
        bucket,
        partition,
        first
    );
    let Some(stored) = span.fetch_optional(&mut *db).await? else { return Ok(()) };
    let base = Base { first, captured_at: stored.captured_at.0 };
    let mut rows = Vec::new();
    span::each(base, &stored.rows, |_, row| {
        rows.push(match positions.contains(&row.position) {
            true => SpanRow { key_hash: None, flags: row.flags.blanked(), ..row },
            false => row,
        });
    })
    .ok_or_else(|| corrupt(format!("the rows of span {partition}-{first}")))?;
    sqlx::query!(
        "update event_span set rows = $4 where bucket = $1 and partition_id = $2 and first_position = $3",
        bucket,
        partition,
        first,
        pack(base, &rows)
    )
    .execute(db)
    .await
    .map(drop)
}

/// A span's zones, made anew of what is left in its block: the least or the greatest may have been the subject's.
/// `body` is the block as it is now; `None`: it is gone, and the zones rule nothing out any more.
pub(crate) async fn zone_anew(
    db: &mut PgConnection,
    bucket: i32,
    partition: i64,
    first: i64,
    body: Option<&[u8]>,
) -> sqlx::Result<()> {
    let zones = match body {
        Some(body) => zones_of(body).map_err(|e| damaged(partition, first, &e))?,
        None => None,
    };
    sqlx::query!(
        "update event_span set zones = $4 where bucket = $1 and partition_id = $2 and first_position = $3",
        bucket,
        partition,
        first,
        zones
    )
    .execute(db)
    .await
    .map(drop)
}

/// Of what a block holds; `None`: unknown.
pub(crate) fn zones_of(body: &[u8]) -> Result<Option<Vec<u8>>, BadBlock> {
    let block = Block::open(body)?;
    let (bytes, mut zones, mut headers) = (block.body()?, Zones::default(), Vec::new());
    for ordinal in 0..block.events() {
        if let Some(payload) = bytes.look(ordinal, &mut headers)?.and_then(|look| look.payload) {
            match headers.iter().any(|h| says_packed(h.name)) {
                true => zones.add_packed(),
                false => zones.add(payload),
            }
        }
    }
    Ok(written(&zones))
}

/// Of a span without content: there are no paths that anybody could ask for.
pub(crate) fn no_zones() -> Option<Vec<u8>> {
    written(&Zones::default())
}

fn written(zones: &Zones) -> Option<Vec<u8>> {
    zones.known().then(|| {
        let mut out = Vec::new();
        zones.write(&mut out);
        out
    })
}

/// Rewrites a block without the bytes of some events, under its row's lock. The block as it is now; `None` if it is gone.
pub(crate) async fn blank_block(
    db: &mut PgConnection,
    bucket: i32,
    partition: i64,
    first: i64,
    which: impl Fn(&[u8]) -> Result<Vec<usize>, BadBlock>,
) -> sqlx::Result<Option<(Vec<u8>, Vec<usize>)>> {
    let body = sqlx::query_scalar!(
        "select body from block where bucket = $1 and partition_id = $2 and first_position = $3 for update",
        bucket,
        partition,
        first
    )
    .fetch_optional(&mut *db)
    .await?;
    let Some(body) = body else { return Ok(None) };
    let ordinals = which(&body).map_err(|e| damaged(partition, first, &e))?;
    if ordinals.is_empty() {
        return Ok(Some((body, ordinals)));
    }
    let body = blank(&body, &ordinals).map_err(|e| damaged(partition, first, &e))?;
    sqlx::query!(
        "update block set body = $4 where bucket = $1 and partition_id = $2 and first_position = $3",
        bucket,
        partition,
        first,
        body
    )
    .execute(db)
    .await?;
    Ok(Some((body, ordinals)))
}

impl Store {
    /// Blanks an event: its block is rewritten without its key, headers and payload, and its row forgets the key's hash.
    /// False if there is no such event, or it has no bytes.
    ///
    /// # Errors
    /// If the database is away or the block can't be read.
    pub async fn blank_event(&self, id: EventId) -> Result<bool, StoreError> {
        self.blank_now(id).await.map_err(failed)
    }

    async fn blank_now(&self, id: EventId) -> sqlx::Result<bool> {
        let mut tx = crate::pool::begin(self.capture_pool()).await?;
        segments::lock(&mut tx).await?;
        let Some((span, row)) = rows::one(&mut tx, id).await? else { return Ok(false) };
        let Some((bucket, partition, first)) = row.block() else { return Ok(false) };
        let ordinal = row.place_in_block();
        let Some((body, _)) = blank_block(&mut tx, bucket, partition, first, |_| Ok(vec![ordinal])).await? else {
            return Ok(false);
        };
        blank_rows(&mut tx, span, partition, first, &[row.position]).await?;
        zone_anew(&mut tx, span, partition, first, Some(&body)).await?;
        segments::forget(&mut tx, &[(partition, first)]).await?;
        tx.commit().await?;
        Ok(true)
    }
}
