//! How the events of a search are spread: over time, and over types, channels and keys.

use super::{Capped, Masked, StoredRow, TimeRange};
use crate::{ChannelId, Timestamp};
use serde::Serialize;

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Widths that people read at a glance.
const WIDTHS: [i64; 24] = [
    SECOND / 10,
    SECOND / 5,
    SECOND / 2,
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    28 * DAY,
];

/// Equal stretches of time, one after the other; each is half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Bins {
    pub from: Timestamp,
    pub width_us: i64,
    pub count: usize,
}

impl Bins {
    /// The narrowest of the usual widths with which `most` bins reach from `from` to `to`, both within. They begin at
    /// multiples of their width (UTC), so that the same stretch always has the same bins.
    pub fn over(from: Timestamp, to: Timestamp, most: usize) -> Self {
        let most = i64::try_from(most).unwrap_or(i64::MAX).max(1);
        let count = |width: i64| {
            let first = from.0.div_euclid(width);
            to.0.max(from.0).div_euclid(width).saturating_sub(first).saturating_add(1)
        };
        let usual = WIDTHS.into_iter().find(|width| count(*width) <= most);
        // Beyond some years: as many of the widest as it takes.
        let [.., widest] = WIDTHS;
        let width = usual.unwrap_or_else(|| widest.saturating_mul(count(widest).div_euclid(most).saturating_add(1)));
        let begin = from.0.div_euclid(width).saturating_mul(width);
        Self { from: Timestamp(begin), width_us: width, count: usize::try_from(count(width)).unwrap_or(1) }
    }

    /// Which one a time is in; those before and after count to the first and the last.
    pub fn of(&self, time: Timestamp) -> usize {
        let bin = time.0.saturating_sub(self.from.0).div_euclid(self.width_us);
        usize::try_from(bin).unwrap_or(0).min(self.count.saturating_sub(1))
    }

    pub fn range(&self, bin: usize) -> TimeRange {
        let at = |n: usize| {
            let n = i64::try_from(n).unwrap_or(i64::MAX);
            Timestamp(self.from.0.saturating_add(self.width_us.saturating_mul(n)))
        };
        TimeRange { from: Some(at(bin)), to: Some(at(bin.saturating_add(1))) }
    }

    pub fn whole(&self) -> TimeRange {
        TimeRange { from: self.range(0).from, to: self.range(self.count.saturating_sub(1)).to }
    }
}

/// What a store counts. Empty where nothing is reached.
#[derive(Debug, Clone, Default)]
pub struct StoredBreakdown {
    pub bins: Option<Bins>,
    /// Events of the channels that are reached, per bin, whatever else is asked of them: batches that lie across a border
    /// are shared out evenly. `None`: too many to be counted.
    pub all: Option<Vec<u64>>,
    /// Those that match, per bin, as far as they were counted; `None`: all do.
    pub found: Option<Vec<u64>>,
    /// Matching events that types, channels and keys were counted over: the newest.
    pub counted: u64,
    /// Events that could not be judged.
    pub unjudged: u64,
    /// There are older ones, which were not counted.
    pub down_to: Option<Timestamp>,
    pub types: Vec<(String, u64)>,
    pub channels: Vec<(ChannelId, u64)>,
    /// An event of each key; none where the view may not see keys.
    pub keys: Vec<(StoredRow, u64)>,
    /// What stands at the path that was asked for, and how many events of the newest were read for it.
    pub values: Vec<(String, u64)>,
    pub read: u64,
    /// Recorded gaps in the stretch that is counted.
    pub gaps: u32,
}

/// The same as a person may see it.
#[derive(Debug, Clone, Serialize)]
pub struct Breakdown {
    pub bins: Option<Bins>,
    pub all: Option<Vec<u64>>,
    pub found: Option<Vec<u64>>,
    pub counted: u64,
    pub unjudged: u64,
    pub down_to: Option<Timestamp>,
    pub types: Vec<(String, u64)>,
    /// Source and channel by name.
    pub channels: Vec<ChannelShare>,
    pub keys: Masked<Vec<(Option<Capped>, u64)>>,
    /// Of the path that was asked for.
    pub field: Option<FieldValues>,
    /// Parts that the query's words were not looked for in.
    pub unseen: Vec<String>,
    /// Recorded gaps in the stretch that is counted: events that the broker lost before they were read.
    pub gaps: u32,
    /// Sources among those asked for that are not read now, and may have more.
    pub silent_sources: Vec<String>,
    pub hidden_channels: u32,
}

/// What stands at a path of the payloads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldValues {
    pub path: String,
    /// The most frequent, and in how many events.
    pub values: Vec<(String, u64)>,
    /// Events that were read: of the newest that match those whose payload is there.
    pub read: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChannelShare {
    pub channel: ChannelId,
    pub name: String,
    pub source: String,
    pub events: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_hour_in_minutes() {
        let from = Timestamp(HOUR * 490_000 + 17 * SECOND);
        let bins = Bins::over(from, Timestamp(from.0 + HOUR), 80);
        assert_eq!((bins.width_us, bins.count, bins.from.0), (MINUTE, 61, HOUR * 490_000));
        assert_eq!((bins.of(from), bins.of(Timestamp(from.0 + HOUR))), (0, 60));
        assert_eq!(bins.range(1).from, Some(Timestamp(HOUR * 490_000 + MINUTE)));
    }

    proptest! {
        #[test]
        fn every_time_is_in_one_bin(a in any::<i64>(), b in any::<i64>(), share in 0.0..=1.0_f64, most in 1..200_usize) {
            let (from, to) = (a.min(b), a.max(b));
            let bins = Bins::over(Timestamp(from), Timestamp(to), most);
            prop_assert!(bins.count >= 1 && bins.count <= most + 1, "{bins:?}");
            let time = from.saturating_add(((to as f64 - from as f64) * share) as i64).clamp(from, to);
            let bin = bins.of(Timestamp(time));
            prop_assert!(bin < bins.count);
            if a.unsigned_abs() < 1 << 60 && b.unsigned_abs() < 1 << 60 {
                prop_assert!(bins.range(bin).contains(Timestamp(time)), "{bins:?} {time}");
            }
        }
    }
}
