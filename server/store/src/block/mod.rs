//! A block: keys, headers and payloads of up to [`MAX_EVENTS`] events, compressed together (decision 4).
//!
//! ```text
//! 0   format version (1)
//! 1   codec of the head    0 raw, 1 zstd
//! 2   codec of the body
//! 3   0
//! 4   u32 key id           0: not encrypted; anything else is refused until encryption exists
//! 8   u32 events
//! 12  u32 head, raw bytes      16  u32 head, stored bytes
//! 20  u32 body, raw bytes      24  u32 body, stored bytes
//! 28  head: the directory, one entry per event, then all keys
//!     body: per event its payload, then its headers
//! ```
//! Numbers are little-endian; inside head and body they are LEB128. Directory entry: flags, then the length of the key
//! unless null, of the payload unless null, the number of headers and their length, and, where flagged, the length and
//! bytes of a *cut record* (decision 9, *never store*: which paths were cut by which rule; written by a later issue,
//! already skipped by this reader). Header: kind, length of the name, name, 0 for null or length of the value + 1, value.
//!
//! Keys lie apart from payloads, so that a list or a key search opens only the small part; and a payload lies before its
//! headers, so that the beginning of a large block is enough for its summary. zstd frames carry a checksum.

mod blank;
mod decode;
mod encode;
mod fill;
pub(crate) mod varint;

pub use blank::blank;
pub(crate) use decode::each_event;
pub use decode::{BadBlock, Block, Body, Look};
pub use encode::BlockBuilder;
pub(crate) use fill::{Filled, Place, fill};

/// A block closes at this many events,
pub const MAX_EVENTS: usize = 250;
/// or before its raw bytes pass this; a larger event is a block of its own.
pub const MAX_RAW: usize = 256 * 1024;
/// The largest event that can be stored: PostgreSQL's values end at 1 GB, and not everything compresses.
pub const MAX_EVENT_RAW: usize = 512 * 1024 * 1024;

const VERSION: u8 = 1;
const HEADER: usize = 28;
const RAW: u8 = 0;
const ZSTD: u8 = 1;
/// What a reader accepts for one part: the largest event with its directory.
const MAX_PART: usize = MAX_EVENT_RAW + MAX_EVENT_RAW / 4;

mod flag {
    pub(super) const NULL_KEY: u8 = 1;
    pub(super) const NULL_PAYLOAD: u8 = 2;
    /// Erased: the bytes are gone, the place is kept.
    pub(super) const BLANK: u8 = 4;
    /// Capture was told not to keep the bytes (decision 14).
    pub(super) const WITHHELD: u8 = 8;
    pub(super) const CUT: u8 = 16;
    pub(super) const KNOWN: u8 = 31;
}
