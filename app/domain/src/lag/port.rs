use super::{
    Chunk, Expectation, Group, GroupKind, GroupOnChannel, GroupState, Happening, Kept, Member, NewestKeys,
    PartitionStanding, Profile, ReportedGroup, Standing,
};
use crate::{
    ChannelId, EnvironmentId, GroupId, SourceId, StoreError, Timestamp,
    access::{SystemView, View},
};
use async_trait::async_trait;

/// A group on a channel, as the history counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PairId(pub i64);

/// A source whose groups are observed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchedSource {
    pub id: SourceId,
    pub name: String,
    pub environment: EnvironmentId,
    pub of_file: bool,
    pub capture: String,
    /// Paused, or given up.
    pub stands_still: bool,
}

/// What the broker tells of one group.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupSeen {
    pub id: GroupId,
    pub kind: GroupKind,
    pub state: GroupState,
    pub assignor: Option<String>,
    pub coordinator: Option<String>,
    /// `None`: as before.
    pub members: Option<Vec<Member>>,
    /// Who was in it last, with when they were last seen.
    pub last_members: Vec<(Member, Timestamp)>,
    pub problem: Option<String>,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    pub gone_at: Option<Timestamp>,
    pub empty_since: Option<Timestamp>,
    pub last_progress: Option<Timestamp>,
    pub activity: Activity,
    /// What may be expected of it, by what it did.
    pub learnt: Expectation,
}

/// Of each of the last 22 days' hours: did it read anything?
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Activity {
    /// Hours since 1970 of the last bit.
    pub hour: i64,
    /// [`Activity::HOURS`] bits, the oldest first.
    pub bits: Vec<u8>,
}

impl Activity {
    /// A day more than three weeks: what runs once a week shows thrice.
    pub const HOURS: usize = 22 * 24;

    /// Notes whether it read at this hour.
    pub fn note(&mut self, hour: i64, read: bool) {
        self.bits.resize(Self::HOURS / 8, 0);
        let ahead = usize::try_from(hour.saturating_sub(self.hour)).unwrap_or(0).min(Self::HOURS);
        if hour < self.hour {
            return;
        }
        if ahead > 0 {
            let hours: Vec<bool> = self.hours().skip(ahead).collect();
            self.bits.fill(0);
            hours.into_iter().enumerate().filter(|(_, on)| *on).for_each(|(i, _)| self.set(i));
            self.hour = hour;
        }
        if read {
            self.set(Self::HOURS - 1);
        }
    }

    /// Oldest first.
    pub fn hours(&self) -> impl Iterator<Item = bool> {
        (0..Self::HOURS).map(|i| self.bits.get(i / 8).is_some_and(|b| b & (1 << (i % 8)) != 0))
    }

    fn set(&mut self, i: usize) {
        if let Some(byte) = self.bits.get_mut(i / 8) {
            *byte |= 1 << (i % 8);
        }
    }
}

/// What is written of a group on a channel after an observation.
#[derive(Debug, Clone, PartialEq)]
pub struct PairSeen {
    pub id: PairId,
    pub standing: Standing,
    pub partitions: Vec<PartitionStanding>,
    /// Greatest lag of each of the last 48 half hours, the newest last; `None`: not observed.
    pub spark: Vec<Option<u64>>,
    /// What its forecast has learnt; `None`: as it was written before.
    pub learnt: Option<Profile>,
}

/// What is written of a channel.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ChannelSeen {
    pub name: String,
    pub partitions: u32,
    pub in_per_s: Option<f64>,
    pub events: Option<u64>,
    pub bytes: Option<u64>,
    pub keeps: Option<Kept>,
    pub problem: Option<String>,
    /// Ends seen before: for each partition (number, times in ms and ends, oldest first).
    pub ends: Vec<(i32, Vec<(i64, i64)>)>,
}

/// What one observation of a source leaves behind. Only what changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    pub source: SourceId,
    pub at: Timestamp,
    pub took_ms: u32,
    pub requests: u32,
    /// What is missing of it; empty: it is whole.
    pub problems: Vec<String>,
    pub groups: Vec<GroupSeen>,
    pub pairs: Vec<PairSeen>,
    pub channels: Vec<ChannelSeen>,
    pub chunks: Vec<(PairId, Chunk)>,
    /// Hours of five-minute points.
    pub rolled: Vec<(PairId, Chunk)>,
    pub happened: Vec<(GroupId, Happening)>,
    /// Groups on channels that they do not read any more: not shown, their past stays.
    pub left: Vec<PairId>,
    /// Channels that nobody reads any more.
    pub unread_channels: Vec<String>,
}

/// How the last observation of a source went.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SourceObserved {
    pub source: SourceId,
    pub name: String,
    pub environment: EnvironmentId,
    /// Of the last that succeeded.
    pub observed_at: Option<Timestamp>,
    pub took_ms: u32,
    pub requests: u32,
    pub problems: Vec<String>,
    /// Why there has been none since.
    pub failed: Option<String>,
    pub paused: bool,
}

/// What observing goes on with after a restart.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KeptLag {
    pub groups: Vec<(String, GroupSeen)>,
    pub pairs: Vec<PairKept>,
    pub channels: Vec<ChannelSeen>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct PairKept {
    pub id: PairId,
    pub group: GroupId,
    pub channel: String,
    pub seen: Option<PairSeen>,
}

/// Whose time is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EventAt {
    pub channel: String,
    pub partition: i32,
    pub position: i64,
}

/// What the store knows of the event at a position, or of the first behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventTime {
    Known {
        at: Timestamp,
        captured_at: Timestamp,
        /// The latest time among those before it.
        latest_before: Option<Timestamp>,
    },
    /// Capture has not come so far yet.
    TapBehind,
    /// No event stands there or behind it, up to this position: only marks of transactions and what they took back.
    Nothing { up_to: i64 },
    /// It lies in a gap, before capture began, or is not stored any more.
    NotStored,
    /// The channel or partition is not captured.
    NotCaptured,
}

/// What observing groups is written through. One process observes at a time; written twice does no harm.
#[async_trait]
pub trait LagLog: Send + Sync {
    async fn watched(&self, system: &SystemView) -> Result<Vec<WatchedSource>, StoreError>;
    async fn kept(&self, system: &SystemView, source: SourceId, now: Timestamp) -> Result<KeptLag, StoreError>;
    /// Whole observations of some pairs, in the order of pairs and times. They take much room: ask for a few hundred.
    async fn recent(
        &self,
        system: &SystemView,
        pairs: &[PairId],
        since: Timestamp,
    ) -> Result<Vec<(PairId, Chunk)>, StoreError>;
    /// Ids of groups by name, in their order; those that are new are written down.
    async fn intern_groups(
        &self,
        source: SourceId,
        groups: &[(String, GroupKind)],
        now: Timestamp,
    ) -> Result<Vec<GroupId>, StoreError>;
    async fn intern_pairs(&self, pairs: &[(GroupId, String)]) -> Result<Vec<PairId>, StoreError>;
    async fn observed(&self, seen: &Observation) -> Result<(), StoreError>;
    async fn not_observed(&self, source: SourceId, why: &str, at: Timestamp) -> Result<(), StoreError>;
    /// In the order asked.
    async fn event_times(
        &self,
        system: &SystemView,
        source: SourceId,
        wanted: &[EventAt],
    ) -> Result<Vec<EventTime>, StoreError>;
    /// What applications reported of this source.
    async fn reported(&self, system: &SystemView, source: SourceId) -> Result<Vec<ReportedGroup>, StoreError>;
    /// Deletes what is too old: observations, five-minute points, what happened, groups that are gone for long.
    async fn tidy_lag(&self, now: Timestamp) -> Result<u64, StoreError>;
}

/// One row of the page of groups.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    pub standing: Standing,
    pub spark: Vec<Option<u64>>,
    pub archived: bool,
    pub gone: bool,
    /// Comes and goes (`console-consumer-*`, Weir's own): hidden unless asked for, and counted.
    pub ephemeral: bool,
}

/// What pages and programs read of lag. Which channels may be seen, the use case decides: groups read channels that are
/// not captured, and a view knows only those that are.
#[async_trait]
pub trait Lag: Send + Sync {
    /// `past`: those too that are gone for longer than an hour.
    async fn listed(&self, view: &View, past: bool, now: Timestamp) -> Result<Vec<Listed>, StoreError>;
    /// Those that read one channel, on it alone.
    async fn listed_on(
        &self,
        view: &View,
        source: SourceId,
        channel: &str,
        now: Timestamp,
    ) -> Result<Vec<Listed>, StoreError>;
    async fn lag_sources(&self, view: &View) -> Result<Vec<SourceObserved>, StoreError>;
    async fn lag_group(
        &self,
        view: &View,
        id: GroupId,
        now: Timestamp,
    ) -> Result<Option<(Group, Vec<GroupOnChannel>)>, StoreError>;
    /// Hands out every observation where they are still there, five-minute points before; oldest first. Chunk by chunk: 90
    /// days of a channel of many partitions are hundreds of megabytes, and nobody needs all of them at once.
    async fn lag_history(
        &self,
        view: &View,
        group: GroupId,
        channel: &str,
        range: (Timestamp, Timestamp),
        take: &mut (dyn FnMut(Chunk) + Send),
    ) -> Result<(), StoreError>;
    /// Of the newest events stored of a channel's partition, at most [`super::NEWEST`]: by the hashes of their keys, no key is
    /// read. Those that keep no key count as events.
    async fn newest_keys(&self, view: &View, channel: ChannelId, partition: i32) -> Result<NewestKeys, StoreError>;
    async fn lag_happened(
        &self,
        view: &View,
        group: GroupId,
        range: (Timestamp, Timestamp),
    ) -> Result<Vec<Happening>, StoreError>;
}

/// A group on a channel, as figures tell it.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    pub standing: Standing,
    /// Empty where they were not asked for.
    pub partitions: Vec<PartitionStanding>,
    pub assignor: Option<String>,
    pub coordinator: Option<String>,
    /// `None`: not told, or not asked for.
    pub members: Option<Vec<Member>>,
}

/// What figures tell of all groups.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figures {
    pub figures: Vec<Figure>,
    /// Groups beyond those that were asked for.
    pub more_groups: u64,
    pub sources: Vec<SourceObserved>,
}

/// What is served to whoever watches Weir itself.
#[async_trait]
pub trait LagFigures: Send + Sync {
    /// Of at most so many groups, the longest known first, so that the same ones are told each time. Archived, deleted and
    /// ephemeral ones are left out. `partitions`: with each partition and the members.
    async fn lag_figures(&self, system: &SystemView, groups: u32, partitions: bool) -> Result<Figures, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_move_on_and_fall_off() {
        let mut activity = Activity::default();
        activity.note(1_000, true);
        activity.note(1_001, false);
        activity.note(1_002, true);
        let on: Vec<usize> = activity.hours().enumerate().filter(|(_, on)| *on).map(|(i, _)| i).collect();
        assert_eq!(on, [Activity::HOURS - 3, Activity::HOURS - 1]);
        activity.note(1_000, false);
        activity.note(1_002 + Activity::HOURS as i64 - 1, false);
        let on: Vec<usize> = activity.hours().enumerate().filter(|(_, on)| *on).map(|(i, _)| i).collect();
        assert_eq!(on, [0]);
        activity.note(i64::MAX, true);
        assert_eq!(activity.hours().filter(|on| *on).count(), 1);
    }
}
