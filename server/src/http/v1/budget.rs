//! The store's budget.

use axum::{Extension, Json, extract::State};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_domain::capture::{BudgetShown, BudgetTold, Forecast, GivingWay};

use super::{
    asked::Asked,
    bearer::Program,
    given::Given,
    problem::Problem,
    shared::{ChannelRef, InEnvironment, Time},
};
use crate::http::site::Site;

/// What captured events may take of the disk, what they take, and when that is used up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StoreBudget {
    /// `null`: there is none, and nothing gives way.
    #[schema(example = 200_000_000_000_u64)]
    pub budget_bytes: Option<u64>,
    /// It stands in the configuration file, and is changed there.
    pub from_file: bool,
    /// Bytes of all tables and indexes that hold captured events, without `free_bytes`; `null`: not measured yet.
    pub used_bytes: Option<u64>,
    /// Bytes of the same tables that were given up: written to again, or given back.
    pub free_bytes: u64,
    pub measured: Option<Time>,
    /// `room`, `warn` from 80 % on, `full` from 95 % on; `null`: no budget, or not measured yet.
    #[schema(example = "room")]
    pub fill: Option<String>,
    /// Of all channels, by the last 24 h; `null`: unknown.
    pub bytes_per_day: Option<u64>,
    /// An estimate: once as much goes as comes.
    pub steady_bytes: Option<u64>,
    /// Channels that are too new to tell, and are in none of the two.
    pub unknown_channels: u32,
    /// `now`, `in` (see `full_in_seconds`), `never` at today's rate, or `unknown`.
    #[schema(example = "never")]
    pub forecast: String,
    pub full_in_seconds: Option<u64>,
    /// Channels whose payloads are not kept at present, for want of room.
    pub over_budget_channels: u32,
    /// No channel keeps payloads and the budget is used up all the same, by metadata and by what holds keep: nothing gives way
    /// any more.
    pub metadata_alone: bool,
    /// What the configuration files of the running processes say, where they differ; the least of them rules. `null` among
    /// them: a file says nothing. Empty: they agree.
    pub differing_files: Vec<Option<u64>>,
    /// In this order channels give way.
    pub order: Vec<ChannelInTurn>,
    /// What was done, newest first.
    pub history: Vec<BudgetStepTold>,
    /// Channels that this token may not see: they are in the sums and in neither list.
    pub hidden_channels: u32,
}

/// A channel, where it stands in the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChannelInTurn {
    pub channel: ChannelRef,
    /// 1 gives way first, 9 last.
    pub turn: u8,
    /// Bytes of its payloads that can be given up.
    pub payload_bytes: u64,
    /// And of those that a hold keeps: they can't.
    pub held_bytes: u64,
    /// Its payloads are not kept since then.
    pub over_budget_since: Option<Time>,
}

/// What was done about the budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BudgetStepTold {
    pub at: Time,
    /// `set`, `warned`, `full`, `room`, `gave_up`, `withheld` or `restored`.
    #[schema(example = "gave_up")]
    pub done: String,
    pub channel: Option<ChannelRef>,
    /// Of payloads that were given up.
    pub bytes: Option<u64>,
    pub used_bytes: Option<u64>,
    pub budget_bytes: Option<u64>,
}

/// A budget, or that there is to be none.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BudgetChange {
    /// 10000000 or more; `null`: none. It must be there: nothing is taken to be meant.
    #[schema(example = 200_000_000_000_u64, minimum = 10_000_000, required = true)]
    #[serde(deserialize_with = "Option::deserialize")]
    pub budget_bytes: Option<u64>,
}

/// It is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BudgetChanged {
    pub budget_bytes: Option<u64>,
}

impl From<GivingWay> for ChannelInTurn {
    fn from(c: GivingWay) -> Self {
        Self {
            channel: ChannelRef { id: c.channel.to_string(), name: c.name },
            turn: c.turn,
            payload_bytes: c.payload_bytes,
            held_bytes: c.held_bytes,
            over_budget_since: c.withheld.map(Into::into),
        }
    }
}

impl From<BudgetTold> for BudgetStepTold {
    fn from(t: BudgetTold) -> Self {
        Self {
            at: t.at.into(),
            done: t.done.as_str().to_owned(),
            channel: t.channel.map(|(id, name)| ChannelRef { id: id.to_string(), name }),
            bytes: t.bytes,
            used_bytes: t.used,
            budget_bytes: t.budget,
        }
    }
}

impl From<BudgetShown> for StoreBudget {
    fn from(found: BudgetShown) -> Self {
        let (s, o) = (found.standing, found.outlook);
        let (forecast, full_in_seconds) = match o.forecast {
            Forecast::Unknown => ("unknown", None),
            Forecast::Now => ("now", Some(0)),
            Forecast::In(secs) => ("in", Some(secs)),
            Forecast::Never => ("never", None),
        };
        Self {
            budget_bytes: s.setting.bytes,
            from_file: s.setting.from_file,
            used_bytes: s.used,
            free_bytes: s.room,
            measured: s.measured_at.map(Into::into),
            fill: s.fill().map(|fill| fill.as_str().to_owned()),
            bytes_per_day: o.per_day,
            steady_bytes: o.comes_to,
            unknown_channels: o.unknown,
            forecast: forecast.to_owned(),
            full_in_seconds,
            over_budget_channels: s.withheld,
            metadata_alone: s.by_metadata_alone(),
            differing_files: if s.files_differ() { s.in_files } else { Vec::new() },
            order: found.order.into_iter().map(Into::into).collect(),
            history: found.history.into_iter().map(Into::into).collect(),
            hidden_channels: found.hidden_channels,
        }
    }
}

/// Read the store's budget
///
/// What is used of it, when it is full at today's rate, who gives way first, and what was done about it.
#[utoipa::path(
    get,
    path = "/api/v1/budget",
    operation_id = "capture_budget",
    tag = "capture",
    params(InEnvironment),
    responses((status = 200, description = "The budget.", body = StoreBudget)),
)]
pub async fn read(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
) -> Result<Json<StoreBudget>, Problem> {
    let mut asked = Asked::of(&uri)?;
    asked.text("env")?;
    asked.end()?;
    Ok(Json(program.told(site.cases.capture.budget(&program.caller).await)?.into()))
}

/// Set the store's budget
///
/// From 80 % on people are warned. From 95 % on channels give up their oldest payloads and then keep metadata only, in the
/// order of their turns.
#[utoipa::path(
    post,
    path = "/api/v1/budget",
    operation_id = "capture_set_budget",
    tag = "capture",
    request_body = BudgetChange,
    responses((status = 200, description = "It is set.", body = BudgetChanged)),
)]
pub async fn set(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
    Given(change): Given<BudgetChange>,
) -> Result<Json<BudgetChanged>, Problem> {
    Asked::nothing(&uri)?;
    program.told(site.cases.capture.set_budget(&program.caller, None, change.budget_bytes).await)?;
    Ok(Json(BudgetChanged { budget_bytes: change.budget_bytes }))
}
