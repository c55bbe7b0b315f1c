//! The one place where kinds of brokers are registered.

use std::sync::Arc;

use weir_broker::{Broker, BrokerError, Settings};
use weir_broker_kafka::KafkaBroker;
use weir_domain::Clock;

/// Makes a connection; nothing is contacted yet.
pub type Connect = fn(Settings, Arc<dyn Clock>) -> Result<Arc<dyn Broker>, BrokerError>;

/// A kind of source and how to connect to one. Connecting contacts nothing yet.
pub struct Kind {
    /// As `kind = "…"` in the configuration.
    pub name: &'static str,
    pub connect: Connect,
}

pub const KINDS: &[Kind] =
    &[Kind { name: "kafka", connect: |settings, clock| Ok(Arc::new(KafkaBroker::new(settings, clock)?)) }];
