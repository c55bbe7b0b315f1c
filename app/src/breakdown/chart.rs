use crate::{
    drawn::time,
    events::{Place, absolute_text},
    ui::{TimeForm, Zone, format, time as times},
};
use leptos::prelude::*;
use weir_domain::events::{Bins, Breakdown};

const WIDTH: f64 = 800.0;
const HEIGHT: f64 = 48.0;
/// A bin with few events beside one with many is still seen.
const LEAST: f64 = 1.5;

/// Bars over time. Each leads to its own stretch; dragging over several (`js/parts.js`) to all of them.
pub(super) fn chart(found: &Breakdown, bins: &Bins, place: &Place) -> AnyView {
    let none = Vec::new();
    let (all, matching) = (found.all.as_ref().unwrap_or(&none), found.found.as_ref());
    let highest = all.iter().chain(matching.into_iter().flatten()).copied().max().unwrap_or(0);
    let width = WIDTH / bins.count.max(1) as f64;
    let bars = (0..bins.count).map(|n| {
        let count = |of: &Vec<u64>| of.get(n).copied().unwrap_or(0);
        let range = bins.range(n);
        // Of what lies before the place that counting came to nothing is known.
        let known = found.down_to.is_none_or(|down_to| range.to.is_some_and(|to| to > down_to));
        let (in_all, hit) = (count(all), matching.filter(|_| known).map(count));
        let text = |t: Option<_>| t.map(absolute_text);
        let there = Place { from: text(range.from), to: text(range.to), ..place.first_page() };
        let x = format::fixed(width * n as f64, 2);
        let bar = |class: &'static str, events: u64| {
            let height = tall(events, highest);
            (height > 0.0).then(|| {
                view! {
                    <rect
                        class=class
                        x=x.clone()
                        y=format::fixed(HEIGHT - height, 2)
                        width=format::fixed((width - 1.0).max(width * 0.6), 2)
                        height=format::fixed(height, 2)
                    ></rect>
                }
            })
        };
        let tip = tip(bins, n, found.all.is_some().then_some(in_all), hit);
        view! {
            <a href=there.href() tabindex=if n == 0 { "0" } else { "-1" } data-from=there.from.clone() data-to=there.to.clone()>
                <title>{tip}</title>
                <rect class="spread__room" x=x.clone() y="0" width=format::fixed(width, 2) height="48"></rect>
                {bar(if matching.is_some() { "spread__all" } else { "spread__bar" }, in_all)}
                {hit.map(|hit| bar("spread__bar", hit))}
            </a>
        }
    });
    let bars = bars.collect_view();
    let whole = bins.whole();
    let label = format!(
        "Events over time, {} of {} each, at most {} in one",
        format::count(bins.count as u64, "bar", "bars"),
        format::duration_ms(u64::try_from(bins.width_us / 1000).unwrap_or(0)),
        format::exact(highest)
    );
    view! {
        <figure class="spread__chart">
            <svg viewBox="0 0 800 48" preserveAspectRatio="none" role="group" aria-label=label data-brush="">
                {bars}
            </svg>
            <figcaption class="spread__ends small muted">
                {whole.from.map(time)}
                <span>
                    "at most " {format::short(highest)} " a bar"
                    {found.down_to.filter(|_| matching.is_some()).map(|down_to| view! { ", found ones counted down to " {time(down_to)} })}
                </span> {whole.to.map(time)}
            </figcaption>
        </figure>
    }
    .into_any()
}

fn tall(events: u64, highest: u64) -> f64 {
    match events {
        0 => 0.0,
        n => (HEIGHT * n as f64 / highest.max(1) as f64).max(LEAST),
    }
}

/// `14:20:00 to 14:21:00 UTC: 12 found of 1,203`
fn tip(bins: &Bins, n: usize, all: Option<u64>, hit: Option<u64>) -> String {
    let range = bins.range(n);
    let at = |t: Option<_>| t.map(|t| times::text(t, TimeForm::Date, Zone::Utc)).unwrap_or_default();
    let events = |n: u64| format::count(n, "event", "events");
    let figures = match (all, hit) {
        (Some(all), Some(hit)) => format!("{} found of {}", format::exact(hit), events(all)),
        (None, Some(hit)) => format!("{} found", events(hit)),
        (Some(all), None) => events(all),
        (None, None) => "not counted".into(),
    };
    format!("{} to {} UTC: {figures}", at(range.from), at(range.to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::Timestamp;

    #[test]
    fn the_highest_fills_the_chart_and_the_least_is_seen() {
        assert_eq!((tall(0, 10), tall(10, 10), tall(1, 1_000_000)), (0.0, HEIGHT, LEAST));
    }

    #[test]
    fn a_bar_says_what_it_counts() {
        let bins = Bins { from: Timestamp(1_795_357_920_000_000), width_us: 60_000_000, count: 2 };
        let tip = tip(&bins, 1, Some(1203), Some(12));
        assert!(tip.ends_with(" UTC: 12 found of 1,203 events"), "{tip}");
    }
}
