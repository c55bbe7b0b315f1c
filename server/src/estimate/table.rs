//! The estimate as a table for a terminal of 80 columns.

use super::{ChannelEstimate, Kept, SourceEstimate, Total};
use weir_domain::figures;

const NAME: usize = 26;

/// Everything about one source.
pub fn text(name: &str, estimate: &SourceEstimate, kept: Kept) -> String {
    let mut out = format!(
        "{name}\n  {:<NAME$} {:>9} {:>9} {:>9} {:>9} {:>10}\n",
        "channel", "events/d", "raw/d", "stored/d", "kept", "added"
    );
    for c in &estimate.channels {
        let row = row(&middle(&c.channel), c, kept);
        out.push_str(&row);
    }
    let total = Total::of(&estimate.channels, kept);
    let least = if total.unknown > 0 { "at least" } else { "all" };
    out.push_str(&format!(
        "  {:<NAME$} {:>9} {:>9} {:>9} {:>9} {:>10}\n",
        least,
        count(Some(total.events_per_day)),
        bytes(Some(total.raw_bytes_per_day)),
        bytes(Some(total.stored_bytes_per_day)),
        bytes(Some(total.stored_bytes_at_retention)),
        per_s(Some(total.added_bytes_per_s)),
    ));
    out.push_str(&format!("  metadata only: {} a day\n", bytes(Some(total.metadata_bytes_per_day))));
    if total.there_bytes > 0 {
        out.push_str(&format!(
            "  there now, read once with start = \"earliest\": {}\n",
            bytes(Some(total.there_bytes))
        ));
    }
    if estimate.left_out > 0 {
        out.push_str(&format!("  no pattern includes {} more channels\n", estimate.left_out));
    }
    for c in estimate.channels.iter().filter(|c| c.problem.is_some()) {
        out.push_str(&format!("  {}: {}\n", c.channel, c.problem.as_deref().unwrap_or_default()));
    }
    out
}

fn row(name: &str, c: &ChannelEstimate, kept: Kept) -> String {
    format!(
        "  {:<NAME$} {:>9} {:>9} {:>9} {:>9} {:>10}\n",
        name,
        count(c.events_per_day),
        bytes(c.raw_bytes_per_day),
        bytes(c.stored_bytes_per_day),
        bytes(c.stored_at_retention(kept)),
        per_s(c.added_bytes_per_s),
    )
}

/// Long names are cut in the middle: both ends tell.
fn middle(name: &str) -> String {
    let chars: Vec<char> = name.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if chars.len() <= NAME {
        return chars.into_iter().collect();
    }
    let (head, tail) = ((NAME - 1) / 2, NAME / 2);
    chars[..head].iter().chain(['…'].iter()).chain(&chars[chars.len() - tail..]).collect()
}

fn count(n: Option<u64>) -> String {
    n.map_or_else(|| "–".into(), |n| scaled(n as f64, &["", "k", "M", "G"]))
}

fn bytes(n: Option<u64>) -> String {
    n.map_or_else(|| "–".into(), figures::bytes)
}

fn per_s(n: Option<u64>) -> String {
    n.map_or_else(|| "–".into(), |n| format!("{}/s", bytes(Some(n))))
}

/// Three digits and a unit, in steps of a thousand.
fn scaled(mut x: f64, units: &[&str]) -> String {
    let mut unit = 0;
    while x >= 999.5 && unit + 1 < units.len() {
        x /= 1000.0;
        unit += 1;
    }
    let places = if unit == 0 || x >= 99.95 { 0 } else { 1 };
    format!("{x:.places$}{}", units[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short() {
        for (n, want) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (63_400, "63.4 kB"),
            (999_600, "1.0 MB"),
            (123_456_789, "123 MB"),
        ] {
            assert_eq!(bytes(Some(n)), want);
        }
        assert_eq!((count(Some(864_000)).as_str(), count(None).as_str()), ("864k", "–"));
    }

    #[test]
    fn a_long_name_keeps_both_ends_and_the_table_fits() {
        let long = format!("{}.payments.v2", "a".repeat(200));
        assert_eq!(middle(&long).chars().count(), NAME);
        let unknown = ChannelEstimate::unknown(long, 3, "no answer".into());
        let estimate = SourceEstimate { channels: vec![unknown], left_out: 2 };
        let table = text("shop", &estimate, Kept { payload_days: 7, metadata_days: 30 });
        let rows: Vec<&str> = table.lines().filter(|l| !l.contains("no answer")).collect();
        assert!(rows.iter().all(|l| l.chars().count() <= 80), "{table}");
        assert!(table.contains("at least") && table.contains("2 more channels"), "{table}");
    }
}
