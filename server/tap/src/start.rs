use weir_domain::Timestamp;

/// Where a source is read from the first time it is seen (`start` in the configuration).
/// What appears in it later is always read from its own start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StartAt {
    #[default]
    Latest,
    Earliest,
    /// The first event at or after this time, by the broker's timestamps.
    Time(Timestamp),
}

impl StartAt {
    pub const fn to_broker(self) -> weir_broker::StartAt {
        match self {
            Self::Latest => weir_broker::StartAt::Latest,
            Self::Earliest => weir_broker::StartAt::Earliest,
            Self::Time(t) => weir_broker::StartAt::Time(t),
        }
    }
}
