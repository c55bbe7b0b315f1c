//! The first page: is anything about to cost us data or customers?

use crate::{
    StoreError, Timestamp,
    access::View,
    changes::ChangeShown,
    sources::{GapShown, SourceShown},
};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelLine {
    pub id: crate::ChannelId,
    pub name: String,
    pub source_name: String,
    pub source_kind: String,
    /// In hundredths of an event per second, last full minute.
    pub events_per_s_x100: Option<u64>,
    pub spark: Vec<u32>,
    pub behind: Option<u64>,
    pub last_event: Option<Timestamp>,
}

/// What needs a person, ranked by what becomes irreversible first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attention {
    /// "budget" | "down" | "gap" | "differs" | "held" | "behind" | "stale"
    pub kind: String,
    pub title: String,
    pub detail: String,
    pub since: Option<Timestamp>,
    pub link: String,
}

/// How far back the first page's changes reach.
pub const CHANGES_SECS: i64 = 86_400;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    pub at: Timestamp,
    pub events_per_s: Option<f64>,
    /// Events per minute of the last hour, oldest first: 60 values, fewer where capture began within it.
    pub throughput: Vec<u32>,
    pub events_24h: u64,
    /// Milliseconds from the broker's time to stored, over the last 5 full minutes: (p50, p95); `None` while unknown.
    pub tap_delay_ms: Option<(u32, u32)>,
    pub gaps_24h: u32,
    pub behind: Option<u64>,
    pub stored_bytes: u64,
    pub raw_bytes: u64,
    pub sources: Vec<SourceShown>,
    pub channels: Vec<ChannelLine>,
    /// For ranking what needs a person; pages show gaps among the changes.
    #[serde(skip)]
    pub recent_gaps: Vec<GapShown>,
    /// The newest of the last [`CHANGES_SECS`].
    pub changes: Vec<ChangeShown>,
    /// How many there were; "at least" if `more_changes`.
    pub changes_total: u32,
    pub more_changes: bool,
    pub attention: Vec<Attention>,
    pub hidden_channels: u32,
}

/// Figures as the store knows them; ranking and words are the use case's.
#[async_trait]
pub trait Overview: Send + Sync {
    /// `attention`, `sources` and `changes` come empty.
    async fn summary(&self, view: &View, now: Timestamp) -> Result<Summary, StoreError>;
}
