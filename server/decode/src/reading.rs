use crate::{
    Format, Hints, LARGEST, Packing,
    formats::{self, Document, Found},
    hints::Told,
    packing,
};
use std::borrow::Cow;
use weir_domain::events::JsonNode;

/// Layers of packing that are taken off.
pub const MOST_LAYERS: usize = 2;

/// A payload as far as it can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading<'a> {
    /// What it was packed with, the outermost first.
    pub packed: Vec<Packing>,
    pub format: Format,
    /// What was unpacked; the payload itself where nothing is packed.
    pub bytes: Cow<'a, [u8]>,
    /// The values as JSON text, where they are in another format.
    pub json: Option<Vec<u8>>,
    /// The first values, in the order in which they stand; empty if there are none.
    pub tree: Vec<JsonNode>,
    /// There are more.
    pub tree_cut: bool,
    /// Why it was read no further, or not as its headers say: sentences for a person. Never has a value of the payload
    /// or of a header in it.
    pub problem: Option<String>,
}

impl Reading<'_> {
    /// How it was read, for a person: `JSON`; `gzip, then JSON`.
    pub fn how(&self) -> String {
        let mut how = String::new();
        for packing in &self.packed {
            how.push_str(packing.name());
            how.push_str(", then ");
        }
        how.push_str(match self.format {
            format if self.packed.is_empty() => format.name(),
            Format::Text => "text",
            Format::Bytes => "bytes",
            Format::Empty => "nothing",
            format => format.name(),
        });
        how
    }

    /// What a person reads where there is no tree, and copies: unpacked, and JSON instead of a binary format.
    pub fn text(&self) -> &[u8] {
        match (&self.json, self.format) {
            (Some(json), Format::MessagePack | Format::Cbor) => json,
            _ => &self.bytes,
        }
    }

    /// Are the bytes of [`Self::text`] those that were sent?
    pub fn is_as_sent(&self) -> bool {
        self.packed.is_empty() && !matches!(self.format, Format::MessagePack | Format::Cbor)
    }
}

/// Reads a payload; keeps the first `most_nodes` values of it. The crate's documentation tells order and limits.
pub fn read<'a>(payload: &'a [u8], hints: &Hints, most_nodes: usize) -> Reading<'a> {
    if payload.len() > LARGEST {
        return too_large(payload);
    }
    let Unpacked { packed, bytes, problem } = unpacked(payload, hints);
    let Found { format, document, problem: second } = match problem {
        // What stays packed is in no format.
        Some((_, true)) => Found { format: Format::Bytes, document: None, problem: None },
        _ => formats::find(&bytes, hints.format, most_nodes),
    };
    let problems: Vec<_> = problem.map(|(why, _)| why).into_iter().chain(second).collect();
    let (json, tree, tree_cut) = match document {
        Some(Document { json, tree, cut }) => (json, tree, cut),
        None => (None, Vec::new(), false),
    };
    let problem = (!problems.is_empty()).then(|| problems.join(" "));
    Reading { packed, format, bytes, json, tree, tree_cut, problem }
}

fn too_large(payload: &[u8]) -> Reading<'_> {
    let format = if formats::is_text(payload) { Format::Text } else { Format::Bytes };
    let structured = formats::looks_like_json(payload) || formats::looks_like_xml(payload);
    let problem =
        (structured || format == Format::Bytes).then(|| "It is larger than 16 MB and is not decoded.".to_owned());
    let bytes = Cow::Borrowed(payload);
    Reading { packed: Vec::new(), format, bytes, json: None, tree: Vec::new(), tree_cut: false, problem }
}

struct Unpacked<'a> {
    packed: Vec<Packing>,
    bytes: Cow<'a, [u8]>,
    /// Why not all of it, and whether what remains is packed for certain.
    problem: Option<(String, bool)>,
}

fn unpacked<'a>(payload: &'a [u8], hints: &Hints) -> Unpacked<'a> {
    let most = packing::most(payload.len());
    let mut told = hints.packings.iter().copied();
    let (mut packed, mut bytes) = (Vec::new(), Cow::Borrowed(payload));
    let problem = loop {
        if bytes.is_empty() {
            break None;
        }
        // How it begins is surer than what is said about it.
        let packing = match (Packing::of(&bytes), told.next()) {
            (Some(packing), _) | (None, Some(Told::Packing(packing @ Packing::SnappyBlock))) => packing,
            (None, Some(Told::Packing(said))) => {
                break Some((format!("Its content-encoding says {}, and it does not begin so.", said.name()), false));
            }
            (None, Some(Told::Other(name))) => {
                break Some((format!("Its content-encoding says {name}, which Weir does not unpack."), false));
            }
            (None, None) => break None,
        };
        if packed.len() == MOST_LAYERS {
            break Some(("It is packed more than twice: the rest is left packed.".to_owned(), true));
        }
        match packing.unpack(&bytes, most) {
            Ok(inner) => {
                packed.push(packing);
                bytes = Cow::Owned(inner);
            }
            Err(why) => {
                let guessed = packing == Packing::SnappyBlock;
                let name = packing.name();
                let said = if guessed { "Its content-encoding says" } else { "It begins like" };
                break Some((format!("{said} {name} and is left packed: {why}."), !guessed));
            }
        }
    };
    Unpacked { packed, bytes, problem }
}

#[cfg(test)]
mod tests;
