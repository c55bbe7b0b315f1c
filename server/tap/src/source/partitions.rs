//! What the tap knows of the partitions it reads: the chain of cursors that makes each batch follow the one
//! before, and what has to be assigned to the reader.

use crate::StartAt;
use std::collections::HashMap;
use tokio::time::Instant;
use weir_broker::{Assignment, Chunk, PartitionAddress, StartAt as BrokerStart};
use weir_domain::{
    PartitionId,
    capture::{Cursor, OpenPartition, PartitionProgress},
};

#[derive(Debug)]
pub struct Partition {
    pub open: OpenPartition,
    /// The place after everything accepted for storing: where the next chunk must begin.
    accepted: Option<Cursor>,
    start: BrokerStart,
    /// Raised when accepted work is dropped, so that later work in hand, which builds on it, is dropped too.
    generation: u32,
    /// Behind since it was assigned: its bytes fall under the catch-up cap.
    pub catching_up: bool,
    /// Part of the estimate shown as "bytes to be read".
    pub estimated: bool,
    standing: Standing,
    pub progress: PartitionProgress,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Reading,
    /// Its incarnation is over; what follows is being put into the catalog.
    Ending,
    /// The store refused a batch: not read until then.
    Resting(Instant),
}

/// How a chunk relates to what was accepted before it.
#[derive(Debug, PartialEq, Eq)]
pub enum Link {
    /// Follows; accepted as of now, under this generation.
    Follows(u32),
    /// Belongs to nothing that is read (any more).
    Stale,
    /// Does not begin where the last one ended: a defect of the connector.
    Broken,
}

#[derive(Debug, Default)]
pub struct Partitions {
    by_address: HashMap<PartitionAddress, Partition>,
    /// The reader has to be assigned anew.
    pub changed: bool,
}

impl Partitions {
    pub fn get_mut(&mut self, address: &PartitionAddress) -> Option<&mut Partition> {
        self.by_address.get_mut(address)
    }

    /// For discovery: those that need not be looked up (again), with their id where nothing was read of them.
    pub fn known(&self, now: Instant) -> HashMap<PartitionAddress, Option<PartitionId>> {
        let rested = |p: &Partition| matches!(p.standing, Standing::Resting(until) if until <= now);
        let known = self.by_address.iter().filter(|(_, p)| !rested(p));
        known.map(|(address, p)| (address.clone(), p.accepted.is_none().then_some(p.open.id))).collect()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&PartitionAddress, &Partition)> {
        self.by_address.iter()
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Partition> {
        self.by_address.values_mut()
    }

    pub fn is_empty(&self) -> bool {
        self.by_address.is_empty()
    }

    /// A partition to be read from now on, or read differently: a new incarnation, or another cursor.
    pub fn put(&mut self, address: PartitionAddress, open: OpenPartition, configured: StartAt) {
        let start = if open.from_log_start { BrokerStart::Earliest } else { configured.to_broker() };
        let generation = self.by_address.get(&address).map_or(0, |p| p.generation.wrapping_add(1));
        let progress = PartitionProgress { partition: open.id, start: None, end: None, held: None, error: None };
        let partition = Partition {
            accepted: open.cursor.clone(),
            open,
            start,
            generation,
            catching_up: true,
            estimated: false,
            standing: Standing::Reading,
            progress,
        };
        self.by_address.insert(address, partition);
        self.changed = true;
    }

    pub fn remove(&mut self, address: &PartitionAddress) -> Option<Partition> {
        self.changed = true;
        self.by_address.remove(address)
    }

    /// Checks the chain and moves on along it.
    pub fn accept(&mut self, chunk: &Chunk) -> Link {
        let Some(partition) = self.by_address.get_mut(&chunk.address) else { return Link::Stale };
        if partition.standing != Standing::Reading {
            return Link::Stale;
        }
        if chunk.previous != partition.accepted {
            return Link::Broken;
        }
        partition.accepted = Some(chunk.next.clone());
        Link::Follows(partition.generation)
    }

    /// The incarnation is over; its generation, if it was being read.
    pub fn accept_end(&mut self, address: &PartitionAddress) -> Option<u32> {
        let partition = self.by_address.get_mut(address).filter(|p| p.standing == Standing::Reading)?;
        partition.standing = Standing::Ending;
        Some(partition.generation)
    }

    pub fn is_current(&self, address: &PartitionAddress, generation: u32) -> bool {
        self.by_address.get(address).is_some_and(|p| p.generation == generation)
    }

    /// Leaves a partition alone until `until`; work in hand for it is dropped. What was stored stays, and it is
    /// read on from there when its cursor has been looked up again.
    pub fn rest(&mut self, address: &PartitionAddress, until: Instant, error: String) {
        if let Some(partition) = self.by_address.get_mut(address) {
            partition.generation = partition.generation.wrapping_add(1);
            partition.standing = Standing::Resting(until);
            partition.progress.error = Some(error);
            self.changed = true;
        }
    }

    pub fn assignments(&self) -> Vec<Assignment> {
        let reading = self.by_address.iter().filter(|(_, p)| p.standing == Standing::Reading);
        reading
            .map(|(address, p)| Assignment {
                address: address.clone(),
                incarnation: p.open.incarnation.clone(),
                start: p.accepted.clone().map_or_else(|| p.start.clone(), BrokerStart::Cursor),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::{ChannelId, Position, capture::Incarnation};

    fn address() -> PartitionAddress {
        PartitionAddress { channel: "c".into(), number: 0 }
    }

    fn cursor(n: u8) -> Cursor {
        Cursor(vec![n])
    }

    fn open(at: Option<u8>) -> OpenPartition {
        OpenPartition {
            id: PartitionId(1),
            channel: ChannelId(1),
            number: 0,
            incarnation: Incarnation(vec![]),
            cursor: at.map(cursor),
            from_log_start: false,
        }
    }

    fn chunk(previous: Option<u8>, next: u8) -> Chunk {
        Chunk {
            address: address(),
            previous: previous.map(cursor),
            records: vec![],
            next: cursor(next),
            next_position: Position(next.into()),
            gap: None,
            start: None,
            end: None,
            held: None,
            broker_bytes: 0,
        }
    }

    #[test]
    fn only_what_follows_is_accepted() {
        let mut parts = Partitions::default();
        assert_eq!(parts.accept(&chunk(None, 1)), Link::Stale);
        parts.put(address(), open(None), StartAt::Earliest);
        assert_eq!(parts.assignments()[0].start, BrokerStart::Earliest);
        assert_eq!(parts.accept(&chunk(None, 1)), Link::Follows(0));
        assert_eq!(parts.accept(&chunk(Some(1), 2)), Link::Follows(0));
        assert_eq!(parts.accept(&chunk(Some(1), 2)), Link::Broken);
        assert_eq!(parts.assignments()[0].start, BrokerStart::Cursor(cursor(2)));
    }

    #[test]
    fn work_that_builds_on_dropped_work_is_dropped_too() {
        let mut parts = Partitions::default();
        parts.put(address(), open(Some(1)), StartAt::Latest);
        assert_eq!(parts.accept(&chunk(Some(1), 2)), Link::Follows(0));
        assert_eq!(parts.accept(&chunk(Some(2), 3)), Link::Follows(0));
        // Somebody else stored up to 7.
        parts.put(address(), open(Some(7)), StartAt::Latest);
        assert!(!parts.is_current(&address(), 0));
        assert_eq!(parts.accept(&chunk(Some(7), 8)), Link::Follows(1));
    }

    #[test]
    fn a_resting_partition_is_not_read_until_its_rest_is_over() {
        let mut parts = Partitions::default();
        let now = Instant::now();
        parts.put(address(), open(Some(1)), StartAt::Latest);
        parts.rest(&address(), now + std::time::Duration::from_secs(1), "refused".into());
        assert!(parts.assignments().is_empty() && parts.known(now).len() == 1);
        assert_eq!(parts.accept(&chunk(Some(1), 2)), Link::Stale);
        assert!(parts.known(now + std::time::Duration::from_secs(1)).is_empty());
    }
}
