//! Taking one event's bytes out of the store, everything else staying as it is. The seam for erasure, which comes with
//! its own permission, audit and search for copies; until then nothing calls this.

use crate::{
    Store,
    block::blank,
    error::{corrupt, failed},
    segments::forget,
    span::{self, Base, SpanRow, pack},
    timestamp::Ts,
};
use weir_domain::{EventId, StoreError};

impl Store {
    /// Blanks an event: its block is rewritten without its key, headers and payload, its row forgets the key's hash, its span
    /// its zones, and the segments that tell of its span go, to be written anew.
    /// False if there is no such event, or it has no bytes.
    ///
    /// # Errors
    /// If the database is away or the block can't be read.
    pub async fn blank_event(&self, id: EventId) -> Result<bool, StoreError> {
        self.blank_now(id).await.map_err(failed)
    }

    async fn blank_now(&self, id: EventId) -> sqlx::Result<bool> {
        let mut tx = crate::pool::begin(self.capture_pool()).await?;
        let Some((of, row)) = super::rows::one(&mut tx, id).await? else { return Ok(false) };
        let Some((bucket, partition, first)) = row.block() else { return Ok(false) };
        let body = sqlx::query_scalar!(
            "select body from block where bucket = $1 and partition_id = $2 and first_position = $3 for update",
            bucket,
            partition,
            first
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(body) = body else { return Ok(false) };
        let body = blank(&body, row.place_in_block()).map_err(|e| super::fill::damaged(partition, first, &e))?;
        sqlx::query!(
            "update block set body = $4 where bucket = $1 and partition_id = $2 and first_position = $3",
            bucket,
            partition,
            first,
            body
        )
        .execute(&mut *tx)
        .await?;
        let span = sqlx::query!(
            r#"select captured_at as "captured_at: Ts", rows from event_span
               where bucket = $1 and partition_id = $2 and first_position = $3 for update"#,
            of,
            partition,
            first
        )
        .fetch_one(&mut *tx)
        .await?;
        let base = Base { first, captured_at: span.captured_at.0 };
        let mut rows = Vec::new();
        span::each(base, &span.rows, |_, row| {
            rows.push(match row.position == id.position.0 {
                true => SpanRow { key_hash: None, flags: row.flags.blanked(), ..row },
                false => row,
            });
        })
        .ok_or_else(|| corrupt(format!("the rows of span {partition}-{first}")))?;
        // Zones hold numbers of its payload, segments hashes of what it held.
        sqlx::query!(
            "update event_span set rows = $4, zones = null where bucket = $1 and partition_id = $2 and first_position = $3",
            of,
            partition,
            first,
            pack(base, &rows)
        )
        .execute(&mut *tx)
        .await?;
        forget(&mut tx, &[(partition, first)]).await?;
        tx.commit().await?;
        Ok(true)
    }
}
