//! Saved searches.

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_app::searches::address_of;
use weir_domain::{SearchId, searches::SavedSearch};

use super::{
    asked::Asked,
    bearer::Program,
    given::{Given, Nothing},
    problem::Problem,
    shared::Time,
};
use crate::http::site::Site;

/// A search that somebody keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Search {
    #[schema(example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")]
    pub id: String,
    #[schema(example = "Payments that hang")]
    pub name: String,
    /// Where the console shows it: a path with its query. Relative times in it move with the clock.
    #[schema(example = "/events?q=type:payment.failed&from=-1h")]
    pub address: String,
    /// Everybody who is signed in sees it.
    pub shared: bool,
    /// It is this token's person's own.
    pub own: bool,
    /// The name of whoever keeps it.
    pub owner: String,
    pub made: Time,
    pub changed: Time,
}

/// One's own and what others share, each by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Searches {
    pub searches: Vec<Search>,
}

/// A search to be kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSearch {
    /// No other search of this person has it.
    #[schema(example = "Payments that hang", min_length = 1, max_length = 100)]
    pub name: String,
    /// An address of the Events page, or its query alone.
    #[schema(example = "/events?q=type:payment.failed&from=-1h", max_length = 8192)]
    pub address: String,
    /// Show it to everybody who is signed in.
    #[serde(default)]
    pub shared: bool,
}

/// Another name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchName {
    #[schema(example = "Payments that hang", min_length = 1, max_length = 100)]
    pub name: String,
}

/// Who sees it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchSharing {
    /// Everybody who is signed in; or its owner alone.
    pub shared: bool,
}

/// It is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SearchDone {
    /// Of the search.
    pub id: String,
}

impl Search {
    fn of(search: SavedSearch, program: &Program) -> Self {
        let query = search.address.as_str();
        Self {
            own: search.owner == program.caller.person,
            address: if query.is_empty() { "/events".to_owned() } else { format!("/events?{query}") },
            id: search.id.0,
            name: search.name,
            shared: search.shared,
            owner: search.owner_name,
            made: search.made.into(),
            changed: search.changed.into(),
        }
    }
}

/// List saved searches
///
/// Those of the token's person, and what others share. A search gives no right: it finds what whoever asks may see.
#[utoipa::path(
    get,
    path = "/api/v1/searches",
    operation_id = "searches_list",
    tag = "searches",
    responses((status = 200, description = "The searches.", body = Searches)),
)]
pub async fn list(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
) -> Result<Json<Searches>, Problem> {
    Asked::nothing(&uri)?;
    let all = program.told(site.cases.searches.list(&program.caller).await)?;
    Ok(Json(Searches { searches: all.into_iter().map(|search| Search::of(search, &program)).collect() }))
}

/// Save a search
#[utoipa::path(
    post,
    path = "/api/v1/searches",
    operation_id = "searches_save",
    tag = "searches",
    request_body = NewSearch,
    responses((status = 200, description = "It is kept.", body = SearchDone)),
)]
pub async fn save(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
    Given(new): Given<NewSearch>,
) -> Result<Json<SearchDone>, Problem> {
    Asked::nothing(&uri)?;
    let address = program.told(address_of(&new.address))?;
    let id = program.told(site.cases.searches.save(&program.caller, &new.name, address, new.shared).await)?;
    Ok(Json(SearchDone { id: id.0 }))
}

/// Rename a search
#[utoipa::path(
    post,
    path = "/api/v1/searches/{id}/rename",
    operation_id = "searches_rename",
    tag = "searches",
    params(("id" = String, Path, description = "The search's id.", example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")),
    request_body = SearchName,
    responses((status = 200, description = "It has its new name.", body = SearchDone)),
)]
pub async fn rename(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(SearchName { name }): Given<SearchName>,
) -> Result<Json<SearchDone>, Problem> {
    Asked::nothing(&uri)?;
    let id = SearchId(id);
    let done = program.told(site.cases.searches.rename(&program.caller, &id, &name).await)?;
    there(done, id)
}

/// Share a search, or keep it to oneself again
#[utoipa::path(
    post,
    path = "/api/v1/searches/{id}/share",
    operation_id = "searches_share",
    tag = "searches",
    params(("id" = String, Path, description = "The search's id.", example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")),
    request_body = SearchSharing,
    responses((status = 200, description = "It is seen as asked.", body = SearchDone)),
)]
pub async fn share(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(SearchSharing { shared }): Given<SearchSharing>,
) -> Result<Json<SearchDone>, Problem> {
    Asked::nothing(&uri)?;
    let id = SearchId(id);
    let done = program.told(site.cases.searches.share(&program.caller, &id, shared).await)?;
    there(done, id)
}

/// Remove a search
#[utoipa::path(
    post,
    path = "/api/v1/searches/{id}/remove",
    operation_id = "searches_remove",
    tag = "searches",
    params(("id" = String, Path, description = "The search's id.", example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")),
    request_body = Nothing,
    responses((status = 200, description = "It is gone.", body = SearchDone)),
)]
pub async fn remove(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(Nothing {}): Given<Nothing>,
) -> Result<Json<SearchDone>, Problem> {
    Asked::nothing(&uri)?;
    let id = SearchId(id);
    let done = program.told(site.cases.searches.remove(&program.caller, &id).await)?;
    there(done, id)
}

fn there(done: bool, id: SearchId) -> Result<Json<SearchDone>, Problem> {
    if done { Ok(Json(SearchDone { id: id.0 })) } else { Err(Problem::not_found("search")) }
}
