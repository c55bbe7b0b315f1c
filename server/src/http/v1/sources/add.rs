use axum::{Extension, Json, extract::State};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_domain::sources::SourceDraft;

use super::wanted::{Connection, NewEnvironment, Policy, Secrets, checked, environment};
use crate::http::{
    site::Site,
    v1::{asked::Asked, bearer::Program, given::Given, problem::Problem},
};

/// A source that is to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSource {
    /// 1 to 40 lower-case letters, digits, - and _. It stays: quotas, grants and links go by it.
    #[schema(example = "shop-eu")]
    pub name: String,
    /// An environment, by its name.
    #[schema(example = "production")]
    pub environment: String,
    /// How to make the environment, if there is none of that name.
    #[serde(default, deserialize_with = "crate::http::v1::given::object_or_null")]
    pub new_environment: Option<NewEnvironment>,
    #[serde(deserialize_with = "crate::http::v1::given::object")]
    pub connection: Connection,
    #[serde(deserialize_with = "crate::http::v1::given::object")]
    pub policy: Policy,
    #[serde(default, deserialize_with = "crate::http::v1::given::object")]
    pub secrets: Secrets,
}

/// A source that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Added {
    #[schema(example = "3")]
    pub id: String,
}

/// Add a source
///
/// Reading begins within 10 s. Try the connection out first: nothing is tried here. A source that was removed goes on
/// where it stood, if it gets the same name and environment. Needs a grant on the whole environment.
#[utoipa::path(
    post,
    path = "/api/v1/sources",
    operation_id = "sources_add",
    tag = "sources",
    request_body = NewSource,
    responses((status = 200, description = "It is made.", body = Added)),
)]
pub async fn add(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
    Given(new): Given<NewSource>,
) -> Result<Json<Added>, Problem> {
    Asked::nothing(&uri)?;
    let NewSource { name, environment: in_environment, new_environment, connection, policy, secrets } = new;
    let settings = connection.settings(policy.policy()?);
    let environment = environment(&site, &program, in_environment, new_environment).await?;
    let draft = SourceDraft { name, environment, settings, secrets: secrets.given() };
    let id = checked(program.told(site.cases.sources.add(&program.caller, draft).await)?)?;
    Ok(Json(Added { id: id.to_string() }))
}
