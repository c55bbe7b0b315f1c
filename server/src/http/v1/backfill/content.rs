use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_cases::backfill::ContentStanding;
use weir_domain::{
    ChannelId,
    backfill::{ContentFill, Lacking, Times},
    events::TimeRange,
};

use super::act::{BackfillStanding, named, standing};
use crate::http::{
    site::Site,
    v1::{
        asked::Asked,
        bearer::Program,
        given::{Given, Nothing},
        problem::Problem,
        shared::{ChannelRef, Time},
    },
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is written down for the documentation; the handler reads the parameters")]
pub struct Counted {
    /// With `to`: what lacks content is counted from here on, by the times that events sort by.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-11-22T08:00:00Z")]
    from: Option<String>,
    /// To before this time.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-11-22T10:00:00Z")]
    to: Option<String>,
}

/// What to fill, and how fast.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContentRange {
    /// The time of the first event.
    pub from: Time,
    /// A time after the last.
    pub to: Time,
    /// Bytes a second taken from the broker; besides, reads beside capture stay within their part of the source's cap.
    #[schema(example = 1_000_000, minimum = 65_536, maximum = 1_073_741_824)]
    pub bytes_per_s: u64,
}

/// The filling of the content of a channel's range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FilledContent {
    pub channel: ChannelRef,
    /// The range, by the times that events sort by.
    pub from: Time,
    pub to: Time,
    /// `running`, `paused`, `stopped`, `done` or `failed`.
    #[schema(example = "running")]
    pub state: String,
    /// Why it does not go on, if it does not.
    pub reason: Option<String>,
    pub bytes_per_s: u64,
    /// Who asked for it; `null` if their account is gone.
    pub asked_by: Option<String>,
    pub asked_at: Time,
    pub changed_at: Time,
    /// Events that lacked content when it was begun; `null`: too many to be counted.
    pub lacking: Option<u64>,
    /// Events whose content was filled, and its bytes before they were packed.
    pub events: u64,
    pub raw_bytes: u64,
    /// Events that the broker has no more.
    pub gone: u64,
    /// Events at whose position the broker has something else; they were left as they are.
    pub other: u64,
    /// Events that were left as they are because what is stored beside them can't be read.
    pub unreadable: u64,
}

/// What is stored of a range without its content, and may have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LackingContent {
    pub from: Time,
    pub to: Time,
    pub events: u64,
    /// Of their keys, headers and payloads.
    pub raw_bytes: u64,
    /// False: counting came to its bounds, and there is more.
    pub whole: bool,
    /// Events of the channel were erased before. An erasure finds events by their content: those that had none by then were
    /// not found, and filling stores them, if the broker still has them.
    pub erased_before: bool,
}

/// How the content of a channel stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChannelContent {
    pub channel: ChannelRef,
    /// What is filled, or was last.
    pub fill: Option<FilledContent>,
    /// What lacks content, if `from` and `to` were given.
    pub lacking: Option<LackingContent>,
}

impl From<ContentFill> for FilledContent {
    fn from(f: ContentFill) -> Self {
        Self {
            channel: ChannelRef { id: f.channel.to_string(), name: f.name },
            from: f.times.from.into(),
            to: f.times.to.into(),
            state: f.state.as_str().to_owned(),
            reason: f.reason,
            bytes_per_s: f.bytes_per_s,
            asked_by: f.asked_by,
            asked_at: f.asked_at.into(),
            changed_at: f.changed_at.into(),
            lacking: f.lacking,
            events: f.done.events,
            raw_bytes: f.done.raw_bytes,
            gone: f.done.gone,
            other: f.done.other,
            unreadable: f.done.unreadable,
        }
    }
}

impl From<(Times, Lacking)> for LackingContent {
    fn from((times, found): (Times, Lacking)) -> Self {
        Self {
            from: times.from.into(),
            to: times.to.into(),
            events: found.events,
            raw_bytes: found.raw_bytes,
            whole: found.whole,
            erased_before: found.erased_before,
        }
    }
}

impl From<ContentStanding> for ChannelContent {
    fn from(s: ContentStanding) -> Self {
        Self {
            channel: ChannelRef { id: s.channel.to_string(), name: s.name },
            fill: s.fill.map(FilledContent::from),
            lacking: s.lacking.map(LackingContent::from),
        }
    }
}

/// See how the content of a channel stands
///
/// With `from` and `to`: how much is stored of the range without its content and may have it. What was erased, or must never
/// be stored, is left out.
#[utoipa::path(
    get,
    path = "/api/v1/channels/{id}/content",
    operation_id = "backfill_content",
    tag = "sources",
    params(("id" = String, Path, description = "The channel's id.", example = "17"), Counted),
    responses((status = 200, description = "How it stands.", body = ChannelContent)),
)]
pub async fn detail(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<ChannelContent>, Problem> {
    let mut asked = Asked::of(&uri)?;
    let range = TimeRange { from: asked.time("from")?, to: asked.time("to")? };
    asked.end()?;
    let range = (range != TimeRange::default()).then_some(range);
    let found = program.told(site.cases.backfill.content(&program.caller, named(&id)?, range).await)?;
    Ok(Json(found.ok_or_else(|| Problem::not_found("channel"))?.into()))
}

/// Fill the content of a channel's range
///
/// Reads from the broker what it still has of events that are stored without their content, and stores it where the record
/// agrees with what is known of the event. What had no content when a key or value was erased was not found by that erasure,
/// and may come back (`erased_before`). Asked again with the same range, it goes on where it ended, or changes the rate.
#[utoipa::path(
    post,
    path = "/api/v1/channels/{id}/content",
    operation_id = "backfill_fill_content",
    tag = "sources",
    params(("id" = String, Path, description = "The channel's id.", example = "17")),
    request_body = ContentRange,
    responses((status = 200, description = "It runs.", body = BackfillStanding)),
)]
pub async fn fill(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(wanted): Given<ContentRange>,
) -> Result<Json<BackfillStanding>, Problem> {
    Asked::nothing(&uri)?;
    let id: ChannelId = named(&id)?;
    let range = TimeRange { from: Some(wanted.from.0), to: Some(wanted.to.0) };
    let done = site.cases.backfill.fill_content(&program.caller, id, range, wanted.bytes_per_s).await;
    standing(id, program.told(done)?, "running")
}

/// Pause the filling of a channel's content
///
/// It stands still within a second.
#[utoipa::path(
    post,
    path = "/api/v1/channels/{id}/content/pause",
    operation_id = "backfill_pause_content",
    tag = "sources",
    params(("id" = String, Path, description = "The channel's id.", example = "17")),
    request_body = Nothing,
    responses((status = 200, description = "It stands still.", body = BackfillStanding)),
)]
pub async fn pause(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(Nothing {}): Given<Nothing>,
) -> Result<Json<BackfillStanding>, Problem> {
    Asked::nothing(&uri)?;
    let id = named(&id)?;
    standing(id, program.told(site.cases.backfill.pause_content(&program.caller, id).await)?, "paused")
}

/// Stop the filling of a channel's content
///
/// What was filled stays.
#[utoipa::path(
    post,
    path = "/api/v1/channels/{id}/content/stop",
    operation_id = "backfill_stop_content",
    tag = "sources",
    params(("id" = String, Path, description = "The channel's id.", example = "17")),
    request_body = Nothing,
    responses((status = 200, description = "It is stopped.", body = BackfillStanding)),
)]
pub async fn stop(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(Nothing {}): Given<Nothing>,
) -> Result<Json<BackfillStanding>, Problem> {
    Asked::nothing(&uri)?;
    let id = named(&id)?;
    standing(id, program.told(site.cases.backfill.stop_content(&program.caller, id).await)?, "stopped")
}
