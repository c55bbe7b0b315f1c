use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;

use super::{named, wanted::Settings};
use crate::http::{
    site::Site,
    v1::{asked::Asked, bearer::Program, problem::Problem},
};

/// Read the settings of a source
///
/// Of one that people made; those of `weir.toml` stand there. Secrets are not told, only that they are kept.
#[utoipa::path(
    get,
    path = "/api/v1/sources/{id}/settings",
    operation_id = "sources_settings",
    tag = "sources",
    params(("id" = String, Path, description = "The source's id.", example = "3")),
    responses((status = 200, description = "Its settings.", body = Settings)),
)]
pub async fn settings(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<Settings>, Problem> {
    Asked::nothing(&uri)?;
    let id = named(&id)?;
    let found = program.told(site.cases.sources.settings(&program.caller, id).await)?;
    Ok(Json(found.ok_or_else(|| Problem::not_found("source"))?.into()))
}
