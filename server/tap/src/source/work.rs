//! What has to be stored of one partition: first as it was read, then identified and lowered to the ceiling and to the
//! policy of its channel.

use super::settings::Settings;
use crate::{
    identify::Identify,
    policy::{Ceiling, keep},
};
use weir_broker::{Chunk, Ended, PartitionAddress, Record};
use weir_domain::{
    ChannelId, PartitionId, Timestamp,
    capture::{CaptureBatch, CapturedEvent, Fence, Keeping},
};

/// One step towards the store.
#[derive(Debug)]
pub enum Step {
    Append(Append),
    /// The incarnation is over: close it, open what follows.
    End(Ended),
}

/// What a record or a chunk costs beside its bytes: there may be any number of empty ones.
const EACH: usize = 128;

/// Chunks that follow each other: one transaction stores them.
#[derive(Debug)]
pub struct Append {
    chunks: Vec<Chunk>,
    captured_at: Timestamp,
    bytes: usize,
}

/// All steps of one partition, in order.
#[derive(Debug)]
pub struct Work {
    pub address: PartitionAddress,
    pub partition: PartitionId,
    pub channel: ChannelId,
    pub fence: Fence,
    /// Of [`super::partitions::Partitions`]: work of an older one is dropped.
    pub generation: u32,
    pub steps: Vec<Step>,
}

impl Append {
    pub fn of(chunk: Chunk, captured_at: Timestamp) -> Self {
        let bytes = EACH + chunk.records.iter().map(|r| r.raw_size() + EACH).sum::<usize>();
        Self { chunks: vec![chunk], captured_at, bytes }
    }

    fn follow(&mut self, with: Self) {
        self.chunks.extend(with.chunks);
        self.captured_at = self.captured_at.max(with.captured_at);
        self.bytes += with.bytes;
    }

    /// `None`: there is nothing in it.
    pub fn batch(self, partition: PartitionId, settings: &Settings, keeping: Keeping) -> Option<CaptureBatch> {
        let records = self.chunks.iter().map(|c| c.records.len()).sum();
        let mut chunks = self.chunks.into_iter();
        let mut first = chunks.next()?;
        let mut batch = CaptureBatch {
            partition,
            expected: first.previous.take(),
            next: first.next.clone(),
            next_position: None,
            captured_at: self.captured_at,
            events: Vec::with_capacity(records),
            gaps: Vec::new(),
            broker_bytes: 0,
            end: None,
            held: None,
        };
        for chunk in std::iter::once(first).chain(chunks) {
            let channel = &chunk.address.channel;
            let kept = |record| keep(keeping, partition, event(record, channel, settings));
            batch.events.extend(chunk.records.into_iter().map(kept));
            batch.gaps.extend(chunk.gap);
            batch.broker_bytes += chunk.broker_bytes;
            (batch.next, batch.next_position) = (chunk.next, Some(chunk.next_position));
            (batch.end, batch.held) = (chunk.end, chunk.held);
        }
        Some(batch)
    }
}

impl Work {
    pub fn add(&mut self, step: Step) {
        match (self.steps.last_mut(), step) {
            (Some(Step::Append(before)), Step::Append(append)) => before.follow(append),
            (_, step) => self.steps.push(step),
        }
    }

    /// Takes what was read later of the same incarnation.
    pub fn follow(&mut self, later: Self) {
        later.steps.into_iter().for_each(|step| self.add(step));
    }

    pub fn records(&self) -> usize {
        let of = |a: &Append| a.chunks.iter().map(|c| c.records.len()).sum::<usize>();
        self.steps.iter().map(|step| if let Step::Append(append) = step { of(append) } else { 0 }).sum()
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> usize {
        let bytes = |step: &Step| if let Step::Append(append) = step { append.bytes } else { 0 };
        self.steps.iter().map(bytes).sum()
    }
}

fn event(record: Record, channel: &str, settings: &Settings) -> CapturedEvent {
    captured(record, channel, &settings.identify, settings.ceiling)
}

/// A record as it is stored: identified, and lowered to what its source's owner lets Weir keep.
pub fn captured(record: Record, channel: &str, identify: &Identify, ceiling: Ceiling) -> CapturedEvent {
    let identity = identify.identify(channel, &record.headers, record.payload.as_deref());
    ceiling.lower(CapturedEvent {
        position: record.position,
        time_kind: record.time_kind,
        broker_ms: record.broker_ms,
        ce_time: identity.ce_time,
        event_type: identity.event_type,
        key: record.key,
        headers: record.headers,
        payload: record.payload,
        withheld: None,
        possible_duplicate: false,
    })
}
