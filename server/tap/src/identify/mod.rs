//! What kind of event is this, and when did it happen by its own account? (product.md, "event type")

mod cloud_event;
pub mod json;
pub mod name;

use weir_domain::{Timestamp, capture::Header};

/// Where a source's events say their type when they are no CloudEvents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identify {
    type_header: Option<Vec<u8>>,
    type_path: Vec<String>,
}

/// What was learnt of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// At most [`name::MAX_BYTES`], no control characters, never empty for a channel with a name.
    pub event_type: String,
    pub ce_time: Option<Timestamp>,
}

impl Identify {
    /// `type_header`: a header's name; `type_field`: a dotted path into a JSON payload (`meta.type`).
    pub fn new(type_header: Option<&str>, type_field: Option<&str>) -> Self {
        Self {
            type_header: type_header.filter(|h| !h.is_empty()).map(|h| h.as_bytes().to_vec()),
            type_path: type_field
                .filter(|f| !f.is_empty())
                .map(|f| f.split('.').map(str::to_owned).collect())
                .unwrap_or_default(),
        }
    }

    /// CloudEvents `type`; else the configured header; else the configured field; else the channel's name.
    pub fn identify(&self, channel: &str, headers: &[Header], payload: Option<&[u8]>) -> Identity {
        let found = cloud_event::attributes(headers, payload);
        let event_type = found
            .event_type
            .or_else(|| self.header_type(headers))
            .or_else(|| self.field_type(payload))
            .or_else(|| name::bounded(channel))
            .unwrap_or_default();
        Identity { event_type, ce_time: found.time }
    }

    fn header_type(&self, headers: &[Header]) -> Option<String> {
        let wanted = self.type_header.as_ref()?;
        let header = headers.iter().find(|h| h.name.eq_ignore_ascii_case(wanted))?;
        header.content().and_then(name::from_bytes)
    }

    /// Strings as they are, numbers and words (`true`) as written; what nests names no type.
    fn field_type(&self, payload: Option<&[u8]>) -> Option<String> {
        let raw = json::at_path(payload.filter(|_| !self.type_path.is_empty())?, &self.type_path)?;
        match raw.first()? {
            b'{' | b'[' => None,
            b'"' => name::bounded(&json::text(raw)?),
            _ => name::from_bytes(raw).filter(|n| n != "null"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use weir_domain::capture::HeaderType;

    fn header(name: &str, value: &str) -> Header {
        Header { name: name.into(), kind: HeaderType::Bytes, value: Some(value.into()) }
    }

    #[test]
    fn the_order_of_places() {
        let identify = Identify::new(Some("event-type"), Some("meta.kind"));
        let kind = |headers: &[Header], payload: &str| {
            identify.identify("orders", headers, Some(payload.as_bytes())).event_type
        };
        let body = r#"{"meta":{"kind":"by-field"}}"#;
        assert_eq!(kind(&[header("Event-Type", "by-header"), header("ce_type", "by-ce")], body), "by-ce");
        assert_eq!(kind(&[header("Event-Type", "by-header")], body), "by-header");
        assert_eq!(kind(&[header("event-type", "")], body), "by-field");
        assert_eq!(kind(&[], r#"{"meta":{"kind":7}}"#), "7");
        for none in [r#"{"meta":{"kind":null}}"#, r#"{"meta":{"kind":{}}}"#, r#"{"meta":7}"#, "no json", ""] {
            assert_eq!(kind(&[], none), "orders", "{none}");
        }
        assert_eq!(identify.identify("orders", &[], None).event_type, "orders");
    }

    proptest! {
        #[test]
        fn anything_at_all_gets_a_clean_type(
            names in proptest::collection::vec("(ce_type|ce-time|content-type|event-type|x)", 0..4),
            values in proptest::collection::vec(proptest::option::of(proptest::collection::vec(any::<u8>(), 0..300)), 4),
            payload in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..400)),
            envelope: bool,
        ) {
            let headers: Vec<_> = names.iter().zip(values)
                .map(|(n, value)| Header { name: n.clone().into_bytes(), kind: HeaderType::Bytes, value })
                .collect();
            let payload = payload.map(|p| if envelope { [br#"{"specversion":"1.0","type":"#, &p[..]].concat() } else { p });
            let identity = Identify::new(Some("event-type"), Some("a.b")).identify("c", &headers, payload.as_deref());
            prop_assert!(!identity.event_type.is_empty() && identity.event_type.len() <= name::MAX_BYTES);
            prop_assert!(!identity.event_type.contains('\0'));
        }
    }
}
