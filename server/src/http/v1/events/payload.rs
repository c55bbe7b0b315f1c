use axum::{
    Extension,
    extract::{Path, State},
    response::Response,
};
use http::Uri;

use crate::http::{
    payload::{file, taken},
    site::Site,
    v1::{asked::Asked, bearer::Program, problem::Problem},
};

/// Download a payload
///
/// The bytes as the broker gave them. Not found where the payload is null or not in the store: the event itself says
/// which.
#[utoipa::path(
    get,
    path = "/api/v1/events/{id}/payload",
    operation_id = "events_payload",
    tag = "events",
    params(("id" = String, Path, description = "The event's id.", example = "12-4711")),
    responses((status = 200, description = "The bytes.", body = Vec<u8>, content_type = "application/octet-stream")),
)]
pub async fn payload(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Response, Problem> {
    Asked::nothing(&uri)?;
    let nothing = || Problem::not_found("payload");
    let event = id.parse().map_err(|_| nothing())?;
    let (bytes, held) = program.told(taken(&site, &program.caller, event).await)?.ok_or_else(nothing)?;
    Ok(file(event, bytes, held))
}
