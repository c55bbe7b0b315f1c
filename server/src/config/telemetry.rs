//! Where traces of Weir itself go.

use super::section::{Key, Section};
use crate::client::Address;

#[derive(Debug, Clone, PartialEq)]
pub struct Telemetry {
    /// A collector's; `/v1/traces` comes behind it.
    pub endpoint: Address,
    /// The share of traces that is kept, 0 to 1; a trace that a trusted proxy began keeps its choice.
    pub sampled: f64,
}

const ENDPOINT: Key = Key {
    name: "otlp_endpoint",
    expected: "the address of an OpenTelemetry collector that takes OTLP over HTTP; Weir adds /v1/traces",
    example: "otlp_endpoint = \"http://127.0.0.1:4318\"",
};
const SAMPLED: Key = Key {
    name: "sampled",
    expected: "the share of traces that is exported, 0 to 1 (0.1 if not said)",
    example: "sampled = 0.1",
};

/// `None` if no endpoint is said.
pub fn read(section: Section<'_, '_>) -> Option<Telemetry> {
    let sampled = section.share(&SAMPLED).map_or(0.1, |found| found.value);
    let endpoint = section.text(&ENDPOINT).and_then(|found| match Address::read(&found.value) {
        Ok(endpoint) => Some(endpoint),
        Err(why) => {
            section.wrong(&ENDPOINT, &found.place, format!("can't be used: {why}"));
            None
        }
    });
    section.end();
    endpoint.map(|endpoint| Telemetry { endpoint, sampled })
}
