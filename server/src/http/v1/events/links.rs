use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::{
    site::Site,
    v1::{asked::Asked, bearer::Program, problem::Problem},
};

/// A value of an event, and where it leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventLink {
    /// Of the template.
    #[schema(example = "CRM")]
    pub name: String,
    #[schema(example = "data.orderId")]
    pub field: String,
    #[schema(example = "ord-4711")]
    pub value: String,
    #[schema(example = "https://crm.example/orders/ord-4711")]
    pub url: String,
}

/// Where an event's values lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventLinks {
    pub links: Vec<EventLink>,
}

/// Tell where an event's values lead
///
/// By the link templates for its channel, of fields that the token may see. Empty where there is no template.
#[utoipa::path(
    get,
    path = "/api/v1/events/{id}/links",
    operation_id = "events_links",
    tag = "events",
    params(("id" = String, Path, description = "The event's id.", example = "12-4711")),
    responses((status = 200, description = "The links.", body = EventLinks)),
)]
pub async fn links(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<EventLinks>, Problem> {
    Asked::nothing(&uri)?;
    let nothing = || Problem::not_found("event");
    let id = id.parse().map_err(|_| nothing())?;
    let links = program.told(site.cases.events.links(&program.caller, id).await)?.ok_or_else(nothing)?;
    let links = links.into_iter().map(|l| EventLink { name: l.name, field: l.field, value: l.value, url: l.url });
    Ok(Json(EventLinks { links: links.collect() }))
}
