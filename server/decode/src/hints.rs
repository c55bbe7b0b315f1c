//! What an event's headers say about its payload.

use crate::{Format, Packing};
use weir_domain::capture::Header;

/// Longer values name no format.
const LONGEST: usize = 256;

/// The first `content-type` and the first `content-encoding` that have a value; `Content_Type` and `contentType` are
/// the same to their writers, and so they are here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hints {
    pub(crate) format: Option<Format>,
    /// The outermost first.
    pub(crate) packings: Vec<Told>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    Packing(Packing),
    /// A way of packing that is not read here.
    Other(&'static str),
}

impl Hints {
    pub fn of(headers: &[Header]) -> Self {
        let value = |name: &str| headers.iter().filter(|h| is_called(&h.name, name)).find_map(value);
        Self {
            format: value("contenttype").and_then(|media| format(&media)),
            packings: value("contentencoding").map(|list| packings(&list)).unwrap_or_default(),
        }
    }

    /// Unpacking takes a while.
    pub fn say_packed(&self) -> bool {
        !self.packings.is_empty()
    }
}

/// `name` has no dashes.
pub(crate) fn is_called(header: &[u8], name: &str) -> bool {
    header.len() <= name.len() + 1
        && header.iter().filter(|b| !matches!(b, b'-' | b'_')).map(u8::to_ascii_lowercase).eq(name.bytes())
}

/// In lower case and without the quotes that writers of JSON put around.
fn value(header: &Header) -> Option<String> {
    let value = header.content().filter(|v| v.len() <= LONGEST)?;
    let text = std::str::from_utf8(value).ok()?;
    Some(text.trim().trim_matches('"').to_ascii_lowercase())
}

/// By RFC 6838: the type itself, or what comes after `+`.
fn format(media: &str) -> Option<Format> {
    let media = media.split(';').next()?.trim();
    let (_, subtype) = media.split_once('/')?;
    match subtype.rsplit('+').next()? {
        "json" => Some(Format::Json),
        "xml" => Some(Format::Xml),
        "msgpack" | "x-msgpack" | "vnd.msgpack" => Some(Format::MessagePack),
        "cbor" => Some(Format::Cbor),
        _ => None,
    }
}

/// By RFC 9110, 8.4: in the order in which they were applied. Some write the charset here, which is passed over.
fn packings(list: &str) -> Vec<Told> {
    let told = list.rsplit(',').filter_map(|name| match name.trim() {
        "gzip" | "x-gzip" => Some(Told::Packing(Packing::Gzip)),
        "zstd" => Some(Told::Packing(Packing::Zstd)),
        "snappy" | "x-snappy" => Some(Told::Packing(Packing::SnappyBlock)),
        "x-snappy-framed" => Some(Told::Packing(Packing::Snappy)),
        "deflate" => Some(Told::Other("deflate")),
        "br" => Some(Told::Other("brotli")),
        "lz4" => Some(Told::Other("lz4")),
        _ => None,
    });
    told.collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;
    use weir_domain::capture::HeaderType;

    pub(crate) fn hints(headers: &[(&str, &str)]) -> Hints {
        let header = |(name, value): &(&str, &str)| Header {
            name: name.as_bytes().to_vec(),
            kind: HeaderType::Bytes,
            value: Some(value.as_bytes().to_vec()),
        };
        Hints::of(&headers.iter().map(header).collect::<Vec<_>>())
    }

    #[test]
    fn formats_are_known_by_their_names() {
        for (name, value, want) in [
            ("content-type", "application/json", Some(Format::Json)),
            ("Content-Type", "application/cloudevents+json; charset=utf-8", Some(Format::Json)),
            ("contentType", "\"application/json\"", Some(Format::Json)),
            ("content_type", "text/xml", Some(Format::Xml)),
            ("content-type", "application/soap+xml;action=x", Some(Format::Xml)),
            ("content-type", "application/x-msgpack", Some(Format::MessagePack)),
            ("content-type", "application/senml+cbor", Some(Format::Cbor)),
            ("content-type", "text/plain", None),
            ("content-type", "json", None),
            ("content-type", "application/x-ndjson", None),
            ("content-types", "application/json", None),
            ("ce_content-type", "application/json", None),
        ] {
            assert_eq!(hints(&[(name, value)]).format, want, "{name}: {value}");
        }
        let first = hints(&[("content-type", "application/cbor"), ("content-type", "application/json")]);
        assert_eq!(first.format, Some(Format::Cbor));
    }

    #[test]
    fn the_outermost_packing_comes_first() {
        let told = |value| hints(&[("content-encoding", value)]).packings;
        let packing = Told::Packing;
        assert_eq!(told("gzip, Snappy"), [packing(Packing::SnappyBlock), packing(Packing::Gzip)]);
        assert_eq!(told("identity"), []);
        assert_eq!(told("utf-8"), []);
        assert_eq!(told("br"), [Told::Other("brotli")]);
    }

    #[test]
    fn a_field_of_amqp_is_a_text_in_its_encoding() {
        let value = Some(b"S\0\0\0\x10application/cbor".to_vec());
        let header = Header { name: b"content-type".to_vec(), kind: HeaderType::Amqp, value };
        assert_eq!(Hints::of(&[header]).format, Some(Format::Cbor));
    }

    proptest! {
        #[test]
        fn never_panics(headers in prop::collection::vec(("(content-(type|encoding))|[a-z]{0,4}", prop::collection::vec(any::<u8>(), 0..300), 0u8..3), 0..5)) {
            let headers: Vec<_> = headers.into_iter().map(|(name, value, kind)| Header {
                name: name.into_bytes(),
                kind: [HeaderType::Bytes, HeaderType::Text, HeaderType::Amqp][usize::from(kind)],
                value: Some(value),
            }).collect();
            prop_assert!(Hints::of(&headers).packings.len() <= 256);
        }
    }
}
