//! Looking at people.

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_domain::PersonId;

use super::shapes::Person;
use crate::http::{
    site::Site,
    v1::{asked::Asked, bearer::Program, problem::Problem},
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is written down for the documentation; the handler reads the parameters")]
pub struct Filter {
    /// Part of the name or the log-in name.
    #[param(example = "mara", max_length = 200)]
    text: Option<String>,
}

/// Invited people first, then by name; at most 200.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct People {
    pub people: Vec<Person>,
    /// How many fit the text, listed or not.
    pub total: u64,
}

/// List people
///
/// With their roles and where these hold.
#[utoipa::path(
    get,
    path = "/api/v1/people",
    operation_id = "people_list",
    tag = "people",
    params(Filter),
    responses((status = 200, description = "The people.", body = People)),
)]
pub async fn list(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
) -> Result<Json<People>, Problem> {
    let mut asked = Asked::of(&uri)?;
    let text = asked.text_within("text", 200)?.unwrap_or_default();
    asked.end()?;
    let found = program.told(site.cases.people.list(&program.caller, &text).await)?;
    Ok(Json(People { people: found.people.into_iter().map(Person::from).collect(), total: found.total }))
}

/// Read a person
///
/// With all grants.
#[utoipa::path(
    get,
    path = "/api/v1/people/{id}",
    operation_id = "people_detail",
    tag = "people",
    params(("id" = String, Path, description = "The person's id.", example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")),
    responses((status = 200, description = "The person.", body = Person)),
)]
pub async fn detail(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<Person>, Problem> {
    Asked::nothing(&uri)?;
    let found = program.told(site.cases.people.detail(&program.caller, &PersonId(id)).await)?;
    Ok(Json(found.ok_or_else(|| Problem::not_found("person"))?.person.into()))
}
