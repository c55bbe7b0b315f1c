//! Times and what lies between them, in microseconds.

use chrono::{DateTime, Datelike, Timelike};

/// A part of a time or of a duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    FullYear,
    /// From 0.
    Month,
    /// From 1.
    Date,
    /// From 0.
    DayOfMonth,
    /// Sunday is 0.
    DayOfWeek,
    /// From 0.
    DayOfYear,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
}

impl Part {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "getFullYear" => Self::FullYear,
            "getMonth" => Self::Month,
            "getDate" => Self::Date,
            "getDayOfMonth" => Self::DayOfMonth,
            "getDayOfWeek" => Self::DayOfWeek,
            "getDayOfYear" => Self::DayOfYear,
            "getHours" => Self::Hours,
            "getMinutes" => Self::Minutes,
            "getSeconds" => Self::Seconds,
            "getMilliseconds" => Self::Milliseconds,
            _ => return None,
        })
    }

    /// Of a time, so many seconds east of Greenwich.
    pub(crate) fn of_time(self, micros: i64, east: i64) -> Option<i64> {
        let at = DateTime::from_timestamp_micros(micros.checked_add(east.checked_mul(1_000_000)?)?)?;
        Some(i64::from(match self {
            Self::FullYear => return Some(i64::from(at.year())),
            Self::Month => at.month0(),
            Self::Date => at.day(),
            Self::DayOfMonth => at.day0(),
            Self::DayOfWeek => at.weekday().num_days_from_sunday(),
            Self::DayOfYear => at.ordinal0(),
            Self::Hours => at.hour(),
            Self::Minutes => at.minute(),
            Self::Seconds => at.second(),
            Self::Milliseconds => at.timestamp_subsec_millis(),
        }))
    }

    /// All of it, in this unit.
    pub(crate) const fn of_duration(self, micros: i64) -> Option<i64> {
        Some(match self {
            Self::Hours => micros / 3_600_000_000,
            Self::Minutes => micros / 60_000_000,
            Self::Seconds => micros / 1_000_000,
            Self::Milliseconds => micros / 1000,
            _ => return None,
        })
    }
}

/// RFC 3339.
pub(crate) fn timestamp(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.timestamp_micros())
}

/// `UTC`, or hours and minutes: `+01:00`, `-08:00`. Seconds east.
pub(crate) fn zone(text: &str) -> Option<i64> {
    if matches!(text, "UTC" | "Z" | "") {
        return Some(0);
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (hours, minutes) = digits.split_once(':')?;
    let (hours, minutes): (u8, u8) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then(|| sign * (i64::from(hours) * 3600 + i64::from(minutes) * 60))
}

/// `1h30m`, `1.5s`, `-250ms`.
pub(crate) fn duration(text: &str) -> Option<i64> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut micros = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(digits);
        let unit = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(unit);
        let each = match unit {
            "h" => 3.6e9,
            "m" => 6e7,
            "s" => 1e6,
            "ms" => 1e3,
            "us" | "µs" => 1.0,
            "ns" => 1e-3,
            _ => return None,
        };
        micros += number.parse::<f64>().ok()? * each;
        rest = after;
    }
    // 10,000 years, as the specification has it.
    (micros < 3.2e17).then_some((sign * micros) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_zones() {
        for (text, micros) in [
            ("1h30m", Some(5_400_000_000)),
            ("1.5s", Some(1_500_000)),
            ("-250ms", Some(-250_000)),
            ("0", Some(0)),
            ("7us", Some(7)),
            ("", None),
            ("1", None),
            ("h", None),
            ("1x", None),
            ("1..2s", None),
            ("99999999999999999999h", None),
        ] {
            assert_eq!(duration(text), micros, "{text}");
        }
        assert_eq!(
            (zone("+01:30"), zone("-08:00"), zone("UTC"), zone("25:00")),
            (Some(5400), Some(-28800), Some(0), None)
        );
    }
}
