//! The time range as the address holds it: `from=-1h` (open, moves with the clock) or absolute UTC
//! (`2026-11-22T14:32:08Z`, and what a `datetime-local` field sends). Half-open, as the filter is.

use crate::ui::{Civil, TimeForm, Zone, time};
use weir_domain::Timestamp;

/// The ranges offered by name: what the address says, and what the page says.
pub const PRESETS: &[(&str, &str)] =
    &[("-15m", "Last 15 min"), ("-1h", "Last 1 h"), ("-6h", "Last 6 h"), ("-24h", "Last 24 h"), ("-7d", "Last 7 d")];

/// One end of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Seconds before now.
    Ago(i64),
    At(Timestamp),
}

impl End {
    /// The moment it means.
    #[cfg(feature = "ssr")]
    pub fn at(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Ago(secs) => now.plus_secs(-secs),
            Self::At(at) => at,
        }
    }

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

/// The range in words, as the button and the chip say it.
pub fn words(from: Option<&str>, to: Option<&str>, zone: Zone) -> String {
    let short = |text: &str| match End::parse(text) {
        Some(End::At(t)) => time::text(t, TimeForm::Date, zone),
        Some(End::Ago(_)) => text.trim().trim_start_matches('-').to_owned() + " ago",
        None => super::visible::plain(text),
    };
    let absolute = |text: Option<&str>| matches!(text.and_then(End::parse), Some(End::At(_)));
    let words = match (from, to) {
        (None, None) => "Any time".into(),
        (Some(from), None) => match PRESETS.iter().find(|(p, _)| *p == from) {
            Some((_, name)) => (*name).into(),
            None => format!("{} to now", short(from)),
        },
        (None, Some(to)) => format!("Up to {}", short(to)),
        (Some(from), Some(to)) => {
            let (from, to) = (short(from), short(to));
            // The day once, where both are of one.
            let clock = to.get(11..).filter(|_| to.len() == 19 && to.get(..10) == from.get(..10));
            format!("{from} to {}", clock.unwrap_or(&to))
        }
    };
    match (absolute(from) || absolute(to), zone) {
        (false, _) => words,
        (true, Zone::Utc) => words + " UTC",
        (true, Zone::Local) => words + " local",
    }
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
            let at = End::parse(text).map(|end| match end {
                End::Ago(secs) => NOW.plus_secs(-secs),
                End::At(t) => t,
            });
            assert_eq!(at.map(Timestamp::rfc3339).as_deref(), Some(want), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "-",
            "-5",
            "-h",
            "--1h",
            "-0h",
            "-1y",
            "now",
            "2026-13-01",
            "2025-02-29",
            "2026-1-1",
            "2026-11-22T24:00",
            "2026-11-22T14",
            "2026-11-22T14:30:60",
            "2026-11-22T14:30:07.",
            "2026-11-22T14:30:07.x",
            "+026-11-22",
            "-99999999999999999999d",
            "2026-11-22T14:30:07+01:00",
        ] {
            assert_eq!(End::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_range_has_words() {
        for (from, to, want) in [
            (None, None, "Any time"),
            (Some("-6h"), None, "Last 6 h"),
            (Some("-90s"), None, "90s ago to now"),
            (None, Some("2026-11-22T14:30:07.604Z"), "Up to 2026-11-22 14:30:07 UTC"),
            (Some("2026-11-22"), Some("2026-11-22T14:30:07.604Z"), "2026-11-22 00:00:00 to 14:30:07 UTC"),
            (Some("2026-11-21"), Some("2026-11-22"), "2026-11-21 00:00:00 to 2026-11-22 00:00:00 UTC"),
            (Some("-2h"), Some("-1h"), "2h ago to 1h ago"),
            (Some("no\0"), None, "no␀ to now"),
        ] {
            assert_eq!(words(from, to, Zone::Utc), want);
        }
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
