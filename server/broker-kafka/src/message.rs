//! Record batches to records. krafka's own consumer is not used here because it turns header names that are no
//! UTF-8 into other bytes and takes the producer's time where the broker's append time counts.

use krafka::{
    __private::protocol::{AbortedTransaction, Record as WireRecord, RecordBatch, RecordBatchHeader, TimestampType},
    KrafkaError, ProtocolErrorKind,
};
use std::{collections::HashSet, vec};
use weir_broker::Record;
use weir_domain::{
    Position,
    capture::{Header, HeaderType, TimeKind},
};

/// A batch is at most 100 MB on the wire; what unpacks to more than this is told as a problem of its partition.
const UNPACKED: usize = 256 << 20;

/// One batch, unpacked and partly taken.
#[derive(Debug)]
pub(crate) struct Batch {
    records: vec::IntoIter<WireRecord>,
    base_offset: i64,
    base_time: i64,
    /// Set where the broker's time counts: it is written once for the whole batch.
    append_time: Option<i64>,
    pub epoch: i32,
    /// The offset after it: compaction may have taken its last records, the batch still spans them.
    pub next: i64,
    /// Its size as it travelled.
    pub wire_bytes: u64,
}

impl Batch {
    /// Offset and raw size of the next record at or after `from`; older ones are dropped (a broker sends whole
    /// batches).
    pub fn peek(&mut self, from: i64) -> Option<usize> {
        while let Some(record) = self.records.as_slice().first() {
            if self.base_offset.saturating_add(record.offset_delta.into()) >= from {
                return Some(raw_size(record));
            }
            self.records.next();
        }
        None
    }

    pub fn take(&mut self) -> Option<Record> {
        let record = self.records.next()?;
        let ms = self.append_time.unwrap_or_else(|| self.base_time.saturating_add(record.timestamp_delta));
        let time_kind = match (self.append_time, ms) {
            (Some(_), _) => TimeKind::Append,
            // The protocol's "no timestamp".
            (None, -1) => TimeKind::Absent,
            (None, _) => TimeKind::Create,
        };
        Some(Record {
            position: Position(self.base_offset.saturating_add(record.offset_delta.into())),
            time_kind,
            broker_ms: Some(ms),
            key: record.key.map(|b| b.to_vec()),
            headers: record
                .headers
                .into_iter()
                .map(|h| Header { name: h.key.to_vec(), kind: HeaderType::Bytes, value: h.value.map(|v| v.to_vec()) })
                .collect(),
            payload: record.value.map(|b| b.to_vec()),
        })
    }
}

fn raw_size(record: &WireRecord) -> usize {
    let bytes = |b: &Option<bytes::Bytes>| b.as_ref().map_or(0, bytes::Bytes::len);
    bytes(&record.key)
        + bytes(&record.value)
        + record.headers.iter().map(|h| h.key.len() + bytes(&h.value)).sum::<usize>()
}

/// What comes next in a fetched piece of a log.
#[derive(Debug)]
pub(crate) enum Step {
    Records(Batch),
    /// Nothing for a consumer up to `next`: a transaction's marker, an aborted transaction, what compaction left.
    Passed {
        next: i64,
        epoch: i32,
        wire_bytes: u64,
    },
    /// All of it is walked (its last batch may have been cut short by the size limit; it is fetched again).
    End,
    /// The batch here can't be read; asking again brings the same bytes.
    Bad(String),
}

/// Walks the batches of one answer, leaving out what a `read_committed` consumer must not see.
#[derive(Debug)]
pub(crate) struct Walk {
    left: bytes::Bytes,
    /// Descending by first offset, so that the next one is the last.
    aborted: Vec<AbortedTransaction>,
    /// Producers inside an aborted transaction at this point of the log.
    aborting: HashSet<i64>,
    begun: bool,
}

impl Walk {
    pub fn new(piece: bytes::Bytes, mut aborted: Vec<AbortedTransaction>) -> Self {
        aborted.sort_unstable_by_key(|a| std::cmp::Reverse(a.first_offset));
        Self { left: piece, aborted, aborting: HashSet::new(), begun: false }
    }

    /// Bytes not walked yet.
    pub fn len(&self) -> usize {
        self.left.len()
    }

    pub fn step(&mut self) -> Step {
        if self.left.is_empty() {
            return Step::End;
        }
        let header = match RecordBatchHeader::peek(&self.left) {
            Ok(header) if header.total_size() <= self.left.len() => header,
            Ok(_) => return self.cut_short(),
            Err(e) if e.protocol_error_kind() == Some(ProtocolErrorKind::TruncatedFrame) => return self.cut_short(),
            Err(e) => return Step::Bad(unreadable(&e)),
        };
        self.begun = true;
        while let Some(one) = self.aborted.pop_if(|a| a.first_offset <= header.base_offset) {
            self.aborting.insert(one.producer_id);
        }
        let wire_bytes = header.total_size() as u64;
        let (next, epoch) = (header.last_offset().saturating_add(1), header.partition_leader_epoch);
        let attributes = header.attributes;
        if attributes.is_transactional && !attributes.is_control_batch && self.aborting.contains(&header.producer_id) {
            // Not even unpacked.
            drop(self.left.split_to(header.total_size()));
            return Step::Passed { next, epoch, wire_bytes };
        }
        let batch = match RecordBatch::decode_with_limit(&mut self.left, UNPACKED) {
            Ok(batch) => batch,
            Err(e) => return Step::Bad(unreadable(&e)),
        };
        if attributes.is_control_batch {
            if is_abort(&batch) {
                self.aborting.remove(&batch.producer_id);
            }
            return Step::Passed { next, epoch, wire_bytes };
        }
        if batch.records.is_empty() {
            return Step::Passed { next, epoch, wire_bytes };
        }
        let append_time =
            matches!(batch.attributes.timestamp_type, TimestampType::LogAppendTime).then_some(batch.max_timestamp);
        Step::Records(Batch {
            base_offset: batch.base_offset,
            base_time: batch.base_timestamp,
            append_time,
            epoch,
            next,
            wire_bytes,
            records: batch.records.into_iter(),
        })
    }

    fn cut_short(&mut self) -> Step {
        // Since Fetch v3 the first batch always comes whole.
        if self.begun { Step::End } else { Step::Bad("the broker sent less than one batch".to_owned()) }
    }
}

/// A control record's key is version and type; type 0 ends an aborted transaction. A commit's marker must not:
/// it belongs to another one of the same producer.
fn is_abort(batch: &RecordBatch) -> bool {
    let key = batch.records.first().and_then(|r| r.key.as_ref());
    key.is_some_and(|key| key.get(2..4) == Some(&[0, 0]))
}

fn unreadable(error: &KrafkaError) -> String {
    match error.protocol_error_kind() {
        Some(ProtocolErrorKind::CrcMismatch) => format!("the batch at this position is damaged: {error}"),
        Some(ProtocolErrorKind::UnsupportedMagic) => "written in a message format older than Kafka 0.11; \
             an up-to-date producer or a topic re-created by one is needed"
            .to_owned(),
        _ => format!("the batch at this position can't be read: {error}"),
    }
}
