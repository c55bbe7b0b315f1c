//! The contract every broker keeps. Discovery and reading are separate; `probe` and `publish` join
//! them when lag and replay need them. One conformance suite ([`conformance`]) runs against the
//! in-memory broker and every real one. Nothing here can write to a broker.

pub mod conformance;
mod contract;
pub mod memory;
mod settings;

pub use contract::{
    Assignment, Broker, BrokerError, Chunk, Discovered, DiscoveredPartition, Discovery, Ended, EstimatedRead,
    PartitionAddress, ReadLimits, Reader, Reading, Record, StartAt,
};
pub use settings::{Sasl, SaslMechanism, Secret, Settings, Tls};
