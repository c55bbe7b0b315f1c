//! Rows of the event table as they are read.

use crate::{capture::flags::Flags, timestamp::Ts};
use weir_domain::{EventId, PartitionId, Position, events::PageCursor};

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
