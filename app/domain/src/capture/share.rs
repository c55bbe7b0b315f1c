//! How several processes share the partitions of one source (decision 16). Each of them is a member, alive for as long
//! as it says so; each knows by the order in which members joined how many partitions are its part ([`quota`]), takes
//! so many of those that nobody holds, and gives up what is too much. Nobody assigns anything to anybody: the numbers
//! alone make a join move no more than the newcomer's part, and a death no more than what the dead one held.

use super::OpenPartition;
use crate::{PartitionId, SourceId, StoreError, access::SystemView};
use async_trait::async_trait;

/// One process's part in reading one source, from its joining to its end. Numbers grow and are never used again: one
/// that was taken for dead joins anew under another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberId(pub i64);

/// On what ground somebody changes the catalog's incarnations. Judged in the transaction that makes the change, so that
/// a process that froze, was taken for dead and thaws can change nothing any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fence {
    /// Reads the partition: holds its lease, with this epoch.
    Reader { member: MemberId, epoch: i64 },
    /// Looks for channels: is a member that lives.
    Finder(MemberId),
}

impl Fence {
    pub const fn member(self) -> MemberId {
        match self {
            Self::Reader { member, .. } | Self::Finder(member) => member,
        }
    }
}

/// A partition that a member holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The channel's name.
    pub channel: String,
    pub open: OpenPartition,
    /// Of its lease: grows with every holder.
    pub epoch: i64,
}

/// How a source is shared at the moment, as a member learns whenever it says that it lives.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Beat {
    /// Who lives, in the order of joining. The first looks for channels.
    pub members: Vec<MemberId>,
    /// To be read.
    pub partitions: u32,
    /// Of these, held by the one who asks.
    pub held: u32,
    /// Of these, held by nobody who lives.
    pub free: u32,
    /// A process of an older version reads the whole source: members leave it alone.
    pub whole: bool,
}

/// How many of `partitions` are the part of the member at place `rank` among `members`, both counted from 0.
/// Parts differ by one at most and add up to the whole.
pub const fn quota(partitions: u32, members: u32, rank: u32) -> u32 {
    if members == 0 || rank >= members {
        return 0;
    }
    partitions / members + if rank < partitions % members { 1 } else { 0 }
}

/// What a member does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Plan {
    /// Take so many of the free ones.
    pub take: u32,
    /// Stop reading so many, and let others take them.
    pub give: u32,
    /// Nothing is to be done or waited for.
    pub settled: bool,
}

impl Plan {
    /// `giving` of what it holds are being given up already.
    pub fn of(beat: &Beat, member: MemberId, giving: u32) -> Self {
        let Some(rank) = beat.members.iter().position(|m| *m == member) else { return Self::default() };
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let quota = if beat.whole { 0 } else { quota(beat.partitions, count(beat.members.len()), count(rank)) };
        let kept = beat.held.saturating_sub(giving);
        Self {
            take: quota.saturating_sub(beat.held).min(beat.free),
            give: kept.saturating_sub(quota),
            settled: kept == quota && giving == 0,
        }
    }
}

/// Who reads what. Life and death are judged by the database's clock.
#[async_trait]
pub trait Shares: Send + Sync {
    /// From now on `holder` reads from this source, until `ttl_ms` after its last beat. The holder is what its process
    /// calls itself in the store: what it has under way there ends when it is buried.
    async fn join(&self, source: SourceId, holder: &str, ttl_ms: u32) -> Result<MemberId, StoreError>;
    /// Says that a member lives. One statement, however many partitions it holds. `Ok(None)`: it was taken for dead, and
    /// what it held may be others' by now. `bury` removes the members whose time has run out; until somebody does, they
    /// count as living and hold what they hold. Whoever was away itself must not, until the others had the time to beat.
    async fn beat(
        &self,
        source: SourceId,
        member: MemberId,
        ttl_ms: u32,
        bury: bool,
    ) -> Result<Option<Beat>, StoreError>;
    /// What is to be read and what is not, of the open partitions that the finder has seen. `false`: it is no member
    /// any more, and nothing was changed.
    async fn offer(
        &self,
        source: SourceId,
        finder: MemberId,
        read: &[PartitionId],
        leave: &[PartitionId],
    ) -> Result<bool, StoreError>;
    /// Takes at most `most` of those that nobody holds who lives; how many it were. The answer may get lost: see
    /// [`Shares::shares`].
    async fn take(&self, source: SourceId, member: MemberId, most: u32) -> Result<u32, StoreError>;
    /// All that the member holds, with the cursors as they are now.
    async fn shares(&self, view: &SystemView, source: SourceId, member: MemberId) -> Result<Vec<Share>, StoreError>;
    /// Lets others take these. Call when nothing of them is in hand any more.
    async fn give_up(&self, member: MemberId, partitions: &[PartitionId]) -> Result<(), StoreError>;
    /// Ends a membership; all that it held is free at once.
    async fn leave(&self, member: MemberId) -> Result<(), StoreError>;
}

#[cfg(test)]
mod tests;
