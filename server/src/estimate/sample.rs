//! A few events, read and thrown away.

use std::time::Duration;

use tokio::time::Instant;
use weir_broker::{Assignment, Broker, BrokerError, ReadLimits, Reading, Record};
use weir_domain::capture::CapturedEvent;
use weir_store::block::BlockBuilder;

/// Enough to tell a mean and how well it packs; one channel's share never is more.
const MOST_BYTES: usize = 1 << 20;
const FEWEST_BYTES: usize = 32 << 10;
const MOST_RECORDS: usize = 1_000;
/// Partitions read from, at most.
const PARTITIONS: usize = 4;
const WITHIN: Duration = Duration::from_secs(5);
const WAIT: Duration = Duration::from_millis(250);

/// What the sample holds, in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sample {
    pub records: u64,
    /// Key, headers and payload.
    pub raw_bytes: u64,
    /// Packed as the store packs.
    pub packed_bytes: u64,
}

/// What is read for a share.
pub fn bounded(share: usize) -> usize {
    share.clamp(FEWEST_BYTES, MOST_BYTES)
}

/// Reads about `share` bytes of these partitions, without a group and without a trace at the broker.
pub async fn take(broker: &dyn Broker, mut assignments: Vec<Assignment>, share: usize) -> Result<Sample, BrokerError> {
    assignments.truncate(PARTITIONS);
    let bytes = bounded(share);
    let mut sample = Sample::default();
    if assignments.is_empty() {
        return Ok(sample);
    }
    let mut reader = broker.reader(ReadLimits { bytes, records: MOST_RECORDS, wait: WAIT }).await?;
    reader.assign(assignments).await?;
    let until = Instant::now() + WITHIN;
    let mut block = BlockBuilder::default();
    let mut quiet = 0;
    while sample.raw_bytes < bytes as u64 && sample.records < MOST_RECORDS as u64 && Instant::now() < until {
        let before = sample.records;
        for reading in reader.read().await? {
            if let Reading::Chunk(chunk) = reading {
                chunk.records.into_iter().for_each(|r| sample.add(r, &mut block));
            }
        }
        // Twice nothing: there is no more to be had now.
        quiet = if sample.records == before { quiet + 1 } else { 0 };
        if quiet >= 4 {
            break;
        }
    }
    sample.close(&mut block);
    Ok(sample)
}

impl Sample {
    fn add(&mut self, record: Record, block: &mut BlockBuilder) {
        let raw = record.raw_size();
        self.records += 1;
        self.raw_bytes += raw as u64;
        if !block.fits(raw) {
            self.close(block);
        }
        block.push(&CapturedEvent {
            position: record.position,
            time_kind: record.time_kind,
            broker_ms: record.broker_ms,
            ce_time: None,
            event_type: String::new(),
            key: record.key,
            headers: record.headers,
            payload: record.payload,
            withheld: None,
            possible_duplicate: false,
        });
    }

    fn close(&mut self, block: &mut BlockBuilder) {
        if block.events() > 0 {
            let mut packed = Vec::new();
            // What can't be packed is counted as it came: an estimate must not be too low.
            self.packed_bytes += block.finish(&mut packed).map_or(self.raw_bytes, |(_, stored)| stored as u64);
        }
    }
}
