//! Which way a list goes. What is said of newest first holds the other way round for oldest first, once times are turned
//! round: a place is *sooner* where a list comes to it earlier.

use super::rows::Row;
use std::cmp::Ordering;
use weir_domain::{
    EventId, PartitionId, Position, Timestamp,
    events::{EventFilter, PageCursor, TimeRange},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    NewestFirst,
    OldestFirst,
}

impl Order {
    pub(super) const fn of(filter: &EventFilter) -> Self {
        if filter.oldest_first { Self::OldestFirst } else { Self::NewestFirst }
    }

    /// The larger, the sooner.
    pub(super) const fn soon(self, at: Timestamp) -> i64 {
        match self {
            Self::NewestFirst => at.0,
            Self::OldestFirst => !at.0,
        }
    }

    /// What [`Self::soon`] was said of.
    pub(super) const fn time(self, soon: i64) -> Timestamp {
        match self {
            Self::NewestFirst => Timestamp(soon),
            Self::OldestFirst => Timestamp(!soon),
        }
    }

    /// `Less`: `a` comes first.
    pub(super) fn compare(self, a: &PageCursor, b: &PageCursor) -> Ordering {
        match self {
            Self::NewestFirst => b.cmp(a),
            Self::OldestFirst => a.cmp(b),
        }
    }

    pub(super) fn sort(self, rows: &mut [Row]) {
        rows.sort_unstable_by(|a, b| self.compare(&a.order(), &b.order()));
    }

    /// Where a list over a range begins, before the first of it, and the last time that is in it.
    pub(super) fn ends(self, range: TimeRange, after: Option<PageCursor>) -> (PageCursor, Timestamp) {
        let first = range.from.unwrap_or(Timestamp(i64::MIN));
        let last = range.to.map_or(Timestamp(i64::MAX), |t| t.plus_micros(-1));
        let (edge, far) = match self {
            Self::NewestFirst => (self.before_all_at(last), first),
            Self::OldestFirst => (self.before_all_at(first), last),
        };
        match after {
            Some(after) if self.compare(&edge, &after).is_lt() => (after, far),
            _ => (edge, far),
        }
    }

    /// The place before everything at a time.
    pub(super) const fn before_all_at(self, time: Timestamp) -> PageCursor {
        let id = EventId { partition: PartitionId(i64::MAX), position: Position(i64::MAX) };
        match self {
            Self::NewestFirst => PageCursor { time, id },
            Self::OldestFirst => PageCursor { time: time.plus_micros(-1), id },
        }
    }

    /// And the one behind it.
    pub(super) const fn behind_all_at(self, time: Timestamp) -> PageCursor {
        match self {
            Self::NewestFirst => self.before_all_at(time.plus_micros(-1)),
            Self::OldestFirst => self.before_all_at(time.plus_micros(1)),
        }
    }
}
