//! What the forecast is compared with: the last rate goes on, or the straight line through the last while does.

use weir_domain::lag::Point;

/// Change of lag per second.
pub type Slope = fn(&[Point]) -> f64;

fn lag(p: &Point) -> f64 {
    p.lag() as f64
}

fn secs(from: &Point, to: &Point) -> f64 {
    to.at.micros_since(from.at) as f64 / 1e6
}

/// Between now and so many points ago.
fn since(points: &[Point], back: usize) -> f64 {
    let (Some(now), Some(then)) = (points.last(), points.len().checked_sub(back + 1).and_then(|i| points.get(i)))
    else {
        return 0.0;
    };
    (lag(now) - lag(then)) / secs(then, now).max(1.0)
}

/// By least squares.
fn line(points: &[Point], back: usize) -> f64 {
    let window = points.get(points.len().saturating_sub(back)..).unwrap_or_default();
    let Some(first) = window.first() else { return 0.0 };
    let n = window.len() as f64;
    let (mut t, mut l, mut tt, mut tl) = (0.0, 0.0, 0.0, 0.0);
    for p in window {
        let (x, y) = (secs(first, p), lag(p));
        t += x;
        l += y;
        tt += x * x;
        tl += x * y;
    }
    let spread = tt - t * t / n;
    if spread > 0.0 { (tl - t * l / n) / spread } else { 0.0 }
}

pub const LAST: [(&str, Slope); 3] =
    [("10 s", |p| since(p, 1)), ("1 min", |p| since(p, 6)), ("5 min", |p| since(p, 30))];
pub const LINE: [(&str, Slope); 3] =
    [("15 min", |p| line(p, 90)), ("1 h", |p| line(p, 360)), ("6 h", |p| line(p, 2160))];
