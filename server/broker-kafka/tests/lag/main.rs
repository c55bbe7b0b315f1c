//! Consumer lag of a real Kafka, as the connector tells it.

#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test ends at its first surprise")]

mod acts;
#[path = "../cluster/mod.rs"]
mod cluster;
mod equality;
mod observing;
mod problems;
mod slow;
mod states;
mod streams;
mod tools;
