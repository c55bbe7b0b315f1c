//! The time range as the address holds it: `from=-1h` (open, moves with the clock) or absolute UTC
//! (`2026-11-22T14:32:08Z`, and what a `datetime-local` field sends). Half-open, as the filter is.

use crate::ui::Civil;
use weir_domain::{Timestamp, events::TimeRange};

/// The ranges offered by name: what the address says, and what the page says.
pub const PRESETS: &[(&str, &str)] = &[
    ("-15m", "Last 15 min"),
    ("-1h", "Last 1 h"),
    ("-6h", "Last 6 h"),
    ("-24h", "Last 24 h"),
    ("-7d", "Last 7 d"),
];

/// One end of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Seconds before now.
    Ago(i64),
    At(Timestamp),
}

impl End {
    /// `-90s`, `-15m`, `-6h`, `-7d`, or an absolute UTC time. `None`: not a time.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(ago) = text.strip_prefix('-') {
            let unit = ago.chars().last()?;
            let each = match unit {
                's' => 1,
                'm' => 60,
                'h' => 3600,
                'd' => 86_400,
                _ => return None,
            };
            let count: i64 = ago.strip_suffix(unit)?.parse().ok().filter(|n| (1..=100_000_000).contains(n))?;
            return Some(Self::Ago(count.checked_mul(each)?));
        }
        absolute(text).map(Self::At)
    }

    pub const fn resolve(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Ago(secs) => now.plus_secs(-secs),
            Self::At(t) => t,
        }
    }
}

/// Reads `2026-11-22`, `2026-11-22T14:32`, `…:08`, `….604`, with or without a final `Z`. Always UTC.
fn absolute(text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00"));
    let mut parts = date.splitn(3, '-');
    let (y, m, d) = (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut parts = clock.splitn(3, ':');
    let (h, min) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let s = parts.next().map_or(Some(0), |s| digits(s, 2))?;
    if !(1..=12).contains(&m) || !(1..=days_in(y, m)).contains(&d) || h > 23 || min > 59 || s > 59 {
        return None;
    }
    if fraction.is_empty() || fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let micros: i64 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    Some(Timestamp((((days_from_civil(y, m, d) * 24 + h) * 60 + min) * 60 + s) * 1_000_000 + micros))
}

fn digits(text: &str, len: usize) -> Option<i64> {
    (text.len() == len && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

const fn days_in(y: i64, m: i64) -> i64 {
    match m {
        4 | 6 | 9 | 11 => 30,
        2 if y % 4 == 0 && (y % 100 != 0 || y % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 (Hinnant, "chrono-compatible low-level date algorithms").
const fn days_from_civil(y: i64, m: i64, d: i64) -> i64 {
    let y = if m <= 2 { y - 1 } else { y };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * (m + if m > 2 { -3 } else { 9 }) + 2) / 5 + d - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

/// Why a range can't be used; the page says it beside the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RangeProblem {
    From,
    To,
    Backwards,
}

impl RangeProblem {
    /// What is wrong, and what to do.
    pub const fn words(self) -> (&'static str, &'static str) {
        const WRITE: &str = "Write it like 2026-11-22T14:30:00Z or -1h; times are in UTC.";
        match self {
            Self::From => ("The beginning of the range is not a time.", WRITE),
            Self::To => ("The end of the range is not a time.", WRITE),
            Self::Backwards => ("The range ends before it begins.", "Swap its two times."),
        }
    }
}

/// The range to ask for at `now`. Empty texts are open ends.
pub fn resolve(from: Option<&str>, to: Option<&str>, now: Timestamp) -> Result<TimeRange, RangeProblem> {
    let end = |text: Option<&str>, problem| {
        text.filter(|t| !t.trim().is_empty())
            .map(|t| End::parse(t).map(|e| e.resolve(now)).ok_or(problem))
            .transpose()
    };
    TimeRange::new(end(from, RangeProblem::From)?, end(to, RangeProblem::To)?).map_err(|_| RangeProblem::Backwards)
}

/// What a `datetime-local` field holds: UTC without the zone, to the second.
pub fn field_value(t: Timestamp) -> String {
    let c = Civil::from_micros(t.0);
    format!("{}T{}", c.date(), c.clock())
}

/// Absolute to the millisecond, for copied links: seconds alone would lose the newest rows.
pub fn absolute_text(t: Timestamp) -> String {
    let c = Civil::from_micros(t.0);
    format!("{}T{}Z", c.date(), c.clock_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_357_928_000_000);

    #[test]
    fn reads_relative_and_absolute_ends() {
        assert_eq!(NOW.rfc3339(), "2026-11-22T14:32:08.000000Z");
        for (text, want) in [
            ("-15m", "2026-11-22T14:17:08.000000Z"),
            ("-90s", "2026-11-22T14:30:38.000000Z"),
            ("-24h", "2026-11-21T14:32:08.000000Z"),
            ("-7d", "2026-11-15T14:32:08.000000Z"),
            ("2026-11-22", "2026-11-22T00:00:00.000000Z"),
            ("2026-11-22T14:30", "2026-11-22T14:30:00.000000Z"),
            ("2026-11-22 14:30:07", "2026-11-22T14:30:07.000000Z"),
            ("2026-11-22T14:30:07.604Z", "2026-11-22T14:30:07.604000Z"),
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z"),
            ("1969-12-31T23:59:59.5", "1969-12-31T23:59:59.500000Z"),
            ("2024-02-29", "2024-02-29T00:00:00.000000Z"),
            ("9999-12-31T23:59:59.999999", "9999-12-31T23:59:59.999999Z"),
        ] {
            assert_eq!(End::parse(text).map(|e| e.resolve(NOW).rfc3339()).as_deref(), Some(want), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "", "-", "-5", "-h", "--1h", "-0h", "-1y", "now", "2026-13-01", "2025-02-29", "2026-1-1", "2026-11-22T24:00",
            "2026-11-22T14", "2026-11-22T14:30:60", "2026-11-22T14:30:07.", "2026-11-22T14:30:07.x", "+026-11-22",
            "-99999999999999999999d", "2026-11-22T14:30:07+01:00",
        ] {
            assert_eq!(End::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_range_is_half_open_and_forward() {
        let at = |s: &str| match End::parse(s) {
            Some(e) => Some(e.resolve(NOW)),
            None => panic!("{s}"),
        };
        assert_eq!(resolve(Some("-1h"), None, NOW), Ok(TimeRange { from: at("-1h"), to: None }));
        assert_eq!(resolve(Some(""), Some(" "), NOW), Ok(TimeRange::default()));
        assert_eq!(resolve(Some("x"), None, NOW), Err(RangeProblem::From));
        assert_eq!(resolve(None, Some("x"), NOW), Err(RangeProblem::To));
        assert_eq!(resolve(Some("-1h"), Some("-2h"), NOW), Err(RangeProblem::Backwards));
    }

    #[test]
    fn what_is_written_is_read_back() {
        let t = Timestamp(NOW.0 + 604_000);
        assert_eq!(field_value(t), "2026-11-22T14:32:08");
        assert_eq!(absolute_text(t), "2026-11-22T14:32:08.604Z");
        assert_eq!(End::parse(&absolute_text(t)), Some(End::At(t)));
        for (preset, _) in PRESETS {
            assert!(matches!(End::parse(preset), Some(End::Ago(_))), "{preset}");
        }
    }
}
