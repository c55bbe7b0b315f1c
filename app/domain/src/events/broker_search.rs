//! Events looked for in the broker, where their payloads are not stored.

use super::{EventRow, LiveRecord, TimeRange};
use crate::{EventId, PartitionId, Position, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What one step of such a search may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokerLimits {
    pub events: u32,
    pub bytes: u64,
    pub seconds: u32,
}

impl BrokerLimits {
    pub const USUAL: Self = Self { events: 20_000, bytes: 16 << 20, seconds: 8 };
    pub const MOST: Self = Self { events: 100_000, bytes: 64 << 20, seconds: 20 };

    /// No less than makes a step, and no more than anybody may take.
    #[must_use]
    pub fn within_caps(self) -> Self {
        Self {
            events: self.events.clamp(1, Self::MOST.events),
            bytes: self.bytes.clamp(1 << 16, Self::MOST.bytes),
            seconds: self.seconds.clamp(1, Self::MOST.seconds),
        }
    }
}

/// Where to look in each partition of the channel. Both must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BrokerRange {
    pub time: TimeRange,
    /// From this position …
    pub from: Option<Position>,
    /// … to this one, which is not among them.
    pub to: Option<Position>,
    /// In the partition of this number alone.
    pub partition: Option<i32>,
}

/// What a stretch of a partition holds now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BrokerStretch {
    Read {
        records: Vec<BrokerRecord>,
        /// Everything below was read.
        next: Position,
        /// The log's bounds now, where the broker told.
        start: Option<Position>,
        end: Option<Position>,
        /// Positions that could not be read, in words.
        left_out: Vec<String>,
        bytes: u64,
    },
    /// The incarnation is over: the channel was deleted, made again, or its log was cut.
    Replaced,
    /// The log ends below where the stretch begins.
    Beyond,
    /// Not at this moment: others have their turn, or the broker did not answer in time.
    NotYet { what: String, what_to_do: String },
    /// It was not asked, or did not answer. Both texts are for a person and hold no secret.
    NotRead { what: String, what_to_do: String },
}

/// What is known of a stretch of a partition before anything of it is judged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeptAway {
    /// Positions of events that were erased, or must never be stored as far as their rows and their source's ceiling tell.
    pub positions: BTreeSet<Position>,
    /// Where what was filled before this partition is kept, under the same positions.
    pub filled: Option<PartitionId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerRecord {
    pub position: Position,
    pub event_type: String,
    pub record: LiveRecord,
}

/// How far one partition was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartitionSearched {
    /// The broker's own number.
    pub number: i32,
    /// What was read in this step: from here …
    pub from: Position,
    /// … to before here.
    pub next: Position,
    /// Where its log ends now, or the range does; `None`: not known.
    pub end: Option<Position>,
    /// All of the range was read that the broker has.
    pub done: bool,
    /// What could not be read, for a person.
    pub problems: Vec<String>,
}

/// What a step read, and what it left: nothing is left out silently.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BrokerSearched {
    /// Events that were read and judged.
    pub read: u64,
    pub bytes: u64,
    pub millis: u64,
    /// Events that were not looked into, because their content was erased or must never be stored, which of those without a
    /// row is assumed where their source keeps metadata only: whether they match is not told.
    pub kept_away: u64,
    /// Matches that are not shown, because the store knows another event at their position.
    pub other: u64,
    /// Those that this step came to, in its order.
    pub partitions: Vec<PartitionSearched>,
    /// Partitions in all, and how many this step and those before are through with.
    pub of: u32,
    pub done: u32,
    /// Parts of events that free words were not looked for in, because they may not be seen.
    pub unseen: Vec<String>,
    /// From where this step began, every partition was read to its end, without a problem.
    pub complete: bool,
}

/// A match, read live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokerRow {
    /// Where the store knows it, `absent` says why its content is not there; nothing: it is.
    pub row: EventRow,
    /// The store knows that there is such an event.
    pub known: bool,
    /// Where a search that ends with this match goes on.
    pub next: EventId,
}

/// One step of a search in the broker, oldest first by partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokerFound {
    pub channel_name: String,
    pub source_name: String,
    pub rows: Vec<BrokerRow>,
    pub searched: BrokerSearched,
    pub limits: BrokerLimits,
    pub read_at: Timestamp,
    /// Where the next step goes on; `None`: there is nothing more.
    pub next: Option<EventId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_more_than_the_caps() {
        let greedy = BrokerLimits { events: u32::MAX, bytes: u64::MAX, seconds: u32::MAX };
        assert_eq!(greedy.within_caps(), BrokerLimits::MOST);
        let nothing = BrokerLimits { events: 0, bytes: 0, seconds: 0 }.within_caps();
        assert_eq!((nothing.events, nothing.seconds), (1, 1));
        assert_eq!(BrokerLimits::USUAL.within_caps(), BrokerLimits::USUAL);
    }
}
