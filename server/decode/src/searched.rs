//! Payloads as a search looks into them: what the inspector shows, by the same order and limits.

use crate::{Format, Hints, Packing, formats, hints, read};
use weir_domain::{
    capture::{Header, HeaderType},
    search::{Decoded, Decoder, HeaderBytes, says_packed},
};

/// Reads payloads for the store.
#[derive(Debug, Clone, Copy, Default)]
pub struct Payloads;

impl Decoder for Payloads {
    fn decode(&self, payload: &[u8], headers: &[HeaderBytes<'_>]) -> Decoded<Vec<u8>> {
        let said = headers.iter().any(|h| says_packed(h.name));
        if !said && reads_as_sent(payload) {
            return Decoded::AsSent;
        }
        let telling = headers.iter().filter(|h| says_packed(h.name) || hints::is_called(h.name, "contenttype"));
        let telling: Vec<Header> = telling
            .map(|h| Header { name: h.name.to_vec(), kind: HeaderType::Bytes, value: h.value.map(<[u8]>::to_vec) })
            .collect();
        let reading = read(payload, &Hints::of(&telling), 0);
        match (reading.json, reading.format) {
            (Some(json), _) => Decoded::As(json),
            (None, Format::Bytes) if reading.problem.is_some() => Decoded::Not,
            (None, _) if !reading.packed.is_empty() => Decoded::As(reading.bytes.into_owned()),
            (None, _) => Decoded::AsSent,
        }
    }
}

/// JSON and text, by their first bytes and no longer than it takes.
fn reads_as_sent(payload: &[u8]) -> bool {
    Packing::of(payload).is_none()
        && (formats::looks_like_json(payload) || formats::is_text(payload) && !formats::looks_like_xml(payload))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    #[test]
    fn reads_what_the_inspector_shows() {
        let read = |payload: &[u8], encoding: Option<&[u8]>| {
            let headers: Vec<_> =
                encoding.map(|v| HeaderBytes { name: b"Content-Encoding", value: Some(v) }).into_iter().collect();
            match Payloads.decode(payload, &headers) {
                Decoded::As(bytes) => Decoded::As(String::from_utf8(bytes).unwrap()),
                Decoded::AsSent => Decoded::AsSent,
                Decoded::Not => Decoded::Not,
            }
        };
        let json = br#"{"data":{"amount":901}}"#;
        let text = String::from_utf8(json.to_vec()).unwrap();
        for plain in [&json[..], b"declined", b"", b" [1]", b"\xff\xfe\x00"] {
            assert_eq!(read(plain, None), Decoded::AsSent, "{plain:?}");
        }
        assert_eq!(read(&gzip(json), None), Decoded::As(text.clone()));
        assert_eq!(read(&gzip(&gzip(json)), None), Decoded::As(text.clone()));
        assert_eq!(read(&zstd::bulk::compress(json, 1).unwrap(), None), Decoded::As(text.clone()));
        let snappy = snap::raw::Encoder::new().compress_vec(json).unwrap();
        assert_eq!(read(&snappy, Some(b"snappy")), Decoded::As(text.clone()));
        assert_eq!(read(json, Some(b"gzip")), Decoded::AsSent, "it is not packed after all");
        assert_eq!(read(b"<a><b>1</b></a>", None), Decoded::As(r#"{"a":{"b":"1"}}"#.to_owned()));
        // {"a": "x"} in CBOR and MessagePack.
        assert_eq!(read(b"\xa1\x61a\x61x", None), Decoded::As(r#"{"a":"x"}"#.to_owned()));
        assert_eq!(read(b"\x81\xa1a\xa1x", None), Decoded::As(r#"{"a":"x"}"#.to_owned()));
        // Cut off, three times packed, a bomb: what stands in it is unknown.
        let cut = gzip(&json.repeat(50));
        assert_eq!(read(&cut[..cut.len() / 2], None), Decoded::Not);
        assert_eq!(read(&gzip(&gzip(&gzip(json))), None), Decoded::Not);
        assert_eq!(read(&gzip(&vec![0; 4 << 20]), None), Decoded::Not);
    }
}
