//! The names of an event's own fields; every other name is a path into its payload.

use super::Field;

/// A field as completion and the reference page list it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldHelp {
    pub name: &'static str,
    pub what: &'static str,
    pub example: &'static str,
}

/// Says that a path begins at the payload, where its first name would be read as a field of the event.
pub(super) const PAYLOAD: &str = "payload";
pub(super) const HEADER: &str = "header";

const fn help(name: &'static str, what: &'static str, example: &'static str) -> FieldHelp {
    FieldHelp { name, what, example }
}

/// In the order in which they are offered.
pub const FIELDS: &[FieldHelp] = &[
    help("type", "event type", "type:payment.*"),
    help("channel", "topic, queue, stream or subject", "channel:orders.*"),
    help("key", "the event's key, letter by letter", "key:ord-4711"),
    help("header", "a header by its name", "header.tenant:acme"),
    help("source", "configured connection", "source:shop"),
    help("environment", "production, staging, …", "environment:production"),
    help("time", "the event's time, UTC", "time>=2026-11-22T14:00"),
    help("captured", "when it was captured, UTC", "captured:2026-11-22"),
    help("partition", "the broker's partition number", "partition:3"),
    help("offset", "position inside the partition", "offset>=120000"),
    help("size", "bytes of key, headers and payload", "size>1MB"),
    help("payload", "the payload as a whole, or the beginning of a path", "payload:*"),
];

/// Words that people bring from elsewhere, and what they are called here.
const ELSEWHERE: &[(&str, &str)] = &[
    ("topic", "channel"),
    ("queue", "channel"),
    ("stream", "channel"),
    ("subject", "channel"),
    ("exchange", "channel"),
    ("cluster", "source"),
    ("env", "environment"),
    ("timestamp", "time"),
    ("position", "offset"),
    ("headers", "header"),
    ("value", "payload"),
];

/// What a field's name from elsewhere may have meant.
pub(super) fn meant(name: &str) -> Option<&'static str> {
    ELSEWHERE.iter().find(|(theirs, _)| theirs.eq_ignore_ascii_case(name)).map(|(_, ours)| *ours)
}

/// Is this name, standing first, read as a field of the event?
pub(super) fn is_taken(name: &str) -> bool {
    FIELDS.iter().any(|f| f.name == name)
}

/// A field of one word; `header` is none: it needs a name.
pub(super) fn plain(name: &str) -> Option<Field> {
    Some(match name {
        "type" => Field::Type,
        "channel" => Field::Channel,
        "source" => Field::Source,
        "environment" => Field::Environment,
        "key" => Field::Key,
        "partition" => Field::Partition,
        "offset" => Field::Offset,
        "size" => Field::Size,
        "time" => Field::Time,
        "captured" => Field::Captured,
        PAYLOAD => Field::Payload,
        _ => return None,
    })
}

impl Field {
    /// What it is called in a query; of headers and paths the word before their names.
    pub fn name(&self) -> &'static str {
        name(self)
    }
}

pub(super) fn name(field: &Field) -> &'static str {
    match field {
        Field::Type => "type",
        Field::Channel => "channel",
        Field::Source => "source",
        Field::Environment => "environment",
        Field::Key => "key",
        Field::Header(_) => HEADER,
        Field::Partition => "partition",
        Field::Offset => "offset",
        Field::Size => "size",
        Field::Time => "time",
        Field::Captured => "captured",
        Field::Payload | Field::Path(_) => PAYLOAD,
    }
}
