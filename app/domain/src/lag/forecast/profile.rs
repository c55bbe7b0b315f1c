use super::{History, Point, SLOT, arriving::Arriving, outlook, reading::Reading, secs_between};
use crate::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longer without an observation, and nothing is learnt of what happened meanwhile.
const HOLE: f64 = 3600.0;
/// A group that has been behind for so long may be meant to be.
const BEHIND_FOR_LONG: f64 = 43_200.0;
/// A forecast needs to have watched for so long.
pub(super) const SHORTEST: f64 = 180.0;

/// What is kept of a group's past on one channel: some 4 KB, 6 KB as JSON, brought up to date in constant time.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct Profile {
    last: Option<Point>,
    /// Seconds that were watched, up to a day.
    watched: f64,
    /// Seconds that it has been behind all the time.
    behind_for: f64,
    arriving: Arriving,
    reading: Reading,
    bands: Bands,
}

/// How wide bands are made so that eight of ten forecasts fall into them: widened by each that did not, narrowed by each
/// that did (Gibbs and Candès, Adaptive Conformal Inference Under Distribution Shift, 2021).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Bands {
    /// Multiples of the mean error, for each of [`DUE`].
    pub width: [f32; DUE.len()],
    /// How many of the last forecasts came nearer than saying that lag stays as it is; of how many.
    nearer: [f32; DUE.len()],
    judged: [u16; DUE.len()],
    due: Vec<Due>,
}

/// A forecast that is to be judged when a slot begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Due {
    slot: i64,
    kind: usize,
    /// Lag when it was made.
    was: f32,
    low: f32,
    mid: f32,
    high: f32,
}

impl Bands {
    fn sound(&self) -> bool {
        self.width.iter().chain(&self.nearer).all(|x| x.is_finite() && *x >= 0.0)
    }

    /// How much of a forecast is to be taken from the lag of now: where saying that it stays as it is came nearer. (Of a group
    /// that is behind now and then, it may be the next batch that brings its lag back: that is none.)
    pub fn level(&self, kind: usize, behind_for: f64) -> f64 {
        if self.judged[kind] < 12 || behind_for < BEHIND_FOR_LONG {
            return 0.0;
        }
        ((0.5 - f64::from(self.nearer[kind])) / 0.2).clamp(0.0, 1.0)
    }
}

/// Forecasts of lag are judged after so many slots.
pub(super) const DUE: [i64; 2] = [2, 8];

impl Default for Bands {
    fn default() -> Self {
        Self { width: [0.9, 0.9], nearer: [1.0; 2], judged: [0; 2], due: Vec::new() }
    }
}

impl Serialize for Profile {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, s)
    }
}

/// What was kept by another version, or was tampered with, costs accuracy only.
impl<'de> Deserialize<'de> for Profile {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let mut profile = Self::deserialize(d)?;
        profile.mend();
        Ok(profile)
    }
}

impl Profile {
    /// From what was observed, in whatever order it comes.
    pub fn of(history: &History) -> Self {
        let mut profile = Self::default();
        let mut points: Vec<_> = history.older.iter().chain(&history.recent).copied().collect();
        points.sort_by_key(|p| p.at);
        for point in points {
            profile.update(point);
        }
        profile
    }

    /// Takes in an observation. One that is not later than the last is left out.
    pub fn update(&mut self, point: Point) {
        let Some(last) = self.last else {
            self.last = Some(point);
            return;
        };
        if point.at <= last.at {
            return;
        }
        let secs = secs_between(last.at, point.at);
        self.last = Some(point);
        if secs > HOLE {
            self.reading.broken_off();
            return;
        }
        let slot = super::arriving::slot_of(point.at);
        if super::arriving::slot_of(last.at) != slot {
            self.judge(slot, last);
        }
        self.watched = (self.watched + secs).min(86_400.0);
        let arrived = point.end.saturating_sub(last.end) as f64;
        let read = point.next.saturating_sub(last.next) as f64;
        if arrived < 0.0 {
            // The channel was made anew.
            self.reading.broken_off();
            return;
        }
        let behind = last.lag() as f64 > self.reading.ease(self.arriving.now());
        self.behind_for = if behind { (self.behind_for + secs).min(1e9) } else { 0.0 };
        self.arriving.add(last.at, point.at, arrived, behind);
        if read < 0.0 {
            // Its position was moved back.
            self.reading.broken_off();
            return;
        }
        self.reading.add(slot, secs, read, last.lag() as f64, point.lag() as f64, self.arriving.now());
    }

    /// What is summed up is another from here on (partitions were added, or can't be told any more): the step from the last
    /// observation to this one tells nothing.
    pub fn rebase(&mut self, point: Point) {
        self.reading.broken_off();
        self.last = Some(point);
    }

    /// The last observation.
    pub fn last(&self) -> Option<Point> {
        self.last
    }

    /// So little is unread that nobody need wait for it.
    pub(super) fn keeps_up(&self, lag: u64) -> bool {
        self.watched >= SHORTEST && lag as f64 <= self.reading.ease(self.arriving.now())
    }

    pub(super) fn known(&self) -> outlook::Known<'_> {
        outlook::Known {
            watched: self.watched,
            behind_for: self.behind_for,
            arriving: self.arriving.ahead(),
            fast: self.arriving.now(),
            reading: &self.reading,
        }
    }

    pub(super) fn bands(&self) -> &Bands {
        &self.bands
    }

    /// What is not whole is begun anew.
    fn mend(&mut self) {
        if !self.arriving.sound() {
            self.arriving = Arriving::default();
        }
        if !self.reading.sound() {
            self.reading = Reading::default();
        }
        if ![self.watched, self.behind_for].iter().all(|x| x.is_finite()) || !self.bands.sound() {
            (self.watched, self.bands) = (0.0, Bands::default());
        }
    }

    /// A slot begins: forecasts that are due are judged by the lag there is, and new ones are made.
    fn judge(&mut self, slot: i64, last: Point) {
        let lag = last.lag() as f32;
        let bands = &mut self.bands;
        let Bands { width, nearer, judged, due } = bands;
        due.retain(|d| {
            let kind = d.kind;
            if d.slot > slot || kind >= DUE.len() {
                return kind < DUE.len();
            }
            if d.slot == slot {
                let step = if (d.low..=d.high).contains(&lag) { -0.2 } else { 0.8 };
                width[kind] = (width[kind] * (0.08f32 * step).exp()).clamp(0.3, 8.0);
                judged[kind] = judged[kind].saturating_add(1);
                let weight = (1.0 / (f32::from(judged[kind]) + 4.0)).max(0.04);
                let won = if (lag - d.mid).abs() <= (lag - d.was).abs() { 1.0 } else { 0.0 };
                nearer[kind] += (won - nearer[kind]) * weight;
            }
            false
        });
        // What becomes of one that stands depends on who restarts it.
        if self.watched < SLOT as f64
            || self.reading.stands()
            || last.lag() as f64 <= self.reading.ease(self.arriving.now())
        {
            return;
        }
        let at = Timestamp(slot.saturating_mul(SLOT * 1_000_000));
        let ahead = outlook::at(at, last.lag(), &self.known(), &self.bands, false, &DUE.map(|d| (d * SLOT) as f64));
        for (kind, ahead) in ahead.iter().enumerate() {
            if self.bands.due.len() < 16 {
                self.bands.due.push(Due {
                    slot: slot.saturating_add(DUE[kind]),
                    kind,
                    was: last.lag() as f32,
                    low: ahead.low as f32,
                    mid: ahead.mid as f32,
                    high: ahead.high as f32,
                });
            }
        }
    }
}
