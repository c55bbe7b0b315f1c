use axum::{Extension, Json, extract::State};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_domain::events::{self, Masked, TimeRange};

use super::{Filter, shapes::MaskedPart, wanted};
use crate::http::{
    site::Site,
    v1::{
        asked::Asked,
        bearer::Program,
        problem::Problem,
        shared::{ChannelRef, InEnvironment, Time},
    },
};

/// Characters of a path.
const LONGEST_FIELD: usize = 1024;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is written down for the documentation; the handler reads the parameters")]
pub struct Counted {
    /// A path into the payloads whose values are counted as well. Needs `events.payload`.
    #[param(example = "data.city", max_length = 1024)]
    field: Option<String>,
    /// Events at or after this time.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-11-22T08:00:00Z")]
    from: Option<String>,
    /// Events before this time.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-11-23T08:00:00Z")]
    to: Option<String>,
}

/// Equal stretches of time, one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Bins {
    /// Where the first begins.
    pub from: Time,
    /// How long each is.
    #[schema(example = 60000)]
    pub milliseconds: u64,
    /// Events of the channels that are reached, per bin, whatever else is asked of them; `null`: too many to be counted.
    /// A batch that lies across a border is shared out evenly.
    pub all: Option<Vec<u64>>,
    /// Those that match, as far as they were counted; `null`: all do.
    pub found: Option<Vec<u64>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TypeCount {
    #[serde(rename = "type")]
    #[schema(example = "order.placed")]
    pub event_type: String,
    pub events: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChannelCount {
    pub channel: ChannelRef,
    /// The source's name.
    #[schema(example = "shop")]
    pub source: String,
    pub events: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeyCount {
    /// Bytes that are no text: `hex:…`; `null` where the bytes are not in the store any more.
    #[schema(example = "ord-4711")]
    pub key: Option<String>,
    /// The key is longer than what is shown of it.
    pub key_cut: bool,
    pub events: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldValue {
    pub value: String,
    /// Events that have it.
    pub events: u64,
}

/// What stands at a path of the payloads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldValues {
    #[schema(example = "data.city")]
    pub path: String,
    /// The most frequent; long ones are cut.
    pub values: Vec<FieldValue>,
    /// Events that were read: of the newest that match those whose payload is in the store.
    pub read: u64,
}

/// How what is found is spread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Breakdown {
    /// `null`: nothing is there.
    pub bins: Option<Bins>,
    /// Events that types, channels and keys were counted over: the newest that match.
    pub counted: u64,
    /// Events that could not be judged, and are not counted.
    pub unjudged: u64,
    /// Older ones match too, or may: they were not counted. `null`: all were.
    pub down_to: Option<Time>,
    /// The most frequent, as the next two.
    pub types: Vec<TypeCount>,
    pub channels: Vec<ChannelCount>,
    /// `null` where they are masked.
    pub keys: Option<Vec<KeyCount>>,
    /// `null` if none was asked for.
    pub field: Option<FieldValues>,
    /// What this token may not see.
    pub masked: Vec<MaskedPart>,
    /// Parts that the words of the query were not looked for in, because the token may not see them.
    pub unseen: Vec<String>,
    /// Recorded gaps in what is counted: events that the broker lost before they were read.
    pub gaps: u32,
    /// Sources that are not being read now and may have more.
    pub silent_sources: Vec<String>,
    /// Channels inside the filter that this token may not see.
    pub hidden_channels: u32,
}

impl From<events::Breakdown> for Breakdown {
    fn from(b: events::Breakdown) -> Self {
        let mut masked = Vec::new();
        let keys = match b.keys {
            Masked::Shown(keys) => Some(
                keys.into_iter()
                    .map(|(key, events)| KeyCount {
                        key_cut: key.as_ref().is_some_and(|k| k.cut),
                        key: key.map(|k| k.text),
                        events,
                    })
                    .collect(),
            ),
            Masked::NeedsRole { permission, roles } => {
                masked.push(MaskedPart { part: "key".to_owned(), needs: permission, roles });
                None
            }
        };
        let (all, found) = (b.all, b.found);
        Self {
            bins: b.bins.map(|bins| Bins {
                from: bins.from.into(),
                milliseconds: u64::try_from(bins.width_us / 1000).unwrap_or(0),
                all,
                found,
            }),
            counted: b.counted,
            unjudged: b.unjudged,
            down_to: b.down_to.map(Time),
            types: b.types.into_iter().map(|(event_type, events)| TypeCount { event_type, events }).collect(),
            channels: b
                .channels
                .into_iter()
                .map(|c| ChannelCount {
                    channel: ChannelRef { id: c.channel.to_string(), name: c.name },
                    source: c.source,
                    events: c.events,
                })
                .collect(),
            keys,
            masked,
            field: b.field.map(|f| FieldValues {
                path: f.path,
                values: f.values.into_iter().map(|(value, events)| FieldValue { value, events }).collect(),
                read: f.read,
            }),
            unseen: b.unseen,
            gaps: b.gaps,
            silent_sources: b.silent_sources,
            hidden_channels: b.hidden_channels,
        }
    }
}

/// Count what a search finds
///
/// How the events that a filter finds are spread over time, and their most frequent types, channels and keys. What has to
/// be counted one by one is the newest; `down_to` says how far that went.
#[utoipa::path(
    get,
    path = "/api/v1/events/breakdown",
    operation_id = "events_breakdown",
    tag = "events",
    params(InEnvironment, Filter, Counted),
    responses((status = 200, description = "How they are spread.", body = Breakdown)),
)]
pub async fn breakdown(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
) -> Result<Json<Breakdown>, Problem> {
    let mut asked = Asked::of(&uri)?;
    let (from, to) = (asked.time("from")?, asked.time("to")?);
    let wanted = wanted(&mut asked, TimeRange { from, to })?;
    let field = asked.text_within("field", LONGEST_FIELD)?;
    asked.end()?;
    let found = program.told(site.cases.events.breakdown_wanted(&program.caller, wanted, field.as_deref()).await)?;
    Ok(Json(found.into()))
}
