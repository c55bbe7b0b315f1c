//! Taking one event's bytes out of the store, everything else staying as it is. The seam for erasure, which comes with
//! its own permission, audit and search for copies; until then nothing calls this.

use crate::{Store, block::blank, capture::flags::Flags, error::failed};
use weir_domain::{EventId, StoreError};

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
        let Some(row) = super::detail::row(&mut tx, id).await? else { return Ok(false) };
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
        sqlx::query!(
            "update event set key_hash = null, flags = $3 where partition_id = $1 and position = $2",
            partition,
            row.position,
            Flags(row.flags).blanked().0
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(true)
    }
}
