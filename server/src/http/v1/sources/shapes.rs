//! Sources as programs get them. `null` is unknown, never zero.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::v1::shared::{ChannelRef, EnvironmentRef, Time};

/// A connection to one broker, and how capture stands there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Source {
    #[schema(example = "3")]
    pub id: String,
    #[schema(example = "shop")]
    pub name: String,
    /// `kafka`; more kinds will come.
    #[schema(example = "kafka")]
    pub kind: String,
    pub environment: EnvironmentRef,
    /// Its environment is a production one.
    pub production: bool,
    /// Addresses and settings, without secrets.
    pub description: String,
    /// `starting`, `up`, `down`, `paused` or `off` (no tap runs here).
    #[schema(example = "up")]
    pub state: String,
    /// Since when it is in this state.
    pub since: Option<Time>,
    /// Why, in words, when it is not up; what needs to be seen to, when it is.
    pub reason: Option<String>,
    pub retry_at: Option<Time>,
    /// When its tap last told of itself.
    pub reported_at: Option<Time>,
    /// Channels that are captured and may be seen.
    pub channels: u32,
    /// Channels that no pattern includes.
    pub channels_left_out: u32,
    pub partitions: u32,
    /// Over the last full minute.
    pub events_per_s: Option<f64>,
    /// Bytes taken from the broker, over the last full minute.
    pub broker_bytes_per_s: Option<f64>,
    /// Events that the broker holds and that are not read yet.
    pub behind: Option<u64>,
    /// Recorded gaps.
    pub gaps: u32,
    /// Milliseconds that the broker asked the tap to wait in its last answer.
    pub throttled_ms: u32,
    /// Events of each minute of the last hour, the oldest first.
    pub events_per_minute: Vec<u32>,
    /// Taken out of the configuration: it is paused and keeps its events.
    pub orphan: bool,
    /// This token may pause and resume it.
    pub may_pause: bool,
    /// It was made by people, in the browser or by program, and this token may change it.
    pub may_edit: bool,
    /// The most that is stored of an event: `off`, `metadata` or `full`.
    #[schema(example = "full")]
    pub capture: String,
    /// The most that anybody may do to the broker from Weir: `none`, `offsets` or `replay`.
    #[schema(example = "none")]
    pub act: String,
    /// Nothing is ever written to this broker, whatever `act` says.
    pub read_only: bool,
    /// Processes that read from it now.
    pub taps: u32,
    /// What a catch-up has yet to read; `null` once it has caught up.
    pub bytes_to_read: Option<u64>,
}

/// All sources that the token reaches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Sources {
    pub sources: Vec<Source>,
    /// Channels that the token does not reach, those of sources that are not listed at all among them.
    pub hidden_channels: u32,
}

/// A partition that an open transaction holds back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Held {
    pub since: Time,
    pub transactional_id: Option<String>,
}

/// One life of a partition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Partition {
    #[schema(example = "12")]
    pub id: String,
    /// The broker's own number.
    pub number: i32,
    /// What is read next, in the broker's terms.
    #[schema(example = "4711")]
    pub next: Option<String>,
    /// What the broker holds: from here…
    pub start: Option<String>,
    /// …to before here.
    pub end: Option<String>,
    pub behind: Option<u64>,
    pub held: Option<Held>,
    /// Why it can't be read now.
    pub error: Option<String>,
    pub updated_at: Option<Time>,
    /// This life is over, and why: `retention_trimmed`, `truncated`, `recreated`, `deleted` or `capture_limit`.
    pub closed: Option<String>,
}

/// A channel of a source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Channel {
    #[schema(example = "17")]
    pub id: String,
    #[schema(example = "order.placed")]
    pub name: String,
    pub events_per_s: Option<f64>,
    pub events_24h: u64,
    pub last_event: Option<Time>,
    pub behind: Option<u64>,
    pub partitions: Vec<Partition>,
    /// Events of each minute of the last hour, the oldest first.
    pub events_per_minute: Vec<u32>,
}

/// Positions that can't be had any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Gap {
    #[schema(example = "5")]
    pub id: String,
    pub channel: ChannelRef,
    /// The broker's number of the partition.
    pub partition: i32,
    #[schema(example = "4711")]
    pub from: String,
    /// Before here; `null` where the end is not known.
    pub to: Option<String>,
    /// `retention_trimmed`, `truncated`, `recreated`, `deleted`, `capture_limit` or `capture_off`.
    #[schema(example = "retention_trimmed")]
    pub reason: String,
    pub detail: String,
    pub found_at: Time,
}

/// A source with its channels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SourceInFull {
    #[serde(flatten)]
    pub source: Source,
    pub captured: Vec<Channel>,
    /// The newest first, at most 100.
    pub recent_gaps: Vec<Gap>,
    /// Names of channels that no pattern includes.
    pub left_out: Vec<String>,
    /// Channels that this token may not see.
    pub hidden_channels: u32,
    /// Partitions beyond those that are listed.
    pub more_partitions: u32,
}
