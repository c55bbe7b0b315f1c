//! What a live tail holds: rows on the page, rows that wait, and what was left out. Rows never move
//! while somebody reads them, and the buffer is bounded (decision 22, invariant 7).

use std::collections::HashSet;
use weir_domain::{EventId, events::EventRow};

/// Rows kept, shown and waiting each. What comes on top pushes the oldest out.
pub const KEEP: usize = 500;

/// Rows drawn at most while the tail runs: a table is laid out anew as a whole with each frame, and a browser must keep
/// up with five of them a second. Older ones are in the list.
pub const DRAWN: usize = 200;

/// The tail's rows, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tail {
    /// On the page.
    pub shown: Vec<EventRow>,
    /// Came while the rows were held; not on the page yet.
    pub waiting: Vec<EventRow>,
    /// Events that passed without being kept here: too fast for the stream, or lost while it was down.
    pub left_out: u64,
    /// Some were missed and nobody knows how many.
    pub left_out_unknown: bool,
    /// The waiting buffer overflowed by this many: they are in the list, not here.
    pub pushed_out: u64,
}

impl Tail {
    /// Takes a frame's rows, in any order. Held: they wait; else they go on top at once.
    pub fn take(&mut self, mut rows: Vec<EventRow>, skipped: u64, hold: bool) {
        self.left_out = self.left_out.saturating_add(skipped);
        let known: HashSet<EventId> = self.waiting.iter().chain(&self.shown).map(|r| r.id).collect();
        rows.retain(|r| !known.contains(&r.id));
        rows.sort_by_key(|r| std::cmp::Reverse((r.time, r.id)));
        let target = if hold || !self.waiting.is_empty() { &mut self.waiting } else { &mut self.shown };
        put_on_top(target, rows, &mut self.pushed_out);
        if !hold {
            self.release();
        }
    }

    /// Shows what waited.
    pub fn release(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        self.left_out = self.left_out.saturating_add(std::mem::take(&mut self.pushed_out));
        let mut beyond = 0;
        put_on_top(&mut self.shown, waiting, &mut beyond);
    }

    /// The stream was down or too slow for the server: `None` is an unknown number.
    pub fn missed(&mut self, events: Option<u64>) {
        match events {
            Some(n) => self.left_out = self.left_out.saturating_add(n),
            None => self.left_out_unknown = true,
        }
    }

    /// How many wait, the pushed out ones included.
    pub fn waiting_count(&self) -> u64 {
        self.waiting.len() as u64 + self.pushed_out
    }

    /// The rows to draw: the tail's, then the list's own without those already there.
    pub fn over(&self, list: &[EventRow]) -> Vec<EventRow> {
        let known: HashSet<EventId> = self.shown.iter().map(|r| r.id).collect();
        let rest = list.iter().filter(|r| !known.contains(&r.id));
        self.shown.iter().chain(rest).take(DRAWN).cloned().collect()
    }
}

fn put_on_top(rows: &mut Vec<EventRow>, mut newer: Vec<EventRow>, pushed_out: &mut u64) {
    newer.append(rows);
    *pushed_out += newer.len().saturating_sub(KEEP) as u64;
    newer.truncate(KEEP);
    *rows = newer;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::sample::row;

    fn rows(ids: std::ops::Range<i64>) -> Vec<EventRow> {
        ids.map(|n| row(1, n)).collect()
    }
    fn positions(rows: &[EventRow]) -> Vec<i64> {
        rows.iter().map(|r| r.id.position.0).collect()
    }

    #[test]
    fn free_rows_go_on_top_newest_first() {
        let mut tail = Tail::default();
        tail.take(rows(1..4), 0, false);
        tail.take(rows(3..6), 0, false);
        assert_eq!(positions(&tail.shown), [5, 4, 3, 2, 1]);
        assert_eq!(tail.waiting_count(), 0);
    }

    #[test]
    fn held_rows_wait_and_nothing_moves() {
        let mut tail = Tail::default();
        tail.take(rows(1..3), 0, false);
        let before = tail.shown.clone();
        tail.take(rows(3..17), 0, true);
        assert_eq!((tail.shown.clone(), tail.waiting_count()), (before, 14));
        tail.release();
        assert_eq!(positions(&tail.shown).first(), Some(&16));
        assert_eq!((tail.shown.len(), tail.waiting_count()), (16, 0));
    }

    #[test]
    fn after_a_hold_waiting_rows_come_before_newer_ones() {
        let mut tail = Tail::default();
        tail.take(rows(1..2), 0, true);
        tail.take(rows(2..3), 0, false);
        assert_eq!(positions(&tail.shown), [2, 1]);
    }

    #[test]
    fn memory_is_bounded_and_the_loss_is_told() {
        let mut tail = Tail::default();
        for n in 0..30 {
            tail.take(rows(n * 100..n * 100 + 100), 4, true);
        }
        assert_eq!((tail.waiting.len(), tail.waiting_count(), tail.left_out), (KEEP, 3000, 120));
        tail.release();
        assert_eq!((tail.shown.len(), tail.waiting_count()), (KEEP, 0));
        assert_eq!(tail.left_out, 120 + 2500);
        assert_eq!(positions(&tail.shown).first(), Some(&2999));
        tail.missed(Some(3));
        tail.missed(None);
        assert_eq!((tail.left_out, tail.left_out_unknown), (2623, true));
    }

    #[test]
    fn the_list_and_the_tail_overlap_without_doubles() {
        let mut tail = Tail::default();
        tail.take(rows(5..8), 0, false);
        let mut list = rows(1..7);
        list.reverse();
        assert_eq!(positions(&tail.over(&list)), [7, 6, 5, 4, 3, 2, 1]);
        tail.take(rows(100..1000), 0, false);
        assert_eq!(tail.over(&list).len(), DRAWN);
    }
}
