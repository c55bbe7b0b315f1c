use super::{Entry, EntryId, ObjectKind, Outcome};
use crate::{
    ChannelId, EventId, SourceId,
    events::{KeyHash, TimeRange},
};

/// What somebody asks of the log. All parts must hold; an empty question is the whole log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// A log-in name, as the person types it.
    pub person: Option<String>,
    /// A use case, by its name.
    pub act: Option<String>,
    /// An object by its id; a channel or a source by its name, or by its id after a `#`.
    pub object: Option<(ObjectKind, String)>,
    /// A key as the events page takes it: who was shown an event with it, or searched for it?
    pub key: Option<String>,
    /// Who saw this event, or any with its key?
    pub seen: Option<EventId>,
    pub outcome: Option<Outcome>,
    pub range: TimeRange,
}

/// The same in the terms of the store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    pub login: Option<String>,
    pub use_case: Option<String>,
    pub outcome: Option<Outcome>,
    pub object: Option<Matter>,
    pub key: Option<KeyHash>,
    /// Entries about the event, and those that showed its key. Its key is looked up where the event is, and told nobody.
    pub seen: Option<EventId>,
    pub range: TimeRange,
}

/// What entries are to be about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matter {
    /// Any of these channels, or what lies in them.
    Channels(Vec<ChannelId>),
    /// Any of these sources, or what lies in them.
    Sources(Vec<SourceId>),
    Object(ObjectKind, String),
}

/// Entries, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditPage {
    pub entries: Vec<Entry>,
    /// There may be older ones: those before this number. A page can be short and still have a next one.
    pub next: Option<EntryId>,
}
