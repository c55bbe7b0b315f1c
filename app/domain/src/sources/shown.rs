use super::{SecretField, SourceSettings};
use crate::{
    ChannelId, EnvironmentId, GapId, PartitionId, Position, SourceId, Timestamp,
    capture::{GapReason, Held, SourceState},
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceShown {
    pub id: SourceId,
    pub name: String,
    /// "kafka", …
    pub kind: String,
    pub environment: EnvironmentId,
    pub environment_name: String,
    pub production: bool,
    /// Addresses and settings, no secrets.
    pub description: String,
    pub state: SourceState,
    /// Since when it is in this state.
    pub since: Option<Timestamp>,
    /// Why, in words, when it is not up.
    pub reason: Option<String>,
    pub retry_at: Option<Timestamp>,
    /// Last time its tap reported; stale after 10 s.
    pub reported_at: Option<Timestamp>,
    /// Visible ones.
    pub channels: u32,
    /// "n channels you may not see"; set by the use case.
    pub hidden_channels: u32,
    pub left_out_total: u32,
    pub partitions: u32,
    /// Over the last full minute; `None` while unknown.
    pub events_per_s: Option<f64>,
    /// Bytes taken from the broker per second, last full minute.
    pub broker_bytes_per_s: Option<f64>,
    /// Events the broker holds and the tap has not read yet; `None` while unknown.
    pub behind: Option<u64>,
    pub gaps: u32,
    pub throttled_ms: u32,
    /// Events per minute of the last hour, oldest first: 60 values, fewer where capture began within it.
    pub spark: Vec<u32>,
    /// Removed from the configuration: paused, keeps its events.
    pub orphan: bool,
    pub may_pause: bool,
    /// Made in the browser, and the caller may change it.
    pub may_edit: bool,
    pub capture: String,
    pub act: String,
    /// Nothing is ever written to this broker, whatever `act` says.
    pub read_only: bool,
    /// Processes that read from it now.
    pub taps: u32,
    /// What a catch-up has yet to read; `None` once it has caught up.
    pub bytes_to_read: Option<u64>,
}

/// The sources a person may know of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceList {
    pub sources: Vec<SourceShown>,
    /// "n channels you may not see", those of sources that are not listed at all among them.
    pub hidden_channels: u32,
}

impl SourceShown {
    /// How far Weir may go here, as it comes out in the end.
    pub fn reach(&self) -> String {
        let (act, read_only) = if self.read_only { ("none", " · read-only") } else { (self.act.as_str(), "") };
        format!("capture {} · act {act}{read_only}", self.capture)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartitionShown {
    pub id: PartitionId,
    pub number: i32,
    /// The next position the tap will read, in the broker's terms.
    pub next: Option<Position>,
    pub start: Option<Position>,
    pub end: Option<Position>,
    pub behind: Option<u64>,
    pub held: Option<Held>,
    pub error: Option<String>,
    pub updated_at: Option<Timestamp>,
    /// Closed incarnations stay listed with the reason.
    pub closed: Option<GapReason>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelShown {
    pub id: ChannelId,
    pub name: String,
    pub events_per_s: Option<f64>,
    pub events_24h: u64,
    pub last_event: Option<Timestamp>,
    pub behind: Option<u64>,
    pub partitions: Vec<PartitionShown>,
    pub spark: Vec<u32>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GapShown {
    pub id: GapId,
    pub channel: ChannelId,
    pub channel_name: String,
    pub partition_number: i32,
    pub from: Position,
    pub to: Option<Position>,
    pub reason: GapReason,
    pub detail: String,
    pub found_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceDetail {
    pub source: SourceShown,
    pub channels: Vec<ChannelShown>,
    /// Newest first, at most 100.
    pub gaps: Vec<GapShown>,
    pub left_out: Vec<String>,
    /// Partitions beyond those listed with the channels: a source may have more than a page can hold.
    pub more_partitions: u32,
}

/// How a source made in the browser is set. Its secrets are only known to be there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsShown {
    pub id: SourceId,
    pub name: String,
    pub environment: EnvironmentId,
    pub environment_name: String,
    /// Of what is shown: a change that began with an older one is refused.
    pub version: i64,
    pub settings: SourceSettings,
    pub kept: Vec<SecretField>,
    /// Some secret is sealed with a key that is not the present one.
    pub old_key: bool,
}
