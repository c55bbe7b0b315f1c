//! Newtypes for every identity. Learnt things have bigint ids, things people make UUIDs
//! (decision 7), kept as text here so that the browser bundle needs no UUID code.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

macro_rules! bigint_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
        impl FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(s: &str) -> Result<Self, Self::Err> { s.parse().map(Self) }
        }
    )+};
}

bigint_id! {
    /// One partition of one channel in one incarnation (decision 1).
    PartitionId,
    ChannelId, SourceId, EnvironmentId, EventTypeId, GapId,
    /// A consumer group of one source, of whatever kind of broker.
    GroupId,
    /// A session: its number, not its token, which nobody can make of it.
    SessionId,
}

/// The place of an event inside its partition: the broker's own number where it has one
/// (Kafka offset, RabbitMQ stream offset, JetStream sequence).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(pub i64);

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Identity of an event: never changes. Permalink `/events/<partition_id>-<position>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EventId {
    pub partition: PartitionId,
    pub position: Position,
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.partition, self.position)
    }
}

impl FromStr for EventId {
    type Err = NotAnEventId;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let (partition, position) = s.split_once('-').ok_or(NotAnEventId)?;
        Ok(Self {
            partition: PartitionId(partition.parse().map_err(|_| NotAnEventId)?),
            position: Position(position.parse().map_err(|_| NotAnEventId)?),
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event's id is <partition>-<position>, for example 12-4711")]
pub struct NotAnEventId;

/// A person (UUIDv7, lower-case text).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(pub String);

/// Somebody's request for access (UUIDv7, lower-case text).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(pub String);

/// A personal token (UUIDv7, lower-case text): its name in lists and in the log, never its secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenId(pub String);

/// A saved search (UUIDv7, lower-case text).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SearchId(pub String);

/// A short link to a search: 12 letters, which nobody can guess.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LinkId(pub String);

/// A template of links (UUIDv7, lower-case text).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TemplateId(pub String);

/// A request for an erasure (UUIDv7, lower-case text).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ErasureId(pub String);

/// A legal hold (UUIDv7, lower-case text).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HoldId(pub String);

/// An alert (UUIDv7, lower-case text).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlertId(pub String);

/// A rule of monitoring: the word of its kind for what comes with Weir, else a UUIDv7.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuleId(pub String);

/// Somewhere that alerts are sent to (UUIDv7, lower-case text).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OutletId(pub String);

/// A maintenance window (UUIDv7, lower-case text).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WindowId(pub String);

/// This installation (decision 17). Client ids, tap queues and groups carry it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InstanceId(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_id_survives_its_own_text() {
        let id = EventId { partition: PartitionId(12), position: Position(4711) };
        assert_eq!(id.to_string(), "12-4711");
        assert_eq!("12-4711".parse(), Ok(id));
        for bad in ["", "12", "-", "12-", "-12", "a-1", "1-b", "99999999999999999999-1"] {
            assert_eq!(bad.parse::<EventId>(), Err(NotAnEventId), "{bad:?}");
        }
    }
}
