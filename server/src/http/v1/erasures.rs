//! Erasures and holds. Approving is a person's, who signs in: it has no route.

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_cases::holds::{list::HoldShown, place::Wanted};
use weir_domain::{
    CaseError, ErasureId, HoldId,
    erasures::{Counted, Erasure, ErasurePage, Subject, SubjectKind},
    events::TimeRange,
    holds::Held,
};

use super::{
    asked::Asked,
    bearer::Program,
    given::{Given, Nothing},
    problem::Problem,
    shared::Time,
};
use crate::http::site::Site;

/// A request that a subject be taken out of the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErasureRequest {
    #[schema(example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")]
    pub id: String,
    /// `key`, `value` or `events`.
    #[schema(example = "key")]
    pub kind: String,
    /// `counting`, `waiting`, `running`, `cleaning`, `done`, `declined`, `withdrawn` or `expired`.
    #[schema(example = "waiting")]
    pub state: String,
    /// How many channels it is about; null: every one.
    pub channels: Option<u32>,
    pub reason: String,
    pub asked_by: String,
    pub asked_at: Time,
    /// Undecided, it ends then.
    pub ends_at: Time,
    /// Who approved, declined or withdrew it.
    pub decided_by: Option<String>,
    pub decided_at: Option<Time>,
    /// What was said to a refusal.
    pub word: Option<String>,
    pub ended_at: Option<Time>,
    /// Events erased so far.
    pub erased: u64,
    /// Events left because a hold keeps them.
    pub left_held: u64,
    /// Blocks that can't be read: nothing was erased in them.
    pub unreadable_blocks: u64,
    /// Saved searches, and links to searches, that name it: found, or removed.
    pub saved_searches: u32,
}

/// Requests, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErasureRequests {
    pub erasures: Vec<ErasureRequest>,
}

/// What was counted in one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErasureCount {
    #[schema(example = "7")]
    pub channel_id: String,
    pub channel: String,
    pub events: u64,
    /// Of them: whose bytes are gone already.
    pub without_bytes: u64,
    /// Of them: which a hold keeps.
    pub held: u64,
    pub first: Option<Time>,
    pub last: Option<Time>,
}

/// A request with what was counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErasureShown {
    pub erasure: ErasureRequest,
    /// By channel, of those that may be seen.
    pub counted: Vec<ErasureCount>,
    /// Events counted in other channels.
    pub elsewhere: u64,
    /// What is to be erased, for who sees all of its channels; null: forgotten, or not to be seen.
    pub subject: Option<String>,
    /// Names of holds that keep some of it.
    pub holds: Vec<String>,
}

/// What is to be erased, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewErasureRequest {
    /// `key`: every event with it; `value`: every event that holds it as a word or phrase; `events`: by their ids.
    #[schema(example = "key")]
    pub kind: String,
    /// The whole key (`hex:` before bytes), a word or phrase, or ids of events with white space between.
    #[schema(example = "customer-4711", min_length = 1, max_length = 131072)]
    pub subject: String,
    /// Names of channels, or ids behind `#`; none: every channel.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub channels: Vec<String>,
    /// Stays with the erased events: without the subject itself.
    #[schema(example = "Request 2026-118", min_length = 1, max_length = 500)]
    pub reason: String,
}

/// Why not.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ErasureWord {
    #[schema(example = "Not their key", min_length = 1, max_length = 300)]
    pub word: String,
}

/// It is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErasureActed {
    /// Of the erasure.
    pub id: String,
}

/// Events that stay past their retention, and that nobody erases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LegalHold {
    #[schema(example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")]
    pub id: String,
    #[schema(example = "Case 2026-12")]
    pub name: String,
    /// `channel`, `key` or `events`.
    #[schema(example = "channel")]
    pub kind: String,
    /// Of a channel that may be seen.
    pub channel: Option<String>,
    pub from: Option<Time>,
    pub to: Option<Time>,
    /// Of single events: their ids.
    pub events: Vec<String>,
    pub reason: String,
    pub placed_by: String,
    pub placed_at: Time,
    pub ends_at: Time,
    /// Ended early.
    pub ended_at: Option<Time>,
    pub ended_by: Option<String>,
    pub stands: bool,
    /// Bytes on disk that it keeps past their retention.
    pub kept_bytes: u64,
}

/// Those that stand, then those that have ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LegalHolds {
    pub holds: Vec<LegalHold>,
}

/// What is to be kept, until when and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLegalHold {
    #[schema(example = "Case 2026-12", min_length = 1, max_length = 100)]
    pub name: String,
    /// `channel`, `key` or `events`.
    #[schema(example = "channel")]
    pub kind: String,
    /// The name of a channel (or its id behind `#`), a key, or ids of events with white space between.
    #[schema(example = "orders.placed", min_length = 1, max_length = 131072)]
    pub what: String,
    /// Of a channel: only what lies from then on.
    pub from: Option<Time>,
    /// Of a channel: only what lies before.
    pub to: Option<Time>,
    pub ends_at: Time,
    #[schema(example = "Court order 17", min_length = 1, max_length = 500)]
    pub reason: String,
}

/// It is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HoldActed {
    /// Of the hold.
    pub id: String,
}

impl From<Erasure> for ErasureRequest {
    fn from(e: Erasure) -> Self {
        Self {
            id: e.id.0,
            kind: e.kind.as_str().into(),
            state: e.state.as_str().into(),
            channels: e.channels.map(|all| u32::try_from(all.len()).unwrap_or(u32::MAX)),
            reason: e.reason,
            asked_by: e.asked_name,
            asked_at: e.asked_at.into(),
            ends_at: e.ends_at.into(),
            decided_by: e.decided_name,
            decided_at: e.decided_at.map(Into::into),
            word: Some(e.word).filter(|w| !w.is_empty()),
            ended_at: e.ended_at.map(Into::into),
            erased: e.erased,
            left_held: e.left_held,
            unreadable_blocks: e.unreadable,
            saved_searches: e.searches,
        }
    }
}

impl From<(String, Counted)> for ErasureCount {
    fn from((channel, c): (String, Counted)) -> Self {
        // Of a block that outlived its rows no time is known.
        let known = c.first <= c.last;
        Self {
            channel_id: c.channel.to_string(),
            channel,
            events: c.events,
            without_bytes: c.bare,
            held: c.held,
            first: known.then(|| c.first.into()),
            last: known.then(|| c.last.into()),
        }
    }
}

impl From<ErasurePage> for ErasureShown {
    fn from(page: ErasurePage) -> Self {
        Self {
            erasure: page.request.into(),
            counted: page.counted.into_iter().map(Into::into).collect(),
            elsewhere: page.elsewhere,
            subject: page.subject,
            holds: page.holds,
        }
    }
}

impl LegalHold {
    fn of(shown: HoldShown, now: weir_domain::Timestamp) -> Self {
        let stands = shown.hold.stands(now);
        let hold = shown.hold;
        let kind = hold.held.kind().into();
        let (from, to, events) = match hold.held {
            Held::Channel { from, to, .. } => (from, to, Vec::new()),
            Held::Key(_) => (None, None, Vec::new()),
            Held::Events(ids) => (None, None, ids.iter().map(ToString::to_string).collect()),
        };
        Self {
            id: hold.id.0,
            name: hold.name,
            kind,
            channel: shown.channel_name,
            from: from.map(Into::into),
            to: to.map(Into::into),
            events,
            reason: hold.reason,
            placed_by: hold.made_name,
            placed_at: hold.made_at.into(),
            ends_at: hold.ends_at.into(),
            ended_at: hold.ended_at.map(Into::into),
            ended_by: hold.ended_name,
            stands,
            kept_bytes: hold.pinned_bytes,
        }
    }
}

/// List erasures
///
/// Those asked for last, newest first, without what they are to erase.
#[utoipa::path(
    get,
    path = "/api/v1/erasures",
    operation_id = "erasures_list",
    tag = "erasures",
    responses((status = 200, description = "The requests.", body = ErasureRequests)),
)]
pub async fn list(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
) -> Result<Json<ErasureRequests>, Problem> {
    Asked::nothing(&uri)?;
    let all = program.told(site.cases.erasures.list(&program.caller).await)?;
    Ok(Json(ErasureRequests { erasures: all.into_iter().map(Into::into).collect() }))
}

/// Read an erasure
///
/// With what was counted. Approving it is for a person who signs in to the console.
#[utoipa::path(
    get,
    path = "/api/v1/erasures/{id}",
    operation_id = "erasures_detail",
    tag = "erasures",
    params(("id" = String, Path, description = "The erasure's id.", example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")),
    responses((status = 200, description = "The request.", body = ErasureShown)),
)]
pub async fn detail(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<ErasureShown>, Problem> {
    Asked::nothing(&uri)?;
    let found = program.told(site.cases.erasures.detail(&program.caller, &ErasureId(id)).await)?;
    found.map(|page| Json(page.into())).ok_or_else(|| Problem::not_found("erasure"))
}

/// Ask for an erasure
///
/// What it would erase is counted; then a second person decides, on the console.
#[utoipa::path(
    post,
    path = "/api/v1/erasures",
    operation_id = "erasures_ask",
    tag = "erasures",
    request_body = NewErasureRequest,
    responses((status = 200, description = "It is asked for.", body = ErasureActed)),
)]
pub async fn ask(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
    Given(new): Given<NewErasureRequest>,
) -> Result<Json<ErasureActed>, Problem> {
    Asked::nothing(&uri)?;
    let subject = SubjectKind::parse(&new.kind)
        .ok_or_else(|| invalid("There is no such kind of erasure.", "Use key, value or events."))
        .and_then(|kind| Subject::read(kind, &new.subject));
    let subject = program.told(subject)?;
    let asked = site.cases.erasures.ask(&program.caller, &subject, &new.channels, &new.reason).await;
    Ok(Json(ErasureActed { id: program.told(asked)?.0 }))
}

/// Decline an erasure
#[utoipa::path(
    post,
    path = "/api/v1/erasures/{id}/decline",
    operation_id = "erasures_decline",
    tag = "erasures",
    params(("id" = String, Path, description = "The erasure's id.", example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")),
    request_body = ErasureWord,
    responses((status = 200, description = "It is declined.", body = ErasureActed)),
)]
pub async fn decline(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(ErasureWord { word }): Given<ErasureWord>,
) -> Result<Json<ErasureActed>, Problem> {
    Asked::nothing(&uri)?;
    let id = ErasureId(id);
    let done = program.told(site.cases.erasures.decline(&program.caller, &id, &word).await)?;
    acted(done, id)
}

/// Withdraw an erasure of one's own
#[utoipa::path(
    post,
    path = "/api/v1/erasures/{id}/withdraw",
    operation_id = "erasures_withdraw",
    tag = "erasures",
    params(("id" = String, Path, description = "The erasure's id.", example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")),
    request_body = Nothing,
    responses((status = 200, description = "It is withdrawn.", body = ErasureActed)),
)]
pub async fn withdraw(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(Nothing {}): Given<Nothing>,
) -> Result<Json<ErasureActed>, Problem> {
    Asked::nothing(&uri)?;
    let id = ErasureId(id);
    let done = program.told(site.cases.erasures.withdraw(&program.caller, &id).await)?;
    acted(done, id)
}

/// List holds
#[utoipa::path(
    get,
    path = "/api/v1/holds",
    operation_id = "holds_list",
    tag = "erasures",
    responses((status = 200, description = "The holds.", body = LegalHolds)),
)]
pub async fn holds(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
) -> Result<Json<LegalHolds>, Problem> {
    Asked::nothing(&uri)?;
    let (all, now) = program.told(site.cases.holds.list(&program.caller).await)?;
    Ok(Json(LegalHolds { holds: all.into_iter().map(|hold| LegalHold::of(hold, now)).collect() }))
}

/// Place a hold
#[utoipa::path(
    post,
    path = "/api/v1/holds",
    operation_id = "holds_place",
    tag = "erasures",
    request_body = NewLegalHold,
    responses((status = 200, description = "It stands.", body = HoldActed)),
)]
pub async fn place(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
    Given(new): Given<NewLegalHold>,
) -> Result<Json<HoldActed>, Problem> {
    Asked::nothing(&uri)?;
    let wanted = program.told(wanted(&new))?;
    let placed = site.cases.holds.place(&program.caller, &new.name, &wanted, &new.reason, new.ends_at.0).await;
    Ok(Json(HoldActed { id: program.told(placed)?.0 }))
}

fn wanted(new: &NewLegalHold) -> Result<Wanted, CaseError> {
    let range = TimeRange::new(new.from.map(|t| t.0), new.to.map(|t| t.0))
        .map_err(|_| invalid("The range ends before it begins.", "Put the earlier time first."))?;
    match new.kind.as_str() {
        "channel" => Ok(Wanted::Channel { name: new.what.trim().to_owned(), range }),
        _ if range != TimeRange::default() => {
            Err(invalid("Only a hold of a channel has a range.", "Leave out from and to."))
        }
        "key" => Ok(Wanted::Key(new.what.clone())),
        "events" => Ok(Wanted::Events(new.what.clone())),
        _ => Err(invalid("There is no such kind of hold.", "Use channel, key or events.")),
    }
}

/// End a hold before its day
#[utoipa::path(
    post,
    path = "/api/v1/holds/{id}/end",
    operation_id = "holds_end",
    tag = "erasures",
    params(("id" = String, Path, description = "The hold's id.", example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")),
    request_body = Nothing,
    responses((status = 200, description = "It has ended.", body = HoldActed)),
)]
pub async fn end(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(Nothing {}): Given<Nothing>,
) -> Result<Json<HoldActed>, Problem> {
    Asked::nothing(&uri)?;
    let id = HoldId(id);
    match program.told(site.cases.holds.end(&program.caller, &id).await)? {
        true => Ok(Json(HoldActed { id: id.0 })),
        false => Err(Problem::not_found("hold")),
    }
}

fn acted(done: bool, id: ErasureId) -> Result<Json<ErasureActed>, Problem> {
    if done { Ok(Json(ErasureActed { id: id.0 })) } else { Err(Problem::not_found("erasure")) }
}

fn invalid(what: &str, what_to_do: &str) -> CaseError {
    CaseError::Invalid { what: what.into(), what_to_do: what_to_do.into() }
}
