use super::{GroupKind, GroupState, Verdict};
use crate::{EnvironmentId, GroupId, SourceId, Timestamp};
use serde::{Deserialize, Serialize};

/// How old the oldest unread event is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum TimeLag {
    /// Nothing is unread.
    None,
    /// By the stored event at the position, in a range that capture holds without gap.
    Exact {
        ms: u64,
        /// Counted from its arrival, because its own timestamp trails it (a back-fill).
        from_arrival: bool,
    },
    /// Between two observations of the end: "about".
    About {
        ms: u64,
    },
    Unknown {
        why: String,
    },
}

impl TimeLag {
    /// Milliseconds, where they are known.
    pub const fn ms(&self) -> Option<u64> {
        match self {
            Self::None => Some(0),
            Self::Exact { ms, .. } | Self::About { ms } => Some(*ms),
            Self::Unknown { .. } => None,
        }
    }
}

/// Where lag goes if things stay as they were.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Forecast {
    KeepsUp,
    /// Drained at about `at`; in eight of ten cases between `earliest` and `latest` (`None`: may never).
    Drains {
        at: Timestamp,
        earliest: Timestamp,
        latest: Option<Timestamp>,
    },
    /// Grows by this many events a minute.
    NeverDrains {
        per_min: f64,
    },
    StaysLevel,
    Unknown {
        why: String,
    },
}

/// When retention deletes what has not been read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Loss {
    /// The first unread event is deleted then, if the group goes on as it does. In the past: it is lost already.
    pub first: Timestamp,
    /// In eight of ten cases not before this.
    pub earliest: Timestamp,
    /// Unread events deleted per second from then on.
    pub per_s: f64,
    /// For a person: what deletes it ("retention of 24 h").
    pub by: String,
}

/// What is known of one group on one channel now. A group that reads several channels has one each, so that what may be
/// seen is decided by channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    pub group: GroupId,
    pub name: String,
    pub kind: GroupKind,
    pub state: GroupState,
    pub environment: EnvironmentId,
    pub source: SourceId,
    pub source_name: String,
    /// As the broker names it; it need not be captured.
    pub channel: String,
    pub verdict: Verdict,
    /// Since when the verdict's status is this one.
    pub since: Timestamp,
    pub partitions: u32,
    /// Partitions of which nothing can be told (no leader, no right).
    pub unknown_partitions: u32,
    /// Members that hold a partition of the channel, of those in the group.
    pub active_members: u32,
    pub members: u32,
    /// Unread up to the high watermark; `None`: unknown.
    pub lag: Option<u64>,
    /// Unread up to the last stable offset.
    pub committed_lag: Option<u64>,
    pub time_lag: TimeLag,
    /// Events a second that arrive, and that are read.
    pub in_per_s: Option<f64>,
    pub out_per_s: Option<f64>,
    /// Does it grow over the last minutes?
    pub growing: bool,
    pub forecast: Forecast,
    pub loss: Option<Loss>,
    /// The broker forgets the positions of an empty group then (KIP-211).
    pub positions_expire: Option<Timestamp>,
    /// Only then its alarms are raised: continuous, or scheduled and past its window.
    pub alarms: bool,
    pub owner: Option<String>,
    pub observed_at: Timestamp,
}
