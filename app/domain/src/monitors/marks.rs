use super::TapBehind;
use crate::{PartitionId, Position, Timestamp};
use std::collections::{HashMap, VecDeque};

/// Marks are set this far apart: a tap is known to be behind by its time less this.
const APART_US: i64 = 30_000_000;
/// Of one partition: over half an hour. A tap that is behind by more is behind by "at least" that.
const MOST: usize = 64;

/// How long taps have been behind. Ends of partitions are marked with the time they were seen at: what was there then and
/// is still unread has waited since. So a burst into a quiet partition counts from when it came, and a tap that keeps up
/// with a busy one is never behind.
#[derive(Debug, Default)]
pub struct TapMarks(HashMap<PartitionId, VecDeque<(Position, Timestamp)>>);

impl TapMarks {
    /// `all`: every partition that is behind now; others have caught up.
    pub fn see<'a>(&mut self, all: impl IntoIterator<Item = &'a TapBehind>, now: Timestamp) {
        let mut seen = HashMap::new();
        for at in all {
            let mut marks = self.0.remove(&at.partition).unwrap_or_default();
            while marks.front().is_some_and(|(end, _)| *end <= at.next) {
                marks.pop_front();
            }
            let due = marks.back().is_none_or(|(end, t)| at.end > *end && now.micros_since(*t) >= APART_US);
            if due && marks.len() < MOST {
                marks.push_back((at.end, now));
            }
            seen.insert(at.partition, marks);
        }
        self.0 = seen;
    }

    /// For how long what the slowest of these has not read has been there, in µs.
    pub fn behind_for(&self, partitions: &[TapBehind], now: Timestamp) -> i64 {
        let since = partitions.iter().filter_map(|p| self.0.get(&p.partition)?.front()).map(|(_, at)| *at).min();
        since.map_or(0, |at| now.micros_since(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(next: i64, end: i64) -> TapBehind {
        TapBehind { partition: PartitionId(1), next: Position(next), end: Position(end) }
    }

    fn secs(n: i64) -> Timestamp {
        Timestamp::EPOCH.plus_secs(n)
    }

    #[test]
    fn a_tap_that_keeps_up_with_a_busy_channel_is_not_behind() {
        let mut marks = TapMarks::default();
        for n in 0..200 {
            // A thousand events a step arrive; the last fifty are always on their way.
            let now = at(n * 1000 + 950, n * 1000 + 1000);
            marks.see(&[now], secs(n * 10));
            assert!(marks.behind_for(&[now], secs(n * 10)) <= 30_000_000, "{n}");
        }
    }

    #[test]
    fn a_tap_that_stays_behind_is_behind_by_as_much_however_it_reads_on() {
        let mut marks = TapMarks::default();
        let mut most = 0;
        for n in 0..200_i64 {
            // Ten events a second arrive; what is read arrived six minutes before.
            let (t, end) = (n * 10, n * 100);
            let now = at((end - 3600).max(0), end + 1);
            marks.see(&[now], secs(t));
            let behind = marks.behind_for(&[now], secs(t)) / 1_000_000;
            assert!(behind <= 370, "{n}: {behind}");
            if n > 40 {
                assert!(behind >= 320, "{n}: {behind}");
            }
            most = most.max(behind);
        }
        assert!(most >= 350, "{most}");
        // Caught up.
        marks.see(&[], secs(2000));
        assert_eq!(marks.behind_for(&[at(0, 1)], secs(2000)), 0);
    }

    #[test]
    fn one_that_stands_still_is_behind_since_it_does_and_holds_few_marks() {
        let mut marks = TapMarks::default();
        for n in 0..1000 {
            marks.see(&[at(5, 10 + n)], secs(n * 10));
        }
        assert_eq!(marks.behind_for(&[at(5, 1010)], secs(9990)), 9_990_000_000);
        assert!(marks.0.values().all(|m| m.len() <= MOST));
    }
}
