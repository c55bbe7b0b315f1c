//! What the tap knows of the partitions it reads: the chain of cursors that makes each batch follow the one
//! before, and what has to be assigned to the reader.

use crate::StartAt;
use std::collections::HashMap;
use tokio::time::Instant;
use weir_broker::{Assignment, Chunk, PartitionAddress, StartAt as BrokerStart};
use weir_domain::{
    PartitionId,
    capture::{Cursor, Fence, Gap, GapReason, OpenPartition, PartitionProgress, Share},
};

#[derive(Debug)]
pub struct Partition {
    pub open: OpenPartition,
    /// On what ground its incarnation may be ended.
    pub fence: Fence,
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

impl Partition {
    /// Ties the first chunk from the log's end on to the stored cursor, where it has to begin that way, and tells what lies
    /// between as a gap.
    pub fn mark_begin_at_end(&mut self, chunk: &mut Chunk) {
        let Some(from) = self.open.from_end.take() else { return };
        chunk.previous = self.open.cursor.clone();
        let to = chunk.records.first().map_or(chunk.next_position, |first| first.position);
        if from < to {
            let detail = "The channel's capture was switched off, and went on here.".to_owned();
            chunk.gap.get_or_insert(Gap { from, to: Some(to), reason: GapReason::CaptureOff, detail });
        }
    }
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
    /// Never used again: work of a partition that went and came back is told from what came before.
    last_generation: u32,
    /// The reader has to be assigned anew.
    pub changed: bool,
    /// When the first rest is over, if any rests.
    pub rest_end: Option<Instant>,
}

impl Partitions {
    pub fn get_mut(&mut self, address: &PartitionAddress) -> Option<&mut Partition> {
        self.by_address.get_mut(address)
    }

    /// Is this very incarnation here, and need its cursor not be looked up again?
    pub fn has(&self, share: &Share, now: Instant) -> bool {
        let address = address_of(share);
        let rested = |p: &Partition| matches!(p.standing, Standing::Resting(until) if until <= now);
        self.by_address.get(&address).is_some_and(|p| p.open.id == share.open.id && !rested(p))
    }

    /// Rests that end by `now` are over; the next one to end is known.
    pub fn rest_over(&mut self, now: Instant) {
        let rests = self.by_address.values().filter_map(|p| match p.standing {
            Standing::Resting(until) if until > now => Some(until),
            _ => None,
        });
        self.rest_end = rests.min();
    }

    /// Those of which `held` is false, taken out.
    pub fn remove_unless(&mut self, held: impl Fn(PartitionId) -> bool) -> Vec<(PartitionAddress, PartitionId)> {
        let gone: Vec<_> =
            self.by_address.iter().filter(|(_, p)| !held(p.open.id)).map(|(a, p)| (a.clone(), p.open.id)).collect();
        gone.iter().for_each(|(address, _)| drop(self.remove(address)));
        gone
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
    pub fn put(&mut self, address: PartitionAddress, open: OpenPartition, fence: Fence, configured: StartAt) {
        let start = match &open {
            OpenPartition { from_end: Some(_), .. } => BrokerStart::Latest,
            OpenPartition { from_log_start: true, .. } => BrokerStart::Earliest,
            _ => configured.to_broker(),
        };
        let generation = self.next_generation();
        let progress = PartitionProgress { partition: open.id, start: None, end: None, held: None, error: None };
        let partition = Partition {
            accepted: if open.from_end.is_some() { None } else { open.cursor.clone() },
            open,
            fence,
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

    fn next_generation(&mut self) -> u32 {
        self.last_generation = self.last_generation.wrapping_add(1);
        self.last_generation
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
    pub fn rest(&mut self, address: &PartitionAddress, until: Instant, error: Option<String>) {
        let generation = self.next_generation();
        if let Some(partition) = self.by_address.get_mut(address) {
            partition.generation = generation;
            partition.standing = Standing::Resting(until);
            partition.progress.error = error;
            self.rest_end = Some(self.rest_end.map_or(until, |end| end.min(until)));
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

/// Where the broker has it.
pub fn address_of(share: &Share) -> PartitionAddress {
    PartitionAddress { channel: share.channel.clone(), number: share.open.number }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::{
        ChannelId, Position,
        capture::{Incarnation, MemberId},
    };

    const FENCE: Fence = Fence::Finder(MemberId(1));

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
            from_end: None,
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
        parts.put(address(), open(None), FENCE, StartAt::Earliest);
        assert_eq!(parts.assignments()[0].start, BrokerStart::Earliest);
        assert_eq!(parts.accept(&chunk(None, 1)), Link::Follows(1));
        assert_eq!(parts.accept(&chunk(Some(1), 2)), Link::Follows(1));
        assert_eq!(parts.accept(&chunk(Some(1), 2)), Link::Broken);
        assert_eq!(parts.assignments()[0].start, BrokerStart::Cursor(cursor(2)));
    }

    #[test]
    fn work_that_builds_on_dropped_work_is_dropped_too() {
        let mut parts = Partitions::default();
        parts.put(address(), open(Some(1)), FENCE, StartAt::Latest);
        assert_eq!(parts.accept(&chunk(Some(1), 2)), Link::Follows(1));
        assert_eq!(parts.accept(&chunk(Some(2), 3)), Link::Follows(1));
        // Somebody else stored up to 7.
        parts.put(address(), open(Some(7)), FENCE, StartAt::Latest);
        assert!(!parts.is_current(&address(), 1));
        assert_eq!(parts.accept(&chunk(Some(7), 8)), Link::Follows(2));
    }

    #[test]
    fn what_goes_and_comes_back_is_another_one() {
        let mut parts = Partitions::default();
        parts.put(address(), open(Some(1)), FENCE, StartAt::Latest);
        assert_eq!(parts.remove_unless(|_| true), []);
        assert_eq!(parts.remove_unless(|_| false), [(address(), PartitionId(1))]);
        parts.put(address(), open(Some(1)), FENCE, StartAt::Latest);
        assert!(!parts.is_current(&address(), 1), "work that was in hand when it went is not taken for its own");
    }

    #[test]
    fn what_was_switched_off_goes_on_at_the_end_and_tells_what_is_missing() {
        let mut parts = Partitions::default();
        let back = OpenPartition { from_end: Some(Position(3)), from_log_start: true, ..open(Some(3)) };
        parts.put(address(), back, FENCE, StartAt::Earliest);
        assert_eq!(parts.assignments()[0].start, BrokerStart::Latest);
        let mut first = chunk(None, 9);
        assert_eq!(parts.accept(&first), Link::Follows(1));
        let partition = parts.get_mut(&address()).unwrap();
        partition.mark_begin_at_end(&mut first);
        assert_eq!(first.previous, Some(cursor(3)), "it is stored only where the cursor still is");
        let gap = first.gap.unwrap();
        assert_eq!((gap.from, gap.to, gap.reason), (Position(3), Some(Position(9)), GapReason::CaptureOff));
        let mut second = chunk(Some(9), 10);
        assert_eq!(parts.accept(&second), Link::Follows(1));
        parts.get_mut(&address()).unwrap().mark_begin_at_end(&mut second);
        assert_eq!((second.previous, second.gap), (Some(cursor(9)), None));
    }

    #[test]
    fn a_resting_partition_is_not_read_until_its_rest_is_over() {
        let mut parts = Partitions::default();
        let now = Instant::now();
        parts.put(address(), open(Some(1)), FENCE, StartAt::Latest);
        parts.rest(&address(), now + std::time::Duration::from_secs(1), Some("refused".into()));
        let share = Share { channel: "c".into(), open: open(Some(1)), epoch: 1 };
        assert!(parts.assignments().is_empty() && parts.has(&share, now));
        assert_eq!(parts.accept(&chunk(Some(1), 2)), Link::Stale);
        let end = parts.rest_end.unwrap();
        assert_eq!(end, now + std::time::Duration::from_secs(1));
        parts.rest_over(end);
        assert!(!parts.has(&share, end) && parts.rest_end.is_none());
    }
}
