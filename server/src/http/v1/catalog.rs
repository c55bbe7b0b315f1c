//! Names.

use axum::{Extension, Json, extract::State};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_domain::catalog::{self, CompletionKind};

use super::{asked::Asked, bearer::Program, problem::Problem, shared::InEnvironment};
use crate::http::site::Site;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is written down for the documentation; the handler reads the parameter")]
pub struct Text {
    /// What was typed. `key:`, `channel:`, `source:` and `type:` in front ask for one kind only; `channel:#17` and
    /// `source:#3` for the name of an id. Left out: whatever comes first.
    #[param(example = "order")]
    text: Option<String>,
}

/// Something that begins with, holds or is the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Completion {
    /// `channel`, `source`, `event_type` or `key` (of at least one stored event).
    #[schema(example = "channel")]
    pub kind: String,
    #[schema(example = "order.placed")]
    pub text: String,
    /// What tells namesakes apart.
    #[schema(example = "shop, production")]
    pub note: String,
    #[schema(example = "17")]
    pub channel_id: Option<String>,
    #[schema(example = "3")]
    pub source_id: Option<String>,
}

/// At most 20, the best first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Completions {
    pub completions: Vec<Completion>,
    /// Channels of the environment that the token does not reach, whatever the text.
    pub hidden_channels: u32,
}

/// Find channels, sources, types and keys by name
///
/// At most 20 names for a text. Keys are offered only to tokens that may see them.
#[utoipa::path(
    get,
    path = "/api/v1/catalog/complete",
    operation_id = "catalog_complete",
    tag = "catalog",
    params(InEnvironment, Text),
    responses((status = 200, description = "Names.", body = Completions)),
)]
pub async fn complete(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
) -> Result<Json<Completions>, Problem> {
    let mut asked = Asked::of(&uri)?;
    asked.text("env")?;
    let text = asked.exact("text").unwrap_or_default();
    asked.end()?;
    let found = program.told(site.cases.catalog.complete(&program.caller, &text).await)?;
    Ok(Json(Completions {
        completions: found.lines.into_iter().map(Completion::from).collect(),
        hidden_channels: found.hidden_channels,
    }))
}

impl From<catalog::Completion> for Completion {
    fn from(line: catalog::Completion) -> Self {
        Self {
            kind: match line.kind {
                CompletionKind::Channel => "channel",
                CompletionKind::EventType => "event_type",
                CompletionKind::Source => "source",
                CompletionKind::Key => "key",
            }
            .to_owned(),
            text: line.text,
            note: line.note,
            channel_id: line.channel.map(|id| id.to_string()),
            source_id: line.source.map(|id| id.to_string()),
        }
    }
}
