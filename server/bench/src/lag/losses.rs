//! The time of the first loss to retention, held against a log that keeps segments and deletes them as Kafka does.

use super::{
    judge::median,
    series::{Class, STEP, make},
};
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use std::ops::RangeInclusive;
use weir_domain::{
    Timestamp,
    lag::{Kept, Point, Profile, Unread},
};

const CLASSES: [Class; 6] = [Class::Constant, Class::Daily, Class::Weekend, Class::Bursts, Class::Walk, Class::Shifts];
const HOUR: i64 = 3600;

struct Segment {
    end: i64,
    bytes: f64,
    first_at: i64,
    last_at: i64,
}

/// A partition's log, one step of 10 s after the other.
struct Log {
    segments: Vec<Segment>,
    start: i64,
    end: i64,
    kept: Kept,
}

impl Log {
    fn append(&mut self, at: i64, end: i64, bytes: f64) {
        let full = |s: &Segment| {
            self.kept.segment_bytes.is_some_and(|most| s.bytes + bytes > most as f64)
                || self.kept.segment_ms.is_some_and(|most| (at - s.first_at) * 1000 > most)
        };
        if end > self.end && self.segments.last().is_none_or(full) {
            self.segments.push(Segment { end, bytes: 0.0, first_at: at, last_at: at });
        }
        if end > self.end
            && let Some(active) = self.segments.last_mut()
        {
            (active.end, active.last_at) = (end, at);
            active.bytes += bytes;
        }
        self.end = end;
        if at % 300 != 0 {
            return;
        }
        let mut bytes = self.bytes();
        let gone = self.segments.iter().take_while(|s| {
            bytes -= s.bytes;
            self.kept.for_ms.is_some_and(|ms| (at - s.last_at) * 1000 > ms)
                || self.kept.bytes.is_some_and(|most| bytes >= most as f64)
        });
        let gone = gone.count();
        if let Some(last) = self.segments.drain(..gone).next_back() {
            self.start = last.end;
        }
    }

    fn bytes(&self) -> f64 {
        self.segments.iter().map(|s| s.bytes).sum()
    }
}

#[derive(Default)]
struct Missed {
    /// Minutes.
    weir: Vec<f64>,
    naive: Vec<f64>,
    /// Not before the earliest that was said; said that nothing is lost.
    not_before: usize,
    unseen: usize,
}

/// What comes of one past whose group stops, or becomes too slow, on its sixth day or so.
fn judge(class: Class, seed: u64, by_size: bool, slow: bool, missed: &mut Missed) {
    let mut dice = SmallRng::seed_from_u64(seed * 31 + u64::from(by_size) * 2 + u64::from(slow));
    let series = make(class, seed);
    let size = f64::from(dice.random_range(200..2000));
    let hours = [6, 12, 24, 48][dice.random_range(0..4)];
    let most = (series.base * size * (hours * HOUR) as f64) as i64;
    let parts = dice.random_range(4..20);
    let kept = Kept {
        for_ms: Some(if by_size { 90 * 24 } else { hours } * HOUR * 1000),
        bytes: by_size.then_some(most),
        segment_bytes: Some(most / parts),
        segment_ms: Some(7 * 24 * HOUR * 1000),
        deletes: true,
        ..Kept::default()
    };
    let stop = (5 * 24 * HOUR + dice.random_range(0..48 * HOUR)) / STEP;
    let share = if slow { dice.random_range(0.2..0.8) } else { 0.0 };
    let mut log = Log { segments: Vec::new(), start: series.points[0].end, end: series.points[0].end, kept };
    let mut points: Vec<Point> = Vec::with_capacity(series.points.len());
    let mut logs = Vec::new();
    let mut lost = None;
    for (i, p) in series.points.iter().enumerate() {
        let mut p = *p;
        if i as i64 > stop {
            let before = points[i - 1];
            p.next = before.next + ((p.end - before.end) as f64 * share) as i64;
        }
        // What is read while events are larger than usual, and the other way round.
        let each = size * (1.0 + 0.08 * (i as f64 / 8640.0 * std::f64::consts::TAU).sin());
        log.append(p.at.0 / 1_000_000, p.end, (p.end - log.end) as f64 * each);
        points.push(p);
        logs.push((log.start, log.bytes()));
        if log.start > p.next {
            lost = Some(i);
            break;
        }
    }
    let Some(lost) = lost.filter(|l| *l as i64 > stop) else { return };
    let mut profile = Profile::default();
    let mut seen = 0;
    for part in [10, 30, 50, 70, 90] {
        let i = stop as usize + (lost - stop as usize) * part / 100;
        for p in &points[seen..=i] {
            profile.update(*p);
        }
        seen = i + 1;
        let (now, back) = (points[i], points[i.saturating_sub(60)]);
        if now.lag() == 0 {
            continue;
        }
        let oldest = points[points.partition_point(|p| p.end <= now.next).min(i)].at;
        let rate = |a: i64, b: i64| (a - b) as f64 / (60 * STEP) as f64;
        let unread = Unread {
            start: logs[i].0,
            next: now.next,
            end: now.end,
            bytes: Some(logs[i].1 as u64),
            oldest: Some(oldest),
            in_per_s: rate(now.end, back.end),
            out_per_s: rate(now.next, back.next),
            deleted_per_s: 0.0,
        };
        let mins = |t: Timestamp| t.micros_since(now.at) as f64 / 60e6;
        let came = mins(points[lost].at);
        // The gap grows as it did over the last ten minutes, to all of what is kept.
        let naive = if by_size {
            (most as f64 / size - now.lag() as f64) / (unread.in_per_s - unread.out_per_s).max(1e-9)
        } else {
            ((hours * HOUR) as f64 + mins(oldest) * 60.0)
                / (1.0 - unread.out_per_s / unread.in_per_s.max(1e-9)).max(1e-9)
        } / 60.0;
        missed.naive.push((naive.clamp(0.0, 60.0 * 24.0 * 30.0) - came).abs());
        if let Some(loss) = profile.first_loss(now.at, &log.kept, &[unread]) {
            missed.weir.push((mins(loss.first) - came).abs());
            missed.not_before += usize::from(mins(loss.earliest) <= came + 5.0);
        } else {
            missed.weir.push(60.0 * 24.0 * 30.0);
            missed.unseen += 1;
        }
    }
}

pub fn report(seeds: &RangeInclusive<u64>) {
    println!("time of the first loss: median error in minutes of Weir / naive; not before what was said (of 90 %)");
    for (by_size, slow, what) in [
        (false, false, "by time, the group stands"),
        (true, false, "by size, the group stands"),
        (false, true, "by time, the group is too slow"),
        (true, true, "by size, the group is too slow"),
    ] {
        let mut missed = Missed::default();
        for class in CLASSES {
            for seed in seeds.clone() {
                judge(class, seed, by_size, slow, &mut missed);
            }
        }
        let n = missed.weir.len();
        println!(
            "  {what:32} {n:5} {:7.1} /{:7.1}  better by {:3.0} %  not before {:3.0} %  said to lose nothing {}",
            median(&missed.weir),
            median(&missed.naive),
            100.0 * (1.0 - median(&missed.weir) / median(&missed.naive)),
            100.0 * missed.not_before as f64 / n.max(1) as f64,
            missed.unseen
        );
    }
}
