use crate::{Broker, memory::NewRecord};
use async_trait::async_trait;
use std::sync::Arc;
use weir_domain::Position;

/// What a broker, in a test, can be made to do. A case whose ability is missing passes without a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abilities {
    pub transactions: bool,
    pub delete_records: bool,
    pub compaction: bool,
    /// Cut a log below its end.
    pub truncate: bool,
    /// Take a partition's leader away.
    pub leaderless: bool,
    /// Become unreachable.
    pub away: bool,
    /// Tell who reads it, and how far they are.
    pub lag: bool,
}

/// A real broker or the one in memory, ready to be told what to do. Channel names are made unique by `create`.
#[async_trait]
pub trait Fixture: Send + Sync {
    fn abilities(&self) -> Abilities;
    fn broker(&self) -> Arc<dyn Broker>;
    /// Makes a channel that takes payloads of 10 MB, and waits until it can be written; returns its whole name.
    async fn create(&self, name: &str, partitions: usize) -> String;
    /// One whose records compaction takes away by key.
    async fn create_compacted(&self, name: &str) -> String;
    /// Some channel of the broker's own bookkeeping, which exists when this returns.
    async fn internal(&self) -> String;
    async fn add_partitions(&self, channel: &str, total: usize);
    async fn delete(&self, channel: &str);
    /// Deletes it and makes it again, empty, with as many partitions.
    async fn recreate(&self, channel: &str, partitions: usize);
    /// Appends these, in one batch where the broker has batches, and returns the first one's position.
    async fn produce(&self, channel: &str, partition: usize, records: Vec<NewRecord>) -> Position;
    /// Opens a transaction with these records in it, which may be none: then only its end is seen in the partition.
    async fn begin(
        &self,
        transactional_id: &str,
        channel: &str,
        partition: usize,
        records: Vec<NewRecord>,
    ) -> Box<dyn OpenTransaction>;
    async fn delete_records(&self, channel: &str, partition: usize, before: Position);
    /// Compacts partition 0 of a channel of `create_compacted`, all but its last record, and returns when done.
    async fn compact(&self, channel: &str);
    async fn truncate(&self, channel: &str, partition: usize, end: Position);
    async fn set_leader(&self, channel: &str, partition: usize, present: bool);
    async fn set_reachable(&self, reachable: bool);
    /// Commits a position for a group that nobody is in, which is made if it is not there.
    async fn commit(&self, group: &str, channel: &str, partition: i32, next: Position);
    /// A member that holds all partitions of the channel when this returns, and commits nothing.
    async fn join(&self, group: &str, channel: &str) -> Box<dyn Joined>;
}

#[async_trait]
pub trait Joined: Send + Sync {
    async fn leave(self: Box<Self>);
}

#[async_trait]
pub trait OpenTransaction: Send {
    async fn commit(self: Box<Self>);
    async fn abort(self: Box<Self>);
}
