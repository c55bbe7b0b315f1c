//! Made-up pasts of a group on one channel: what arrives and what is read, every 10 s for 15 days, by class.

use rand::{RngExt, SeedableRng, rngs::SmallRng};
use weir_domain::{Timestamp, lag::Point};

pub const STEP: i64 = 10;
pub const DAYS: i64 = 15;
const DAY: i64 = 86_400;
/// 2026-11-02, a Monday.
pub const BEGUN: i64 = 1_793_577_600;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Constant,
    Daily,
    Weekend,
    /// Many times as much for some minutes, at any time: what comes next is anybody's guess, and mostly the calm of now.
    Bursts,
    /// All of some hours at once: rates of the past say too much of the next hours, the last rate says it right.
    Batches,
    /// Keeps up at night only.
    SlowConsumer,
    /// Stands for half a night and has to catch up.
    Outages,
    /// Members come and go.
    Scaled,
    Walk,
    Noise,
    /// Never keeps up.
    TooSlow,
    /// Nothing but straight lines: the last rate says all there is.
    Straight,
    /// The level of what arrives changes for good, which the pattern of the days before can't know.
    Shifts,
    /// Ever more arrives, which is a trend and no pattern.
    Growth,
    /// Reads slower by day, when more arrives.
    SlowByDay,
    /// Reads for some minutes every hour.
    Hourly,
    /// Reads each event so long after it came, on purpose: lag is level.
    Behind,
}

impl Class {
    pub const ALL: [Self; 17] = [
        Self::Constant,
        Self::Daily,
        Self::Weekend,
        Self::Bursts,
        Self::Batches,
        Self::SlowConsumer,
        Self::Outages,
        Self::Scaled,
        Self::Walk,
        Self::Noise,
        Self::TooSlow,
        Self::Straight,
        Self::Shifts,
        Self::Growth,
        Self::SlowByDay,
        Self::Hourly,
        Self::Behind,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Daily => "daily pattern",
            Self::Weekend => "workdays and weekends",
            Self::Bursts => "bursts (should lose)",
            Self::Batches => "batches (should lose)",
            Self::SlowConsumer => "keeps up at night only",
            Self::Outages => "long outages",
            Self::Scaled => "capacity changes",
            Self::Walk => "random walk",
            Self::Noise => "noise",
            Self::TooSlow => "never keeps up",
            Self::Straight => "straight lines (should lose)",
            Self::Shifts => "level changes for good",
            Self::Growth => "growth",
            Self::SlowByDay => "reads slower by day",
            Self::Hourly => "reads once an hour",
            Self::Behind => "behind on purpose",
        }
    }
}

struct Dice(SmallRng);

impl Dice {
    fn within(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.0.random::<f64>()
    }

    /// About normal: twelve uniform ones.
    fn bell(&mut self) -> f64 {
        (0..12).map(|_| self.0.random::<f64>()).sum::<f64>() - 6.0
    }

    /// Waiting time.
    fn wait(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.0.random::<f64>()).ln()
    }
}

/// What lasts from one time to another and comes again at random.
struct Spells {
    until: f64,
    next: f64,
    by: f64,
}

impl Spells {
    fn new(dice: &mut Dice, every: f64) -> Self {
        Self { until: 0.0, next: dice.wait(every), by: 0.0 }
    }

    /// Is it on? `every` seconds apart on average, between `shortest` and `longest`, and a strength each.
    fn on(&mut self, t: f64, dice: &mut Dice, every: f64, length: (f64, f64), strength: (f64, f64)) -> Option<f64> {
        if t >= self.next {
            self.until = t + dice.within(length.0, length.1);
            self.by = dice.within(strength.0, strength.1);
            self.next = self.until + dice.wait(every);
        }
        (t < self.until).then_some(self.by)
    }
}

/// One past, and the events per second that it was made around.
pub struct Series {
    pub points: Vec<Point>,
    pub base: f64,
}

pub fn make(class: Class, seed: u64) -> Series {
    use Class as C;
    let mut dice = Dice(SmallRng::seed_from_u64(seed.wrapping_mul(1_000_003).wrapping_add(class as u64)));
    let base = dice.within(20f64.ln(), 5000f64.ln()).exp();
    let daily = match class {
        C::Daily | C::Weekend | C::Outages | C::Shifts => dice.within(0.5, 0.9),
        C::SlowConsumer | C::SlowByDay => dice.within(0.6, 0.9),
        C::Scaled | C::Noise => dice.within(0.0, 0.6),
        C::Behind => 0.6,
        _ => 0.0,
    };
    let phase = dice.within(0.0, 1.0);
    let capacity = base
        * match class {
            C::SlowConsumer => dice.within(1.05, 1.3),
            C::TooSlow => dice.within(0.8, 0.97),
            C::Straight => dice.within(1.1, 3.0),
            C::Growth => dice.within(3.0, 4.0),
            C::SlowByDay => dice.within(1.5, 2.0),
            C::Hourly => dice.within(4.0, 8.0),
            C::Behind => 50.0,
            _ => dice.within(1.3, 2.8),
        };
    let sway = match class {
        C::Straight => 0.0,
        C::Noise => 0.6,
        _ => 0.05,
    };
    let (mut arriving_sway, mut reading_sway) = (0.0, 0.0);
    let mut bursts = Spells::new(&mut dice, 4.0 * 3600.0);
    let mut outages = Spells::new(&mut dice, 86_400.0);
    let (outage_every, outage_length) = match class {
        C::Outages => (1.5 * 86_400.0, (4.0 * 3600.0, 12.0 * 3600.0)),
        C::SlowConsumer | C::TooSlow | C::Hourly | C::Behind => (1e12, (1.0, 2.0)),
        C::Bursts | C::Batches => (3.0 * 86_400.0, (1800.0, 2.0 * 3600.0)),
        _ => (86_400.0, (1800.0, 4.0 * 3600.0)),
    };
    if outage_every > 1e11 {
        outages.next = 1e12;
    }
    let batch_every = dice.within(1.0, 6.0) * 3600.0;
    let batch_length = dice.within(300.0, 900.0);
    let (mut walk, mut level, mut scaled) = (0.0f64, 1.0, 1.0);
    let mut shift_at = dice.wait(3.0 * 86_400.0);
    let mut scale_at = dice.within(6.0, 24.0) * 3600.0;
    let growth = dice.within(0.1, 0.3);
    let commit_every = 1 + (dice.within(0.0, 3.0) as i64);
    let hourly = dice.within(0.3, 0.6) * 3600.0;
    let hold = dice.within(10.0, 60.0) * 60.0;
    let mut ends = Vec::new();

    let (mut end, mut next, mut committed) = (dice.within(0.0, 1e9), 0.0, 0.0);
    (next, committed) = (end + next, end + committed);
    let mut points = Vec::with_capacity((DAYS * DAY / STEP) as usize);
    for i in 0..DAYS * DAY / STEP {
        let t = (i * STEP) as f64;
        let day = (t / DAY as f64 + phase) * std::f64::consts::TAU;
        arriving_sway += (dice.bell() - arriving_sway) * 0.05;
        reading_sway += (dice.bell() - reading_sway) * 0.05;
        let mut rate = base * (1.0 + daily * day.sin()) * (1.0 + sway * 6.0 * arriving_sway).max(0.02);
        let mut reads = capacity * (1.0 + sway * 6.0 * reading_sway).max(0.02);
        match class {
            C::Weekend if (i * STEP / DAY) % 7 >= 5 => rate *= 0.3,
            C::Bursts => {
                let by = bursts.on(t, &mut dice, 4.0 * 3600.0, (300.0, 2400.0), (4.0, 10.0));
                rate *= 0.7 * by.unwrap_or(1.0);
            }
            C::Batches => {
                let on = t % batch_every < batch_length;
                rate *= if on { 0.9 * batch_every / batch_length } else { 0.1 };
            }
            C::Walk => {
                walk = (walk + dice.bell() * 0.004).clamp(-1.5, 0.8);
                rate *= walk.exp();
            }
            C::Noise => rate *= (dice.bell() * 0.8).exp() * 0.7,
            C::Shifts => {
                if t >= shift_at {
                    level = dice.within(0.4f64.ln(), 1.3f64.ln()).exp();
                    shift_at = t + dice.wait(3.0 * 86_400.0);
                }
                rate *= level;
            }
            C::Growth => rate *= 1.0 + growth * t / DAY as f64,
            C::Scaled => {
                if t >= scale_at {
                    scaled = dice.within(0.5f64.ln(), 1.6f64.ln()).exp();
                    scale_at = t + dice.within(6.0, 24.0) * 3600.0;
                }
                reads *= scaled;
            }
            C::SlowByDay => reads *= 1.0 - 0.4 * day.sin(),
            C::Hourly if t % 3600.0 >= hourly => reads = 0.0,
            _ => {}
        }
        if outages.on(t, &mut dice, outage_every, outage_length, (0.0, 1.0)).is_some() {
            reads = 0.0;
        }
        let mean = rate * STEP as f64;
        let came = (mean + if class == C::Straight { 0.0 } else { mean.sqrt() * dice.bell() }).max(0.0);
        end += came;
        ends.push(end);
        let to = if class == C::Behind {
            usize::try_from(i - (hold / STEP as f64) as i64).ok().and_then(|i| ends.get(i)).copied().unwrap_or(next)
        } else {
            end
        };
        next = (next + reads * STEP as f64).min(to).max(next);
        if i % commit_every == 0 {
            committed = next;
        }
        let at = Timestamp((BEGUN + (i + 1) * STEP) * 1_000_000);
        points.push(Point { at, end: end as i64, next: committed as i64 });
    }
    Series { points, base }
}
