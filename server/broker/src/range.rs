//! A stretch of one partition read beside the tap: bounded, by a reader of its own, and with nothing left behind.

use crate::{Assignment, Broker, BrokerError, Ended, PartitionAddress, ReadLimits, Reading, Record, StartAt};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use weir_domain::{
    Position,
    capture::{Gap, Incarnation},
};

/// Between two looks at the time.
const WAIT: Duration = Duration::from_millis(250);

/// `from..to` of one incarnation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    pub address: PartitionAddress,
    pub incarnation: Incarnation,
    pub from: Position,
    pub to: Position,
}

/// How much one reading of a range may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RangeLimits {
    /// Raw bytes; one larger record is returned alone.
    pub bytes: usize,
    pub records: usize,
    pub within: Duration,
}

/// What stands in a range now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RangeRead {
    /// Ascending, and all of them inside the range.
    pub records: Vec<Record>,
    /// Everything below was read. Below the range's end where a limit, the log's end, or `ended` came first.
    pub next: Position,
    /// The log's bounds now, where the broker told.
    pub start: Option<Position>,
    pub end: Option<Position>,
    /// Deleted from the log's beginning, or left out by the connector.
    pub gaps: Vec<Gap>,
    /// The incarnation is over, or ends below what was asked for.
    pub ended: Option<Ended>,
    /// What it took from the broker.
    pub broker_bytes: u64,
}

/// Why a range was not read. Texts are for people and hold no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    #[error(transparent)]
    Broker(#[from] BrokerError),
    /// This partition can't be read now (leaderless, not authorised).
    #[error("{0}")]
    Stuck(String),
    #[error("the broker did not answer within {} s", .0.as_secs())]
    TimedOut(Duration),
}

/// Reads what stands in a range, as far as the limits reach. Nothing of it is acknowledged, committed or kept.
///
/// # Errors
/// When nothing could be read; what was read before the time ran out is returned as a shorter range.
pub async fn read_range(broker: &dyn Broker, range: &Range, limits: RangeLimits) -> Result<RangeRead, RangeError> {
    let until = Instant::now() + limits.within;
    let mut read = RangeRead {
        records: Vec::new(),
        next: range.from,
        start: None,
        end: None,
        gaps: Vec::new(),
        ended: None,
        broker_bytes: 0,
    };
    if range.to <= range.from || limits.records == 0 {
        return Ok(read);
    }
    let timed_out = || RangeError::TimedOut(limits.within);
    let one = ReadLimits { bytes: limits.bytes.max(1), records: limits.records, wait: WAIT };
    let opening = async {
        let mut reader = broker.reader(one).await?;
        reader
            .assign(vec![Assignment {
                address: range.address.clone(),
                incarnation: range.incarnation.clone(),
                start: StartAt::Position(range.from),
            }])
            .await?;
        Ok::<_, BrokerError>(reader)
    };
    let mut reader = timeout_at(until, opening).await.map_err(|_| timed_out())??;
    let (mut bytes, mut told) = (0, false);
    while read.next < range.to && read.ended.is_none() {
        let news = match timeout_at(until, reader.read()).await {
            Ok(news) => news?,
            Err(_) if told => break,
            Err(_) => return Err(timed_out()),
        };
        for reading in news {
            match reading {
                Reading::Ended(ended) => read.ended = Some(ended),
                Reading::Stuck { reason, .. } if !told => return Err(RangeError::Stuck(reason)),
                Reading::Stuck { .. } => return Ok(read),
                Reading::Chunk(chunk) => {
                    told = true;
                    read.broker_bytes = read.broker_bytes.saturating_add(chunk.broker_bytes);
                    (read.start, read.end) = (chunk.start.or(read.start), chunk.end.or(read.end));
                    read.gaps.extend(chunk.gap.filter(|gap| gap.from < range.to));
                    read.next = read.next.max(chunk.next_position);
                    for record in chunk.records.into_iter().filter(|r| r.position < range.to) {
                        let size = record.raw_size();
                        let full = read.records.len() >= limits.records
                            || (!read.records.is_empty() && bytes + size > limits.bytes);
                        if full {
                            read.next = record.position;
                            return Ok(read);
                        }
                        bytes += size;
                        read.records.push(record);
                    }
                }
            }
        }
        // All there is: nothing more comes before somebody writes.
        if told && read.end.is_some_and(|end| read.next >= end) {
            break;
        }
    }
    read.next = read.next.min(range.to);
    Ok(read)
}
