use axum::{Extension, Json, extract::State};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_domain::{
    SourceId,
    lag::{GroupKind, GroupRow, GroupSort, GroupsPage, GroupsWanted, SourceObserved, Status},
};

use super::shapes::{GroupForecast, GroupLoss, GroupSource, GroupTimeLag, finite};
use crate::http::{
    site::Site,
    v1::{
        asked::Asked,
        bearer::Program,
        kinds::INVALID,
        problem::Problem,
        shared::{InEnvironment, Time},
    },
};

const MOST: u32 = 1_000;
const USUAL: u32 = 100;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is written down for the documentation; the handler reads the parameters")]
pub struct Filter {
    /// Part of the name of the group, of a channel, of the source or of the owner; letters of either case.
    #[param(max_length = 200)]
    q: Option<String>,
    /// `OK`, `UNKNOWN`, `REWIND`, `WARN`, `STALL` or `STOP`.
    #[param(example = "STOP")]
    status: Option<String>,
    /// A source's id.
    #[param(example = "3")]
    source: Option<String>,
    /// Of this kind: `classic`, `consumer`, `share`, `streams`, `jet_stream`, `queue`, `redis`, `sqs` or `reported`.
    #[param(example = "classic")]
    kind: Option<String>,
    /// That read exactly this channel.
    channel: Option<String>,
    /// `true`: archived, ephemeral and deleted ones as well.
    all: Option<bool>,
    /// `status` (if left out: who loses data first, then the worst status), `group`, `channel`, `lag`, `time_lag`, `in`,
    /// `out`, `forecast`, `members`, `source` or `owner`. Each begins with the worst, the most, or the first by name.
    #[param(example = "lag")]
    sort: Option<String>,
    /// `true`: the other way round.
    reverse: Option<bool>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is written down for the documentation; the handler reads the parameters")]
pub struct Part {
    /// Pass over so many.
    #[param(minimum = 0, maximum = 1_000_000)]
    from: Option<u32>,
    /// 100 if left out.
    #[param(minimum = 1, maximum = 1000)]
    most: Option<u32>,
}

/// A consumer group, all of its channels together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Group {
    #[schema(example = "42")]
    pub id: String,
    #[schema(example = "billing")]
    pub name: String,
    /// `classic`, `consumer`, `share`, `streams`, `jet_stream`, `queue`, `redis`, `sqs` or `reported`; more will come.
    #[schema(example = "classic")]
    pub kind: String,
    /// What the broker says it is doing: `stable`, `rebalancing`, `empty`, `dead` or `unknown`.
    #[schema(example = "stable")]
    pub state: String,
    #[schema(example = "1")]
    pub environment_id: String,
    pub source: GroupSource,
    /// Those that the token may see, the one that is worst off first.
    pub channels: Vec<String>,
    /// Channels that it reads and the token does not reach: figures leave them out.
    pub hidden_channels: u32,
    /// From the best to the worst `OK`, `UNKNOWN`, `REWIND`, `WARN`, `STALL`, `STOP`: of its worst partition.
    #[schema(example = "WARN")]
    pub status: String,
    /// Why, in words.
    pub reason: String,
    /// Since when it has this status.
    pub since: Time,
    pub partitions: u32,
    /// Members that hold a partition, of all.
    pub active_members: u32,
    pub members: u32,
    /// Unread events.
    pub lag: Option<u64>,
    /// The same, up to the end of committed transactions.
    pub committed_lag: Option<u64>,
    pub time_lag: GroupTimeLag,
    /// Events a second that arrive, and that it reads.
    pub in_per_s: Option<f64>,
    pub out_per_s: Option<f64>,
    pub forecast: GroupForecast,
    /// `null`: nothing unread is about to be deleted.
    pub loss: Option<GroupLoss>,
    /// The broker forgets the positions of this empty group then.
    pub positions_expire: Option<Time>,
    /// Greatest lag of each of the last 48 half hours, the oldest first.
    pub lag_per_half_hour: Vec<Option<u64>>,
    pub owner: Option<String>,
    /// It is expected to read now: its alarms are raised.
    pub alarms: bool,
    pub archived: bool,
    /// The broker does not list it any more.
    pub gone: bool,
    /// It comes and goes with whoever looks.
    pub ephemeral: bool,
    pub observed_at: Time,
}

impl From<GroupRow> for Group {
    fn from(r: GroupRow) -> Self {
        Self {
            id: r.group.to_string(),
            name: r.name,
            kind: r.kind.as_str().to_owned(),
            state: r.state.as_str().to_owned(),
            environment_id: r.environment.to_string(),
            source: GroupSource { id: r.source.to_string(), name: r.source_name },
            channels: r.channels,
            hidden_channels: r.hidden_channels,
            status: r.status.as_str().to_owned(),
            reason: r.reason,
            since: r.since.into(),
            partitions: r.partitions,
            active_members: r.active_members,
            members: r.members,
            lag: r.lag,
            committed_lag: r.committed_lag,
            time_lag: r.time_lag.into(),
            in_per_s: finite(r.in_per_s),
            out_per_s: finite(r.out_per_s),
            forecast: r.forecast.into(),
            loss: r.loss.map(GroupLoss::from),
            positions_expire: r.positions_expire.map(Time),
            lag_per_half_hour: r.spark,
            owner: r.owner,
            alarms: r.alarms,
            archived: r.archived,
            gone: r.gone,
            ephemeral: r.ephemeral,
            observed_at: r.observed_at.into(),
        }
    }
}

/// How many groups have each status, of all that match but for theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupStatuses {
    pub ok: u64,
    pub unknown: u64,
    pub rewind: u64,
    pub warn: u64,
    pub stall: u64,
    pub stop: u64,
}

/// How the last observation of a source's groups went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupsObserved {
    pub source: GroupSource,
    #[schema(example = "1")]
    pub environment_id: String,
    /// When the last succeeded; `null`: none has.
    pub observed_at: Option<Time>,
    pub took_ms: u32,
    /// Requests that it took at the broker.
    pub requests: u32,
    /// What is missing of it.
    pub problems: Vec<String>,
    /// Why there has been none since.
    pub failed: Option<String>,
    /// The source is paused: nothing is asked of it.
    pub paused: bool,
}

impl From<SourceObserved> for GroupsObserved {
    fn from(of: SourceObserved) -> Self {
        Self {
            source: GroupSource { id: of.source.to_string(), name: of.name },
            environment_id: of.environment.to_string(),
            observed_at: of.observed_at.map(Time),
            took_ms: of.took_ms,
            requests: of.requests,
            problems: of.problems,
            failed: of.failed,
            paused: of.paused,
        }
    }
}

/// Consumer groups of all sources that the token reaches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Groups {
    pub groups: Vec<Group>,
    /// All that match.
    pub matching: u64,
    pub statuses: GroupStatuses,
    /// Archived, ephemeral and deleted ones that match and are left out.
    pub left_out: u64,
    /// Groups of which the token reaches no channel.
    pub hidden_groups: u32,
    pub sources: Vec<GroupsObserved>,
    /// The server's clock.
    pub at: Time,
}

impl From<GroupsPage> for Groups {
    fn from(page: GroupsPage) -> Self {
        let [ok, unknown, rewind, warn, stall, stop] = page.statuses.map(|n| n as u64);
        Self {
            groups: page.rows.into_iter().map(Group::from).collect(),
            matching: page.matching as u64,
            statuses: GroupStatuses { ok, unknown, rewind, warn, stall, stop },
            left_out: page.left_out as u64,
            hidden_groups: page.hidden,
            sources: page.sources.into_iter().map(GroupsObserved::from).collect(),
            at: page.at.into(),
        }
    }
}

/// List consumer groups
///
/// With their lag in events and in time, where it goes, and when unread events are deleted.
#[utoipa::path(
    get,
    path = "/api/v1/groups",
    operation_id = "lag_groups",
    tag = "lag",
    params(Filter, Part, InEnvironment),
    responses((status = 200, description = "The groups.", body = Groups)),
)]
pub async fn list(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
) -> Result<Json<Groups>, Problem> {
    let mut asked = Asked::of(&uri)?;
    asked.exact("env");
    let wanted = GroupsWanted {
        from: asked.number("from", 0..=1_000_000)?.unwrap_or(0) as usize,
        most: asked.number("most", 1..=MOST)?.unwrap_or(USUAL) as usize,
        ..filter(&mut asked)?
    };
    asked.end()?;
    Ok(Json(program.told(site.cases.lag.groups(&program.caller, &wanted).await)?.into()))
}

/// What of all groups is wanted, whichever part of it.
pub(super) fn filter(asked: &mut Asked) -> Result<GroupsWanted, Problem> {
    let source = word(asked, "source", "Give the id of a source.", |text| text.parse::<SourceId>().ok())?;
    let kinds = GroupKind::ALL.map(GroupKind::as_str).join(", ");
    let sorts = GroupSort::ALL.map(GroupSort::as_str).join(", ");
    let statuses = Status::ALL.map(Status::as_str).join(", ");
    Ok(GroupsWanted {
        text: asked.text_within("q", 200)?.unwrap_or_default(),
        status: word(asked, "status", &format!("Give one of {statuses}."), Status::parse)?,
        source,
        kind: word(asked, "kind", &format!("Give one of {kinds}."), GroupKind::parse)?,
        channel: asked.text("channel")?,
        all: flag(asked, "all")?,
        sort: word(asked, "sort", &format!("Give one of {sorts}."), GroupSort::parse)?.unwrap_or_default(),
        reverse: flag(asked, "reverse")?,
        ..GroupsWanted::default()
    })
}

/// One of a few words.
fn word<T>(
    asked: &mut Asked,
    name: &'static str,
    what_to_do: &str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, Problem> {
    let Some(text) = asked.text(name)? else { return Ok(None) };
    let wrong = || Problem::new(INVALID, format!("The parameter {name:?} is no such value."), what_to_do);
    read(&text).map(Some).ok_or_else(wrong)
}

fn flag(asked: &mut Asked, name: &'static str) -> Result<bool, Problem> {
    let read = |text: &str| match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    };
    Ok(word(asked, name, "Give true or false.", read)?.unwrap_or(false))
}
