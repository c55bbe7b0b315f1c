//! Apache Kafka, read by krafka's wire protocol. This crate reads and describes; it has no producer and joins no group.
//! What it changes, positions of groups that nobody is in, it changes with permits only (`lag/acts`).
//!
//! | file | does |
//! |---|---|
//! | `connect` | settings to connections: time-outs, the gate that judges addresses |
//! | `sign_in`, `token` | TLS, SASL, and where tokens come from |
//! | `examine`, `spoken` | a connection tried out step by step |
//! | `discover` | topics, partitions, what can't be read now |
//! | `reader` | fetches, and turns answers into chunks |
//! | `cursor` | the bytes of cursors and incarnations |
//! | `message` | a record batch to records |
//! | `probe` | where a start is, what holds a partition back, what a read costs |
//! | `lag` | who reads, and how far they are |
//! | `failure`, `acl` | what went wrong, in words for a person; rights as commands |

mod acl;
mod connect;
mod cursor;
mod discover;
mod examine;
mod failure;
mod lag;
mod message;
mod probe;
mod reader;
mod sign_in;
mod spoken;
mod token;

use async_trait::async_trait;
use connect::Connection;
use std::sync::Arc;
use weir_broker::{
    Assignment, Broker, BrokerError, ChannelSize, Discovery, EstimatedRead, LagProbe, ReadLimits, Reader, Settings,
    Wanted,
};
use weir_domain::{Clock, sources::Step};

/// One Kafka cluster.
pub struct KafkaBroker {
    connection: Arc<Connection>,
    clock: Arc<dyn Clock>,
    /// Keeps what it learns from one observation to the next.
    lag: Arc<lag::KafkaLag>,
}

impl std::fmt::Debug for KafkaBroker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KafkaBroker").field("settings", self.connection.settings()).finish_non_exhaustive()
    }
}

impl KafkaBroker {
    /// Checks the settings; contacts nothing. The clock is asked when the cluster does not tell since when a
    /// transaction is open.
    ///
    /// # Errors
    /// [`BrokerError::Settings`] for settings that can't be right.
    pub fn new(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, BrokerError> {
        let connection = Arc::new(Connection::new(settings, &clock)?);
        Ok(Self { lag: Arc::new(lag::KafkaLag::new(connection.clone())), connection, clock })
    }
}

#[async_trait]
impl Broker for KafkaBroker {
    async fn examine(&self, wanted: &Wanted, tell: &mut (dyn FnMut(Step) + Send)) {
        examine::examine(&self.connection, wanted, tell).await;
    }

    async fn sizes(&self, channels: &[String]) -> Result<Vec<ChannelSize>, BrokerError> {
        probe::channel_sizes(&self.connection, channels).await
    }

    async fn discover(&self) -> Result<Discovery, BrokerError> {
        discover::discover(&self.connection).await
    }

    async fn reader(&self, limits: ReadLimits) -> Result<Box<dyn Reader>, BrokerError> {
        Ok(Box::new(reader::KafkaReader::open(&self.connection, limits, self.clock.clone()).await?))
    }

    async fn estimate(&self, assignments: &[Assignment]) -> Result<EstimatedRead, BrokerError> {
        probe::estimate(&self.connection, assignments).await
    }

    fn lag(&self) -> Option<Arc<dyn LagProbe>> {
        Some(self.lag.clone())
    }
}
