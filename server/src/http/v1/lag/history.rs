use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_domain::{
    Timestamp,
    lag::{Chunk, Tick},
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
    let found = program.told(site.cases.lag.history(&program.caller, id, &channel, (from, to)).await)?;
    Ok(Json(told(channel, found.ok_or_else(absent)?, most)))
}

/// Evenly thinned, to what an answer may hold.
fn told(channel: String, chunks: Vec<Chunk>, most: usize) -> GroupHistory {
    let all: usize = chunks.iter().map(|c| c.ticks.len()).sum();
    let widest = chunks.iter().map(|c| c.partitions.len()).max().unwrap_or(0).max(1);
    let most = most.min(MOST_PLACES / widest).max(1);
    let step = all.div_ceil(most).max(1);
    let ticks = chunks.iter().flat_map(|c| c.ticks.iter().map(move |tick| (c, tick)));
    // Counted from the end, so that the last one is told.
    let kept = ticks.enumerate().filter(|(i, _)| (all - 1 - i) % step == 0);
    let observations: Vec<_> = kept.map(|(_, (chunk, tick))| observation(chunk, tick)).collect();
    GroupHistory { channel, left_out: (all - observations.len()) as u64, observations }
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

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::lag::Place;

    fn chunk(ticks: i64, partitions: i32) -> Chunk {
        let places = (0..partitions).map(|_| Place::between(Some(5), Some(9))).collect::<Vec<_>>();
        let tick = |n| Tick { at: Timestamp(n), time_lag_ms: None, places: places.clone() };
        Chunk { partitions: (0..partitions).collect(), ticks: (0..ticks).map(tick).collect() }
    }

    #[test]
    fn what_is_too_much_is_thinned_and_the_last_is_told() {
        let times = |h: &GroupHistory| h.observations.iter().map(|o| o.at.0.0).collect::<Vec<_>>();
        let whole = told("c".into(), vec![chunk(3, 2)], 10);
        assert_eq!((times(&whole), whole.left_out, whole.observations[0].lag), (vec![0, 1, 2], 0, Some(8)));
        let thinned = told("c".into(), vec![chunk(10, 1)], 4);
        assert_eq!((times(&thinned), thinned.left_out), (vec![0, 3, 6, 9], 6));
        assert_eq!(times(&told("c".into(), vec![chunk(10, 1)], 1)), [9]);
        assert!(told("c".into(), vec![chunk(400, 1_000)], 5_000).observations.len() <= 200, "by positions");
        assert_eq!(told("c".into(), vec![], 5).observations, []);
    }
}
