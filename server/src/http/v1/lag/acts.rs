use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_cases::lag::settings::Typed;

use super::{absent, named};
use crate::http::{
    site::Site,
    v1::{asked::Asked, bearer::Program, given::Given, problem::Problem},
};

/// What people say of a consumer group. What is left out is taken away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupSettings {
    /// When it is expected to read: `continuous`, `ephemeral`, `retired`, or windows in UTC. Left out or null: as Weir
    /// learns it.
    #[schema(example = "daily 02:00-02:40; Mon, Thu 22:00-01:30")]
    pub expectation: Option<String>,
    /// Whose it is: 200 characters at most.
    #[schema(example = "Team Billing")]
    pub owner: Option<String>,
    /// What else is to be said of it: 2,000 characters at most.
    pub note: Option<String>,
}

/// Hide it or bring it back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupArchived {
    pub archived: bool,
}

/// A second look before a group is gone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupToDelete {
    /// The group's own name.
    #[schema(example = "billing")]
    pub name: String,
}

/// Which group it was done to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupDone {
    #[schema(example = "42")]
    pub id: String,
}

/// Set what is expected of a consumer group, and whose it is
///
/// Its alarms are raised only when it is expected to read. It is written whole: what is left out is taken away.
#[utoipa::path(
    post,
    path = "/api/v1/groups/{id}/settings",
    operation_id = "lag_settings",
    tag = "lag",
    params(("id" = String, Path, description = "The group's id.", example = "42")),
    request_body = GroupSettings,
    responses((status = 200, description = "It is set.", body = GroupDone)),
)]
pub async fn settings(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(GroupSettings { expectation, owner, note }): Given<GroupSettings>,
) -> Result<Json<GroupDone>, Problem> {
    Asked::nothing(&uri)?;
    let id = named(&id)?;
    let text = Option::unwrap_or_default;
    let typed = Typed { expectation: text(expectation), owner: text(owner), note: text(note) };
    let done = program.told(site.cases.lag.settings(&program.caller, id, &typed).await)?;
    there(id, done)
}

/// Archive a consumer group, or bring it back
///
/// An archived one is in no list and raises no alarm. At the broker nothing changes.
#[utoipa::path(
    post,
    path = "/api/v1/groups/{id}/archive",
    operation_id = "lag_archive",
    tag = "lag",
    params(("id" = String, Path, description = "The group's id.", example = "42")),
    request_body = GroupArchived,
    responses((status = 200, description = "It is done.", body = GroupDone)),
)]
pub async fn archive(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(GroupArchived { archived }): Given<GroupArchived>,
) -> Result<Json<GroupDone>, Problem> {
    Asked::nothing(&uri)?;
    let id = named(&id)?;
    let done = program.told(site.cases.lag.archive(&program.caller, id, archived).await)?;
    there(id, done)
}

/// Delete a consumer group at its broker
///
/// All of its positions are forgotten, and nothing brings them back. Nobody may be in it, all of its channels have to be
/// reached by the token, and its name is asked for.
#[utoipa::path(
    post,
    path = "/api/v1/groups/{id}/delete",
    operation_id = "lag_delete",
    tag = "lag",
    params(("id" = String, Path, description = "The group's id.", example = "42")),
    request_body = GroupToDelete,
    responses((status = 200, description = "The broker has forgotten it.", body = GroupDone)),
)]
pub async fn delete(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(GroupToDelete { name }): Given<GroupToDelete>,
) -> Result<Json<GroupDone>, Problem> {
    Asked::nothing(&uri)?;
    let id = named(&id)?;
    let done = program.told(site.cases.lag.delete(&program.caller, id, &name).await)?;
    there(id, done)
}

fn there(id: weir_domain::GroupId, done: bool) -> Result<Json<GroupDone>, Problem> {
    if done { Ok(Json(GroupDone { id: id.to_string() })) } else { Err(absent()) }
}
