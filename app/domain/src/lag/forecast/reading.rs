//! How fast a group reads while it is behind. While it is not, it reads what arrives, which tells little of what it could.

use super::nudge;
use serde::{Deserialize, Serialize};

/// Reading is looked at over a minute at least: commits come in jerks.
const CHUNK: f64 = 60.0;
/// Nothing read for so long while there is something to read: it stands.
const STANDS: f64 = 180.0;
/// The rate of now is that of the last so many chunks.
const MEMORY: f32 = 30.0;

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Reading {
    /// The open chunk.
    secs: f64,
    read: f64,
    /// The least that was unread in it.
    least: f64,
    /// Seconds since it last read, while it was behind.
    pause: f64,
    /// Seconds since it went on after it stood.
    on: f64,
    /// How long it stands and reads, in turn, as a rule: mean seconds of each, mean distance of what was seen from these in
    /// logarithms, and how many turns were seen.
    off_for: f32,
    on_for: f32,
    uneven: f32,
    turns: u16,
    /// Events per second while behind, as of late; from so many chunks.
    now: f32,
    chunks: f32,
    /// Signed and absolute deviation of chunks from `now`: how much of what deviates does so to one side.
    drift: f32,
    swing: f32,
    /// Chunks while behind, ever.
    ever: u32,
    /// Half and nine tenths of the chunks while behind are slower.
    usual: f32,
    best: f32,
    /// Mean distance of chunks from `usual`, in logarithms.
    spread: f32,
    /// The fastest it ever was over five minutes, behind or not; forgotten slowly.
    peak: f32,
    /// Over about five minutes, behind or not.
    lately: f32,
    /// What is unread while it keeps up.
    rest: f32,
    /// How wrong `now` is as a guess of the next half hour: relative.
    wrong: f32,
    /// The slot in which it is being judged, what was guessed at its start, and what came.
    slot: i64,
    guessed: f32,
    came: f64,
    came_secs: f64,
}

impl Reading {
    pub fn sound(&self) -> bool {
        [self.secs, self.read, self.least, self.pause, self.on, self.came, self.came_secs].iter().all(|x| x.is_finite())
            && [
                self.off_for,
                self.on_for,
                self.uneven,
                self.now,
                self.chunks,
                self.drift,
                self.swing,
                self.usual,
                self.best,
                self.spread,
                self.peak,
                self.lately,
                self.rest,
                self.wrong,
                self.guessed,
            ]
            .iter()
            .all(|x| x.is_finite() && *x >= -1e18)
    }

    /// `read` events were read in `secs`, of `before` unread ones, and `after` are left; `arriving` per second.
    pub fn add(&mut self, slot: i64, secs: f64, read: f64, before: f64, after: f64, arriving: f64) {
        if slot != self.slot {
            self.judge(slot);
        }
        let least = before.min(after);
        self.least = if self.secs > 0.0 { self.least.min(least) } else { least };
        self.secs += secs;
        self.read += read;
        if self.secs >= CHUNK {
            self.close(after, arriving);
        }
    }

    /// Unread events that a group has which keeps up: what arrives in a minute, or twice what is unread at best.
    pub fn ease(&self, arriving: f64) -> f64 {
        (arriving * 60.0).max(2.0 * f64::from(self.rest).min(arriving * 600.0)).max(1.0)
    }

    fn close(&mut self, unread: f64, arriving: f64) {
        let (secs, rate, least) = (self.secs, self.read / self.secs, self.least);
        (self.secs, self.read, self.least) = (0.0, 0.0, 0.0);
        // While it is far behind nothing is learnt of how it is when it keeps up.
        if unread <= (arriving * 300.0).max(1.0) {
            self.rest = if self.rest < 0.5 {
                unread.min(arriving * 60.0) as f32
            } else {
                nudge(self.rest, unread.max(0.5), 0.4, 0.02)
            };
        }
        let weight = (secs / 300.0).min(1.0) as f32;
        self.lately += (rate as f32 - self.lately) * weight;
        // Halves in about two weeks.
        self.peak = self.lately.max(self.peak * (1.0 - 5.7e-7 * secs.min(86_400.0) as f32));
        // Behind for all of the chunk, by more than it reads in a minute.
        let behind = least > self.ease(arriving).max(rate * CHUNK);
        self.on += secs;
        if behind && rate <= 0.0 {
            self.pause += secs;
            if self.pause >= STANDS && self.pause - secs < STANDS {
                self.turn(self.on - self.pause, false);
            }
            return;
        }
        if self.pause >= STANDS {
            self.turn(self.pause, true);
            self.on = secs;
        }
        if !behind {
            self.pause = 0.0;
            return;
        }
        let (rate, secs) = if self.pause >= STANDS {
            // It went on after it stood: what was before may not hold any more, and it read for a part of this chunk only.
            (self.chunks, self.pause) = (0.0, 0.0);
            return;
        } else {
            // A short pause is how it reads.
            (rate * secs / (secs + self.pause), secs + self.pause)
        };
        self.pause = 0.0;
        self.came += rate * secs;
        self.came_secs += secs;
        self.follow(rate, (secs / CHUNK).min(5.0) as f32);
    }

    /// It went on after it had stood, or stopped after it had read, for so long.
    fn turn(&mut self, secs: f64, stood: bool) {
        let mean = if stood { &mut self.off_for } else { &mut self.on_for };
        let secs = secs.clamp(CHUNK, 30.0 * 86_400.0) as f32;
        if *mean <= 0.0 {
            *mean = secs;
        } else {
            let off = (secs / *mean).ln();
            *mean *= (0.3 * off).exp();
            self.uneven += (off.abs() - self.uneven) * 0.2;
        }
        self.turns = self.turns.saturating_add(1);
    }

    /// It stands and reads in turn, as a clock does: seconds that it stands, that it reads, and until it next goes on
    /// (negative: since it did).
    pub fn rhythm(&self) -> Option<(f64, f64, f64)> {
        let (off, on) = (f64::from(self.off_for), f64::from(self.on_for));
        // A turn more than it may take: it does not go on.
        let late = self.pause > 1.5 * off + 300.0;
        (self.turns >= 8 && self.uneven < 0.2 && off + on >= 1200.0 && !late)
            .then(|| (off, on, if self.pause >= STANDS { (off - self.pause).max(CHUNK) } else { -self.on }))
    }

    fn follow(&mut self, rate: f64, chunks: f32) {
        let rate = rate.min(1e12);
        self.ever = self.ever.saturating_add(chunks.round() as u32).min(1 << 30);
        if self.usual <= 0.0 {
            (self.usual, self.best) = (rate as f32, rate as f32);
        }
        // Steps are as wide as what comes is spread.
        let off = (rate.max(1e-6) as f32 / self.usual.max(1e-6)).ln().abs().min(3.0);
        self.spread += (off - self.spread) * (1.0 / (1.0 + self.ever as f32)).max(0.02);
        let step = self.spread * (2.0 / (1.0 + self.ever as f32 / 30.0)).clamp(0.03, 1.0);
        self.usual = nudge(self.usual, rate, 0.5, step);
        self.best = nudge(self.best, rate, 0.9, step).max(self.usual);
        if self.chunks <= 0.0 {
            // The usual rate stands for two minutes' worth.
            (self.now, self.chunks) = if self.ever > 10 { (self.usual, 2.0) } else { (rate as f32, 0.0) };
            (self.drift, self.swing) = (0.0, 0.0);
        }
        let off = rate as f32 - self.now;
        self.drift += (off - self.drift) * 0.1;
        self.swing += (off.abs() - self.swing) * 0.1;
        // All deviates to one side: it reads at another rate than it did.
        if self.chunks > 10.0 && self.drift.abs() > 0.7 * self.swing && self.drift.abs() > 0.05 * self.now {
            self.chunks = 5.0;
        }
        self.chunks = (self.chunks + chunks).min(MEMORY);
        self.now += off * (chunks / self.chunks).min(1.0);
    }

    fn judge(&mut self, slot: i64) {
        if self.came_secs > 600.0 && self.guessed > 0.0 {
            let came = (self.came / self.came_secs) as f32;
            let off = (came - self.guessed).abs() / came.max(self.guessed).max(1e-6);
            self.wrong = if self.wrong <= 0.0 { off } else { self.wrong + (off - self.wrong) * 0.1 };
        }
        (self.came, self.came_secs, self.slot) = (0.0, 0.0, slot);
        self.guessed = if self.chunks > 3.0 { self.now } else { 0.0 };
    }

    /// Nothing is read, though there is something to read.
    pub fn stands(&self) -> bool {
        self.pause >= STANDS && self.rhythm().is_none()
    }

    /// Events per second that it reads while behind, and how wrong that may be by; `None`: it was never seen behind.
    pub fn while_behind(&self) -> Option<(f64, f64)> {
        if self.ever == 0 {
            return None;
        }
        let rate = if self.chunks > 0.0 { self.now } else { self.usual };
        // As if it had been wrong by a tenth at first, and by more while only a few minutes were seen.
        let wrong = f64::from(self.wrong.clamp(0.02, 1.0)).max(0.1 / f64::from(self.chunks.max(1.0)).sqrt());
        Some((f64::from(rate), wrong))
    }

    /// At most so much per second, whether it was seen behind or not. `None`: as far as is known without limit.
    pub fn limit(&self) -> Option<(f64, f64)> {
        if self.ever < 30 {
            return None;
        }
        let (now, wrong) = self.while_behind()?;
        Some((now.max(f64::from(self.usual)), wrong))
    }

    /// Rates that it is likely to read at once it goes on: best and usual.
    pub fn restarted(&self) -> Option<(f64, f64)> {
        let peak = f64::from(self.peak);
        if self.ever >= 10 {
            Some((f64::from(self.best), f64::from(self.usual)))
        } else {
            (peak > 0.0).then_some((peak, peak))
        }
    }

    /// Events per second over the last five minutes or so, behind or not.
    pub fn lately(&self) -> f64 {
        f64::from(self.lately)
    }

    /// What is unread while it keeps up.
    pub fn rest(&self) -> f64 {
        f64::from(self.rest)
    }

    /// Observation was broken off: the open chunk tells nothing.
    pub fn broken_off(&mut self) {
        (self.secs, self.read, self.least) = (0.0, 0.0, 0.0);
    }
}
