//! From what one `read` returned to what has to be stored: identified, lowered to the ceiling, one piece of
//! work per partition.

use super::{
    partitions::{Link, Partitions},
    settings::Settings,
};
use std::collections::HashMap;
use tokio::time::Instant;
use weir_broker::{Chunk, Ended, PartitionAddress, Reading, Record};
use weir_domain::{
    PartitionId, Timestamp,
    capture::{CaptureBatch, CapturedEvent, PartitionProgress},
};

/// One step towards the store.
#[derive(Debug)]
pub enum Step {
    Append(CaptureBatch),
    /// The incarnation is over: close it, open what follows.
    End(Ended),
}

/// All steps of one partition, in order.
#[derive(Debug)]
pub struct Work {
    pub address: PartitionAddress,
    pub partition: PartitionId,
    pub channel: weir_domain::ChannelId,
    /// Of [`Partitions`]: work of an older one is dropped.
    pub generation: u32,
    pub steps: Vec<Step>,
}

/// What one `read` came to.
#[derive(Debug, Default)]
pub struct Round {
    pub work: Vec<Work>,
    /// Broker bytes that fall under the catch-up cap.
    pub catch_up_bytes: u64,
    /// Broker bytes of the partitions in the estimate.
    pub estimated_bytes: u64,
    /// Where the partitions that were told of stand now.
    pub progress: Vec<PartitionProgress>,
}

impl Round {
    pub fn prepare(
        news: Vec<Reading>,
        parts: &mut Partitions,
        settings: &Settings,
        captured_at: Timestamp,
        now: Instant,
    ) -> Self {
        let mut round = Self::default();
        let mut index = HashMap::new();
        for reading in news {
            match reading {
                Reading::Chunk(chunk) => round.chunk(chunk, &mut index, parts, settings, captured_at, now),
                Reading::Ended(ended) => {
                    if let Some(generation) = parts.accept_end(&ended.address) {
                        let address = ended.address.clone();
                        round.step(&address, generation, Step::End(ended), &mut index, parts);
                    }
                }
                Reading::Stuck { address, reason } => {
                    if let Some(partition) = parts.get_mut(&address) {
                        partition.progress.error = Some(cut(reason));
                        round.progress.push(partition.progress.clone());
                    }
                }
            }
        }
        round
    }

    fn chunk(
        &mut self,
        chunk: Chunk,
        index: &mut HashMap<PartitionAddress, usize>,
        parts: &mut Partitions,
        settings: &Settings,
        captured_at: Timestamp,
        now: Instant,
    ) {
        let generation = match parts.accept(&chunk) {
            Link::Follows(generation) => generation,
            Link::Stale => return,
            Link::Broken => {
                let PartitionAddress { channel, number } = &chunk.address;
                tracing::error!(
                    source = settings.name,
                    channel,
                    number,
                    "the connector skipped or repeated; reading again from the stored position"
                );
                let error = "What the connector read does not follow what is stored; it is read again.";
                parts.rest(&chunk.address, now + settings.pace.refused, error.into());
                self.progress.extend(parts.get_mut(&chunk.address).map(|p| p.progress.clone()));
                return;
            }
        };
        let Some(partition) = parts.get_mut(&chunk.address) else { return };
        partition.progress.start = chunk.start.or(partition.progress.start);
        partition.progress.end = chunk.end.or(partition.progress.end);
        partition.progress.held.clone_from(&chunk.held);
        partition.progress.error = None;
        self.progress.push(partition.progress.clone());
        if partition.catching_up {
            self.catch_up_bytes += chunk.broker_bytes;
            self.estimated_bytes += if partition.estimated { chunk.broker_bytes } else { 0 };
            partition.catching_up = chunk.end.is_some_and(|end| chunk.next_position < end);
            partition.estimated &= partition.catching_up;
        }
        if chunk.records.is_empty() && chunk.gap.is_none() && chunk.previous.as_ref() == Some(&chunk.next) {
            return;
        }
        let id = partition.open.id;
        let address = chunk.address.clone();
        let batch = batch(chunk, id, settings, captured_at);
        self.step(&address, generation, Step::Append(batch), index, parts);
    }

    fn step(
        &mut self,
        address: &PartitionAddress,
        generation: u32,
        step: Step,
        index: &mut HashMap<PartitionAddress, usize>,
        parts: &mut Partitions,
    ) {
        if let Some(at) = index.get(address) {
            let steps = &mut self.work[*at].steps;
            match (steps.last_mut(), step) {
                (Some(Step::Append(before)), Step::Append(batch)) => join(before, batch),
                (_, step) => steps.push(step),
            }
        } else if let Some(partition) = parts.get_mut(address) {
            index.insert(address.clone(), self.work.len());
            let (partition, channel) = (partition.open.id, partition.open.channel);
            self.work.push(Work { address: address.clone(), partition, channel, generation, steps: vec![step] });
        }
    }
}

fn batch(chunk: Chunk, partition: PartitionId, settings: &Settings, captured_at: Timestamp) -> CaptureBatch {
    let channel = &chunk.address.channel;
    CaptureBatch {
        partition,
        expected: chunk.previous,
        next: chunk.next,
        next_position: Some(chunk.next_position),
        captured_at,
        events: chunk.records.into_iter().map(|record| event(record, channel, settings)).collect(),
        gaps: chunk.gap.into_iter().collect(),
        broker_bytes: chunk.broker_bytes,
        end: chunk.end,
        held: chunk.held,
    }
}

fn event(record: Record, channel: &str, settings: &Settings) -> CapturedEvent {
    let identity = settings.identify.identify(channel, &record.headers, record.payload.as_deref());
    settings.ceiling.lower(CapturedEvent {
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

/// Two chunks of one read follow each other: one transaction stores both.
fn join(before: &mut CaptureBatch, batch: CaptureBatch) {
    before.next = batch.next;
    before.next_position = batch.next_position;
    before.events.extend(batch.events);
    before.gaps.extend(batch.gaps);
    before.broker_bytes += batch.broker_bytes;
    before.end = batch.end;
    before.held = batch.held;
}

/// What a broker says is shown on a page: not without end.
pub fn cut(mut text: String) -> String {
    const LONGEST: usize = 500;
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push('…');
    }
    text
}
