//! What is known of one group on one partition: its last commits, as far as they can be seen from outside.
//!
//! A broker tells where a position is, not when it was committed. So an observation counts as a commit if the position
//! moved since the one before, or if a member holds the partition: clients commit again and again what they have read.

use std::collections::VecDeque;
use weir_domain::{
    Timestamp,
    lag::{EventTime, Place, rules::Commit},
};

/// The newest are all kept (Burrow looks at ten), older ones half a minute apart, for ten minutes.
const NEWEST: usize = 10;
const APART_MS: i64 = 30_000;
const WINDOW_MS: i64 = 10 * 60_000;
/// Ends of the last observations: what was produced meanwhile.
const ENDS: usize = 10;
const RATE_OVER_MS: i64 = 60_000;

#[derive(Debug, Clone, Default)]
pub(super) struct Partition {
    pub commits: VecDeque<Commit>,
    pub ends: VecDeque<i64>,
    pub next: Option<i64>,
    pub end: Option<i64>,
    pub last_moved: Option<Timestamp>,
    /// End when it last moved: what arrived since.
    pub end_at_move: Option<i64>,
    /// Times between its last moves, in ms.
    pub intervals: VecDeque<i64>,
    /// What the store said of the position that was asked for last.
    pub asked: Option<(i64, EventTime)>,
    /// When, in ms.
    pub asked_at: i64,
    /// What is unread, as it is told or as positions tell it.
    pub lag: Option<u64>,
    /// Where the log began.
    pub start: Option<i64>,
    /// Why nothing is told of it.
    pub problem: Option<String>,
}

/// How a position moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moved {
    No,
    Ahead,
    Back { from: i64, to: i64 },
}

impl Partition {
    pub fn see(&mut self, at: Timestamp, next: Option<i64>, end: Option<i64>, lag: Option<u64>, held: bool) -> Moved {
        let moved = match (self.next, next) {
            (Some(from), Some(to)) if to < from => Moved::Back { from, to },
            (Some(from), Some(to)) if to > from => Moved::Ahead,
            _ => Moved::No,
        };
        if moved != Moved::No {
            if let Some(before) = self.last_moved {
                push(&mut self.intervals, at.millis() - before.millis(), 16);
            }
            self.last_moved = Some(at);
            self.end_at_move = end;
        }
        if let Some(end) = end {
            push(&mut self.ends, end, ENDS);
        }
        let first = self.next.is_none() && next.is_some();
        if let Some(offset) = next
            && (first || held || moved != Moved::No)
        {
            self.commits.push_back(Commit { at: at.millis(), offset, lag });
            self.thin(at.millis());
        }
        (self.next, self.end, self.lag) = (next, end, lag);
        moved
    }

    fn thin(&mut self, now: i64) {
        while self.commits.len() > NEWEST && self.commits.front().is_some_and(|c| c.at < now - WINDOW_MS) {
            self.commits.pop_front();
        }
        // The one that just became older than the newest goes, if it is near the one before it.
        let Some(i) = self.commits.len().checked_sub(NEWEST + 1) else { return };
        if i > 0 && self.commits[i].at - self.commits[i - 1].at < APART_MS {
            self.commits.remove(i);
        }
    }

    /// The usual time between two moves, where there were some.
    pub fn usual_interval_ms(&self) -> Option<i64> {
        if self.intervals.len() < 4 {
            return None;
        }
        let mut sorted: Vec<i64> = self.intervals.iter().copied().collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() * 9 / 10).copied()
    }

    pub fn place(&self) -> Place {
        Place { next: self.next, end: self.end, lag: self.lag }
    }

    /// Over the last minute or so.
    pub fn out_per_s(&self) -> Option<f64> {
        let last = self.commits.back()?;
        let from =
            self.commits.iter().rev().find(|c| last.at - c.at >= RATE_OVER_MS).or_else(|| self.commits.front())?;
        let ms = last.at - from.at;
        (ms >= 1_000).then(|| (last.offset.saturating_sub(from.offset)).max(0) as f64 * 1_000.0 / ms as f64)
    }

    /// What arrived since it last moved.
    pub fn arrived(&self) -> Option<u64> {
        self.end.zip(self.end_at_move).map(|(end, then)| u64::try_from(end.saturating_sub(then)).unwrap_or(0))
    }
}

fn push<T>(into: &mut VecDeque<T>, value: T, most: usize) {
    into.push_back(value);
    if into.len() > most {
        into.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: i64) -> Timestamp {
        Timestamp::from_millis(s * 1_000)
    }

    #[test]
    fn what_is_held_commits_and_what_nobody_holds_only_when_it_moves() {
        let mut p = Partition::default();
        assert_eq!(p.see(at(0), Some(5), Some(9), Some(4), false), Moved::No);
        assert_eq!(p.see(at(10), Some(5), Some(9), Some(4), false), Moved::No);
        assert_eq!(p.commits.len(), 1);
        assert_eq!(p.see(at(20), Some(5), Some(9), Some(4), true), Moved::No);
        assert_eq!(p.see(at(30), Some(7), Some(9), Some(2), false), Moved::Ahead);
        assert_eq!(p.see(at(40), Some(6), Some(12), Some(6), false), Moved::Back { from: 7, to: 6 });
        assert_eq!(p.commits.iter().map(|c| c.offset).collect::<Vec<_>>(), [5, 5, 7, 6]);
        assert_eq!(p.see(at(50), Some(6), Some(20), Some(14), true), Moved::No);
        assert_eq!(p.arrived(), Some(8));
        assert_eq!(p.see(at(60), None, Some(20), None, true), Moved::No);
        assert_eq!(p.commits.len(), 5);
    }

    #[test]
    fn ten_minutes_are_kept_in_few_commits() {
        let mut p = Partition::default();
        for i in 0..500 {
            p.see(at(i * 10), Some(i), Some(i + 1), Some(1), true);
        }
        assert!(p.commits.len() <= NEWEST + 21, "{}", p.commits.len());
        let (first, last) = (p.commits.front().unwrap(), p.commits.back().unwrap());
        assert!(last.at - first.at >= WINDOW_MS - 60_000, "{} ms", last.at - first.at);
        let newest: Vec<i64> = p.commits.iter().rev().take(NEWEST).map(|c| c.offset).collect();
        assert_eq!(newest, (490..500).rev().collect::<Vec<_>>());
    }

    #[test]
    fn the_usual_interval_is_that_of_a_group_that_checkpoints() {
        let mut p = Partition::default();
        for i in 0..100 {
            p.see(at(i * 10), Some(i / 30 * 1_000), Some(100_000), Some(1), true);
        }
        assert_eq!(p.usual_interval_ms(), None);
        for i in 100..400 {
            p.see(at(i * 10), Some(i / 30 * 1_000), Some(100_000), Some(1), true);
        }
        assert_eq!(p.usual_interval_ms(), Some(300_000));
    }
}
