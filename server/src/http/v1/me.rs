//! Who the token stands for, and the environments it reaches.

use axum::{Extension, Json, extract::State};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_domain::{access::Credential, catalog};

use super::{asked::Asked, bearer::Program, problem::Problem, shared::Time};
use crate::http::site::Site;

/// An environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Environment {
    #[schema(example = "1")]
    pub id: String,
    #[schema(example = "production")]
    pub name: String,
    pub production: bool,
    /// As configured: `red`, `orange`, `yellow`, `green`, `teal`, `blue`, `violet` or `grey`.
    #[schema(example = "red")]
    pub colour: Option<String>,
}

/// All environments that the token reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Environments {
    pub environments: Vec<Environment>,
}

/// The token that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenSent {
    #[schema(example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")]
    pub id: String,
    #[schema(example = "nightly report")]
    pub name: String,
    pub expires: Time,
}

/// A person, by way of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Me {
    #[schema(example = "mara")]
    pub login: String,
    #[schema(example = "Mara Lindqvist")]
    pub name: String,
    /// Those that token and person both have.
    #[schema(example = json!(["viewer", "support"]))]
    pub roles: Vec<String>,
    /// What these roles may.
    #[schema(example = json!(["events.exist", "events.key"]))]
    pub permissions: Vec<String>,
    pub token: Option<TokenSent>,
}

/// Who the token stands for
///
/// With the roles and permissions it has now.
#[utoipa::path(
    get,
    path = "/api/v1/me",
    operation_id = "me",
    tag = "you",
    responses((status = 200, description = "The person and the token.", body = Me)),
)]
pub async fn me(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
) -> Result<Json<Me>, Problem> {
    Asked::nothing(&uri)?;
    let me = program.told(site.cases.access.me(&program.caller).await)?;
    let token = match program.caller.by {
        Credential::Token { id, name, expires } => Some(TokenSent { id: id.0, name, expires: expires.into() }),
        Credential::Session => None,
    };
    Ok(Json(Me { login: me.login, name: me.name, roles: me.roles, permissions: me.permissions, token }))
}

/// List environments
///
/// Those that the token's grants reach.
#[utoipa::path(
    get,
    path = "/api/v1/environments",
    operation_id = "environments",
    tag = "you",
    responses((status = 200, description = "The environments.", body = Environments)),
)]
pub async fn environments(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
) -> Result<Json<Environments>, Problem> {
    Asked::nothing(&uri)?;
    let me = program.told(site.cases.access.me(&program.caller).await)?;
    Ok(Json(Environments { environments: me.environments.into_iter().map(Environment::from).collect() }))
}

impl From<catalog::EnvironmentShown> for Environment {
    fn from(shown: catalog::EnvironmentShown) -> Self {
        Self { id: shown.id.to_string(), name: shown.name, production: shown.production, colour: shown.colour }
    }
}
