use super::*;
use crate::lag::GroupKind;

/// 2026-11-23, in days since 1970.
const MONDAY: i64 = 20_780;
const HOUR: i64 = 3600;

/// Numbers that look random and are the same every time.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, n: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).unwrap() % n
    }
}

fn at(day: i64, hour: i64, minute: i64) -> Timestamp {
    Timestamp((day * 24 * HOUR + hour * HOUR + minute * 60) * 1_000_000)
}

/// What a group did in the hours before `now`.
struct Story {
    hours: Vec<bool>,
    now: Timestamp,
    last: Option<Timestamp>,
}

impl Story {
    /// `days` of them, up to `now`.
    fn before(now: Timestamp, days: i64) -> Self {
        Self { hours: vec![false; usize::try_from(days * 24).unwrap()], now, last: None }
    }
    fn last_hour(&self) -> i64 {
        self.now.0 / 1_000_000 / HOUR
    }
    /// It read from one time to another.
    fn read(&mut self, from: Timestamp, secs: i64) {
        let until = from.plus_secs(secs);
        if until > self.now {
            return;
        }
        for hour in from.0 / 1_000_000 / HOUR..=until.0 / 1_000_000 / HOUR {
            let back = usize::try_from(self.last_hour() - hour).unwrap();
            if let Some(i) = self.hours.len().checked_sub(back + 1) {
                self.hours[i] = true;
            }
        }
        self.last = self.last.max(Some(until));
    }
    fn learnt(&self, name: &str, members: u32) -> Expectation {
        learn(&Habits {
            name,
            kind: GroupKind::Classic,
            members,
            unread: false,
            now: self.now,
            hours: &self.hours,
            last_hour: self.last_hour(),
            last_progress: self.last,
        })
    }
}

fn window(text: &str) -> Expectation {
    Expectation::parse(text).unwrap()
}

#[test]
fn days_of_the_week_are_right() {
    assert_eq!(super::window::weekday(0), 3, "1970 began on a Thursday");
    assert_eq!((super::window::weekday(MONDAY), super::window::weekday(MONDAY - 1)), (0, 6));
    assert_eq!(at(MONDAY, 0, 0).rfc3339(), "2026-11-23T00:00:00.000000Z");
}

#[test]
fn a_daily_batch_is_told_by_its_window_however_it_jitters() {
    let mut daily = 0;
    for seed in 0..200 {
        let mut random = Seeded(seed);
        let mut story = Story::before(at(MONDAY, 12, 0), 14);
        let mut failed = 0;
        for day in MONDAY - 14..=MONDAY {
            // From 01:50 to 02:30 on, for 20 to 40 minutes; one day in twenty it fails.
            let begins = at(day, 1, 50).plus_secs(random.below(40 * 60));
            let lasts = 20 * 60 + random.below(20 * 60);
            match random.below(20) {
                0 => failed += 1,
                _ => story.read(begins, lasts),
            }
        }
        match story.learnt("nightly", 0) {
            Expectation::Scheduled { windows } => {
                let text = windows[0].to_string();
                let told =
                    ["01:00-03:00", "01:00-04:00", "02:00-03:00", "02:00-04:00"].iter().any(|w| text.ends_with(w));
                assert!(told && windows.len() == 1, "seed {seed}: {text}");
                // A day of the week on which it never ran is left out.
                assert!(text.starts_with("daily") || failed > 1, "seed {seed}: {text}");
                daily += usize::from(text.starts_with("daily"));
            }
            // What fails so often is no habit.
            other => assert!(failed > 2, "seed {seed}: {other}"),
        }
    }
    assert!(daily > 180, "{daily}");
}

#[test]
fn one_long_run_does_not_end_a_habit() {
    let mut story = Story::before(at(MONDAY, 20, 0), 14);
    for day in MONDAY - 13..=MONDAY {
        story.read(at(day, 2, 0), if day == MONDAY - 3 { 11 * HOUR } else { 40 * 60 });
    }
    assert_eq!(story.learnt("nightly", 0), window("daily 02:00-03:00"));
}

#[test]
fn a_batch_about_midnight_is_one_window() {
    let mut random = Seeded(7);
    let mut story = Story::before(at(MONDAY, 12, 0), 14);
    for day in MONDAY - 14..MONDAY {
        story.read(at(day, 23, 40).plus_secs(random.below(40 * 60)), 30 * 60);
    }
    assert_eq!(story.learnt("close-of-day", 0), window("daily 23:00-01:00"));
}

#[test]
fn what_runs_on_some_days_of_the_week_is_told() {
    let ran = |days: i64, on: &[i64]| {
        let mut story = Story::before(at(MONDAY, 12, 0), days);
        for day in (MONDAY - days..=MONDAY).filter(|d| on.contains(&(d - MONDAY).rem_euclid(7))) {
            story.read(at(day, 6, 5), 15 * 60);
        }
        story.learnt("report", 0)
    };
    assert_eq!(ran(14, &[0, 2, 4]), window("Mon, Wed, Fri 06:00-07:00"));
    assert_eq!(ran(14, &[0, 1, 2, 3, 4]), window("Mon, Tue, Wed, Thu, Fri 06:00-07:00"));
    assert_eq!(ran(15, &[0]), window("Mon 06:00-07:00"));
    assert_eq!(ran(22, &[6]), window("Sun 06:00-07:00"));
    // Two are no habit.
    assert_eq!(ran(14, &[3]), Expectation::Continuous);
}

#[test]
fn two_batches_a_day_are_two_windows() {
    let mut story = Story::before(at(MONDAY, 20, 0), 10);
    for day in MONDAY - 10..=MONDAY {
        story.read(at(day, 2, 0), 40 * 60);
        story.read(at(day, 14, 10), 10 * 60);
    }
    let learnt = story.learnt("import", 0);
    assert_eq!(learnt, window("daily 02:00-03:00; daily 14:00-15:00"));
    assert_eq!(learnt.describe(), "runs daily 02:00-03:00 and daily 14:00-15:00 UTC");
}

#[test]
fn three_nights_are_enough_and_two_are_not() {
    let mut story = Story::before(at(MONDAY, 12, 0), 14);
    for day in MONDAY - 1..=MONDAY {
        story.read(at(day, 2, 0), 40 * 60);
    }
    assert_eq!(story.learnt("new", 0), Expectation::Continuous);
    story.read(at(MONDAY - 2, 2, 0), 40 * 60);
    assert_eq!(story.learnt("new", 0), window("daily 02:00-03:00"));
}

#[test]
fn who_checkpoints_each_five_minutes_is_continuous_and_does_not_flap() {
    for seed in 0..50 {
        let mut random = Seeded(seed);
        let mut story = Story::before(at(MONDAY, 12, 0), 14);
        let (mut when, mut times) = (at(MONDAY - 14, 0, 0), Vec::new());
        while when < story.now {
            story.read(when, 0);
            times.push(when.millis());
            // Now and then it is started anew and commits early, or a night passes.
            let pause = match random.below(100) {
                0 => 8 * HOUR,
                1..4 => 20,
                _ => 290 + random.below(20),
            };
            when = when.plus_secs(pause);
        }
        assert_eq!(story.learnt("flink", 3), Expectation::Continuous, "seed {seed}");
        let usual = usual_interval(times).unwrap();
        assert!((290_000..=310_000).contains(&usual), "seed {seed}: {usual}");
    }
}

#[test]
fn who_reads_by_day_only_is_not_scheduled() {
    let mut story = Story::before(at(MONDAY, 12, 0), 14);
    for day in MONDAY - 14..MONDAY {
        story.read(at(day, 7, 0), 14 * HOUR);
    }
    assert_eq!(story.learnt("shop", 2), Expectation::Continuous);
}

#[test]
fn sporadic_reading_is_no_schedule() {
    for seed in 0..200 {
        let mut random = Seeded(seed);
        let mut story = Story::before(at(MONDAY, 12, 0), 14);
        for _ in 0..20 {
            story.read(at(MONDAY - 14, 0, 0).plus_secs(random.below(14 * 24 * HOUR)), 600);
        }
        story.last = Some(story.now.plus_secs(-HOUR));
        assert_eq!(story.learnt("rare", 1), Expectation::Continuous, "seed {seed}");
    }
}

#[test]
fn the_dead_are_retired_unless_somebody_is_there() {
    let mut story = Story::before(at(MONDAY, 12, 0), 14);
    for hour in 0..24 {
        story.read(at(MONDAY - 8, hour, 0), 60);
    }
    assert_eq!(story.learnt("old", 0), Expectation::Retired);
    assert_eq!(story.learnt("old", 1), Expectation::Continuous);
    // Who owes reading has broken down.
    let owes = learn(&Habits {
        name: "old",
        kind: GroupKind::Classic,
        members: 0,
        unread: true,
        now: story.now,
        hours: &story.hours,
        last_hour: story.last_hour(),
        last_progress: story.last,
    });
    assert_eq!(owes, Expectation::Continuous);
    // Six days are not yet dead.
    let mut story = Story::before(at(MONDAY, 12, 0), 14);
    for hour in 0..24 {
        story.read(at(MONDAY - 6, hour, 0), 60);
    }
    assert_eq!(story.learnt("ill", 0), Expectation::Continuous);
    // Nor is what was looked at for an hour only.
    let mut story = Story::before(at(MONDAY, 12, 0), 14);
    story.hours.truncate(1);
    assert_eq!(story.learnt("new", 0), Expectation::Continuous);
    story.last = Some(at(MONDAY - 30, 0, 0));
    assert_eq!(
        story.learnt("new", 0),
        Expectation::Continuous,
        "it may have read before it was looked at: one hour tells"
    );
}

#[test]
fn a_weekly_job_that_fails_is_late_and_not_retired() {
    let mut story = Story::before(at(MONDAY, 12, 0), 29);
    for week in 1..=4 {
        story.read(at(MONDAY - 7 * week, 6, 5), 600);
    }
    let learnt = story.learnt("weekly", 0);
    assert_eq!(learnt, window("Mon 06:00-07:00"));
    assert!(learnt.raises_alarms(story.now, story.last));
}

#[test]
fn hours_that_make_no_sense_do_no_harm() {
    let hours: Vec<bool> = (0..14 * 24).map(|h| h % 24 == 3).collect();
    for last_hour in [i64::MIN, -1, 0, 500_000, i64::MAX] {
        for now in [i64::MIN, 0, i64::MAX] {
            let (now, last_progress) = (Timestamp(now), Some(Timestamp(i64::MAX)));
            let habits = Habits {
                name: "x",
                kind: GroupKind::Redis,
                members: 0,
                unread: false,
                now,
                hours: &hours,
                last_hour,
                last_progress,
            };
            learn(&habits);
            learn(&Habits { hours: &[], last_progress: None, ..habits });
        }
    }
}

#[test]
fn names_tell_what_comes_and_goes() {
    let mut story = Story::before(at(MONDAY, 12, 0), 14);
    story.read(at(MONDAY, 11, 0), 60);
    assert_eq!(story.learnt("console-consumer-4711", 1), Expectation::Ephemeral);
    assert_eq!(story.learnt("weir.verify.shop", 0), Expectation::Ephemeral);
    assert_eq!(story.learnt("weirdly-named", 0), Expectation::Continuous);
    let habits = Habits {
        name: "console-consumer-4711",
        kind: GroupKind::Queue,
        members: 1,
        unread: false,
        now: story.now,
        hours: &story.hours,
        last_hour: story.last_hour(),
        last_progress: story.last,
    };
    assert_eq!(learn(&habits), Expectation::Continuous);
}

#[test]
fn alarms_are_raised_of_what_should_have_run() {
    let nightly = window("daily 02:00-02:40");
    let yesterday = Some(at(MONDAY - 1, 2, 30));
    for (now, late) in [
        (at(MONDAY, 1, 59), false),
        (at(MONDAY, 2, 39), false),
        (at(MONDAY, 2, 40), true),
        (at(MONDAY, 23, 0), true),
        (at(MONDAY + 1, 1, 0), true),
    ] {
        assert_eq!(nightly.raises_alarms(now, yesterday), late, "{}", now.rfc3339());
        assert!(!nightly.raises_alarms(now, Some(at(MONDAY, 1, 45))), "it began early");
        assert!(nightly.raises_alarms(now, None));
    }
    let twice = window("daily 02:00-02:40; daily 14:00-14:40");
    assert!(!twice.raises_alarms(at(MONDAY, 15, 0), Some(at(MONDAY, 14, 20))), "the second made up for the first");
    assert!(twice.raises_alarms(at(MONDAY, 15, 0), Some(at(MONDAY, 2, 20))));
    let over_midnight = window("Sun 23:00-01:00");
    assert!(!over_midnight.raises_alarms(at(MONDAY, 0, 59), Some(at(MONDAY - 7, 0, 30))));
    assert!(over_midnight.raises_alarms(at(MONDAY, 1, 0), Some(at(MONDAY - 7, 0, 30))));
    assert!(!over_midnight.raises_alarms(at(MONDAY, 1, 0), Some(at(MONDAY, 0, 30))));

    assert!(Expectation::Continuous.raises_alarms(at(MONDAY, 0, 0), yesterday));
    assert!(!Expectation::Ephemeral.raises_alarms(at(MONDAY, 0, 0), None));
    assert!(!Expectation::Retired.raises_alarms(at(MONDAY, 0, 0), None));
    for now in [i64::MIN, i64::MAX, 0] {
        nightly.raises_alarms(Timestamp(now), Some(Timestamp(now)));
    }
}

#[test]
fn what_a_person_sets_is_read_and_written() {
    for (text, written) in [
        ("continuous", "continuous"),
        (" Ephemeral ", "ephemeral"),
        ("retired", "retired"),
        ("daily 02:00-02:40 UTC", "daily 02:00-02:40"),
        ("2:00 - 2:40", "daily 02:00-02:40"),
        ("weekdays 22:30-24:00", "Mon, Tue, Wed, Thu, Fri 22:30-00:00"),
        ("monday, Thursday 22:00–01:30;weekends 04:00-05:00", "Mon, Thu 22:00-01:30; Sat, Sun 04:00-05:00"),
        ("daily 02:00-02:40; daily 02:00-02:40", "daily 02:00-02:40"),
    ] {
        let read = Expectation::parse(text).unwrap_or_else(|why| panic!("{text}: {why}"));
        assert_eq!(read.to_string(), written);
        assert_eq!(Expectation::parse(written).unwrap(), read);
        let stored = serde_json::to_string(&read).unwrap();
        assert_eq!(serde_json::from_str::<Expectation>(&stored).unwrap(), read, "{stored}");
    }
    for (text, why) in [
        ("", "It is empty."),
        ("sometimes", "\"sometimes\" is no window of time."),
        ("daily 02:00", "\"02:00\" is no window of time."),
        ("daily 25:00-26:00", "\"25:00\" is no time of day."),
        ("daily 24:00-01:00", "\"24:00-01:00\" begins at no minute of a day."),
        ("daily 2-3", "\"2\" is no time of day."),
        ("daily +2:00-03:00", "\"+2:00\" is no time of day."),
        ("mo 02:00-03:00", "\"mo\" is no day of the week."),
        ("ünd 02:00-03:00", "\"ünd\" is no day of the week."),
    ] {
        let said = Expectation::parse(text).unwrap_err();
        assert!(said.starts_with(why), "{said}");
        assert!(said.contains("Write continuous"), "{said}");
    }
    assert!(Expectation::parse(&"daily 02:00-02:40;".repeat(40)).is_err());
    assert_eq!(window("daily 02:00-02:40").describe(), "runs daily 02:00-02:40 UTC");
}

#[test]
fn what_is_stored_must_make_sense() {
    for wrong in [
        r#"{"kind":"scheduled","windows":[{"days":0,"from":1,"until":2}]}"#,
        r#"{"kind":"scheduled","windows":[{"days":128,"from":1,"until":2}]}"#,
        r#"{"kind":"scheduled","windows":[{"days":1,"from":1440,"until":2}]}"#,
    ] {
        assert!(serde_json::from_str::<Expectation>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_usual_interval_is_robust() {
    assert_eq!(usual_interval([]), None);
    assert_eq!(usual_interval([5]), None);
    assert_eq!(usual_interval([5, 305]), Some(300));
    // One pause among few does not count, nor does a clock that goes back.
    assert_eq!(usual_interval([0, 10, 20, 30, 9_000]), Some(10));
    assert_eq!(usual_interval([100, 0, 10]), Some(0));
    assert_eq!(usual_interval([i64::MIN, i64::MAX]), Some(i64::MAX));
    // Three at a time, each five minutes.
    let bursts = (0..40).flat_map(|i| [i * 300, i * 300 + 1, i * 300 + 2]);
    assert_eq!(usual_interval(bursts), Some(298));
}
