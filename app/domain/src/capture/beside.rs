//! Reads of a broker beside its taps: of one event, of a sample that is compared, of a range that is filled.

use super::Incarnation;
use crate::{PartitionId, SourceId, StoreError, access::View};
use async_trait::async_trait;
use std::time::Duration;

/// Where a partition is at its broker, and what stands in the way of reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtBroker {
    pub source: SourceId,
    pub source_name: String,
    /// Its settings are in the configuration, not in the database.
    pub of_file: bool,
    /// "off" | "metadata" | "full"
    pub capture: String,
    /// A person wants it to stand still, or its reading was given up.
    pub stands_still: bool,
    /// Is its channel's policy *off*? `None`: not asked, by whoever leaves such channels out by itself.
    pub channel_off: Option<bool>,
    pub channel: String,
    /// The broker's own.
    pub number: i32,
    pub incarnation: Incarnation,
}

/// What reads beside the taps need of the store. All processes share one cap per source.
#[async_trait]
pub trait Beside: Send + Sync {
    /// `Ok(None)`: there is no such partition, or none in view.
    async fn at_broker(&self, view: &View, partition: PartitionId) -> Result<Option<AtBroker>, StoreError>;
    /// How long to wait before more may be read of this source; zero: read.
    async fn wait(&self, source: SourceId) -> Result<Duration, StoreError>;
    /// So much was read, at this cap: it is paid for by whoever reads next.
    async fn took(&self, source: SourceId, bytes: u64, bytes_per_s: u64) -> Result<(), StoreError>;
}
