//! Events as programs get them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::v1::shared::{ChannelRef, SourceRef, Time};

/// A part of an event that is there and that this token may not see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MaskedPart {
    /// `key`, `summary`, `headers` or `payload`.
    #[schema(example = "key")]
    pub part: String,
    /// The permission that shows it.
    #[schema(example = "events.key")]
    pub needs: String,
    /// The roles that have it.
    pub roles: Vec<String>,
}

/// One event, as lists have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// Never changes, and names this event for ever.
    #[schema(example = "12-4711")]
    pub id: String,
    pub source: SourceRef,
    pub channel: ChannelRef,
    /// The broker's own number of the partition.
    pub partition: i32,
    /// Weir's number of one life of that partition.
    #[schema(example = "12")]
    pub partition_id: String,
    /// The place in the partition, in the broker's terms (Kafka: the offset).
    #[schema(example = "4711")]
    pub position: String,
    /// What the event is sorted and ranged by.
    pub time: Time,
    /// `own`: the event's own time. `no_time`: the broker gave none, `ahead`: it was over an hour ahead; then `time` is
    /// when it was captured.
    #[schema(example = "own")]
    pub time_mark: String,
    /// When Weir stored it.
    pub captured_at: Time,
    /// The event type: CloudEvents' or a configured one, else the channel's name.
    #[serde(rename = "type")]
    #[schema(example = "order.placed")]
    pub event_type: String,
    /// `null` is a null key, unless `masked` names the key or `absent` says why it is not there. Bytes that are no
    /// text: `hex:…`.
    #[schema(example = "ord-4711")]
    pub key: Option<String>,
    /// The key is longer than what is shown of it.
    pub key_cut: bool,
    /// A short reading of the payload; `null` where it is masked.
    pub summary: Option<String>,
    /// Bytes of key, headers and payload.
    pub size: u64,
    /// The payload is null.
    pub tombstone: bool,
    /// It may have been stored before (brokers that deliver at least once).
    pub possible_duplicate: bool,
    /// Why key, headers and payload are not in the store: `metadata_only` (the source's ceiling), `channel_policy`,
    /// `sampled_out`, `never_stored`, `erased`, `expired` or `given_up` (deleted before its time). More may come.
    pub absent: Option<String>,
    /// What is there and this token may not see.
    pub masked: Vec<MaskedPart>,
}

/// How far a page looked, and what capture did not get there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Scanned {
    /// Events that were looked at.
    pub rows: u64,
    /// Events that an index answered for.
    pub indexed: u64,
    /// `false`: a bound ended the search before the page was full; go on with `next`.
    pub complete: bool,
    /// Everything newer than this was looked at; oldest first, everything older.
    pub down_to: Option<Time>,
    /// Recorded gaps in what was looked at: events that the broker lost before they were read.
    pub gaps: u32,
    /// Sources that are not being read now and may have more.
    pub silent_sources: Vec<String>,
    /// Events that could not be judged, and are left out: the expression of the query failed on them (a member that is not
    /// there, kinds that don't go together), or their payload can't be unpacked.
    pub unjudged: u64,
    /// Parts that the words of the query were not looked for in, because the token may not see them: `key`, `headers`,
    /// `payload`.
    pub unseen: Vec<String>,
}

/// A page of events, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Events {
    pub events: Vec<Event>,
    /// The `cursor` of the next, older page; `null` at the end. A page may be empty and still have one.
    pub next: Option<String>,
    pub scanned: Scanned,
    /// Channels inside the filter that this token may not see.
    pub hidden_channels: u32,
}

/// What came since the frame before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tail {
    /// Oldest first.
    pub events: Vec<Event>,
    /// Events that came faster than they are told and were left out here; they are stored.
    pub skipped: u64,
    /// Events that the query could not judge, and that are left out for that.
    pub unjudged: u64,
    /// The server's clock.
    pub at: Time,
}

/// Bytes, readable as far as they are: `text` or, where they are none, `hex`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Value {
    pub text: Option<String>,
    /// Two digits a byte.
    pub hex: Option<String>,
    /// All of its bytes.
    pub size: u64,
    /// Not all of them are shown.
    pub cut: bool,
}

/// A header, in the order and number that the broker keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Header {
    /// Bytes that are no text: `hex:…`, and `name_is_text` is false.
    pub name: String,
    pub name_is_text: bool,
    /// `bytes` (Kafka), `text` (NATS, HTTP) or `amqp` (a field in AMQP's encoding).
    #[schema(example = "bytes")]
    pub kind: String,
    /// `null` is a null header.
    pub value: Option<Value>,
}

/// What the event carried. The bytes themselves: `/api/v1/events/{id}/payload`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Payload {
    /// `present`, `null` (a tombstone) or `absent` (not in the store; the event's `absent` says why).
    #[schema(example = "present")]
    pub state: String,
    /// As it was sent.
    pub value: Option<Value>,
    /// How it was read, in words for people: `JSON`, `XML`, `Text`, `MessagePack`, `CBOR`, `Bytes`, `Empty`; with
    /// `gzip, then` (or `zstd`, `snappy`) before it where it is packed. More will come.
    #[schema(example = "gzip, then JSON")]
    pub decoded_as: Option<String>,
    /// Its text where the bytes alone are none: unpacked, and JSON for MessagePack and CBOR. `null` where `value` says
    /// all.
    pub decoded: Option<Value>,
    /// Why it was read no further than this, or not as its headers say.
    pub problem: Option<String>,
}

/// What the broker said of the time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BrokerTime {
    /// `create` (the producer set it), `append` (the broker did) or `absent`.
    #[schema(example = "create")]
    pub kind: String,
    /// Milliseconds since 1970, whatever the producer claimed.
    #[schema(example = "1795357928214")]
    pub milliseconds: Option<String>,
}

/// One event with everything that this token may see of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventInFull {
    #[serde(flatten)]
    pub event: Event,
    /// The environment's name.
    #[schema(example = "production")]
    pub environment: String,
    pub broker_time: BrokerTime,
    /// CloudEvents' own `time`.
    pub cloudevents_time: Option<Time>,
    /// `null` where they are masked or absent.
    pub headers: Option<Vec<Header>>,
    /// All of them, also those beyond what is shown; 0 where they are masked.
    pub headers_total: u32,
    /// `null` where it is masked.
    pub payload: Option<Payload>,
}
