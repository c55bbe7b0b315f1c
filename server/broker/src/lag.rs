//! What a broker tells of those who read it: groups, their positions, and the ends of what they read.

use crate::{BrokerError, Permit};
use async_trait::async_trait;
use weir_domain::{
    Timestamp,
    lag::{GroupKind, GroupState, Member},
};

/// What one observation asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LagWanted {
    /// Members of groups too, and what holds of channels for long (retention, sizes). They change seldom and cost more.
    pub details: bool,
    /// Without [`Self::details`]: members of these groups all the same.
    pub members_of: Vec<String>,
    /// Channels whose ends are wanted, though nobody reads them in a group.
    pub channels: Vec<String>,
}

/// Everything at one moment. What one group or partition keeps from being told is said there; only what concerns the
/// whole source is an error.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LagObserved {
    pub groups: Vec<GroupObserved>,
    /// Channels that groups read and those that were asked for, each once.
    pub channels: Vec<ChannelObserved>,
    /// Requests that it took.
    pub requests: u32,
    /// Why some groups may be missing, for a person ("groups of broker 3 are missing: …"). Empty: these are all.
    pub incomplete: Vec<String>,
    /// What else could not be asked of the whole source.
    pub problems: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupObserved {
    pub name: String,
    pub kind: GroupKind,
    pub state: GroupState,
    /// How partitions are handed out ("range", "uniform").
    pub assignor: Option<String>,
    /// Who keeps its positions ("broker 2 at kafka-2:9092").
    pub coordinator: Option<String>,
    /// `None`: not asked for, or not told.
    pub members: Option<Vec<Member>>,
    pub positions: Vec<PositionObserved>,
    /// Why its positions or members are not known ("DESCRIBE on group billing is missing").
    pub problem: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PositionObserved {
    /// Index into [`LagObserved::channels`].
    pub channel: usize,
    pub partition: i32,
    /// Next position to be read. `None`: not committed. Of a share group: its start, below which all is done.
    pub next: Option<i64>,
    /// What the broker itself says is unread; of share groups (KIP-1226), where positions alone do not tell.
    pub lag: Option<u64>,
    /// Epoch of the leader that the position was committed under (KIP-320), -1 if none.
    pub leader_epoch: i32,
    /// Why it is not known; with a position: what holds of it ("a transaction that moves this position is open").
    pub problem: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelObserved {
    pub name: String,
    /// The bytes of its incarnation, as discovery gives them; empty if not told.
    pub incarnation: Vec<u8>,
    pub partitions: Vec<EndObserved>,
    /// With [`LagWanted::details`].
    pub keeps: Option<Keeps>,
    /// Why nothing of it is known ([`DELETED`], "DESCRIBE on topic x is missing").
    pub problem: Option<String>,
}

/// The problem of a channel that is not there any more.
pub const DELETED: &str = "deleted";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndObserved {
    pub partition: i32,
    pub start: Option<i64>,
    /// High watermark.
    pub end: Option<i64>,
    /// Last stable offset: what those who read committed may read to.
    pub stable_end: Option<i64>,
    /// On the broker's disks, one replica; with [`LagWanted::details`].
    pub bytes: Option<u64>,
    /// Why it is not known ("no leader").
    pub problem: Option<String>,
}

/// How long a channel keeps its events.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Keeps {
    /// `None`: for ever.
    pub for_ms: Option<i64>,
    /// Bytes per partition; `None`: no limit.
    pub bytes: Option<i64>,
    /// A segment is deleted as a whole, and not while it is written.
    pub segment_bytes: Option<i64>,
    pub segment_ms: Option<i64>,
    /// The latest of each key is kept.
    pub compacted: bool,
    /// Events are deleted by time or size (`cleanup.policy` has `delete`).
    pub deletes: bool,
    /// Older segments lie in another store (KIP-405), which `for_ms` and `bytes` hold for.
    pub tiered: bool,
    /// Timestamps are of arrival (`LogAppendTime`).
    pub arrival_times: bool,
    /// `offsets.retention.minutes` of the cluster, as ms: positions of a group are kept so long after its last member left.
    pub positions_for_ms: Option<i64>,
}

/// Where a position is to be moved to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    pub channel: String,
    pub partition: i32,
    pub to: i64,
}

/// What became of one partition of an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    pub channel: String,
    pub partition: i32,
    /// Why it was not moved.
    pub problem: Option<String>,
}

/// Lag of a source. A broker that can't tell it answers [`BrokerError::Protocol`].
#[async_trait]
pub trait LagProbe: Send + Sync {
    /// Everything there is, bounded by the connector's time-outs and by [`MOST_GROUPS`].
    async fn observe(&self, wanted: &LagWanted) -> Result<LagObserved, BrokerError>;
    /// One group, with everything about it, asked for now: what stands before an act.
    async fn group(&self, name: &str) -> Result<Option<LagObserved>, BrokerError>;
    /// For each partition the first position at or after the time; its end if there is none, `None` if not known.
    async fn positions_at(&self, partitions: &[(String, i32)], at: Timestamp) -> Result<Vec<Option<i64>>, BrokerError>;
    /// Moves positions of an idle group; what is not moved says why ("billing has 2 members: stop them first"), and what the
    /// broker gave no answer to, that it may have been moved. One permit for each channel of `moves`; a channel without one is
    /// not moved. Bounded in time as a whole.
    ///
    /// # Errors
    /// Nothing was moved.
    async fn move_positions(
        &self,
        permits: Vec<Permit>,
        group: &str,
        kind: GroupKind,
        moves: &[Move],
    ) -> Result<Vec<Moved>, BrokerError>;
    /// Forgets an idle group with its positions. One permit for each channel that it has positions in.
    ///
    /// # Errors
    /// [`BrokerError::Declined`] says why nothing was deleted; [`BrokerError::Unreachable`] says whether it may have been.
    async fn delete_group(&self, permits: Vec<Permit>, group: &str, kind: GroupKind) -> Result<(), BrokerError>;
}

/// More are left out and said so in [`LagObserved::problems`].
pub const MOST_GROUPS: usize = 50_000;
