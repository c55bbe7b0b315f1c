//! Acts on one person that need nothing but their id.

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::{HeaderMap, Uri};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_domain::PersonId;

use super::rights::LinkMade;
use crate::http::{
    site::Site,
    v1::{
        asked::Asked,
        bearer::Program,
        given::{Given, Nothing},
        problem::Problem,
    },
};

/// It is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Done {
    /// Of the person or the request.
    pub id: String,
}

/// Deactivate a person
///
/// Their sessions and tokens end at once, open pages within 30 s. Nothing of theirs is lost.
#[utoipa::path(
    post,
    path = "/api/v1/people/{id}/deactivate",
    operation_id = "people_deactivate",
    tag = "people",
    params(("id" = String, Path, description = "The person's id.", example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")),
    request_body = Option<Nothing>,
    responses((status = 200, description = "They are deactivated.", body = Done)),
)]
pub async fn deactivate(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(Nothing {}): Given<Nothing>,
) -> Result<Json<Done>, Problem> {
    Asked::nothing(&uri)?;
    let id = PersonId(id);
    program.told(site.cases.people.deactivate(&program.caller, &id).await)?;
    Ok(Json(Done { id: id.0 }))
}

/// Reactivate a person
///
/// With the roles and grants they had. Where no password is left, a link chooses the next one.
#[utoipa::path(
    post,
    path = "/api/v1/people/{id}/reactivate",
    operation_id = "people_reactivate",
    tag = "people",
    params(("id" = String, Path, description = "The person's id.", example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")),
    request_body = Option<Nothing>,
    responses((status = 200, description = "They are active again.", body = Done)),
)]
pub async fn reactivate(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(Nothing {}): Given<Nothing>,
) -> Result<Json<Done>, Problem> {
    Asked::nothing(&uri)?;
    let id = PersonId(id);
    program.told(site.cases.people.reactivate(&program.caller, &id).await)?;
    Ok(Json(Done { id: id.0 }))
}

/// Make a new link for a person
///
/// For a lost password, or an invitation that ran out. An earlier link ends, the password stops working and their
/// sessions end.
#[utoipa::path(
    post,
    path = "/api/v1/people/{id}/reset",
    operation_id = "people_reset",
    tag = "people",
    params(("id" = String, Path, description = "The person's id.", example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")),
    request_body = Option<Nothing>,
    responses((status = 200, description = "The link.", body = LinkMade)),
)]
pub async fn reset(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    Given(Nothing {}): Given<Nothing>,
) -> Result<Json<LinkMade>, Problem> {
    Asked::nothing(&uri)?;
    let made = program.told(site.cases.people.reset(&program.caller, &PersonId(id)).await)?;
    Ok(Json(LinkMade::of(&site, &headers, made)))
}

/// Take an invitation back
///
/// The link ends, and the person, who never was here, is gone.
#[utoipa::path(
    post,
    path = "/api/v1/people/{id}/revoke-invite",
    operation_id = "people_revoke_invite",
    tag = "people",
    params(("id" = String, Path, description = "The person's id.", example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")),
    request_body = Option<Nothing>,
    responses((status = 200, description = "It is taken back.", body = Done)),
)]
pub async fn revoke_invite(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(Nothing {}): Given<Nothing>,
) -> Result<Json<Done>, Problem> {
    Asked::nothing(&uri)?;
    let id = PersonId(id);
    program.told(site.cases.people.revoke_invite(&program.caller, &id).await)?;
    Ok(Json(Done { id: id.0 }))
}
