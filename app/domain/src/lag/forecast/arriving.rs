//! How many events will arrive. Several simple guesses (the rate of the last minutes, hours, day; the usual rate at that
//! time of day, as it is and scaled by how today compares) are judged at the end of every half hour by what they would have
//! said 30 minutes to a day before, and weighed by that. So a daily pattern is followed where there is one, and no
//! pattern is imagined where there is none.

use super::{SLOT, SLOTS_A_DAY, short};
use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// Closed slots that are kept: a day to judge, and the day before that a guess looks back on.
const KEPT: usize = 2 * SLOTS_A_DAY;
const NONE: f32 = -1.0;
/// Horizons that guesses are judged at, in slots.
const HORIZONS: [usize; 5] = [1, 2, 8, 24, 48];
/// Level guesses are means of so many slots, after the last minute's and the last ten minutes'. The last one is the median of a
/// day's slots: what comes while no burst does.
const LEVELS: [usize; 6] = [0, 0, 2, 12, 48, MEDIAN];
const MEDIAN: usize = usize::MAX;
/// Pattern guesses scale the usual day by how the last slots compare with it; 0: as it is.
const SCALES: [usize; 3] = [2, 12, 0];
/// Guesses are judged apart by how the last minute compares with the last day: half as much arrives, twice as much, or neither.
/// A batch that is coming in tells little of the next hour, quiet after one does.
const STATES: usize = 3;
const GUESSES: usize = LEVELS.len() + SCALES.len();
/// Nothing is believed to arrive faster, per second.
const FASTEST: f64 = 1e12;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Arriving {
    /// Events per second over the last ten minutes or so.
    fast: f32,
    /// The same over about a minute and a half.
    quick: f32,
    /// Seconds that `fast` has seen, up to its memory.
    seen: f32,
    /// The open slot.
    slot: i64,
    events: f64,
    secs: f64,
    /// Of the last slots, by number modulo [`KEPT`]: events per second; what was usual then; `fast` and `quick` at their end.
    #[serde(with = "short")]
    got: Vec<f32>,
    #[serde(with = "short")]
    was_usual: Vec<f32>,
    #[serde(with = "short")]
    was_fast: Vec<f32>,
    #[serde(with = "short")]
    was_quick: Vec<f32>,
    /// Usual events per second by time of day: workdays, then the weekend.
    #[serde(with = "short")]
    usual: Vec<f32>,
    /// Days that these come from, up to 255.
    days: Vec<u8>,
    /// Mean relative error of each guess at each horizon in each state.
    #[serde(with = "short")]
    wrong: Vec<f32>,
    /// Times that it was judged, up to 255.
    judged: Vec<u8>,
    /// The group was behind in the open slot, and in the last ones (newest in the lowest bit).
    behind: bool,
    was_behind: u64,
}

impl Default for Arriving {
    fn default() -> Self {
        Self {
            fast: 0.0,
            quick: 0.0,
            seen: 0.0,
            slot: 0,
            events: 0.0,
            secs: 0.0,
            got: vec![NONE; KEPT],
            was_usual: vec![NONE; KEPT],
            was_fast: vec![NONE; KEPT],
            was_quick: vec![NONE; KEPT],
            usual: vec![0.0; 2 * SLOTS_A_DAY],
            days: vec![0; 2 * SLOTS_A_DAY],
            wrong: vec![0.0; STATES * HORIZONS.len() * GUESSES],
            judged: vec![0; STATES * HORIZONS.len()],
            behind: false,
            was_behind: 0,
        }
    }
}

/// What a guess was wrong by before it was judged: the shorter its memory and the longer the horizon, the more.
const UNJUDGED: [[f32; GUESSES]; HORIZONS.len()] = [
    [0.12, 0.10, 0.12, 0.25, 0.40, 0.35, 0.20, 0.30, 0.50],
    [0.18, 0.14, 0.14, 0.25, 0.40, 0.35, 0.20, 0.30, 0.50],
    [0.30, 0.25, 0.22, 0.25, 0.30, 0.35, 0.25, 0.30, 0.50],
    [0.50, 0.40, 0.35, 0.30, 0.25, 0.35, 0.35, 0.30, 0.40],
    [0.60, 0.50, 0.45, 0.35, 0.25, 0.40, 0.40, 0.30, 0.35],
];

pub(super) fn slot_of(at: Timestamp) -> i64 {
    at.0.div_euclid(SLOT * 1_000_000)
}

/// Place of a slot in `usual`.
fn place(slot: i64) -> usize {
    let day = slot.div_euclid(SLOTS_A_DAY as i64);
    // 1970-01-01 was a Thursday.
    let weekend = matches!((day.rem_euclid(7) + 4) % 7, 0 | 6);
    slot.rem_euclid(SLOTS_A_DAY as i64) as usize + if weekend { SLOTS_A_DAY } else { 0 }
}

fn kept(slot: i64) -> usize {
    slot.rem_euclid(KEPT as i64) as usize
}

impl Arriving {
    /// Kept state may come from elsewhere: whatever does not fit is begun anew.
    pub fn sound(&self) -> bool {
        let fit = |v: &Vec<f32>, n: usize| v.len() == n && v.iter().all(|x| x.is_finite());
        fit(&self.got, KEPT)
            && fit(&self.was_usual, KEPT)
            && fit(&self.was_fast, KEPT)
            && fit(&self.was_quick, KEPT)
            && fit(&self.usual, 2 * SLOTS_A_DAY)
            && self.days.len() == 2 * SLOTS_A_DAY
            && fit(&self.wrong, STATES * HORIZONS.len() * GUESSES)
            && self.judged.len() == STATES * HORIZONS.len()
            && [f64::from(self.fast), f64::from(self.quick), f64::from(self.seen), self.events, self.secs]
                .iter()
                .all(|x| x.is_finite())
    }

    /// `events` arrived between two times, at most an hour apart.
    pub fn add(&mut self, from: Timestamp, to: Timestamp, events: f64, behind: bool) {
        self.behind |= behind;
        let secs = super::secs_between(from, to);
        if !(secs > 0.0 && events >= 0.0) {
            return;
        }
        let rate = (events / secs).min(FASTEST);
        self.seen = (self.seen + secs as f32).min(600.0);
        let weight = (secs / f64::from(self.seen)).min(1.0);
        self.fast += ((rate - f64::from(self.fast)) * weight) as f32;
        let weight = (secs / f64::from(self.seen).min(90.0)).min(1.0);
        self.quick += ((rate - f64::from(self.quick)) * weight) as f32;
        // Spread evenly over the slots it reaches over.
        let mut at = from;
        while at < to {
            let slot = slot_of(at);
            self.reach(slot);
            let slot_end = Timestamp(slot.saturating_add(1).saturating_mul(SLOT * 1_000_000));
            let until = if slot_end > at { slot_end.min(to) } else { to };
            let part = super::secs_between(at, until);
            self.events += rate * part;
            self.secs += part;
            at = until;
        }
    }

    /// Closes slots until this one is open.
    pub fn reach(&mut self, slot: i64) {
        if self.slot == slot {
            return;
        }
        if self.slot > slot || slot.saturating_sub(self.slot) > KEPT as i64 {
            // Time went back, or nothing was seen for days: what is usual stays, the rest is begun anew.
            for kept in [&mut self.got, &mut self.was_usual, &mut self.was_fast, &mut self.was_quick] {
                kept.fill(NONE);
            }
        } else {
            self.close();
            for missed in self.slot + 1..slot {
                self.got[kept(missed)] = NONE;
            }
        }
        (self.slot, self.events, self.secs) = (slot, 0.0, 0.0);
    }

    fn close(&mut self) {
        let (slot, at) = (self.slot, kept(self.slot));
        self.was_behind = self.was_behind << 1 | u64::from(self.behind);
        self.behind = false;
        let usual = self.usual_at(slot);
        self.was_usual[at] = usual.map_or(NONE, |u| u as f32);
        (self.was_fast[at], self.was_quick[at]) = (self.fast, self.quick);
        if self.secs < SLOT as f64 / 2.0 {
            self.got[at] = NONE;
            return;
        }
        let got = self.events / self.secs;
        self.got[at] = got as f32;
        for h in 0..HORIZONS.len() {
            self.judge(h);
        }
        self.learn(place(slot), got);
    }

    fn learn(&mut self, place: usize, got: f64) {
        let days = self.days[place];
        let was = f64::from(self.usual[place]);
        // One odd day is not to make the next ones odd.
        let got = if days >= 3 { got.clamp(was * 0.25, was * 4.0 + 1e-3) } else { got };
        let weight = (1.0 / (f64::from(days) + 1.0)).max(0.25);
        self.usual[place] = (was + (got - was) * weight) as f32;
        self.days[place] = days.saturating_add(1);
    }

    /// Usual events per second in a slot. Days of the other kind (workday, weekend) stand in while there are few of its own.
    fn usual_at(&self, slot: i64) -> Option<f64> {
        let own = place(slot);
        let other = (own + SLOTS_A_DAY) % (2 * SLOTS_A_DAY);
        let (n, m) = (f64::from(self.days[own]), f64::from(self.days[other]).min(0.34));
        (n + m > 0.0).then(|| (f64::from(self.usual[own]) * n + f64::from(self.usual[other]) * m) / (n + m))
    }

    /// Mean rate, and its ratio to the usual, over the `back` closed slots up to `last`; with `open`, the open slot too.
    fn level(&self, last: i64, back: usize, open: bool) -> (Option<f64>, Option<f64>) {
        let (mut sum, mut secs, mut both, mut usual) = (0.0, 0.0, 0.0, 0.0);
        if open {
            sum = self.events;
            secs = self.secs;
            if let Some(u) = self.usual_at(self.slot) {
                both = self.events;
                usual = u * self.secs;
            }
        }
        for slot in (0..back as i64).map(|i| kept(last.saturating_sub(i))) {
            let got = self.got[slot];
            if got < 0.0 {
                continue;
            }
            sum += f64::from(got) * SLOT as f64;
            secs += SLOT as f64;
            if self.was_usual[slot] >= 0.0 {
                both += f64::from(got) * SLOT as f64;
                usual += f64::from(self.was_usual[slot]) * SLOT as f64;
            }
        }
        let level = (secs > 0.0).then(|| sum / secs);
        // Two days' quiet hour says little of the next: a tenth of the usual, ten times the usual at most.
        let ratio = (usual > 0.0).then(|| (both / usual).clamp(0.1, 10.0));
        (level, ratio)
    }

    /// Median rate of the day's slots up to `last`.
    fn median(&self, last: i64) -> Option<f64> {
        let mut rates = [0f32; SLOTS_A_DAY];
        let mut n = 0;
        for got in (0..SLOTS_A_DAY as i64).map(|i| self.got[kept(last.saturating_sub(i))]).filter(|got| *got >= 0.0) {
            rates[n] = got;
            n += 1;
        }
        let rates = &mut rates[..n];
        (n > 0).then(|| f64::from(*rates.select_nth_unstable_by(n / 2, f32::total_cmp).1))
    }

    /// How far off each guess was that was made `HORIZONS[h]` slots ago, over all that came since.
    fn judge(&mut self, h: usize) {
        let horizon = HORIZONS[h] as i64;
        let made = self.slot.saturating_sub(horizon);
        let (mut got, mut usual, mut n) = (0.0, 0.0, 0u32);
        let mut patterned = true;
        for slot in made + 1..=self.slot {
            let at = kept(slot);
            if self.got[at] < 0.0 {
                continue;
            }
            n += 1;
            got += f64::from(self.got[at]);
            patterned &= self.was_usual[at] >= 0.0;
            usual += f64::from(self.was_usual[at]);
        }
        if i64::from(n) * 10 < horizon * 9 || self.got[kept(made)] < 0.0 {
            return;
        }
        let now = [self.was_quick[kept(made)], self.was_fast[kept(made)]];
        let table = self.state(made, now[0], false) * HORIZONS.len() + h;
        let times = self.judged[table];
        let mut weight = (1.0 / (f32::from(times) + 1.0)).max(1.0 / 96.0);
        // A guess is wanted when the group is behind: what it is worth at other times tells less.
        if self.was_behind >> horizon & 1 == 0 {
            weight *= 0.3;
        }
        let of = |guess: f64| ((guess - got).abs() / (guess + got).max(1e-9) * 2.0) as f32;
        for (g, unjudged) in UNJUDGED[h].iter().enumerate() {
            let error = match self.guess(g, made, now, false) {
                Some((level, scale)) if scale == 0.0 || patterned => of(level * f64::from(n) + scale * usual),
                // Not to be used before it could be judged.
                _ => *unjudged,
            };
            let wrong = &mut self.wrong[table * GUESSES + g];
            *wrong += (error - *wrong) * weight;
        }
        self.judged[table] = times.saturating_add(1);
    }

    fn state(&self, last: i64, quick: f32, open: bool) -> usize {
        match self.level(last, SLOTS_A_DAY, open).0 {
            Some(day) if f64::from(quick) > 2.0 * day => 2,
            Some(day) if f64::from(quick) < 0.5 * day => 1,
            _ => 0,
        }
    }

    /// A guess as a rate and a multiple of the usual.
    fn guess(&self, g: usize, last: i64, now: [f32; 2], open: bool) -> Option<(f64, f64)> {
        if let Some(back) = LEVELS.get(g) {
            let level = match *back {
                0 => Some(f64::from(now[g.min(1)]).max(0.0)),
                MEDIAN => self.median(last),
                back => self.level(last, back, open).0,
            };
            return level.map(|l| (l, 0.0));
        }
        match SCALES.get(g - LEVELS.len())? {
            0 => Some((0.0, 1.0)),
            back => self.level(last, *back, open).1.map(|r| (0.0, r)),
        }
    }

    /// Events per second of about the last ten minutes.
    pub fn now(&self) -> f64 {
        f64::from(self.fast)
    }

    /// What is expected from now on.
    pub fn ahead(&self) -> Expected {
        let guesses: [_; GUESSES] =
            std::array::from_fn(|g| self.guess(g, self.slot.saturating_sub(1), [self.quick, self.fast], true));
        let usual: Vec<_> = (0..2 * SLOTS_A_DAY as i64)
            // 1970-01-01 was a Thursday: days 1 and 2 are a workday and a Saturday.
            .map(|i| self.usual_at(SLOTS_A_DAY as i64 + i).unwrap_or(-1.0))
            .collect();
        let patterned = usual.iter().all(|u| *u >= 0.0);
        let state = self.state(self.slot.saturating_sub(1), self.quick, true);
        let mix = std::array::from_fn(|h| {
            let table = state * HORIZONS.len() + h;
            let (mut level, mut scale, mut wrong, mut weights) = (0.0, 0.0, 0.0, 0.0);
            for (g, guess) in guesses.iter().enumerate() {
                let Some((l, s)) = *guess else { continue };
                if s > 0.0 && !patterned {
                    continue;
                }
                // Some of the first doubt stays until it was judged for half a day.
                let (n, first) = (f32::from(self.judged[table].min(96)), 8.0);
                let e =
                    f64::from((self.wrong[table * GUESSES + g] * n + UNJUDGED[h][g] * first) / (n + first)).max(0.01);
                let w = 1.0 / (e * e * e * e);
                level += l * w;
                scale += s * w;
                wrong += e * w;
                weights += w;
            }
            if weights > 0.0 {
                Mix { level: level / weights, scale: scale / weights, wrong: wrong / weights }
            } else {
                Mix { level: f64::from(self.fast), scale: 0.0, wrong: 0.5 }
            }
        });
        Expected { mix, usual }
    }
}

#[derive(Debug, Clone, Copy)]
struct Mix {
    level: f64,
    scale: f64,
    /// Mean relative error.
    wrong: f64,
}

/// What is expected to arrive.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    mix: [Mix; HORIZONS.len()],
    usual: Vec<f64>,
}

impl Expected {
    /// Events per second in a slot that lies so many slots ahead, and how wrong that may be by.
    pub fn at(&self, slot: i64, ahead: f64) -> (f64, f64) {
        let after = HORIZONS.iter().position(|h| *h as f64 >= ahead).unwrap_or(HORIZONS.len() - 1);
        let before = after.saturating_sub(1);
        let (a, b) = (&self.mix[before], &self.mix[after]);
        let width = (HORIZONS[after] - HORIZONS[before]) as f64;
        let part = if width > 0.0 { ((ahead - HORIZONS[before] as f64) / width).clamp(0.0, 1.0) } else { 1.0 };
        let blend = |x: f64, y: f64| x + (y - x) * part;
        let usual = self.usual.get(place(slot)).copied().unwrap_or(0.0).max(0.0);
        let rate = blend(a.level, b.level) + blend(a.scale, b.scale) * usual;
        (rate.clamp(0.0, FASTEST), blend(a.wrong, b.wrong))
    }
}
