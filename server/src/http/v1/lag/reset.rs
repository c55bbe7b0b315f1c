use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_domain::lag::{ResetPlan, ResetTo, ResetWanted};

use super::{
    absent, named,
    shapes::{GroupReset, WhyRefused},
};
use crate::http::{
    site::Site,
    v1::{
        asked::Asked,
        bearer::Program,
        given::{Given, objects},
        kinds::INVALID,
        problem::Problem,
        shared::Time,
    },
};

/// Where positions are to be moved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetToPlan {
    /// A channel that the group reads.
    #[schema(example = "order.placed")]
    pub channel: String,
    /// Numbers of partitions; all of them if left out.
    pub partitions: Option<Vec<i32>>,
    /// `earliest`, `latest`, `time` (with `at`), `shift` (with `by`) or `position` (with `position`).
    #[schema(example = "time")]
    pub to: String,
    /// To the first event at or after this time.
    pub at: Option<Time>,
    /// So many events ahead, or back if it is less than 0.
    #[schema(example = -100)]
    pub by: Option<i64>,
    /// Exactly this position.
    #[schema(example = "4711")]
    pub position: Option<String>,
}

/// A position as the plan had it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PositionSeen {
    pub partition: i32,
    /// `null`: it had none.
    #[schema(example = "4711")]
    pub from: Option<String>,
}

/// Where positions are to be moved, and where they were when that was planned.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetToDo {
    /// A channel that the group reads.
    #[schema(example = "order.placed")]
    pub channel: String,
    /// Numbers of partitions; all of them if left out.
    pub partitions: Option<Vec<i32>>,
    /// `earliest`, `latest`, `time` (with `at`), `shift` (with `by`) or `position` (with `position`).
    #[schema(example = "time")]
    pub to: String,
    /// To the first event at or after this time.
    pub at: Option<Time>,
    /// So many events ahead, or back if it is less than 0.
    #[schema(example = -100)]
    pub by: Option<i64>,
    /// Exactly this position.
    #[schema(example = "4711")]
    pub position: Option<String>,
    /// `partition` and `from` of each partition of the plan: if one has moved since, or is left out, nothing is done.
    #[serde(deserialize_with = "objects")]
    #[schema(min_items = 1)]
    pub seen: Vec<PositionSeen>,
}

/// Which reset is to be taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetToUndo {
    /// The id of the reset.
    pub reset: String,
}

/// What would become of a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlannedMove {
    pub partition: i32,
    /// `null`: it has no position.
    #[schema(example = "4711")]
    pub from: Option<String>,
    /// `null`: it can't be moved so.
    #[schema(example = "4000")]
    pub to: Option<String>,
    /// Positions that would be read again.
    pub again: u64,
    /// Positions that would never be read.
    pub skipped: u64,
    /// Why it can't be moved.
    pub why_not: Option<String>,
}

/// What a reset would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupResetPlan {
    pub channel: String,
    pub partitions: Vec<PlannedMove>,
    /// In all partitions together.
    pub again: u64,
    pub skipped: u64,
    /// Why it can't be done now; `null`: it can.
    pub refused: Option<WhyRefused>,
}

impl From<ResetPlan> for GroupResetPlan {
    fn from(plan: ResetPlan) -> Self {
        let (again, skipped) = (plan.again(), plan.skipped());
        let one = |p: weir_domain::lag::Planned| PlannedMove {
            partition: p.partition,
            from: p.from.map(|p| p.to_string()),
            to: p.to.map(|p| p.to_string()),
            again: p.again,
            skipped: p.skipped,
            why_not: p.why,
        };
        Self {
            channel: plan.channel,
            partitions: plan.planned.into_iter().map(one).collect(),
            again,
            skipped,
            refused: plan.refused.map(WhyRefused::from),
        }
    }
}

/// See what a reset of positions would do
///
/// How many events would be read again and how many skipped, and whether it can be done now. Nothing is done.
#[utoipa::path(
    post,
    path = "/api/v1/groups/{id}/plan",
    operation_id = "lag_plan",
    tag = "lag",
    params(("id" = String, Path, description = "The group's id.", example = "42")),
    request_body = ResetToPlan,
    responses((status = 200, description = "What it would do.", body = GroupResetPlan)),
)]
pub async fn plan(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(asked): Given<ResetToPlan>,
) -> Result<Json<GroupResetPlan>, Problem> {
    Asked::nothing(&uri)?;
    let id = named(&id)?;
    let ResetToPlan { channel, partitions, to, at, by, position } = asked;
    let wanted = ResetWanted { channel, partitions, to: place(&to, at, by, position.as_deref())? };
    let found = program.told(site.cases.lag.plan(&program.caller, id, &wanted).await)?;
    Ok(Json(found.ok_or_else(absent)?.into()))
}

/// Move the positions of a consumer group
///
/// Nobody may be in it, and the source's owner has to allow it (`act = "offsets"`). Take `seen` from the plan: what it says
/// was read again or skipped is then what happens; `latest` also skips what came since. Each partition is told with why it was not moved, if it was not.
#[utoipa::path(
    post,
    path = "/api/v1/groups/{id}/reset",
    operation_id = "lag_reset",
    tag = "lag",
    params(("id" = String, Path, description = "The group's id.", example = "42")),
    request_body = ResetToDo,
    responses((status = 200, description = "What was done.", body = GroupReset)),
)]
pub async fn reset(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(asked): Given<ResetToDo>,
) -> Result<Json<GroupReset>, Problem> {
    Asked::nothing(&uri)?;
    let id = named(&id)?;
    let ResetToDo { channel, partitions, to, at, by, position, seen } = asked;
    let wanted = ResetWanted { channel, partitions, to: place(&to, at, by, position.as_deref())? };
    let one = |s: PositionSeen| Ok((s.partition, s.from.as_deref().map(number).transpose()?));
    let seen = seen.into_iter().map(one).collect::<Result<Vec<_>, Problem>>()?;
    if seen.is_empty() {
        return Err(Problem::new(
            INVALID,
            "`seen` holds no partition.",
            "Take `partition` and `from` of each partition from the plan.",
        ));
    }
    let found = program.told(site.cases.lag.reset(&program.caller, id, &wanted, &seen).await)?;
    Ok(Json(found.ok_or_else(absent)?.into()))
}

/// Take a reset of positions back
///
/// Positions go back to where they were before it. A partition that had none stays as it is, and is told.
#[utoipa::path(
    post,
    path = "/api/v1/groups/{id}/undo",
    operation_id = "lag_undo",
    tag = "lag",
    params(("id" = String, Path, description = "The group's id.", example = "42")),
    request_body = ResetToUndo,
    responses((status = 200, description = "What was done.", body = GroupReset)),
)]
pub async fn undo(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(ResetToUndo { reset }): Given<ResetToUndo>,
) -> Result<Json<GroupReset>, Problem> {
    Asked::nothing(&uri)?;
    let id = named(&id)?;
    let found = program.told(site.cases.lag.undo(&program.caller, id, &reset).await)?;
    Ok(Json(found.ok_or_else(|| Problem::not_found("reset"))?.into()))
}

/// What belongs to another place than the one that was named is a mistake, like everything that is not understood.
fn place(to: &str, at: Option<Time>, by: Option<i64>, position: Option<&str>) -> Result<ResetTo, Problem> {
    match (to, at, by, position) {
        ("earliest", None, None, None) => Ok(ResetTo::Earliest),
        ("latest", None, None, None) => Ok(ResetTo::Latest),
        ("time", Some(at), None, None) => Ok(ResetTo::Time { at: at.0 }),
        ("shift", None, Some(by), None) => Ok(ResetTo::Shift { by }),
        ("position", None, None, Some(position)) => Ok(ResetTo::Position { position: number(position)? }),
        _ => Err(Problem::new(
            INVALID,
            "Where to move positions to is not said in one way.",
            "Give to: earliest, latest, time with at, shift with by, or position with position; and nothing else.",
        )),
    }
}

fn number(text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| Problem::new(INVALID, "A position is no number.", "Give it as a text of digits."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::Timestamp;

    #[test]
    fn a_place_is_said_in_one_way() {
        let at = Some(Time(Timestamp(7)));
        assert_eq!(place("earliest", None, None, None).unwrap(), ResetTo::Earliest);
        assert_eq!(place("time", at, None, None).unwrap(), ResetTo::Time { at: Timestamp(7) });
        assert_eq!(place("shift", None, Some(-5), None).unwrap(), ResetTo::Shift { by: -5 });
        assert_eq!(place("position", None, None, Some("42")).unwrap(), ResetTo::Position { position: 42 });
        for wrong in [
            place("earliest", at, None, None),
            place("time", None, None, None),
            place("time", at, Some(1), None),
            place("position", None, None, Some("x")),
            place("nowhere", None, None, None),
        ] {
            assert_eq!(wrong.unwrap_err().status, 400);
        }
    }
}
