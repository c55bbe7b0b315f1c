//! Many keys at once.

use axum::{Extension, Json, extract::State};
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_cases::events::Wanted;
use weir_domain::{
    CaseError,
    events::{KeyFound, KeyLine, KeyList, KeysFound, TimeRange},
};

use crate::http::{
    site::Site,
    v1::{
        asked::Asked,
        bearer::Program,
        given::Given,
        problem::Problem,
        shared::{ChannelRef, InEnvironment, SourceRef, Time},
    },
};

/// Which keys, and where to look for them. All that is given must hold.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeysAsked {
    /// Whole keys, exactly, as text; or `hex:` and their bytes. Each at most 4,096 bytes. Doubles count once.
    #[schema(example = json!(["ord-4711", "ord-4712"]), min_items = 1, max_items = 10000)]
    pub keys: Vec<String>,
    /// A source, by its name or its id.
    #[schema(example = "shop")]
    pub source: Option<String>,
    /// A channel, by its name or its id.
    #[schema(example = "order.placed")]
    pub channel: Option<String>,
    /// The event type, exactly.
    pub r#type: Option<String>,
    /// Events at or after this time.
    pub from: Option<Time>,
    /// Events before this time.
    pub to: Option<Time>,
}

/// The newest event of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewestOfKey {
    #[schema(example = "12-4711")]
    pub id: String,
    pub time: Time,
    /// Its event type: the last state that is known.
    #[serde(rename = "type")]
    #[schema(example = "order.shipped")]
    pub event_type: String,
    pub channel: ChannelRef,
    pub source: SourceRef,
}

/// What is known of one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Key {
    /// As it was asked for.
    #[schema(example = "ord-4711")]
    pub key: String,
    pub found: bool,
    /// Events with it in what was looked at.
    pub events: u64,
    /// `null` where it was not found.
    pub newest: Option<NewestOfKey>,
    /// Its bytes are past their retention: the key was known by its hash alone.
    pub by_hash: bool,
}

/// How much was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeysScanned {
    /// Events searched.
    pub events: u64,
    /// Everything that was asked for was looked at. If not, counts are "at least", and what was not found may be there.
    pub complete: bool,
    /// Where it is not complete: all that was captured from then on was looked at; `null`: only a part of the newest.
    pub captured_since: Option<Time>,
    /// Recorded gaps in the range: events that the broker lost before they were read.
    pub gaps: u32,
    /// Sources that are not being read now and may have more.
    pub silent_sources: Vec<String>,
}

/// What is known of each key, in the order they were given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Keys {
    pub keys: Vec<Key>,
    /// How many of them were found.
    pub found: u64,
    /// Keys that stood there before, and count once.
    pub doubles: u64,
    pub scanned: KeysScanned,
    /// Channels that this token may not see.
    pub hidden_channels: u32,
}

impl From<KeyLine> for Key {
    fn from(line: KeyLine) -> Self {
        let KeyLine { key, found } = line;
        let Some(KeyFound { events, newest, by_hash }) = found else {
            return Self { key, found: false, events: 0, newest: None, by_hash: false };
        };
        let newest = NewestOfKey {
            id: newest.id.to_string(),
            time: newest.time.into(),
            event_type: newest.event_type,
            channel: ChannelRef { id: newest.channel.to_string(), name: newest.channel_name },
            source: SourceRef { id: newest.source.to_string(), name: newest.source_name, kind: newest.source_kind },
        };
        Self { key, found: true, events, newest: Some(newest), by_hash }
    }
}

impl From<KeysFound> for Keys {
    fn from(all: KeysFound) -> Self {
        let found = all.found().count() as u64;
        let scanned = all.scanned;
        Self {
            keys: all.keys.into_iter().map(Key::from).collect(),
            found,
            doubles: all.doubles,
            scanned: KeysScanned {
                events: scanned.events,
                complete: scanned.complete,
                captured_since: scanned.captured_since.map(Time::from),
                gaps: scanned.gaps,
                silent_sources: scanned.silent_sources,
            },
            hidden_channels: all.hidden_channels,
        }
    }
}

/// Look for many keys
///
/// For each key whether there are events with it, how many, and the newest. A question, sent as a body so that no key
/// stands in an address. Looks at what was captured last first, for some seconds at most, and says how far it came; up to
/// 100 keys are found by an index, however much is stored.
#[utoipa::path(
    post,
    path = "/api/v1/events/keys",
    operation_id = "events_keys",
    tag = "events",
    params(InEnvironment),
    request_body = KeysAsked,
    responses((status = 200, description = "What is known of each.", body = Keys)),
)]
pub async fn keys(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
    Given(asked): Given<KeysAsked>,
) -> Result<Json<Keys>, Problem> {
    let mut parameters = Asked::of(&uri)?;
    parameters.text("env")?;
    parameters.end()?;
    let KeysAsked { keys, source, channel, r#type, from, to } = asked;
    let list = program.told(KeyList::new(keys).map_err(CaseError::from))?;
    let range = TimeRange { from: from.map(|t| t.0), to: to.map(|t| t.0) };
    let wanted = Wanted { source, channel, event_type: r#type, range, ..Wanted::default() };
    Ok(Json(program.told(site.cases.events.keys(&program.caller, &list, wanted).await)?.into()))
}
