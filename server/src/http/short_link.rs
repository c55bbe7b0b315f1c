//! Short links to searches.

use axum::{
    Extension,
    extract::{Path, Request, State},
    response::{IntoResponse, Redirect, Response},
};
use leptos_router::SsrMode;
use weir_domain::LinkId;

use super::{
    pages,
    site::Site,
    visit::{Visit, Who},
};

/// `GET /s/{id}`: on to the search, for who is signed in. Whatever else there is to say, the page at that address says;
/// who is not signed in is sent to do so and comes back here, and learns nothing of what it leads to.
pub async fn follow(
    State(site): State<Site>,
    Extension(visit): Extension<Visit>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    if let (Some(caller), Some(id)) = (&who.caller, LinkId::parse(&id))
        && let Ok(Some(link)) = site.cases.links.open(caller, &id).await
    {
        let query = link.address.as_str();
        let to = if query.is_empty() { "/events".to_owned() } else { format!("/events?{query}") };
        return Redirect::to(&to).into_response();
    }
    pages::draw(SsrMode::Async, State(site), Extension(visit), Some(Extension(who)), request).await
}
