use crate::{ChannelId, EventId, SourceId, Timestamp};
use serde::{Deserialize, Serialize};

/// Half-open: `from <= time < to`. Either end may be open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TimeRange {
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the range ends before it begins")]
pub struct RangeError;

impl TimeRange {
    pub fn new(from: Option<Timestamp>, to: Option<Timestamp>) -> Result<Self, RangeError> {
        match (from, to) {
            (Some(f), Some(t)) if t < f => Err(RangeError),
            _ => Ok(Self { from, to }),
        }
    }
    pub fn contains(&self, t: Timestamp) -> bool {
        self.from.is_none_or(|f| f <= t) && self.to.is_none_or(|to| t < to)
    }
}

/// What the Events page asks for. All parts must hold; an empty filter is every visible event.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EventFilter {
    pub source: Option<SourceId>,
    pub channel: Option<ChannelId>,
    pub event_type: Option<String>,
    /// The whole key, exactly, as UTF-8 text; or `hex:…` for keys that are not text.
    pub key: Option<String>,
    pub range: TimeRange,
}

impl EventFilter {
    /// The bytes the key filter stands for.
    pub fn key_bytes(&self) -> Option<Vec<u8>> {
        let key = self.key.as_deref()?;
        if let Some(hex) = key.strip_prefix("hex:")
            && hex.is_ascii()
            && hex.len() % 2 == 0
            && let Some(bytes) =
                (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).ok()).collect()
        {
            return Some(bytes);
        }
        Some(key.as_bytes().to_vec())
    }
}

/// Where the next page begins: strictly older than this in the order (time, partition, position).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PageCursor {
    pub time: Timestamp,
    pub id: EventId,
}
