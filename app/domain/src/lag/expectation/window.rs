use crate::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

pub(super) const HOUR_SECS: i64 = 3600;
pub(super) const DAY_SECS: i64 = 24 * HOUR_SECS;
const MICROS: i64 = 1_000_000;
const DAY_MINUTES: u16 = 24 * 60;
/// Who starts so much before its window has run in it.
pub(super) const EARLY_SECS: i64 = HOUR_SECS / 2;

/// Days of the week, one at least. A bit each, from Monday on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Days(u8);

const NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

impl Days {
    pub const ALL: Self = Self(0b111_1111);

    /// Of numbers, Monday being 0; `None` where there is none.
    pub fn of(days: impl IntoIterator<Item = u8>) -> Option<Self> {
        Self::try_from(days.into_iter().filter(|d| *d < 7).fold(0, |all, d| all | 1 << d)).ok()
    }
    pub const fn has(self, day: u8) -> bool {
        day < 7 && self.0 & (1 << day) != 0
    }
    pub const fn count(self) -> u32 {
        self.0.count_ones()
    }
}

impl TryFrom<u8> for Days {
    type Error = &'static str;

    fn try_from(bits: u8) -> Result<Self, Self::Error> {
        match bits {
            1..=0b111_1111 => Ok(Self(bits)),
            _ => Err("days are 1 to 127, a bit for each from Monday on"),
        }
    }
}

impl From<Days> for u8 {
    fn from(days: Days) -> Self {
        days.0
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::ALL {
            return f.write_str("daily");
        }
        let names: Vec<_> = (0..7u8).zip(NAMES).filter(|(day, _)| self.has(*day)).map(|(_, name)| name).collect();
        f.write_str(&names.join(", "))
    }
}

/// When a scheduled group runs, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Plain", into = "Plain")]
pub struct Window {
    /// On which it begins.
    days: Days,
    /// Minute of the day.
    from: u16,
    /// Minute of the day that is not in it any more; of the next day where it is no later than `from`.
    until: u16,
}

/// As it is stored.
#[derive(Serialize, Deserialize)]
struct Plain {
    days: Days,
    from: u16,
    until: u16,
}

impl TryFrom<Plain> for Window {
    type Error = &'static str;

    fn try_from(Plain { days, from, until }: Plain) -> Result<Self, Self::Error> {
        Self::new(days, from, until).ok_or("minutes of a day are 0 to 1439")
    }
}

impl From<Window> for Plain {
    fn from(Window { days, from, until }: Window) -> Self {
        Self { days, from, until }
    }
}

impl Window {
    /// `None` where a minute is none of a day.
    pub fn new(days: Days, from: u16, until: u16) -> Option<Self> {
        (from < DAY_MINUTES && until < DAY_MINUTES).then_some(Self { days, from, until })
    }
    pub const fn days(&self) -> Days {
        self.days
    }

    fn length_secs(&self) -> i64 {
        let minutes = match i64::from(self.until) - i64::from(self.from) {
            n if n > 0 => n,
            n => n + i64::from(DAY_MINUTES),
        };
        minutes * 60
    }

    /// When the last of it began that has ended.
    pub(super) fn last_begun_and_ended(&self, now: Timestamp) -> Option<Timestamp> {
        let now = now.0.div_euclid(MICROS);
        let today = now.div_euclid(DAY_SECS);
        // The one of today a week ago has ended in any case.
        (today - 8..=today)
            .rev()
            .filter(|day| self.days.has(weekday(*day)))
            .map(|day| day * DAY_SECS + i64::from(self.from) * 60)
            .find(|began| began + self.length_secs() <= now)
            .map(|began| Timestamp(began.saturating_mul(MICROS)))
    }

    /// `daily 02:00-02:40`, `Mon, Thu 22:00-01:30`; no days: every day.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let text = text.strip_suffix("UTC").unwrap_or(text).trim_end().replace(" -", "-").replace("- ", "-");
        let (days, times) = text.rsplit_once(' ').unwrap_or(("", &text));
        let days = parse_days(days)?;
        let (from, until) = times.split_once(['-', '–']).ok_or_else(|| format!("\"{times}\" is no window of time."))?;
        let (from, until) = (minute(from)?, minute(until)?);
        // 24:00 is the next day's beginning.
        Self::new(days, from, until % DAY_MINUTES).ok_or_else(|| format!("\"{times}\" begins at no minute of a day."))
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { days, from, until } = self;
        write!(f, "{days} {:02}:{:02}-{:02}:{:02}", from / 60, from % 60, until / 60, until % 60)
    }
}

/// Monday is 0. 1970 began on a Thursday.
pub(super) fn weekday(day: i64) -> u8 {
    u8::try_from(day.saturating_add(3).rem_euclid(7)).unwrap_or(0)
}

fn parse_days(text: &str) -> Result<Days, String> {
    let words = text.split([',', ' ']).filter(|w| !w.is_empty());
    let mut bits = 0;
    for word in words {
        let lower = word.to_ascii_lowercase();
        bits |= match lower.as_str() {
            "daily" => Days::ALL.0,
            "weekdays" => 0b001_1111,
            "weekends" => 0b110_0000,
            "and" => 0,
            _ => {
                // "Mon" or "Monday".
                let whole = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
                let day = whole.iter().position(|day| lower == *day || lower.get(..) == day.get(..3));
                1 << day.ok_or_else(|| format!("\"{word}\" is no day of the week."))?
            }
        };
    }
    Ok(Days::try_from(bits).unwrap_or(Days::ALL))
}

fn minute(text: &str) -> Result<u16, String> {
    let wrong = || format!("\"{}\" is no time of day.", text.trim());
    let (hours, minutes) = text.trim().split_once(':').ok_or_else(wrong)?;
    let digits = |s: &str| (1..=2).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(hours) || !digits(minutes) {
        return Err(wrong());
    }
    match (hours.parse::<u16>(), minutes.parse::<u16>()) {
        (Ok(24), Ok(0)) => Ok(DAY_MINUTES),
        (Ok(h), Ok(m)) if h < 24 && m < 60 => Ok(h * 60 + m),
        _ => Err(wrong()),
    }
}
