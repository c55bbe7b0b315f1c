//! An event read from its broker at this moment, because its bytes are not in the store.

use super::{BrokerLimits, BrokerStretch, Capped, EventRow, HeaderShown, Masked, PayloadShown, RawEvent, StoredEvent};
use crate::{EventId, PartitionId, Position, StoreError, Timestamp, access::View, capture::TimeKind};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// What the broker has at a position, before masking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveRecord {
    pub time_kind: TimeKind,
    pub broker_ms: Option<i64>,
    pub raw: RawEvent,
}

impl LiveRecord {
    /// Is this the event that was captured? What the store still knows of it must agree. A position alone does not
    /// tell: a log that was cut is written anew with the same ones.
    pub fn is(&self, stored: &StoredEvent, key_hash: impl FnOnce(&[u8]) -> super::KeyHash) -> bool {
        let raw = &self.raw;
        let headers = raw.headers.iter().map(|h| h.name.len() + h.value.as_ref().map_or(0, Vec::len)).sum::<usize>();
        let size = raw.key.as_ref().map_or(0, Vec::len) + headers + raw.payload.as_ref().map_or(0, Vec::len);
        let key = match (stored.row.key_hash, &raw.key) {
            // Nothing is kept of a withheld key, and a null one has no hash either.
            (None, _) => true,
            (Some(_), None) => false,
            (Some(known), Some(key)) => key_hash(key) == known,
        };
        (self.time_kind, self.broker_ms) == (stored.time_kind, stored.broker_ms)
            && size as u64 == stored.row.size
            && raw.payload.is_none() == stored.row.tombstone
            && key
    }
}

/// What came of asking a broker for one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiveRead {
    Found(LiveRecord),
    /// The broker deleted it: its log begins here now, where it told.
    Gone {
        starts: Option<Position>,
    },
    /// The position holds nothing any more: compaction took it.
    Compacted,
    /// The channel was deleted or made again, or its log was cut below this position.
    Replaced,
    /// It was not asked, or did not answer. Both texts are for a person and hold no secret.
    NotRead {
        what: String,
        what_to_do: String,
    },
}

/// Reads beside the taps, within a source's cap and its owner's limits.
#[async_trait]
pub trait LiveReads: Send + Sync {
    /// One event that the view reaches, by its place at the broker. Bounded in bytes and to some 10 s. That nothing was
    /// read is an answer; an error is the store's.
    async fn one(&self, view: &View, id: EventId) -> Result<LiveRead, StoreError>;
    /// A stretch of a partition that the view reaches, as far as `limits` and some megabytes go; `to` is not part of it.
    async fn stretch(
        &self,
        view: &View,
        partition: PartitionId,
        range: (Position, Position),
        limits: BrokerLimits,
    ) -> Result<BrokerStretch, StoreError>;
}

/// What is shown of an event that was read live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveShown {
    /// `Shown(None)` is a null key.
    pub key: Masked<Option<Capped>>,
    pub headers: Masked<Vec<HeaderShown>>,
    pub headers_total: u32,
    pub payload: PayloadShown,
}

/// What the broker answered, already masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LiveAnswer {
    Read(Box<LiveShown>),
    Gone {
        starts: Option<Position>,
    },
    Compacted,
    Replaced,
    /// There is something else at its position: time, size or key are not those that were captured.
    Other,
    NotRead {
        what: String,
        what_to_do: String,
    },
}

impl LiveAnswer {
    /// One word for programs.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Read(_) => "read",
            Self::Gone { .. } => "gone",
            Self::Compacted => "compacted",
            Self::Replaced => "replaced",
            Self::Other => "other",
            Self::NotRead { .. } => "not_read",
        }
    }

    /// What happened and what to do, for a person; `None` where it was read.
    pub fn told(&self) -> Option<String> {
        Some(match self {
            Self::Read(_) => return None,
            Self::Gone { starts: Some(starts) } => {
                format!("The broker has deleted it: its log begins at {starts} now. It can't be had any more.")
            }
            Self::Gone { starts: None } => "The broker has deleted it. It can't be had any more.".into(),
            Self::Compacted => "The broker's compaction took it away: a newer event of its key took its place.".into(),
            Self::Replaced => {
                "The channel was deleted, made again or cut at the broker since. It can't be had any more.".into()
            }
            Self::Other => "The broker has something else at this position now: its time, size or key are not those \
                            that were captured. It is not shown."
                .into(),
            Self::NotRead { what, what_to_do } => format!("{what} {what_to_do}"),
        })
    }
}

/// An event as it is stored, and what its broker has of it now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventLive {
    pub event: EventRow,
    pub read_at: Timestamp,
    pub answer: LiveAnswer,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ChannelId, PartitionId, SourceId,
        capture::{Header, HeaderType},
        events::{KeyHash, StoredRow, TimeMark},
    };

    fn pair() -> (StoredEvent, LiveRecord) {
        let header = Header { name: b"h".to_vec(), kind: HeaderType::Bytes, value: Some(b"vv".to_vec()) };
        let raw = RawEvent { key: Some(b"key".to_vec()), headers: vec![header], payload: Some(b"body".to_vec()) };
        let row = StoredRow {
            id: EventId { partition: PartitionId(1), position: Position(7) },
            source: SourceId(1),
            channel: ChannelId(1),
            partition_number: 0,
            sort_time: Timestamp::from_millis(5),
            time_mark: TimeMark::Own,
            captured_at: Timestamp::from_millis(6),
            event_type: "t".into(),
            key: None,
            key_hash: Some(KeyHash(3)),
            size: 10,
            tombstone: false,
            possible_duplicate: false,
            absent: None,
            payload_head: None,
        };
        let stored = StoredEvent { row, time_kind: TimeKind::Create, broker_ms: Some(5), ce_time: None, raw: None };
        (stored, LiveRecord { time_kind: TimeKind::Create, broker_ms: Some(5), raw })
    }

    #[test]
    fn the_same_event_is_told_from_another_at_its_position() {
        let hash = |key: &[u8]| KeyHash(key.len() as i64);
        let (stored, live) = pair();
        assert!(live.is(&stored, hash));
        let mut withheld = stored.clone();
        withheld.row.key_hash = None;
        assert!(live.is(&withheld, hash), "nothing is known of a key that was never kept");
        let changed: [fn(&mut LiveRecord); 5] = [
            |l| l.broker_ms = Some(6),
            |l| l.time_kind = TimeKind::Append,
            |l| l.raw.payload = Some(b"longer".to_vec()),
            |l| l.raw.payload = None,
            |l| (l.raw.key, l.raw.payload) = (Some(b"keys".to_vec()), Some(b"bod".to_vec())),
        ];
        for (n, change) in changed.into_iter().enumerate() {
            let mut other = live.clone();
            change(&mut other);
            assert!(!other.is(&stored, hash), "{n}");
        }
    }

    #[test]
    fn every_answer_but_a_read_says_why() {
        for answer in [
            LiveAnswer::Gone { starts: Some(Position(9)) },
            LiveAnswer::Gone { starts: None },
            LiveAnswer::Compacted,
            LiveAnswer::Replaced,
            LiveAnswer::Other,
            LiveAnswer::NotRead { what: "A.".into(), what_to_do: "B.".into() },
        ] {
            assert!(answer.told().is_some_and(|text| text.ends_with('.')), "{}", answer.word());
        }
    }
}
