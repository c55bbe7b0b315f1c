use super::format::fixed;
use leptos::prelude::*;

const HEIGHT: f64 = 20.0;
const TOP: f64 = 2.0;

/// A small line over time, from 0 up to its own highest value. Fewer values than [`FULL`] are the newest ones: before
/// them nothing is known, and nothing is drawn. `label` says the finding in words; `mute` draws it grey: nothing to be
/// looked at now.
fn spark(values: &[u32], label: String, mute: bool) -> AnyView {
    let line = path(values);
    let area = if line.is_empty() { String::new() } else { format!("{line}V20H{}z", fixed(x(values.len(), 0), 1)) };
    view! {
        <svg
            class=if mute { "spark spark--mute" } else { "spark" }
            viewBox="0 0 96 20"
            preserveAspectRatio="none"
            role="img"
            aria-label=label
        >
            <path class="spark__area" d=area></path>
            <path class="spark__line" d=line></path>
        </svg>
    }
    .into_any()
}

/// [`spark`] of events per minute over the last hour.
pub fn spark_last_hour(values: &[u32], mute: bool) -> AnyView {
    let label = match (values.iter().min(), values.iter().max()) {
        (Some(low), Some(high)) => format!(
            "Events per minute, last hour: {} to {}",
            super::format::exact(u64::from(*low)),
            super::format::exact(u64::from(*high))
        ),
        _ => "No events counted in the last hour".into(),
    };
    spark(values, label, mute)
}

const WIDTH: f64 = 96.0;
/// Values that fill the whole width.
const FULL: usize = 60;

/// Where the value at `at` of `n` stands.
fn x(n: usize, at: usize) -> f64 {
    let before = FULL.saturating_sub(n);
    WIDTH * (before + at) as f64 / (before + n).saturating_sub(1).max(1) as f64
}

/// The line's path in a box of 96 × 20; empty for fewer than two values.
fn path(values: &[u32]) -> String {
    if values.len() < 2 {
        return String::new();
    }
    let highest = f64::from(values.iter().copied().max().unwrap_or(0).max(1));
    let mut d = String::with_capacity(values.len() * 10);
    for (i, v) in values.iter().enumerate() {
        let x = x(values.len(), i);
        let y = HEIGHT - (HEIGHT - TOP) * f64::from(*v) / highest;
        d.push(if i == 0 { 'M' } else { 'L' });
        d.push_str(&fixed(x, 1));
        d.push(' ');
        d.push_str(&fixed(y, 1));
    }
    d
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_runs_from_the_floor_to_the_top() {
        let whole = path(&[vec![0; 59], vec![10]].concat());
        assert!(whole.starts_with("M0.0 20.0L1.6 20.0L") && whole.ends_with("L94.4 20.0L96.0 2.0"), "{whole}");
        // The last three minutes of an hour that began unknown.
        assert_eq!(path(&[0, 5, 10]), "M92.7 20.0L94.4 11.0L96.0 2.0");
        assert_eq!(path(&[7]), "");
        assert_eq!(path(&[]), "");
    }
}
