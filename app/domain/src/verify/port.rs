use super::{Difference, DifferenceKind, Stretch};
use crate::{
    ChannelId, PartitionId, Position, SourceId, StoreError, Timestamp,
    access::{SystemView, View},
    capture::AtBroker,
};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Positions that are compared at once.
pub const LONGEST_STRETCH: i64 = 2_000;

/// An open partition that can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub partition: PartitionId,
    pub channel: ChannelId,
    pub at: AtBroker,
    /// What is stored: from here …
    pub first: Position,
    /// … to before here.
    pub next: Position,
    /// Bytes captured of it in the last day.
    pub captured_bytes: u64,
    /// Bytes that comparing in the background read of it in the day it counts now.
    pub read_bytes: u64,
    /// The newest was last compared then.
    pub verified: Option<Timestamp>,
}

/// One stretch that was compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    pub partition: PartitionId,
    pub from: Position,
    /// Before here.
    pub to: Position,
    pub compared: u64,
    pub gone: u64,
    pub differences: Vec<Difference>,
    /// What it took from the broker.
    pub read_bytes: u64,
    /// It came to what was captured last, or nearly.
    pub newest: bool,
    /// Nobody asked for it: its bytes count towards the day's part.
    pub in_background: bool,
    pub at: Timestamp,
}

/// A difference as pages show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DifferenceShown {
    pub partition: PartitionId,
    pub partition_number: i32,
    pub position: Position,
    pub kind: DifferenceKind,
    pub found_at: Timestamp,
}

/// How far one channel was compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelVerified {
    pub channel: ChannelId,
    pub name: String,
    pub source: SourceId,
    /// Partitions with events, and how many of them were compared.
    pub partitions: u32,
    pub verified: u32,
    /// Samples reach what was captured until then, in every partition that was compared.
    pub until: Option<Timestamp>,
    /// Since comparing began.
    pub compared: u64,
    pub gone: u64,
    pub differences: u64,
    /// The newest of them, at most [`ChannelVerified::LATEST`].
    pub latest: Vec<DifferenceShown>,
}

impl ChannelVerified {
    pub const LATEST: usize = 20;
}

/// What comparing needs of the store, and what it leaves there.
#[async_trait]
pub trait Verifying: Send + Sync {
    /// Open partitions of all sources that hold something, by their ids from behind one of them on.
    async fn candidates(
        &self,
        view: &SystemView,
        now: Timestamp,
        after: PartitionId,
        most: u32,
    ) -> Result<Vec<Candidate>, StoreError>;
    /// The same of one source as far as a view reaches, by their ids; of one channel if it is given.
    async fn partitions(
        &self,
        view: &View,
        source: SourceId,
        channel: Option<ChannelId>,
        now: Timestamp,
    ) -> Result<Vec<Candidate>, StoreError>;
    /// Open partitions of a channel, as far as a view reaches: also those of which nothing is stored, or that may not be
    /// read now.
    async fn open_partitions(&self, view: &View, channel: ChannelId) -> Result<Vec<Candidate>, StoreError>;
    /// Where the first event stands that has this sort time or a later one, about; `None`: there is none.
    async fn position_at(
        &self,
        view: &View,
        partition: PartitionId,
        since: Timestamp,
    ) -> Result<Option<Position>, StoreError>;
    /// Behind the last event that is stored with an earlier sort time than this one, about; `None`: nothing is stored
    /// behind it.
    async fn position_until(
        &self,
        view: &View,
        partition: PartitionId,
        until: Timestamp,
    ) -> Result<Option<Position>, StoreError>;
    /// What is stored of some positions (the end is not among them), with the bytes of those in `bytes_of`. Of more than
    /// [`LONGEST_STRETCH`] the first. Only whether it is equal is ever told of it.
    async fn stretch(
        &self,
        view: &SystemView,
        partition: PartitionId,
        range: (Position, Position),
        bytes_of: &BTreeSet<Position>,
    ) -> Result<Stretch, StoreError>;
    /// Keeps what came of it. Differences found before in the same positions and no more are forgotten.
    async fn compared(&self, done: &Compared) -> Result<(), StoreError>;
    /// How far the visible channels were compared, of one source or of all.
    async fn verified(&self, view: &View, source: Option<SourceId>) -> Result<Vec<ChannelVerified>, StoreError>;
}

/// What somebody wants to have compared now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyWanted {
    pub source: SourceId,
    pub channel: Option<ChannelId>,
    /// So many events in all, from random places; `None`: everything that is stored.
    pub sample: Option<u32>,
    /// Only what has this sort time or a later one, about.
    pub since: Option<Timestamp>,
    /// Where an answer before this one ended.
    pub after: Option<crate::EventId>,
}

/// What one call of it came to. It is bounded; `next` goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    pub compared: u64,
    pub gone: u64,
    pub read_bytes: u64,
    /// How many partitions there are in all, and how many this call came to the end of.
    pub partitions: u32,
    pub done: u32,
    /// All there are.
    pub differences: u64,
    /// The first of them.
    pub latest: Vec<(Candidate, Difference)>,
    /// What could not be read, and why: (channel, partition's number, words).
    pub unread: Vec<(String, i32, String)>,
    pub next: Option<crate::EventId>,
}

impl Verified {
    /// Differences and reasons told by one call.
    pub const MOST: usize = 100;
}

/// Compares while somebody waits: for some 10 s and a few megabytes a call.
#[async_trait]
pub trait VerifyNow: Send + Sync {
    async fn verify(&self, view: &View, wanted: &VerifyWanted) -> Result<Verified, StoreError>;
}
