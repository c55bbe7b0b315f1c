use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;

use super::{named, shapes::SourceInFull};
use crate::http::{
    site::Site,
    v1::{asked::Asked, bearer::Program, problem::Problem},
};

/// Read a source
///
/// With its channels, partitions and gaps, as far as the token may see them.
#[utoipa::path(
    get,
    path = "/api/v1/sources/{id}",
    operation_id = "sources_detail",
    tag = "sources",
    params(("id" = String, Path, description = "The source's id.", example = "3")),
    responses((status = 200, description = "The source.", body = SourceInFull)),
)]
pub async fn detail(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<SourceInFull>, Problem> {
    Asked::nothing(&uri)?;
    let id = named(&id)?;
    let found = program.told(site.cases.sources.detail(&program.caller, id).await)?;
    Ok(Json(found.ok_or_else(|| Problem::not_found("source"))?.into()))
}
