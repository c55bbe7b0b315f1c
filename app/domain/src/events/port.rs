use super::{
    Absence, EventFilter, Gone, KeptAway, KeyHash, KeysScanned, PageCursor, Scanned, StoredAround, StoredBreakdown,
    TimeMark, Unshown,
};
use crate::{
    ChannelId, EventId, PartitionId, Position, SourceId, StoreError, Timestamp,
    access::View,
    capture::{Header, TimeKind},
    search::{Path, Query},
};
use async_trait::async_trait;

/// A row of the catalog of events, before masking. Key bytes only where the view may see keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRow {
    pub id: EventId,
    pub source: SourceId,
    pub channel: ChannelId,
    /// The broker's partition number.
    pub partition_number: i32,
    pub sort_time: Timestamp,
    pub time_mark: TimeMark,
    pub captured_at: Timestamp,
    pub event_type: String,
    /// `None` where the view may not see keys, the key is null, or its block is gone.
    pub key: Option<Vec<u8>>,
    /// For the audit, whatever the view may see: who saw the event is found by it. `None`: the key is null, was never
    /// kept, or was erased.
    pub key_hash: Option<KeyHash>,
    /// Bytes of key, headers and payload.
    pub size: u64,
    pub tombstone: bool,
    pub possible_duplicate: bool,
    /// Why its bytes are not there; `None` where they are, or where the view may not see them anyway.
    pub absent: Option<Absence>,
    /// First bytes of the payload for the summary column (at most 512), where the view may see payloads.
    pub payload_head: Option<Vec<u8>>,
}

/// Key, headers and payload from an event's block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawEvent {
    pub key: Option<Vec<u8>>,
    pub headers: Vec<Header>,
    pub payload: Option<Vec<u8>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    pub row: StoredRow,
    pub time_kind: TimeKind,
    pub broker_ms: Option<i64>,
    pub ce_time: Option<Timestamp>,
    /// `None`: not there, for the reason that `row.absent` gives; or, of [`EventRows::list_whole`], too large.
    pub raw: Option<RawEvent>,
}

/// A stretch of what is found, with all bytes of each event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    pub events: Vec<StoredEvent>,
    pub scanned: Scanned,
    pub next: Option<PageCursor>,
    /// So much lies at one time that the search went on below it without having seen all of it: something newer than
    /// `next` may be missing.
    pub passed_over: bool,
}

/// Larger events (key, headers and payload together) are read without their bytes where many are read at once.
pub const LARGEST_OF_MANY: u64 = 1 << 20;

/// Per-partition positions a tail has reached: nothing follows a global sequence or a timestamp (decision 6).
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Positions(pub Vec<(PartitionId, Position)>);

/// What is stored of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyStanding {
    /// Events with it.
    pub events: u64,
    pub newest: StoredRow,
    /// Its bytes are no longer there (or were not kept): the key was known by its hash.
    pub by_hash: bool,
}

/// What is stored of some keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredKeys {
    /// In the order of the question; `None`: not found in what was looked at.
    pub keys: Vec<Option<KeyStanding>>,
    pub scanned: KeysScanned,
}

#[async_trait]
pub trait EventRows: Send + Sync {
    /// Newest first, at most `limit` (<= 500), strictly older than `before`; or, if the filter says so, oldest first and
    /// strictly newer. Stops after a bounded
    /// amount of work and says so in [`Scanned`]; `next` goes on from there. `query` is the filter's own, read.
    async fn list(
        &self,
        view: &View,
        filter: &EventFilter,
        query: &Query,
        before: Option<PageCursor>,
        limit: u32,
    ) -> Result<(Vec<StoredRow>, Scanned, Option<PageCursor>), StoreError>;
    /// The same with their bytes, at most `limit` (<= 2,000). May hold fewer than `limit` though there are more: a few megabytes at once. Of events
    /// above [`LARGEST_OF_MANY`] there is the beginning of the key and no [`StoredEvent::raw`], though nothing is absent.
    async fn list_whole(
        &self,
        view: &View,
        filter: &EventFilter,
        query: &Query,
        before: Option<PageCursor>,
        limit: u32,
    ) -> Result<Stretch, StoreError>;
    /// Events stored where `filter` and `query` may find some, by whole buckets: never less than there are.
    async fn extent(&self, view: &View, filter: &EventFilter, query: &Query) -> Result<u64, StoreError>;
    /// Of each of many keys the newest event and how many there are. `filter` is without key and query. Looks at what was
    /// captured last first, for a bounded time, and says how far it came. Nothing where the view may not see keys.
    async fn keys(&self, view: &View, filter: &EventFilter, keys: &[Vec<u8>]) -> Result<StoredKeys, StoreError>;
    /// `Ok(None)`: not stored, or not visible.
    async fn event(&self, view: &View, id: EventId) -> Result<Option<StoredEvent>, StoreError>;
    /// Which of some positions, in ascending order, must not be read from the broker, of what was captured and of what was
    /// filled before it ([`super::readable_at_broker`]). All of them of a partition that may not be seen.
    async fn kept_away(
        &self,
        view: &View,
        partition: PartitionId,
        positions: &[Position],
    ) -> Result<KeptAway, StoreError>;
    /// What is known of a position, whether an event is stored there or not. `Ok(None)`: nothing is known of its partition,
    /// or it may not be seen. Names of sources are left empty.
    async fn gone(&self, view: &View, id: EventId) -> Result<Option<Gone>, StoreError>;
    /// The stored positions after which a tail begins now (one entry per visible partition, closed ones
    /// too; what is looked for by type or key does not narrow them).
    async fn tail_start(&self, view: &View, filter: &EventFilter) -> Result<Positions, StoreError>;
    /// What came after `after`, oldest first per partition, at most `limit` in all; the new positions; how many, matching or not, were skipped, and how many could not be judged.
    /// Skipping happens when more than `limit` rows wait: the newest are shown and the number left out is told.
    async fn tail(
        &self,
        view: &View,
        filter: &EventFilter,
        query: &Query,
        after: &Positions,
        limit: u32,
    ) -> Result<(Vec<StoredRow>, Positions, Unshown), StoreError>;
    /// What lies around an event, at most `each` on every side. `Ok(None)`: not stored, or not visible.
    async fn around(&self, view: &View, id: EventId, each: u32) -> Result<Option<StoredAround>, StoreError>;
    /// How what the filter finds is spread, over at most `bins` stretches of its range; the `top` most frequent of types,
    /// channels and keys, and of what stands at `field`. As bounded as [`Self::list`].
    async fn breakdown(
        &self,
        view: &View,
        filter: &EventFilter,
        query: &Query,
        field: Option<&Path>,
        bins: usize,
        top: usize,
    ) -> Result<StoredBreakdown, StoreError>;
}

/// "Something new in partition n": a hint to look, never the data itself. May be merged, repeated or late.
pub trait News: Send + Sync {
    fn subscribe(&self) -> Box<dyn NewsFeed>;
}

/// One listener's bounded feed.
#[async_trait]
pub trait NewsFeed: Send {
    /// Waits for the next hint; an empty list means "anything may have changed" (the feed overflowed or reconnected).
    async fn next(&mut self) -> Vec<PartitionId>;
}
