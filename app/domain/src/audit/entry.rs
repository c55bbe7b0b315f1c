use super::{Facts, Object};
use crate::{
    ChannelId, PersonId, SourceId, Timestamp,
    access::{Caller, Via},
    events::KeyHash,
};
use serde::{Serialize, Serializer};
use std::{fmt, str::FromStr};

/// Numbers of entries ascend; gaps between them mean nothing. Permalink `/audit/<number>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct EntryId(pub i64);

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for EntryId {
    type Err = std::num::ParseIntError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        s.parse().map(Self)
    }
}

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was permitted, and done or shown right after the entry was written.
    Allowed,
    Refused,
    /// It was permitted, and could not be carried out. Follows the entry that allowed it.
    Failed,
    /// Something that goes on for a while began …
    Began,
    /// … went on (what it showed since the entry before) …
    Continued,
    /// … and ended.
    Ended,
}

impl Outcome {
    pub const ALL: &'static [Self] =
        &[Self::Allowed, Self::Refused, Self::Failed, Self::Began, Self::Continued, Self::Ended];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Began => "began",
            Self::Continued => "continued",
            Self::Ended => "ended",
        }
    }

    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|o| o.as_str() == s)
    }
}

/// Who asked, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// `None`: nobody is signed in, or nobody has the name that was tried.
    pub person: Option<PersonId>,
    pub login: Option<String>,
    pub via: Option<Via>,
    /// The client's network: an IPv4 address, or the /64 of an IPv6 one. Empty where it is not known.
    pub remote: String,
    pub request_id: String,
}

impl Who {
    /// Weir itself, for what somebody decided before: by a policy, a budget, a file.
    pub const fn weir() -> Self {
        Self { person: None, login: None, via: None, remote: String::new(), request_id: String::new() }
    }
}

impl From<&Caller> for Who {
    fn from(caller: &Caller) -> Self {
        Self {
            person: Some(caller.person.clone()),
            login: Some(caller.login.clone()),
            via: Some((&caller.by).into()),
            remote: caller.origin.remote.clone(),
            request_id: caller.origin.request_id.clone(),
        }
    }
}

/// What it was about, as far as it may be told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    pub object: Option<Object>,
    /// Of a query: what it filtered by and in which range, never values.
    pub shape: Facts,
    /// Of a change.
    pub before: Facts,
    pub after: Facts,
    /// Rows or bytes shown; 0 tells that nothing was found.
    pub count: Option<u64>,
    /// Hashes of the keys of the events that were shown or searched for.
    pub keys: Vec<KeyHash>,
}

impl About {
    /// Nothing but that it happened.
    pub fn nothing() -> Self {
        Self::default()
    }
    pub fn object(object: Object) -> Self {
        Self { object: Some(object), ..Self::default() }
    }
    pub fn query(shape: Facts) -> Self {
        Self { shape, ..Self::default() }
    }
    #[must_use]
    pub fn on(self, object: Option<Object>) -> Self {
        Self { object, ..self }
    }
    #[must_use]
    pub fn shape(self, shape: Facts) -> Self {
        Self { shape, ..self }
    }
    #[must_use]
    pub fn change(self, before: Facts, after: Facts) -> Self {
        Self { before, after, ..self }
    }
    #[must_use]
    pub fn count(self, count: u64) -> Self {
        Self { count: Some(count), ..self }
    }
    /// Each once.
    #[must_use]
    pub fn keys(self, keys: impl IntoIterator<Item = KeyHash>) -> Self {
        let mut keys: Vec<_> = keys.into_iter().collect();
        keys.sort_unstable();
        keys.dedup();
        Self { keys, ..self }
    }
}

/// An entry to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    pub at: Timestamp,
    pub who: Who,
    /// Its name in the list of use cases.
    pub use_case: &'static str,
    pub outcome: Outcome,
    /// Why it was refused or ended: words of the program, never a person's or the broker's.
    pub reason: Option<&'static str>,
    pub about: About,
}

/// An entry of the log. Its JSON is the line of exports and of the standard output: names are added, never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    pub id: EntryId,
    #[serde(serialize_with = "rfc3339")]
    pub at: Timestamp,
    pub person: Option<PersonId>,
    pub login: Option<String>,
    /// `session`, `token`, `command_line`; `None` where nobody is signed in.
    pub via: Option<String>,
    /// The token's id, where one was used.
    pub token: Option<String>,
    pub remote: String,
    pub request: String,
    pub use_case: String,
    /// A word of [`Outcome`], or of a newer Weir.
    pub outcome: String,
    pub reason: Option<String>,
    pub object_kind: Option<String>,
    pub object: Option<String>,
    pub object_name: Option<String>,
    pub source: Option<SourceId>,
    pub channel: Option<ChannelId>,
    pub shape: Facts,
    pub before: Facts,
    pub after: Facts,
    pub count: Option<u64>,
    /// How many different keys were shown or searched for.
    pub keys: u32,
    /// The reader may not see what it was about: names and changes are left out. Never so in the log itself.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub masked: bool,
}

fn rfc3339<S: Serializer>(at: &Timestamp, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(&at.rfc3339())
}

impl NewEntry {
    /// As it stands in the log once it is written.
    pub fn numbered(&self, id: EntryId) -> Entry {
        let (who, about) = (&self.who, &self.about);
        let object = about.object.as_ref();
        let text = |s: &str| s.to_owned();
        Entry {
            id,
            at: self.at,
            person: who.person.clone(),
            login: who.login.clone(),
            via: who.via.as_ref().map(|v| text(v.as_str())),
            token: who.via.as_ref().and_then(|v| v.token().map(text)),
            remote: who.remote.clone(),
            request: who.request_id.clone(),
            use_case: text(self.use_case),
            outcome: text(self.outcome.as_str()),
            reason: self.reason.map(text),
            object_kind: object.map(|o| text(o.kind.as_str())),
            object: object.map(|o| o.id.clone()),
            object_name: object.and_then(|o| o.name.clone()),
            source: object.and_then(|o| o.source),
            channel: object.and_then(|o| o.channel),
            shape: about.shape.clone(),
            before: about.before.clone(),
            after: about.after.clone(),
            count: about.count,
            keys: u32::try_from(about.keys.len()).unwrap_or(u32::MAX),
            masked: false,
        }
    }
}
