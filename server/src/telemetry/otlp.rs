//! OTLP's JSON (opentelemetry-proto, "JSON Protobuf Encoding"): ids in hex, 64-bit numbers as text, fields in camelCase.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};
use weir_domain::Timestamp;

use super::layer::{Finished, Value};

/// SPAN_KIND_INTERNAL and SPAN_KIND_SERVER.
const KINDS: [u8; 2] = [1, 2];
/// STATUS_CODE_ERROR.
const ERROR: u8 = 2;

/// An ExportTraceServiceRequest. `instance` tells one process from another.
pub fn request(spans: &[Finished], instance: &str) -> Json {
    let text = |key: &str, value: &str| json!({ "key": key, "value": { "stringValue": value } });
    let version = env!("CARGO_PKG_VERSION");
    json!({ "resourceSpans": [{
        "resource": { "attributes": [
            text("service.name", "weir"), text("service.version", version), text("service.instance.id", instance),
        ] },
        "scopeSpans": [{
            "scope": { "name": "weir", "version": version },
            "spans": spans.iter().map(span).collect::<Vec<_>>(),
        }],
    }] })
}

fn span(span: &Finished) -> Json {
    let attributes = span.attributes.iter().map(|(key, value)| {
        let value = match value {
            Value::Text(text) => json!({ "stringValue": text }),
            Value::Number(number) => json!({ "intValue": number.to_string() }),
        };
        json!({ "key": key, "value": value })
    });
    let mut json = json!({
        "traceId": hex(&span.trace),
        "spanId": hex(&span.span),
        "name": span.name,
        "kind": KINDS[usize::from(span.server)],
        "startTimeUnixNano": nanos(span.begun),
        "endTimeUnixNano": nanos(span.ended),
        "attributes": attributes.collect::<Vec<_>>(),
        "status": if span.failed { json!({ "code": ERROR }) } else { json!({}) },
    });
    if let Some(parent) = span.parent {
        json["parentSpanId"] = hex(&parent).into();
    }
    json
}

fn nanos(at: Timestamp) -> String {
    (i128::from(at.0) * 1000).max(0).to_string()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        // Writing into a text does not fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}
