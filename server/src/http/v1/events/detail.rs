use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;

use super::shapes::EventInFull;
use crate::http::{
    site::Site,
    v1::{asked::Asked, bearer::Program, problem::Problem},
};

/// Read an event
///
/// Headers and payload as far as they can be shown; `masked` names what this token may not see, and `absent` why
/// something is not in the store.
#[utoipa::path(
    get,
    path = "/api/v1/events/{id}",
    operation_id = "events_detail",
    tag = "events",
    params(("id" = String, Path, description = "The event's id.", example = "12-4711")),
    responses((status = 200, description = "The event.", body = EventInFull)),
)]
pub async fn detail(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<EventInFull>, Problem> {
    Asked::nothing(&uri)?;
    let nothing = || Problem::not_found("event");
    let id = id.parse().map_err(|_| nothing())?;
    let found = program.told(site.cases.events.detail(&program.caller, id).await)?;
    Ok(Json(found.ok_or_else(nothing)?.into()))
}
