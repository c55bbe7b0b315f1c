use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_domain::capture::Missing;

use super::made::absence;
use crate::http::{
    site::Site,
    v1::{asked::Asked, bearer::Program, capture::PayloadsGivenUp, problem::Problem, shared::ChannelRef},
};

/// Why an event's key, headers and payload are not in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MissingContent {
    #[schema(example = "7-1042")]
    pub event: String,
    pub channel: ChannelRef,
    /// As in the event; `null`: they are there.
    pub absent: Option<String>,
    /// Of `given_up`: what is known of it.
    pub given_up: Option<PayloadsGivenUp>,
}

impl From<Missing> for MissingContent {
    fn from(m: Missing) -> Self {
        Self {
            event: m.event.to_string(),
            channel: ChannelRef { id: m.channel.to_string(), name: m.channel_name },
            absent: m.absent.map(|why| absence(why).to_owned()),
            given_up: m.given_up.map(Into::into),
        }
    }
}

/// Tell why an event has no content
#[utoipa::path(
    get,
    path = "/api/v1/events/{id}/missing",
    operation_id = "events_missing",
    tag = "events",
    params(("id" = String, Path, description = "The event's id.", example = "7-1042")),
    responses((status = 200, description = "Why.", body = MissingContent)),
)]
pub async fn missing(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<MissingContent>, Problem> {
    Asked::nothing(&uri)?;
    let nothing = || Problem::not_found("event");
    let id = id.parse().map_err(|_| nothing())?;
    let found = program.told(site.cases.events.missing(&program.caller, id).await)?;
    Ok(Json(found.ok_or_else(nothing)?.into()))
}
