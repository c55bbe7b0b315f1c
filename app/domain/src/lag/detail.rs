use super::{
    Expectation, GroupKind, GroupState, Happening, Kept, Member, Profile, ResetDone, Standing, TimeLag, Verdict,
};
use crate::{ChannelId, EnvironmentId, GroupId, SourceId, Timestamp};
use serde::{Deserialize, Serialize};

/// One partition of one group now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartitionStanding {
    pub partition: i32,
    pub start: Option<i64>,
    pub end: Option<i64>,
    pub stable_end: Option<i64>,
    /// Next position to be read; `None`: not committed, or not known.
    pub next: Option<i64>,
    pub lag: Option<u64>,
    pub committed_lag: Option<u64>,
    pub time_lag: TimeLag,
    /// By Weir's rules, and by Burrow's.
    pub verdict: Verdict,
    pub burrow: Verdict,
    pub in_per_s: Option<f64>,
    pub out_per_s: Option<f64>,
    /// Who holds it: client id and host.
    pub held_by: Option<(String, String)>,
    pub last_moved: Option<Timestamp>,
    /// When retention takes its first unread event.
    pub lost_at: Option<Timestamp>,
    /// Why nothing is known of it.
    pub problem: Option<String>,
}

/// A group as its source's broker tells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    pub id: GroupId,
    pub name: String,
    pub environment: EnvironmentId,
    pub environment_name: String,
    pub source: SourceId,
    pub source_name: String,
    pub kind: GroupKind,
    pub state: GroupState,
    pub assignor: Option<String>,
    pub coordinator: Option<String>,
    /// `None`: not told.
    pub members: Option<Vec<Member>>,
    /// The last members there were, and when they were last seen; kept when a group is left by all.
    pub last_members: Vec<(Member, Timestamp)>,
    pub problem: Option<String>,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    /// The broker does not list it any more.
    pub gone_at: Option<Timestamp>,
    pub empty_since: Option<Timestamp>,
    pub last_progress: Option<Timestamp>,
    /// What is expected of it, and whether a person said so.
    pub expectation: Expectation,
    pub expectation_set: bool,
    pub learnt: Expectation,
    pub archived: Option<Archived>,
    pub owner: Option<String>,
    pub note: Option<String>,
}

/// Somebody hid it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archived {
    pub at: Timestamp,
    pub by: String,
}

/// A group on one channel, with its partitions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupOnChannel {
    pub standing: Standing,
    /// Where the channel is captured.
    pub channel_id: Option<ChannelId>,
    pub partitions: Vec<PartitionStanding>,
    pub keeps: Option<Kept>,
    /// What its forecast has learnt.
    pub learnt: Option<Profile>,
}

/// What the page of a group shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupShown {
    pub group: Group,
    pub channels: Vec<GroupOnChannel>,
    /// Channels that it reads and that may not be seen.
    pub hidden_channels: u32,
    pub happened: Vec<Happening>,
    /// Positions that people moved, the newest first.
    pub resets: Vec<ResetDone>,
    /// When this was read.
    pub at: Timestamp,
}
