//! Changing and giving up sources that people made.

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_domain::sources::SourceChange;

use super::{
    named,
    wanted::{Connection, NewEnvironment, Policy, Secrets, checked, environment, wrong},
};
use crate::http::{
    site::Site,
    v1::{
        asked::Asked,
        bearer::Program,
        given::{Given, Nothing},
        problem::Problem,
    },
};

/// How a source is to be reached from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// Of the settings that were read before.
    #[schema(example = "1")]
    pub version: String,
    /// An environment, by its name.
    #[schema(example = "production")]
    pub environment: String,
    /// How to make the environment, if there is none of that name.
    #[serde(default, deserialize_with = "crate::http::v1::given::object_or_null")]
    pub new_environment: Option<NewEnvironment>,
    /// All of it: what is left out is not kept.
    #[serde(deserialize_with = "crate::http::v1::given::object")]
    pub connection: Connection,
    /// Those that are left out stay as they are, unless the connection leads elsewhere or signs in otherwise.
    #[serde(default, deserialize_with = "crate::http::v1::given::object")]
    pub secrets: Secrets,
}

/// What is to be read of a source from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPolicy {
    /// Of the settings that were read before.
    #[schema(example = "1")]
    pub version: String,
    #[serde(deserialize_with = "crate::http::v1::given::object")]
    pub policy: Policy,
}

/// A source that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Changed {
    #[schema(example = "3")]
    pub id: String,
    /// Of its settings now.
    #[schema(example = "2")]
    pub version: String,
}

/// A source that is not read any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Removed {
    #[schema(example = "3")]
    pub id: String,
}

fn seen(version: &str) -> Result<i64, Problem> {
    version.parse().map_err(|_| wrong("version: Send that of the settings as you read them."))
}

/// Change how a source is reached
///
/// Its tap connects anew within 10 s and reads on where it stood. Needs a grant on the whole source.
#[utoipa::path(
    post,
    path = "/api/v1/sources/{id}/edit",
    operation_id = "sources_edit",
    tag = "sources",
    params(("id" = String, Path, description = "The source's id.", example = "3")),
    request_body = Edit,
    responses((status = 200, description = "It is changed.", body = Changed)),
)]
pub async fn edit(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(edit): Given<Edit>,
) -> Result<Json<Changed>, Problem> {
    Asked::nothing(&uri)?;
    let (cases, id) = (&site.cases.sources, named(&id)?);
    let Edit { version, environment: in_environment, new_environment, connection, secrets } = edit;
    let version = seen(&version)?;
    let stored = program.told(cases.settings(&program.caller, id).await)?;
    let stored = stored.ok_or_else(|| Problem::not_found("source"))?;
    let environment = environment(&site, &program, in_environment, new_environment).await?;
    let settings = connection.settings(stored.settings.policy);
    let change = SourceChange { version, environment, settings, secrets: secrets.given() };
    let done = program.told(cases.edit(&program.caller, id, change).await)?;
    let version = checked(done.ok_or_else(|| Problem::not_found("source"))?)?;
    Ok(Json(Changed { id: id.to_string(), version: version.to_string() }))
}

/// Change what is read of a source
///
/// It holds within 10 s; what was captured stays. Needs a grant on the whole source.
#[utoipa::path(
    post,
    path = "/api/v1/sources/{id}/policy",
    operation_id = "sources_policy",
    tag = "sources",
    params(("id" = String, Path, description = "The source's id.", example = "3")),
    request_body = NewPolicy,
    responses((status = 200, description = "It is changed.", body = Changed)),
)]
pub async fn policy(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(NewPolicy { version, policy }): Given<NewPolicy>,
) -> Result<Json<Changed>, Problem> {
    Asked::nothing(&uri)?;
    let (id, version) = (named(&id)?, seen(&version)?);
    let done = program.told(site.cases.sources.policy(&program.caller, id, version, policy.policy()?).await)?;
    let version = checked(done.ok_or_else(|| Problem::not_found("source"))?)?;
    Ok(Json(Changed { id: id.to_string(), version: version.to_string() }))
}

/// Give a source up
///
/// Reading stops within 10 s; its settings and secrets are forgotten, its events stay. Needs a grant on the whole
/// source.
#[utoipa::path(
    post,
    path = "/api/v1/sources/{id}/remove",
    operation_id = "sources_remove",
    tag = "sources",
    params(("id" = String, Path, description = "The source's id.", example = "3")),
    request_body = Nothing,
    responses((status = 200, description = "It is not read any more.", body = Removed)),
)]
pub async fn remove(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(Nothing {}): Given<Nothing>,
) -> Result<Json<Removed>, Problem> {
    Asked::nothing(&uri)?;
    let id = named(&id)?;
    match program.told(site.cases.sources.remove(&program.caller, id).await)? {
        true => Ok(Json(Removed { id: id.to_string() })),
        false => Err(Problem::not_found("source")),
    }
}
