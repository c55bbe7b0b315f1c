//! Filling the content of events that were stored without it, from what the broker still has of them.

use super::FillState;
use crate::{
    ChannelId, PartitionId, PersonId, Position, SourceId, StoreError, Timestamp,
    access::{SystemView, View},
    capture::AtBroker,
    verify::ReadAt,
};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// Times that events sort by, half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    pub from: Timestamp,
    pub to: Timestamp,
}

impl Times {
    pub fn hold(self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}

/// What is stored of a range of a channel without its content, and may have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lacking {
    pub events: u64,
    /// Of key, headers and payload as the broker gave them.
    pub raw_bytes: u64,
    /// False: counting was ended by its bounds, and there is more.
    pub whole: bool,
    /// Events of a channel were erased before: what the broker still has of them comes back where they had no content
    /// by then.
    pub erased_before: bool,
}

/// What came of it so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentDone {
    pub events: u64,
    pub raw_bytes: u64,
    /// The broker has them no more.
    pub gone: u64,
    /// The broker has something else at their position: left as they are.
    pub other: u64,
    /// What is stored beside them can't be read: left as they are.
    pub unreadable: u64,
}

/// The filling of the content of one channel's range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentFill {
    pub channel: ChannelId,
    pub name: String,
    pub source: SourceId,
    pub times: Times,
    pub state: FillState,
    pub bytes_per_s: u64,
    /// `None`: their account is gone.
    pub asked_by: Option<String>,
    pub asked_at: Timestamp,
    pub changed_at: Timestamp,
    pub reason: Option<String>,
    /// Events that lacked content when it was begun last; `None`: too many to be counted.
    pub lacking: Option<u64>,
    pub done: ContentDone,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContentWanted {
    pub times: Times,
    pub bytes_per_s: u64,
    /// Events that lack content now, if they could be counted.
    pub lacking: Option<u64>,
}

/// Why nothing was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentNotBegun {
    /// No such channel, or none in view.
    Absent,
    /// All that is stored of the range has its content, or must not have it.
    Nothing,
    /// Its tombstones erase: what they erased would come back.
    Erases,
    /// One of another range goes on.
    Busy,
}

/// One partition whose events lack content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentPart {
    pub partition: PartitionId,
    pub at: AtBroker,
    /// Everything below was looked at.
    pub done: Position,
}

/// What is to be filled of one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentWork {
    pub channel: ChannelId,
    /// Which asking for it this is: what is read for one is not stored for the next.
    pub asked_at: Timestamp,
    pub bytes_per_s: u64,
    pub times: Times,
    /// Those that are not done, by number.
    pub parts: Vec<ContentPart>,
}

/// Where content is lacking next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// From the first event that lacks it to behind the last.
    Lacks { from: Position, to: Position },
    /// Nowhere below this.
    Below(Position),
    /// Nowhere in what is stored.
    AtItsEnd,
}

/// What the broker has of a stretch.
#[derive(Debug, Clone)]
pub struct ContentRead {
    pub channel: ChannelId,
    pub asked_at: Timestamp,
    pub partition: PartitionId,
    /// How far it was looked at when the job was read.
    pub expected: Position,
    /// What the broker was asked for: from here to before `next`. Nothing lacked content between `expected` and this.
    pub from: Position,
    pub next: Position,
    pub times: Times,
    /// Ascending, from `from` to before `next`.
    pub records: Vec<ReadAt>,
    pub at: Timestamp,
}

/// What storing a stretch came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentStored {
    Stored(ContentDone),
    /// It was held, or somebody else went on with it: look anew.
    Moved,
    /// Not now; and why.
    Waits(ContentWaits),
}

/// Why content can't be stored at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentWaits {
    /// The store's budget is used up, and the channel gives way.
    OverBudget,
    /// What an erasure takes out must not come back behind it.
    Erasure,
    /// Tombstones of the channel erase by now.
    Erases,
    /// The channel's policy is *off*.
    Off,
    /// The channel has as many bytes of payloads as it may: to fill old ones would push out newer ones.
    AboveLimit,
    /// The source is paused, or its reading was given up.
    StandsStill,
    /// The source's owner lets metadata be kept only.
    Lowered,
    /// Events of the channel were erased since it was asked for: a person has to say again that it is to go on.
    ErasedSince,
}

impl ContentWaits {
    /// In words for a person.
    pub const fn words(self) -> &'static str {
        match self {
            Self::OverBudget => {
                "The store's budget is used up and the channel keeps metadata only. Filling goes on when there is room."
            }
            Self::Erasure => "An erasure is under way. Filling goes on after it.",
            Self::Erases => {
                "Tombstones of the channel erase, and what they erased would come back. Only a channel whose tombstones erase nothing can be filled."
            }
            Self::Off => "The channel's policy is off: nothing of it is stored.",
            Self::AboveLimit => {
                "The channel has as many bytes of payloads as its policy lets it have: what is filled would push out newer ones. Raise the limit, or wait."
            }
            Self::StandsStill => "The source stands still. Filling goes on when it is read again.",
            Self::Lowered => "The source is set to keep metadata only: no content of it may be stored.",
            Self::ErasedSince => {
                "Events of this channel were erased since this was asked for. An erasure does not find what has no content yet, and filling may bring it back: ask again if it is to go on."
            }
        }
    }

    /// It does not go on by itself.
    pub const fn ends_it(self) -> bool {
        matches!(self, Self::Erases | Self::Lowered | Self::ErasedSince)
    }
}

/// What filling content needs of the store.
#[async_trait]
pub trait Contents: Send + Sync {
    /// Of the visible channels of a source, by name.
    async fn content_fills(&self, view: &View, source: SourceId) -> Result<Vec<ContentFill>, StoreError>;
    /// Counts what lacks content in a range of a channel; bounded. `Ok(None)`: no such channel, or none in view.
    async fn lacking(&self, view: &View, channel: ChannelId, times: Times) -> Result<Option<Lacking>, StoreError>;
    /// Begins, goes on where an earlier one of the same range ended, or changes the rate of one that goes on.
    async fn begin_content(
        &self,
        view: &View,
        channel: ChannelId,
        wanted: &ContentWanted,
        by: &PersonId,
        now: Timestamp,
    ) -> Result<Result<(), ContentNotBegun>, StoreError>;
    /// Pauses or stops one that goes on, or stops a paused one. `Ok(false)`: there is none.
    async fn hold_content(
        &self,
        view: &View,
        channel: ChannelId,
        to: FillState,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    async fn contents_to_fill(&self, view: &SystemView) -> Result<Vec<ContentWork>, StoreError>;
    /// Is it still to go on as it was asked for?
    async fn content_goes_on(&self, view: &SystemView, work: &ContentWork) -> Result<bool, StoreError>;
    /// Where a partition lacks content at or behind `from`; looks at a bounded number of events.
    async fn next_lacking(
        &self,
        view: &SystemView,
        partition: PartitionId,
        times: Times,
        from: Position,
    ) -> Result<Next, StoreError>;
    /// Stores the content of events that lack it and whose records agree with what is stored of them, and moves on, in one
    /// transaction. What has its content, was erased or must not have it stays as it is.
    async fn fill_content(&self, read: &ContentRead) -> Result<ContentStored, StoreError>;
    /// Nothing more of this partition is to be filled.
    async fn content_over(&self, work: &ContentWork, partition: PartitionId) -> Result<(), StoreError>;
    /// One that goes on is done, can't go on, or waits. One that a person held meanwhile stays so.
    async fn content_ended(
        &self,
        work: &ContentWork,
        state: FillState,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError>;
}
