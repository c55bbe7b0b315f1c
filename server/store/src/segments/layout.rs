//! How a segment lies in its row.
//!
//! Of each hash the first `hash_bits` bits are kept, of which the first `slot_bits` tell its slot. An entry is the rest of
//! the hash and, below it, the number of a span; the entries of a slot ascend, the first as it is and each other one less
//! the one before (LEB128). `slots` holds where each slot begins in `entries` and where the last one ends, four bytes
//! each; `places` the partition and first position of each span, eight bytes each. All little-endian.

use crate::block::varint;

/// Spans that one segment can number.
pub(crate) const MOST_SPANS: usize = 4096;
/// Entries of a slot, about: they are read together.
const SLOT: u32 = 8;
/// Bits of a hash beyond those that tell the entries of a segment apart: of a question about something that is not there
/// one in 2^3 is answered with a span all the same.
const SPARE: u32 = 3;

/// The lengths that a segment was written with, in bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) hash: u32,
    pub(crate) slot: u32,
    pub(crate) span: u32,
}

impl Shape {
    /// As stored; `None`: no such lengths are written.
    pub(crate) fn of(hash: i16, slot: i16, span: i16) -> Option<Self> {
        let [hash, slot, span] = [hash, slot, span].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        (hash <= 32 && slot <= hash && slot <= 24 && span <= 16).then_some(Self { hash, slot, span })
    }

    fn fitting(entries: usize, spans: usize) -> Self {
        let bits = entries.max(1).ilog2() + 1;
        let hash = (bits + SPARE).min(32);
        Self { hash, slot: bits.saturating_sub(SLOT).min(24), span: (spans.max(2) - 1).ilog2() + 1 }
    }

    /// The slot that a hash is in, and what its entries are with span 0.
    fn split(self, hash: u64) -> (usize, u64) {
        let kept = hash.checked_shr(64 - self.hash).unwrap_or(0);
        let rest = self.hash - self.slot;
        ((kept >> rest) as usize, (kept & ((1 << rest) - 1)) << self.span)
    }

    /// Where the bounds of a hash's slot are in `slots`, counted from 0: eight bytes.
    pub(crate) fn bounds_of(self, hash: u64) -> usize {
        4 * self.split(hash).0
    }

    /// The spans that hold a hash, by the entries of its slot. `None`: they are damaged.
    pub(crate) fn spans_in(self, hash: u64, mut entries: &[u8]) -> Option<Vec<usize>> {
        let wanted = self.split(hash).1;
        let (mut found, mut at) = (Vec::new(), 0_u64);
        while !entries.is_empty() {
            at = at.checked_add(varint::take(&mut entries)?)?;
            if at >> self.span > wanted >> self.span {
                break;
            }
            if at >> self.span == wanted >> self.span {
                found.push((at - wanted) as usize);
            }
        }
        Some(found)
    }
}

/// A segment, ready to be stored.
pub(crate) struct Built {
    pub(crate) shape: Shape,
    pub(crate) spans: Vec<(i64, i64)>,
    pub(crate) places: Vec<u8>,
    pub(crate) slots: Vec<u8>,
    pub(crate) entries: Vec<u8>,
}

/// Gathers the hashes of a segment's spans.
#[derive(Default)]
pub(crate) struct Builder {
    spans: Vec<(i64, i64)>,
    /// First 32 bits of a hash, then 16 bits for the span.
    pairs: Vec<u64>,
}

impl Builder {
    /// The hashes of the next span, each once; at most [`MOST_SPANS`] spans.
    pub(crate) fn span(&mut self, partition: i64, first: i64, hashes: impl IntoIterator<Item = u64>) {
        debug_assert!(self.spans.len() < MOST_SPANS, "a segment numbers no more spans");
        let n = self.spans.len() as u64;
        self.pairs.extend(hashes.into_iter().map(|h| (h >> 32) << 16 | n));
        self.spans.push((partition, first));
    }

    /// `None`: it would be of nothing.
    pub(crate) fn finish(mut self) -> Option<Built> {
        if self.spans.is_empty() {
            return None;
        }
        let shape = Shape::fitting(self.pairs.len(), self.spans.len());
        // Cut short they stay in order, but for the spans of those that became the same.
        self.pairs.iter_mut().for_each(|pair| {
            let kept = (*pair >> 16).checked_shr(32 - shape.hash).unwrap_or(0);
            *pair = kept << 16 | (*pair & 0xffff);
        });
        self.pairs.sort_unstable();
        self.pairs.dedup();
        let (mut entries, mut slots) =
            (Vec::with_capacity(self.pairs.len() * 5 / 2), Vec::with_capacity(4 << shape.slot));
        let rest = shape.hash - shape.slot;
        let mut pairs = self.pairs.iter().peekable();
        for slot in 0..1_u64 << shape.slot {
            slots.extend_from_slice(&(entries.len() as u32).to_le_bytes());
            let mut before = 0;
            while let Some(pair) = pairs.next_if(|pair| **pair >> 16 >> rest == slot) {
                let entry = (pair >> 16 & ((1 << rest) - 1)) << shape.span | (pair & 0xffff);
                varint::put(&mut entries, entry - before);
                before = entry;
            }
        }
        slots.extend_from_slice(&(entries.len() as u32).to_le_bytes());
        let mut places = Vec::with_capacity(16 * self.spans.len());
        for (partition, first) in &self.spans {
            places.extend_from_slice(&partition.to_le_bytes());
            places.extend_from_slice(&first.to_le_bytes());
        }
        Some(Built { shape, spans: self.spans, places, slots, entries })
    }
}

/// Begin and end of a slot, from the eight bytes that tell them.
pub(crate) fn bounds(eight: &[u8]) -> Option<(usize, usize)> {
    let (four, []) = eight.as_chunks::<4>() else { return None };
    let [from, to] = four else { return None };
    let (from, to) = (u32::from_le_bytes(*from) as usize, u32::from_le_bytes(*to) as usize);
    (from <= to).then_some((from, to))
}

/// The place of a span: partition and first position.
pub(crate) fn place(places: &[u8], span: usize) -> Option<(i64, i64)> {
    let (eights, []) = places.as_chunks::<8>() else { return None };
    let at = |i: usize| eights.get(i).map(|eight| i64::from_le_bytes(*eight));
    Some((at(2 * span)?, at(2 * span + 1)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn ask(built: &Built, hash: u64) -> Vec<usize> {
        let at = built.shape.bounds_of(hash);
        let (from, to) = bounds(&built.slots[at..at + 8]).unwrap();
        built.shape.spans_in(hash, &built.entries[from..to]).unwrap()
    }

    proptest! {
        #[test]
        fn what_is_there_is_found(spans in prop::collection::vec(prop::collection::btree_set(prop_oneof![any::<u64>(), 0..4_u64, Just(u64::MAX)], 0..80), 1..70)) {
            let mut builder = Builder::default();
            let mut holding: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
            for (n, hashes) in spans.iter().enumerate() {
                builder.span(n as i64, -(n as i64), hashes.iter().copied());
                hashes.iter().for_each(|h| holding.entry(*h).or_default().push(n));
            }
            let built = builder.finish().unwrap();
            let shape = built.shape;
            prop_assert_eq!(Shape::of(shape.hash as i16, shape.slot as i16, shape.span as i16), Some(shape));
            for (hash, spans) in holding {
                let found = ask(&built, hash);
                prop_assert!(found.is_sorted() && spans.iter().all(|s| found.contains(s)), "{:x}: {:?} of {:?}", hash, spans, found);
            }
            for n in 0..spans.len() {
                prop_assert_eq!(place(&built.places, n), Some((n as i64, -(n as i64))));
            }
            prop_assert_eq!(place(&built.places, spans.len()), None);
        }

        #[test]
        fn whatever_is_stored_does_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..60), lengths in any::<[i16; 3]>(), hash: u64) {
            let _ = (bounds(&bytes), place(&bytes, 1));
            if let Some(shape) = Shape::of(lengths[0] % 40, lengths[1] % 40, lengths[2] % 20) {
                let _ = (shape.bounds_of(hash), shape.spans_in(hash, &bytes));
            }
        }
    }

    #[test]
    fn little_is_found_in_vain_and_an_entry_takes_two_bytes() {
        let mut hash = 1_u64;
        let mut next = || {
            hash = crate::segments::type_hash(hash as i32) ^ hash.rotate_left(31);
            hash
        };
        let mut builder = Builder::default();
        for n in 0..256 {
            builder.span(0, n, (0..4000).map(|_| next()).collect::<BTreeSet<_>>());
        }
        let built = builder.finish().unwrap();
        let entry = built.entries.len() as f64 / (256.0 * 4000.0);
        assert!(entry < 2.3, "{entry} bytes an entry");
        let vain: usize = (0..10_000).map(|_| ask(&built, next()).len()).sum();
        assert!((100..2500).contains(&vain), "{vain} of 10,000 questions");
    }
}
