//! Trying a connection out, and looking at what would be read. Nothing is stored.

use axum::{Extension, Json, extract::State};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_cases::sources::{Checked, TrialDraft};
use weir_domain::sources::{CapturePolicy, Outcome, Preview, PreviewedChannel, Step};

use super::wanted::{Connection, Secrets, begin, checked, wrong};
use crate::http::{
    site::Site,
    v1::{asked::Asked, bearer::Program, given::Given, problem::Problem},
};

/// A connection that is to be tried out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// The source, by its id, whose kept secrets stand in for those that are left out, as long as the connection leads
    /// where it did.
    #[schema(example = "3")]
    pub source: Option<String>,
    #[serde(deserialize_with = "crate::http::v1::given::object")]
    pub connection: Connection,
    /// Names or patterns of the channels that would be read; all of them if left out.
    #[serde(default = "every_channel")]
    #[schema(example = json!(["order.*"]))]
    pub channels: Vec<String>,
    /// Patterns reach the broker's own channels too.
    #[serde(default)]
    pub include_internal: bool,
    /// Where reading would begin: `latest` (if left out), `earliest`, or a time (RFC 3339).
    #[schema(example = "earliest")]
    pub start: Option<String>,
    #[serde(default, deserialize_with = "crate::http::v1::given::object")]
    pub secrets: Secrets,
}

fn every_channel() -> Vec<String> {
    vec!["*".to_owned()]
}

/// What a test found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Examined {
    /// Nothing failed.
    pub works: bool,
    /// All of them, in the order in which they stand on one another.
    pub steps: Vec<TrialStep>,
}

/// One step of a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrialStep {
    /// `resolves`, `opens`, `secures`, `signs_in`, `answers`, `lists` or `reads`.
    #[schema(example = "opens")]
    pub step: String,
    #[schema(example = "The port opens")]
    pub title: String,
    /// `passed`, `failed` or `skipped`.
    #[schema(example = "passed")]
    pub outcome: String,
    /// What was found, or why it was passed over.
    pub detail: String,
    /// What to do about a failure; commands to copy stand on lines of their own.
    pub what_to_do: Option<String>,
}

/// What the patterns include and leave out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Previewed {
    /// Included ones first, each part by name; at most 200 of each.
    pub channels: Vec<ChannelThere>,
    pub included: u32,
    pub left_out: u32,
    /// What the first reading takes; 0 from the latest event on.
    pub records_to_read: Option<u64>,
    pub bytes_to_read: Option<u64>,
    /// Why sizes are unknown.
    pub without_sizes: Option<String>,
}

/// A channel as the broker tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChannelThere {
    #[schema(example = "order.placed")]
    pub name: String,
    pub partitions: u32,
    /// Some pattern includes it.
    pub included: bool,
    /// Positions that it holds now.
    pub records: Option<u64>,
    /// On the broker's disks.
    pub bytes: Option<u64>,
}

impl Trial {
    fn draft(self) -> Result<TrialDraft, Problem> {
        let Self { source, connection, channels, include_internal, start, secrets } = self;
        let of = source.map(|id| id.parse().map_err(|_| nobody_s(&id))).transpose()?;
        let policy = CapturePolicy {
            capture: "full".to_owned(),
            act: "none".to_owned(),
            read_only: false,
            channels,
            include_internal,
            start: begin(start.as_deref().unwrap_or("latest"), "start")?,
            catch_up_bytes_per_s: None,
            type_header: None,
            type_field: None,
        };
        checked(match policy.problems() {
            problems if problems.is_empty() => Checked::Done(()),
            problems => Checked::Wrong(problems),
        })?;
        let settings = connection.settings(policy);
        Ok(TrialDraft { of, name: String::new(), settings, secrets: secrets.given() })
    }
}

impl From<Step> for TrialStep {
    fn from(step: Step) -> Self {
        let (outcome, detail, what_to_do) = match step.outcome {
            Outcome::Passed { detail } => ("passed", detail, None),
            Outcome::Failed { what, what_to_do } => ("failed", what, Some(what_to_do)),
            Outcome::Skipped { why } => ("skipped", why, None),
        };
        Self {
            step: step.kind.as_str().to_owned(),
            title: step.kind.title().to_owned(),
            outcome: outcome.to_owned(),
            detail,
            what_to_do,
        }
    }
}

impl From<Preview> for Previewed {
    fn from(p: Preview) -> Self {
        let channel = |c: PreviewedChannel| {
            let PreviewedChannel { name, partitions, included, records, bytes } = c;
            ChannelThere { name, partitions, included, records, bytes }
        };
        Self {
            channels: p.channels.into_iter().map(channel).collect(),
            included: p.included,
            left_out: p.left_out,
            records_to_read: p.records_to_read,
            bytes_to_read: p.bytes_to_read,
            without_sizes: p.without_sizes,
        }
    }
}

fn nobody_s(id: &str) -> Problem {
    let id: String = id.chars().take(40).collect();
    wrong(format!("source: {id:?} is no id of a source."))
}

/// Try a connection out
///
/// Step by step, from the name to the right to read, within 15 s. What fails is no error here: the step says so.
#[utoipa::path(
    post,
    path = "/api/v1/sources/examine",
    operation_id = "sources_examine",
    tag = "sources",
    request_body = Trial,
    responses((status = 200, description = "What was found.", body = Examined)),
)]
pub async fn examine(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
    Given(trial): Given<Trial>,
) -> Result<Json<Examined>, Problem> {
    Asked::nothing(&uri)?;
    let steps = checked(program.told(site.cases.sources.examine(&program.caller, trial.draft()?).await)?)?;
    let works = !steps.iter().any(Step::is_failed);
    Ok(Json(Examined { works, steps: steps.into_iter().map(TrialStep::from).collect() }))
}

/// Look at what would be read
///
/// Which channels the patterns include and leave out, with sizes where the broker tells them.
#[utoipa::path(
    post,
    path = "/api/v1/sources/preview",
    operation_id = "sources_preview",
    tag = "sources",
    request_body = Trial,
    responses((status = 200, description = "What is there.", body = Previewed)),
)]
pub async fn preview(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
    Given(trial): Given<Trial>,
) -> Result<Json<Previewed>, Problem> {
    Asked::nothing(&uri)?;
    let found = checked(program.told(site.cases.sources.preview(&program.caller, trial.draft()?).await)?)?;
    Ok(Json(found.into()))
}
