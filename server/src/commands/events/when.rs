//! Times as people give them.

use weir_domain::Timestamp;

/// A moment, or how long ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    At(Timestamp),
    /// Seconds.
    Ago(i64),
}

impl When {
    /// # Errors
    /// How it is written.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Ok(time) = chrono::DateTime::parse_from_rfc3339(text) {
            return Ok(Self::At(Timestamp(time.timestamp_micros())));
        }
        let unit = |c: char| match c {
            's' => Some(1),
            'm' => Some(60),
            'h' => Some(3600),
            'd' => Some(86_400),
            _ => None,
        };
        let ago = || {
            let seconds = unit(text.chars().next_back()?)?;
            let number: u32 = text.get(..text.len() - 1)?.parse().ok()?;
            i64::from(number).checked_mul(seconds)
        };
        ago().map(Self::Ago).ok_or_else(|| "write 2026-11-22T08:00:00Z, or how long ago: 90s, 15m, 2h, 7d".to_owned())
    }

    pub fn at(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(time) => time,
            // Long ago enough is before everything; a time has to be writable.
            Self::Ago(seconds) => now.plus_secs(-seconds).max(Timestamp::EPOCH),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_lengths() {
        for (text, want) in [
            ("2026-11-22T08:00:00Z", Some(When::At(Timestamp(1_795_334_400_000_000)))),
            ("2026-11-22T09:00:00+01:00", Some(When::At(Timestamp(1_795_334_400_000_000)))),
            ("90s", Some(When::Ago(90))),
            ("15m", Some(When::Ago(900))),
            ("2h", Some(When::Ago(7200))),
            ("7d", Some(When::Ago(604_800))),
            ("", None),
            ("d", None),
            ("-1h", None),
            ("1.5h", None),
            ("5 min", None),
            ("99999999999d", None),
            ("é", None),
            ("yesterday", None),
        ] {
            assert_eq!(When::parse(text).ok(), want, "{text:?}");
        }
        let now = Timestamp(1_795_334_400_000_000);
        assert_eq!(When::Ago(60).at(now), now.plus_secs(-60));
        assert_eq!(When::Ago(i64::from(u32::MAX) * 86_400).at(now), Timestamp::EPOCH);
    }
}
