//! Civil dates by hand: chrono would weigh a fifth of the bundle.

/// A moment split into civil date and time of day, in whatever zone the microseconds were shifted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Civil {
    pub year: i64,
    pub month: u32,
    pub day: u32,
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
    pub micros: u32,
}

impl Civil {
    /// From microseconds since 1970, proleptic Gregorian calendar
    /// (H. Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`).
    pub fn from_micros(us: i64) -> Self {
        const DAY: i64 = 86_400_000_000;
        let of_day = us.rem_euclid(DAY);
        let z = us.div_euclid(DAY) + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        let s = of_day / 1_000_000;
        Self {
            year: yoe + era * 400 + i64::from(month <= 2),
            month: month as u32,
            day: (doy - (153 * mp + 2) / 5 + 1) as u32,
            hour: (s / 3600) as u32,
            minute: (s / 60 % 60) as u32,
            second: (s % 60) as u32,
            micros: (of_day % 1_000_000) as u32,
        }
    }

    /// `2026-11-22`
    pub fn date(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// `14:32:08`
    pub fn clock(&self) -> String {
        format!("{:02}:{:02}:{:02}", self.hour, self.minute, self.second)
    }

    /// `14:32:08.123`
    pub fn clock_millis(&self) -> String {
        format!("{}.{:03}", self.clock(), self.micros / 1000)
    }

    /// `14:32:08.123456`
    pub fn clock_micros(&self) -> String {
        format!("{}.{:06}", self.clock(), self.micros)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::Timestamp;

    #[test]
    fn agrees_with_rfc3339_of_the_domain() {
        for us in [
            0,
            -1,
            1,
            951_782_399_999_999, // 2000-02-28T23:59:59.999999Z
            951_868_800_000_000, // 2000-03-01
            4_107_542_399_999_999,
            1_795_357_928_214_123,
            253_402_300_799_999_999, // the last microsecond of the year 9999
            -62_135_596_800_000_000, // the year 1
        ] {
            let c = Civil::from_micros(us);
            assert_eq!(format!("{}T{}Z", c.date(), c.clock_micros()), Timestamp(us).rfc3339(), "{us}");
        }
    }

    #[test]
    fn the_ends_of_time_do_not_panic() {
        assert_eq!(Civil::from_micros(i64::MAX).year, 294_247);
        assert_eq!(Civil::from_micros(i64::MIN).year, -290_308);
    }
}
