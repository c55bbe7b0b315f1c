//! Figures and names as text (design, "Interaction"): thousands comma, two-unit durations, a space
//! before the unit, middle truncation. Pure, and the same on the server and in the browser.

pub use weir_domain::figures::{bytes, exact, exact_signed, fixed};

/// What stands where nothing is known. Never 0.
pub const UNKNOWN: &str = "–";

/// [`exact`] or [`UNKNOWN`].
pub fn exact_or_unknown(n: Option<u64>) -> String {
    n.map_or_else(|| UNKNOWN.into(), exact)
}

/// Short, for prose: `12.4M`, `9.8k`; exact below 10,000.
pub fn short(n: u64) -> String {
    match n {
        0..10_000 => exact(n),
        10_000..1_000_000 => scaled(n as f64 / 1e3, "k"),
        1_000_000..1_000_000_000 => scaled(n as f64 / 1e6, "M"),
        _ => scaled(n as f64 / 1e9, "G"),
    }
}

fn scaled(x: f64, unit: &str) -> String {
    fixed(x, if x < 100.0 { 1 } else { 0 }) + unit
}

/// A count per second without its unit, up to four significant digits: `4,812`, `412.0`, `1.9`, `0.02`, `0`.
pub fn rate(per_s: f64) -> String {
    if !per_s.is_finite() || per_s < 0.0 {
        return UNKNOWN.into();
    }
    match per_s {
        x if x >= 999.95 => exact(x.round() as u64),
        x if x >= 0.95 => fixed(x, 1),
        x if x >= 0.005 => fixed(x, 2),
        x if x > 0.0 => "<0.01".into(),
        _ => "0".into(),
    }
}

/// [`rate`] or [`UNKNOWN`].
pub fn rate_or_unknown(per_s: Option<f64>) -> String {
    per_s.map_or_else(|| UNKNOWN.into(), rate)
}

/// Bytes per second: `1.2 MB/s`.
pub fn bytes_per_s(per_s: f64) -> String {
    if !per_s.is_finite() || per_s < 0.0 { UNKNOWN.into() } else { format!("{}/s", bytes(per_s.round() as u64)) }
}

/// [`bytes_per_s`] or [`UNKNOWN`].
pub fn bytes_per_s_or_unknown(per_s: Option<f64>) -> String {
    per_s.map_or_else(|| UNKNOWN.into(), bytes_per_s)
}

/// A length of time in milliseconds, with two units: `184 ms`, `2.5 s`, `42 m 11 s`, `21 h 50 m`, `8 d 4 h`.
pub fn duration_ms(ms: u64) -> String {
    let s = ms / 1000;
    match s {
        0 => format!("{ms} ms"),
        1..60 => format!("{}.{} s", s, ms % 1000 / 100),
        60..3600 => format!("{} m {:02} s", s / 60, s % 60),
        3600..86_400 => format!("{} h {:02} m", s / 3600, s % 3600 / 60),
        _ => format!("{} d {} h", exact(s / 86_400), s % 86_400 / 3600),
    }
}

/// `1 event`, `2 events`; the count is exact.
pub fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", exact(n), if n == 1 { one } else { many })
}

/// What a person's grants leave out: `3 channels you may not see`; empty for none.
pub fn not_seen(channels: u32) -> String {
    if channels == 0 { String::new() } else { count(channels.into(), "channel", "channels") + " you may not see" }
}

/// In lower case, by the browser's own tables where there is a browser.
pub fn lower_case(text: &str) -> String {
    #[cfg(target_arch = "wasm32")]
    return js_sys::JsString::from(text).to_lower_case().into();
    #[cfg(not(target_arch = "wasm32"))]
    text.to_lowercase()
}

/// In upper case, like [`lower_case`].
pub fn upper_case(text: &str) -> String {
    #[cfg(target_arch = "wasm32")]
    return js_sys::JsString::from(text).to_upper_case().into();
    #[cfg(not(target_arch = "wasm32"))]
    text.to_uppercase()
}

/// Cuts the middle out of an id or a name so that at most `max` characters remain, both ends kept.
pub fn middle(text: &str, max: usize) -> String {
    let length = text.chars().count();
    if length <= max || max < 3 {
        return text.to_owned();
    }
    let head = max / 2;
    let tail = max - 1 - head;
    let start: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(length - tail).collect();
    format!("{start}…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_of_bytes_has_its_unit() {
        assert_eq!([bytes_per_s(1_234_000.0), bytes_per_s(f64::NAN)], ["1.2 MB/s", UNKNOWN]);
    }

    #[test]
    fn thousands_have_commas() {
        for (n, want) in [(0, "0"), (999, "999"), (1000, "1,000"), (12_345, "12,345"), (245_071_338, "245,071,338")] {
            assert_eq!(exact(n), want);
        }
        assert_eq!(exact(u64::MAX), "18,446,744,073,709,551,615");
        assert_eq!(exact_signed(i64::MIN), "-9,223,372,036,854,775,808");
        assert_eq!(exact_or_unknown(None), "–");
    }

    #[test]
    fn prose_is_short() {
        for (n, want) in [(9_999, "9,999"), (10_000, "10.0k"), (999_949, "1000k"), (12_400_000, "12.4M")] {
            assert_eq!(short(n), want);
        }
    }

    #[test]
    fn rates_keep_four_significant_digits_at_most() {
        for (x, want) in [
            (0.0, "0"),
            (0.001, "<0.01"),
            (0.02, "0.02"),
            (0.94, "0.94"),
            (1.9, "1.9"),
            (412.0, "412.0"),
            (999.96, "1,000"),
            (4812.3, "4,812"),
            (f64::NAN, "–"),
            (-1.0, "–"),
            (f64::INFINITY, "–"),
        ] {
            assert_eq!(rate(x), want, "{x}");
        }
    }

    #[test]
    fn durations_have_two_units() {
        for (ms, want) in [
            (0, "0 ms"),
            (184, "184 ms"),
            (2_549, "2.5 s"),
            (59_999, "59.9 s"),
            (60_000, "1 m 00 s"),
            (2_531_000, "42 m 11 s"),
            (78_600_000, "21 h 50 m"),
            (86_400_000, "1 d 0 h"),
            (u64::MAX, "213,503,982,334 d 14 h"),
        ] {
            assert_eq!(duration_ms(ms), want);
        }
    }

    #[test]
    fn names_lose_their_middle() {
        assert_eq!(middle("short", 5), "short");
        assert_eq!(middle("order.placed.v2", 9), "orde…d.v2");
        assert_eq!(middle("añadir·ñandú·é", 7).chars().count(), 7);
        assert_eq!(middle("abc", 2), "abc");
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!(count(1, "event", "events"), "1 event");
        assert_eq!(count(0, "event", "events"), "0 events");
        assert_eq!([0, 1, 2].map(not_seen), ["", "1 channel you may not see", "2 channels you may not see"]);
    }
}
