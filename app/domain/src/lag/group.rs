use serde::{Deserialize, Serialize};

/// What kind of broker-side bookkeeping of consumers this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupKind {
    /// Kafka's first protocol of groups.
    Classic,
    /// Kafka's, since KIP-848.
    Consumer,
    /// Kafka's share groups (KIP-932): members share partitions, events are acknowledged one by one.
    Share,
    /// Kafka Streams' own protocol (KIP-1071).
    Streams,
    /// A durable consumer of a JetStream stream.
    JetStream,
    /// A RabbitMQ queue with whoever consumes it.
    Queue,
    /// A consumer group of a Redis stream.
    Redis,
    /// An SQS queue.
    Sqs,
    /// An application that keeps its positions elsewhere, and reports them.
    Reported,
}

impl GroupKind {
    pub const ALL: [Self; 9] = [
        Self::Classic,
        Self::Consumer,
        Self::Share,
        Self::Streams,
        Self::JetStream,
        Self::Queue,
        Self::Redis,
        Self::Sqs,
        Self::Reported,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::Consumer => "consumer",
            Self::Share => "share",
            Self::Streams => "streams",
            Self::JetStream => "jet_stream",
            Self::Queue => "queue",
            Self::Redis => "redis",
            Self::Sqs => "sqs",
            Self::Reported => "reported",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == word)
    }
}

/// What the broker says a group is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupState {
    /// Members have their partitions.
    Stable,
    /// Partitions are being handed out anew.
    Rebalancing,
    /// Nobody is in it; its positions are kept for a while.
    Empty,
    /// The broker is about to forget it.
    Dead,
    /// Not told, or a word that Weir does not know.
    Unknown,
}

impl GroupState {
    pub const ALL: [Self; 5] = [Self::Stable, Self::Rebalancing, Self::Empty, Self::Dead, Self::Unknown];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Rebalancing => "rebalancing",
            Self::Empty => "empty",
            Self::Dead => "dead",
            Self::Unknown => "unknown",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == word)
    }

    /// May positions be moved? Only while nobody is in the group.
    pub const fn is_idle(self) -> bool {
        matches!(self, Self::Empty | Self::Dead)
    }
}

/// One consumer of a group, as the broker knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The broker's own name of it.
    pub id: String,
    pub client_id: String,
    pub host: String,
    /// Of static membership (`group.instance.id`).
    pub instance: Option<String>,
    /// Channels and numbers of partitions, in their order. Empty for a share group's member that has none.
    pub holds: Vec<(String, Vec<i32>)>,
}
