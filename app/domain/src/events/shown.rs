//! What reaches the browser: already masked, already bounded.

use super::{Absence, PageCursor, TimeMark};
use crate::{
    ChannelId, EventId, SourceId, Timestamp,
    capture::{HeaderType, TimeKind},
};
use serde::{Deserialize, Serialize};

/// Something the person may not see. Masked is not the same as missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Masked<T> {
    Shown(T),
    /// Names the permission and who has it.
    NeedsRole {
        permission: String,
        roles: Vec<String>,
    },
}

/// Text cut to a limit; `total` is the whole size in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capped {
    pub text: String,
    pub total: u64,
    pub cut: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRow {
    pub id: EventId,
    pub source: SourceId,
    pub source_name: String,
    pub source_kind: String,
    pub channel: ChannelId,
    pub channel_name: String,
    pub partition_number: i32,
    pub time: Timestamp,
    pub time_mark: TimeMark,
    pub captured_at: Timestamp,
    pub event_type: String,
    /// `Shown(None)` is a null key. Not UTF-8: `hex:…`.
    pub key: Masked<Option<Capped>>,
    /// A short reading of the payload; empty where there is nothing to tell.
    pub summary: Masked<String>,
    pub size: u64,
    pub tombstone: bool,
    pub possible_duplicate: bool,
    /// Why key, headers and payload are not there: then a null key means nothing.
    pub absent: Option<Absence>,
}

/// How much of the asked range was looked at, and whether capture was complete there (invariant 4).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Scanned {
    /// Rows looked at to make this page.
    pub rows: u64,
    /// Events searched by an index without looking at each; with a range, those of the days it touches. 0 where no
    /// index was used.
    pub indexed: u64,
    /// Events whose key, headers and payload were looked into.
    pub opened: u64,
    /// Events that an index of their numbers ruled out without reading them.
    pub ruled_out: u64,
    /// Events that could not be judged, and are left out: an expression (`cel:`) failed on them, or their payload can't be
    /// unpacked.
    pub unjudged: u64,
    /// Parts that words were looked for in, had the person been allowed to: `key`, `headers`, `payload`.
    pub unseen: Vec<String>,
    /// Nothing older remains, or the page is full: `false` means a bound stopped the scan (go on with `next`).
    pub complete: bool,
    /// The range looked at ends here (older side): where the scan stopped, the range begins, or the oldest event is. Oldest
    /// first it is the newer side.
    pub down_to: Option<Timestamp>,
    /// Gaps recorded inside what was scanned.
    pub gaps: u32,
    /// Sources that were down or paused and may have more.
    pub silent_sources: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventPage {
    pub rows: Vec<EventRow>,
    pub scanned: Scanned,
    pub next: Option<PageCursor>,
    /// "n channels you may not see"
    pub hidden_channels: u32,
}

/// How much of what is stored was looked at for a list of keys.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct KeysScanned {
    /// Events searched.
    pub events: u64,
    /// Everything that was asked for was looked at: what was not found is not there.
    pub complete: bool,
    /// Where it is not complete: all that was captured from then on was looked at. `None`: not even the newest.
    pub captured_since: Option<Timestamp>,
    /// Gaps recorded inside the range.
    pub gaps: u32,
    /// Sources that were down or paused and may have more.
    pub silent_sources: Vec<String>,
}

/// What is known of one key of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFound {
    /// Events with it in what was looked at.
    pub events: u64,
    pub newest: EventRow,
    /// Its bytes are no longer there: the key was known by its hash.
    pub by_hash: bool,
}

/// One key of a list, as it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyLine {
    pub key: String,
    pub found: Option<KeyFound>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysFound {
    /// In the order of the list.
    pub keys: Vec<KeyLine>,
    /// Keys that stood there before and count once.
    pub doubles: u64,
    pub scanned: KeysScanned,
    /// "n channels you may not see"
    pub hidden_channels: u32,
}

impl KeysFound {
    pub fn found(&self) -> impl Iterator<Item = (&str, &KeyFound)> {
        self.keys.iter().filter_map(|line| Some((line.key.as_str(), line.found.as_ref()?)))
    }
    pub fn missing(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().filter(|line| line.found.is_none()).map(|line| line.key.as_str())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderShown {
    /// Not UTF-8: `hex:…`, and `name_is_text` is false.
    pub name: String,
    pub name_is_text: bool,
    pub kind: HeaderType,
    /// `None` is a null header.
    pub value: Option<PayloadView>,
}

/// Bytes, readable as far as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayloadView {
    Text {
        text: String,
        total: u64,
        cut: bool,
    },
    /// Hex of the first bytes, two digits each, no spaces.
    Binary {
        hex: String,
        total: u64,
        cut: bool,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayloadShown {
    /// A tombstone: the payload is null.
    Null,
    Present {
        /// How it was read: "JSON"; "gzip, then JSON"; "Bytes".
        how: String,
        /// Flat tree of its values, at most 2,000 nodes; empty if it is in no format that has them.
        tree: Vec<super::JsonNode>,
        tree_cut: bool,
        /// Why it was read no further, in sentences.
        problem: Option<String>,
        /// Unpacked, and as JSON where it is in a binary format.
        text: Option<Capped>,
        /// Is `text` what was sent? Not for the browser, which shows `how` beside it.
        #[serde(skip)]
        text_as_sent: bool,
        /// Hex of the first 4,096 bytes as they were sent.
        hex: String,
        /// Bytes that were sent.
        total: u64,
    },
    /// It is not in the store; metadata is.
    Absent(Absence),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventDetail {
    pub row: EventRow,
    pub time_kind: TimeKind,
    pub broker_ms: Option<i64>,
    pub ce_time: Option<Timestamp>,
    pub environment_name: String,
    pub headers: Masked<Vec<HeaderShown>>,
    pub headers_total: u32,
    pub payload: Masked<PayloadShown>,
}

/// One frame of the live tail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TailFrame {
    pub rows: Vec<EventRow>,
    /// Events that came faster than they could be shown and were left out of this frame.
    pub skipped: u64,
    /// Events that the query could not judge: whether they match is not known, and they are left out.
    pub unjudged: u64,
    pub at: Timestamp,
}

/// What passed a tail without being shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unshown {
    pub skipped: u64,
    pub unjudged: u64,
}
