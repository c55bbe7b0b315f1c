use super::*;
use crate::lag::{Forecast, Loss};
use proptest::prelude::*;

const HOUR: i64 = 3600;
/// Monday, 2026-11-02.
const BEGUN: i64 = 1_793_577_600;

fn when(secs: i64) -> Timestamp {
    Timestamp((BEGUN + secs) * 1_000_000)
}

/// A group that reads up to `reads(t)` events a second of the `comes(t)` that arrive, observed every `every` seconds.
fn past(every: i64, hours: i64, comes: impl Fn(i64) -> f64, reads: impl Fn(i64) -> f64) -> Vec<Point> {
    let (mut end, mut next) = (1000.0, 1000.0);
    let mut points = Vec::new();
    for t in (0..=hours * HOUR).step_by(every as usize) {
        points.push(Point { at: when(t), end: end as i64, next: next as i64 });
        end += comes(t) * every as f64;
        next = f64::min(next + reads(t) * every as f64, end);
    }
    points
}

fn learnt(points: &[Point]) -> (Profile, Point) {
    let mut profile = Profile::default();
    for p in points {
        profile.update(*p);
    }
    (profile, *points.last().unwrap())
}

fn forecast(points: &[Point]) -> Forecast {
    let (profile, last) = learnt(points);
    profile.forecast(last.at, last.lag())
}

fn mins(forecast: &Forecast, now: Timestamp) -> (f64, f64, Option<f64>) {
    let Forecast::Drains { at, earliest, latest } = forecast else { panic!("{forecast:?}") };
    let mins = |t| secs_between(now, t) / 60.0;
    (mins(*at), mins(*earliest), latest.map(mins))
}

#[test]
fn too_short_a_past_is_unknown() {
    assert!(matches!(Profile::default().forecast(when(0), 7), Forecast::Unknown { .. }));
    let points = past(10, 1, |_| 10.0, |_| 5.0);
    assert!(matches!(forecast(&points[..18]), Forecast::Unknown { .. }));
    assert!(matches!(forecast(&points[..30]), Forecast::NeverDrains { .. }));
    let nothing = Profile::default().outlook(when(0), 7);
    assert!(nothing.curve.is_empty() && nothing.restart.is_none());
}

#[test]
fn a_group_that_reads_all_keeps_up() {
    assert_eq!(forecast(&past(10, 3, |_| 50.0, |_| 200.0)), Forecast::KeepsUp);
    // Of a channel where nothing happens as well.
    assert_eq!(forecast(&past(10, 3, |_| 0.0, |_| 0.0)), Forecast::KeepsUp);
}

#[test]
fn a_group_that_is_too_slow_never_drains() {
    let Forecast::NeverDrains { per_min } = forecast(&past(10, 6, |_| 100.0, |_| 80.0)) else { panic!() };
    assert!((per_min - 1200.0).abs() < 60.0, "{per_min}");
}

#[test]
fn catching_up_ends_when_it_should() {
    // Stands from hour 4 to hour 6, then reads twice what comes: 720,000 unread events at 100 a second.
    let points = past(10, 7, |_| 100.0, |t| if (4 * HOUR..6 * HOUR).contains(&t) { 0.0 } else { 200.0 });
    let (profile, last) = learnt(&points);
    let (at, earliest, latest) = mins(&profile.forecast(last.at, last.lag()), last.at);
    assert!((at - 60.0).abs() < 3.0, "{at}");
    assert!(earliest <= at && latest.is_some_and(|l| l >= at));
    let outlook = profile.outlook(last.at, last.lag());
    assert_eq!(outlook.curve.len(), 49);
    assert!((outlook.curve[0].mid - last.lag() as f64).abs() < 1.0);
    assert!(outlook.restart.is_none());
}

#[test]
fn the_night_drains_what_the_day_leaves() {
    let comes = |t: i64| if (8..20).contains(&(t / HOUR % 24)) { 150.0 } else { 30.0 };
    // At noon of the fifth day lag grows, and has done so for four hours.
    let points = past(10, 4 * 24 + 12, comes, |_| 100.0);
    let (profile, last) = learnt(&points);
    // 8 h more at 50 a second, then as 70 a second go: 12 h x 50 / 70 after 20:00.
    let (at, ..) = mins(&profile.forecast(last.at, last.lag()), last.at);
    let came = (8.0 + 12.0 * 50.0 / 70.0) * 60.0;
    assert!((at - came).abs() < 60.0, "{at} instead of {came}");
}

#[test]
fn of_a_group_that_stands_both_are_told() {
    let points = past(
        10,
        30,
        |_| 100.0,
        |t| {
            let hour = t / HOUR;
            if (10..12).contains(&hour) || hour >= 28 { 0.0 } else { 250.0 }
        },
    );
    let (profile, last) = learnt(&points);
    let outlook = profile.outlook(last.at, last.lag());
    let Forecast::NeverDrains { per_min } = outlook.forecast else { panic!("{:?}", outlook.forecast) };
    assert!((per_min - 6000.0).abs() < 300.0, "{per_min}");
    let restart = outlook.restart.unwrap();
    assert!((restart.usual_per_s - 250.0).abs() < 15.0 && restart.best_per_s >= restart.usual_per_s, "{restart:?}");
    // Two hours' events, drained at 150 a second more than come.
    let at = secs_between(last.at, restart.usual.unwrap()) / 3600.0;
    assert!((at - 2.0 * 100.0 / 150.0).abs() < 0.15, "{at}");
    assert!(restart.best <= restart.usual);
    assert_eq!(restart.curve.len(), outlook.curve.len());
}

#[test]
fn a_group_that_reads_once_an_hour_drains_at_its_next_turn() {
    let points = past(10, 30, |_| 100.0, |t| if t % HOUR < 1200 { 1000.0 } else { 0.0 });
    // 45 minutes past: it reads again after 15.
    let points = &points[..points.len() - 90];
    let (profile, last) = learnt(points);
    let (at, ..) = mins(&profile.forecast(last.at, last.lag()), last.at);
    assert!((15.0..25.0).contains(&at), "{at}");
    assert!(profile.outlook(last.at, last.lag()).restart.is_none());
}

#[test]
fn a_group_that_is_behind_on_purpose_stays_level() {
    let day =
        |t: i64| 100.0 * (1.0 + 0.5 * ((t % (24 * HOUR)) as f64 / (24 * HOUR) as f64 * std::f64::consts::TAU).sin());
    // Reads each event half an hour after it came.
    let points = past(10, 60, day, |t| if t < 1800 { 0.0 } else { day(t - 1800) });
    assert_eq!(forecast(&points), Forecast::StaysLevel);
}

#[test]
fn a_past_is_learnt_from_coarse_and_fine_points_alike() {
    let comes = |t: i64| if (8..20).contains(&(t / HOUR % 24)) { 150.0 } else { 30.0 };
    let all = past(10, 4 * 24 + 12, comes, |_| 100.0);
    let (older, recent) = all.split_at(all.len() - 2160);
    let coarse = History { recent: recent.to_vec(), older: older.iter().copied().step_by(30).collect() };
    let (fine, last) = learnt(&all);
    let (a, ..) = mins(&fine.forecast(last.at, last.lag()), last.at);
    let (b, ..) = mins(&Profile::of(&coarse).forecast(last.at, last.lag()), last.at);
    assert!((a - b).abs() < 45.0, "{a} {b}");
    // In whatever order it comes.
    let mixed = History { recent: coarse.older.clone(), older: coarse.recent.clone() };
    assert_eq!(Profile::of(&mixed), Profile::of(&coarse));
}

#[test]
fn positions_that_jump_are_no_reading() {
    let mut points = past(10, 12, |_| 100.0, |_| 80.0);
    let (before, last) = learnt(&points);
    let rate = |p: &Profile| p.known().reading.while_behind().unwrap().0;
    assert!((rate(&before) - 80.0).abs() < 4.0);
    // Set to the end, and back again; the channel made anew.
    points.push(Point { at: last.at.plus_secs(10), end: last.end, next: last.end });
    points.push(Point { at: last.at.plus_secs(20), end: last.end, next: last.next });
    points.push(Point { at: last.at.plus_secs(30), end: 0, next: 0 });
    let (after, _) = learnt(&points);
    assert!((rate(&after) - 80.0).abs() < 8.0, "{}", rate(&after));
    // Partitions were added that hold a lot.
    let mut grown = before.clone();
    grown.rebase(Point { at: last.at.plus_secs(10), end: last.end * 2, next: last.next });
    assert!((grown.known().fast - before.known().fast).abs() < 1e-6);
}

#[test]
fn a_profile_is_small_and_comes_back_as_it_was() {
    let (profile, last) = learnt(&past(10, 20 * 24, |t| 1000.0 + (t / 7 % 100) as f64, |_| 1700.0));
    let written = serde_json::to_string(&profile).unwrap();
    assert!(written.len() < 7000, "{} bytes", written.len());
    let back: Profile = serde_json::from_str(&written).unwrap();
    let (a, b) = (profile.ahead(last.at, 100_000, &[3600.0]), back.ahead(last.at, 100_000, &[3600.0]));
    assert!((a[0].mid - b[0].mid).abs() < 0.01 * a[0].mid.max(1000.0), "{a:?} {b:?}");
}

#[test]
fn what_is_not_whole_is_begun_anew() {
    let (profile, last) = learnt(&past(10, 50, |_| 100.0, |_| 80.0));
    let mut written: serde_json::Value = serde_json::to_value(&profile).unwrap();
    written["arriving"]["usual"] = serde_json::json!([1.0]);
    written["bands"]["due"] =
        serde_json::json!([{"slot": 3, "kind": 9, "was": 1.0, "low": 1.0, "mid": 1.0, "high": 1.0}]);
    let mut back: Profile = serde_json::from_value(written).unwrap();
    for i in 1..1000 {
        back.update(Point { at: last.at.plus_secs(10 * i), end: last.end + i, next: last.next + i });
    }
    assert!(!matches!(back.forecast(last.at.plus_secs(9990), last.lag()), Forecast::Unknown { .. }));
}

fn level(per_s: f64, lag: f64, slope: f64) -> Vec<Ahead> {
    (0..=168)
        .map(|h| {
            let secs = f64::from(h) * 3600.0;
            let lag = (lag + slope * secs).max(0.0);
            Ahead { at: after(when(0), secs), mid: lag, low: lag, high: lag, arrived: per_s * secs }
        })
        .collect()
}

fn hours(loss: &Loss) -> (f64, f64) {
    (secs_between(when(0), loss.first) / 3600.0, secs_between(when(0), loss.earliest) / 3600.0)
}

/// 100 events a second, 1,000 bytes each, of which the last two hours are unread, and nobody reads.
const UNREAD: Unread = Unread {
    start: 1_000_000,
    next: 10_000_000,
    end: 10_720_000,
    bytes: Some(9_720_000_000),
    oldest: Some(Timestamp((BEGUN - 2 * HOUR) * 1_000_000)),
    in_per_s: 100.0,
    out_per_s: 0.0,
    deleted_per_s: 0.0,
};

fn kept() -> Kept {
    Kept { for_ms: Some(24 * HOUR * 1000), deletes: true, ..Kept::default() }
}

#[test]
fn retention_by_time_takes_the_oldest_when_its_segment_is_due() {
    let ahead = level(100.0, 720_000.0, 100.0);
    let loss = first_loss(when(0), &kept(), &[UNREAD], &ahead).unwrap();
    let (first, earliest) = hours(&loss);
    assert!((first - 22.0).abs() < 0.1 && (earliest - 22.0).abs() < 0.1, "{first} {earliest}");
    assert_eq!((loss.by.as_str(), loss.per_s), ("retention of 24 h", 100.0));
    // Its age is not known, but 720,000 unread events come in two hours.
    let unknown = Unread { oldest: None, ..UNREAD };
    assert_eq!(first_loss(when(0), &kept(), &[unknown], &ahead), Some(loss));
    // A segment of 1 GB is a million events, from 1,000,000 on: that of the position ends at 11,000,000, which is written in
    // 280,000 / 100 s.
    let segments = Kept { segment_bytes: Some(1_000_000_000), ..kept() };
    let (first, earliest) = hours(&first_loss(when(0), &segments, &[UNREAD], &ahead).unwrap());
    assert!((first - (24.0 + 2800.0 / 3600.0)).abs() < 0.1 && (earliest - 22.0).abs() < 0.1, "{first} {earliest}");
    // Nothing comes any more: the segment that was written last goes too.
    let quiet = level(0.0, 720_000.0, 0.0);
    let (first, _) = hours(&first_loss(when(0), &segments, &[Unread { in_per_s: 0.0, ..UNREAD }], &quiet).unwrap());
    assert!((first - 24.0).abs() < 0.1, "{first}");
}

#[test]
fn retention_by_size_takes_it_when_so_much_has_come_behind_it() {
    let ahead = level(100.0, 720_000.0, 100.0);
    let sized = Kept { for_ms: None, bytes: Some(10_000_000_000), ..kept() };
    let loss = first_loss(when(0), &sized, &[UNREAD], &ahead).unwrap();
    let (first, earliest) = hours(&loss);
    // Ten million events behind the position, of which 720,000 are there.
    let came = 9_280_000.0 / 100.0 / 3600.0;
    assert!((first - came).abs() < 0.1 && earliest < came - 2.0, "{first} {earliest}");
    assert_eq!(loss.by, "retention of 10 GB per partition, at 100 kB/s");
    // What is on the broker's disks says nothing of tiered events.
    assert_eq!(first_loss(when(0), &Kept { tiered: true, ..sized }, &[UNREAD], &ahead), None);
}

#[test]
fn a_group_that_drains_in_time_loses_nothing() {
    let reads = Unread { out_per_s: 200.0, ..UNREAD };
    assert_eq!(first_loss(when(0), &kept(), &[reads], &level(100.0, 720_000.0, -100.0)), None);
    // One that is a little too slow loses when its lag is a day long.
    let slow = Unread { out_per_s: 80.0, ..UNREAD };
    let loss = first_loss(when(0), &kept(), &[slow], &level(100.0, 720_000.0, 20.0)).unwrap();
    let (first, _) = hours(&loss);
    // The position's age grows by 20 s in 100: from 2 h to 24 h.
    assert!((first - 110.0).abs() < 3.0, "{first}");
    assert!((loss.per_s - 20.0).abs() < 1e-6);
    // Its other partitions are read, this one is not.
    let stuck = [UNREAD, Unread { next: 10_720_000, out_per_s: 100.0, ..UNREAD }];
    let (first, _) = hours(&first_loss(when(0), &kept(), &stuck, &level(200.0, 720_000.0, -100.0)).unwrap());
    assert!((first - 22.0).abs() < 0.1, "{first}");
}

#[test]
fn what_keeps_the_latest_of_each_key_loses_nothing_by_age() {
    let ahead = level(100.0, 720_000.0, 100.0);
    let compacted = Kept { compacted: true, deletes: false, ..kept() };
    assert_eq!(first_loss(when(0), &compacted, &[UNREAD], &ahead), None);
    assert!(first_loss(when(0), &Kept { compacted: true, ..kept() }, &[UNREAD], &ahead).is_some());
    assert_eq!(first_loss(when(0), &Kept { deletes: true, ..Kept::default() }, &[UNREAD], &ahead), None);
}

#[test]
fn what_is_kept_is_said_in_words() {
    let says = |kept: Kept| kept.words();
    assert_eq!(says(Kept::default()), "everything");
    assert_eq!(says(kept()), "24 h");
    assert_eq!(says(Kept { bytes: Some(10_000_000_000), ..kept() }), "24 h or 10 GB per partition");
    assert_eq!(
        says(Kept { for_ms: Some(604_800_000), tiered: true, ..kept() }),
        "7 d, older segments in another store"
    );
    assert_eq!(says(Kept { for_ms: None, bytes: Some(2_500_000), ..kept() }), "2.5 MB per partition");
    // Their limits hold for nothing unless `cleanup.policy` deletes.
    assert_eq!(says(Kept { compacted: true, deletes: false, ..kept() }), "the latest of each key");
    assert_eq!(says(Kept { compacted: true, for_ms: Some(90_000), ..kept() }), "the latest of each key, for 90 s");
    assert_eq!(says(Kept { for_ms: Some(i64::MIN), bytes: Some(-1), ..kept() }), "everything");
}

#[test]
fn what_is_lost_already_is_lost_now() {
    let lost = Unread { start: 10_100_000, ..UNREAD };
    assert_eq!(lost.lost(), 100_000);
    let loss = first_loss(when(0), &kept(), &[UNREAD, lost], &level(200.0, 1e6, 0.0)).unwrap();
    assert_eq!((loss.first, loss.earliest, loss.by.as_str()), (when(0), when(0), "retention of 24 h"));
    let loss = first_loss(when(0), &Kept { compacted: true, ..Kept::default() }, &[lost], &[]).unwrap();
    assert_eq!(loss.by, "deletion of its oldest events");
}

#[test]
fn a_group_that_keeps_up_loses_nothing_unless_what_is_unread_is_old() {
    let (profile, last) = learnt(&past(10, 5, |_| 100.0, |_| 200.0));
    let unread =
        |oldest: i64| Unread { end: 10_000_500, out_per_s: 100.0, oldest: Some(last.at.plus_secs(-oldest)), ..UNREAD };
    assert_eq!(profile.first_loss(last.at, &kept(), &[unread(5)]), None);
    // A partition that nobody reads, of many that are read.
    let stuck = Unread { out_per_s: 0.0, ..unread(20 * HOUR) };
    let loss = profile.first_loss(last.at, &kept(), &[stuck]).unwrap();
    assert!((secs_between(last.at, loss.first) / 3600.0 - 4.0).abs() < 0.1, "{loss:?}");
}

#[test]
fn where_no_rule_is_known_the_pace_of_deletion_is() {
    let goes = Unread { start: 9_640_000, deleted_per_s: 100.0, ..UNREAD };
    let loss = first_loss(when(0), &Kept::default(), &[goes], &level(100.0, 720_000.0, 100.0)).unwrap();
    let (first, _) = hours(&loss);
    assert!((first - 1.0).abs() < 0.1, "{first}");
    assert_eq!(loss.by, "deletion of its oldest events, 100/s");
}

#[test]
fn positions_of_an_empty_group_expire() {
    let week = Some(7 * 24 * HOUR * 1000);
    assert_eq!(positions_expire(Some(when(0)), week), Some(when(7 * 24 * HOUR)));
    assert_eq!(positions_expire(None, week), None);
    assert_eq!(positions_expire(Some(when(0)), None), None);
    assert_eq!(positions_expire(Some(when(0)), Some(-1)), None);
    assert_eq!(positions_expire(Some(when(0)), Some(i64::MAX)), Some(Timestamp(i64::MAX)));
}

fn sound(a: &Ahead) -> bool {
    [a.mid, a.low, a.high, a.arrived].iter().all(|x| x.is_finite() && *x >= 0.0) && a.low <= a.mid && a.mid <= a.high
}

fn hostile() -> impl Strategy<Value = Vec<Point>> {
    let number = prop_oneof![any::<i64>(), 0i64..1_000_000, Just(i64::MAX), Just(i64::MIN)];
    let time = prop_oneof![any::<i64>(), (0i64..5_000_000).prop_map(|s| (BEGUN + s) * 1_000_000)];
    prop::collection::vec((time, number.clone(), number), 0..60)
        .prop_map(|v| v.into_iter().map(|(at, end, next)| Point { at: Timestamp(at), end, next }).collect())
}

fn numbers_of<'a>(value: &'a mut serde_json::Value, numbers: &mut Vec<&'a mut serde_json::Value>) {
    match value {
        serde_json::Value::Array(of) => of.iter_mut().for_each(|v| numbers_of(v, numbers)),
        serde_json::Value::Object(of) => of.values_mut().for_each(|v| numbers_of(v, numbers)),
        serde_json::Value::Number(_) => numbers.push(value),
        _ => {}
    }
}

proptest! {
    #[test]
    fn whatever_is_observed_a_forecast_is_made(points in hostile(), now: i64, lag: u64, sorted: bool) {
        let mut points = points;
        if sorted {
            points.sort_by_key(|p| p.at);
        }
        let mut profile = Profile::default();
        for p in &points {
            profile.update(*p);
        }
        let now = Timestamp(now);
        let outlook = profile.outlook(now, lag);
        for curve in [Some(&outlook.curve), outlook.restart.as_ref().map(|r| &r.curve)].into_iter().flatten() {
            prop_assert!(curve.iter().all(sound), "{:?}", curve);
            prop_assert!(curve.is_sorted_by_key(|a| a.at));
        }
        match outlook.forecast {
            Forecast::Drains { at, earliest, latest } => {
                prop_assert!(now <= earliest && earliest <= at && latest.is_none_or(|l| l >= at));
            }
            Forecast::NeverDrains { per_min } => prop_assert!(per_min.is_finite() && per_min > 0.0),
            _ => {}
        }
        let written = serde_json::to_string(&profile).unwrap();
        let back: Profile = serde_json::from_str(&written).unwrap();
        prop_assert!(back.ahead(now, lag, &[0.0, 60.0, 1e6]).iter().all(sound));
        let history = History { older: points.clone(), recent: points };
        let _ = Profile::of(&history);
    }

    #[test]
    fn what_was_kept_may_be_whatever(at in any::<prop::sample::Index>(), with in prop_oneof![
        Just(-1.0), Just(1e300), Just(-1e300), Just(1e-300), Just(1e17), Just(0.0), -1e6f64..1e6,
    ], whole: bool, seed in 0i64..4) {
        let (profile, last) = learnt(&past(60, 40, |t| 50.0 + (t / HOUR % 24 * seed) as f64, |t| {
            if (10..14).contains(&(t / HOUR)) { 0.0 } else { 80.0 }
        }));
        let mut written = serde_json::to_value(&profile).unwrap();
        let mut numbers = Vec::new();
        numbers_of(&mut written, &mut numbers);
        let number = at.index(numbers.len());
        *numbers[number] = if whole { serde_json::json!(with as i64) } else { serde_json::json!(with) };
        if let Ok(mut back) = serde_json::from_value::<Profile>(written) {
            for i in 1..200 {
                back.update(Point { at: last.at.plus_secs(60 * i), end: last.end + 9000 * i, next: last.next + 3000 * i });
                if i % 20 == 0 {
                    let outlook = back.outlook(last.at.plus_secs(60 * i), last.lag());
                    prop_assert!(outlook.curve.iter().all(sound), "{:?}", outlook.curve);
                }
            }
        }
    }

    #[test]
    fn a_steady_past_is_told_as_it_goes_on(comes in 1.0f64..5000.0, by in 1.2f64..4.0, stood in 1i64..5, every in 10i64..60) {
        // Reads for an hour after it stood, then: what is left, by what goes per second.
        let points = past(every, 8 + stood, |_| comes, |t| if (3 * HOUR..(3 + stood) * HOUR).contains(&t) { 0.0 } else { comes * by });
        let cut = points.iter().position(|p| p.at >= when((4 + stood) * HOUR)).unwrap();
        let (profile, last) = learnt(&points[..cut]);
        let left = last.lag() as f64;
        prop_assume!(left > comes * 600.0);
        let (at, earliest, latest) = mins(&profile.forecast(last.at, last.lag()), last.at);
        let came = left / (comes * (by - 1.0)) / 60.0;
        prop_assert!((at - came).abs() < 0.1 * came + 5.0, "{} instead of {}", at, came);
        prop_assert!(earliest <= at && latest.is_none_or(|l| l >= at));
        let ahead = profile.ahead(last.at, last.lag(), &[0.0, 600.0, 3600.0, 86_400.0]);
        prop_assert!(ahead.iter().all(sound));
    }

    #[test]
    fn whatever_is_kept_a_loss_lies_ahead(
        for_ms: Option<i64>, bytes: Option<i64>, segment_bytes: Option<i64>, segment_ms: Option<i64>, flags in 0u8..8,
        parts in prop::collection::vec((any::<i64>(), any::<i64>(), any::<i64>(), any::<Option<u64>>(), any::<Option<i64>>(), any::<f64>(), any::<f64>()), 0..4),
        points in hostile(), now: i64,
    ) {
        let kept = Kept {
            for_ms, bytes, segment_bytes, segment_ms,
            compacted: flags & 1 > 0, deletes: flags & 2 > 0, tiered: flags & 4 > 0, arrival_times: flags & 8 > 0,
        };
        let parts: Vec<_> = parts.into_iter().map(|(start, next, end, bytes, oldest, in_per_s, out_per_s)| Unread {
            start, next, end, bytes, oldest: oldest.map(Timestamp), in_per_s, out_per_s, deleted_per_s: in_per_s / 2.0,
        }).collect();
        let mut profile = Profile::default();
        for p in points {
            profile.update(p);
        }
        if let Some(loss) = profile.first_loss(Timestamp(now), &kept, &parts) {
            prop_assert!(loss.first >= Timestamp(now) && loss.earliest <= loss.first, "{:?}", loss);
            prop_assert!(loss.per_s.is_finite() && loss.per_s >= 0.0);
        }
    }
}
