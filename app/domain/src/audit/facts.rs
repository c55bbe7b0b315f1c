//! What an entry may tell besides who, when and what: the shape of a query, and what was before and after a change.
//!
//! An allow-list: a fact has a name of [`Field`], and nothing else can be written. Whoever adds a field here answers
//! for it that no secret, key, header or payload stands under it. Secrets have names of their own ([`Secret`]) and no
//! value: that one was replaced is all that can be told of it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

macro_rules! names {
    ($(#[$doc:meta])* $kind:ident { $($(#[$each:meta])* $name:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $kind { $($(#[$each])* $name),+ }
        impl $kind {
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
            pub const fn as_str(self) -> &'static str { match self { $(Self::$name => $text),+ } }
        }
    };
}

names! {
    /// Names of what may be told.
    Field {
        /// Of a query: the names of what it filtered by, never the values.
        By = "by",
        /// Of a query: the ends of its time range.
        From = "from",
        To = "to",
        /// Of a query: the most rows it asked for.
        Limit = "limit",
        /// Of a query: it went on where another one ended.
        Older = "older",
        /// Of what was shown: which parts of an event could be seen (`key`, `headers`, `payload`).
        Parts = "parts",
        /// Of what goes on for a while: how much in all, at its end.
        Total = "total",
        Paused = "paused",
        Login = "login",
        Name = "name",
        Roles = "roles",
        Grants = "grants",
        Active = "active",
        Expires = "expires",
        /// Of one's own sessions: which ended.
        Sessions = "sessions",
        /// The role that somebody asked for.
        Asked = "asked",
        /// Whether they were given it.
        Granted = "granted",
        /// Of a change that was reported: its kind, its subject's version and its environment.
        Kind = "kind",
        Version = "version",
        Environment = "environment",
        /// Of a source: where and as whom it is reached, what is read of it, and how far Weir may go there.
        Addresses = "addresses",
        Encrypted = "encrypted",
        SignsIn = "signs_in",
        Capture = "capture",
        Act = "act",
        ReadOnly = "read_only",
        Channels = "channels",
        /// Of filling what lies before capture: bytes a second.
        Rate = "bytes_per_s",
        /// Of a channel: per mille of a sample, days that payloads and metadata are kept, the most bytes of payloads.
        Sample = "sample_per_mille",
        Kept = "kept_days",
        KeptMetadata = "kept_metadata_days",
        MostBytes = "most_bytes",
        /// Of a channel: its turn when the store's budget fills, and whether tombstones erase. Of the budget: bytes, and what
        /// is used of them.
        /// Of a consumer group: what is expected of it, whose it is, and whether it is hidden.
        Expectation = "expectation",
        Owner = "owner",
        Archived = "archived",
        /// Of positions that were moved: on which channel, and each partition's.
        OnChannel = "on_channel",
        Positions = "positions",
        Turn = "turn",
        Tombstones = "erase_on_tombstone",
        Budget = "budget_bytes",
        Used = "used_bytes",
        /// Of a template of links: the field it is for, and where it leads, without any value.
        LinkedField = "linked_field",
        Target = "target",
        /// Of a saved search: whether everybody sees it.
        Shared = "shared",
        /// Of a hold: its last day; of an erasure: what left because of holds, and blocks that can't be read.
        Ends = "ends",
        Held = "held",
        Unreadable = "unreadable",
        /// Of rules, outlets and maintenance windows: what they cover by patterns, whether they are on, how loud, and a rule's
        /// limit; of an alert: whether somebody has it in hand, and until when it is snoozed.
        Sources = "sources",
        Groups = "groups",
        On = "on",
        Severity = "severity",
        Minutes = "minutes",
        InHand = "in_hand",
        Until = "until",
    }
}

names! {
    /// Names of what may be told to have been replaced, without any value.
    Secret {
        Password = "password",
        Credentials = "credentials",
    }
}

/// Longer texts are cut; they are names and times.
const LONGEST: usize = 256;
/// Longer lists are cut. One person has at most 100 grants.
const MOST: usize = 128;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Flag(bool),
    Number(i64),
    Text(String),
    List(Vec<String>),
}

impl From<bool> for Value {
    fn from(b: bool) -> Self {
        Self::Flag(b)
    }
}
impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Self::Number(n)
    }
}
impl From<u32> for Value {
    fn from(n: u32) -> Self {
        Self::Number(n.into())
    }
}
impl From<&str> for Value {
    fn from(s: &str) -> Self {
        Self::Text(s.into())
    }
}
impl From<String> for Value {
    fn from(s: String) -> Self {
        Self::Text(s)
    }
}
impl From<crate::Timestamp> for Value {
    fn from(t: crate::Timestamp) -> Self {
        Self::Text(t.rfc3339())
    }
}
impl<T: Into<String>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(all: I) -> Self {
        Self::List(all.into_iter().take(MOST).map(Into::into).collect())
    }
}

/// Some facts by name. Read from the log, names of a newer Weir may stand there too.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Facts(BTreeMap<String, Value>);

impl Facts {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
    #[must_use]
    pub fn with(mut self, field: Field, value: impl Into<Value>) -> Self {
        let mut value = value.into();
        match &mut value {
            Value::Text(text) => cut(text),
            Value::List(all) => {
                all.truncate(MOST);
                all.iter_mut().for_each(cut);
            }
            Value::Flag(_) | Value::Number(_) => {}
        }
        self.0.insert(field.as_str().to_owned(), value);
        self
    }
    /// Told only where there is something to tell.
    #[must_use]
    pub fn with_some(self, field: Field, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(field, value),
            None => self,
        }
    }
    /// Another secret than before.
    #[must_use]
    pub fn replaced(mut self, secret: Secret) -> Self {
        self.0.insert(secret.as_str().to_owned(), Value::Text("(replaced)".into()));
        self
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    pub fn get(&self, field: Field) -> Option<&Value> {
        self.0.get(field.as_str())
    }
    /// In the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

/// NUL has no place in a database's text.
fn cut(text: &mut String) {
    if text.contains('\0') {
        *text = text.replace('\0', "\u{fffd}");
    }
    if text.len() > LONGEST {
        let mut end = LONGEST - '…'.len_utf8();
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_a_name_and_no_value_and_no_field_has_its_name() {
        let facts = Facts::new().replaced(Secret::Password);
        assert_eq!(facts.iter().collect::<Vec<_>>(), [("password", &Value::Text("(replaced)".into()))]);
        for field in Field::ALL {
            let name = field.as_str();
            let secret = ["password", "secret", "token", "credential", "hash", "payload", "header", "key"];
            assert!(secret.iter().all(|s| !name.contains(s)), "{name}");
        }
    }

    #[test]
    fn facts_are_bounded() {
        let facts = Facts::new()
            .with(Field::Name, "é".repeat(1000))
            .with(Field::Roles, Value::List(vec!["x".repeat(1000); 1000]))
            .with(Field::Login, "a\0b");
        for (_, value) in facts.iter() {
            match value {
                Value::Text(text) => assert!(text.len() <= LONGEST && !text.contains('\0'), "{text}"),
                Value::List(all) => assert!(all.len() <= MOST && all.iter().all(|t| t.len() <= LONGEST)),
                other => panic!("{other:?}"),
            }
        }
    }
}
