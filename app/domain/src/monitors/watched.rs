use crate::{
    EnvironmentId, PartitionId, Position, SourceId, StoreError, Timestamp, access::SystemView, capture::SourceState,
    lag::Standing,
};
use async_trait::async_trait;

/// A partition of which the broker holds more than its tap has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TapBehind {
    pub partition: PartitionId,
    /// What is read next.
    pub next: Position,
    /// Behind the last event that the broker has.
    pub end: Position,
}

/// How a source and its tap stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceHealth {
    pub source: SourceId,
    pub name: String,
    pub environment: EnvironmentId,
    pub environment_name: String,
    /// It is to be read: neither paused by a person, nor off or gone by its configuration.
    pub wanted: bool,
    pub state: SourceState,
    pub since: Option<Timestamp>,
    pub reason: Option<String>,
    /// When a tap last said something of it.
    pub reported_at: Option<Timestamp>,
    pub behind: Vec<TapBehind>,
    /// Its broker has consumer groups, which are observed.
    pub has_groups: bool,
    /// When its groups were last observed.
    pub lag_observed_at: Option<Timestamp>,
    /// Why the last observation failed; `None`: it did not.
    pub lag_failed: Option<String>,
}

/// What the rules look at.
#[async_trait]
pub trait Watched: Send + Sync {
    /// Every group on every channel, as it was observed last.
    async fn standings(&self, view: &SystemView, now: Timestamp) -> Result<Vec<Standing>, StoreError>;
    async fn sources(&self, view: &SystemView) -> Result<Vec<SourceHealth>, StoreError>;
}
