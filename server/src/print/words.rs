//! Figures and times in words.

use weir_domain::Timestamp;
pub use weir_domain::figures::bytes;

/// An unknown figure, which is not 0.
pub const UNKNOWN: &str = "–";

pub fn known<T: std::fmt::Display>(value: Option<T>) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), |v| v.to_string())
}

/// Events a second.
pub fn rate(per_s: Option<f64>) -> String {
    match per_s {
        None => UNKNOWN.to_owned(),
        Some(n) if n >= 100.0 => format!("{n:.0}"),
        Some(n) => format!("{n:.1}"),
    }
}

/// `11-22 14:32:08`: the year is known.
pub fn clock(at: Timestamp) -> String {
    at.rfc3339().get(5..19).unwrap_or_default().replace('T', " ")
}

/// `2026-11-22 14:32:08`
pub fn date(at: Timestamp) -> String {
    at.rfc3339().get(..19).unwrap_or_default().replace('T', " ")
}

/// `3 ms`, `12 s`, `5 min`, `7 h`, `40 days`.
pub fn length(micros: i64) -> String {
    let ms = micros.unsigned_abs() / 1000;
    match ms {
        0..=999 => format!("{ms} ms"),
        1_000..=119_999 => format!("{} s", ms / 1000),
        120_000..=7_199_999 => format!("{} min", ms / 60_000),
        7_200_000..=172_799_999 => format!("{} h", ms / 3_600_000),
        _ => format!("{} days", ms / 86_400_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures() {
        assert_eq!((rate(None), rate(Some(0.25)), rate(Some(1234.5))), ("–".into(), "0.2".into(), "1234".into()));
        let at = Timestamp(1_795_357_928_214_123);
        assert_eq!((clock(at).as_str(), date(at).as_str()), ("11-22 14:32:08", "2026-11-22 14:32:08"));
        let day = 86_400_000_000;
        for (us, want) in [(-3_000, "3 ms"), (61_000_000, "61 s"), (day / 24 * 47, "47 h"), (40 * day, "40 days")] {
            assert_eq!(length(us), want);
        }
    }
}
