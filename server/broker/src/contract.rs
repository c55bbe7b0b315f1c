use async_trait::async_trait;
use futures::future::BoxFuture;
use std::sync::Arc;
use weir_domain::capture::{Cursor, Gap, GapReason, Header, Held, Incarnation, TimeKind};
use weir_domain::{Position, Timestamp};

/// Why a broker did not answer as asked. Texts name the address and what to do, never a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrokerError {
    /// Not reachable, timed out, connection cut: try again with back-off.
    #[error("{0}")]
    Unreachable(String),
    /// Wrong or missing credentials, TLS refused.
    #[error("{0}")]
    Refused(String),
    /// Signed in, yet a right is missing; names it ("DESCRIBE on topic order.placed").
    #[error("{0}")]
    NotAuthorised(String),
    /// The settings can't be right (no address, unreadable certificate).
    #[error("{0}")]
    Settings(String),
    /// It can't be done as things are, and nothing was done ("billing has 2 members: stop them first").
    #[error("{0}")]
    Declined(String),
    /// The broker answered something this connector does not understand.
    #[error("{0}")]
    Protocol(String),
}

/// One message as the broker gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub position: Position,
    pub time_kind: TimeKind,
    pub broker_ms: Option<i64>,
    pub key: Option<Vec<u8>>,
    pub headers: Vec<Header>,
    pub payload: Option<Vec<u8>>,
}

impl Record {
    /// Bytes of key, headers and payload as the broker gave them.
    pub fn raw_size(&self) -> usize {
        self.key.as_ref().map_or(0, Vec::len)
            + self.payload.as_ref().map_or(0, Vec::len)
            + self.headers.iter().map(|h| h.name.len() + h.value.as_ref().map_or(0, Vec::len)).sum::<usize>()
    }
}

/// A partition in the broker's own words.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartitionAddress {
    pub channel: String,
    pub number: i32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscoveredPartition {
    pub number: i32,
    /// Why it can't be read now ("no leader"); others go on.
    pub problem: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovered {
    pub channel: String,
    /// The broker's own bookkeeping (`__consumer_offsets`): left out unless asked for.
    pub internal: bool,
    /// For partitions not known yet. Never compare it with a stored one: a log that was cut has a successor
    /// of its own ([`Ended::successor`]) within the same channel, whose bytes begin with these. The reader judges
    /// what is assigned to it.
    pub incarnation: Incarnation,
    pub partitions: Vec<DiscoveredPartition>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Discovery {
    pub channels: Vec<Discovered>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartAt {
    /// Go on exactly here.
    Cursor(Cursor),
    Latest,
    Earliest,
    /// The first record at or after this time; the end if there is none.
    Time(Timestamp),
    /// This position, or the first record after it. What of the log was deleted from there on is told as a gap; a log
    /// that ends below it was cut ([`Reading::Ended`]). Unlike a cursor it can't tell a log that was cut and has grown
    /// again: whoever reads so compares what comes with what is known of it.
    Position(Position),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    pub address: PartitionAddress,
    /// The incarnation the cursor belongs to; a reader that meets another answers [`Reading::Ended`].
    pub incarnation: Incarnation,
    pub start: StartAt,
}

/// Bounds of one `read`. Memory of a reader stays under a small multiple of `bytes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadLimits {
    /// Raw bytes returned by one `read`; one larger record is returned alone.
    pub bytes: usize,
    pub records: usize,
    /// `read` returns empty after this long without news.
    pub wait: std::time::Duration,
}

impl Default for ReadLimits {
    fn default() -> Self {
        Self { bytes: 8 << 20, records: 20_000, wait: std::time::Duration::from_millis(250) }
    }
}

/// News of one partition, in order; a chunk comes when anything in it changed. The first one of an assignment
/// comes as soon as its start is known, be there records or not, so that the cursor can be kept. `records` may be empty while `next` moved on (control batches,
/// aborted or compacted ranges), and `next` may stand still while `end` or `held` changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    pub address: PartitionAddress,
    /// Where this chunk began: equals the `next` of the one before, or the assignment's cursor.
    /// `None` if the assignment had no cursor.
    pub previous: Option<Cursor>,
    pub records: Vec<Record>,
    /// The consumer's *next* position after this chunk (decision 8), as a cursor.
    pub next: Cursor,
    pub next_position: Position,
    /// Retention or DeleteRecords took `from..to` before it was read, or a limit of the connector left it out;
    /// `records` follow after it.
    pub gap: Option<Gap>,
    pub start: Option<Position>,
    /// End of what may be read now.
    pub end: Option<Position>,
    pub held: Option<Held>,
    /// Compressed bytes as they travelled where known, else raw bytes.
    pub broker_bytes: u64,
}

/// An incarnation is over; nothing more comes for it until it is assigned anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    pub address: PartitionAddress,
    pub reason: GapReason,
    pub gap: Gap,
    /// The incarnation that follows and where to begin in it; `None` if the channel is gone.
    pub successor: Option<(Incarnation, StartAt)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    Chunk(Chunk),
    Ended(Ended),
    /// This partition can't be read now (leaderless, not authorised); the reader keeps trying it. Told once
    /// for each reason; a chunk (maybe without records) says that it is over.
    Stuck {
        address: PartitionAddress,
        reason: String,
    },
}

/// What reading from a start costs, where the broker tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EstimatedRead {
    pub records: Option<u64>,
    pub bytes: Option<u64>,
}

/// What one channel holds now, where the broker tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelSize {
    pub channel: String,
    /// Positions from the start to the end (fewer records, where some were compacted away).
    pub records: Option<u64>,
    /// On the broker's disks, without its replicas.
    pub bytes: Option<u64>,
}

/// A connection to one source. Cheap to make: nothing is contacted before the first call.
#[async_trait]
pub trait Broker: Send + Sync {
    /// Tries the connection out, from the name to the right to read, and tells each step once it is decided: every
    /// [`weir_domain::sources::StepKind`] once, in their order. What stands on a failed step is skipped. Reads no
    /// record. See [`crate::examined`] for the limit of its time.
    async fn examine(&self, wanted: &crate::Wanted, tell: &mut (dyn FnMut(weir_domain::sources::Step) + Send));
    /// What these channels hold, in their order; those that are not there are left out.
    async fn sizes(&self, channels: &[String]) -> Result<Vec<ChannelSize>, BrokerError>;
    /// Everything there is to see, internal channels marked. Bounded by the connector's time-out.
    async fn discover(&self) -> Result<Discovery, BrokerError>;
    /// Opens a reader without assignments. It never acknowledges, commits or joins a group.
    async fn reader(&self, limits: ReadLimits) -> Result<Box<dyn Reader>, BrokerError>;
    /// What reading these partitions from these starts would take.
    async fn estimate(&self, assignments: &[Assignment]) -> Result<EstimatedRead, BrokerError>;
    /// Resolves once readers should be opened anew, because the credentials they were made with have been replaced since
    /// this was called. Never, unless somebody can replace them.
    fn replaced(&self) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
    /// Who reads it, and how far they are; `None`: this kind of broker does not tell.
    fn lag(&self) -> Option<Arc<dyn crate::LagProbe>> {
        None
    }
    /// What a person should know of it while it works all the same; no secrets.
    fn notice(&self) -> Option<String> {
        None
    }
}

#[async_trait]
pub trait Reader: Send {
    /// Replaces the whole set. A partition kept with an equal cursor keeps its place and its fetch session;
    /// so does one without a cursor that was assigned the same start before and has not told anything yet.
    async fn assign(&mut self, assignments: Vec<Assignment>) -> Result<(), BrokerError>;
    /// Awaits news, at most [`ReadLimits::wait`]. Cancel-safe: a dropped call loses nothing, the
    /// next one returns it. Errors concern the whole source; a single partition is [`Reading::Stuck`].
    async fn read(&mut self) -> Result<Vec<Reading>, BrokerError>;
    /// Milliseconds the broker asked this client to wait in its last answer (quota), 0 if none.
    fn throttled_ms(&self) -> u32 {
        0
    }
}
