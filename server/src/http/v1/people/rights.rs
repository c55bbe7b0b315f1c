//! Inviting, and what somebody may.

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::{HeaderMap, Uri};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_cases::people::OneTimeLink;
use weir_domain::PersonId;

use super::{
    acts::Done,
    shapes::{GrantGiven, grants},
};
use crate::http::{
    site::Site,
    v1::{asked::Asked, bearer::Program, given::Given, kinds::INVALID, problem::Problem, shared::Time},
};

/// Somebody new.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Invitation {
    #[schema(example = "kim")]
    pub login: String,
    #[schema(example = "Kim Doe")]
    pub name: String,
    /// Roles by name.
    #[schema(example = json!(["viewer"]))]
    pub roles: Vec<String>,
    #[serde(deserialize_with = "crate::http::v1::given::objects")]
    pub grants: Vec<GrantGiven>,
}

/// A one-time link. It is told this once; only its digest is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LinkMade {
    pub person_id: String,
    /// Hand it to this person and to nobody else: who opens it first chooses the password.
    #[schema(example = "https://weir.example.com/invite#token=…")]
    pub link: String,
    pub expires: Time,
}

impl LinkMade {
    pub(super) fn of(site: &Site, headers: &HeaderMap, made: OneTimeLink) -> Self {
        let base = site.origin.base(headers);
        // In the fragment: no server, proxy or log along the way sees it.
        Self {
            link: format!("{base}/invite#token={}", made.token),
            person_id: made.person.0,
            expires: made.expires.into(),
        }
    }
}

/// Invite somebody
///
/// Makes the person, and a link by which they choose their password. It is good for three days.
#[utoipa::path(
    post,
    path = "/api/v1/people",
    operation_id = "people_invite",
    tag = "people",
    request_body = Invitation,
    responses((status = 200, description = "The link.", body = LinkMade)),
)]
pub async fn invite(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
    headers: HeaderMap,
    Given(new): Given<Invitation>,
) -> Result<Json<LinkMade>, Problem> {
    Asked::nothing(&uri)?;
    let Invitation { login, name, roles, grants: given } = new;
    let given = grants(given)?;
    let made = program.told(site.cases.people.invite(&program.caller, &login, &name, &roles, given).await)?;
    Ok(Json(LinkMade::of(&site, &headers, made)))
}

/// What a person is to be from now on: all of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonChange {
    /// As it was read. Has somebody changed the person since, then nothing is changed.
    #[schema(example = "4")]
    pub version: String,
    #[schema(example = "Kim Doe")]
    pub name: String,
    /// Roles by name.
    #[schema(example = json!(["viewer", "support"]))]
    pub roles: Vec<String>,
    #[serde(deserialize_with = "crate::http::v1::given::objects")]
    pub grants: Vec<GrantGiven>,
}

/// Change a person
///
/// Name, roles and grants. It holds from their next request on, and on open pages within 30 s.
#[utoipa::path(
    post,
    path = "/api/v1/people/{id}",
    operation_id = "people_change",
    tag = "people",
    params(("id" = String, Path, description = "The person's id.", example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")),
    request_body = PersonChange,
    responses((status = 200, description = "It is changed.", body = Done)),
)]
pub async fn change(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(change): Given<PersonChange>,
) -> Result<Json<Done>, Problem> {
    Asked::nothing(&uri)?;
    let PersonChange { version, name, roles, grants: given } = change;
    let version = version.parse().map_err(|_| {
        Problem::new(INVALID, "The version is no number.", "Send the version of the person as you read it.")
    })?;
    let id = PersonId(id);
    let given = grants(given)?;
    program.told(site.cases.people.change(&program.caller, &id, version, &name, &roles, given).await)?;
    Ok(Json(Done { id: id.0 }))
}
