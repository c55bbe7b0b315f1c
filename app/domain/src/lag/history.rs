use crate::Timestamp;

/// Observations of one group on one channel, oldest first, all of the same partitions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chunk {
    /// Numbers of the partitions, ascending.
    pub partitions: Vec<i32>,
    pub ticks: Vec<Tick>,
}

/// One observation of all partitions of a [`Chunk`], in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    pub at: Timestamp,
    /// Of the partition that is furthest behind in time; `None`: unknown.
    pub time_lag_ms: Option<u64>,
    pub places: Vec<Place>,
}

/// Where a group stands on a partition, and where that ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// Next position to be read; `None`: not committed, or not known.
    pub next: Option<i64>,
    /// High watermark.
    pub end: Option<i64>,
    /// What is unread: up to the end, or as the broker says.
    pub lag: Option<u64>,
}

impl Place {
    /// Where positions alone tell what is unread. Beyond the end nothing does: the log was cut or made anew, and what the
    /// position means there nobody knows.
    pub fn between(next: Option<i64>, end: Option<i64>) -> Self {
        let lag = next.zip(end).and_then(|(next, end)| u64::try_from(end.checked_sub(next)?).ok());
        Self { next, end, lag }
    }
}

impl Tick {
    /// Unread in all partitions of which it is known; `None`: in none.
    pub fn lag(&self) -> Option<u64> {
        self.places.iter().filter_map(|p| p.lag).reduce(u64::saturating_add)
    }
}

/// A point of the long history: the last observation of five minutes.
pub const ROLLED_EVERY_S: i64 = 300;

/// What happened to a group or a channel, marked on charts.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Happening {
    pub at: Timestamp,
    pub kind: HappeningKind,
    pub channel: Option<String>,
    pub partition: Option<i32>,
    /// For a person: "position moved from 4,711 back to 0".
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HappeningKind {
    Rebalanced,
    Joined,
    Left,
    /// A position went back, or ahead of what was read.
    Reset,
    /// Retention or somebody deleted events that were unread.
    Lost,
    /// The broker has more partitions of the channel.
    PartitionsAdded,
    /// The channel was deleted and made again.
    Recreated,
    /// The broker does not know the group any more.
    Gone,
    Returned,
}

impl HappeningKind {
    pub const ALL: [Self; 9] = [
        Self::Rebalanced,
        Self::Joined,
        Self::Left,
        Self::Reset,
        Self::Lost,
        Self::PartitionsAdded,
        Self::Recreated,
        Self::Gone,
        Self::Returned,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rebalanced => "rebalanced",
            Self::Joined => "joined",
            Self::Left => "left",
            Self::Reset => "reset",
            Self::Lost => "lost",
            Self::PartitionsAdded => "partitions_added",
            Self::Recreated => "recreated",
            Self::Gone => "gone",
            Self::Returned => "returned",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == word)
    }
}
