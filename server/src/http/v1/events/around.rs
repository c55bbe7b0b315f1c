use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_domain::events;

use super::shapes::Event;
use crate::http::{
    site::Site,
    v1::{asked::Asked, bearer::Program, problem::Problem},
};

/// Both begin with the nearest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Neighbours {
    pub before: Vec<Event>,
    pub after: Vec<Event>,
}

/// What lies around an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Around {
    pub event: Event,
    /// By position.
    pub in_partition: Neighbours,
    /// By time, over all channels that the token reaches; empty where it may not see keys.
    pub of_key: Neighbours,
    /// The key has too many events to be told which are next.
    pub busy_key: bool,
}

impl From<events::Neighbours<events::EventRow>> for Neighbours {
    fn from(n: events::Neighbours<events::EventRow>) -> Self {
        let made = |rows: Vec<events::EventRow>| rows.into_iter().map(Event::from).collect();
        Self { before: made(n.before), after: made(n.after) }
    }
}

/// Look around an event
///
/// What came before and after it in its partition, and of the same key in every channel.
#[utoipa::path(
    get,
    path = "/api/v1/events/{id}/around",
    operation_id = "events_around",
    tag = "events",
    params(("id" = String, Path, description = "The event's id.", example = "12-4711")),
    responses((status = 200, description = "The event and those around it.", body = Around)),
)]
pub async fn around(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<Around>, Problem> {
    Asked::nothing(&uri)?;
    let nothing = || Problem::not_found("event");
    let id = id.parse().map_err(|_| nothing())?;
    let found = program.told(site.cases.events.around(&program.caller, id).await)?.ok_or_else(nothing)?;
    Ok(Json(Around {
        event: found.event.into(),
        in_partition: found.in_partition.into(),
        of_key: found.of_key.into(),
        busy_key: found.busy_key,
    }))
}
