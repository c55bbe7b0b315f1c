use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_domain::audit::{self, Facts};

use crate::http::v1::shared::Time;

/// What somebody did or saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    /// Ascending; gaps mean nothing.
    #[schema(example = "4711")]
    pub id: String,
    pub at: Time,
    /// The person's id; null where nobody was signed in.
    pub person_id: Option<String>,
    #[schema(example = "mara")]
    pub login: Option<String>,
    /// session, token or command_line; null where nobody was signed in.
    #[schema(example = "token")]
    pub via: Option<String>,
    /// The token's id, where one was used.
    pub token_id: Option<String>,
    /// The network it came from: an IPv4 address, or the /64 of an IPv6 one.
    #[schema(example = "192.0.2.7")]
    pub network: String,
    pub request_id: String,
    #[schema(example = "events/payload")]
    pub act: String,
    /// allowed, refused, failed; began, continued, ended for what goes on for a while.
    #[schema(example = "allowed")]
    pub outcome: String,
    /// Why it was refused or ended.
    pub reason: Option<String>,
    pub object: Option<Object>,
    pub source_id: Option<String>,
    pub channel_id: Option<String>,
    /// Of a query: what it filtered by and in which range, never the values.
    #[schema(value_type = Object)]
    pub shape: Facts,
    /// Of a change: what was before. A secret has a name and no value.
    #[schema(value_type = Object)]
    pub before: Facts,
    /// Of a change: what is after.
    #[schema(value_type = Object)]
    pub after: Facts,
    /// Rows or bytes that were shown; 0: nothing was found. Null where nothing was counted.
    pub count: Option<u64>,
    /// How many different keys were shown or searched for.
    pub keys: u32,
    /// What it was about is beyond the token's grants: its name and the change are left out.
    pub masked: bool,
}

/// What it was about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AuditObject)]
pub struct Object {
    /// event, channel, source, person, token or audit.
    #[schema(example = "event")]
    pub kind: String,
    #[schema(example = "12-4711")]
    pub id: Option<String>,
    /// As it was called then.
    #[schema(example = "order.placed")]
    pub name: Option<String>,
}

/// Newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Entries {
    pub entries: Vec<Entry>,
    /// Ask with it as `cursor` for older ones; null at the end.
    pub next: Option<String>,
}

/// The last line of an export that holds as much as one may: ask with `cursor` for the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct More {
    pub more: bool,
    pub cursor: String,
}

impl From<audit::Entry> for Entry {
    fn from(e: audit::Entry) -> Self {
        Self {
            id: e.id.to_string(),
            at: e.at.into(),
            person_id: e.person.map(|p| p.0),
            login: e.login,
            via: e.via,
            token_id: e.token,
            network: e.remote,
            request_id: e.request,
            act: e.use_case,
            outcome: e.outcome,
            reason: e.reason,
            object: e.object_kind.map(|kind| Object { kind, id: e.object, name: e.object_name }),
            source_id: e.source.map(|s| s.to_string()),
            channel_id: e.channel.map(|c| c.to_string()),
            shape: e.shape,
            before: e.before,
            after: e.after,
            count: e.count,
            keys: e.keys,
            masked: e.masked,
        }
    }
}
