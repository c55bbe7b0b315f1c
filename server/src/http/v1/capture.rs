//! What is captured of channels, and what they cost.

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_domain::{
    ChannelId, SourceId,
    capture::{CaptureMode, ChannelCapture, ChannelPolicy, GivenUp},
};

use super::{
    asked::Asked,
    bearer::Program,
    given::Given,
    kinds::INVALID,
    problem::Problem,
    shared::{ChannelRef, InEnvironment, SourceRef, Time},
};
use crate::http::site::Site;

/// What is kept of a channel's events, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeptOfChannel {
    /// `full`, `metadata`, `sampled` or `off`. (`failures_only` will come with what recognises failures.)
    #[schema(example = "sampled")]
    pub capture: String,
    /// Of a sample: of so many of a thousand keys everything is kept, of the others metadata. 1 to 999.
    #[serde(default)]
    #[schema(example = 100, minimum = 1, maximum = 999)]
    pub sample_per_mille: Option<u16>,
    /// 1, 7, 30, 90 or 400; at most as many as those of metadata.
    #[schema(example = 7)]
    pub payload_days: i16,
    /// 1, 7, 30, 90 or 400.
    #[schema(example = 30)]
    pub metadata_days: i16,
    /// The most bytes of payload blocks: above it the oldest are deleted. `null`: no limit.
    #[serde(default)]
    #[schema(example = 5_000_000_000_u64, minimum = 1_000_000)]
    pub payload_limit_bytes: Option<u64>,
    /// When the channel gives way as the store's budget fills: 1 first, 9 last. Left out of a change: as it is.
    #[serde(default)]
    #[schema(example = 5, minimum = 1, maximum = 9)]
    pub turn: Option<u8>,
    /// An event without payload erases the earlier ones of its key. It is switched on in the browser, by somebody who signed
    /// in and may erase. Left out of a change: as it is.
    #[serde(default)]
    #[schema(example = false)]
    pub erase_on_tombstone: Option<bool>,
}

/// Payloads that were deleted before their retention had passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PayloadsGivenUp {
    /// `limit`: they were more than the channel may have. `retention`: it was made shorter. `budget`: the store's was used up.
    #[schema(example = "limit")]
    pub by: String,
    pub first: Time,
    pub last: Time,
    /// Of payload blocks.
    pub bytes: u64,
    /// The limit or the budget in bytes then, or the days.
    pub allowed: u64,
}

/// A channel: what is kept of it and what it costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CapturedChannel {
    pub channel: ChannelRef,
    pub source: SourceRef,
    pub policy: KeptOfChannel,
    /// How far the source's owner lets Weir go: `full`, `metadata` or `off`.
    #[schema(example = "full")]
    pub ceiling: String,
    /// What comes out of the two: `full`, `metadata`, `sampled` or `off`.
    #[schema(example = "sampled")]
    pub effective: String,
    /// When the policy was last changed; `null`: never.
    pub changed: Option<Time>,
    /// The name of whoever did, if they are still known.
    pub changed_by: Option<String>,
    /// Bytes of its payload blocks on disk, compressed.
    pub payload_bytes: u64,
    /// Its part, by number of events, of the tables of metadata with their indexes.
    pub metadata_bytes: u64,
    /// Events stored.
    pub events: u64,
    /// By the last 24 h, or since capture began; `null`: too short to tell.
    pub events_per_day: Option<u64>,
    pub payload_bytes_per_day: Option<u64>,
    pub metadata_bytes_per_day: Option<u64>,
    /// An estimate: what it comes to once as much goes as comes, at the rate of the last day; `null`: unknown.
    pub steady_bytes: Option<u64>,
    /// Within the last 24 h.
    pub given_up: Vec<PayloadsGivenUp>,
    /// Its payloads are not kept since then, because the store's budget is used up; `null`: they are, as the policy says.
    pub over_budget_since: Option<Time>,
}

/// Channels, those that cost most first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CapturedChannels {
    pub channels: Vec<CapturedChannel>,
    /// Channels that this token may not see.
    pub hidden_channels: u32,
}

/// What is to be kept of a channel from now on: all of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaptureChange {
    #[serde(deserialize_with = "super::given::object")]
    pub policy: KeptOfChannel,
    /// The policy as it was read. Is it another one now, then nothing is changed. Left out: whatever it is.
    #[serde(default, deserialize_with = "super::given::object_or_null")]
    pub seen: Option<KeptOfChannel>,
}

/// It is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CaptureChanged {
    /// Of the channel.
    #[schema(example = "3")]
    pub id: String,
}

impl From<ChannelPolicy> for KeptOfChannel {
    fn from(policy: ChannelPolicy) -> Self {
        Self {
            capture: policy.mode.as_str().to_owned(),
            sample_per_mille: policy.mode.per_mille(),
            payload_days: policy.payload_days,
            metadata_days: policy.metadata_days,
            payload_limit_bytes: policy.payload_limit,
            turn: Some(policy.turn),
            erase_on_tombstone: Some(policy.erase_on_tombstone),
        }
    }
}

impl KeptOfChannel {
    /// `now`: for what it leaves out.
    fn read(&self, now: &ChannelPolicy) -> Result<ChannelPolicy, Problem> {
        let mode = CaptureMode::parse(&self.capture, self.sample_per_mille).ok_or_else(|| {
            Problem::new(
                INVALID,
                "capture and sample_per_mille don't go together, or are not known.",
                "Send full, metadata or off alone, or sampled with sample_per_mille from 1 to 999.",
            )
        })?;
        Ok(ChannelPolicy {
            mode,
            payload_days: self.payload_days,
            metadata_days: self.metadata_days,
            payload_limit: self.payload_limit_bytes,
            turn: self.turn.unwrap_or(now.turn),
            erase_on_tombstone: self.erase_on_tombstone.unwrap_or(now.erase_on_tombstone),
        })
    }
}

impl From<GivenUp> for PayloadsGivenUp {
    fn from(g: GivenUp) -> Self {
        Self {
            by: g.by.as_str().to_owned(),
            first: g.first_at.into(),
            last: g.last_at.into(),
            bytes: g.bytes,
            allowed: g.allowed,
        }
    }
}

impl From<ChannelCapture> for CapturedChannel {
    fn from(c: ChannelCapture) -> Self {
        let (effective, steady_bytes) = (c.effective().as_str().to_owned(), c.steady());
        let (changed, changed_by) = c.changed.map_or((None, None), |(at, by)| (Some(at.into()), by));
        Self {
            channel: ChannelRef { id: c.channel.to_string(), name: c.name },
            source: SourceRef { id: c.source.to_string(), name: c.source_name, kind: c.source_kind },
            policy: c.policy.into(),
            ceiling: c.ceiling,
            effective,
            changed,
            changed_by,
            payload_bytes: c.cost.payload_bytes,
            metadata_bytes: c.cost.metadata_bytes,
            events: c.cost.events,
            events_per_day: c.cost.events_per_day,
            payload_bytes_per_day: c.cost.payload_per_day,
            metadata_bytes_per_day: c.cost.metadata_per_day,
            steady_bytes,
            given_up: c.given_up.into_iter().map(Into::into).collect(),
            over_budget_since: c.withheld.map(Into::into),
        }
    }
}

/// The channel that a path names; what is no id names none.
fn named(id: &str) -> Result<ChannelId, Problem> {
    id.parse().map_err(|_| Problem::not_found("channel"))
}

/// List what is captured and what it costs
///
/// Every channel that the token may see, those that take most of the disk first.
#[utoipa::path(
    get,
    path = "/api/v1/capture",
    operation_id = "capture_list",
    tag = "capture",
    params(
        ("source" = Option<String>, Query, description = "A source, by its id. Left out: all.", example = "3"),
        InEnvironment,
    ),
    responses((status = 200, description = "The channels.", body = CapturedChannels)),
)]
pub async fn list(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
) -> Result<Json<CapturedChannels>, Problem> {
    let mut asked = Asked::of(&uri)?;
    asked.text("env")?;
    let wrong =
        || Problem::new(INVALID, "The parameter \"source\" is no id.", "Give the id of a source, see /api/v1/sources.");
    let source: Option<SourceId> = asked.text("source")?.map(|id| id.parse().map_err(|_| wrong())).transpose()?;
    asked.end()?;
    let found = program.told(site.cases.capture.list(&program.caller, source).await)?;
    Ok(Json(CapturedChannels {
        channels: found.channels.into_iter().map(Into::into).collect(),
        hidden_channels: found.hidden_channels,
    }))
}

/// Read what is captured of a channel and what it costs
#[utoipa::path(
    get,
    path = "/api/v1/channels/{id}/capture",
    operation_id = "capture_detail",
    tag = "capture",
    params(("id" = String, Path, description = "The channel's id.", example = "3")),
    responses((status = 200, description = "The channel.", body = CapturedChannel)),
)]
pub async fn detail(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<CapturedChannel>, Problem> {
    Asked::nothing(&uri)?;
    let id = named(&id)?;
    let found = program.told(site.cases.capture.detail(&program.caller, id).await)?;
    Ok(Json(found.ok_or_else(|| Problem::not_found("channel"))?.capture.into()))
}

/// Change what is captured of a channel
///
/// It holds for what is captured from 10 s on. Payloads above a new limit or older than a shorter retention are deleted
/// within minutes. A channel that was off goes on at the end of its log, with a gap.
#[utoipa::path(
    post,
    path = "/api/v1/channels/{id}/capture",
    operation_id = "capture_set",
    tag = "capture",
    params(("id" = String, Path, description = "The channel's id.", example = "3")),
    request_body = CaptureChange,
    responses((status = 200, description = "It is changed.", body = CaptureChanged)),
)]
pub async fn set(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(change): Given<CaptureChange>,
) -> Result<Json<CaptureChanged>, Problem> {
    Asked::nothing(&uri)?;
    // What can't be read is told, whichever channel it is for.
    change.policy.read(&ChannelPolicy::DEFAULT)?;
    let id = named(&id)?;
    let left_out = |kept: &KeptOfChannel| kept.turn.is_none() || kept.erase_on_tombstone.is_none();
    let now = match left_out(&change.policy) || change.seen.as_ref().is_some_and(left_out) {
        false => ChannelPolicy::DEFAULT,
        true => {
            let found = program.told(site.cases.capture.detail(&program.caller, id).await)?;
            found.ok_or_else(|| Problem::not_found("channel"))?.capture.policy
        }
    };
    let policy = change.policy.read(&now)?;
    let seen = change.seen.as_ref().map(|seen| seen.read(&now)).transpose()?;
    match program.told(site.cases.capture.set(&program.caller, id, seen.as_ref(), &policy).await)? {
        true => Ok(Json(CaptureChanged { id: id.to_string() })),
        false => Err(Problem::not_found("channel")),
    }
}
