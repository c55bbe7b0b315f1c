//! Figures as text, the same on every page, in every sentence and on the command line.

/// With `places` digits after the point, at most 2; for numbers of 0 and above that are not huge. Without the
/// exact formatting of `core`, which would bring 14 KB into the browser.
pub fn fixed(x: f64, places: u8) -> String {
    let (scale, width) = match places {
        0 => return (x.round() as u64).to_string(),
        1 => (10, 1),
        _ => (100, 2),
    };
    let scaled = (x * scale as f64).round() as u64;
    format!("{}.{:0width$}", scaled / scale, scaled % scale)
}

/// Bytes in powers of 1,000, rounded: `842 B`, `1.2 kB`, `12.4 MB`, `124 MB`.
pub fn bytes(n: u64) -> String {
    if n < 1000 {
        return format!("{n} B");
    }
    let mut x = n as f64;
    for unit in ["kB", "MB", "GB", "TB", "PB"] {
        x /= 1000.0;
        if x < 999.5 {
            return format!("{} {unit}", fixed(x, if x < 99.95 { 1 } else { 0 }));
        }
    }
    format!("{} EB", fixed(x / 1000.0, 1))
}

/// Exact, with thousands commas: `245,071,338`.
pub fn exact(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// Like [`exact`], for numbers that may be negative.
pub fn exact_signed(n: i64) -> String {
    let sign = if n < 0 { "-" } else { "" };
    format!("{sign}{}", exact(n.unsigned_abs()))
}

/// A length of time in a sentence, of two units at most: `184 ms`, `12 s`, `4 min 10 s`, `6 min`, `2 h 5 min`, `1 day 4 h`.
pub fn lasting(ms: u64) -> String {
    let s = ms / 1000;
    let (whole, rest) = match s {
        0 => return format!("{ms} ms"),
        1..60 => return format!("{s} s"),
        60..3600 => (format!("{} min", s / 60), (s % 60, "s")),
        3600..86_400 => (format!("{} h", s / 3600), (s % 3600 / 60, "min")),
        _ => {
            let days = s / 86_400;
            (format!("{} {}", exact(days), if days == 1 { "day" } else { "days" }), (s % 86_400 / 3600, "h"))
        }
    };
    match rest {
        (0, _) => whole,
        (n, unit) => format!("{whole} {n} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_three_digits_and_a_space_before_the_unit() {
        for (n, want) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (1_234, "1.2 kB"),
            (99_949, "99.9 kB"),
            (99_950, "100 kB"),
            (123_456, "123 kB"),
            (999_499, "999 kB"),
            (999_500, "1.0 MB"),
            (9_999_999, "10.0 MB"),
            (20_000_000_000, "20.0 GB"),
            (123_400_000_000_000, "123 TB"),
            (u64::MAX, "18.4 EB"),
        ] {
            assert_eq!(bytes(n), want);
        }
    }

    #[test]
    fn lengths_of_time_have_two_units_at_most() {
        for (ms, want) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (59_999, "59 s"),
            (250_000, "4 min 10 s"),
            (360_000, "6 min"),
            (7_500_000, "2 h 5 min"),
            (86_400_000, "1 day"),
            (187_200_000, "2 days 4 h"),
            (u64::MAX, "213,503,982,334 days 14 h"),
        ] {
            assert_eq!(lasting(ms), want);
        }
    }
}
