use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_domain::{
    Timestamp,
    lag::{Archived, GroupOnChannel, GroupShown, Happening, Member, PartitionStanding},
};

use super::{
    absent, named,
    shapes::{GroupForecast, GroupLoss, GroupReset, GroupSource, GroupTimeLag, GroupVerdict, KeptAtBroker, finite},
};
use crate::http::{
    site::Site,
    v1::{
        asked::Asked,
        bearer::Program,
        problem::Problem,
        shared::{EnvironmentRef, Time},
    },
};

/// Partitions that a member holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberHolds {
    pub channel: String,
    pub partitions: Vec<i32>,
}

/// A consumer of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupMember {
    /// The broker's own name of it.
    pub id: String,
    #[schema(example = "billing-1")]
    pub client_id: String,
    #[schema(example = "10.0.0.7")]
    pub host: String,
    /// Of static membership.
    pub instance: Option<String>,
    pub holds: Vec<MemberHolds>,
    /// It has left; it was last seen then. `null`: it is in the group.
    pub last_seen: Option<Time>,
}

impl GroupMember {
    fn of(m: Member, last_seen: Option<Timestamp>) -> Self {
        let holds = |(channel, partitions)| MemberHolds { channel, partitions };
        Self {
            id: m.id,
            client_id: m.client_id,
            host: m.host,
            instance: m.instance,
            holds: m.holds.into_iter().map(holds).collect(),
            last_seen: last_seen.map(Time),
        }
    }
}

/// Who holds a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeldBy {
    pub client_id: String,
    pub host: String,
}

/// How a group stands on a partition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GroupPartition {
    pub partition: i32,
    /// Where the partition begins, ends, and where its committed transactions end.
    #[schema(example = "0")]
    pub start: Option<String>,
    pub end: Option<String>,
    pub stable_end: Option<String>,
    /// Next position to be read; `null`: not committed, or not known.
    #[schema(example = "4711")]
    pub next: Option<String>,
    pub lag: Option<u64>,
    pub committed_lag: Option<u64>,
    pub time_lag: GroupTimeLag,
    /// By Weir's rules.
    pub verdict: GroupVerdict,
    /// By Burrow's rules, on the same observations.
    pub burrow: GroupVerdict,
    pub in_per_s: Option<f64>,
    pub out_per_s: Option<f64>,
    pub held_by: Option<HeldBy>,
    pub last_moved: Option<Time>,
    /// When its first unread event is deleted.
    pub lost_at: Option<Time>,
    /// Why nothing is known of it.
    pub problem: Option<String>,
}

impl From<PartitionStanding> for GroupPartition {
    fn from(p: PartitionStanding) -> Self {
        let text = |position: Option<i64>| position.map(|p| p.to_string());
        Self {
            partition: p.partition,
            start: text(p.start),
            end: text(p.end),
            stable_end: text(p.stable_end),
            next: text(p.next),
            lag: p.lag,
            committed_lag: p.committed_lag,
            time_lag: p.time_lag.into(),
            verdict: p.verdict.into(),
            burrow: p.burrow.into(),
            in_per_s: finite(p.in_per_s),
            out_per_s: finite(p.out_per_s),
            held_by: p.held_by.map(|(client_id, host)| HeldBy { client_id, host }),
            last_moved: p.last_moved.map(Time),
            lost_at: p.lost_at.map(Time),
            problem: p.problem,
        }
    }
}

/// How a group stands on a channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GroupChannel {
    #[schema(example = "order.placed")]
    pub channel: String,
    /// Where the channel is captured.
    #[schema(example = "17")]
    pub channel_id: Option<String>,
    pub verdict: GroupVerdict,
    /// Since when it has this status.
    pub since: Time,
    pub lag: Option<u64>,
    pub committed_lag: Option<u64>,
    pub time_lag: GroupTimeLag,
    pub in_per_s: Option<f64>,
    pub out_per_s: Option<f64>,
    /// It grew over the last minutes.
    pub growing: bool,
    pub forecast: GroupForecast,
    pub loss: Option<GroupLoss>,
    /// Members that hold one of its partitions.
    pub active_members: u32,
    /// Partitions of which nothing can be told.
    pub unknown_partitions: u32,
    pub kept: Option<KeptAtBroker>,
    pub observed_at: Time,
    pub partitions: Vec<GroupPartition>,
}

impl From<GroupOnChannel> for GroupChannel {
    fn from(on: GroupOnChannel) -> Self {
        let s = on.standing;
        Self {
            channel: s.channel,
            channel_id: on.channel_id.map(|id| id.to_string()),
            verdict: s.verdict.into(),
            since: s.since.into(),
            lag: s.lag,
            committed_lag: s.committed_lag,
            time_lag: s.time_lag.into(),
            in_per_s: finite(s.in_per_s),
            out_per_s: finite(s.out_per_s),
            growing: s.growing,
            forecast: s.forecast.into(),
            loss: s.loss.map(GroupLoss::from),
            active_members: s.active_members,
            unknown_partitions: s.unknown_partitions,
            kept: on.keeps.map(KeptAtBroker::from),
            observed_at: s.observed_at.into(),
            partitions: on.partitions.into_iter().map(GroupPartition::from).collect(),
        }
    }
}

/// What happened to a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupHappening {
    pub at: Time,
    /// `rebalanced`, `joined`, `left`, `reset`, `lost`, `partitions_added`, `recreated`, `gone` or `returned`; more will
    /// come.
    #[schema(example = "rebalanced")]
    pub kind: String,
    pub channel: Option<String>,
    pub partition: Option<i32>,
    /// In words.
    pub text: String,
}

impl From<Happening> for GroupHappening {
    fn from(h: Happening) -> Self {
        Self {
            at: h.at.into(),
            kind: h.kind.as_str().to_owned(),
            channel: h.channel,
            partition: h.partition,
            text: h.text,
        }
    }
}

/// Who archived a group, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ArchivedBy {
    pub at: Time,
    pub by: String,
}

impl From<Archived> for ArchivedBy {
    fn from(a: Archived) -> Self {
        Self { at: a.at.into(), by: a.by }
    }
}

/// A consumer group with its partitions and members.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GroupInFull {
    #[schema(example = "42")]
    pub id: String,
    #[schema(example = "billing")]
    pub name: String,
    pub environment: EnvironmentRef,
    pub source: GroupSource,
    /// `classic`, `consumer`, `share`, `streams`, `jet_stream`, `queue`, `redis`, `sqs` or `reported`; more will come.
    #[schema(example = "classic")]
    pub kind: String,
    /// What the broker says it is doing: `stable`, `rebalancing`, `empty`, `dead` or `unknown`.
    #[schema(example = "stable")]
    pub state: String,
    /// How it hands out partitions.
    #[schema(example = "cooperative-sticky")]
    pub assignor: Option<String>,
    /// The broker that keeps its positions.
    pub coordinator: Option<String>,
    /// `null`: not told.
    pub members: Option<Vec<GroupMember>>,
    /// The last members there were, and when they were last seen.
    pub last_members: Vec<GroupMember>,
    /// What keeps it from being told.
    pub problem: Option<String>,
    pub first_seen: Time,
    pub last_seen: Time,
    /// The broker does not list it any more.
    pub gone_at: Option<Time>,
    pub empty_since: Option<Time>,
    /// When it last read something.
    pub last_progress: Option<Time>,
    /// When it is expected to read: `continuous`, `ephemeral`, `retired`, or windows in UTC.
    #[schema(example = "daily 02:00-02:40")]
    pub expectation: String,
    /// A person said so; else it was learnt.
    pub expectation_set: bool,
    /// What was learnt.
    pub expectation_learnt: String,
    pub archived: Option<ArchivedBy>,
    pub owner: Option<String>,
    pub note: Option<String>,
    /// Those that the token may see.
    pub channels: Vec<GroupChannel>,
    /// Channels that it reads and the token does not reach.
    pub hidden_channels: u32,
    /// Of the last seven days, the newest first.
    pub happened: Vec<GroupHappening>,
    /// Positions that people moved, the newest first.
    pub resets: Vec<GroupReset>,
    /// The server's clock.
    pub at: Time,
}

impl From<GroupShown> for GroupInFull {
    fn from(shown: GroupShown) -> Self {
        let g = shown.group;
        let left = g.last_members.into_iter().map(|(m, at)| GroupMember::of(m, Some(at)));
        Self {
            id: g.id.to_string(),
            name: g.name,
            environment: EnvironmentRef { id: g.environment.to_string(), name: g.environment_name },
            source: GroupSource { id: g.source.to_string(), name: g.source_name },
            kind: g.kind.as_str().to_owned(),
            state: g.state.as_str().to_owned(),
            assignor: g.assignor,
            coordinator: g.coordinator,
            members: g.members.map(|all| all.into_iter().map(|m| GroupMember::of(m, None)).collect()),
            last_members: left.collect(),
            problem: g.problem,
            first_seen: g.first_seen.into(),
            last_seen: g.last_seen.into(),
            gone_at: g.gone_at.map(Time),
            empty_since: g.empty_since.map(Time),
            last_progress: g.last_progress.map(Time),
            expectation: g.expectation.to_string(),
            expectation_set: g.expectation_set,
            expectation_learnt: g.learnt.to_string(),
            archived: g.archived.map(ArchivedBy::from),
            owner: g.owner,
            note: g.note,
            channels: shown.channels.into_iter().map(GroupChannel::from).collect(),
            hidden_channels: shown.hidden_channels,
            happened: shown.happened.into_iter().map(GroupHappening::from).collect(),
            resets: shown.resets.into_iter().map(GroupReset::from).collect(),
            at: shown.at.into(),
        }
    }
}

/// See a consumer group
///
/// Its partitions with both verdicts, its members, what happened to it, and positions that people moved.
#[utoipa::path(
    get,
    path = "/api/v1/groups/{id}",
    operation_id = "lag_group",
    tag = "lag",
    params(("id" = String, Path, description = "The group's id.", example = "42")),
    responses((status = 200, description = "The group.", body = GroupInFull)),
)]
pub async fn detail(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<GroupInFull>, Problem> {
    let id = named(&id)?;
    Asked::nothing(&uri)?;
    let found = program.told(site.cases.lag.group(&program.caller, id).await)?;
    Ok(Json(found.ok_or_else(absent)?.into()))
}
