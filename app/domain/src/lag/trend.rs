//! What is made of a long past while it is read, chunk by chunk: nobody has to hold all of it.

use super::{Chunk, Tick};
use crate::Timestamp;
use std::collections::BTreeMap;

/// Some of many observations.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Thinned {
    pub chunks: Vec<Chunk>,
    /// Observations between these.
    pub left_out: u64,
}

/// Leaves out evenly what is too much, in two readings: one that counts, and one that picks. The last observation is kept.
#[derive(Debug)]
pub struct Thinning {
    most: usize,
    most_places: usize,
    all: usize,
    widest: usize,
    /// As long as all of it fits.
    held: Option<Vec<Chunk>>,
}

impl Thinning {
    /// `most_places`: positions in all observations together.
    pub const fn new(most: usize, most_places: usize) -> Self {
        Self { most, most_places, all: 0, widest: 1, held: Some(Vec::new()) }
    }

    /// Of the first reading.
    pub fn count(&mut self, chunk: Chunk) {
        self.all += chunk.ticks.len();
        self.widest = self.widest.max(chunk.partitions.len());
        if self.all > self.room() {
            self.held = None;
        } else if let Some(held) = &mut self.held {
            held.push(chunk);
        }
    }

    /// After everything was counted: what is left of it, or what picks while it is read once more.
    pub fn counted(self) -> Result<Thinned, Picking> {
        let step = self.all.div_ceil(self.room()).max(1);
        let picking = Picking { all: self.all, step, read: 0, thinned: Thinned::default() };
        self.held.map(|chunks| Thinned { chunks, left_out: 0 }).ok_or(picking)
    }

    fn room(&self) -> usize {
        self.most.min(self.most_places / self.widest).max(1)
    }
}

#[derive(Debug)]
pub struct Picking {
    all: usize,
    step: usize,
    read: usize,
    thinned: Thinned,
}

impl Picking {
    /// Of the second reading.
    pub fn pick(&mut self, mut chunk: Chunk) {
        chunk.ticks.retain(|_| {
            // Counted from the end, so that the last one is kept. What came to be meanwhile is not.
            let from_end = self.all.checked_sub(self.read + 1);
            self.read += 1;
            from_end.is_some_and(|n| n.is_multiple_of(self.step))
        });
        if !chunk.ticks.is_empty() {
            self.thinned.chunks.push(chunk);
        }
    }

    pub fn picked(self) -> Thinned {
        let kept: usize = self.thinned.chunks.iter().map(|c| c.ticks.len()).sum();
        Thinned { left_out: self.read.min(self.all).saturating_sub(kept) as u64, ..self.thinned }
    }
}

/// A past as it is drawn: each observation as a whole, and of each partition how far it was behind at most in each column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trend {
    from: Timestamp,
    until: Timestamp,
    pub points: Vec<TrendPoint>,
    pub partitions: BTreeMap<i32, [Option<u64>; Trend::COLUMNS]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrendPoint {
    pub at: Timestamp,
    /// Of the partition that is furthest behind in time.
    pub time_lag_ms: Option<u64>,
    /// Unread in all partitions.
    pub lag: Option<u64>,
}

impl Trend {
    pub const COLUMNS: usize = 48;

    pub const fn new(from: Timestamp, until: Timestamp) -> Self {
        Self { from, until, points: Vec::new(), partitions: BTreeMap::new() }
    }

    pub fn add(&mut self, chunk: &Chunk) {
        chunk.ticks.iter().for_each(|tick| self.add_tick(&chunk.partitions, tick));
    }

    fn add_tick(&mut self, partitions: &[i32], tick: &Tick) {
        self.points.push(TrendPoint { at: tick.at, time_lag_ms: tick.time_lag_ms, lag: tick.lag() });
        let width = self.until.micros_since(self.from).max(1);
        let at = i128::from(tick.at.micros_since(self.from).clamp(0, width - 1));
        let column = usize::try_from(at * Self::COLUMNS as i128 / i128::from(width)).unwrap_or(0);
        let column = column.min(Self::COLUMNS - 1);
        for (number, place) in partitions.iter().zip(&tick.places) {
            let row = self.partitions.entry(*number).or_insert([None; Self::COLUMNS]);
            row[column] = row[column].max(place.lag);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lag::Place;

    fn chunk(from: i64, ticks: i64, partitions: i32) -> Chunk {
        let tick = |n: i64| Tick {
            at: Timestamp(n),
            time_lag_ms: u64::try_from(n).ok(),
            places: (0..partitions).map(|p| Place::between(Some(5), Some(9 + n % 7 + i64::from(p)))).collect(),
        };
        Chunk { partitions: (0..partitions).collect(), ticks: (from..from + ticks).map(tick).collect() }
    }

    fn thinned(chunks: &[Chunk], most: usize, most_places: usize) -> Thinned {
        let mut thinning = Thinning::new(most, most_places);
        chunks.iter().for_each(|c| thinning.count(c.clone()));
        thinning.counted().unwrap_or_else(|mut picking| {
            chunks.iter().for_each(|c| picking.pick(c.clone()));
            picking.picked()
        })
    }

    fn times(of: &Thinned) -> Vec<i64> {
        of.chunks.iter().flat_map(|c| &c.ticks).map(|t| t.at.0).collect()
    }

    #[test]
    fn what_is_too_much_is_thinned_and_the_last_is_told() {
        let whole = thinned(&[chunk(0, 3, 2)], 10, 100);
        assert_eq!((times(&whole), whole.left_out), (vec![0, 1, 2], 0));
        let some = thinned(&[chunk(0, 4, 1), chunk(4, 6, 1)], 4, 100);
        assert_eq!((times(&some), some.left_out), (vec![0, 3, 6, 9], 6));
        assert_eq!(times(&thinned(&[chunk(0, 10, 1)], 1, 100)), [9]);
        assert_eq!(times(&thinned(&[chunk(0, 400, 100)], 5_000, 20_000)).len(), 200, "by positions");
        assert_eq!(thinned(&[], 5, 100), Thinned::default());
    }

    #[test]
    fn what_came_to_be_between_the_readings_changes_nothing() {
        let mut thinning = Thinning::new(4, 100);
        thinning.count(chunk(0, 10, 1));
        let mut picking = thinning.counted().unwrap_err();
        picking.pick(chunk(0, 12, 1));
        let some = picking.picked();
        assert_eq!((times(&some), some.left_out), (vec![0, 3, 6, 9], 6));
    }

    #[test]
    fn while_counting_no_more_is_held_than_may_be_told() {
        let mut thinning = Thinning::new(5_000, 1_000);
        for n in 0..500 {
            thinning.count(chunk(n * 12, 12, 50));
            let held: usize = thinning.held.iter().flatten().map(|c| c.ticks.len() * c.partitions.len()).sum();
            assert!(held <= 1_000, "{held}");
        }
    }

    #[test]
    fn a_trend_has_every_observation_and_each_partitions_highest() {
        let mut trend = Trend::new(Timestamp(0), Timestamp(480));
        let chunks: Vec<_> = (0..24).map(|n| chunk(n * 20, 20, 2)).collect();
        chunks.iter().for_each(|c| trend.add(c));
        assert_eq!(trend.points.len(), 480);
        let last = chunks[23].ticks.last().unwrap();
        let told = TrendPoint { at: last.at, time_lag_ms: last.time_lag_ms, lag: last.lag() };
        assert_eq!(trend.points.last(), Some(&told));
        for (number, row) in &trend.partitions {
            for (column, highest) in row.iter().enumerate() {
                let here = chunks.iter().flat_map(|c| &c.ticks).filter(|t| t.at.0 / 10 == column as i64);
                assert_eq!(*highest, here.map(|t| t.places[*number as usize].lag.unwrap()).max());
            }
        }
        // Whatever lies beside the range counts to its ends.
        trend.add(&chunk(10_000, 1, 1));
        trend.add(&chunk(-5, 1, 1));
        assert_eq!(trend.points.len(), 482);
    }
}
