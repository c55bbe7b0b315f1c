//! A private Kafka broker: one node, KRaft, version 4.3.0, on the machine's own Java.

mod certificates;
mod data;
mod jars;
mod properties;
mod ready;
mod server;

pub use certificates::Secure;
pub use properties::User;
pub use server::{Kafka, Options};
