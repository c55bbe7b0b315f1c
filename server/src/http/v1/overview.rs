//! The figures of the first page.

use axum::{Extension, Json, extract::State};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_domain::overview::{self, ChannelLine, Summary};

use super::{
    asked::Asked,
    bearer::Program,
    problem::Problem,
    shared::{InEnvironment, Time},
    sources::shapes::{Gap, Source},
};
use crate::http::site::Site;

/// A channel in a few figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChannelFigures {
    #[schema(example = "17")]
    pub id: String,
    #[schema(example = "order.placed")]
    pub name: String,
    /// Its source's name.
    #[schema(example = "shop")]
    pub source: String,
    /// Over the last full minute.
    pub events_per_s: Option<f64>,
    pub behind: Option<u64>,
    pub last_event: Option<Time>,
    /// Events of each minute of the last hour, the oldest first.
    pub events_per_minute: Vec<u32>,
}

/// Something that needs a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attention {
    /// `down`, `gap`, `held`, `behind` or `stale`; more will come.
    #[schema(example = "down")]
    pub kind: String,
    pub title: String,
    pub detail: String,
    pub since: Option<Time>,
    /// The page of the console that shows it.
    #[schema(example = "/sources/3")]
    pub link: String,
}

/// From the broker's time to stored, over the last five minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Delay {
    pub p50_ms: u32,
    pub p95_ms: u32,
}

/// How everything stands. `null` is unknown, never zero.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Overview {
    /// The server's clock.
    pub at: Time,
    pub events_per_s: Option<f64>,
    /// Events of each minute of the last hour, the oldest first.
    pub events_per_minute: Vec<u32>,
    pub events_24h: u64,
    pub tap_delay: Option<Delay>,
    pub gaps_24h: u32,
    pub behind: Option<u64>,
    /// Bytes of events as they are stored, and as they were.
    pub stored_bytes: u64,
    pub raw_bytes: u64,
    /// What becomes irreversible first comes first.
    pub attention: Vec<Attention>,
    pub sources: Vec<Source>,
    pub channels: Vec<ChannelFigures>,
    pub recent_gaps: Vec<Gap>,
    /// Channels that this token may not see; no figure counts them.
    pub hidden_channels: u32,
}

/// How everything stands
///
/// The figures of the console's first page.
#[utoipa::path(
    get,
    path = "/api/v1/overview",
    operation_id = "overview_summary",
    tag = "overview",
    params(InEnvironment),
    responses((status = 200, description = "The figures.", body = Overview)),
)]
pub async fn overview(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
) -> Result<Json<Overview>, Problem> {
    let mut asked = Asked::of(&uri)?;
    asked.text("env")?;
    asked.end()?;
    let summary = program.told(site.cases.overview.summary(&program.caller).await)?;
    Ok(Json(summary.into()))
}

impl From<Summary> for Overview {
    fn from(s: Summary) -> Self {
        Self {
            at: s.at.into(),
            events_per_s: s.events_per_s,
            events_per_minute: s.throughput,
            events_24h: s.events_24h,
            tap_delay: s.tap_delay_ms.map(|(p50_ms, p95_ms)| Delay { p50_ms, p95_ms }),
            gaps_24h: s.gaps_24h,
            behind: s.behind,
            stored_bytes: s.stored_bytes,
            raw_bytes: s.raw_bytes,
            attention: s.attention.into_iter().map(Attention::from).collect(),
            sources: s.sources.into_iter().map(Source::from).collect(),
            channels: s.channels.into_iter().map(ChannelFigures::from).collect(),
            recent_gaps: s.recent_gaps.into_iter().map(Gap::from).collect(),
            hidden_channels: s.hidden_channels,
        }
    }
}

impl From<overview::Attention> for Attention {
    fn from(a: overview::Attention) -> Self {
        Self { kind: a.kind, title: a.title, detail: a.detail, since: a.since.map(Time), link: a.link }
    }
}

impl From<ChannelLine> for ChannelFigures {
    fn from(c: ChannelLine) -> Self {
        Self {
            id: c.id.to_string(),
            name: c.name,
            source: c.source_name,
            // A rate has two decimals: exact up to 2^53 hundredths.
            events_per_s: c.events_per_s_x100.map(|n| n as f64 / 100.0),
            behind: c.behind,
            last_event: c.last_event.map(Time),
            events_per_minute: c.spark,
        }
    }
}
