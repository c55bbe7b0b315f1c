use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_domain::{
    EventId, SourceId,
    verify::{ChannelVerified, DifferenceShown},
};

use crate::http::{
    site::Site,
    v1::{
        asked::Asked,
        bearer::Program,
        problem::Problem,
        shared::{ChannelRef, Time},
    },
};

/// Something that is not stored as the broker has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StoredDifference {
    /// What the event's id is, or would be.
    #[schema(example = "12-4711")]
    pub event: String,
    /// The broker's own number of the partition.
    pub partition: i32,
    #[schema(example = "4711")]
    pub position: String,
    /// `missing`: it is at the broker and not stored. `doubled`: it is stored more than once. `bytes`: its key, headers
    /// or payload are others. `time`: the broker's time of it is another.
    #[schema(example = "missing")]
    pub kind: String,
    pub found_at: Time,
}

/// How far one channel was compared with its broker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VerifiedChannel {
    pub channel: ChannelRef,
    /// Partitions that hold events.
    pub partitions: u32,
    /// Those of them that were compared.
    pub verified: u32,
    /// Samples reach what was captured until then, in each of those; `null` before the first.
    pub verified_until: Option<Time>,
    /// Events compared since comparing began.
    pub compared: u64,
    /// Events that are stored and not at the broker any more: its retention or compaction took them.
    pub gone: u64,
    pub differences: u64,
    /// The newest of them, at most 20.
    pub latest: Vec<StoredDifference>,
}

/// The channels of a source that this token may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VerifiedChannels {
    pub channels: Vec<VerifiedChannel>,
}

impl From<DifferenceShown> for StoredDifference {
    fn from(d: DifferenceShown) -> Self {
        Self {
            event: EventId { partition: d.partition, position: d.position }.to_string(),
            partition: d.partition_number,
            position: d.position.to_string(),
            kind: d.kind.as_str().to_owned(),
            found_at: d.found_at.into(),
        }
    }
}

impl From<ChannelVerified> for VerifiedChannel {
    fn from(c: ChannelVerified) -> Self {
        Self {
            channel: ChannelRef { id: c.channel.to_string(), name: c.name },
            partitions: c.partitions,
            verified: c.verified,
            verified_until: c.until.map(Time),
            compared: c.compared,
            gone: c.gone,
            differences: c.differences,
            latest: c.latest.into_iter().map(StoredDifference::from).collect(),
        }
    }
}

/// See how far a source was compared with its broker
///
/// A small sample of every channel is read again all the time, under 1 % of its traffic, and compared with what is
/// stored.
#[utoipa::path(
    get,
    path = "/api/v1/sources/{id}/verified",
    operation_id = "verify_list",
    tag = "sources",
    params(("id" = String, Path, description = "The source's id.", example = "3")),
    responses((status = 200, description = "How far, and what was found.", body = VerifiedChannels)),
)]
pub async fn list(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<VerifiedChannels>, Problem> {
    Asked::nothing(&uri)?;
    let nothing = || Problem::not_found("source");
    let id: SourceId = id.parse().map_err(|_| nothing())?;
    let found = program.told(site.cases.verify.list(&program.caller, id).await)?.ok_or_else(nothing)?;
    Ok(Json(VerifiedChannels { channels: found.into_iter().map(VerifiedChannel::from).collect() }))
}
