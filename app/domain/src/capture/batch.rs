use super::Cursor;
use crate::{PartitionId, Position, Timestamp};
use serde::{Deserialize, Serialize};

/// A header as the broker gave it: names may repeat, order is kept, a value may be null (decision 9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Raw bytes: Kafka calls it a string, but nothing makes producers send UTF-8.
    pub name: Vec<u8>,
    pub kind: HeaderType,
    pub value: Option<Vec<u8>>,
}

impl Header {
    /// The bytes that it was given; AMQP values are fields, of which strings (`S`, length, bytes) have some.
    pub fn content(&self) -> Option<&[u8]> {
        let value = self.value.as_deref()?;
        match self.kind {
            HeaderType::Bytes | HeaderType::Text => Some(value),
            HeaderType::Amqp => value.strip_prefix(b"S").and_then(|v| v.get(4..)),
        }
    }
}

/// How `Header::value` is encoded. Stored as one byte; numbers are never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum HeaderType {
    /// Kafka: uninterpreted bytes.
    Bytes = 0,
    /// NATS, HTTP: text.
    Text = 1,
    /// AMQP 0.9.1 field: the value is the field in AMQP encoding, tag byte first.
    Amqp = 2,
}

/// What the broker's timestamp means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum TimeKind {
    Absent = 0,
    /// Set by the producer.
    Create = 1,
    /// Set by the broker when it appended.
    Append = 2,
}

/// One event, identified by the tap and ready to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapturedEvent {
    pub position: Position,
    pub time_kind: TimeKind,
    /// The broker's raw milliseconds, whatever they are (-1, 0, year 9999); kept beside the derived time.
    pub broker_ms: Option<i64>,
    /// CloudEvents `time`, when present and readable.
    pub ce_time: Option<Timestamp>,
    /// Event type (product.md: CloudEvents type; else configured header or field; else record name; else the channel's name).
    pub event_type: String,
    /// `None` is null, `Some(vec![])` is empty; both survive.
    pub key: Option<Vec<u8>>,
    pub headers: Vec<Header>,
    /// `None` is a tombstone, unless `withheld`.
    pub payload: Option<Vec<u8>>,
    /// Key, headers and payload are not here to be stored.
    pub withheld: Option<Withheld>,
    /// At-least-once brokers: this copy can't be told apart from one already stored (decision 10).
    pub possible_duplicate: bool,
}

/// What keeps bytes out of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithheldBy {
    /// `capture = "metadata"` (decision 14).
    Ceiling,
    /// The policy of its channel keeps metadata only.
    ChannelPolicy,
    /// The policy of its channel keeps a sample, and it is not part of it (decision 11).
    Sample,
    /// The store's budget is used up, and its channel gives way.
    Budget,
    /// A *never store* rule on what can't be cut (decision 9); the seam for those rules.
    NeverStore,
}

/// What is known of key, headers and payload that are kept out of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Withheld {
    /// Bytes of key, headers and payload.
    pub size: usize,
    pub tombstone: bool,
    pub by: WithheldBy,
}

impl CapturedEvent {
    pub fn tombstone(&self) -> bool {
        self.withheld.map_or(self.payload.is_none(), |w| w.tombstone)
    }
    /// Bytes of key, headers and payload as the broker gave them, withheld or not.
    pub fn raw_size(&self) -> usize {
        if let Some(w) = self.withheld {
            return w.size;
        }
        self.key.as_ref().map_or(0, Vec::len)
            + self.payload.as_ref().map_or(0, Vec::len)
            + self.headers.iter().map(|h| h.name.len() + h.value.as_ref().map_or(0, Vec::len)).sum::<usize>()
    }
}

/// Why positions are missing for good (decision 8). Holes between offsets are no gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// Retention or DeleteRecords removed what had not been read.
    RetentionTrimmed,
    /// A leader-epoch check shows the log was cut below our position.
    Truncated,
    /// The channel was deleted and made again.
    Recreated,
    /// The channel is gone.
    Deleted,
    /// A limit of capture left it out: more than can be unpacked, damage that does not go away.
    CaptureLimit,
    /// The channel's capture was switched off, and went on at the end of its log.
    CaptureOff,
}

impl GapReason {
    pub const ALL: &'static [Self] = &[
        Self::RetentionTrimmed,
        Self::Truncated,
        Self::Recreated,
        Self::Deleted,
        Self::CaptureLimit,
        Self::CaptureOff,
    ];
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RetentionTrimmed => "retention_trimmed",
            Self::Truncated => "truncated",
            Self::Recreated => "recreated",
            Self::Deleted => "deleted",
            Self::CaptureLimit => "capture_limit",
            Self::CaptureOff => "capture_off",
        }
    }
}

/// Positions `from..to` that can't be had any more. `to` is `None` where the end is not known
/// (a re-created topic tells nothing of the old one's end).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    pub from: Position,
    pub to: Option<Position>,
    pub reason: GapReason,
    pub detail: String,
}

/// All that one transaction stores for one partition. Either `events` or `gaps` may be empty:
/// the cursor also passes control batches and aborted ranges though no event came.
#[derive(Debug, Clone)]
pub struct CaptureBatch {
    pub partition: PartitionId,
    /// The compare-and-set: the batch is stored only if the stored cursor equals this.
    pub expected: Option<Cursor>,
    pub next: Cursor,
    /// `next` in the broker's terms, for pages and for how far behind the tap is: a cursor is never parsed here.
    pub next_position: Option<Position>,
    pub captured_at: Timestamp,
    /// Ascending by position.
    pub events: Vec<CapturedEvent>,
    pub gaps: Vec<Gap>,
    /// Bytes read from the broker for this batch, compressed as they travelled where that is known.
    pub broker_bytes: u64,
    /// The broker's end of the partition (next position to be written), where it told.
    pub end: Option<Position>,
    /// Set while an open transaction holds the partition back.
    pub held: Option<super::Held>,
}
