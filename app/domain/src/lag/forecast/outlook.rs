//! Lag carried forward: what is expected to arrive less what is read, half hour by half hour.

use super::{
    Profile, SLOT, after, arriving::Expected, arriving::slot_of, profile::Bands, profile::DUE, profile::SHORTEST,
    reading::Reading,
};
use crate::{Timestamp, lag::Forecast};
use serde::{Deserialize, Serialize};

const HOUR: f64 = 3600.0;
const DAY: f64 = 24.0 * HOUR;
/// Carried forward so far; what is drained later than that is told from the last day's slope.
const FARTHEST: f64 = 7.0 * DAY;
/// Later than that is never.
const NEVER: f64 = 60.0 * DAY;
/// Points of a curve.
const CURVE: usize = 48;

/// Unread events at a time to come; in eight of ten cases between `low` and `high`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ahead {
    pub at: Timestamp,
    pub mid: f64,
    pub low: f64,
    pub high: f64,
    /// Events that arrive until then.
    pub arrived: f64,
}

/// All that a page shows of what is to come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outlook {
    pub forecast: Forecast,
    /// If nothing changes; from now on, evenly spaced. Empty where nothing is known.
    pub curve: Vec<Ahead>,
    /// Of a group that stands.
    pub restart: Option<Restart>,
}

/// What becomes of a group that stands, if it goes on now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Restart {
    /// Events per second of its best minutes while behind, and of its usual ones.
    pub best_per_s: f64,
    pub usual_per_s: f64,
    /// When it is drained at these; `None`: not within a week.
    pub best: Option<Timestamp>,
    pub usual: Option<Timestamp>,
    /// At the usual rate; low at the best one. At the times of the outlook's curve.
    pub curve: Vec<Ahead>,
}

/// What a forecast is made from.
pub(super) struct Known<'a> {
    pub watched: f64,
    pub behind_for: f64,
    pub arriving: Expected,
    /// Events per second that arrive at the moment.
    pub fast: f64,
    pub reading: &'a Reading,
}

/// One way that things may go.
struct Course<'a> {
    known: &'a Known<'a>,
    /// Events per second read while behind, and relative errors of that.
    reads: (f64, f64),
    /// Most that is read when not behind.
    limit: f64,
    /// 0: as expected; 1 and -1: at the band's high and low side.
    side: f64,
    width: [f64; DUE.len()],
    /// Seconds that it stands and reads in turn, and until it next goes on.
    rhythm: Option<(f64, f64, f64)>,
}

impl<'a> Course<'a> {
    fn of(known: &'a Known<'a>, bands: &Bands, side: f64) -> Self {
        let width = bands.width.map(f64::from);
        if known.reading.stands() {
            return Self { known, reads: (0.0, 0.0), limit: 0.0, side, width, rhythm: None };
        }
        let reads = known.reading.while_behind().unwrap_or((known.reading.lately(), 0.3));
        let limit = known.reading.limit().map_or(f64::INFINITY, |(rate, wrong)| rate * (1.0 - side * wrong).max(0.0));
        Self { known, reads, limit, side, width, rhythm: known.reading.rhythm() }
    }

    fn restarted(known: &'a Known<'a>, rate: f64) -> Self {
        Self { known, reads: (rate, 0.0), limit: rate, side: 0.0, width: [0.0; DUE.len()], rhythm: None }
    }

    /// Carries `lag` forward from `now` in straight pieces, each told as (seconds ahead, lag, events arrived) of its
    /// end, until `each` says that it has seen enough.
    fn walk(&self, now: Timestamp, lag: f64, mut each: impl FnMut(f64, f64, f64) -> bool) {
        let rest = if self.reads.0 > 0.0 {
            self.known.reading.rest().min(lag).min(self.known.reading.ease(self.known.fast) / 2.0)
        } else {
            0.0
        };
        let (mut ahead, mut lag, mut arrived, mut slot) = (0.0, lag, 0.0, slot_of(now));
        let mut slot_end = SLOT as f64 - (now.0.rem_euclid(SLOT * 1_000_000)) as f64 / 1e6;
        // Whether it reads, and until when.
        let (mut on, mut turn) = match self.rhythm {
            Some((_, on, since)) if since <= 0.0 => (true, (on + since).max(60.0)),
            Some((_, _, until)) => (false, until),
            None => (true, f64::INFINITY),
        };
        while ahead < FARTHEST {
            let until = slot_end.min(turn);
            let secs = until - ahead;
            let middle = (ahead + secs / 2.0) / SLOT as f64;
            let (arrives, wrong) = self.known.arriving.at(slot, middle);
            let part = ((middle - DUE[0] as f64) / (DUE[1] - DUE[0]) as f64).clamp(0.0, 1.0);
            let far = self.side * (self.width[0] + (self.width[1] - self.width[0]) * part);
            let arrives = if far < 0.0 { arrives / (1.0 - far * wrong) } else { arrives * (1.0 + far * wrong) };
            let reads = if on { self.reads.0 * (1.0 - far * self.reads.1).max(0.0) } else { 0.0 };
            if on && lag <= rest + 1e-9 && arrives <= self.limit {
                lag = rest;
            } else {
                let reads = if on && lag <= rest + 1e-9 { reads.max(self.limit.min(1e15)) } else { reads };
                let next = lag + (arrives - reads) * secs;
                if next < rest && lag > rest {
                    // It comes to rest within this piece.
                    let part = secs * (lag - rest) / (lag - next);
                    if !each(ahead + part, rest, arrived + arrives * part) {
                        return;
                    }
                    lag = rest;
                } else {
                    lag = next.clamp(0.0, 1e18);
                }
            }
            ahead = until;
            arrived += arrives * secs;
            if ahead >= slot_end {
                slot = slot.saturating_add(1);
                slot_end += SLOT as f64;
            }
            if let Some((off_for, on_for, _)) = self.rhythm
                && ahead >= turn
            {
                on = !on;
                turn += if on { on_for } else { off_for }.max(60.0);
            }
            if !each(ahead, lag, arrived) {
                return;
            }
        }
    }

    /// Lag, and events arrived, at times that grow, in seconds ahead.
    fn at(&self, now: Timestamp, lag: f64, times: &[f64]) -> Vec<(f64, f64)> {
        let mut found = Vec::with_capacity(times.len());
        let (mut t, mut l, mut a) = (0.0, lag, 0.0);
        self.walk(now, lag, |ahead, lag, arrived| {
            while let Some(want) = times.get(found.len()) {
                if *want > ahead {
                    break;
                }
                let part = if ahead > t { ((want - t) / (ahead - t)).clamp(0.0, 1.0) } else { 1.0 };
                found.push((l + (lag - l) * part, a + (arrived - a) * part));
            }
            (t, l, a) = (ahead, lag, arrived);
            found.len() < times.len()
        });
        found.resize(times.len(), (l, a));
        found
    }

    /// Seconds until lag is down to `ease`.
    fn drained(&self, now: Timestamp, lag: f64, ease: f64) -> Drained {
        let (mut t, mut l) = (0.0, lag);
        let mut found = None;
        let mut days = [(0.0, lag); 2];
        self.walk(now, lag, |ahead, lag, _| {
            if lag <= ease {
                let part = if l > lag { ((l - ease) / (l - lag)).clamp(0.0, 1.0) } else { 1.0 };
                found = Some(t + (ahead - t) * part);
                return false;
            }
            (t, l) = (ahead, lag);
            if ahead <= DAY {
                days[0] = (ahead, lag);
            }
            if ahead <= FARTHEST - DAY {
                days[1] = (ahead, lag);
            }
            true
        });
        if let Some(secs) = found {
            return Drained::In(secs);
        }
        let slope = (l - days[1].1) / (t - days[1].0).max(1.0);
        if slope < 0.0 {
            let secs = t + (l - ease) / -slope;
            if secs < NEVER {
                return Drained::In(secs);
            }
        }
        Drained::Not { per_s: (days[0].1 - lag) / days[0].0.max(1.0) }
    }
}

enum Drained {
    In(f64),
    /// Grows by so much over the next day.
    Not {
        per_s: f64,
    },
}

/// Where lag goes.
pub(super) fn forecast(now: Timestamp, lag: u64, known: &Known<'_>, bands: &Bands) -> Forecast {
    if known.watched < SHORTEST {
        return Forecast::Unknown { why: format!("watched for {:.0} s only", known.watched) };
    }
    let lag = lag as f64;
    let ease = known.reading.ease(known.fast);
    if lag <= ease {
        return Forecast::KeepsUp;
    }
    let steady = !known.reading.stands() && known.reading.rhythm().is_none();
    if steady && bands.level(1, known.behind_for) > 0.6 {
        return Forecast::StaysLevel;
    }
    match Course::of(known, bands, 0.0).drained(now, lag, ease) {
        Drained::In(secs) => {
            let side = |side| Course::of(known, bands, side).drained(now, lag, ease);
            let earliest = if let Drained::In(s) = side(-1.0) { s.min(secs) } else { secs };
            let latest = if let Drained::In(s) = side(1.0) { Some(s.max(secs)) } else { None };
            Forecast::Drains {
                at: after(now, secs),
                earliest: after(now, earliest),
                latest: latest.map(|s| after(now, s)),
            }
        }
        // Within what a day's forecast is wrong by anyway.
        Drained::Not { per_s } if per_s.abs() <= 0.02 * known.fast && per_s.abs() * DAY <= 0.25 * lag => {
            Forecast::StaysLevel
        }
        Drained::Not { per_s } if per_s <= 0.0 => Forecast::StaysLevel,
        Drained::Not { per_s } => Forecast::NeverDrains { per_min: per_s * 60.0 },
    }
}

/// Lag at times that grow, in seconds from now; `levelled`: with what is known of how well such forecasts do.
pub(super) fn at(
    now: Timestamp,
    lag: u64,
    known: &Known<'_>,
    bands: &Bands,
    levelled: bool,
    times: &[f64],
) -> Vec<Ahead> {
    let [mid, low, high] = [0.0, -1.0, 1.0].map(|side| Course::of(known, bands, side).at(now, lag as f64, times));
    let now_level = lag as f64;
    let levelled = levelled && !known.reading.stands() && known.reading.rhythm().is_none();
    let mut found = Vec::with_capacity(times.len());
    for (i, secs) in times.iter().enumerate() {
        // Where saying that lag stays as it is has done better, that is said.
        let level = if levelled { bands.level(usize::from(*secs > 2.0 * HOUR), known.behind_for) } else { 0.0 };
        let (course, arrived) = mid[i];
        let mid = course + (now_level - course) * level;
        found.push(Ahead { at: after(now, *secs), mid, low: low[i].0.min(mid), high: high[i].0.max(mid), arrived });
    }
    found
}

pub(super) fn draw(now: Timestamp, lag: u64, known: &Known<'_>, bands: &Bands) -> Outlook {
    let forecast = forecast(now, lag, known, bands);
    if matches!(forecast, Forecast::Unknown { .. }) {
        return Outlook { forecast, curve: Vec::new(), restart: None };
    }
    let rates = known.reading.restarted().filter(|_| known.reading.stands());
    let ease = known.reading.ease(known.fast);
    let drained = |rate| match Course::restarted(known, rate).drained(now, lag as f64, ease) {
        Drained::In(secs) if secs <= FARTHEST => Some(secs),
        _ => None,
    };
    let horizon = match (&forecast, rates) {
        (Forecast::Drains { at, latest, .. }, _) => super::secs_between(now, latest.unwrap_or(*at).max(*at)) * 1.2,
        (_, Some((_, usual))) => drained(usual).unwrap_or(DAY).max(DAY) * 1.2,
        _ => DAY,
    };
    let horizon = horizon.clamp(HOUR, 2.0 * DAY);
    let times: Vec<_> = (0..=CURVE).map(|i| horizon * i as f64 / CURVE as f64).collect();
    let restart = rates.map(|(best, usual)| {
        let [slow, quick] = [usual, best].map(|rate| Course::restarted(known, rate).at(now, lag as f64, &times));
        Restart {
            best_per_s: best,
            usual_per_s: usual,
            best: drained(best).map(|s| after(now, s)),
            usual: drained(usual).map(|s| after(now, s)),
            curve: times
                .iter()
                .zip(slow.into_iter().zip(quick))
                .map(|(secs, ((mid, arrived), (low, _)))| Ahead {
                    at: after(now, *secs),
                    mid,
                    low: low.min(mid),
                    high: mid,
                    arrived,
                })
                .collect(),
        }
    });
    Outlook { forecast, curve: at(now, lag, known, bands, true, &times), restart }
}

impl Profile {
    /// Where lag goes from `now`, if `lag` events are unread.
    pub fn forecast(&self, now: Timestamp, lag: u64) -> Forecast {
        forecast(now, lag, &self.known(), self.bands())
    }

    /// The same with all that a page shows of it.
    pub fn outlook(&self, now: Timestamp, lag: u64) -> Outlook {
        draw(now, lag, &self.known(), self.bands())
    }

    /// Unread events at times that grow, in seconds from `now`.
    pub fn ahead(&self, now: Timestamp, lag: u64, secs: &[f64]) -> Vec<Ahead> {
        at(now, lag, &self.known(), self.bands(), true, secs)
    }
}
