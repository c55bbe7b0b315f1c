use super::{
    Expectation,
    window::{DAY_SECS, Days, HOUR_SECS, Window, weekday},
};
use crate::{Timestamp, lag::GroupKind};
use std::collections::BTreeSet;

const DAY_HOURS: i64 = DAY_SECS / HOUR_SECS;
/// Whoever has read nothing for so long, and has no members, is not used any more;
const RETIRED_AFTER_HOURS: i64 = 7 * DAY_HOURS;
/// whoever is expected on one or two days a week, after so long.
const SELDOM_RETIRED_AFTER_HOURS: i64 = 14 * DAY_HOURS;
const SELDOM: u32 = 2;
/// A pause of one hour does not end a run.
const PAUSE_HOURS: i64 = 1;
/// Whatever runs for longer is watched all the time, and a window that wide would tell of nothing in time.
const LONGEST_HOURS: i64 = 6;
/// Runs that begin so far apart at most, by the clock, are of one window.
const JITTER_HOURS: i64 = 2;
const LEAST_RUNS: usize = 3;
/// Farther from 1970 there are no hours.
const FARTHEST_HOURS: u64 = 1 << 40;
const MOST_WINDOWS: usize = 6;

/// What is known of how a group reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Habits<'a> {
    pub name: &'a str,
    pub kind: GroupKind,
    /// Now.
    pub members: u32,
    /// Something is unread: whoever owes reading has broken down, and is not retired.
    pub unread: bool,
    pub now: Timestamp,
    /// Did it read in these hours? The oldest first, and none from before it was first seen: those would tell that it has
    /// long been silent. Two weeks tell of what runs daily, or on several days of a week; what runs once a week needs a day
    /// more than two.
    pub hours: &'a [bool],
    /// Hours since 1970 of the last of `hours`.
    pub last_hour: i64,
    /// `None`: never, as far as is known.
    pub last_progress: Option<Timestamp>,
}

/// What may be expected of it.
pub fn learn(habits: &Habits<'_>) -> Expectation {
    if is_ephemeral(habits.name, habits.kind) {
        return Expectation::Ephemeral;
    }
    let windows = windows(habits);
    let silent = silent_hours(habits);
    if habits.members == 0 && !habits.unread && silent >= RETIRED_AFTER_HOURS {
        let seldom = !windows.is_empty() && windows.iter().all(|w| w.days().count() <= SELDOM);
        if !seldom || silent >= SELDOM_RETIRED_AFTER_HOURS {
            return Expectation::Retired;
        }
    }
    if windows.is_empty() { Expectation::Continuous } else { Expectation::Scheduled { windows } }
}

/// Kafka's console consumers name themselves so; Weir's own leave nothing behind.
fn is_ephemeral(name: &str, kind: GroupKind) -> bool {
    let of_kafka = matches!(kind, GroupKind::Classic | GroupKind::Consumer | GroupKind::Share | GroupKind::Streams);
    name.starts_with("weir.") || (of_kafka && name.starts_with("console-consumer-"))
}

/// For how long it has read nothing, at least.
fn silent_hours(habits: &Habits<'_>) -> i64 {
    let now = hour_of(habits.now);
    let by_hours = match habits.hours.iter().rposition(|on| *on) {
        Some(i) => hour_at(habits, i),
        None => habits.last_hour.saturating_sub(len(habits.hours)),
    };
    let read = habits.last_progress.map_or(by_hours, |at| hour_of(at).max(by_hours));
    now.saturating_sub(read)
}

fn hour_of(at: Timestamp) -> i64 {
    at.0.div_euclid(HOUR_SECS * 1_000_000)
}

fn hour_at(habits: &Habits<'_>, index: usize) -> i64 {
    let back = len(habits.hours).saturating_sub(1).saturating_sub(i64::try_from(index).unwrap_or(i64::MAX));
    habits.last_hour.saturating_sub(back)
}

fn len(hours: &[bool]) -> i64 {
    i64::try_from(hours.len()).unwrap_or(i64::MAX)
}

/// Hours in which it read, with short pauses: `from` up to and without `until`.
#[derive(Debug, Clone, Copy)]
struct Run {
    from: i64,
    until: i64,
}

fn runs(habits: &Habits<'_>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let read = habits.hours.iter().enumerate().filter(|(_, on)| **on).map(|(i, _)| hour_at(habits, i));
    for hour in read {
        match runs.last_mut() {
            Some(run) if hour.saturating_sub(run.until) <= PAUSE_HOURS => run.until = hour.saturating_add(1),
            _ => runs.push(Run { from: hour, until: hour.saturating_add(1) }),
        }
    }
    runs
}

/// The windows in which it runs; none where it does not keep to any.
fn windows(habits: &Habits<'_>) -> Vec<Window> {
    if habits.last_hour.unsigned_abs() > FARTHEST_HOURS {
        return Vec::new();
    }
    let mut runs = runs(habits);
    // What had begun before it was looked at tells no beginning.
    if runs.first().is_some_and(|r| r.from == hour_at(habits, 0)) {
        runs.remove(0);
    }
    let all = runs.len();
    runs.retain(|r| r.until - r.from <= LONGEST_HOURS);
    // What was not looked at for longer than it was tells nothing.
    let now = hour_of(habits.now).min(habits.last_hour.saturating_add(len(habits.hours)));
    let (mut found, mut explained) = (Vec::new(), 0);
    for cluster in by_clock(runs) {
        if let Some(window) = recurring(&cluster, now) {
            found.push(window);
            explained += cluster.len();
        }
    }
    // One run in ten may be a person's.
    if found.len() > MOST_WINDOWS || explained * 10 < all * 9 {
        return Vec::new();
    }
    found.sort_unstable();
    found
}

/// Runs that begin at about the same time of day.
fn by_clock(mut runs: Vec<Run>) -> Vec<Vec<Run>> {
    let clock = |r: &Run| r.from.rem_euclid(DAY_HOURS);
    runs.sort_by_key(|r| (clock(r), r.from));
    // Begin after the widest gap, so that what runs about midnight is not torn.
    let gap = |i: usize| {
        let before = if i == 0 { runs.len() - 1 } else { i - 1 };
        (clock(&runs[i]) - clock(&runs[before])).rem_euclid(DAY_HOURS)
    };
    let widest = (0..runs.len()).max_by_key(|i| gap(*i));
    if let Some(first) = widest {
        runs.rotate_left(first);
    }
    let mut clusters: Vec<Vec<Run>> = Vec::new();
    for run in runs {
        match clusters.last_mut() {
            Some(cluster) if (clock(&run) - clock(&cluster[0])).rem_euclid(DAY_HOURS) <= JITTER_HOURS => {
                cluster.push(run);
            }
            _ => clusters.push(vec![run]),
        }
    }
    clusters
}

/// The window of runs at about the same time of day, if they recur: daily, or on the same days of each week.
fn recurring(cluster: &[Run], now: i64) -> Option<Window> {
    let begins = cluster.first()?.from.rem_euclid(DAY_HOURS);
    // Days are counted from where the window begins.
    let day = |r: &Run| (r.from - begins).div_euclid(DAY_HOURS);
    let length = cluster.iter().map(|r| r.until - (day(r) * DAY_HOURS + begins)).max()?;
    if length > LONGEST_HOURS + JITTER_HOURS {
        return None;
    }
    let ran: BTreeSet<i64> = cluster.iter().map(day).collect();
    let first = *ran.first()?;
    let ended = (now - begins - length).div_euclid(DAY_HOURS).max(*ran.last()?);
    let chances = |w: u8| (first..=ended).filter(|d| weekday(*d) == w).count();
    let hits = |w: u8| ran.iter().filter(|d| weekday(**d) == w).count();
    let share = |days: &[u8]| {
        let (hits, chances) = days.iter().fold((0, 0), |(h, c), w| (h + hits(*w), c + chances(*w)));
        (hits, chances)
    };
    if ran.len() < LEAST_RUNS {
        return None;
    }
    let on: Vec<u8> = (0..7).filter(|w| hits(*w) > 0).collect();
    let every = (0..7).all(|w| chances(w) == 0 || hits(w) > 0);
    let days = match share(&on) {
        // Four of five.
        (hits, chances) if every && hits * 5 >= chances * 4 => Days::ALL,
        // Two of three, and each of them again.
        (ran, chances) if !every && ran * 3 >= chances * 2 && on.iter().all(|w| hits(*w) >= 2) => Days::of(on)?,
        _ => return None,
    };
    let minutes = |hours: i64| u16::try_from(hours.rem_euclid(DAY_HOURS) * 60).ok();
    Window::new(days, minutes(begins)?, minutes(begins + length)?)
}

/// How far commits usually lie apart, in milliseconds: longer than nine of ten of these intervals were, or nearly. Not their
/// mean, which one night of silence carries away; not their middle, which is too short for who commits some at a time.
/// `None`: there are fewer than two.
pub fn usual_interval(times_ms: impl IntoIterator<Item = i64>) -> Option<i64> {
    let mut times = times_ms.into_iter();
    let mut before = times.next()?;
    let mut intervals: Vec<i64> = times
        .map(|at| {
            let interval = at.saturating_sub(before).max(0);
            before = at;
            interval
        })
        .collect();
    intervals.sort_unstable();
    // Rounded down, so that the longest of a few does not count.
    intervals.get(intervals.len().saturating_sub(1) * 9 / 10).copied()
}
