//! What the address of the Events page holds, and how it is written: every link, form and key press is
//! a move from one `Place` to the next, so Back undoes it and a copied link shows the same.
//!
//! Read from the raw query string on purpose: the router's own map decodes values twice, which would
//! turn the key `a%41` into `aA`.

use super::visible;
use std::str::FromStr;
use weir_domain::{
    EnvironmentId, EventId, Timestamp,
    events::{PageCursor, TimeRange, key_line},
};

/// The state of the Events page. Texts are as typed; what they mean is found when the list is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    pub env: Option<String>,
    /// A source's or a channel's name, or its id as [`numbered`] writes it.
    pub source: Option<String>,
    pub channel: Option<String>,
    pub event_type: Option<String>,
    pub key: Option<String>,
    /// What the query bar holds.
    pub q: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub tail: bool,
    /// The event open in the inspector.
    pub sel: Option<EventId>,
    /// Where this page of the list begins, and its number (the first page has none).
    pub before: Option<PageCursor>,
    pub page: u32,
    /// The inspector's open tab.
    pub tab: Tab,
}

/// The inspector's tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    #[default]
    Payload,
    Headers,
    Raw,
    Details,
}

impl Tab {
    pub const ALL: [Self; 4] = [Self::Payload, Self::Headers, Self::Raw, Self::Details];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payload => "payload",
            Self::Headers => "headers",
            Self::Raw => "raw",
            Self::Details => "details",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            Self::Payload => "Payload",
            Self::Headers => "Headers",
            Self::Raw => "Raw",
            Self::Details => "Details",
        }
    }

    pub fn parse(text: &str) -> Self {
        Self::ALL.into_iter().find(|t| t.as_str() == text).unwrap_or_default()
    }
}

/// One part of the filter, for chips and for "drop this filter".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Source,
    Channel,
    Type,
    Key,
    Query,
    Range,
}

impl Place {
    /// From a raw query string, with or without its `?`. Unknown names are left alone.
    pub fn parse(query: &str) -> Self {
        let mut place = Self::default();
        for pair in query.trim_start_matches('?').split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decode(value);
            if value.is_empty() {
                continue;
            }
            let value = if name == "key" { key_line(value) } else { visible::carried(&value) };
            match name {
                "env" => place.env = Some(value),
                "source" => place.source = Some(value),
                "channel" => place.channel = Some(value),
                "type" => place.event_type = Some(value),
                // A key may begin or end with a space; it is taken exactly as it was given.
                "key" => place.key = Some(value),
                "q" => place.q = Some(value),
                "from" => place.from = Some(value),
                "to" => place.to = Some(value),
                "tail" => place.tail = value == "1",
                "sel" => place.sel = value.parse().ok(),
                "before" => place.before = cursor(&value),
                "page" => place.page = value.parse().unwrap_or(0),
                "tab" => place.tab = Tab::parse(&value),
                _ => {}
            }
        }
        place
    }

    /// The query string without its `?`; empty for the bare page.
    pub fn query(&self) -> String {
        let mut out = String::new();
        let mut put = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                if !out.is_empty() {
                    out.push('&');
                }
                out.push_str(name);
                out.push('=');
                encode(value, &mut out);
            }
        };
        put("env", self.env.as_deref());
        put("source", self.source.as_deref());
        put("channel", self.channel.as_deref());
        put("type", self.event_type.as_deref());
        put("key", self.key.as_deref());
        put("q", self.q.as_deref());
        put("from", self.from.as_deref());
        put("to", self.to.as_deref());
        put("tail", self.tail.then_some("1"));
        put("before", self.before.map(cursor_text).as_deref());
        put("page", (self.page > 1).then(|| self.page.to_string()).as_deref());
        put("sel", self.sel.map(|id| id.to_string()).as_deref());
        put("tab", (self.tab != Tab::default()).then(|| self.tab.as_str()));
        out
    }

    /// The environment looked at; `None` is all of them.
    pub fn environment(&self) -> Option<EnvironmentId> {
        self.env.as_deref()?.parse().ok()
    }

    /// The address of this place.
    pub fn href(&self) -> String {
        match self.query() {
            q if q.is_empty() => "/events".into(),
            q => format!("/events?{q}"),
        }
    }

    /// The address of one event's own page.
    pub fn permalink(&self, id: EventId) -> String {
        let mut out = format!("/events/{id}");
        if let Some(env) = &self.env {
            out.push_str("?env=");
            encode(env, &mut out);
        }
        out
    }

    /// The same, on the first page: where a changed filter leads. The open event stays open only
    /// if asked, because it may not be in the new list.
    pub fn first_page(&self) -> Self {
        Self { before: None, page: 0, sel: None, ..self.clone() }
    }

    pub fn select(&self, sel: Option<EventId>) -> Self {
        Self { sel, ..self.clone() }
    }

    pub fn older(&self, before: PageCursor) -> Self {
        Self { before: Some(before), page: self.page.max(1).saturating_add(1), sel: None, tail: false, ..self.clone() }
    }

    /// Without one part of the filter.
    pub fn without(&self, part: Part) -> Self {
        let mut next = self.first_page();
        match part {
            Part::Source => next.source = None,
            Part::Channel => next.channel = None,
            Part::Type => next.event_type = None,
            Part::Key => next.key = None,
            Part::Query => next.q = None,
            Part::Range => (next.from, next.to) = (None, None),
        }
        next
    }

    /// The parts that narrow the list, in the order the bar shows them.
    pub fn parts(&self) -> Vec<Part> {
        [
            (self.q.is_some(), Part::Query),
            (self.key.is_some(), Part::Key),
            (self.source.is_some(), Part::Source),
            (self.channel.is_some(), Part::Channel),
            (self.event_type.is_some(), Part::Type),
            (self.from.is_some() || self.to.is_some(), Part::Range),
        ]
        .into_iter()
        .filter_map(|(on, part)| on.then_some(part))
        .collect()
    }

    /// For a link that shows the same tomorrow: an open range becomes absolute, the tail is off.
    pub fn frozen(&self, range: TimeRange, now: Timestamp) -> Self {
        Self {
            tail: false,
            from: range.from.map(super::range::absolute_text),
            to: Some(super::range::absolute_text(range.to.unwrap_or(now))),
            ..self.clone()
        }
    }

    /// Live tail on or off. It follows the newest events, so a page further back and an end in the past go.
    pub fn tailing(&self, tail: bool) -> Self {
        if tail {
            Self { tail, to: None, before: None, page: 0, ..self.clone() }
        } else {
            Self { tail, ..self.clone() }
        }
    }

    /// Without any filter.
    pub fn bare(&self) -> Self {
        Self { env: self.env.clone(), tail: self.tail, ..Self::default() }
    }

    /// What changes the list: without selection, tab and tail.
    pub fn list_part(&self) -> Self {
        Self { sel: None, tab: Tab::default(), tail: false, ..self.clone() }
    }
}

/// An id in place of a name. Names may be numbers, so an id says that it is one.
pub fn numbered(id: impl std::fmt::Display) -> String {
    format!("#{id}")
}

pub(crate) fn cursor_text(c: PageCursor) -> String {
    format!("{}.{}", c.time.0, c.id)
}

fn cursor(text: &str) -> Option<PageCursor> {
    let (time, id) = text.split_once('.')?;
    Some(PageCursor { time: Timestamp(time.parse().ok()?), id: EventId::from_str(id).ok()? })
}

/// Percent-encodes one value; what RFC 3986 calls unreserved stays, and `:` for the sake of times.
pub fn encode(value: &str, out: &mut String) {
    for b in value.bytes() {
        match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b':' => out.push(char::from(b)),
            _ => {
                out.push('%');
                for nibble in [b >> 4, b & 15] {
                    out.extend(char::from_digit(u32::from(nibble), 16).map(|c| c.to_ascii_uppercase()));
                }
            }
        }
    }
}

/// Decodes one value of a query string as forms write it (`+` is a space). Bad UTF-8 becomes U+FFFD.
pub fn decode(value: &str) -> String {
    let bytes = value.as_bytes();
    let (mut out, mut i) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(b) = bytes.get(i) {
        let hex =
            |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
        match b {
            b'+' => out.push(b' '),
            b'%' => match (hex(i + 1), hex(i + 2)) {
                (Some(high), Some(low)) => {
                    out.push(high << 4 | low);
                    i += 2;
                }
                _ => out.push(b'%'),
            },
            b => out.push(*b),
        }
        i += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::{PartitionId, Position};

    fn id(p: i64, n: i64) -> EventId {
        EventId { partition: PartitionId(p), position: Position(n) }
    }

    #[test]
    fn every_part_survives_the_address() {
        let place = Place {
            env: Some("2".into()),
            source: Some(numbered(3)),
            channel: Some("shop.orders/eu".into()),
            event_type: Some("order.placed".into()),
            key: Some("a%41 b+c&d=e#\u{202e}ü".into()),
            q: Some("data.amount>900 \"a & b\"".into()),
            from: Some("-1h".into()),
            to: Some("2026-11-22T14:32:08.604Z".into()),
            tail: true,
            sel: Some(id(12, 4711)),
            before: Some(PageCursor { time: Timestamp(-5), id: id(1, 2) }),
            page: 3,
            tab: Tab::Headers,
        };
        assert_eq!(Place::parse(&place.query()), place);
        assert!(place.href().starts_with("/events?env=2&source=%233&"));
        assert!(place.href().is_ascii());
        assert_eq!(Place::default().href(), "/events");
    }

    #[test]
    fn reads_what_a_form_sends() {
        let place = Place::parse("?key=ord+4711%2B&channel=&type=&from=2026-11-22T14%3A32&unknown=1&tail=0");
        assert_eq!(place.key.as_deref(), Some("ord 4711+"));
        assert_eq!((place.channel, place.event_type, place.tail), (None, None, false));
        assert_eq!(place.from.as_deref(), Some("2026-11-22T14:32"));
    }

    #[test]
    fn a_value_is_decoded_once() {
        assert_eq!(Place::parse("key=a%2541").key.as_deref(), Some("a%41"));
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%zz%4"), "%zz%4");
        assert_eq!(decode("%ff"), "\u{fffd}");
    }

    #[test]
    fn no_control_character_gets_into_the_page() {
        let place = Place::parse("key=a%00b%0a&type=a%00b&channel=%0d%0a&env=%1b&from=%00");
        assert_eq!(place.key.as_deref(), Some("hex:6100620a"));
        assert_eq!(place.event_type.as_deref(), Some("a\u{fffd}b"));
        assert_eq!(place.channel.as_deref(), Some("\u{fffd}\u{fffd}"));
        assert_eq!(Place::parse(&place.query()), place);
    }

    #[test]
    fn nonsense_is_an_empty_place() {
        for query in ["", "?", "&&=&", "sel=x&before=1&page=-1&tab=none", "before=1.2"] {
            assert_eq!(Place::parse(query), Place::default(), "{query:?}");
        }
    }

    #[test]
    fn the_last_page_has_no_next_number() {
        let before = PageCursor { time: Timestamp(9), id: id(1, 0) };
        assert_eq!(Place::parse("page=4294967295").older(before).page, u32::MAX);
    }

    #[test]
    fn a_changed_filter_begins_again() {
        let place =
            Place { key: Some("k".into()), from: Some("-1h".into()), page: 2, sel: Some(id(1, 1)), ..Place::default() }
                .older(PageCursor { time: Timestamp(9), id: id(1, 0) });
        assert_eq!((place.page, place.sel), (3, None));
        assert_eq!(place.parts(), [Part::Key, Part::Range]);
        let dropped = place.without(Part::Range);
        assert_eq!(dropped.query(), "key=k");
        assert_eq!(place.without(Part::Key).parts(), [Part::Range]);
    }

    #[test]
    fn a_copied_link_does_not_move_with_the_clock() {
        let now = Timestamp(1_795_357_928_000_000);
        let range = TimeRange { from: Some(now.plus_secs(-3600)), to: None };
        let place = Place { from: Some("-1h".into()), tail: true, ..Place::default() };
        assert_eq!(place.frozen(range, now).query(), "from=2026-11-22T13:32:08.000Z&to=2026-11-22T14:32:08.000Z");
        assert_eq!(Place::default().frozen(TimeRange::default(), now).query(), "to=2026-11-22T14:32:08.000Z");
    }
}
