//! What forecasts cost: every group is looked at every 10 s.

use super::series::{Class, make};
use std::{hint::black_box, time::Instant};
use weir_domain::lag::{Forecast, Kept, Profile, Unread};

pub fn report() {
    let mut profiles = Vec::new();
    let (mut update, mut n) = (0.0, 0usize);
    for class in Class::ALL {
        let series = make(class, 101);
        let begun = Instant::now();
        let mut profile = Profile::default();
        // In the middle of a day, when some are behind.
        let points = &series.points[..series.points.len() - 4000];
        for p in points {
            profile.update(*p);
        }
        update += begun.elapsed().as_secs_f64();
        n += points.len();
        let Some(last) = profile.last() else { continue };
        // Each as it is, and as one that is an hour behind.
        profiles.push((last.at, last.lag().max((series.base * 3600.0) as u64), profile));
    }
    let rounds = 600;
    let time = |f: &dyn Fn(&(_, _, Profile))| {
        let begun = Instant::now();
        for _ in 0..rounds {
            profiles.iter().for_each(f);
        }
        begun.elapsed().as_secs_f64() / (rounds * profiles.len()) as f64 * 1e6
    };
    let forecast = time(&|(now, lag, p)| {
        black_box::<Forecast>(p.forecast(*now, *lag));
    });
    let outlook = time(&|(now, lag, p)| {
        black_box(p.outlook(*now, *lag));
    });
    let kept = Kept { for_ms: Some(86_400_000), segment_bytes: Some(1 << 30), deletes: true, ..Kept::default() };
    let loss = time(&|(now, lag, p)| {
        let lag = *lag as i64;
        let unread = Unread {
            end: 2 * lag,
            next: lag,
            bytes: Some(2000 * lag.unsigned_abs()),
            oldest: Some(now.plus_secs(-3600)),
            in_per_s: lag as f64 / 3600.0,
            ..Unread::default()
        };
        black_box(p.first_loss(*now, &kept, &[unread]));
    });
    let bytes = profiles.iter().map(|p| serde_json::to_vec(&p.2).map_or(0, |v| v.len())).max().unwrap_or(0);
    let each = update / n.max(1) as f64 * 1e6;
    println!(
        "cost of a group that is behind: {each:.2} µs for an observation, {forecast:.1} µs for a forecast, {outlook:.1} µs with \
         its curves, {loss:.1} µs for the first loss of a partition; 10,000 groups in {:.0} ms of every 10 s (one partition each); kept state at most {bytes} bytes as JSON",
        (each + forecast + loss) * 10.0
    );
}
