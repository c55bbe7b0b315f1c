//! The change feed, and reporting to it.

use axum::{Extension, Json, extract::State};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_cases::changes::{self, MOST_CHANGES};
use weir_domain::{
    changes::{ChangeFilter, ChangeKind, ChangeShown},
    events::TimeRange,
};

use super::{
    asked::Asked,
    bearer::Program,
    given::Given,
    problem::Problem,
    shared::{InEnvironment, Time},
};
use crate::http::site::Site;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is written down for the documentation; the handler reads the parameters")]
pub struct Filter {
    /// One kind only; an unknown one finds nothing.
    #[param(example = "deployment")]
    kind: Option<String>,
    /// Part of the title, the detail or the subject.
    #[param(max_length = 200)]
    text: Option<String>,
    /// From this moment on.
    from: Option<String>,
    /// Before this moment.
    to: Option<String>,
    /// 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next` of an earlier page.
    cursor: Option<String>,
}

/// Something that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Change {
    #[schema(example = "812")]
    pub id: String,
    pub at: Time,
    #[schema(example = "deployment")]
    pub kind: String,
    pub environment_id: Option<String>,
    pub source_id: Option<String>,
    pub channel_id: Option<String>,
    #[schema(example = "billing")]
    pub subject: Option<String>,
    #[schema(example = "billing 5.18.0 deployed")]
    pub title: String,
    pub detail: String,
    pub link: Option<String>,
    /// Who did or reported it; null: it was observed.
    pub actor: Option<String>,
}

/// Newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Changes {
    pub changes: Vec<Change>,
    /// Ask with it as `cursor` for older ones; null at the end.
    pub next: Option<String>,
    /// Channels that the token does not reach: their changes are left out.
    pub hidden_channels: u32,
}

impl From<ChangeShown> for Change {
    fn from(c: ChangeShown) -> Self {
        Self {
            id: c.id.to_string(),
            at: c.at.into(),
            kind: c.kind.as_str().to_owned(),
            environment_id: c.environment.map(|e| e.to_string()),
            source_id: c.source.map(|s| s.to_string()),
            channel_id: c.channel.map(|c| c.to_string()),
            subject: c.subject,
            title: c.title,
            detail: c.detail,
            link: c.link,
            actor: c.actor,
        }
    }
}

/// List what changed
///
/// Sources that came and went, channels and partitions that appeared, gaps, deployments.
#[utoipa::path(
    get,
    path = "/api/v1/changes",
    operation_id = "changes_list",
    tag = "changes",
    params(InEnvironment, Filter),
    responses((status = 200, description = "A page of changes.", body = Changes)),
)]
pub async fn list(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
) -> Result<Json<Changes>, Problem> {
    let mut asked = Asked::of(&uri)?;
    asked.text("env")?;
    let kind = asked.text("kind")?;
    let filter = ChangeFilter {
        kind: kind.as_deref().and_then(ChangeKind::parse),
        text: asked.text("text")?,
        range: TimeRange { from: asked.time("from")?, to: asked.time("to")? },
        ..ChangeFilter::default()
    };
    let limit = asked.number("limit", 1..=MOST_CHANGES)?.unwrap_or(50);
    let cursor = asked.text("cursor")?;
    asked.end()?;
    let nothing_of_it = kind.is_some() && filter.kind.is_none();
    let page = program.told(site.cases.changes.list(&program.caller, filter, cursor.as_deref(), limit).await)?;
    let found = if nothing_of_it { Vec::new() } else { page.changes };
    Ok(Json(Changes {
        changes: found.into_iter().map(Change::from).collect(),
        next: page.next.filter(|_| !nothing_of_it),
        hidden_channels: page.hidden_channels,
    }))
}

/// What is reported.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// `deployment` (if left out), `version`, `configuration` or `other`.
    #[schema(example = "deployment")]
    pub kind: Option<String>,
    /// What was changed: most often an application.
    #[schema(example = "billing", min_length = 1, max_length = 120)]
    pub subject: String,
    #[schema(example = "5.18.0")]
    pub version: Option<String>,
    /// In place of "subject version deployed".
    pub title: Option<String>,
    pub detail: Option<String>,
    /// An environment by its name; all of them if left out.
    #[schema(example = "production")]
    pub environment: Option<String>,
    /// An https address that tells more.
    #[schema(example = "https://ci.example.com/build/4711")]
    pub link: Option<String>,
    /// When it happened (RFC 3339); now if left out.
    pub at: Option<String>,
    /// Your own name for it: sent twice, it is written once.
    #[schema(example = "build-4711")]
    pub id: Option<String>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reported {
    /// Null: it was reported before.
    #[schema(example = "812")]
    pub id: Option<String>,
}

/// Report a change
///
/// From a pipeline, most often: a deployment then stands beside what happened after it.
#[utoipa::path(
    post,
    path = "/api/v1/changes",
    operation_id = "changes_report",
    tag = "changes",
    request_body = Report,
    responses((status = 200, description = "It stands in the feed.", body = Reported)),
)]
pub async fn report(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
    Given(report): Given<Report>,
) -> Result<Json<Reported>, Problem> {
    Asked::nothing(&uri)?;
    let Report { kind, subject, version, title, detail, environment, link, at, id } = report;
    let report = changes::Report { kind, subject, version, title, detail, environment, link, at, id };
    let reported = program.told(site.cases.changes.report(&program.caller, report).await)?;
    Ok(Json(Reported { id: reported.change.map(|id| id.to_string()) }))
}
