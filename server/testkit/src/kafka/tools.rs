//! Kafka's own command-line tools, to hold figures against.

use super::jars::{self, VERSION};
use crate::{Result, blocking};

const POM: &str = include_str!("tools.xml");

/// Runs one of the tools by its class, such as `org.apache.kafka.tools.consumer.group.ConsumerGroupCommand`, and returns
/// what it printed. A Java machine is started for it (2 s); the first on a machine fetches the tools' jars.
///
/// # Errors
/// When Java or Maven is missing, the jars can't be fetched, or the tool fails; with what it said.
pub fn tool(class: &str, args: &[&str]) -> Result<String> {
    blocking(|| jars::fetch_as(&format!("kafka-tools-{VERSION}"), POM)?.tool(class, args))
}
