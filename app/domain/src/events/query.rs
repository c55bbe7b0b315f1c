use crate::{ChannelId, EventId, SourceId, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// Begins a key that is written as hex digits, because it is no text or no line of it.
pub const HEX_MARK: &str = "hex:";

/// Two lower-case digits a byte, no spaces.
pub fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string can't fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// A key as a form's field carries it whole: one with a control character becomes `hex:…`, which the filter
/// reads as the same bytes. Browsers make U+FFFD of a NUL and leave out the line ends.
pub fn key_line(key: String) -> String {
    if key.contains(char::is_control) { format!("{HEX_MARK}{}", hex(key.as_bytes())) } else { key }
}

/// What the store keeps of a key: a hash that finds it and can't be turned back. Of keys that are easily guessed it is
/// as good as the key, so it is treated like one: never shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyHash(pub i64);

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
    /// What the query bar holds; read by [`crate::search::Query::parse`], or as an expression of CEL.
    pub query: Option<String>,
    /// Which way lists, tables and exports go: oldest first instead of newest first.
    pub oldest_first: bool,
}

impl EventFilter {
    /// The bytes the key filter stands for.
    pub fn key_bytes(&self) -> Option<Vec<u8>> {
        self.key.as_deref().map(key_bytes)
    }
}

/// What a key stands for, as filters and lists have it: its letters, or the bytes behind `hex:`.
pub(super) fn key_bytes(key: &str) -> Vec<u8> {
    if let Some(hex) = key.strip_prefix(HEX_MARK)
        && hex.bytes().all(|b| b.is_ascii_hexdigit())
        && hex.len() % 2 == 0
        && let Some(bytes) = (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).ok()).collect()
    {
        return bytes;
    }
    key.as_bytes().to_vec()
}

/// Where the next page begins: strictly older than this in the order (time, partition, position); strictly newer where
/// the list goes oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PageCursor {
    pub time: Timestamp,
    pub id: EventId,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(key: &str) -> Vec<u8> {
        EventFilter { key: Some(key.to_owned()), ..EventFilter::default() }.key_bytes().unwrap_or_default()
    }

    #[test]
    fn hex_is_read_only_where_it_is_hex() {
        assert_eq!(bytes("hex:00ff"), [0, 255]);
        assert_eq!(bytes("hex:"), b"");
        for text in ["hex:0", "hex:+f", "hex:zz", "hex:é", "HEX:00", "00ff"] {
            assert_eq!(bytes(text), text.as_bytes(), "{text:?}");
        }
    }

    #[test]
    fn a_key_that_no_field_keeps_goes_as_hex_and_means_the_same() {
        for key in ["a\0b", "a\r\nb", "\u{9b}", "hex:00\n"] {
            let line = key_line(key.to_owned());
            assert!(line.starts_with(HEX_MARK) && line.is_ascii(), "{line}");
            assert_eq!(bytes(&line), key.as_bytes());
        }
        for key in ["", "ord-4711", "hex:00", " Straße "] {
            assert_eq!(key_line(key.to_owned()), key);
        }
    }
}
