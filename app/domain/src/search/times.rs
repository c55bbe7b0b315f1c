//! Times as a query writes them. One that leaves out its end means all of it: a day, a minute, a second.

use chrono::{Duration, NaiveDate, NaiveDateTime};

/// First and last microsecond; `None` if it is no time.
pub(super) fn span(text: &str) -> Option<(i64, i64)> {
    let (date, clock) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let (from, to) = match clock {
        None => days(date)?,
        Some(clock) => {
            let day = days(date).filter(|_| date.len() == 10)?.0;
            let (clock, behind) = zone(clock)?;
            let (after, long) = moment(clock)?;
            let from = day.checked_add_signed(after)?.checked_sub_signed(behind)?;
            (from, from.checked_add_signed(long)?)
        }
    };
    let micros = |t: NaiveDateTime| t.and_utc().timestamp_micros();
    Some((micros(from), micros(to).checked_sub(1)?))
}

/// `2026`, `2026-11` or `2026-11-22`: its begin and its end.
fn days(text: &str) -> Option<(NaiveDateTime, NaiveDateTime)> {
    let mut parts = text.split('-');
    let year: i32 = fixed(parts.next()?, 4)?;
    let month: Option<u32> = parts.next().map(|t| fixed(t, 2)).map_or(Some(None), |m| m.map(Some))?;
    let day: Option<u32> = parts.next().map(|t| fixed(t, 2)).map_or(Some(None), |d| d.map(Some))?;
    if parts.next().is_some() {
        return None;
    }
    let first = NaiveDate::from_ymd_opt(year, month.unwrap_or(1), day.unwrap_or(1))?;
    let next = match (month, day) {
        (_, Some(_)) => first.succ_opt()?,
        (Some(12), None) | (None, _) => NaiveDate::from_ymd_opt(year + 1, 1, 1)?,
        (Some(month), None) => NaiveDate::from_ymd_opt(year, month + 1, 1)?,
    };
    Some((first.and_hms_opt(0, 0, 0)?, next.and_hms_opt(0, 0, 0)?))
}

/// `14`, `14:30`, `14:30:05` or `14:30:05.25`: how far into the day, and how long.
fn moment(text: &str) -> Option<(Duration, Duration)> {
    let mut parts = text.split(':');
    let hour: i64 = fixed(parts.next()?, 2).filter(|h| *h < 24)?;
    let start = Duration::hours(hour);
    let Some(minute) = parts.next() else { return Some((start, Duration::hours(1))) };
    let start = start + Duration::minutes(fixed(minute, 2).filter(|m| *m < 60)?);
    let Some(second) = parts.next() else { return Some((start, Duration::minutes(1))) };
    let (second, fraction) = second.split_once('.').map_or((second, None), |(s, f)| (s, Some(f)));
    let start = start + Duration::seconds(fixed(second, 2).filter(|s| *s < 60)?);
    if parts.next().is_some() {
        return None;
    }
    let Some(fraction) = fraction else { return Some((start, Duration::seconds(1))) };
    let digits = u32::try_from(fraction.len()).ok().filter(|n| (1..=6).contains(n))?;
    let unit = 10_i64.pow(6 - digits);
    let micros = fixed::<i64>(fraction, fraction.len())?.checked_mul(unit)?;
    Some((start + Duration::microseconds(micros), Duration::microseconds(unit)))
}

/// The clock's text without its zone, and how far that is ahead of UTC.
fn zone(clock: &str) -> Option<(&str, Duration)> {
    if let Some(clock) = clock.strip_suffix(['Z', 'z']) {
        return Some((clock, Duration::zero()));
    }
    let Some(at) = clock.find(['+', '-']) else { return Some((clock, Duration::zero())) };
    let (clock, zone) = clock.split_at(at);
    let (hours, minutes) = zone[1..].split_once(':').unwrap_or((&zone[1..], "00"));
    let size = fixed::<i64>(hours, 2).filter(|h| *h < 24)? * 60 + fixed::<i64>(minutes, 2).filter(|m| *m < 60)?;
    Some((clock, Duration::minutes(if zone.starts_with('-') { -size } else { size })))
}

/// Exactly so many digits.
fn fixed<T: std::str::FromStr>(text: &str, digits: usize) -> Option<T> {
    (text.len() == digits && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;

    fn told(text: &str) -> Option<(String, String)> {
        span(text).map(|(a, z)| (Timestamp(a).rfc3339(), Timestamp(z).rfc3339()))
    }

    #[test]
    fn what_is_left_out_is_meant_whole() {
        for (text, from, to) in [
            ("2026", "2026-01-01T00:00:00.000000Z", "2026-12-31T23:59:59.999999Z"),
            ("2026-02", "2026-02-01T00:00:00.000000Z", "2026-02-28T23:59:59.999999Z"),
            ("2026-12", "2026-12-01T00:00:00.000000Z", "2026-12-31T23:59:59.999999Z"),
            ("2024-02-29", "2024-02-29T00:00:00.000000Z", "2024-02-29T23:59:59.999999Z"),
            ("2026-11-22T14", "2026-11-22T14:00:00.000000Z", "2026-11-22T14:59:59.999999Z"),
            ("2026-11-22 14:30", "2026-11-22T14:30:00.000000Z", "2026-11-22T14:30:59.999999Z"),
            ("2026-11-22T14:30:05Z", "2026-11-22T14:30:05.000000Z", "2026-11-22T14:30:05.999999Z"),
            ("2026-11-22T00:30:05.25+01:00", "2026-11-21T23:30:05.250000Z", "2026-11-21T23:30:05.259999Z"),
            ("2026-11-22T14:30:05.123456-0530", "", ""),
            ("2026-11-22T14:30:05.123456-05:30", "2026-11-22T20:00:05.123456Z", "2026-11-22T20:00:05.123456Z"),
        ] {
            let want = (!from.is_empty()).then(|| (from.to_owned(), to.to_owned()));
            assert_eq!(told(text), want, "{text}");
        }
    }

    #[test]
    fn what_is_no_time() {
        for text in [
            "",
            "-2h",
            "now",
            "26-11-22",
            "2026-13",
            "2025-02-29",
            "2026-11-22T24:00",
            "2026-11-22T14:60",
            "2026-11T14:00",
            "2026-11-22T",
            "2026-11-22T1:00",
            "2026-11-22-01",
            "+026-11-22",
            "2026-11-22T14:00:00.1234567",
            "2026-11-22T14:00é",
            "é",
        ] {
            assert_eq!(span(text), None, "{text}");
        }
    }
}
