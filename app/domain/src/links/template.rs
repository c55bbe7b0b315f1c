//! From a value of an event to the page that another system has of it.

use crate::{CaseError, TemplateId, Timestamp, access::channel_pattern_matches, events::Column};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// Templates of one installation.
pub const MOST_TEMPLATES: u32 = 200;
/// Bytes of a value that a link is made of; a longer one names nothing elsewhere.
pub const LONGEST_LINKED: usize = 256;
const LONGEST_NAME: usize = 60;
const LONGEST_TARGET: usize = 1000;
const LONGEST_PATTERN: usize = 256;
const LONGEST_FIELD: usize = 512;

/// Where the value goes.
const VALUE: &str = "{value}";
/// Where the trace's id goes, of a value that is a W3C `traceparent`.
const TRACE: &str = "{trace_id}";

/// Values of a field become links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkTemplate {
    pub id: TemplateId,
    /// What the link is called: `CRM`.
    pub name: String,
    /// `key`, `header.traceparent` or a path of the payload, as a column of a table is written.
    pub field: Column,
    /// Names of channels, with `*`.
    pub channels: String,
    pub target: Target,
    pub made: Timestamp,
}

/// An address with one place for a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    text: String,
    /// Where the placeholder stands, and which it is.
    at: usize,
    place: &'static str,
    host: String,
}

/// Why a text is no target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    #[error("it must begin with https:// or http://")]
    Scheme,
    #[error("it needs a host, without a name or password before it")]
    Host,
    #[error("it needs one {{value}} (or one {{trace_id}}) behind the host")]
    Place,
    #[error("it has a letter that no address has; write it percent-encoded")]
    Letter,
    #[error("it is longer than {LONGEST_TARGET} bytes")]
    Long,
}

impl Target {
    /// # Errors
    /// Says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let text = text.trim();
        if text.len() > LONGEST_TARGET {
            return Err(TemplateError::Long);
        }
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let rest = rest.ok_or(TemplateError::Scheme)?;
        // The host is a part of the template: no value decides where a link leads.
        let host = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
        let named = host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b));
        if !named || !host.bytes().any(|b| b.is_ascii_alphanumeric()) {
            return Err(TemplateError::Host);
        }
        let mut places = [VALUE, TRACE].into_iter().filter_map(|place| Some((text.find(place)?, place)));
        let (at, place) = places.next().ok_or(TemplateError::Place)?;
        let around = format!("{}{}", &text[..at], &text[at + place.len()..]);
        if places.next().is_some() || around.contains(place) {
            return Err(TemplateError::Place);
        }
        let plain = |b: u8| b.is_ascii_graphic() && !b"\"'<>\\^`{|}".contains(&b);
        if !around.bytes().all(plain) {
            return Err(TemplateError::Letter);
        }
        Ok(Self { text: text.to_owned(), at, place, host: host.to_owned() })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where it leads, for people to see before they follow.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The address for a value; `None` where it can't be part of one: it is empty, too long, or only dots (which would lead
    /// out of their place).
    pub fn filled(&self, value: &str) -> Option<String> {
        let value = if self.place == TRACE { trace_id(value)? } else { value };
        if value.len() > LONGEST_LINKED || value.bytes().all(|b| b == b'.') {
            return None;
        }
        let mut out = self.text.get(..self.at)?.to_owned();
        for b in value.bytes() {
            match b {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(b)),
                _ => write!(out, "%{b:02X}").ok()?,
            }
        }
        out.push_str(self.text.get(self.at + self.place.len()..)?);
        Some(out)
    }
}

/// Of `00-<32 hex digits>-<16>-<2>` (W3C Trace Context); all zeroes is none.
fn trace_id(traceparent: &str) -> Option<&str> {
    let mut parts = traceparent.trim().split('-');
    let hex = |part: Option<&str>, len: usize| {
        part.is_some_and(|p| p.len() == len && p.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)))
    };
    if !hex(parts.next(), 2) {
        return None;
    }
    let id = parts.next()?;
    (hex(Some(id), 32) && hex(parts.next(), 16) && hex(parts.next(), 2) && id.bytes().any(|b| b != b'0')).then_some(id)
}

/// A field that links are made of.
///
/// # Errors
/// Where it is none: other columns say what Weir itself knows.
pub fn linked_column(text: &str) -> Result<Column, CaseError> {
    let text = text.trim();
    let column = Some(text).filter(|t| t.len() <= LONGEST_FIELD).and_then(Column::parse);
    column.filter(|c| matches!(c, Column::Key | Column::Header(_) | Column::Field(..))).ok_or_else(|| {
        CaseError::Invalid {
            what: "This is no field of an event.".into(),
            what_to_do: "Write key, header.traceparent, or a path of the payload such as data.orderId.".into(),
        }
    })
}

impl LinkTemplate {
    /// What somebody wrote, as it is kept.
    ///
    /// # Errors
    /// Says which part can't be used.
    pub fn read(
        id: TemplateId,
        (name, field, channels, target): (&str, &str, &str, &str),
        made: Timestamp,
    ) -> Result<Self, CaseError> {
        let line = |text: &str, most: usize| text.chars().count() <= most && !text.chars().any(char::is_control);
        let (name, channels) = (name.trim(), channels.trim());
        if name.is_empty() || !line(name, LONGEST_NAME) {
            return Err(CaseError::Invalid {
                what: format!("A link's name has 1 to {LONGEST_NAME} characters on one line."),
                what_to_do: "Name it after the system that it leads to.".into(),
            });
        }
        if !line(channels, LONGEST_PATTERN) {
            return Err(CaseError::Invalid {
                what: format!("Names of channels have at most {LONGEST_PATTERN} characters on one line."),
                what_to_do: "Write one name, with * for whatever differs.".into(),
            });
        }
        let target = Target::parse(target).map_err(|why| CaseError::Invalid {
            what: format!("This is no address that links may lead to: {why}."),
            what_to_do: "Write it like https://crm.example/orders/{value}.".into(),
        })?;
        let channels = if channels.is_empty() { "*" } else { channels }.to_owned();
        Ok(Self { id, name: name.to_owned(), field: linked_column(field)?, channels, target, made })
    }

    /// Is it about this channel?
    pub fn is_for(&self, channel: &str) -> bool {
        channel_pattern_matches(&self.channels, channel)
    }
}

/// A value of an event, and where it leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventLink {
    pub name: String,
    pub field: String,
    pub value: String,
    pub host: String,
    pub url: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_only_ever_a_value() {
        let target = Target::parse("https://crm.example:8443/orders/{value}?from=weir#top").unwrap();
        assert_eq!(target.host(), "crm.example:8443");
        for (value, want) in [
            ("ord-4711", "ord-4711"),
            ("a b/../c?d#e&f", "a%20b%2F..%2Fc%3Fd%23e%26f"),
            ("ü\"<", "%C3%BC%22%3C"),
            ("javascript:alert(1)", "javascript%3Aalert%281%29"),
            ("{value}", "%7Bvalue%7D"),
        ] {
            let url = format!("https://crm.example:8443/orders/{want}?from=weir#top");
            assert_eq!(target.filled(value), Some(url), "{value}");
        }
        for none in ["", ".", "..", "...", &"x".repeat(LONGEST_LINKED + 1)] {
            assert_eq!(target.filled(none), None, "{none}");
        }
    }

    #[test]
    fn the_id_of_a_trace_is_taken_out() {
        let target = Target::parse("http://trace.example/t/{trace_id}").unwrap();
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(target.filled(parent).as_deref(), Some("http://trace.example/t/0af7651916cd43dd8448eb211c80319c"));
        for none in ["", "0af7651916cd43dd8448eb211c80319c", "00-00000000000000000000000000000000-b7ad6b7169203331-01"]
        {
            assert_eq!(target.filled(none), None, "{none}");
        }
    }

    #[test]
    fn addresses_that_are_not_safe_are_refused() {
        for (bad, why) in [
            ("javascript:alert({value})", TemplateError::Scheme),
            ("JAVASCRIPT://x/{value}", TemplateError::Scheme),
            ("data:text/html,{value}", TemplateError::Scheme),
            ("//crm.example/{value}", TemplateError::Scheme),
            ("ftp://crm.example/{value}", TemplateError::Scheme),
            ("https://{value}/", TemplateError::Host),
            ("https://{value}.example/", TemplateError::Host),
            ("https://crm.example@evil.example/{value}", TemplateError::Host),
            ("https://me:pass@crm.example/{value}", TemplateError::Host),
            ("https:///{value}", TemplateError::Host),
            ("https://crm.example", TemplateError::Place),
            ("https://crm.example/{value}/{value}", TemplateError::Place),
            ("https://crm.example/{value}/{trace_id}", TemplateError::Place),
            ("https://crm.example/{id}/{value}", TemplateError::Letter),
            ("https://crm.example/a b/{value}", TemplateError::Letter),
            ("https://crm.example\\@evil.example/{value}", TemplateError::Letter),
            ("https://crm.example/\u{fc}/{value}", TemplateError::Letter),
        ] {
            assert_eq!(Target::parse(bad), Err(why), "{bad}");
        }
        let long = format!("https://crm.example/{}/{{value}}", "a".repeat(LONGEST_TARGET));
        assert_eq!(Target::parse(&long), Err(TemplateError::Long));
    }

    #[test]
    fn what_is_written_is_read_or_refused_in_words() {
        let made = |name: &str, field: &str, channels: &str, target: &str| {
            LinkTemplate::read(TemplateId("t".into()), (name, field, channels, target), Timestamp(0))
        };
        let target = "https://crm.example/{value}";
        let kept = made(" CRM ", "data.orderId", "", target).unwrap();
        assert_eq!(
            (kept.name.as_str(), kept.channels.as_str(), kept.field.text().as_str()),
            ("CRM", "*", "data.orderId")
        );
        assert!(kept.is_for("orders.placed"));
        assert!(!made("CRM", "key", "payments.*", target).unwrap().is_for("orders.placed"));
        assert!(made("T", "header.traceparent", "orders.*", "http://t.example/{trace_id}").is_ok());
        for (name, field, channels, target) in [
            ("", "key", "", target),
            ("a\nb", "key", "", target),
            ("CRM", "time", "", target),
            ("CRM", "a b", "", target),
            ("CRM", "key", "a\nb", target),
            ("CRM", "key", "", "ftp://x/{value}"),
        ] {
            let refused = made(name, field, channels, target);
            assert!(matches!(refused, Err(CaseError::Invalid { .. })), "{name} {field} {channels} {target}");
        }
    }
}
