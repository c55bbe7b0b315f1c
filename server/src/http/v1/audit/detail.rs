use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;

use super::shapes::Entry;
use crate::http::{
    site::Site,
    v1::{asked::Asked, bearer::Program, problem::Problem},
};

/// Read an audit entry
///
/// With what was before and after a change.
#[utoipa::path(
    get,
    path = "/api/v1/audit/{id}",
    operation_id = "audit_detail",
    tag = "audit",
    params(("id" = String, Path, description = "The entry's number.", example = "4711")),
    responses((status = 200, description = "The entry.", body = Entry)),
)]
pub async fn detail(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<Entry>, Problem> {
    Asked::nothing(&uri)?;
    let nothing = || Problem::not_found("entry");
    let id = id.parse().map_err(|_| nothing())?;
    let found = program.told(site.cases.audit.detail(&program.caller, id).await)?;
    Ok(Json(found.ok_or_else(nothing)?.into()))
}
