use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_cases::events::BrokerAsked;
use weir_domain::events::{BrokerFound, BrokerLimits, BrokerRange, BrokerRow, PartitionSearched, TimeRange};

use super::shapes::Event;
use crate::http::{
    site::Site,
    v1::{asked::Asked, bearer::Program, problem::Problem, shared::Time},
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is written down for the documentation; the handler reads the parameters")]
pub struct Step {
    /// What must hold, in the language of the query bar.
    #[param(example = "data.amount>900")]
    q: Option<String>,
    /// Events at or after this time. Where to begin is found by what is stored of the channel, with ten minutes to spare.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-11-22T08:00:00Z")]
    from: Option<String>,
    /// Events before this time.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-11-23T08:00:00Z")]
    to: Option<String>,
    /// Positions at or after this one, in every partition.
    #[param(minimum = 0, example = 1000)]
    first: Option<i64>,
    /// Positions before this one.
    #[param(minimum = 0, example = 2000)]
    before: Option<i64>,
    /// In the partition of this number alone.
    #[param(minimum = 0, example = 3)]
    partition: Option<i32>,
    /// Events that this step reads, at most.
    #[param(minimum = 1, maximum = 100_000, default = 20_000)]
    events: Option<u32>,
    /// KiB that this step reads, at most.
    #[param(minimum = 64, maximum = 65_536, default = 16_384)]
    kib: Option<u32>,
    /// Seconds that this step takes, at most.
    #[param(minimum = 1, maximum = 20, default = 8)]
    seconds: Option<u32>,
    /// `next` of the step before, with the other parameters as they were.
    after: Option<String>,
}

/// A match, read live and not stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FoundAtBroker {
    /// Where the store knows it, `absent` says why its content is not there; `null`: it is.
    pub event: Event,
    /// The store knows that there is such an event.
    pub known: bool,
    /// Where a search that ends with this match goes on: for `after`.
    #[schema(example = "3-42")]
    pub next: String,
}

/// How far one partition was read in this step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PartitionRead {
    pub partition: i32,
    #[schema(example = "1000")]
    pub from: String,
    /// Everything below was read.
    #[schema(example = "1999")]
    pub next: String,
    /// Where its log, or the range, ends.
    #[schema(example = "2000")]
    pub end: Option<String>,
    pub done: bool,
    /// What could not be read.
    pub problems: Vec<String>,
}

/// What a step read, and what it left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Searched {
    /// From where this step began, every partition was read to its end, without a problem.
    pub complete: bool,
    pub read: u64,
    pub bytes: u64,
    pub milliseconds: u64,
    /// Events that were not looked into, because they were erased or must never be stored. What the store does not know counts
    /// as such where its source is set to `capture = "metadata"`.
    pub kept_away: u64,
    /// Matches that are not shown, because the store knows another event at their position.
    pub other: u64,
    /// Partitions in all, and how many this step and those before are through with.
    pub partitions: u32,
    pub partitions_done: u32,
    pub parts: Vec<PartitionRead>,
    /// Parts of events that words were not looked for in.
    pub unseen: Vec<String>,
}

/// One step of a search in a broker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BrokerStep {
    /// Oldest first, partition after partition; at most 200.
    pub events: Vec<FoundAtBroker>,
    pub searched: Searched,
    pub read_at: Time,
    /// `null`: there is nothing more.
    pub next: Option<String>,
}

impl From<BrokerRow> for FoundAtBroker {
    fn from(found: BrokerRow) -> Self {
        Self { event: found.row.into(), known: found.known, next: found.next.to_string() }
    }
}

impl From<PartitionSearched> for PartitionRead {
    fn from(p: PartitionSearched) -> Self {
        Self {
            partition: p.number,
            from: p.from.to_string(),
            next: p.next.to_string(),
            end: p.end.map(|end| end.to_string()),
            done: p.done,
            problems: p.problems,
        }
    }
}

impl From<BrokerFound> for BrokerStep {
    fn from(found: BrokerFound) -> Self {
        let s = found.searched;
        Self {
            events: found.rows.into_iter().map(FoundAtBroker::from).collect(),
            searched: Searched {
                complete: s.complete,
                read: s.read,
                bytes: s.bytes,
                milliseconds: s.millis,
                kept_away: s.kept_away,
                other: s.other,
                partitions: s.of,
                partitions_done: s.done,
                parts: s.partitions.into_iter().map(PartitionRead::from).collect(),
                unseen: s.unseen,
            },
            read_at: found.read_at.into(),
            next: found.next.map(|at| at.to_string()),
        }
    }
}

/// Search a channel in its broker
///
/// For what the store does not have: payloads that were not kept, or no longer. One bounded step, within the share of the
/// source's cap that reads beside capture have; follow `next` until it is null. What is read is not stored.
#[utoipa::path(
    get,
    path = "/api/v1/channels/{id}/at-broker",
    operation_id = "events_from_broker",
    tag = "events",
    params(("id" = String, Path, description = "The channel's id.", example = "17"), Step),
    responses((status = 200, description = "What this step found.", body = BrokerStep)),
)]
pub async fn from_broker(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<BrokerStep>, Problem> {
    let mut asked = Asked::of(&uri)?;
    let (most, usual) = (BrokerLimits::MOST, BrokerLimits::USUAL);
    let query = asked.text("q")?;
    let time = TimeRange { from: asked.time("from")?, to: asked.time("to")? };
    let (from, to) = (asked.position("first")?, asked.position("before")?);
    let partition = asked.number("partition", 0..=i32::MAX.unsigned_abs())?.and_then(|n| i32::try_from(n).ok());
    let limits = BrokerLimits {
        events: asked.number("events", 1..=most.events)?.unwrap_or(usual.events),
        bytes: asked.number("kib", 64..=65_536)?.map_or(usual.bytes, |kib| u64::from(kib) << 10),
        seconds: asked.number("seconds", 1..=most.seconds)?.unwrap_or(usual.seconds),
    };
    let after = asked.text("after")?;
    asked.end()?;
    let nothing = || Problem::not_found("channel");
    let after = match after {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| {
            let what_to_do = "Give the next of the step before.".to_owned();
            Problem::new(crate::http::v1::kinds::INVALID, "after is no place to go on from.".to_owned(), what_to_do)
        })?),
    };
    let channel = id.parse().map_err(|_| nothing())?;
    let asked = BrokerAsked { channel, query, range: BrokerRange { time, from, to, partition }, limits, after };
    let found = program.told(site.cases.events.from_broker(&program.caller, asked).await)?;
    Ok(Json(found.ok_or_else(nothing)?.into()))
}
