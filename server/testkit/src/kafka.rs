//! A private Kafka broker: KRaft, version 4.3.0, on the machine's own Java; one node, or two where a test asks for it.

mod certificates;
mod data;
mod jars;
mod properties;
mod ready;
mod server;
mod tools;

pub use certificates::Secure;
pub use properties::User;
pub use server::{Kafka, Options};
pub use tools::tool;
