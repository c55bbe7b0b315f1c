use crate::{
    CaseError, EventId,
    events::{EventFilter, HEX_MARK, hex, key_line},
    search::Query,
};
use std::{fmt, str::FromStr as _};

/// Events that one request may name.
pub const MOST_EVENTS: usize = 2_000;
/// Bytes of a key.
pub const LONGEST_SUBJECT: usize = 4_096;
/// Characters of a value: a shorter one stands in too much that is meant otherwise.
pub const SHORTEST_VALUE: usize = 3;
pub const LONGEST_VALUE: usize = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectKind {
    /// Every event with this key.
    Key,
    /// Every event in whose key, headers or payload this word or phrase stands.
    Value,
    /// These events.
    Events,
}

impl SubjectKind {
    pub const ALL: &'static [Self] = &[Self::Key, Self::Value, Self::Events];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Value => "value",
            Self::Events => "events",
        }
    }
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|k| k.as_str() == s)
    }
}

/// What is to be erased. Never in a log, a message or an address: its `Debug` tells its kind alone.
#[derive(Clone, PartialEq, Eq)]
pub enum Subject {
    Key(Vec<u8>),
    Value(String),
    /// In order, each once.
    Events(Vec<EventId>),
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Subject").field(&self.kind()).finish()
    }
}

impl Subject {
    /// From what somebody typed: a key as filters take it (`hex:` for bytes), a word or phrase, or ids of events.
    ///
    /// # Errors
    /// When it is none, or too much.
    pub fn read(kind: SubjectKind, typed: &str) -> Result<Self, CaseError> {
        match kind {
            SubjectKind::Key => {
                let filter = EventFilter { key: Some(typed.to_owned()), ..EventFilter::default() };
                let key = filter.key_bytes().unwrap_or_default();
                if key.is_empty() || key.len() > LONGEST_SUBJECT {
                    return Err(invalid(
                        format!("A key to be erased has 1 to {LONGEST_SUBJECT} bytes."),
                        "Give the whole key as events have it; hex: stands before bytes.",
                    ));
                }
                Ok(Self::Key(key))
            }
            SubjectKind::Value => {
                let value = typed.trim();
                let long = (SHORTEST_VALUE..=LONGEST_VALUE).contains(&value.chars().count());
                if !long || value.chars().any(char::is_control) || query_of(value).is_none() {
                    return Err(invalid(
                        format!("A value to be erased has {SHORTEST_VALUE} to {LONGEST_VALUE} characters on one line."),
                        "Give a number, a name or an address as it stands in the events.",
                    ));
                }
                Ok(Self::Value(value.to_owned()))
            }
            SubjectKind::Events => Ok(Self::Events(event_ids(typed)?)),
        }
    }

    pub const fn kind(&self) -> SubjectKind {
        match self {
            Self::Key(_) => SubjectKind::Key,
            Self::Value(_) => SubjectKind::Value,
            Self::Events(_) => SubjectKind::Events,
        }
    }

    /// As it is kept while its request is open; [`Self::kept`] reads it back.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Key(key) => key.clone(),
            Self::Value(value) => value.clone().into_bytes(),
            Self::Events(ids) => lines(ids).into_bytes(),
        }
    }

    /// `None`: these bytes were never kept by [`Self::to_bytes`].
    pub fn kept(kind: SubjectKind, bytes: Vec<u8>) -> Option<Self> {
        match kind {
            SubjectKind::Key => Some(Self::Key(bytes)),
            SubjectKind::Value => String::from_utf8(bytes).ok().map(Self::Value),
            SubjectKind::Events => {
                let text = String::from_utf8(bytes).ok()?;
                text.lines().map(|line| EventId::from_str(line).ok()).collect::<Option<Vec<_>>>().map(Self::Events)
            }
        }
    }

    /// For who asked and who is to approve.
    pub fn shown(&self) -> String {
        match self {
            Self::Key(key) => match String::from_utf8(key.clone()) {
                Ok(text) if !text.starts_with(HEX_MARK) => key_line(text),
                _ => format!("{HEX_MARK}{}", hex(key)),
            },
            Self::Value(value) => value.clone(),
            Self::Events(ids) => lines(ids),
        }
    }

    /// The query that finds a value: the word or phrase as the search of the Events page knows it.
    pub fn query(&self) -> Option<Query> {
        match self {
            Self::Value(value) => query_of(value),
            Self::Key(_) | Self::Events(_) => None,
        }
    }
}

fn query_of(value: &str) -> Option<Query> {
    let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
    Query::parse(&format!("\"{quoted}\"")).ok()
}

fn lines(ids: &[EventId]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn invalid(what: String, what_to_do: &str) -> CaseError {
    CaseError::Invalid { what, what_to_do: what_to_do.into() }
}

/// Ids of events, one a line or with white space between them, each alone or at the end of a link.
///
/// # Errors
/// When there is none, one can't be read, or there are too many.
pub fn event_ids(typed: &str) -> Result<Vec<EventId>, CaseError> {
    let mut ids = Vec::new();
    for (n, word) in typed.split_whitespace().enumerate() {
        if n >= MOST_EVENTS {
            return Err(invalid(
                format!("These are more than {MOST_EVENTS} events."),
                "Split the list, or name what they have in common.",
            ));
        }
        let id = word.rsplit('/').next().unwrap_or_default();
        let id = id.split(['?', '#']).next().unwrap_or_default();
        // The word itself is not told back: it may be anything that somebody pasted.
        let id = EventId::from_str(id).map_err(|_| {
            invalid(
                format!("Entry {} is no event.", n + 1),
                "An event's id is <partition>-<position>, for example 12-4711.",
            )
        })?;
        ids.push(id);
    }
    if ids.is_empty() {
        return Err(invalid(
            "The events are missing.".into(),
            "Give their ids or links, one a line: 12-4711 or …/events/12-4711.",
        ));
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PartitionId, Position};

    #[test]
    fn what_is_typed_is_read_kept_and_read_again() {
        for (kind, typed, shown) in [
            (SubjectKind::Key, "ord-4711", "ord-4711"),
            (SubjectKind::Key, "hex:00ff", "hex:00ff"),
            (SubjectKind::Value, "  Ann \"the\\ one\" Lee ", "Ann \"the\\ one\" Lee"),
            (SubjectKind::Events, "12-7\nhttps://weir.example/events/3-1?env=2#x 12-7", "3-1\n12-7"),
        ] {
            let subject = Subject::read(kind, typed).unwrap();
            assert_eq!(subject.shown(), shown);
            assert_eq!(Subject::kept(kind, subject.to_bytes()), Some(subject.clone()));
            assert_eq!(subject.query().is_some(), kind == SubjectKind::Value);
            assert!(!format!("{subject:?}").contains(shown), "{subject:?}");
        }
        let id = EventId { partition: PartitionId(3), position: Position(1) };
        assert_eq!(event_ids("3-1").unwrap(), [id]);
    }

    #[test]
    fn what_is_none_is_refused_and_not_told_back() {
        for (kind, typed) in [
            (SubjectKind::Key, String::new()),
            (SubjectKind::Key, "k".repeat(LONGEST_SUBJECT + 1)),
            (SubjectKind::Value, " ab ".into()),
            (SubjectKind::Value, "a\nb c".into()),
            (SubjectKind::Value, "x".repeat(LONGEST_VALUE + 1)),
            (SubjectKind::Events, " ".into()),
            (SubjectKind::Events, "12-1 secret-text".into()),
            (SubjectKind::Events, "1-1 ".repeat(MOST_EVENTS + 1)),
        ] {
            let refused = Subject::read(kind, &typed);
            assert!(matches!(refused, Err(CaseError::Invalid { .. })), "{kind:?} {typed:?}");
            assert!(!format!("{refused:?}").contains("secret"), "{refused:?}");
        }
    }
}
