use super::{
    naive::{LAST, LINE, Slope},
    series::{Class, STEP, Series, make},
};
use std::{ops::RangeInclusive, time::Instant};
use weir_domain::lag::{Forecast, Point, Profile};

const HOUR: f64 = 3600.0;
const HORIZONS: [f64; 4] = [HOUR, 4.0 * HOUR, 12.0 * HOUR, 24.0 * HOUR];
/// Nobody is told of a later drain than that: both what was said and what came count as this.
const LATEST: f64 = 24.0 * HOUR;
/// Forecasts held against what came, per past.
const ORIGINS: usize = 30;

/// What one who forecasts was wrong by: minutes of the drain, and unread events in minutes of what arrives.
#[derive(Default, Clone)]
struct Errors {
    drain: Vec<f64>,
    lag: [Vec<f64>; HORIZONS.len()],
}

impl Errors {
    fn take(&mut self, other: &Self) {
        self.drain.extend(&other.drain);
        for (own, other) in self.lag.iter_mut().zip(&other.lag) {
            own.extend(other);
        }
    }

    fn lags(&self) -> Vec<f64> {
        self.lag.concat()
    }
}

#[derive(Default, Clone)]
struct Judged {
    weir: Errors,
    last: Vec<Errors>,
    line: Vec<Errors>,
    /// Forecasts of lag and of the drain that lay in their band, of how many.
    within: [usize; HORIZONS.len()],
    drain_within: usize,
    of: usize,
}

impl Judged {
    fn new() -> Self {
        Self { last: vec![Errors::default(); LAST.len()], line: vec![Errors::default(); LINE.len()], ..Self::default() }
    }

    fn take(&mut self, other: &Self) {
        self.weir.take(&other.weir);
        for (own, other) in self.last.iter_mut().zip(&other.last).chain(self.line.iter_mut().zip(&other.line)) {
            own.take(other);
        }
        for (own, other) in self.within.iter_mut().zip(&other.within) {
            *own += other;
        }
        self.drain_within += other.drain_within;
        self.of += other.of;
    }
}

pub fn median(v: &[f64]) -> f64 {
    let mut v = v.to_vec();
    v.sort_by(f64::total_cmp);
    v.get(v.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Events a second over the last hour, in a minute: what is unread in a group that keeps up.
fn ease(points: &[Point]) -> f64 {
    let Some((now, then)) = points.last().zip(points.get(points.len().saturating_sub(360))) else { return 1.0 };
    ((now.end - then.end) as f64 / 60.0).max(1.0)
}

fn judge(class: Class, series: &Series, judged: &mut Judged, stood: &mut Judged) {
    let points = &series.points;
    let hour = (HOUR as i64 / STEP) as usize;
    let mut profile = Profile::default();
    let mut seen = 0;
    // Every 3 h 10 min from the second day on, so that all times of day come up; the last day is only looked at.
    let mut origin = 36 * hour;
    let mut taken = 0;
    while origin + 24 * hour < points.len() && taken < ORIGINS {
        let (past, future) = points.split_at(origin);
        for p in &past[seen..] {
            profile.update(*p);
        }
        seen = origin;
        let step = 3 * hour + hour / 6;
        origin += step;
        let Some(now) = past.last() else { continue };
        let (lag, ease) = (now.lag() as f64, ease(past));
        // A group that keeps up is forecast to do so by everybody.
        if lag <= 2.0 * ease {
            continue;
        }
        taken += 1;
        // One that stands is told what comes if nothing changes; when somebody restarts it, nobody can know. One that reads
        // once an hour will read again.
        let stands = past.get(past.len().saturating_sub(18)).is_some_and(|p| p.next == now.next);
        let judged: &mut Judged = if stands && class != Class::Hourly { stood } else { judged };
        let came = future
            .iter()
            .position(|p| p.lag() as f64 <= ease)
            .map_or(LATEST, |i| ((i as f64 + 1.0) * STEP as f64).min(LATEST));
        let per_min = series.base * 60.0;
        let lags = HORIZONS.map(|h| future[(h as usize) / STEP as usize - 1].lag() as f64);

        let ahead = profile.ahead(now.at, now.lag(), &HORIZONS);
        let said = profile.forecast(now.at, now.lag());
        let secs = |t: weir_domain::Timestamp| (t.micros_since(now.at) as f64 / 1e6).min(LATEST);
        let (drain, early, late) = match said {
            Forecast::Drains { at, earliest, latest } => (secs(at), secs(earliest), latest.map_or(LATEST, secs)),
            Forecast::KeepsUp => (0.0, 0.0, 0.0),
            _ => (LATEST, LATEST, LATEST),
        };
        judged.of += 1;
        judged.weir.drain.push((drain - came).abs() / 60.0);
        // A minute more or less is how it is observed.
        judged.drain_within += usize::from(early - 60.0 <= came && came <= late + 60.0);
        for (h, (a, lag)) in ahead.iter().zip(lags).enumerate() {
            judged.weir.lag[h].push((a.mid - lag).abs() / per_min);
            judged.within[h] += usize::from(a.low - ease <= lag && lag <= a.high + ease);
        }
        let naive = |slope: Slope, errors: &mut Errors| {
            let slope = slope(past);
            let drain = if slope < 0.0 { ((lag - ease) / -slope).min(LATEST) } else { LATEST };
            errors.drain.push((drain - came).abs() / 60.0);
            for (h, came) in lags.iter().enumerate() {
                errors.lag[h].push(((lag + slope * HORIZONS[h]).max(0.0) - came).abs() / per_min);
            }
        };
        for ((_, slope), errors) in LAST.iter().zip(&mut judged.last).chain(LINE.iter().zip(&mut judged.line)) {
            naive(*slope, errors);
        }
    }
}

/// Of the naive ones the one that does best over all.
fn best(of: &[Errors]) -> usize {
    let score = |e: &Errors| median(&e.drain) + median(&e.lags());
    (0..of.len()).min_by(|a, b| score(&of[*a]).total_cmp(&score(&of[*b]))).unwrap_or(0)
}

/// Median of Weir and the two naive ones, and by how much Weir's is smaller than the better of these.
fn three(weir: &[f64], last: &[f64], line: &[f64]) -> String {
    let (w, a, b) = (median(weir), median(last), median(line));
    let best = a.min(b);
    // Below half a minute nobody would see a difference.
    let better =
        if w.max(best) < 0.5 { "    –".into() } else { format!("{:+4.0} %", 100.0 * (1.0 - w / best.max(0.1))) };
    format!("{w:7.1} {a:7.1} {b:7.1} {better:>7}")
}

fn print(name: &str, j: &Judged, last: usize, line: usize) {
    let (last, line) = (&j.last[last], &j.line[line]);
    let share = |n: usize| 100.0 * n as f64 / j.of.max(1) as f64;
    println!(
        "{name:32} {:5} |{} |{} | {:3.0} % {:3.0} %",
        j.of,
        three(&j.weir.drain, &last.drain, &line.drain),
        three(&j.weir.lags(), &last.lags(), &line.lags()),
        share(j.drain_within),
        share(j.within.iter().sum::<usize>()) / HORIZONS.len() as f64
    );
}

pub fn report(seeds: &RangeInclusive<u64>) {
    let begun = Instant::now();
    let (mut reads, mut plain, mut stands) = (Judged::new(), Judged::new(), Judged::new());
    let mut classes = Vec::new();
    for class in Class::ALL {
        let mut judged = Judged::new();
        for seed in seeds.clone() {
            judge(class, &make(class, seed), &mut judged, &mut stands);
        }
        reads.take(&judged);
        if class != Class::Hourly {
            plain.take(&judged);
        }
        classes.push((class.name(), judged));
    }
    let mut all = reads.clone();
    all.take(&stands);
    let (last, line) = (best(&reads.last), best(&reads.line));
    println!(
        "lag forecasts, seeds {} to {}, {} of groups that are behind, in {:.1} s. Median errors: Weir, last rate ({}), line \
         through the last while ({}), better than the better of these; when it is drained, in minutes, and lag after 1, 4, 12 \
         and 24 h, in minutes of what arrives; how often both lay in their band (of 80 %)",
        seeds.start(),
        seeds.end(),
        all.of,
        begun.elapsed().as_secs_f64(),
        LAST[last].0,
        LINE[line].0
    );
    for (name, j) in &classes {
        print(name, j, last, line);
    }
    print("all that read", &reads, last, line);
    // No naive forecast knows a clock: without it, lest it carry the rest.
    print("all that read, not by the clock", &plain, last, line);
    print("all that stand", &stands, last, line);
    print("all", &all, last, line);
    for (h, hours) in [1, 4, 12, 24].iter().enumerate() {
        println!(
            "  all that read, lag after {hours:2} h    {} | {:3.0} %",
            three(&reads.weir.lag[h], &reads.last[last].lag[h], &reads.line[line].lag[h]),
            100.0 * reads.within[h] as f64 / reads.of.max(1) as f64
        );
    }
}
