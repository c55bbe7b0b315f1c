//! The rows and bytes of some positions of one partition.

use crate::{
    Store,
    events::{RowOfStretch, rows_of_stretch},
};
use std::collections::BTreeSet;
use weir_domain::{
    PartitionId, Position,
    events::KeyHash,
    verify::{Bytes, StoredAt, Stretch},
};

impl Store {
    pub(super) async fn stored_stretch(
        &self,
        partition: PartitionId,
        (from, to): (Position, Position),
        bytes_of: &BTreeSet<Position>,
    ) -> sqlx::Result<Stretch> {
        let mut db = self.pages().acquire().await?;
        let rows = rows_of_stretch(&mut db, partition, (from, to), bytes_of).await?;
        let gaps = sqlx::query!(
            "select from_position, to_position from gap
             where partition_id = $1 and from_position < $3 and (to_position is null or to_position > $2)",
            partition.0,
            from.0,
            to.0
        )
        .fetch_all(&mut *db)
        .await?;
        // Asked last: what retention took meanwhile is not missing.
        let first = sqlx::query_scalar!(
            "select min(first_position) from partition_bucket where partition_id = $1 and part = 'metadata'",
            partition.0
        )
        .fetch_one(&mut *db)
        .await?;
        let stored = |row: RowOfStretch| StoredAt {
            position: row.position,
            time_kind: row.time_kind,
            broker_ms: row.broker_ms,
            size: row.size,
            tombstone: row.tombstone,
            key_hash: row.key_hash.map(KeyHash),
            bytes: match (row.raw, row.lost) {
                (Some(raw), _) => Bytes::Kept(raw),
                (None, true) => Bytes::Lost,
                (None, false) => Bytes::NotKept,
            },
        };
        Ok(Stretch {
            rows: rows.into_iter().map(stored).collect(),
            gaps: gaps.into_iter().map(|g| (Position(g.from_position), g.to_position.map(Position))).collect(),
            first: first.map(Position),
        })
    }
}
