//! Lines over time, drawn as SVG: no script is needed to see them.

use crate::ui::{TimeForm, Zone, format, time};
use leptos::prelude::*;
use weir_domain::{Timestamp, figures::fixed, lag::Ahead};

/// Lag of the last 24 hours, as small as a word. `bad`: it is something to look at.
pub(crate) fn spark(values: &[Option<u64>], bad: bool) -> AnyView {
    const SLOTS: usize = 48;
    let highest = values.iter().flatten().copied().max().unwrap_or(0);
    let lowest = values.iter().flatten().copied().min().unwrap_or(0);
    let label = match values.iter().flatten().count() {
        0 => "not observed yet".to_owned(),
        _ => format!("Lag in half hours over 24 h: {} to {}", format::exact(lowest), format::exact(highest)),
    };
    let x = |i: usize| 96.0 * (SLOTS.saturating_sub(values.len()) + i) as f64 / (SLOTS - 1) as f64;
    let y = |v: u64| 18.0 - 16.0 * v as f64 / highest.max(1) as f64;
    let (mut line, mut area) = (String::new(), String::new());
    for run in runs(values.len(), |i| values.get(i).copied().flatten()) {
        let points: Vec<(f64, f64)> = run.iter().map(|(i, v)| (x(*i), y(*v))).collect();
        line += &path(&points);
        if let (Some(first), Some(last), true) = (points.first(), points.last(), points.len() > 1) {
            area += &format!("{}L{} 20L{} 20z", path(&points), fixed(last.0, 1), fixed(first.0, 1));
        }
    }
    let class = match (bad, highest == lowest) {
        (true, _) => "spark spark--bad",
        (false, true) => "spark spark--mute",
        (false, false) => "spark",
    };
    view! {
        <svg class=class viewBox="0 0 96 20" preserveAspectRatio="none" role="img" aria-label=label>
            <path class="spark__area" d=area></path>
            <path class="spark__line" d=line></path>
        </svg>
    }
    .into_any()
}

/// Stretches without a hole.
fn runs(n: usize, value: impl Fn(usize) -> Option<u64>) -> Vec<Vec<(usize, u64)>> {
    let mut runs: Vec<Vec<(usize, u64)>> = Vec::new();
    let mut open = false;
    for i in 0..n {
        match value(i) {
            None => open = false,
            Some(v) => {
                if !open {
                    runs.push(Vec::new());
                }
                open = true;
                if let Some(run) = runs.last_mut() {
                    run.push((i, v));
                }
            }
        }
    }
    runs
}

fn path(points: &[(f64, f64)]) -> String {
    let mut d = String::with_capacity(points.len() * 12);
    for (i, (x, y)) in points.iter().enumerate() {
        d.push(if i == 0 { 'M' } else { 'L' });
        d += &signed(*x);
        d.push(' ');
        d += &signed(*y);
    }
    // A single point is a dot.
    if points.len() == 1 {
        d += "h.1";
    }
    d
}

fn signed(x: f64) -> String {
    if x < 0.0 { format!("-{}", fixed(-x, 1)) } else { fixed(x, 1) }
}

/// What a chart measures.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    Events,
    /// Milliseconds.
    Time,
    /// Thousandths of an event a second.
    Rate,
}

impl Measure {
    fn text(self, v: f64) -> String {
        let v = v.max(0.0);
        match self {
            Self::Events => format::short(v.round() as u64),
            Self::Rate if v >= 10_000_000.0 => format!("{}/s", format::short((v / 1_000.0).round() as u64)),
            Self::Rate => format!("{}/s", format::rate(v / 1_000.0)),
            Self::Time if v >= 3_600_000.0 => {
                format!("{} h", fixed(v / 3_600_000.0, u8::from(v < 36_000_000.0 && v % 3_600_000.0 > 1.0)))
            }
            Self::Time if v >= 60_000.0 => format!("{} m", fixed(v / 60_000.0, 0)),
            Self::Time => format!("{} s", fixed(v / 1_000.0, u8::from(v < 10_000.0 && v > 0.0))),
        }
    }

    /// A round step, so that up to four of them reach the top.
    fn step(self, top: f64) -> f64 {
        let rounds: &[f64] = match self {
            Self::Time if top > 2_000.0 => &[
                1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 108e5, 216e5, 432e5, 864e5,
                1728e5, 6048e5,
            ],
            _ => &[],
        };
        if let Some(step) = rounds.iter().find(|s| top / **s <= 4.0) {
            return *step;
        }
        let least = (top / 4.0).max(1.0);
        let ten = 10_f64.powf(least.log10().floor());
        [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|m| m * ten).find(|s| *s >= least).unwrap_or(10.0 * ten)
    }
}

/// A mark on a chart.
pub(crate) struct Mark {
    pub at: Timestamp,
    pub text: String,
    pub bad: bool,
}

pub(crate) struct Chart {
    pub label: String,
    pub measure: Measure,
    pub from: Timestamp,
    pub now: Timestamp,
    pub until: Timestamp,
    /// Observed; `None` where it is not known.
    pub points: Vec<(Timestamp, Option<u64>)>,
    /// If nothing changes.
    pub ahead: Vec<Ahead>,
    /// If it goes on now.
    pub restart: Vec<Ahead>,
    /// A line not to be crossed, with its words.
    pub limit: Option<(u64, String)>,
    /// When that is crossed, if nothing changes.
    pub crossed: Option<(Timestamp, String)>,
    pub marks: Vec<Mark>,
    pub bad: bool,
}

const WIDTH: f64 = 660.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 650.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 200.0;

impl Chart {
    fn x(&self, at: Timestamp) -> f64 {
        let all = self.until.micros_since(self.from).max(1) as f64;
        LEFT + (RIGHT - LEFT) * (at.micros_since(self.from) as f64 / all).clamp(0.0, 1.0)
    }

    pub fn draw(self) -> AnyView {
        let seen = self.points.iter().filter_map(|p| p.1).max().unwrap_or(0) as f64;
        // A band may reach to the sky; what is likely must stay readable.
        let mid = self.ahead.iter().chain(&self.restart).map(|a| a.mid).fold(0.0, f64::max);
        let limit = self.limit.as_ref().map_or(0.0, |(l, _)| *l as f64);
        let limit = if limit <= 4.0 * seen.max(mid) { limit } else { 0.0 };
        let least = if self.measure == Measure::Time { 1_000.0 } else { 1.0 };
        let high = seen.max(mid.min(seen.max(1.0) * 4.0)).max(limit * 1.05).max(least);
        let step = self.measure.step(high);
        let top = (high / step).ceil() * step;
        let y = |v: f64| BOTTOM - (BOTTOM - TOP) * (v / top).clamp(0.0, 1.05);
        let grid = (0..=(top / step).round() as usize).map(|i| {
            let v = i as f64 * step;
            let at = signed(y(v));
            view! {
                <line class="c-grid" x1=LEFT.to_string() x2=RIGHT.to_string() y1=at.clone() y2=at></line>
                <text x=(LEFT - 6.0).to_string() y=signed(y(v) + 3.5) text-anchor="end">
                    {self.measure.text(v)}
                </text>
            }
        });
        let thinned = thin(&self.points);
        let (mut line, mut area) = (String::new(), String::new());
        for run in runs(thinned.len(), |i| thinned.get(i).and_then(|p| p.1)) {
            let points: Vec<(f64, f64)> = run.iter().map(|(i, v)| (self.x(thinned[*i].0), y(*v as f64))).collect();
            line += &path(&points);
            if let (Some(first), Some(last), true) = (points.first(), points.last(), points.len() > 1) {
                area += &format!("{}L{} {BOTTOM}L{} {BOTTOM}z", path(&points), fixed(last.0, 1), fixed(first.0, 1));
            }
        }
        let of = |ahead: &[Ahead], f: fn(&Ahead) -> f64| -> Vec<(f64, f64)> {
            ahead.iter().filter(|a| a.at <= self.until).map(|a| (self.x(a.at), y(f(a)))).collect()
        };
        let band = |ahead: &[Ahead]| {
            let (high, mut low) = (of(ahead, |a| a.high), of(ahead, |a| a.low));
            low.reverse();
            if high.len() < 2 { String::new() } else { format!("{}{}z", path(&high), path(&low).replacen('M', "L", 1)) }
        };
        let (bad, future) = (self.bad, !self.ahead.is_empty() || self.crossed.is_some());
        let now = future.then(|| {
            let x = signed(self.x(self.now));
            view! {
                <line class="c-now" x1=x.clone() x2=x.clone() y1="6" y2=BOTTOM.to_string()></line>
                <text x=x y="4" text-anchor="middle">
                    "now"
                </text>
            }
        });
        let line_class = if bad { "c-l4" } else { "c-l1" };
        let area_class = if bad { "c-a4" } else { "c-a1" };
        let limit = self.limit.as_ref().filter(|_| limit > 0.0).map(|(value, words)| {
            let at = signed(y(*value as f64));
            view! {
                <line class="c-limit" x1=LEFT.to_string() x2=RIGHT.to_string() y1=at.clone() y2=at></line>
                <text class="c-limit-t" x=(LEFT + 6.0).to_string() y=signed(y(*value as f64) - 5.0)>
                    {words.clone()}
                </text>
            }
        });
        let crossed =
            self.crossed.as_ref().filter(|(at, _)| *at <= self.until && *at >= self.from).map(|(at, words)| {
                let x = self.x(*at);
                let anchor = if x > (LEFT + RIGHT) / 2.0 { "end" } else { "start" };
                let near = if anchor == "end" { x - 6.0 } else { x + 6.0 };
                view! {
                    <line class="c-limit" x1=signed(x) x2=signed(x) y1=TOP.to_string() y2=BOTTOM.to_string()></line>
                    <text class="c-limit-t" x=signed(near) y="28" text-anchor=anchor>
                        {words.clone()}
                    </text>
                }
            });
        let marks = self.marks.iter().filter(|m| m.at >= self.from && m.at <= self.until).map(|m| {
            let x = self.x(m.at);
            let class = if m.bad { "c-mark c-mark--bad" } else { "c-mark" };
            let text = format!("{}: {}", time::text(m.at, TimeForm::Date, Zone::Utc), m.text);
            let d = format!("M{} {}l3.5 6h-7z", fixed(x, 1), BOTTOM + 1.0);
            view! {
                <path class=class d=d>
                    <title>{text}</title>
                </path>
            }
        });
        let ticks = 6;
        let axis = (0..=ticks).map(|i| {
            let at = self.from.plus_micros(self.until.micros_since(self.from) / ticks * i);
            let x = self.x(at);
            let form =
                if self.until.micros_since(self.from) > 30 * 3_600_000_000 { TimeForm::Date } else { TimeForm::Clock };
            let text = time::text(at, form, Zone::Utc);
            let text = if form == TimeForm::Clock {
                text.get(..5).unwrap_or_default().to_owned()
            } else {
                text.get(5..16).unwrap_or(&text).to_owned()
            };
            let anchor = if i == 0 {
                "start"
            } else if i == ticks {
                "end"
            } else {
                "middle"
            };
            view! {
                <text x=signed(x) y="222" text-anchor=anchor>
                    {text}
                </text>
            }
        });
        view! {
            <svg class="chart" viewBox=format!("0 0 {WIDTH} 228") role="img" aria-label=self.label.clone()>
                {grid.collect_view()} <path class=area_class d=area></path>
                <path class="c-a1" d=band(&self.restart)></path>
                <path class="c-band" d=band(&self.ahead)></path>
                <path class=line_class d=line></path>
                <path class=format!("{line_class} c-dash") d=path(&of(&self.ahead, |a| a.mid))></path>
                <path class="c-l1 c-dash" d=path(&of(&self.restart, |a| a.mid))></path>
                {limit} {crossed} {now} {marks.collect_view()} {axis.collect_view()}
            </svg>
        }
        .into_any()
    }
}

/// At most so many points, each the highest of those it stands for: a peak must not vanish.
const MOST_POINTS: usize = 480;

fn thin(points: &[(Timestamp, Option<u64>)]) -> Vec<(Timestamp, Option<u64>)> {
    let each = points.len().div_ceil(MOST_POINTS).max(1);
    let highest = |some: &[(Timestamp, Option<u64>)]| {
        let known = some.iter().copied().filter(|p| p.1.is_some()).max_by_key(|p| p.1);
        known.or_else(|| some.last().copied())
    };
    points.chunks(each).filter_map(highest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round_and_few() {
        for (measure, top, want) in [
            (Measure::Events, 7.0, 2.0),
            (Measure::Events, 1_000.0, 250.0),
            (Measure::Events, 245_071_338.0, 1e8),
            (Measure::Time, 90_000.0, 30_000.0),
            (Measure::Time, 78_600_000.0, 21_600_000.0),
        ] {
            assert_eq!(measure.step(top), want, "{top}");
        }
        assert_eq!(Measure::Time.text(21_600_000.0), "6 h");
        assert_eq!(Measure::Time.text(5_400_000.0), "1.5 h");
        assert_eq!(Measure::Time.text(0.0), "0 s");
        assert_eq!(Measure::Events.text(2.5e6), "2.5M");
        assert_eq!([0.0, 50.0, 2_500.0, 20e6].map(|v| Measure::Rate.text(v)), ["0/s", "0.05/s", "2.5/s", "20.0k/s"]);
    }

    #[test]
    fn a_peak_survives_thinning_and_holes_part_lines() {
        let points: Vec<_> =
            (0..5_000).map(|i| (Timestamp(i), (i != 7).then_some(if i == 3_333 { 99 } else { 1 }))).collect();
        let thinned = thin(&points);
        assert!(thinned.len() <= MOST_POINTS && thinned.iter().any(|p| p.1 == Some(99)));
        assert_eq!(runs(5, |i| (i != 2).then_some(i as u64)).len(), 2);
        assert_eq!(path(&[(1.0, -2.0)]), "M1.0 -2.0h.1");
    }
}
