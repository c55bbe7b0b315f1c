//! Consumer lag of a real Kafka, as the connector tells it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at its first surprise")]

#[path = "../cluster/mod.rs"]
mod cluster;
mod observing;
