//! The rows of a span's events, packed into one value (`event_span.rows`): what is known of each event beside its bytes.
//!
//! ```text
//! 0  way of packing
//! 1  event after event, by position. Packed in way 1 (LEB128; signed numbers zigzag, Protocol Buffers' encoding):
//!      head        bits 0 key hash, 1 CloudEvents time, 2 broker's time stands here, 3 there is none; the flags above
//!      position    less the one before, less 1; the first less the span's first position
//!      sort time   µs less the one before; the first less the time of capture
//!      type, size
//!      broker's time in ms, unless it is the sort time's
//!      CloudEvents time in µs, less the sort time
//!      key hash    8 bytes, little-endian
//! ```
//! Way 0 is that of rows that stood in a table of their own before: see the migration that packed them. The database's
//! function `span_rows` reads both.

use crate::{
    block::varint::{self, unzigzag, zigzag},
    capture::flags::Flags,
};
use weir_domain::Timestamp;

const PLAIN: u8 = 0;
const PACKED: u8 = 1;
/// Of one row in way 0.
const PLAIN_ROW: usize = 52;

mod head {
    pub(super) const KEY: u64 = 1;
    pub(super) const CE_TIME: u64 = 2;
    pub(super) const BROKER_TIME: u64 = 4;
    pub(super) const NO_BROKER_TIME: u64 = 8;
    pub(super) const FLAGS: u32 = 4;
}

/// What is known of one event of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SpanRow {
    pub(crate) position: i64,
    pub(crate) sort_time: Timestamp,
    pub(crate) broker_ms: Option<i64>,
    pub(crate) ce_time: Option<Timestamp>,
    pub(crate) type_id: i32,
    /// Bytes of key, headers and payload as the broker gave them.
    pub(crate) size: i32,
    pub(crate) flags: Flags,
    /// First 8 bytes of the key's SHA-256; `None` for a null key, and where nothing of the key is kept.
    pub(crate) key_hash: Option<i64>,
}

/// What the rows of a span are told against: its first position and the time of its capture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Base {
    pub(crate) first: i64,
    pub(crate) captured_at: Timestamp,
}

/// Packs rows, positions ascending.
pub(crate) struct Packer {
    before: i64,
    time: i64,
}

impl Packer {
    pub(crate) fn begin(base: Base, out: &mut Vec<u8>) -> Self {
        out.push(PACKED);
        Self { before: base.first.wrapping_sub(1), time: base.captured_at.0 }
    }

    pub(crate) fn push(&mut self, row: &SpanRow, out: &mut Vec<u8>) {
        let own = row.broker_ms.filter(|ms| ms.checked_mul(1000) == Some(row.sort_time.0));
        let mut head = u64::from(row.flags.0 as u16) << head::FLAGS;
        head |= if row.key_hash.is_some() { head::KEY } else { 0 };
        head |= if row.ce_time.is_some() { head::CE_TIME } else { 0 };
        head |= match (row.broker_ms, own) {
            (None, _) => head::NO_BROKER_TIME,
            (Some(_), None) => head::BROKER_TIME,
            (Some(_), Some(_)) => 0,
        };
        varint::put(out, head);
        varint::put(out, row.position.wrapping_sub(self.before).wrapping_sub(1) as u64);
        varint::put(out, zigzag(row.sort_time.0.wrapping_sub(self.time)));
        varint::put(out, u64::from(row.type_id as u32));
        varint::put(out, u64::from(row.size as u32));
        if let (Some(ms), None) = (row.broker_ms, own) {
            varint::put(out, zigzag(ms));
        }
        if let Some(at) = row.ce_time {
            varint::put(out, zigzag(at.0.wrapping_sub(row.sort_time.0)));
        }
        if let Some(hash) = row.key_hash {
            out.extend_from_slice(&hash.to_le_bytes());
        }
        (self.before, self.time) = (row.position, row.sort_time.0);
    }
}

/// All rows, packed anew.
pub(crate) fn pack(base: Base, rows: &[SpanRow]) -> Vec<u8> {
    let mut out = Vec::with_capacity(1 + 20 * rows.len());
    let mut packer = Packer::begin(base, &mut out);
    rows.iter().for_each(|row| packer.push(row, &mut out));
    out
}

/// Calls `f` with each row and its place. `None`: what is stored is damaged.
pub(crate) fn each(base: Base, packed: &[u8], mut f: impl FnMut(usize, SpanRow)) -> Option<()> {
    let (way, mut rest) = packed.split_first()?;
    match *way {
        PLAIN => {
            let (rows, []) = rest.as_chunks::<PLAIN_ROW>() else { return None };
            for (at, row) in rows.iter().enumerate() {
                f(at, plain(row)?);
            }
        }
        PACKED => {
            let (mut before, mut time, mut at) = (base.first.wrapping_sub(1), base.captured_at.0, 0);
            while !rest.is_empty() {
                let row = packed_row(&mut rest, before, time)?;
                (before, time) = (row.position, row.sort_time.0);
                f(at, row);
                at += 1;
            }
        }
        _ => return None,
    }
    Some(())
}

fn packed_row(rest: &mut &[u8], before: i64, time: i64) -> Option<SpanRow> {
    let head = varint::take(rest)?;
    let position = before.wrapping_add(1).wrapping_add(varint::take(rest)? as i64);
    let sort_time = time.wrapping_add(unzigzag(varint::take(rest)?));
    let type_id = u32::try_from(varint::take(rest)?).ok()? as i32;
    let size = u32::try_from(varint::take(rest)?).ok()? as i32;
    let has = |bit| head & bit != 0;
    let broker_ms = match (has(head::NO_BROKER_TIME), has(head::BROKER_TIME)) {
        (true, _) => None,
        (false, true) => Some(unzigzag(varint::take(rest)?)),
        (false, false) => Some(sort_time / 1000),
    };
    let ce_time = match has(head::CE_TIME) {
        true => Some(Timestamp(sort_time.wrapping_add(unzigzag(varint::take(rest)?)))),
        false => None,
    };
    let key_hash = match has(head::KEY) {
        true => Some(i64::from_le_bytes(varint::take_bytes(rest, 8)?.try_into().ok()?)),
        false => None,
    };
    let flags = Flags(u16::try_from(head >> head::FLAGS).ok()? as i16);
    Some(SpanRow { position, sort_time: Timestamp(sort_time), broker_ms, ce_time, type_id, size, flags, key_hash })
}

fn plain(row: &[u8; PLAIN_ROW]) -> Option<SpanRow> {
    let int = |at: usize| row.get(at..at + 8)?.try_into().ok().map(i64::from_be_bytes);
    let short = |at: usize| row.get(at..at + 4)?.try_into().ok().map(i32::from_be_bytes);
    let [has, _] = [row[3], row[2]];
    let given = |bit: u8, at: usize| if has & bit == 0 { Some(None) } else { int(at).map(Some) };
    Some(SpanRow {
        flags: Flags(i16::from_be_bytes([row[0], row[1]])),
        position: int(4)?,
        sort_time: Timestamp(int(12)?),
        broker_ms: given(4, 20)?,
        ce_time: given(2, 28)?.map(Timestamp),
        key_hash: given(1, 36)?,
        type_id: short(44)?,
        size: short(48)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(base: Base, packed: &[u8]) -> Option<Vec<SpanRow>> {
        let mut rows = Vec::new();
        each(base, packed, |at, row| {
            assert_eq!(at, rows.len());
            rows.push(row);
        })
        .map(|()| rows)
    }

    fn any_row() -> impl Strategy<Value = SpanRow> {
        let time = prop_oneof![any::<i64>(), 1_700_000_000_000_000..1_800_000_000_000_000_i64];
        let size = 0..i32::MAX;
        (
            time,
            any::<Option<i64>>(),
            any::<bool>(),
            any::<Option<i64>>(),
            0..i32::MAX,
            size,
            0..512_i16,
            any::<Option<i64>>(),
        )
            .prop_map(|(time, broker, own, ce, type_id, size, flags, key_hash)| SpanRow {
                position: 0,
                sort_time: Timestamp(time),
                broker_ms: if own { Some(time / 1000) } else { broker },
                ce_time: ce.map(Timestamp),
                type_id,
                size,
                flags: Flags(flags),
                key_hash,
            })
    }

    proptest! {
        #[test]
        fn what_is_packed_is_read(
            first in any::<i64>(), captured in any::<i64>(),
            mut all in prop::collection::vec((any_row(), prop_oneof![Just(0_u16), any::<u16>()]), 0..20),
        ) {
            let first = first.clamp(i64::MIN, i64::MAX - 3_000_000);
            let mut at = first;
            for (row, hole) in &mut all {
                row.position = at + i64::from(*hole);
                at = row.position + 1;
            }
            let all: Vec<_> = all.into_iter().map(|(row, _)| row).collect();
            let base = Base { first, captured_at: Timestamp(captured) };
            prop_assert_eq!(rows(base, &pack(base, &all)), Some(all));
        }

        #[test]
        fn whatever_comes_does_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..200), way in 0..3_u8) {
            let packed = [&[way], bytes.as_slice()].concat();
            let _ = rows(Base { first: 0, captured_at: Timestamp(0) }, &packed);
        }
    }

    #[test]
    fn an_ordinary_row_is_short() {
        let base = Base { first: 1_000_000, captured_at: Timestamp(1_795_000_000_123_000) };
        let row = |i: i64| SpanRow {
            position: 1_000_000 + i,
            sort_time: Timestamp(1_795_000_000_000_000 + 5000 * i),
            broker_ms: Some(1_795_000_000_000 + 5 * i),
            ce_time: None,
            type_id: 7,
            size: 630,
            flags: Flags(1),
            key_hash: Some(i64::MAX - i),
        };
        let packed = pack(base, &(0..250).map(row).collect::<Vec<_>>());
        assert!(packed.len() <= 250 * 15 + 8, "{}", packed.len());
    }
}
