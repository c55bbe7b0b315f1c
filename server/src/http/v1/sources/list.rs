use axum::{Extension, Json, extract::State};
use http::Uri;

use super::shapes::{Source, Sources};
use crate::http::{
    site::Site,
    v1::{asked::Asked, bearer::Program, problem::Problem, shared::InEnvironment},
};

/// List sources
///
/// With their state and figures; figures count what the token may see.
#[utoipa::path(
    get,
    path = "/api/v1/sources",
    operation_id = "sources_list",
    tag = "sources",
    params(InEnvironment),
    responses((status = 200, description = "The sources.", body = Sources, links(
        ("source" = (operation_id = "sources_detail", parameters(("id" = "$response.body#/sources/0/id")))),
    ))),
)]
pub async fn list(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
) -> Result<Json<Sources>, Problem> {
    let mut asked = Asked::of(&uri)?;
    asked.text("env")?;
    asked.end()?;
    let found = program.told(site.cases.sources.list(&program.caller).await)?;
    Ok(Json(Sources {
        sources: found.sources.into_iter().map(Source::from).collect(),
        hidden_channels: found.hidden_channels,
    }))
}
