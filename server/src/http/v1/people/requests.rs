//! Requests for access, and answering them.

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_domain::RequestId;

use super::{acts::Done, shapes::AccessRequest};
use crate::http::{
    site::Site,
    v1::{asked::Asked, bearer::Program, given::Given, problem::Problem},
};

/// Those that wait, oldest first; at most 200.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccessRequests {
    pub requests: Vec<AccessRequest>,
}

/// List requests for access
///
/// Those that nobody has answered.
#[utoipa::path(
    get,
    path = "/api/v1/access-requests",
    operation_id = "people_requests",
    tag = "people",
    responses((status = 200, description = "The requests.", body = AccessRequests)),
)]
pub async fn list(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
) -> Result<Json<AccessRequests>, Problem> {
    Asked::nothing(&uri)?;
    let open = program.told(site.cases.people.requests(&program.caller).await)?;
    Ok(Json(AccessRequests { requests: open.into_iter().map(AccessRequest::from).collect() }))
}

/// An answer to who asked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessAnswer {
    /// Gives the role; false declines.
    pub give: bool,
    /// Must be there if the role is not given.
    #[schema(example = "Ask the shop team.", max_length = 300)]
    pub word: Option<String>,
}

/// Answer a request for access
///
/// Gives the role that was asked for, or declines with a word.
#[utoipa::path(
    post,
    path = "/api/v1/access-requests/{id}/answer",
    operation_id = "people_answer_request",
    tag = "people",
    params(("id" = String, Path, description = "The request's id.", example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")),
    request_body = AccessAnswer,
    responses((status = 200, description = "It is answered.", body = Done)),
)]
pub async fn answer(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(answer): Given<AccessAnswer>,
) -> Result<Json<Done>, Problem> {
    Asked::nothing(&uri)?;
    let id = RequestId(id);
    let word = answer.word.unwrap_or_default();
    program.told(site.cases.people.answer_request(&program.caller, &id, answer.give, &word).await)?;
    Ok(Json(Done { id: id.0 }))
}
