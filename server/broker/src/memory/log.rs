use super::{NewRecord, cursor::Place};
use crate::{Record, StartAt};
use std::collections::BTreeMap;
use weir_domain::{Position, Timestamp, capture::Held};

#[derive(Debug)]
pub(super) struct Entry {
    pub record: Record,
    transaction: Option<u64>,
}

#[derive(Debug)]
struct Open {
    id: u64,
    first: Option<i64>,
    held: Held,
}

/// One partition: a sparse log of records, the open transactions in it, and where each leader epoch began.
#[derive(Debug)]
pub(super) struct Log {
    pub start: i64,
    /// The next offset to be written.
    pub end: i64,
    entries: BTreeMap<i64, Entry>,
    open: Vec<Open>,
    /// (epoch, its first offset), ascending.
    epochs: Vec<(i32, i64)>,
    pub problem: Option<String>,
}

impl Default for Log {
    fn default() -> Self {
        Self { start: 0, end: 0, entries: BTreeMap::new(), open: Vec::new(), epochs: vec![(0, 0)], problem: None }
    }
}

impl Log {
    pub fn append(&mut self, record: &NewRecord, transaction: Option<u64>) -> Position {
        let position = Position(self.end);
        self.entries.insert(self.end, Entry { record: record.as_read_at(position), transaction });
        if let Some(open) = self.open.iter_mut().find(|o| Some(o.id) == transaction) {
            open.first.get_or_insert(self.end);
        }
        self.end += 1;
        position
    }

    /// Offsets that hold nothing a consumer is given: control batches.
    pub fn skip(&mut self, offsets: i64) {
        self.end += offsets;
    }

    pub fn begin(&mut self, id: u64, held: Held) {
        self.open.push(Open { id, first: None, held });
    }

    /// Ends a transaction with its marker, which takes one offset.
    pub fn finish(&mut self, id: u64, commit: bool) {
        self.open.retain(|o| o.id != id);
        if commit {
            self.entries.values_mut().filter(|e| e.transaction == Some(id)).for_each(|e| e.transaction = None);
        } else {
            self.entries.retain(|_, e| e.transaction != Some(id));
        }
        self.end += 1;
    }

    /// Compaction: takes records away, leaving their offsets empty.
    pub fn compact(&mut self, gone: impl Fn(&Record) -> bool) {
        self.entries.retain(|_, e| !gone(&e.record));
    }

    pub fn compact_by_key(&mut self) {
        let key = |e: &Entry| e.record.key.clone();
        let last: BTreeMap<_, _> = self.entries.iter().map(|(offset, e)| (key(e), *offset)).collect();
        self.entries.retain(|offset, e| last.get(&key(e)) == Some(offset));
    }

    pub fn delete_before(&mut self, offset: i64) {
        self.start = offset.clamp(self.start, self.end);
        self.entries = self.entries.split_off(&self.start);
    }

    /// What an unclean leader election does: the log ends at `offset`, and a new epoch writes on from there.
    pub fn truncate(&mut self, offset: i64) {
        self.end = offset.clamp(self.start, self.end);
        drop(self.entries.split_off(&self.end));
        self.open.retain(|o| o.first.is_none_or(|first| first < self.end));
        let epoch = self.epoch() + 1;
        self.epochs.retain(|(_, first)| *first < self.end);
        self.epochs.push((epoch, self.end));
    }

    pub fn epoch(&self) -> i32 {
        self.epochs.last().map_or(0, |(epoch, _)| *epoch)
    }

    /// Where the log was cut below this place, if it was: the rule of Kafka's OffsetsForLeaderEpoch.
    pub fn cut_below(&self, place: Place) -> Option<i64> {
        let later = self.epochs.iter().find(|(epoch, _)| *epoch > place.epoch);
        let end = later.map_or(self.end, |(_, first)| *first);
        (end < place.next).then_some(end)
    }

    pub fn place(&self, next: i64) -> Place {
        let epoch = self.epochs.iter().rev().find(|(_, first)| *first < next).or(self.epochs.first());
        Place { next, epoch: epoch.map_or(0, |(epoch, _)| *epoch) }
    }

    /// The end of what may be read: the first offset of an open transaction, else the end.
    pub fn stable_end(&self) -> i64 {
        self.open.iter().filter_map(|o| o.first).min().unwrap_or(self.end)
    }

    pub fn held(&self) -> Option<Held> {
        let open = self.open.iter().filter(|o| o.first.is_some()).min_by_key(|o| o.first)?;
        (open.first? < self.end).then(|| open.held.clone())
    }

    pub fn visible(&self, from: i64) -> impl Iterator<Item = (i64, &Entry)> {
        let from = from.max(self.start);
        let end = self.stable_end().max(from);
        self.entries.range(from..end).map(|(offset, entry)| (*offset, entry))
    }

    /// The offset a start means now.
    pub fn resolve(&self, start: &StartAt) -> i64 {
        match start {
            StartAt::Cursor(cursor) => Place::of(cursor).map_or(self.start, |p| p.next),
            StartAt::Latest => self.stable_end(),
            StartAt::Earliest => self.start,
            StartAt::Time(time) => {
                let at_or_after = |ms: i64| Timestamp::from_millis(ms) >= *time;
                let mut found = self.visible(self.start).filter(|(_, e)| e.record.broker_ms.is_some_and(at_or_after));
                found.next().map_or(self.stable_end(), |(offset, _)| offset)
            }
            StartAt::Position(position) => position.0,
        }
    }
}
