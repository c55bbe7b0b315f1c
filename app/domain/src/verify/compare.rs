use super::{Difference, DifferenceKind};
use crate::{
    Position,
    capture::{Header, TimeKind},
    events::{KeyHash, RawEvent},
};

/// An event as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAt {
    pub position: Position,
    pub time_kind: TimeKind,
    pub broker_ms: Option<i64>,
    /// Bytes of key, headers and payload.
    pub size: u64,
    pub tombstone: bool,
    /// `None`: the key is null, or nothing was kept of it.
    pub key_hash: Option<KeyHash>,
    pub bytes: Bytes,
}

/// What is kept of an event's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bytes {
    Kept(RawEvent),
    /// Never kept, erased, or their retention has passed.
    NotKept,
    /// They should be there and are not, or can't be unpacked.
    Lost,
}

/// An event as the broker has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadAt {
    pub position: Position,
    pub time_kind: TimeKind,
    pub broker_ms: Option<i64>,
    pub raw: RawEvent,
}

/// What is stored of some positions of one partition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stretch {
    /// Ascending by position.
    pub rows: Vec<StoredAt>,
    /// Recorded gaps: what lies in them is known not to be stored. The end is the first position after one.
    pub gaps: Vec<(Position, Option<Position>)>,
    /// The first position that is stored: what lies before it was not captured, or its retention has passed.
    pub first: Option<Position>,
}

/// What came of comparing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Events that both have.
    pub compared: u64,
    /// Stored, and not at the broker any more: its compaction or retention took them, which is no difference.
    pub gone: u64,
    /// By position.
    pub differences: Vec<Difference>,
}

/// Compares what is stored with what the broker has, both of the same positions. `hash` is the one of stored keys.
pub fn compare(stored: &Stretch, read: &[ReadAt], hash: impl Fn(&[u8]) -> KeyHash) -> Comparison {
    let mut found = Comparison::default();
    let mut rows = stored.rows.iter().peekable();
    let mut of_broker = read.iter().peekable();
    let differs = |found: &mut Comparison, position, kind| found.differences.push(Difference { position, kind });
    loop {
        let at = match (rows.peek(), of_broker.peek()) {
            (None, None) => return found,
            (Some(row), Some(read)) => row.position.min(read.position),
            (Some(row), None) => row.position,
            (None, Some(read)) => read.position,
        };
        let row = rows.next_if(|row| row.position == at);
        let mut doubled = false;
        while rows.next_if(|row| row.position == at).is_some() {
            doubled = true;
        }
        if doubled {
            differs(&mut found, at, DifferenceKind::Doubled);
        }
        match (row, of_broker.next_if(|read| read.position == at)) {
            (Some(row), Some(read)) => {
                found.compared += 1;
                if let Some(kind) = difference(row, read, &hash) {
                    differs(&mut found, at, kind);
                }
            }
            (Some(_), None) => found.gone += 1,
            (None, Some(_)) if is_known_missing(stored, at) => {}
            (None, Some(_)) => differs(&mut found, at, DifferenceKind::Missing),
            (None, None) => {}
        }
    }
}

fn is_known_missing(stored: &Stretch, at: Position) -> bool {
    let in_gap = |(from, to): &(Position, Option<Position>)| *from <= at && to.is_none_or(|to| at < to);
    stored.first.is_none_or(|first| at < first) || stored.gaps.iter().any(in_gap)
}

/// Is what the broker has at this position the event that is stored?
pub fn difference(row: &StoredAt, read: &ReadAt, hash: &impl Fn(&[u8]) -> KeyHash) -> Option<DifferenceKind> {
    if (row.time_kind, row.broker_ms) != (read.time_kind, read.broker_ms) {
        return Some(DifferenceKind::Time);
    }
    let raw = &read.raw;
    // What was withheld or erased has no hash, as has a null key.
    let key = row.key_hash.is_none_or(|known| raw.key.as_deref().map(hash) == Some(known));
    let same = row.size == size(raw) && row.tombstone == raw.payload.is_none() && key;
    let bytes = match &row.bytes {
        Bytes::Kept(kept) => kept == raw,
        Bytes::NotKept => true,
        Bytes::Lost => false,
    };
    (!same || !bytes).then_some(DifferenceKind::Bytes)
}

fn size(raw: &RawEvent) -> u64 {
    let header = |h: &Header| h.name.len() + h.value.as_ref().map_or(0, Vec::len);
    let all = raw.key.as_ref().map_or(0, Vec::len)
        + raw.payload.as_ref().map_or(0, Vec::len)
        + raw.headers.iter().map(header).sum::<usize>();
    all as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn hash(key: &[u8]) -> KeyHash {
        KeyHash(key.iter().map(|b| i64::from(*b)).sum())
    }

    fn pair(at: i64) -> (StoredAt, ReadAt) {
        let raw = RawEvent {
            key: Some(format!("key-{at}").into_bytes()),
            headers: Vec::new(),
            payload: Some(format!("payload-{at}").into_bytes()),
        };
        let (position, time_kind, broker_ms) = (Position(at), TimeKind::Create, Some(at * 10));
        let key_hash = raw.key.as_deref().map(hash);
        let bytes = Bytes::Kept(raw.clone());
        (
            StoredAt { position, time_kind, broker_ms, size: size(&raw), tombstone: false, key_hash, bytes },
            ReadAt { position, time_kind, broker_ms, raw },
        )
    }

    fn stretch(rows: Vec<StoredAt>) -> Stretch {
        Stretch { rows, gaps: Vec::new(), first: Some(Position(0)) }
    }

    #[test]
    fn each_kind_of_difference_is_found() {
        let (row, read) = pair(7);
        let kind = |row: StoredAt, read: ReadAt| {
            compare(&stretch(vec![row]), &[read], hash).differences.first().map(|d| d.kind)
        };
        assert_eq!(kind(row.clone(), read.clone()), None);
        assert_eq!(kind(StoredAt { broker_ms: None, ..row.clone() }, read.clone()), Some(DifferenceKind::Time));
        let mut other = read.clone();
        other.raw.payload = Some(b"Payload-7".to_vec());
        assert_eq!(kind(row.clone(), other.clone()), Some(DifferenceKind::Bytes), "one letter");
        let light = StoredAt { bytes: Bytes::NotKept, ..row.clone() };
        assert_eq!(kind(light.clone(), other), None, "without bytes, size and time are all there is");
        assert_eq!(kind(StoredAt { size: 3, ..light.clone() }, read.clone()), Some(DifferenceKind::Bytes));
        assert_eq!(kind(StoredAt { tombstone: true, ..light.clone() }, read.clone()), Some(DifferenceKind::Bytes));
        assert_eq!(kind(StoredAt { key_hash: Some(KeyHash(1)), ..light }, read.clone()), Some(DifferenceKind::Bytes));
        assert_eq!(kind(StoredAt { bytes: Bytes::Lost, ..row.clone() }, read.clone()), Some(DifferenceKind::Bytes));
        let twice = compare(&stretch(vec![row.clone(), row]), std::slice::from_ref(&read), hash);
        assert_eq!(twice.differences, [Difference { position: Position(7), kind: DifferenceKind::Doubled }]);
        let none = compare(&stretch(Vec::new()), &[read], hash);
        assert_eq!(none.differences, [Difference { position: Position(7), kind: DifferenceKind::Missing }]);
    }

    proptest! {
        /// What one side lacks is missing, gone, or known to be: nothing else is ever found among equal events.
        #[test]
        fn only_what_is_not_stored_and_should_be_is_missing(
            stored in prop::collection::btree_set(0i64..60, 0..40),
            read in prop::collection::btree_set(0i64..60, 0..40),
            gap in (0i64..60, prop::option::of(0i64..20)),
            first in 0i64..30,
        ) {
            let (from, length) = gap;
            let to = length.map(|n| Position(from + n));
            let gaps = vec![(Position(from), to)];
            let rows = stored.iter().map(|at| pair(*at).0).collect();
            let of_broker: Vec<_> = read.iter().map(|at| pair(*at).1).collect();
            let got = compare(&Stretch { rows, gaps, first: Some(Position(first)) }, &of_broker, hash);
            prop_assert_eq!(got.compared, stored.intersection(&read).count() as u64);
            prop_assert_eq!(got.gone, stored.difference(&read).count() as u64);
            let known = |at: i64| at < first || (from <= at && to.is_none_or(|to| at < to.0));
            let wanted: BTreeSet<i64> = read.difference(&stored).copied().filter(|at| !known(*at)).collect();
            let missing: BTreeSet<i64> = got.differences.iter().map(|d| d.position.0).collect();
            prop_assert_eq!(missing, wanted);
            prop_assert!(got.differences.iter().all(|d| d.kind == DifferenceKind::Missing));
        }
    }
}
