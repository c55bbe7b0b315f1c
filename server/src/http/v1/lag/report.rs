use axum::{Extension, Json, extract::State};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_cases::lag::report::Report;
use weir_domain::lag::ReportedPosition;

use crate::http::{
    site::Site,
    v1::{
        asked::Asked,
        bearer::Program,
        given::{Given, objects},
        kinds::INVALID,
        problem::Problem,
    },
};

/// Where an application stands on a partition.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PositionToReport {
    #[schema(example = "order.placed")]
    pub channel: String,
    #[schema(minimum = 0)]
    pub partition: i32,
    /// Next position to be read.
    #[schema(example = "4711")]
    pub next: String,
}

/// Where an application that keeps its positions elsewhere stands: all of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PositionsReport {
    /// A source, by its name or its id.
    #[schema(example = "shop")]
    pub source: String,
    /// What the group is called: a name that no group at the broker has.
    #[schema(example = "spark-totals", min_length = 1, max_length = 200)]
    pub group: String,
    /// Who reports.
    #[schema(example = "totals", min_length = 1, max_length = 120)]
    pub application: String,
    /// In place of all that the group reported before.
    #[schema(min_items = 1, max_items = 2000)]
    #[serde(deserialize_with = "objects")]
    pub positions: Vec<PositionToReport>,
}

/// What was taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PositionsReported {
    pub group: String,
    pub positions: u32,
}

/// Report the positions of a group that keeps them elsewhere
///
/// For applications like Spark or Flink. The group then stands among the others with kind `reported`, from the next
/// observation on. Report every 10 to 60 s: who is silent for 5 minutes counts as not running, for 7 days as gone. The
/// first report of a group and its channels is audited, and again every hour. A token may send 10 a second, and 300 at once
/// after a while without.
#[utoipa::path(
    post,
    path = "/api/v1/groups/report",
    operation_id = "lag_report",
    tag = "lag",
    request_body = PositionsReport,
    responses((status = 200, description = "It is taken in.", body = PositionsReported)),
)]
pub async fn report(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
    Given(given): Given<PositionsReport>,
) -> Result<Json<PositionsReported>, Problem> {
    Asked::nothing(&uri)?;
    let number = |text: &str| {
        text.parse().map_err(|_| Problem::new(INVALID, "A position is no number.", "Give it as a text of digits."))
    };
    let one = |p: PositionToReport| {
        Ok(ReportedPosition { next: number(&p.next)?, channel: p.channel, partition: p.partition })
    };
    let positions = given.positions.into_iter().map(one).collect::<Result<Vec<_>, Problem>>()?;
    let answer = PositionsReported {
        group: given.group.trim().to_owned(),
        positions: u32::try_from(positions.len()).unwrap_or(u32::MAX),
    };
    let report = Report { source: given.source, group: given.group, application: given.application, positions };
    program.told(site.cases.lag.report(&program.caller, report).await)?;
    Ok(Json(answer))
}
