//! What a test can make this broker do. A channel or partition that does not exist is a mistake of the test.

use super::{
    MemoryBroker, NewRecord,
    log::Log,
    state::{Channel, State},
};
use crate::{BrokerError, Record};
use std::sync::{Arc, PoisonError};
use weir_domain::{Position, capture::Held};

/// An open transaction in one partition; end it with [`MemoryBroker::commit`] or [`MemoryBroker::abort`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transaction(u64);

/// A channel that this broker does not show for now; see [`MemoryBroker::put_back`].
#[derive(Debug)]
pub struct Aside(String, Channel);

impl MemoryBroker {
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a channel, or makes it again, empty and in a new incarnation.
    pub fn create(&self, channel: &str, partitions: usize) {
        self.put(channel, partitions, false);
    }

    /// One of the broker's own bookkeeping.
    pub fn create_internal(&self, channel: &str, partitions: usize) {
        self.put(channel, partitions, true);
    }

    pub fn delete(&self, channel: &str) {
        self.shared.change(|state| state.channels.remove(channel));
    }

    /// As when another broker answers that has not heard of the channel, or no more.
    pub fn set_aside(&self, channel: &str) -> Option<Aside> {
        self.shared.change(|state| state.channels.remove(channel)).map(|kept| Aside(channel.to_owned(), kept))
    }

    /// The channel as it was, in place of one that has its name now.
    pub fn put_back(&self, aside: Aside) {
        self.shared.change(|state| state.channels.insert(aside.0, aside.1));
    }

    pub fn add_partitions(&self, channel: &str, total: usize) {
        self.shared.change(|state| known(state, channel).partitions.resize_with(total, Log::default));
    }

    pub fn produce(&self, channel: &str, partition: usize, record: NewRecord) -> Position {
        self.change(channel, partition, |log| log.append(&record, None))
    }

    /// Opens a transaction; the partition is held from its first record on.
    pub fn begin(&self, channel: &str, partition: usize, held: Held) -> Transaction {
        let id = self.shared.change(State::next_id);
        self.change(channel, partition, |log| log.begin(id, held));
        Transaction(id)
    }

    pub fn produce_in(&self, channel: &str, partition: usize, of: Transaction, record: NewRecord) -> Position {
        self.change(channel, partition, |log| log.append(&record, Some(of.0)))
    }

    pub fn commit(&self, channel: &str, partition: usize, transaction: Transaction) {
        self.change(channel, partition, |log| log.finish(transaction.0, true));
    }

    pub fn abort(&self, channel: &str, partition: usize, transaction: Transaction) {
        self.change(channel, partition, |log| log.finish(transaction.0, false));
    }

    /// Offsets used up by control batches: no record, and no gap.
    pub fn skip(&self, channel: &str, partition: usize, offsets: u32) {
        self.change(channel, partition, |log| log.skip(offsets.into()));
    }

    /// Compaction: takes away the records for which `gone` holds.
    pub fn compact(&self, channel: &str, partition: usize, gone: impl Fn(&Record) -> bool) {
        self.change(channel, partition, |log| log.compact(gone));
    }

    /// Compaction as Kafka does it: of each key only the last record stays, and the log's last record in any case.
    pub fn compact_by_key(&self, channel: &str, partition: usize) {
        self.change(channel, partition, Log::compact_by_key);
    }

    /// DeleteRecords, or retention: the log starts at `before` now.
    pub fn delete_records(&self, channel: &str, partition: usize, before: Position) {
        self.change(channel, partition, |log| log.delete_before(before.0));
    }

    /// An unclean leader election: what stood at `end` and after is lost, others will take these positions.
    pub fn truncate(&self, channel: &str, partition: usize, end: Position) {
        self.change(channel, partition, |log| log.truncate(end.0));
    }

    /// Why this partition can't be read ("no leader"), or `None` for "it can".
    pub fn set_problem(&self, channel: &str, partition: usize, problem: Option<&str>) {
        self.change(channel, partition, |log| log.problem = problem.map(str::to_owned));
    }

    /// Every call fails so until `None` is set.
    pub fn set_failing(&self, error: Option<BrokerError>) {
        self.shared.change(|state| state.failing = error);
    }

    /// The same broker by a network of its own, for a client that others are not in the same trouble with.
    pub fn another_way(&self) -> Self {
        Self { shared: self.shared.clone(), way: Arc::default() }
    }

    /// Every call that goes this way fails so until `None` is set.
    pub fn set_way_failing(&self, error: Option<BrokerError>) {
        *self.way.failing.lock().unwrap_or_else(PoisonError::into_inner) = error;
    }

    /// What readers report as the broker's throttling.
    pub fn set_throttled(&self, ms: u32) {
        self.shared.change(|state| state.throttled_ms = ms);
    }

    /// How many reads have returned something so far.
    pub fn reads(&self) -> u64 {
        self.shared.lock().reads
    }

    /// Start, end of what may be read, and end of the log.
    pub fn bounds(&self, channel: &str, partition: usize) -> (Position, Position, Position) {
        self.change(channel, partition, |log| (Position(log.start), Position(log.stable_end()), Position(log.end)))
    }

    fn put(&self, channel: &str, partitions: usize, internal: bool) {
        self.shared.change(|state| {
            let id = state.next_id();
            let partitions = std::iter::repeat_with(Log::default).take(partitions).collect();
            state.channels.insert(channel.to_owned(), Channel { id, internal, partitions });
        });
    }

    fn change<T>(&self, channel: &str, partition: usize, act: impl FnOnce(&mut Log) -> T) -> T {
        self.shared.change(|state| {
            let log = known(state, channel).partitions.get_mut(partition);
            #[expect(clippy::panic, reason = "a mistake of the test that controls this broker")]
            act(log.unwrap_or_else(|| panic!("{channel} has no partition {partition}")))
        })
    }
}

pub(super) fn known<'a>(state: &'a mut State, channel: &str) -> &'a mut Channel {
    #[expect(clippy::panic, reason = "a mistake of the test that controls this broker")]
    state.channels.get_mut(channel).unwrap_or_else(|| panic!("there is no channel {channel}"))
}
