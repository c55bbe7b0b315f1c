//! Time is a parameter: rules receive a [`Timestamp`], adapters a [`Clock`].

use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01T00:00:00Z; may be negative (before 1970) or far ahead (year 9999).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    pub const EPOCH: Self = Self(0);

    /// Broker milliseconds; saturates where microseconds would overflow.
    pub const fn from_millis(ms: i64) -> Self {
        Self(ms.saturating_mul(1000))
    }
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1000)
    }
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }
    pub const fn plus_secs(self, secs: i64) -> Self {
        self.plus_micros(secs.saturating_mul(1_000_000))
    }
    /// `self - earlier` in microseconds, saturating; negative if `earlier` is later.
    pub const fn micros_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
    /// Civil date and time in UTC, or `None` outside chrono's range (about ±262,000 years).
    pub fn civil(self) -> Option<chrono::DateTime<chrono::Utc>> {
        chrono::DateTime::from_timestamp_micros(self.0)
    }
    /// RFC 3339 in UTC with microseconds, `2026-11-22T14:32:08.123456Z`; raw microseconds if not representable.
    pub fn rfc3339(self) -> String {
        use chrono::{Datelike, Timelike};
        match self.civil() {
            Some(t) => format!(
                "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
                t.year(),
                t.month(),
                t.day(),
                t.hour(),
                t.minute(),
                t.second(),
                t.nanosecond() / 1000 % 1_000_000
            ),
            None => format!("{} µs since 1970", self.0),
        }
    }
}

/// The only way to learn the time outside the composition root.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}
