use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_cases::backfill::Listed;
use weir_domain::{
    SourceId,
    backfill::{Backfill, Fillable},
};

use super::content::FilledContent;
use crate::http::{
    site::Site,
    v1::{
        asked::Asked,
        bearer::Program,
        problem::Problem,
        shared::{ChannelRef, Time},
    },
};

/// One partition of what is filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BackfillPart {
    /// The broker's own number of the partition.
    pub partition: i32,
    /// Where the broker's log began when it was first read; `null` before that.
    #[schema(example = "1200")]
    pub from: Option<String>,
    /// Everything below is filled.
    #[schema(example = "4711")]
    pub done: String,
    /// The first position that capture has.
    #[schema(example = "90000")]
    pub to: String,
}

/// The filling of one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChannelBackfill {
    pub channel: ChannelRef,
    /// `running`, `paused`, `stopped`, `done` or `failed`.
    #[schema(example = "running")]
    pub state: String,
    /// Why it does not go on, if it does not.
    pub reason: Option<String>,
    pub bytes_per_s: u64,
    /// Who asked for it; `null` if their account is gone.
    pub asked_by: Option<String>,
    pub asked_at: Time,
    pub changed_at: Time,
    /// Events that were filled, and their bytes before they were packed.
    pub events: u64,
    pub raw_bytes: u64,
    pub partitions: Vec<BackfillPart>,
}

/// A channel with something before what is stored of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FillableChannel {
    pub channel: ChannelRef,
    /// Positions before what is stored; the broker may not have all of them any more.
    pub positions: u64,
    /// What these would have, by the mean of what is stored; `null` where nothing is.
    pub estimated_bytes: Option<u64>,
}

/// What is filled of a source, and what could be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Backfills {
    pub backfills: Vec<ChannelBackfill>,
    pub fillable: Vec<FillableChannel>,
    /// Ranges whose content is filled, or was.
    pub contents: Vec<FilledContent>,
}

impl From<Backfill> for ChannelBackfill {
    fn from(b: Backfill) -> Self {
        Self {
            channel: ChannelRef { id: b.channel.to_string(), name: b.name },
            state: b.state.as_str().to_owned(),
            reason: b.reason,
            bytes_per_s: b.bytes_per_s,
            asked_by: b.asked_by,
            asked_at: b.asked_at.into(),
            changed_at: b.changed_at.into(),
            events: b.events,
            raw_bytes: b.raw_bytes,
            partitions: b
                .parts
                .into_iter()
                .map(|p| BackfillPart {
                    partition: p.number,
                    from: p.from.map(|at| at.to_string()),
                    done: p.done.to_string(),
                    to: p.to.to_string(),
                })
                .collect(),
        }
    }
}

impl From<Fillable> for FillableChannel {
    fn from(f: Fillable) -> Self {
        Self {
            channel: ChannelRef { id: f.channel.to_string(), name: f.name },
            positions: f.positions,
            estimated_bytes: f.bytes_each.map(|each| each.saturating_mul(f.positions)),
        }
    }
}

impl From<Listed> for Backfills {
    fn from(listed: Listed) -> Self {
        Self {
            backfills: listed.backfills.into_iter().map(ChannelBackfill::from).collect(),
            fillable: listed.fillable.into_iter().map(FillableChannel::from).collect(),
            contents: listed.contents.into_iter().map(FilledContent::from).collect(),
        }
    }
}

/// See what is filled of a source, and what could be
///
/// Filling reads what the broker still has from before capture began.
#[utoipa::path(
    get,
    path = "/api/v1/sources/{id}/backfills",
    operation_id = "backfill_list",
    tag = "sources",
    params(("id" = String, Path, description = "The source's id.", example = "3")),
    responses((status = 200, description = "Both, by channel.", body = Backfills)),
)]
pub async fn list(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<Backfills>, Problem> {
    Asked::nothing(&uri)?;
    let nothing = || Problem::not_found("source");
    let id: SourceId = id.parse().map_err(|_| nothing())?;
    let found = program.told(site.cases.backfill.list(&program.caller, id).await)?.ok_or_else(nothing)?;
    Ok(Json(found.into()))
}
