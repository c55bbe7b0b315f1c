//! CloudEvents 1.0: attributes in headers (binary mode, as each protocol's binding spells them) or in a JSON
//! envelope (structured mode).

use super::{json, name};
use chrono::DateTime;
use memchr::memmem;
use weir_domain::{Timestamp, capture::Header};

/// What Weir uses of an envelope.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    pub event_type: Option<String>,
    pub time: Option<Timestamp>,
}

/// Kafka `ce_`, AMQP `cloudEvents_` and `cloudEvents:`, NATS and HTTP `ce-`.
const PREFIXES: [&[u8]; 4] = [b"ce_", b"cloudEvents_", b"cloudEvents:", b"ce-"];

/// From headers first, then from the body; the type decides which of the two the event follows.
pub fn attributes(headers: &[Header], payload: Option<&[u8]>) -> Attributes {
    let found = binary(headers);
    if found.event_type.is_some() {
        return found;
    }
    let declared = headers.iter().any(declares_envelope);
    match payload {
        // Long before JSON is looked at: most events are no envelope.
        Some(p) if declared || memmem::find(p, br#""specversion""#).is_some() => structured(p, declared),
        _ => found,
    }
}

fn binary(headers: &[Header]) -> Attributes {
    let mut found = Attributes::default();
    for header in headers {
        match attribute(&header.name) {
            Some(a) if a.eq_ignore_ascii_case(b"type") && found.event_type.is_none() => {
                found.event_type = header.content().and_then(name::from_bytes);
            }
            Some(a) if a.eq_ignore_ascii_case(b"time") && found.time.is_none() => {
                found.time = header.content().and_then(time);
            }
            _ => {}
        }
    }
    found
}

/// The attribute's name, if this header carries one.
fn attribute(header: &[u8]) -> Option<&[u8]> {
    PREFIXES.iter().find_map(|prefix| {
        let (head, rest) = header.split_at_checked(prefix.len())?;
        head.eq_ignore_ascii_case(prefix).then_some(rest)
    })
}

fn declares_envelope(header: &Header) -> bool {
    let names = [&b"content-type"[..], b"content_type", b"contentType"];
    names.iter().any(|n| header.name.eq_ignore_ascii_case(n))
        && header.content().is_some_and(|v| {
            let media = v.split(|c| *c == b';').next().unwrap_or_default().trim_ascii();
            media.eq_ignore_ascii_case(b"application/cloudevents+json")
        })
}

/// `declared`: its content type says it is an envelope; else it must hold a `specversion`, because a `type`
/// member of some other JSON is not a CloudEvents type.
fn structured(payload: &[u8], declared: bool) -> Attributes {
    let (mut found, mut envelope) = (Attributes::default(), declared);
    for (key, value) in json::members(payload).into_iter().flatten() {
        match key {
            b"specversion" => envelope = true,
            b"type" => found.event_type = short(value).and_then(|t| name::bounded(&t)),
            b"time" => found.time = short(value).and_then(|t| time(t.as_bytes())),
            _ => continue,
        }
        if envelope && found.event_type.is_some() && found.time.is_some() {
            break;
        }
    }
    if envelope { found } else { Attributes::default() }
}

/// The text of a raw string that is no longer than a name may be (escapes included).
fn short(raw: &[u8]) -> Option<String> {
    (raw.len() <= 6 * name::MAX_BYTES).then(|| json::text(raw)).flatten()
}

/// RFC 3339; anything else is "not readable", which is no error.
fn time(text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text.get(..text.len().min(64))?).ok()?;
    DateTime::parse_from_rfc3339(text.trim()).ok().map(|t| Timestamp(t.timestamp_micros()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::capture::HeaderType;

    fn header(name: &str, kind: HeaderType, value: &[u8]) -> Header {
        Header { name: name.into(), kind, value: Some(value.to_vec()) }
    }

    #[test]
    fn each_binding_is_understood() {
        for name in ["ce_type", "cloudEvents_type", "cloudEvents:type", "ce-type", "Ce-Type"] {
            let found = attributes(&[header(name, HeaderType::Bytes, b"order.placed")], None);
            assert_eq!(found.event_type.as_deref(), Some("order.placed"), "{name}");
        }
        let amqp = header("cloudEvents:type", HeaderType::Amqp, b"S\0\0\0\x0corder.placed");
        assert_eq!(attributes(&[amqp], None).event_type.as_deref(), Some("order.placed"));
        let number = header("cloudEvents:type", HeaderType::Amqp, b"I\0\0\0\x0c");
        assert_eq!(attributes(&[number], None), Attributes::default());
        let null = Header { name: b"ce_type".to_vec(), kind: HeaderType::Bytes, value: None };
        assert_eq!(attributes(&[null], None), Attributes::default());
        assert_eq!(attributes(&[header("price_type", HeaderType::Bytes, b"x")], None), Attributes::default());
    }

    #[test]
    fn an_envelope_is_one_by_its_specversion() {
        let body = br#"{"specversion":"1.0","id":"1","time":"2026-11-22T14:32:08.5+01:00","data":{"type":"no"},"type":"order.placed"}"#;
        let found = attributes(&[], Some(body));
        assert_eq!(found.event_type.as_deref(), Some("order.placed"));
        assert_eq!(found.time.map(Timestamp::rfc3339).as_deref(), Some("2026-11-22T13:32:08.500000Z"));
        let json = header("content-type", HeaderType::Bytes, b"application/cloudevents+json; charset=utf-8");
        assert_eq!(attributes(std::slice::from_ref(&json), Some(body)), found);
        assert_eq!(attributes(&[json], Some(br#"{"type":"x"}"#)).event_type.as_deref(), Some("x"));
        assert_eq!(attributes(&[], Some(br#"{"type":"x"}"#)), Attributes::default());
        assert_eq!(attributes(&[], Some(br#"{"type":"x","a":{"specversion":"1.0"}}"#)), Attributes::default());
        assert_eq!(attributes(&[], Some(br#"["specversion"]"#)), Attributes::default());
    }

    #[test]
    fn unreadable_times_are_absent() {
        for text in ["", "yesterday", "2026-13-01T00:00:00Z", "99999-01-01T00:00:00Z"] {
            assert_eq!(time(text.as_bytes()), None, "{text}");
        }
        assert_eq!(time(b"1969-12-31T23:59:59Z"), Some(Timestamp(-1_000_000)));
        assert!(time(b"9999-12-31T23:59:59.999999Z").is_some());
    }
}
