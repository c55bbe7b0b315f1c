use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_domain::events::{EventLive, LiveAnswer, LiveShown};

use super::{
    made::shown,
    shapes::{Event, Header, MaskedPart, Payload},
};
use crate::http::{
    site::Site,
    v1::{asked::Asked, bearer::Program, problem::Problem, shared::Time},
};

/// Key, headers and payload as the broker has them now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LiveContent {
    /// `null` is a null key, unless `masked` names the key. Bytes that are no text: `hex:…`.
    pub key: Option<String>,
    /// The key is longer than what is shown of it.
    pub key_cut: bool,
    /// `null` where they are masked.
    pub headers: Option<Vec<Header>>,
    pub headers_total: u32,
    pub payload: Payload,
    /// What is there and this token may not see.
    pub masked: Vec<MaskedPart>,
}

/// An event whose content is not stored, read from its broker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LiveEvent {
    /// As it is stored.
    pub event: Event,
    pub read_at: Time,
    /// `read`: see `content`. `gone`: the broker deleted it; `compacted`: a newer event of its key took its place;
    /// `replaced`: the channel was deleted, made again or cut; `other`: something else stands at its position;
    /// `not_read`: the broker was not asked, or did not answer.
    #[schema(example = "read")]
    pub state: String,
    /// Why there is no content and what to do, in sentences.
    pub explained: Option<String>,
    /// The first position that the broker still has, where it told and the event is gone.
    pub broker_starts_at: Option<String>,
    pub content: Option<LiveContent>,
}

impl From<LiveShown> for LiveContent {
    fn from(live: LiveShown) -> Self {
        let mut masked = Vec::new();
        let key = shown("key", live.key, &mut masked).flatten();
        let headers = shown("headers", live.headers, &mut masked);
        Self {
            key_cut: key.as_ref().is_some_and(|k| k.cut),
            key: key.map(|k| k.text),
            headers: headers.map(|all| all.into_iter().map(Header::from).collect()),
            headers_total: live.headers_total,
            payload: live.payload.into(),
            masked,
        }
    }
}

impl From<EventLive> for LiveEvent {
    fn from(live: EventLive) -> Self {
        let (state, explained) = (live.answer.word().to_owned(), live.answer.told());
        let broker_starts_at = match &live.answer {
            LiveAnswer::Gone { starts } => starts.map(|at| at.to_string()),
            _ => None,
        };
        let content = match live.answer {
            LiveAnswer::Read(shown) => Some((*shown).into()),
            _ => None,
        };
        Self { event: live.event.into(), read_at: live.read_at.into(), state, explained, broker_starts_at, content }
    }
}

/// Read an event from its broker
///
/// Where key, headers and payload are not stored (`absent` is `metadata_only` or `expired`), the broker may still have
/// them at the event's position. Nothing is stored of what is read so. An event whose content is stored is refused.
#[utoipa::path(
    get,
    path = "/api/v1/events/{id}/live",
    operation_id = "events_live",
    tag = "events",
    params(("id" = String, Path, description = "The event's id.", example = "12-4711")),
    responses(
        (status = 200, description = "What the broker has of it now.", body = LiveEvent),
        (status = 409, description = "Its content is stored."),
    ),
)]
pub async fn live(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<LiveEvent>, Problem> {
    Asked::nothing(&uri)?;
    let nothing = || Problem::not_found("event");
    let id = id.parse().map_err(|_| nothing())?;
    let found = program.told(site.cases.events.live(&program.caller, id).await)?;
    Ok(Json(found.ok_or_else(nothing)?.into()))
}
