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
}
