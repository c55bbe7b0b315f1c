//! Reads payloads for people: unpacks, finds the format, and makes one tree of values of each, so that a path means the
//! same in all of them. Nothing is ever lost by it: what can't be read stays as it was sent, with the reason.
//!
//! # Order
//!
//! 1. **Packed** payloads are unpacked, at most [`MOST_LAYERS`] layers: gzip, zstd, framed snappy (also as snappy-java
//!    frames it) by how they begin; a bare snappy block begins like anything, so `content-encoding` must say it.
//! 2. What `content-type` names, if it names one of the formats below.
//! 3. **JSON** (RFC 8259): any value.
//! 4. **XML**, if it begins with `<` and a name, `?` or `!`.
//! 5. **Text**, if it is UTF-8.
//! 6. **MessagePack**, then **CBOR**, if the whole payload is exactly one list or map with at least one text in it: short
//!    bytes are too easily one by accident.
//! 7. **Bytes**.
//!
//! `content-type` and `content-encoding` are hints: where they are wrong, that is said, and the payload is read as
//! what it is. They are never quoted: who reads the payload may have no right to the headers.
//!
//! # Limits
//!
//! Nothing larger than [`LARGEST`] is read, packed or not. What is packed may unpack to [`DENSEST`] times the payload's
//! size, or to [`FLOOR`] if that is more. XML, MessagePack and CBOR may be nested 64 deep, JSON 256.

mod broken;
mod cbor;
mod cursor;
mod formats;
mod half;
mod hints;
mod json;
mod msgpack;
mod packing;
mod reading;
mod searched;
mod xml;

pub use broken::Broken;
pub use formats::Format;
pub use hints::Hints;
pub use packing::{DENSEST, FLOOR, Packing};
pub use reading::{MOST_LAYERS, Reading, read};
pub use searched::Payloads;

/// Payloads are read up to this size, before and after unpacking: beyond it costs more than a page is worth.
pub const LARGEST: usize = 16 * 1024 * 1024;

/// Whether a payload is text is told by as much of it.
pub const TEXT_HEAD: usize = 256 * 1024;

/// Deepest list, map or element of XML, MessagePack and CBOR.
const DEEPEST: u16 = 64;
