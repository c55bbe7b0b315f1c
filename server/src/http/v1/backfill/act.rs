use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_domain::ChannelId;

use crate::http::{
    site::Site,
    v1::{
        asked::Asked,
        bearer::Program,
        given::{Given, Nothing},
        problem::Problem,
    },
};

/// How fast to fill.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BackfillRate {
    /// Bytes a second taken from the broker; besides, reads beside capture stay within their part of the source's cap.
    #[schema(example = 1_000_000, minimum = 65_536, maximum = 1_073_741_824)]
    pub bytes_per_s: u64,
}

/// How the filling of a channel stands now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BackfillStanding {
    /// The channel's id.
    #[schema(example = "17")]
    pub channel: String,
    #[schema(example = "running")]
    pub state: String,
}

pub(super) fn named(id: &str) -> Result<ChannelId, Problem> {
    id.parse().map_err(|_| Problem::not_found("channel"))
}

pub(super) fn standing<T>(
    channel: ChannelId,
    found: Option<T>,
    state: &str,
) -> Result<Json<BackfillStanding>, Problem> {
    found.ok_or_else(|| Problem::not_found("channel"))?;
    Ok(Json(BackfillStanding { channel: channel.to_string(), state: state.to_owned() }))
}

/// Fill what lies before what is stored of a channel
///
/// Reads from the broker's first event to the first that capture has, at this rate, and stores each once. Goes on where an
/// earlier filling ended; asked again while it runs, it changes the rate.
#[utoipa::path(
    post,
    path = "/api/v1/channels/{id}/backfill",
    operation_id = "backfill_start",
    tag = "sources",
    params(("id" = String, Path, description = "The channel's id.", example = "17")),
    request_body = BackfillRate,
    responses((status = 200, description = "It runs.", body = BackfillStanding)),
)]
pub async fn start(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(rate): Given<BackfillRate>,
) -> Result<Json<BackfillStanding>, Problem> {
    Asked::nothing(&uri)?;
    let id = named(&id)?;
    let done = program.told(site.cases.backfill.start(&program.caller, id, rate.bytes_per_s).await)?;
    standing(id, done, "running")
}

/// Pause the filling of a channel
///
/// It stands still within a second.
#[utoipa::path(
    post,
    path = "/api/v1/channels/{id}/backfill/pause",
    operation_id = "backfill_pause",
    tag = "sources",
    params(("id" = String, Path, description = "The channel's id.", example = "17")),
    request_body = Nothing,
    responses((status = 200, description = "It stands still.", body = BackfillStanding)),
)]
pub async fn pause(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(Nothing {}): Given<Nothing>,
) -> Result<Json<BackfillStanding>, Problem> {
    Asked::nothing(&uri)?;
    let id = named(&id)?;
    let done = program.told(site.cases.backfill.pause(&program.caller, id).await)?;
    standing(id, done, "paused")
}

/// Stop the filling of a channel
///
/// What was filled stays, and it can be begun again where it ended.
#[utoipa::path(
    post,
    path = "/api/v1/channels/{id}/backfill/stop",
    operation_id = "backfill_stop",
    tag = "sources",
    params(("id" = String, Path, description = "The channel's id.", example = "17")),
    request_body = Nothing,
    responses((status = 200, description = "It is stopped.", body = BackfillStanding)),
)]
pub async fn stop(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(Nothing {}): Given<Nothing>,
) -> Result<Json<BackfillStanding>, Problem> {
    Asked::nothing(&uri)?;
    let id = named(&id)?;
    let done = program.told(site.cases.backfill.stop(&program.caller, id).await)?;
    standing(id, done, "stopped")
}
