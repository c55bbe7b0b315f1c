use super::{BudgetPlan, CaptureBatch, Fence, GapReason, Keeping, Planned};
use crate::{
    ChannelId, EnvironmentId, InstanceId, PartitionId, Position, SourceId, StoreError, Timestamp, access::SystemView,
};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// Reading cursor: bytes owned by the connector, compared by equality (decision 1).
/// Kafka: see `weir-broker-kafka`. Never parsed outside the connector.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cursor(pub Vec<u8>);

/// What tells one incarnation of a partition from the next: Kafka topic id, stream creation time. One that follows
/// a log that was cut begins with the bytes of its channel's first.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Incarnation(pub Vec<u8>);

impl Incarnation {
    /// False for zeros only: the broker tells no ids, and a channel made again looks like the one before.
    pub fn is_telling(&self) -> bool {
        self.0.iter().any(|b| *b != 0)
    }

    /// May a closed one with these bytes be read on at its cursor when `found` is seen? The channel was away and is
    /// back: nothing of it was written anew, so reading it from its start would store everything twice.
    pub fn comes_back_as(&self, found: &Self, closed: GapReason) -> bool {
        let same_channel = found.is_telling() && self.0.starts_with(&found.0);
        same_channel && matches!(closed, GapReason::Deleted | GapReason::Recreated)
    }
}

/// A partition held back by an open transaction: since when and by which transactional id, if known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub since: Timestamp,
    pub transactional_id: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppendOutcome {
    Stored {
        events: u64,
        raw_bytes: u64,
        stored_bytes: u64,
    },
    /// The stored cursor was another one: somebody else read on. Drop the batch and re-read the cursor.
    CursorMoved,
}

/// The store as the tap sees it. Capture writes only its own partition's rows (decision 6).
#[async_trait]
pub trait EventLog: Send + Sync {
    /// One transaction: cursor by compare-and-set, events, blocks, gaps, statistics. Durable when it returns.
    async fn append(&self, batch: &CaptureBatch) -> Result<AppendOutcome, StoreError>;
    /// Tells listeners "something new in partition n"; call at most 10 times a second, outside the capture transaction.
    async fn announce(&self, partitions: &[PartitionId]) -> Result<(), StoreError>;
}

/// A partition as capture knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPartition {
    pub id: PartitionId,
    pub channel: ChannelId,
    /// The broker's own number.
    pub number: i32,
    pub incarnation: Incarnation,
    /// `None` until the first append, unless the incarnation began at a cursor ([`Begin::At`]).
    pub cursor: Option<Cursor>,
    /// Without a cursor, read from the log's start ([`Begin::LogStart`]) instead of as configured.
    pub from_log_start: bool,
    /// Its channel was switched off and is on again: go on at the end of the log, wherever the cursor stands, and record
    /// what lies between this position and there as a gap. The next append takes the mark away.
    pub from_end: Option<Position>,
}

/// Where an incarnation is read from while it has no stored cursor; kept, so that a crash before the
/// first append loses nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begin {
    /// As the source's `start` says: it was there when the source was first seen.
    Configured,
    /// It appeared later: its first events count, so all of it.
    LogStart,
    /// Exactly here; stored as the incarnation's cursor.
    At(Cursor),
}

/// Closes an incarnation (recording what was lost) and opens the next in one transaction.
#[derive(Debug, Clone)]
pub struct NewIncarnation {
    /// Whoever this does not hold for any more opens and closes nothing.
    pub fence: Fence,
    pub channel: ChannelId,
    pub number: i32,
    pub incarnation: Incarnation,
    pub begin: Begin,
    /// The one it replaces: its gap is recorded from its position on.
    pub replaces: Option<(PartitionId, super::Gap)>,
}

/// An incarnation that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    pub open: OpenPartition,
    /// Of its lease, if the one who asked holds it: a reader goes on with the successor of what it read.
    pub epoch: Option<i64>,
}

/// Where a partition stands, reported without storing events (probe and pages).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionProgress {
    pub partition: PartitionId,
    pub start: Option<Position>,
    pub end: Option<Position>,
    pub held: Option<Held>,
    pub error: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// Not yet reached since this source was configured.
    Starting,
    Up,
    /// Can't be reached: tries again with back-off.
    Down,
    Paused,
    /// Taps are off here: a clone or restore that waits for `weir adopt` (decision 17), or no tap runs.
    Off,
}

impl SourceState {
    /// A word of a newer program claims nothing.
    pub fn parse(word: &str) -> Self {
        let all = [Self::Starting, Self::Up, Self::Down, Self::Paused];
        all.into_iter().find(|s| s.as_str() == word).unwrap_or(Self::Off)
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Up => "up",
            Self::Down => "down",
            Self::Paused => "paused",
            Self::Off => "off",
        }
    }

    /// Is nothing read of it now? Then what the broker has got since is unknown, and every figure is of before.
    pub const fn stands_still(self) -> bool {
        matches!(self, Self::Down | Self::Paused | Self::Off)
    }
}

/// A source's state as one of its taps sees it; all of them together make its [`super::Standing`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceReport {
    pub source: SourceId,
    /// Which process says so: the holder of its leases.
    pub tap: String,
    pub state: SourceState,
    /// What happened, for a person; no secrets. `None` when up.
    pub reason: Option<String>,
    pub at: Timestamp,
    /// The next try, when down.
    pub retry_at: Option<Timestamp>,
    /// Channels that exist and no pattern includes; `None` from a tap that did not look, which changes nothing.
    pub left_out: Option<Vec<String>>,
    pub left_out_total: u32,
    /// Bytes still to be read of a catch-up (`start = "earliest"`), where known; `None` once it has caught up.
    pub bytes_to_read: Option<u64>,
    /// Broker throttling obeyed, in ms of the last answer; 0 if none.
    pub throttled_ms: u32,
}

/// An environment as the configuration names it (decision 15).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedEnvironment {
    pub name: String,
    pub production: bool,
    /// "red", "orange", "yellow", "green", "teal", "blue", "violet" or "grey"; `None` is drawn without one.
    pub colour: Option<String>,
}

/// What the configuration wants of a source, as the composition root hands it over.
#[derive(Debug, Clone)]
pub struct WantedSource {
    pub name: String,
    pub kind: String,
    pub environment: String,
    /// Shown on the page: addresses and settings without secrets.
    pub description: String,
    /// "off" | "metadata" | "full" (decision 14).
    pub capture: String,
    pub act: String,
    pub read_only: bool,
}

/// The catalog as the tap sees it. Idempotent; called again whenever discovery finds something.
#[async_trait]
pub trait TapCatalog: Send + Sync {
    /// Makes environments and sources of the file known; sources gone from the file are paused and keep their events (decision 18).
    async fn put_sources(
        &self,
        environments: &[WantedEnvironment],
        sources: &[WantedSource],
    ) -> Result<Vec<(String, SourceId, EnvironmentId)>, StoreError>;
    /// Which of these names the catalog knows already; writes nothing. For an installation that was not adopted: its
    /// configuration has no say in what another one reads (decision 17).
    async fn find_sources(&self, view: &SystemView, names: &[String]) -> Result<Vec<(String, SourceId)>, StoreError>;
    async fn put_channel(&self, source: SourceId, name: &str) -> Result<ChannelId, StoreError>;
    /// Open incarnations of a channel's partitions with their cursors.
    async fn open_partitions(&self, view: &SystemView, channel: ChannelId) -> Result<Vec<OpenPartition>, StoreError>;
    /// All open incarnations of a source with the names of their channels.
    async fn open_partitions_of(
        &self,
        view: &SystemView,
        source: SourceId,
    ) -> Result<Vec<(String, OpenPartition)>, StoreError>;
    /// What [`TapCatalog::set_begun`] kept: `None` until the source was first seen.
    async fn begun(&self, view: &SystemView, source: SourceId) -> Result<Option<String>, StoreError>;
    /// Called once everything found has its incarnation. `policy` (the tap's own text, at most some KB) says
    /// which channels were included: a channel it includes that appears later is new and read from its start,
    /// one that it left out is newly included and read as configured.
    async fn set_begun(&self, source: SourceId, policy: &str) -> Result<(), StoreError>;
    /// Idempotent: where an open incarnation of that channel and number has the same `incarnation` bytes
    /// and is not the replaced one, that one is returned (two taps may act at once). Where it does not begin at a
    /// cursor, and the newest closed one of the same bytes comes back ([`Incarnation::comes_back_as`]), that one is
    /// opened again where it stood, and the gap that its closing left is taken back. A reader holds the lease of what
    /// replaces the one it read. `Ok(None)`: the fence does not hold any more, and nothing was changed.
    async fn open_incarnation(&self, new: &NewIncarnation) -> Result<Option<Opened>, StoreError>;
    /// The topic is gone: closes the incarnation with its gap. `false`: the fence does not hold any more, and nothing
    /// was changed.
    async fn close_partition(
        &self,
        partition: PartitionId,
        reason: GapReason,
        fence: Fence,
    ) -> Result<bool, StoreError>;
    /// The incarnation turned out never to have been: closes it as deleted, and without a gap. `false`: as above.
    async fn close_unmade(&self, partition: PartitionId, fence: Fence) -> Result<bool, StoreError>;
    async fn report_progress(&self, progress: &[PartitionProgress], at: Timestamp) -> Result<(), StoreError>;
    /// Keeps what one tap says, and makes the source's standing of what all of them said last.
    async fn report_source(&self, report: &SourceReport) -> Result<(), StoreError>;
    /// Does a person want this source to stand still? Read at least every 500 ms, so that a pause acts within a second.
    async fn paused(&self, view: &SystemView, source: SourceId) -> Result<bool, StoreError>;
    /// What is kept of a partition's events, by the policy of its channel and by the room there is. As of at most 10 s ago.
    async fn keeping(&self, view: &SystemView, partition: PartitionId) -> Result<Keeping, StoreError>;
    /// The names of a source's channels that are not to be read.
    async fn channels_off(&self, view: &SystemView, source: SourceId) -> Result<Vec<String>, StoreError>;
    /// Instance id kept in the database, made on first start.
    async fn instance(&self) -> Result<InstanceId, StoreError>;
}

/// A lease with a growing epoch (decision 16), for work that one process does at a time. Partitions have leases of their
/// own, which hang on their member's life: see [`super::Shares`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub name: String,
    pub holder: String,
    pub epoch: i64,
    pub expires: Timestamp,
}

#[async_trait]
pub trait Leases: Send + Sync {
    /// Takes a free or expired lease, or renews one held by `holder`; `Ok(None)` while another holds it.
    /// Expiry is judged by the database's clock.
    async fn acquire(&self, name: &str, holder: &str, ttl_ms: u32) -> Result<Option<Lease>, StoreError>;
    /// False if the lease was lost.
    async fn renew(&self, lease: &Lease, ttl_ms: u32) -> Result<bool, StoreError>;
    async fn release(&self, lease: &Lease) -> Result<(), StoreError>;
}

/// What was done, for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Maintained {
    pub made: u32,
    pub dropped: u32,
    /// Left for the next run (a lock was held).
    pub deferred: u32,
}

/// What was made findable by key, type and word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Indexed {
    pub spans: u32,
    /// There may be more at once.
    pub more: bool,
}

/// Upkeep of the store, called about once a minute under a lease; each call is bounded and idempotent (decision 3).
#[async_trait]
pub trait Maintenance: Send + Sync {
    /// Makes the buckets that will be written soon.
    async fn ensure_buckets(&self, now: Timestamp) -> Result<Maintained, StoreError>;
    /// Removes the buckets whose retention has passed, by the database's clock: `now` only has to agree with it, and
    /// nothing is removed if it does not.
    async fn retire_buckets(&self, now: Timestamp) -> Result<Maintained, StoreError>;
    /// Indexes some of what was stored since, as far as there is enough of it; the rest is found all the same, by looking
    /// into it.
    async fn index(&self, now: Timestamp) -> Result<Indexed, StoreError>;
    /// Deletes the oldest payloads of channels that have more than their limit, and those older than a retention that was
    /// made shorter. What was given up is recorded with it. By the database's clock, as above.
    async fn give_up_payloads(&self, now: Timestamp) -> Result<GivenUpPayloads, StoreError>;
    /// Forgets events that are older than a retention of metadata that was made shorter: out of every page's sight first.
    async fn forget_events(&self, now: Timestamp) -> Result<Maintained, StoreError>;
    /// Measures what is used of the budget, records where that passes a mark, and says what follows from it.
    async fn plan_budget(&self, now: Timestamp) -> Result<BudgetPlan, StoreError>;
    /// Takes one step of a plan, and records it with what it came to.
    async fn take_budget_step(
        &self,
        plan: &BudgetPlan,
        planned: &Planned,
        now: Timestamp,
    ) -> Result<GivenUpPayloads, StoreError>;
    /// Gives the room of what was given up back: to what is written next, or to the disk.
    async fn make_room(&self, now: Timestamp) -> Result<(), StoreError>;
}

/// What was given up, for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GivenUpPayloads {
    pub blocks: u64,
    pub bytes: u64,
    /// There is more to do than one call does.
    pub more: bool,
}
