//! The one place where kinds of brokers are registered.

use std::sync::Arc;

use weir_broker::{Broker, BrokerError, Reach, Settings};
use weir_broker_kafka::KafkaBroker;
use weir_domain::Clock;

use crate::config::Source;

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

/// A connection to a source of the configuration, under a name of its own for the broker's quotas and logs.
///
/// # Errors
/// When its settings can't be right.
pub fn connect(source: &Source, client_id: String, clock: Arc<dyn Clock>) -> Result<Arc<dyn Broker>, BrokerError> {
    let (connect, settings) = way(source, client_id)?;
    connect(settings, clock)
}

/// What [`connect`] connects with.
///
/// # Errors
/// For a kind that there is not.
pub fn way(source: &Source, client_id: String) -> Result<(Connect, Settings), BrokerError> {
    let kind = KINDS
        .iter()
        .find(|k| k.name == source.kind)
        .ok_or_else(|| BrokerError::Settings(format!("there is no kind of broker called {}", source.kind)))?;
    let settings = Settings {
        name: source.name.clone(),
        addresses: source.bootstrap.clone(),
        tls: source.tls.clone(),
        sasl: source.sasl.clone(),
        client_id,
        rack: source.client_rack.clone(),
        // The file is the administrator's own word.
        reach: Reach::Anywhere,
    };
    Ok((kind.connect, settings))
}
