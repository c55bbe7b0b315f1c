use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_domain::events::{Fate, Gone};

use crate::http::{
    site::Site,
    v1::{
        asked::Asked,
        bearer::Program,
        problem::Problem,
        shared::{ChannelRef, Time},
    },
};

/// What is known of a position at which no event is stored. What is not known is `null`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventGone {
    #[schema(example = "7-1042")]
    pub event: String,
    pub channel: ChannelRef,
    /// The broker's own number.
    pub partition: i32,
    /// `stored`, `dropped` (its retention has passed), `gap` (Weir never had it), `before` (the first that is known of),
    /// `ahead` (capture has not come so far), `hole` (the broker had none there) or `unknown`.
    #[schema(example = "dropped")]
    pub fate: String,
    /// When it was dropped, or the gap was found.
    pub at: Option<Time>,
    /// Of `dropped`: the days that its metadata was kept.
    pub retention_days: Option<u16>,
    /// Of `gap`: why.
    pub reason: Option<String>,
    /// The first and the last position of what went with it, or of the gap.
    #[schema(example = "1000")]
    pub first: Option<String>,
    #[schema(example = "1999")]
    pub last: Option<String>,
    /// Of `dropped`: its time lies between these.
    pub from: Option<Time>,
    pub to: Option<Time>,
    /// The nearest that are still stored.
    #[schema(example = "7-999")]
    pub before: Option<String>,
    #[schema(example = "7-2000")]
    pub after: Option<String>,
}

impl From<Gone> for EventGone {
    fn from(gone: Gone) -> Self {
        let id = |position| weir_domain::EventId { partition: gone.event.partition, position }.to_string();
        let mut told = Self {
            event: gone.event.to_string(),
            channel: ChannelRef { id: gone.channel.to_string(), name: gone.channel_name },
            partition: gone.partition_number,
            fate: gone.fate.word().to_owned(),
            at: None,
            retention_days: None,
            reason: None,
            first: None,
            last: None,
            from: None,
            to: None,
            before: gone.before.map(id),
            after: gone.after.map(id),
        };
        match gone.fate {
            Fate::Dropped { at, retention_days, first, last, from, to } => {
                (told.at, told.retention_days) = (Some(at.into()), Some(retention_days));
                (told.first, told.last) = (Some(first.to_string()), Some(last.to_string()));
                (told.from, told.to) = (Some(from.into()), Some(to.into()));
            }
            Fate::Gap { reason, from, to, found, .. } => {
                (told.at, told.reason, told.first) = (Some(found.into()), Some(reason), Some(from.to_string()));
                told.last = to.map(|to| to.0.saturating_sub(1).to_string());
            }
            Fate::Before { first } => told.first = Some(first.to_string()),
            Fate::Ahead { last } => told.last = Some(last.to_string()),
            Fate::Stored | Fate::Hole | Fate::Unknown => {}
        }
        told
    }
}

/// Tell what became of an event that is not there
#[utoipa::path(
    get,
    path = "/api/v1/events/{id}/gone",
    operation_id = "events_gone",
    tag = "events",
    params(("id" = String, Path, description = "The event's id.", example = "7-1042")),
    responses((status = 200, description = "What is known of it.", body = EventGone)),
)]
pub async fn gone(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<EventGone>, Problem> {
    Asked::nothing(&uri)?;
    let nothing = || Problem::not_found("event");
    let id = id.parse().map_err(|_| nothing())?;
    let found = program.told(site.cases.events.gone(&program.caller, id).await)?;
    Ok(Json(found.ok_or_else(nothing)?.into()))
}
