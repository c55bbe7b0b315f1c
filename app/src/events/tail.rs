//! What a live tail holds: rows on the page, rows that wait, and what was left out. Rows never move
//! while somebody reads them, and the buffer is bounded (decision 22, invariant 7).

use crate::ui::sort_by_key;
use weir_domain::{
    EventId, Position,
    events::{EventRow, PageCursor},
};

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
    /// From where on rows have been pushed off the page's end.
    pushed_off: Option<PageCursor>,
}

/// Where the rows go on that are not on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Older {
    Nowhere,
    Before(PageCursor),
    /// Some among the rows are missing: only the list from its newest on has them all.
    Among,
}

impl Tail {
    /// Takes a frame's rows, in any order. Held: they wait; else they go on top at once.
    pub fn take(&mut self, mut rows: Vec<EventRow>, skipped: u64, hold: bool) {
        self.left_out = self.left_out.saturating_add(skipped);
        // Looked through one by one: few, and a hash set would cost the browser 2 KB.
        rows.retain(|r| !self.waiting.iter().chain(&self.shown).any(|known| known.id == r.id));
        if hold || !self.waiting.is_empty() {
            self.pushed_out += put_in(&mut self.waiting, rows).len() as u64;
        } else {
            self.show(rows);
        }
        if !hold {
            self.release();
        }
    }

    /// What falls off the end was shown, and is in the list.
    fn show(&mut self, rows: Vec<EventRow>) {
        let off = put_in(&mut self.shown, rows);
        self.pushed_off = self.pushed_off.max(from(off.first()));
    }

    /// Shows what waited.
    pub fn release(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        self.left_out = self.left_out.saturating_add(std::mem::take(&mut self.pushed_out));
        self.show(waiting);
    }

    /// Nothing follows: what waited is left out, and what is shown stays.
    pub fn keep(&mut self) {
        self.left_out = self.left_out.saturating_add(self.waiting_count());
        self.waiting.clear();
        self.pushed_out = 0;
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

    /// The rows to draw: the tail's and the list's own, each once, newest first.
    pub fn over(&self, list: &[EventRow]) -> Vec<EventRow> {
        let mut rows = self.all(list);
        rows.truncate(DRAWN);
        rows
    }

    fn all(&self, list: &[EventRow]) -> Vec<EventRow> {
        let rest = list.iter().filter(|r| !self.shown.iter().any(|known| known.id == r.id));
        let mut rows: Vec<EventRow> = self.shown.iter().chain(rest).cloned().collect();
        newest_first(&mut rows);
        rows
    }

    /// Where the page after [`Self::over`] begins, so that nothing lies between the two. `next` is where the list's own
    /// next page does.
    pub fn older(&self, list: &[EventRow], next: Option<PageCursor>) -> Older {
        if self.left_out > 0 || self.pushed_out > 0 || self.left_out_unknown {
            return Older::Among;
        }
        let off = self.pushed_off.max(from(self.all(list).get(DRAWN)));
        off.or(next).map_or(Older::Nowhere, Older::Before)
    }
}

/// By event time, as the list is: a partition that was read later may bring older events.
fn newest_first(rows: &mut Vec<EventRow>) {
    sort_by_key(rows, |r| std::cmp::Reverse((r.time, r.id)));
}

/// The rows that no longer fit.
fn put_in(rows: &mut Vec<EventRow>, mut more: Vec<EventRow>) -> Vec<EventRow> {
    rows.append(&mut more);
    newest_first(rows);
    rows.split_off(rows.len().min(KEEP))
}

/// The page that begins with this row.
fn from(row: Option<&EventRow>) -> Option<PageCursor> {
    let EventRow { time, id, .. } = row?;
    let id = EventId { position: Position(id.position.0.saturating_add(1)), ..*id };
    Some(PageCursor { time: *time, id })
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
    fn what_waited_when_it_was_switched_off_is_told_as_left_out() {
        let mut tail = Tail::default();
        tail.take(rows(1..3), 0, false);
        tail.take(rows(3..17), 0, true);
        tail.keep();
        assert_eq!((positions(&tail.shown), tail.waiting_count(), tail.left_out), (vec![2, 1], 0, 14));
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
    fn the_page_after_begins_with_what_was_pushed_off_this_one() {
        let before = |n| Older::Before(PageCursor { time: row(1, n - 1).time, id: row(1, n).id });
        let next = PageCursor { time: row(1, 1).time, id: row(1, 1).id };
        let list: Vec<_> = rows(1..101).into_iter().rev().collect();
        let mut tail = Tail::default();
        tail.take(rows(101..201), 0, false);
        assert_eq!(tail.older(&list, Some(next)), Older::Before(next), "all fits");
        assert_eq!(tail.older(&list, None), Older::Nowhere);
        tail.take(rows(201..251), 0, false);
        assert_eq!(tail.over(&list).last().map(|r| r.id.position.0), Some(51));
        assert_eq!(tail.older(&list, None), before(51), "50 is the first that is not drawn");
        for n in 0..10 {
            tail.take(rows(251 + n * 100..351 + n * 100), 0, false);
        }
        assert_eq!((tail.shown.len(), tail.left_out), (KEEP, 0), "what was shown is not left out");
        assert_eq!(tail.older(&list, Some(next)), before(1051));
        // A late one goes where it belongs.
        let mut late = Tail::default();
        late.take(rows(1_000..1_001), 0, false);
        late.take(rows(300..500), 0, false);
        assert_eq!(late.older(&list, Some(next)), before(301));
        late.take(Vec::new(), 1, false);
        assert_eq!(late.older(&list, Some(next)), Older::Among);
    }

    #[test]
    fn older_events_of_a_later_frame_go_where_they_belong() {
        let mut tail = Tail::default();
        let at = |n: i64, time: i64| EventRow { time: weir_domain::Timestamp(time), ..row(1, n) };
        tail.take(vec![at(1, 30), at(2, 50)], 0, false);
        tail.take(vec![at(3, 40)], 0, false);
        assert_eq!(positions(&tail.shown), [2, 3, 1]);
        assert_eq!(positions(&tail.over(&[at(5, 45), at(4, 20)])), [2, 5, 3, 1, 4]);
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
