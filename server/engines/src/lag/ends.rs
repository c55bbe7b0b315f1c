//! Ends of one channel's partitions over time: what is produced, and when an end was passed.

use std::collections::{BTreeMap, VecDeque};
use weir_broker::ChannelObserved;
use weir_domain::{
    Timestamp,
    lag::{ChannelSeen, Kept},
};

/// Points kept of one partition: dense at the end, thinner the older they are.
const MOST_POINTS: usize = 120;
/// Points older than this are thinned.
const DENSE_MS: i64 = 10 * 60_000;
const OLDEST_MS: i64 = 26 * 3_600_000;
/// Rates are measured over about this long.
const RATE_OVER_MS: i64 = 60_000;

#[derive(Debug, Clone, Default)]
pub(super) struct Ends {
    pub start: Option<i64>,
    pub end: Option<i64>,
    pub stable_end: Option<i64>,
    pub bytes: Option<u64>,
    pub problem: Option<String>,
    /// When the end was seen where (ms, end), oldest first, both growing.
    pub points: VecDeque<(i64, i64)>,
    /// When the log's start was seen where; as `points`, but only what moved.
    pub starts: VecDeque<(i64, i64)>,
}

impl Ends {
    fn see(&mut self, at: i64, end: i64) {
        if let Some(&(last, passed)) = self.points.back() {
            if end < passed {
                // Truncated: what was passed before tells nothing of what stands there now.
                self.points.clear();
            } else if at <= last {
                return;
            }
        }
        // Of a stretch in which nothing was produced, its first and last moment.
        let len = self.points.len();
        if len >= 2 && self.points[len - 1].1 == end && self.points[len - 2].1 == end {
            self.points[len - 1].0 = at;
        } else {
            self.points.push_back((at, end));
        }
        while self.points.front().is_some_and(|p| p.0 < at - OLDEST_MS) {
            self.points.pop_front();
        }
        if self.points.len() > MOST_POINTS {
            self.thin(at);
        }
    }

    /// Halves what is older than ten minutes; if that is not enough, everything.
    fn thin(&mut self, at: i64) {
        let dense = at - DENSE_MS;
        let mut keep = false;
        self.points.retain(|p| {
            keep = !keep || p.0 >= dense;
            keep
        });
        if self.points.len() > MOST_POINTS {
            let mut i = 0;
            let last = self.points.len() - 1;
            self.points.retain(|_| {
                i += 1;
                i % 2 == 1 || i > last
            });
        }
    }

    pub fn in_per_s(&self) -> Option<f64> {
        rate(&self.points)
    }

    /// How fast the log's start moved, over the deletions that were seen: they come in steps of whole segments.
    pub fn deleted_per_s(&self, now: Timestamp) -> f64 {
        let (Some(first), Some(last)) = (self.starts.front(), self.starts.back()) else { return 0.0 };
        let ms = now.millis().saturating_sub(first.0);
        if self.starts.len() < 3 || ms < 60_000 {
            return 0.0;
        }
        (last.1.saturating_sub(first.1)).max(0) as f64 * 1_000.0 / ms as f64
    }
}

/// Over the last minute, by points that were seen (ms, count).
pub(super) fn rate(points: &VecDeque<(i64, i64)>) -> Option<f64> {
    let &(now, end) = points.back()?;
    let from = points.iter().rev().find(|p| now - p.0 >= RATE_OVER_MS).or_else(|| points.front())?;
    let ms = now - from.0;
    (ms >= 1_000).then(|| (end.saturating_sub(from.1)) as f64 * 1_000.0 / ms as f64)
}

/// One channel as it was last seen.
#[derive(Debug, Clone, Default)]
pub(super) struct Channel {
    pub incarnation: Vec<u8>,
    pub partitions: BTreeMap<i32, Ends>,
    pub keeps: Option<Kept>,
    pub positions_for_ms: Option<i64>,
    pub problem: Option<String>,
    /// What holds of it was asked for; that may have been refused.
    pub detailed: bool,
    /// When it was last told of, in ms.
    pub seen_at: i64,
    written_at: i64,
}

/// What an observation tells of a channel that its readers should hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Changed {
    PartitionsAdded { before: usize, now: usize },
    Recreated,
}

impl Channel {
    pub fn from_kept(seen: &ChannelSeen) -> Self {
        let partitions = seen.ends.iter().map(|(number, points)| {
            let points: VecDeque<_> = points.iter().copied().collect();
            let ends = Ends { end: points.back().map(|p| p.1), points, ..Ends::default() };
            (*number, ends)
        });
        Self { partitions: partitions.collect(), keeps: seen.keeps.clone(), ..Self::default() }
    }

    pub fn see(&mut self, seen: &ChannelObserved, details: bool, at: Timestamp) -> Vec<Changed> {
        let mut changed = Vec::new();
        self.seen_at = at.millis();
        self.problem.clone_from(&seen.problem);
        if seen.problem.is_some() {
            return changed;
        }
        if !seen.incarnation.is_empty() && seen.incarnation != self.incarnation {
            if !self.incarnation.is_empty() {
                self.partitions.clear();
                changed.push(Changed::Recreated);
            }
            self.incarnation.clone_from(&seen.incarnation);
        }
        self.detailed |= details;
        let before = self.partitions.len();
        for one in &seen.partitions {
            let ends = self.partitions.entry(one.partition).or_default();
            (ends.start, ends.end, ends.stable_end) = (one.start, one.end, one.stable_end);
            ends.bytes = one.bytes.or(ends.bytes);
            ends.problem.clone_from(&one.problem);
            if let Some(end) = one.end {
                ends.see(at.millis(), end);
            }
            if let Some(start) = one.start
                && ends.starts.back().is_none_or(|last| last.1 != start)
            {
                ends.starts.push_back((at.millis(), start));
                if ends.starts.len() > 32 {
                    ends.starts.pop_front();
                }
            }
        }
        if before > 0 && self.partitions.len() > before {
            changed.push(Changed::PartitionsAdded { before, now: self.partitions.len() });
        }
        if let Some(keeps) = &seen.keeps {
            self.positions_for_ms = keeps.positions_for_ms;
            self.keeps = Some(Kept {
                for_ms: keeps.for_ms,
                bytes: keeps.bytes,
                segment_bytes: keeps.segment_bytes,
                segment_ms: keeps.segment_ms,
                compacted: keeps.compacted,
                deletes: keeps.deletes,
                tiered: keeps.tiered,
                arrival_times: keeps.arrival_times,
            });
        }
        changed
    }

    pub fn in_per_s(&self) -> Option<f64> {
        self.partitions.values().filter_map(Ends::in_per_s).reduce(|a, b| a + b)
    }

    /// What is to be written of it, every few minutes: its points are many.
    pub fn written(&mut self, name: &str, at: Timestamp) -> Option<ChannelSeen> {
        const EVERY_MS: i64 = 120_000;
        if at.millis() - self.written_at < EVERY_MS {
            return None;
        }
        self.written_at = at.millis();
        let number = |n: i64| u64::try_from(n).unwrap_or(0);
        let held = |e: &Ends| e.start.zip(e.end).map(|(s, e)| number(e.saturating_sub(s)));
        Some(ChannelSeen {
            name: name.to_owned(),
            partitions: u32::try_from(self.partitions.len()).unwrap_or(u32::MAX),
            in_per_s: self.in_per_s(),
            events: self.partitions.values().filter_map(held).reduce(u64::saturating_add),
            bytes: self.partitions.values().filter_map(|e| e.bytes).reduce(u64::saturating_add),
            keeps: self.keeps.clone(),
            problem: self.problem.clone(),
            ends: self.partitions.iter().map(|(n, e)| (*n, e.points.iter().copied().collect())).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Points stay few and in order, and the newest are all there.
        #[test]
        fn points_stay_few_and_in_order(steps in proptest::collection::vec((1_000i64..60_000, 0i64..500), 1..600)) {
            let mut ends = Ends::default();
            let (mut at, mut end) = (0, 0);
            for (ms, events) in steps {
                (at, end) = (at + ms, end + events);
                ends.see(at, end);
                prop_assert!(ends.points.len() <= MOST_POINTS + 1);
                prop_assert_eq!(ends.points.back(), Some(&(at, end)));
            }
            let ordered = ends.points.iter().zip(ends.points.iter().skip(1)).all(|(a, b)| a.0 < b.0 && a.1 <= b.1);
            prop_assert!(ordered);
        }
    }

    #[test]
    fn a_rate_is_of_the_last_minute() {
        let mut ends = Ends::default();
        assert_eq!(ends.in_per_s(), None);
        (0..30).for_each(|i| ends.see(i * 10_000, i * 100));
        assert_eq!(ends.in_per_s(), Some(10.0));
        (30..40).for_each(|i| ends.see(i * 10_000, 2_900));
        assert_eq!(ends.in_per_s(), Some(0.0));
        // Truncated: nothing is known any more.
        ends.see(400_000, 10);
        assert_eq!(ends.in_per_s(), None);
    }
}
