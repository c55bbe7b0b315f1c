use super::{Measured, Production};
use crate::{
    ChannelId, SourceId, Timestamp,
    capture::ChannelCapture,
    lag::{ChannelSeen, GroupRow, SourceObserved},
    sources::{PartitionShown, SourceShown},
};
use serde::{Deserialize, Serialize};

/// Events captured are told in steps of so many seconds, over a day.
pub const STEP_S: i64 = 300;
pub const STEPS: usize = 288;

/// What is known of one channel: how much comes in, how large it is, and how far back it reaches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelFacts {
    pub id: ChannelId,
    pub name: String,
    /// Its figures are not of this channel: only its name and how it stands are told.
    pub source: SourceShown,
    /// Open ones; those of a channel with very many, the first of them.
    pub partitions: Vec<PartitionShown>,
    pub more_partitions: u32,
    pub last_event: Option<Timestamp>,
    /// Since when it is captured; `None`: nothing was yet.
    pub captured_since: Option<Timestamp>,
    /// Events captured, [`STEPS`] steps of [`STEP_S`] up to `counted_to`, the oldest first.
    pub captured: Vec<u64>,
    pub counted_to: Timestamp,
    /// Of the last full minute.
    pub last_minute: Option<u64>,
    /// Bytes of what was captured in that day, as producers sent it.
    pub raw_bytes: u64,
    /// As groups were observed on it: by its broker's word. `None`: no group was observed on it.
    pub observed: Option<(ChannelSeen, Timestamp)>,
    pub oldest: Oldest,
}

/// How far back the broker's events reach in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "at")]
pub enum Oldest {
    Unknown,
    /// The oldest event's time.
    At(Timestamp),
    /// Of some partitions only: others may reach further.
    AtLeast(Timestamp),
    /// The broker has no event of it.
    Empty,
}

/// Who reads a channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Readers {
    /// How they stand on this channel alone, the worst first.
    pub rows: Vec<GroupRow>,
    /// All that read it, of which `rows` may be the first.
    pub matching: usize,
    /// Ephemeral, archived and gone ones.
    pub left_out: usize,
    /// How the last observation of its source went; `None`: there has been none.
    pub observed: Option<SourceObserved>,
}

/// What the page of a channel shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelPage {
    pub facts: ChannelFacts,
    /// What is kept of it here; `None`: not known.
    pub capture: Option<ChannelCapture>,
    /// `None`: lag may not be seen.
    pub readers: Option<Readers>,
    /// When this was read.
    pub at: Timestamp,
}

/// An observation of the broker older than this says nothing of now.
const FRESH_S: i64 = 600;

impl ChannelFacts {
    /// How much came in over the last hours.
    pub fn production(&self, hours: Hours) -> Option<Production> {
        let each = hours.steps();
        let slot_s = STEP_S * i64::try_from(each).unwrap_or(1);
        let wanted = usize::try_from(hours.hours() * 3_600 / slot_s).unwrap_or(0);
        let ends = self.observed.as_ref().map(|(seen, _)| seen.ends.as_slice()).unwrap_or_default();
        let skipped = self.captured.len().saturating_sub(wanted * each);
        let counts = self.captured.get(skipped..).unwrap_or_default();
        Production::better(
            Production::at_broker(ends, slot_s, wanted),
            Production::captured(counts, STEP_S, each, self.counted_to, self.captured_since),
        )
    }

    /// Events a second now, and what that was counted by: the newest word of the broker, else what is captured.
    pub fn now(&self, readers: Option<&Readers>, at: Timestamp) -> Option<(f64, Measured)> {
        let fresh = |seen: Timestamp| at.micros_since(seen) < FRESH_S * 1_000_000;
        let rows = readers.map(|r| r.rows.as_slice()).unwrap_or_default();
        let told = rows.iter().filter(|r| fresh(r.observed_at) && r.in_per_s.is_some()).max_by_key(|r| r.observed_at);
        let told = told.and_then(|r| r.in_per_s);
        let seen = || self.observed.as_ref().filter(|(_, seen)| fresh(*seen)).and_then(|(seen, _)| seen.in_per_s);
        let captured = || self.last_minute.filter(|_| !self.source.state.stands_still()).map(|n| n as f64 / 60.0);
        match told.or_else(seen) {
            Some(per_s) => Some((per_s, Measured::AtBroker)),
            None => captured().map(|per_s| (per_s, Measured::Captured)),
        }
    }

    /// Bytes of an event as producers sent it, of the last day; `None`: none came.
    pub fn average_size(&self) -> Option<u64> {
        self.raw_bytes.checked_div(self.captured.iter().sum::<u64>()).filter(|_| self.raw_bytes > 0)
    }

    pub const fn source(&self) -> SourceId {
        self.source.id
    }
}

/// How far back a chart reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hours {
    Six,
    Day,
}

impl Hours {
    pub const fn hours(self) -> i64 {
        match self {
            Self::Six => 6,
            Self::Day => 24,
        }
    }

    /// Steps of one slot.
    const fn steps(self) -> usize {
        match self {
            Self::Six => 1,
            Self::Day => 3,
        }
    }
}
