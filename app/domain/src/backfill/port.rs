use super::FillState;
use crate::{
    ChannelId, PartitionId, PersonId, Position, SourceId, StoreError, Timestamp,
    access::{SystemView, View},
    capture::{AtBroker, Cursor},
};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// One partition of what is filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FillPart {
    /// The broker's own number.
    pub number: i32,
    /// Where the broker's log began when it was first read; `None` before that.
    pub from: Option<Position>,
    /// Everything below is filled.
    pub done: Position,
    /// The first position that capture has.
    pub to: Position,
}

/// The filling of one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backfill {
    pub channel: ChannelId,
    pub name: String,
    pub source: SourceId,
    pub state: FillState,
    pub bytes_per_s: u64,
    /// `None`: their account is gone.
    pub asked_by: Option<String>,
    pub asked_at: Timestamp,
    pub changed_at: Timestamp,
    pub reason: Option<String>,
    /// What was filled: events, and their bytes before they were packed.
    pub events: u64,
    pub raw_bytes: u64,
    pub parts: Vec<FillPart>,
}

/// A channel with something before what is stored of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fillable {
    pub channel: ChannelId,
    pub name: String,
    /// Positions before what is stored; the broker may not have all of them any more.
    pub positions: u64,
    /// What an event of this channel has on average, before it is packed; `None`: nothing is stored of it.
    pub bytes_each: Option<u64>,
}

/// Why nothing was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotBegun {
    /// No such channel, or none in view.
    Absent,
    /// Nothing lies before what is stored.
    Nothing,
    /// Its tombstones erase: what they erased would come back.
    Erases,
}

/// One partition that is to be filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filling {
    /// Holds what is filled.
    pub partition: PartitionId,
    pub at: AtBroker,
    /// What is stored so far; `None` before the first.
    pub cursor: Option<Cursor>,
    pub from: Option<Position>,
    pub done: Position,
    pub to: Position,
}

/// What is to be filled of one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackfillWork {
    pub channel: ChannelId,
    pub bytes_per_s: u64,
    /// Those that are not done, by number.
    pub parts: Vec<Filling>,
}

/// What filling needs of the store. Events themselves are stored as every batch is ([`crate::capture::EventLog`]), by the
/// cursor of the partition that holds them.
#[async_trait]
pub trait Backfills: Send + Sync {
    /// Channels of a source with something before what is stored, and no filling that goes on.
    async fn fillable(&self, view: &View, source: SourceId) -> Result<Vec<Fillable>, StoreError>;
    async fn backfills(&self, view: &View, source: SourceId) -> Result<Vec<Backfill>, StoreError>;
    /// Begins, or goes on where an earlier one ended, at this rate.
    async fn begin(
        &self,
        view: &View,
        channel: ChannelId,
        bytes_per_s: u64,
        by: &PersonId,
        now: Timestamp,
    ) -> Result<Result<(), NotBegun>, StoreError>;
    /// Pauses or stops one that goes on, or stops a paused one. `Ok(false)`: there is none.
    async fn hold(&self, view: &View, channel: ChannelId, to: FillState, now: Timestamp) -> Result<bool, StoreError>;

    /// Channels that are being filled.
    async fn to_fill(&self, view: &SystemView) -> Result<Vec<BackfillWork>, StoreError>;
    /// Is it still to go on, and how fast? Read at least every 400 ms.
    async fn goes_on(&self, view: &SystemView, channel: ChannelId) -> Result<Option<u64>, StoreError>;
    /// Where the broker's log began, once that is known.
    async fn began_at(&self, partition: PartitionId, from: Position) -> Result<(), StoreError>;
    /// The incarnation is over at the broker: nothing more comes for this partition.
    async fn ends_at(&self, partition: PartitionId, to: Position) -> Result<(), StoreError>;
    /// One that goes on is done, or can't go on. One that a person held meanwhile stays so.
    async fn ended(
        &self,
        channel: ChannelId,
        state: FillState,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError>;
}
