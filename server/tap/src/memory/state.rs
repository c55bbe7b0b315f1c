use super::shares::{Held, Living};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::Duration;
use tokio::time::Instant;
use weir_domain::{
    ChannelId, PartitionId, Position, SourceId,
    capture::{
        CaptureMode, CapturedEvent, Cursor, Gap, GapReason, Incarnation, Lease, MemberId, OpenPartition,
        PartitionProgress, SourceReport,
    },
};

/// How one append fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The connection breaks before anything is stored.
    NotStored,
    /// It is stored, and the answer gets lost.
    AnswerLost,
    /// The store can't take it.
    Refused,
    /// A defect: the call never answers.
    Panic,
}

/// One incarnation with all that was stored in it.
#[derive(Debug, Clone)]
pub struct StoredPartition {
    pub id: PartitionId,
    pub source: SourceId,
    pub channel: ChannelId,
    pub channel_name: String,
    pub number: i32,
    pub incarnation: Incarnation,
    pub cursor: Option<Cursor>,
    pub next_position: Option<Position>,
    pub from_log_start: bool,
    pub from_end: bool,
    pub closed: Option<GapReason>,
    pub events: Vec<CapturedEvent>,
    pub gaps: Vec<Gap>,
    pub broker_bytes: u64,
}

impl StoredPartition {
    pub fn open(&self) -> OpenPartition {
        OpenPartition {
            id: self.id,
            channel: self.channel,
            number: self.number,
            incarnation: self.incarnation.clone(),
            cursor: self.cursor.clone(),
            from_log_start: self.from_log_start,
            from_end: self.from_end.then(|| self.next_position.unwrap_or(Position(0))),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub away: bool,
    pub slow: Duration,
    pub faults: VecDeque<Fault>,
    pub sources: BTreeMap<String, SourceId>,
    /// Gone from the configuration.
    pub orphans: HashSet<SourceId>,
    pub channels: BTreeMap<(SourceId, String), ChannelId>,
    pub partitions: Vec<StoredPartition>,
    pub begun: HashMap<SourceId, String>,
    pub paused: HashSet<SourceId>,
    /// What is kept of channels, by name; of others everything.
    pub modes: HashMap<String, CaptureMode>,
    pub members: BTreeMap<MemberId, Living>,
    pub held: HashMap<PartitionId, Held>,
    pub last_member: i64,
    pub last_epoch: i64,
    pub beats: u64,
    /// What each process said last, and when by this store's time: processes' clocks differ.
    pub said: HashMap<(SourceId, String), (SourceReport, Instant)>,
    /// What the source's standing was after each report.
    pub reports: Vec<SourceReport>,
    pub progress: HashMap<PartitionId, PartitionProgress>,
    pub leases: HashMap<String, (Lease, Instant)>,
    pub announced: Vec<(Instant, Vec<PartitionId>)>,
    pub at_once: u32,
    pub most_at_once: u32,
    pub maintained: u32,
}

impl State {
    pub fn partition(&mut self, id: PartitionId) -> Option<&mut StoredPartition> {
        self.partitions.iter_mut().find(|p| p.id == id)
    }

    pub fn open_one(&mut self, channel: ChannelId, number: i32) -> Option<&mut StoredPartition> {
        self.partitions.iter_mut().find(|p| p.channel == channel && p.number == number && p.closed.is_none())
    }
}
