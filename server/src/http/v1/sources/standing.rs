//! Pausing and resuming.

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::named;
use crate::http::{
    site::Site,
    v1::{
        asked::Asked,
        bearer::Program,
        given::{Given, Nothing},
        problem::Problem,
    },
};

/// Whether a source is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Standing {
    #[schema(example = "3")]
    pub id: String,
    pub paused: bool,
}

/// Pause a source
///
/// Capture stops within a second; events wait at the broker, as long as it keeps them. Needs a grant on the whole
/// source.
#[utoipa::path(
    post,
    path = "/api/v1/sources/{id}/pause",
    operation_id = "sources_pause",
    tag = "sources",
    params(("id" = String, Path, description = "The source's id.", example = "3")),
    request_body = Nothing,
    responses((status = 200, description = "It is paused.", body = Standing)),
)]
pub async fn pause(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(Nothing {}): Given<Nothing>,
) -> Result<Json<Standing>, Problem> {
    Asked::nothing(&uri)?;
    let id = named(&id)?;
    match program.told(site.cases.sources.pause(&program.caller, id).await)? {
        true => Ok(Json(Standing { id: id.to_string(), paused: true })),
        false => Err(Problem::not_found("source")),
    }
}

/// Resume a source
///
/// Capture goes on where it stood.
#[utoipa::path(
    post,
    path = "/api/v1/sources/{id}/resume",
    operation_id = "sources_resume",
    tag = "sources",
    params(("id" = String, Path, description = "The source's id.", example = "3")),
    request_body = Nothing,
    responses((status = 200, description = "It is read again.", body = Standing)),
)]
pub async fn resume(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(Nothing {}): Given<Nothing>,
) -> Result<Json<Standing>, Problem> {
    Asked::nothing(&uri)?;
    let id = named(&id)?;
    match program.told(site.cases.sources.resume(&program.caller, id).await)? {
        true => Ok(Json(Standing { id: id.to_string(), paused: false })),
        false => Err(Problem::not_found("source")),
    }
}
