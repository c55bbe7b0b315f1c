//! One channel: how much comes in, how large it is, and who reads it.

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_domain::{
    ChannelId,
    catalog::{ChannelPage, Hours, Oldest, Production},
    sources::PartitionShown,
};

use super::{
    asked::Asked,
    bearer::Program,
    lag::{list::Group, list::GroupsObserved, shapes::KeptAtBroker, shapes::finite},
    problem::Problem,
    shared::{ChannelRef, EnvironmentRef, SourceRef, Time},
};
use crate::http::site::Site;

/// Events a second over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProducedOverTime {
    /// `at_broker`: as the channel's ends moved; `captured`: by when events were captured.
    #[schema(example = "at_broker")]
    pub measured: String,
    pub from: Time,
    /// Seconds of a value.
    #[schema(example = 300)]
    pub step_s: i64,
    /// Oldest first; `null`: not known.
    pub events_per_s: Vec<Option<f64>>,
}

impl From<Production> for ProducedOverTime {
    fn from(of: Production) -> Self {
        Self {
            measured: of.measured.as_str().to_owned(),
            from: of.from.into(),
            step_s: of.slot_s,
            events_per_s: of.per_s.into_iter().map(finite).collect(),
        }
    }
}

/// What the broker has of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChannelAtBroker {
    /// Bytes on its disks, one replica of each partition.
    pub bytes: Option<u64>,
    /// Positions between first and end; of a compacted channel some of them are empty.
    pub positions: Option<u64>,
    pub keeps: Option<KeptAtBroker>,
    /// Why it is not known how it stands.
    pub problem: Option<String>,
    pub observed_at: Time,
}

/// A partition of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChannelPartition {
    pub partition: i32,
    /// The first position that the broker has.
    #[schema(example = "4000")]
    pub start: Option<String>,
    /// One behind the last.
    #[schema(example = "4711")]
    pub end: Option<String>,
    /// The next position to be captured.
    #[schema(example = "4711")]
    pub next: Option<String>,
}

impl From<PartitionShown> for ChannelPartition {
    fn from(of: PartitionShown) -> Self {
        let text = |p: Option<weir_domain::Position>| p.map(|p| p.0.to_string());
        Self { partition: of.number, start: text(of.start), end: text(of.end), next: text(of.next) }
    }
}

/// Who reads a channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChannelReaders {
    /// How each stands on this channel alone, the worst first; 100 at most.
    pub groups: Vec<Group>,
    /// All that read it.
    pub matching: u64,
    /// Archived, ephemeral and deleted ones.
    pub left_out: u64,
    /// How the last observation of its source's groups went; `null`: there has been none.
    pub observed: Option<GroupsObserved>,
}

/// A channel: how much comes in, how large it is, and who reads it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChannelDetail {
    pub channel: ChannelRef,
    pub source: SourceRef,
    pub environment: EnvironmentRef,
    /// Of its source: `up`, `down`, `paused`, `starting` or `off`.
    #[schema(example = "up")]
    pub state: String,
    /// Events a second that come in now.
    pub in_per_s: Option<f64>,
    /// What that was counted by: `at_broker` or `captured`.
    pub in_measured: Option<String>,
    /// Of the last 24 h; `null`: nothing is known yet.
    pub produced: Option<ProducedOverTime>,
    pub last_event: Option<Time>,
    /// Bytes of an event as it was sent, on the average of the last 24 h.
    pub average_bytes: Option<u64>,
    /// `null`: no group was observed on it, so that its broker was not asked.
    pub at_broker: Option<ChannelAtBroker>,
    /// The time of the oldest event that the broker has; `null`: not known, or it has none.
    pub reaches_back_to: Option<Time>,
    /// Some partitions may reach further back.
    pub reaches_back_at_least: bool,
    pub partitions: Vec<ChannelPartition>,
    /// Beyond those that are listed.
    pub more_partitions: u32,
    /// `null`: the token may not see lag.
    pub readers: Option<ChannelReaders>,
    /// The server's clock.
    pub at: Time,
}

impl From<ChannelPage> for ChannelDetail {
    fn from(page: ChannelPage) -> Self {
        let ChannelPage { facts, capture: _, readers, at } = page;
        let now = facts.now(readers.as_ref(), at);
        let produced = facts.production(Hours::Day).map(ProducedOverTime::from);
        let average_bytes = facts.average_size();
        let (back, at_least) = match facts.oldest {
            Oldest::At(at) => (Some(at), false),
            Oldest::AtLeast(at) => (Some(at), true),
            Oldest::Unknown | Oldest::Empty => (None, false),
        };
        let s = facts.source;
        Self {
            channel: ChannelRef { id: facts.id.to_string(), name: facts.name },
            source: SourceRef { id: s.id.to_string(), name: s.name, kind: s.kind },
            environment: EnvironmentRef { id: s.environment.to_string(), name: s.environment_name },
            state: s.state.as_str().to_owned(),
            in_per_s: finite(now.map(|n| n.0)),
            in_measured: now.map(|n| n.1.as_str().to_owned()),
            produced,
            last_event: facts.last_event.map(Time),
            average_bytes,
            at_broker: facts.observed.map(|(seen, observed_at)| ChannelAtBroker {
                bytes: seen.bytes,
                positions: seen.events,
                keeps: seen.keeps.map(KeptAtBroker::from),
                problem: seen.problem,
                observed_at: observed_at.into(),
            }),
            reaches_back_to: back.map(Time),
            reaches_back_at_least: at_least,
            partitions: facts.partitions.into_iter().map(ChannelPartition::from).collect(),
            more_partitions: facts.more_partitions,
            readers: readers.map(|r| ChannelReaders {
                groups: r.rows.into_iter().map(Group::from).collect(),
                matching: r.matching as u64,
                left_out: r.left_out as u64,
                observed: r.observed.map(GroupsObserved::from),
            }),
            at: at.into(),
        }
    }
}

/// Read one channel
///
/// How much comes in, how large it is, how far back it reaches, and who reads it with how they stand on it. What is kept of it
/// here is told by `/api/v1/channels/{id}/capture`.
#[utoipa::path(
    get,
    path = "/api/v1/channels/{id}",
    operation_id = "catalog_channel",
    tag = "catalog",
    params(("id" = String, Path, description = "The channel's id.", example = "3")),
    responses((status = 200, description = "The channel.", body = ChannelDetail)),
)]
pub async fn detail(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<ChannelDetail>, Problem> {
    Asked::nothing(&uri)?;
    let absent = || Problem::not_found("channel");
    let id: ChannelId = id.parse().map_err(|_| absent())?;
    let found = program.told(site.cases.catalog.channel(&program.caller, id).await)?;
    Ok(Json(found.ok_or_else(absent)?.into()))
}
