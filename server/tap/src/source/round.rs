//! From what one `read` returned to what has to be stored: one piece of work per partition.

use super::{
    partitions::{Link, Partitions},
    settings::Settings,
    work::{Append, Step, Work},
};
use std::collections::HashMap;
use tokio::time::Instant;
use weir_broker::{Chunk, PartitionAddress, Reading};
use weir_domain::{PartitionId, Position, Timestamp, capture::PartitionProgress};

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
    /// The position after what was read of them.
    pub reached: Vec<(PartitionId, Position)>,
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
        mut chunk: Chunk,
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
                parts.rest(&chunk.address, now + settings.pace.refused, Some(error.into()));
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
        self.reached.push((partition.open.id, chunk.next_position));
        if partition.catching_up {
            self.catch_up_bytes += chunk.broker_bytes;
            self.estimated_bytes += if partition.estimated { chunk.broker_bytes } else { 0 };
            partition.catching_up = chunk.end.is_some_and(|end| chunk.next_position < end);
            partition.estimated &= partition.catching_up;
        }
        if chunk.records.is_empty() && chunk.gap.is_none() && chunk.previous.as_ref() == Some(&chunk.next) {
            return;
        }
        partition.mark_begin_at_end(&mut chunk);
        let address = chunk.address.clone();
        self.step(&address, generation, Step::Append(Append::of(chunk, captured_at)), index, parts);
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
            self.work[*at].add(step);
        } else if let Some(partition) = parts.get_mut(address) {
            index.insert(address.clone(), self.work.len());
            let (partition, channel, fence) = (partition.open.id, partition.open.channel, partition.fence);
            let address = address.clone();
            self.work.push(Work { address, partition, channel, fence, generation, steps: vec![step] });
        }
    }
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
