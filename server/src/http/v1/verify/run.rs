use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_cases::verify::Asked as Wanted;
use weir_domain::{CaseError, EventId, SourceId, verify::Verified};

use crate::http::{
    site::Site,
    v1::{asked::Asked, bearer::Program, given::Given, problem::Problem, shared::Time},
};

/// What is to be compared. Everything that is stored of the source, if nothing is said.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyAsked {
    /// A channel, by its name or by `#` and its id.
    #[schema(example = "order.placed")]
    pub channel: Option<String>,
    /// So many events from random places, instead of all.
    #[schema(example = 1000, minimum = 1, maximum = 100_000)]
    pub sample: Option<u32>,
    /// Only what has this time or a later one, about: whole runs of events are compared.
    pub since: Option<Time>,
    /// `next` of the answer before.
    #[schema(example = "12-4711")]
    pub after: Option<String>,
}

/// A difference that was found just now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FoundDifference {
    #[schema(example = "order.placed")]
    pub channel: String,
    pub partition: i32,
    #[schema(example = "4711")]
    pub position: String,
    /// `missing`, `doubled`, `bytes` or `time`.
    #[schema(example = "missing")]
    pub kind: String,
    /// In words.
    #[schema(example = "is at the broker and not stored")]
    pub explained: String,
}

/// A partition that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnreadPartition {
    pub channel: String,
    pub partition: i32,
    /// What happened and what to do.
    pub why: String,
}

/// What one call came to. A call ends after some seconds; ask again with `after` as long as there is a `next`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VerifyAnswer {
    /// Events that both have.
    pub compared: u64,
    /// Events that are stored and not at the broker any more: no difference.
    pub gone: u64,
    /// Bytes read from the broker.
    pub read_bytes: u64,
    /// Partitions that hold events, and how many this call came to the end of.
    pub partitions: u32,
    pub partitions_done: u32,
    pub differences: u64,
    /// The first 100 of them.
    pub found: Vec<FoundDifference>,
    /// What could not be compared, at most 100.
    pub unread: Vec<UnreadPartition>,
    pub next: Option<String>,
}

impl From<Verified> for VerifyAnswer {
    fn from(v: Verified) -> Self {
        let found = v.latest.into_iter().map(|(of, d)| FoundDifference {
            channel: of.at.channel,
            partition: of.at.number,
            position: d.position.to_string(),
            kind: d.kind.as_str().to_owned(),
            explained: d.kind.words().to_owned(),
        });
        let unread = v.unread.into_iter().map(|(channel, partition, why)| UnreadPartition { channel, partition, why });
        Self {
            compared: v.compared,
            gone: v.gone,
            read_bytes: v.read_bytes,
            partitions: v.partitions,
            partitions_done: v.done,
            differences: v.differences,
            found: found.collect(),
            unread: unread.collect(),
            next: v.next.map(|at| at.to_string()),
        }
    }
}

fn wanted(asked: VerifyAsked) -> Result<Wanted, CaseError> {
    let invalid =
        |what: &str, what_to_do: &str| CaseError::Invalid { what: what.into(), what_to_do: what_to_do.into() };
    let after = asked.after.map(|text| text.parse::<EventId>());
    let after = after
        .transpose()
        .map_err(|_| invalid("after is no place to go on from.", "Give the next of the answer before."))?;
    Ok(Wanted { channel: asked.channel, sample: asked.sample, since: asked.since.map(|t| t.0), after })
}

/// Compare what is stored with the broker
///
/// Reads it again from the broker, within the cap of the source, and compares positions, times, sizes and, where they are
/// kept, bytes. What the broker's retention or compaction took is no difference.
#[utoipa::path(
    post,
    path = "/api/v1/sources/{id}/verify",
    operation_id = "verify_run",
    tag = "sources",
    params(("id" = String, Path, description = "The source's id.", example = "3")),
    request_body = VerifyAsked,
    responses((status = 200, description = "What it came to.", body = VerifyAnswer)),
)]
pub async fn run(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(asked): Given<VerifyAsked>,
) -> Result<Json<VerifyAnswer>, Problem> {
    Asked::nothing(&uri)?;
    let nothing = || Problem::not_found("source");
    let id: SourceId = id.parse().map_err(|_| nothing())?;
    let wanted = program.told(wanted(asked))?;
    let done = program.told(site.cases.verify.run(&program.caller, id, wanted).await)?.ok_or_else(nothing)?;
    Ok(Json(done.into()))
}
