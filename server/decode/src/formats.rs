//! Which format a payload is in. A further one is a line in [`Format::try_read`] and its place in [`find`].

use crate::{Broken, TEXT_HEAD, cbor, msgpack, xml};
use weir_domain::events::{JsonNode, json_tree};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    Xml,
    Text,
    MessagePack,
    Cbor,
    Bytes,
    Empty,
}

/// The values of a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    /// As JSON text, where the payload itself is none.
    pub(crate) json: Option<Vec<u8>>,
    pub(crate) tree: Vec<JsonNode>,
    pub(crate) cut: bool,
}

/// What was found, and why it is not what it looks like or was said to be.
pub(crate) struct Found {
    pub(crate) format: Format,
    pub(crate) document: Option<Document>,
    pub(crate) problem: Option<String>,
}

impl Format {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Xml => "XML",
            Self::Text => "Text",
            Self::MessagePack => "MessagePack",
            Self::Cbor => "CBOR",
            Self::Bytes => "Bytes",
            Self::Empty => "Empty",
        }
    }

    /// `None`: it can be, and is not likely to be meant so.
    fn try_read(self, bytes: &[u8], told: bool, most_nodes: usize) -> Result<Option<Document>, Broken> {
        let values = match self {
            Self::Json => {
                let (tree, cut) = json_tree(without_mark(bytes), most_nodes)?;
                return Ok(Some(Document { json: None, tree, cut }));
            }
            Self::Xml => xml::read(bytes).map(Some)?,
            Self::MessagePack => Some(msgpack::read(bytes)?).filter(|v| v.likely || told).map(|v| v.json),
            Self::Cbor => Some(cbor::read(bytes)?).filter(|v| v.likely || told).map(|v| v.json),
            Self::Text | Self::Bytes | Self::Empty => None,
        };
        let Some(json) = values else { return Ok(None) };
        let (tree, cut) = json_tree(&json, most_nodes)?;
        Ok(Some(Document { json: Some(json), tree, cut }))
    }
}

/// The order is the crate's documentation.
pub(crate) fn find(bytes: &[u8], told: Option<Format>, most_nodes: usize) -> Found {
    let found = |format, document, problem| Found { format, document, problem };
    if bytes.is_empty() {
        return found(Format::Empty, None, None);
    }
    let mut problem = None;
    if let Some(format) = told {
        match format.try_read(bytes, true, most_nodes) {
            Ok(document) => return found(format, document, not_utf8(format, bytes)),
            Err(why) => {
                problem = Some(format!("Its content-type says {}, and it is something else: {why}.", format.name()));
            }
        }
    }
    let text = is_text(bytes);
    let (json, xml) = (looks_like_json(bytes), looks_like_xml(bytes));
    let candidates = [
        (Format::Json, true, json),
        (Format::Xml, xml, xml),
        (Format::MessagePack, !text, false),
        (Format::Cbor, !text, false),
    ];
    for (format, can_be, looks_like_it) in candidates {
        if !can_be || told == Some(format) {
            continue;
        }
        match format.try_read(bytes, false, most_nodes) {
            Ok(Some(document)) => return found(format, Some(document), problem.or_else(|| not_utf8(format, bytes))),
            Ok(None) => {}
            Err(why) if looks_like_it && problem.is_none() => {
                problem = Some(format!("It looks like {} and is not: {why}.", format.name()));
            }
            Err(_) => {}
        }
    }
    found(if text { Format::Text } else { Format::Bytes }, None, problem)
}

/// Without a byte order mark.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

pub(crate) fn is_text(bytes: &[u8]) -> bool {
    let first = bytes.get(..TEXT_HEAD).unwrap_or(bytes);
    match std::str::from_utf8(first) {
        Ok(_) => true,
        // Incomplete only because it was cut there.
        Err(e) => e.error_len().is_none() && first.len() < bytes.len(),
    }
}

pub(crate) fn looks_like_json(bytes: &[u8]) -> bool {
    matches!(without_mark(bytes).trim_ascii_start().first(), Some(b'{' | b'['))
}

pub(crate) fn looks_like_xml(bytes: &[u8]) -> bool {
    match without_mark(bytes).trim_ascii_start() {
        [b'<', next, ..] => matches!(next, b'?' | b'!' | b'_' | 0x80..) || next.is_ascii_alphabetic(),
        _ => false,
    }
}

/// JSON must be UTF-8 (RFC 8259, 8.1). Where it is not, the tree shows U+FFFD and says so.
fn not_utf8(format: Format, bytes: &[u8]) -> Option<String> {
    let bytes = (format == Format::Json).then(|| without_mark(bytes))?;
    let at = std::str::from_utf8(bytes).err()?.valid_up_to();
    Some(format!("Byte {} is not UTF-8; such bytes are shown as \u{fffd}.", at + 1))
}
