use crate::{ChannelId, EventId, Position, SourceId, Timestamp};
use serde::{Deserialize, Serialize};

/// What is known of a position of a partition at which no event is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gone {
    pub event: EventId,
    pub source: SourceId,
    pub source_name: String,
    pub channel: ChannelId,
    pub channel_name: String,
    /// The broker's own number.
    pub partition_number: i32,
    /// When its incarnation ended at the broker, and why; `None`: it goes on.
    pub closed: Option<(Timestamp, String)>,
    pub fate: Fate,
    /// The nearest that are still stored.
    pub before: Option<Position>,
    pub after: Option<Position>,
}

/// Why nothing is stored there. Nothing of it is guessed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Fate {
    /// It is stored.
    Stored,
    /// All that was captured of `first..=last` in one stretch of time was dropped, its retention having passed.
    Dropped {
        at: Timestamp,
        retention_days: u16,
        first: Position,
        last: Position,
        /// Times of the events between them.
        from: Timestamp,
        to: Timestamp,
    },
    /// It was never had: the gap that says so.
    Gap { reason: String, detail: String, from: Position, to: Option<Position>, found: Timestamp },
    /// Before the first position that anything is known of.
    Before { first: Position },
    /// Capture has not come so far.
    Ahead { last: Position },
    /// Between two events that are stored: the broker had none for Weir there.
    Hole,
    /// Nothing was ever stored of this partition, or nothing is known of it any more.
    Unknown,
}

impl Fate {
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Dropped { .. } => "dropped",
            Self::Gap { .. } => "gap",
            Self::Before { .. } => "before",
            Self::Ahead { .. } => "ahead",
            Self::Hole => "hole",
            Self::Unknown => "unknown",
        }
    }
}
