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

/// A batch is at most 100 MB on the wire; one that unpacks to more than this is left out and leaves a gap.
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
    /// The batch here can't be read.
    Bad(Bad),
}

#[derive(Debug)]
pub(crate) struct Bad {
    pub why: String,
    /// It came as its producer wrote it (the checksum holds): asking again brings the same bytes. Otherwise another
    /// answer may be sound.
    pub for_good: bool,
    /// Where the log goes on behind it, with its epoch; `None` if its header can't be read, which would tell.
    pub next: Option<(i64, i32)>,
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
            Err(e) => return Step::Bad(Bad { why: unreadable(&e), for_good: false, next: None }),
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
            Err(e) => {
                let for_good = e.protocol_error_kind() != Some(ProtocolErrorKind::CrcMismatch);
                // Its length is told by bytes that the checksum does not cover: what follows must fit.
                let behind = RecordBatchHeader::peek(self.left.get(header.total_size()..).unwrap_or_default()).ok();
                let next = behind.map_or(next, |b| b.base_offset.min(next));
                let next = (next > header.base_offset).then_some((next, epoch));
                return Step::Bad(Bad { why: unreadable(&e), for_good, next });
            }
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
        if self.begun {
            return Step::End;
        }
        Step::Bad(Bad { why: "the broker sent less than one batch".to_owned(), for_good: false, next: None })
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

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::{Bytes, BytesMut};

    /// A batch of these offsets, of a producer inside a transaction if one is given.
    fn batch(base: i64, last: i64, offsets: &[i64], transaction: Option<i64>) -> RecordBatch {
        let mut batch = RecordBatch::new();
        (batch.base_offset, batch.partition_leader_epoch) = (base, 4);
        for offset in offsets {
            let delta = i32::try_from(offset - base).unwrap();
            batch.add_record(WireRecord::new(None, Some(Bytes::from("x"))).with_offset_delta(delta));
        }
        batch.last_offset_delta = i32::try_from(last - base).unwrap();
        if let Some(producer) = transaction {
            batch.attributes.is_transactional = true;
            batch.producer_id = producer;
        }
        batch
    }

    fn marker(offset: i64, producer: i64, commit: bool) -> RecordBatch {
        let mut batch = batch(offset, offset, &[], Some(producer));
        batch.attributes.is_control_batch = true;
        batch.add_record(WireRecord::new(Some(Bytes::from(vec![0, 0, 0, u8::from(commit)])), Some(Bytes::new())));
        batch.last_offset_delta = 0;
        batch
    }

    fn aborted(producer_id: i64, first_offset: i64) -> AbortedTransaction {
        AbortedTransaction { producer_id, first_offset }
    }

    fn piece(batches: &[RecordBatch]) -> BytesMut {
        let mut bytes = BytesMut::new();
        batches.iter().for_each(|b| bytes.extend_from_slice(&b.encode().unwrap()));
        bytes
    }

    /// Offsets read from `from` on, and where that ends.
    fn walk(piece: Bytes, from: i64, aborted: Vec<AbortedTransaction>) -> Result<(Vec<i64>, i64), String> {
        let mut walk = Walk::new(piece, aborted);
        let (mut offsets, mut next) = (Vec::new(), from);
        loop {
            match walk.step() {
                Step::Records(mut batch) => {
                    while batch.peek(from).is_some() {
                        offsets.push(batch.take().unwrap().position.0);
                    }
                    next = batch.next;
                }
                Step::Passed { next: to, epoch, .. } => {
                    assert_eq!(epoch, 4);
                    next = to;
                }
                Step::End => return Ok((offsets, next)),
                Step::Bad(bad) => return Err(bad.why),
            }
        }
    }

    #[test]
    fn an_aborted_transaction_ends_with_its_own_marker_only() {
        let log = [
            batch(0, 1, &[0, 1], Some(7)),
            batch(2, 2, &[2], None),
            // A commit of the same producer must not end the filter early, wherever it comes from.
            marker(3, 7, true),
            batch(4, 4, &[4], Some(7)),
            marker(5, 7, false),
            batch(6, 6, &[6], Some(7)),
            marker(7, 7, true),
        ];
        assert_eq!(walk(piece(&log).freeze(), 0, vec![aborted(7, 0)]), Ok((vec![2, 6], 8)));
    }

    #[test]
    fn several_aborted_ones_begin_in_the_order_of_the_log() {
        let log =
            [batch(0, 0, &[0], Some(1)), batch(1, 1, &[1], Some(2)), marker(2, 1, false), batch(3, 3, &[3], Some(1))];
        // The broker's list is in no promised order.
        let list = vec![aborted(2, 1), aborted(1, 0)];
        assert_eq!(walk(piece(&log).freeze(), 0, list), Ok((vec![3], 4)));
    }

    #[test]
    fn compaction_leaves_spans_that_are_passed() {
        let log = [batch(0, 9, &[3, 5], None), batch(10, 14, &[], None)];
        assert_eq!(walk(piece(&log).freeze(), 0, vec![]), Ok((vec![3, 5], 15)));
        assert_eq!(walk(piece(&log[..1]).freeze(), 4, vec![]), Ok((vec![5], 10)), "from inside of a batch");
    }

    #[test]
    fn a_tail_that_was_cut_short_is_fetched_again_and_damage_is_told() {
        let whole = piece(&[batch(0, 0, &[0], None), batch(1, 1, &[1], None)]);
        for missing in 1..60 {
            let cut = Bytes::copy_from_slice(&whole[..whole.len() - missing]);
            assert_eq!(walk(cut, 0, vec![]).map(|(read, _)| read), Ok(vec![0]), "{missing} bytes are missing");
        }
        let mut spoiled = whole.clone();
        spoiled[65] ^= 0xff;
        assert!(walk(spoiled.freeze(), 0, vec![]).unwrap_err().contains("damaged"));
        assert!(walk(Bytes::from_static(b"less than a batch"), 0, vec![]).is_err(), "this would never go on");
        let mut old = piece(&[batch(0, 0, &[0], None)]);
        old[16] = 1;
        assert!(walk(old.freeze(), 0, vec![]).unwrap_err().contains("0.11"));
    }

    #[test]
    fn a_bad_batch_tells_where_the_log_goes_on_unless_its_header_is_bad_too() {
        let bad = |bytes: &[u8]| match Walk::new(Bytes::copy_from_slice(bytes), vec![]).step() {
            Step::Bad(bad) => (bad.for_good, bad.next),
            other => panic!("{other:?}"),
        };
        let mut spoiled = piece(&[batch(5, 9, &[5, 6], None), batch(12, 12, &[12], None)]);
        spoiled[65] ^= 0xff;
        assert_eq!(bad(&spoiled), (false, Some((10, 4))), "its end is in the header");
        spoiled[23] = 0x7f;
        assert_eq!(bad(&spoiled), (false, Some((12, 4))), "an end beyond what follows is none");
        spoiled[16] = 9;
        assert_eq!(bad(&spoiled), (false, None), "nothing is known of its end");
    }

    #[test]
    fn the_brokers_time_counts_where_it_set_one() {
        let mut log = batch(0, 0, &[0], None);
        (log.base_timestamp, log.max_timestamp) = (5, 99);
        log.attributes.timestamp_type = TimestampType::LogAppendTime;
        let Step::Records(mut batch) = Walk::new(piece(&[log]).freeze(), vec![]).step() else { panic!("records") };
        let record = batch.take().unwrap();
        assert_eq!((record.time_kind, record.broker_ms), (TimeKind::Append, Some(99)));
    }
}
