use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_domain::{
    Timestamp,
    lag::{Chunk, Thinned, Tick},
};

use super::{absent, named};
use crate::http::{
    site::Site,
    v1::{asked::Asked, bearer::Program, kinds::INVALID, problem::Problem, shared::Time},
};

/// Observations of one answer.
const MOST: u32 = 5_000;
const USUAL: u32 = 500;
/// Positions of one answer: a channel of many partitions has fewer observations.
const MOST_PLACES: usize = 200_000;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is written down for the documentation; the handler reads the parameters")]
pub struct Stretch {
    /// A channel that the group reads.
    #[param(example = "order.placed")]
    channel: String,
    /// From this moment on.
    #[param(value_type = String, format = DateTime, example = "2026-11-22T08:00:00Z")]
    from: String,
    /// Up to this moment.
    #[param(value_type = String, format = DateTime, example = "2026-11-22T10:00:00Z")]
    to: String,
    /// Observations, at most; evenly left out beyond them, the last is told. 500 if left out.
    #[param(minimum = 1, maximum = 5000)]
    most: Option<u32>,
}

/// Where a group stood on a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ObservedPlace {
    pub partition: i32,
    /// Next position to be read; `null`: not committed, or not known.
    #[schema(example = "4711")]
    pub next: Option<String>,
    /// Where the partition ended.
    pub end: Option<String>,
    pub lag: Option<u64>,
}

/// How a group stood at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupObservation {
    pub at: Time,
    /// Unread events in all partitions of which that is known.
    pub lag: Option<u64>,
    /// Of the partition that was furthest behind in time.
    pub time_lag_ms: Option<u64>,
    pub partitions: Vec<ObservedPlace>,
}

/// How a group stood on a channel, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupHistory {
    pub channel: String,
    pub observations: Vec<GroupObservation>,
    /// Observations that were left out between these.
    pub left_out: u64,
}

/// See how a consumer group stood
///
/// Of the last hours every observation, before that every five minutes, for 90 days.
#[utoipa::path(
    get,
    path = "/api/v1/groups/{id}/history",
    operation_id = "lag_history",
    tag = "lag",
    params(("id" = String, Path, description = "The group's id.", example = "42"), Stretch),
    responses((status = 200, description = "Its past.", body = GroupHistory)),
)]
pub async fn history(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<GroupHistory>, Problem> {
    let id = named(&id)?;
    let mut asked = Asked::of(&uri)?;
    let missing = |name: &str| Problem::new(INVALID, format!("The parameter {name:?} is missing."), "Give it.");
    let channel = asked.text("channel")?.ok_or_else(|| missing("channel"))?;
    let from: Timestamp = asked.time("from")?.ok_or_else(|| missing("from"))?;
    let to = asked.time("to")?.ok_or_else(|| missing("to"))?;
    let most = asked.number("most", 1..=MOST)?.unwrap_or(USUAL) as usize;
    asked.end()?;
    if from > to {
        return Err(Problem::new(INVALID, "The time \"from\" is after \"to\".", "Exchange them."));
    }
    let found =
        program.told(site.cases.lag.history(&program.caller, id, &channel, (from, to), (most, MOST_PLACES)).await)?;
    Ok(Json(told(channel, &found.ok_or_else(absent)?)))
}

fn told(channel: String, thinned: &Thinned) -> GroupHistory {
    let observations = thinned.chunks.iter().flat_map(ticks).collect();
    GroupHistory { channel, left_out: thinned.left_out, observations }
}

fn ticks(chunk: &Chunk) -> Vec<GroupObservation> {
    chunk.ticks.iter().map(|tick| observation(chunk, tick)).collect()
}

fn observation(chunk: &Chunk, tick: &Tick) -> GroupObservation {
    let place = |(partition, place): (&i32, &weir_domain::lag::Place)| ObservedPlace {
        partition: *partition,
        next: place.next.map(|p| p.to_string()),
        end: place.end.map(|p| p.to_string()),
        lag: place.lag,
    };
    GroupObservation {
        at: tick.at.into(),
        lag: tick.lag(),
        time_lag_ms: tick.time_lag_ms,
        partitions: chunk.partitions.iter().zip(&tick.places).map(place).collect(),
    }
}
