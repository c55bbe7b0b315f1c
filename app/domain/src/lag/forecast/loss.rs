//! When retention deletes what a group has not read.
//!
//! Kafka deletes whole segments: by time once the newest event of one is older than `retention.ms`, by size once
//! `retention.bytes` are left without it. So the first loss is up to a segment's length later than the oldest unread event's
//! own age says. The segment that is written is deleted too, once nothing has been written to it for so long
//! (`UnifiedLog.deletableSegments`). Where segments are not known, each event is taken for one.

use super::{Ahead, Profile, after, secs_between};
use crate::{Timestamp, figures, lag::Loss};
use serde::{Deserialize, Serialize};

/// Deletion is looked at every 5 minutes (`log.retention.check.interval.ms`): half of that late on average.
const CHECKED: f64 = 150.0;
/// Losses that are farther away are not told.
const FARTHEST: f64 = 400.0 * 86_400.0;
/// Deletions of one partition that are looked at, each of a segment or of more.
const MOST_STEPS: usize = 128;
/// What an event takes on disk changes: in eight of ten cases by less than this part.
const SIZES_DIFFER: f64 = 0.1;

/// How a channel keeps its events, as far as that is known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Kept {
    /// `None`: for ever.
    pub for_ms: Option<i64>,
    /// Bytes per partition; `None`: no limit.
    pub bytes: Option<i64>,
    pub segment_bytes: Option<i64>,
    pub segment_ms: Option<i64>,
    /// The latest of each key is kept.
    pub compacted: bool,
    /// Events are deleted by time or size: without it `for_ms` and `bytes` hold for nothing.
    pub deletes: bool,
    /// Older segments lie in another store (KIP-405), which `for_ms` and `bytes` hold for: what lies on the broker's disks
    /// says nothing of how large events are.
    pub tiered: bool,
    /// Timestamps are of arrival (`LogAppendTime`).
    #[serde(default)]
    pub arrival_times: bool,
}

impl Kept {
    /// What the channel keeps, for a person: `24 h or 10 GB per partition`, `the latest of each key`, `everything`.
    pub fn words(&self) -> String {
        let age = self.for_ms.filter(|ms| *ms >= 0 && self.deletes).map(long);
        let size = self.bytes.filter(|b| *b >= 0 && self.deletes);
        let size = size.map(|b| format!("{} per partition", short_bytes(b as f64)));
        let old = match (age, size) {
            (Some(age), Some(size)) => Some(format!("{age} or {size}")),
            (age, size) => age.or(size),
        };
        let mut words = match (self.compacted, old) {
            (true, None) => "the latest of each key".to_string(),
            (true, Some(old)) => format!("the latest of each key, for {old}"),
            (false, Some(old)) => old,
            (false, None) => "everything".to_string(),
        };
        if self.tiered {
            words.push_str(", older segments in another store");
        }
        words
    }
}

/// What a group has not read of one partition.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Unread {
    pub start: i64,
    pub next: i64,
    pub end: i64,
    /// On the broker's disks, one replica.
    pub bytes: Option<u64>,
    /// The oldest unread event's time as the broker keeps it, which retention counts from. `None`: not known, then it is told by how
    /// fast events come.
    pub oldest: Option<Timestamp>,
    /// Events per second that arrive, that are read and that are deleted.
    pub in_per_s: f64,
    pub out_per_s: f64,
    pub deleted_per_s: f64,
}

impl Unread {
    fn lag(&self) -> f64 {
        self.end.saturating_sub(self.next).max(0) as f64
    }

    /// Unread events that are deleted already.
    pub const fn lost(&self) -> u64 {
        let lost = self.start.saturating_sub(self.next);
        if lost > 0 { lost.unsigned_abs() } else { 0 }
    }
}

/// When the broker forgets the positions of a group that nobody is in (KIP-211: so long after its last member left).
pub fn positions_expire(empty_since: Option<Timestamp>, kept_for_ms: Option<i64>) -> Option<Timestamp> {
    let ms = kept_for_ms.filter(|ms| *ms >= 0)?;
    Some(empty_since?.plus_micros(ms.saturating_mul(1000)))
}

/// The first loss of unread events, if the group goes on as `ahead` says (from now on, oldest first). `None`: nothing is
/// lost as far as can be told.
pub fn first_loss(now: Timestamp, kept: &Kept, partitions: &[Unread], ahead: &[Ahead]) -> Option<Loss> {
    let (lost, since) = partitions.iter().filter(|p| p.lost() > 0).fold((0u64, 0.0), |(lost, rate), p| {
        (lost.saturating_add(p.lost()), rate + (p.in_per_s - p.out_per_s).max(p.deleted_per_s - p.out_per_s))
    });
    if lost > 0 {
        let by = rule(kept, partitions.iter().find(|p| p.lost() > 0)?)
            .map_or("deletion of its oldest events".into(), |r| r.1);
        return Some(Loss { first: now, earliest: now, per_s: finite(since), by });
    }
    let total: f64 = partitions.iter().map(|p| finite(p.in_per_s)).sum();
    let mut found: Vec<(f64, f64, f64, String)> = Vec::new();
    for p in partitions {
        let Some((rule, by)) = rule(kept, p) else { continue };
        let share = if total > 0.0 { finite(p.in_per_s) / total } else { 1.0 / partitions.len().max(1) as f64 };
        let way = Way { now, p, share, ahead, high: false };
        if let Some(first) = way.first(&rule, segment(kept, p)) {
            let earliest = Way { high: true, ..way }.earliest(&rule).unwrap_or(first).min(first);
            let per_s = finite(p.in_per_s) - if way.stands() { 0.0 } else { finite(p.out_per_s) };
            found.push((first, earliest, per_s.max(0.0), by));
        }
    }
    let at = found.iter().min_by(|a, b| a.0.total_cmp(&b.0))?;
    let earliest = found.iter().map(|f| f.1).fold(at.0, f64::min);
    // Partitions that begin to lose a day later are no part of it.
    let per_s = found.iter().filter(|f| f.0 <= at.0 + 86_400.0).map(|f| f.2).sum();
    Some(Loss { first: after(now, at.0), earliest: after(now, earliest), per_s, by: at.3.clone() })
}

fn finite(x: f64) -> f64 {
    if x.is_finite() { x.clamp(0.0, 1e15) } else { 0.0 }
}

/// What deletes events of a partition.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Rule {
    /// Older ones, in seconds.
    age: Option<f64>,
    /// All but so many events.
    events: Option<f64>,
    /// So many a second, for a reason that is not known.
    per_s: Option<f64>,
}

fn event_bytes(kept: &Kept, p: &Unread) -> Option<f64> {
    let events = p.end.saturating_sub(p.start);
    // Of a few events the size is mostly the segment's own.
    (!kept.tiered && events >= 100).then(|| p.bytes.map(|b| b as f64 / events as f64))?.filter(|b| *b > 0.0)
}

/// The rule, and its words: of what will delete first.
fn rule(kept: &Kept, p: &Unread) -> Option<(Rule, String)> {
    if kept.compacted && !kept.deletes {
        return None;
    }
    let for_ms = kept.for_ms.filter(|ms| *ms >= 0 && kept.deletes);
    let age = for_ms.map(|ms| ms as f64 / 1000.0);
    let size = kept.bytes.filter(|b| *b >= 0 && kept.deletes).zip(event_bytes(kept, p));
    let events = size.map(|(bytes, each)| bytes as f64 / each);
    // By which of the two so little is kept.
    let by_size = events.is_some_and(|n| age.is_none_or(|age| n < age * finite(p.in_per_s)));
    let by = match (for_ms, size) {
        (_, Some((bytes, each))) if by_size => format!(
            "retention of {} per partition, at {}/s",
            short_bytes(bytes as f64),
            short_bytes(each * finite(p.in_per_s))
        ),
        (Some(ms), _) => format!("retention of {}", long(ms)),
        _ if finite(p.deleted_per_s) > 0.0 => {
            let rate = finite(p.deleted_per_s);
            format!("deletion of its oldest events, {}/s", figures::fixed(rate, if rate < 10.0 { 1 } else { 0 }))
        }
        _ => return None,
    };
    let known = age.is_some() || events.is_some();
    Some((Rule { age, events, per_s: (!known).then(|| finite(p.deleted_per_s)) }, by))
}

fn short_bytes(bytes: f64) -> String {
    figures::bytes(bytes.clamp(0.0, 1e18) as u64).replace(".0 ", " ")
}

/// `30 min`, `24 h`, `7 d`: in the largest unit that it is a whole number of; up to two days in hours.
fn long(ms: i64) -> String {
    const UNITS: [(i64, &str); 5] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1000, "s"), (1, "ms")];
    let unit = UNITS.iter().find(|(unit, name)| ms % unit == 0 && (*name != "d" || ms >= 2 * unit) && ms >= *unit);
    unit.map_or_else(|| format!("{ms} ms"), |(unit, name)| format!("{} {name}", ms / unit))
}

/// Events of a segment; 1 if not known.
fn segment(kept: &Kept, p: &Unread) -> f64 {
    let by_size =
        kept.segment_bytes.filter(|b| *b > 0).zip(event_bytes(kept, p)).map(|(bytes, each)| bytes as f64 / each);
    let by_time = kept.segment_ms.filter(|ms| *ms > 0).map(|ms| ms as f64 / 1000.0 * finite(p.in_per_s));
    match (by_size, by_time) {
        (Some(a), Some(b)) => a.min(b),
        (a, b) => a.or(b).unwrap_or(1.0),
    }
    .max(1.0)
}

/// How one partition goes on.
#[derive(Clone, Copy)]
struct Way<'a> {
    now: Timestamp,
    p: &'a Unread,
    /// Of what arrives in all partitions.
    share: f64,
    ahead: &'a [Ahead],
    /// At the high side of the band.
    high: bool,
}

impl Way<'_> {
    /// The group reads others, but not this one; or none.
    fn stands(&self) -> bool {
        self.p.lag() > 0.0 && finite(self.p.out_per_s) <= 0.0
    }

    fn lag_of(&self, a: &Ahead) -> f64 {
        if self.high { a.high } else { a.mid }
    }

    /// What arrives in all partitions, and lag, in so many seconds; beyond what was forecast as in its last part.
    fn all(&self, secs: f64) -> (f64, f64) {
        let at = |a: &Ahead| (secs_between(self.now, a.at), a.arrived, self.lag_of(a));
        let i = self.ahead.partition_point(|a| secs_between(self.now, a.at) < secs);
        let n = self.ahead.len();
        let (from, to) = match (i, n) {
            (_, 0) => return (0.0, self.p.lag()),
            (_, 1) | (0, _) => return (self.ahead[0].arrived, self.lag_of(&self.ahead[0])),
            // The last day's part: a shorter one has the time of day in it.
            (i, n) if i == n => {
                let end = secs_between(self.now, self.ahead[n - 1].at);
                let day = self.ahead.partition_point(|a| secs_between(self.now, a.at) < end - 86_400.0);
                (day.min(n - 2), n - 1)
            }
            (i, _) => (i - 1, i),
        };
        let ((t0, a0, l0), (t1, a1, l1)) = (at(&self.ahead[from]), at(&self.ahead[to]));
        let part = if t1 > t0 { (secs - t0) / (t1 - t0) } else { 0.0 };
        (a0 + (a1 - a0) * part, (l0 + (l1 - l0) * part).max(0.0))
    }

    /// Next position to be read, in so many seconds.
    fn next(&self, secs: f64) -> f64 {
        let next = self.p.next as f64;
        if self.stands() {
            return next;
        }
        let (arrived, lag) = self.all(secs);
        let begin = self.ahead.first().map_or(0.0, |a| self.lag_of(a));
        let own = if begin >= 1.0 { self.p.lag() / begin } else { self.share };
        let end = self.end(arrived);
        (end - lag * own).clamp(next, end.max(next))
    }

    fn end(&self, arrived: f64) -> f64 {
        self.p.end as f64 + arrived.max(0.0) * self.share
    }

    /// Seconds since the oldest unread event was written; by how fast they come, if that is not known.
    fn age(&self) -> Option<f64> {
        let by_rate =
            || (self.p.in_per_s > 0.0).then(|| (self.p.lag() / finite(self.p.in_per_s).max(1e-9)).min(FARTHEST));
        self.p.oldest.map(|at| secs_between(at, self.now).max(0.0)).or_else(by_rate)
    }

    /// Seconds from now (negative: ago) at which the log reaches a position.
    fn reached(&self, position: f64) -> Option<f64> {
        let (next, end) = (self.p.next as f64, self.p.end as f64);
        if position <= end {
            let age = self.age()?;
            let part = if end > next { ((end - position) / (end - next)).clamp(0.0, 1.0) } else { 1.0 };
            return Some(-age * part);
        }
        let want = (position - end) / self.share.max(1e-12);
        let i = self.ahead.partition_point(|a| a.arrived < want);
        let n = self.ahead.len();
        let (from, to) = match i {
            0 => return Some(0.0),
            i if i < n => (i - 1, i),
            _ => {
                let end = secs_between(self.now, self.ahead.last()?.at);
                let day = self.ahead.partition_point(|a| secs_between(self.now, a.at) < end - 86_400.0);
                (day.min(n.checked_sub(2)?), n - 1)
            }
        };
        let (a, b) = (&self.ahead[from], &self.ahead[to]);
        let (t0, t1) = (secs_between(self.now, a.at), secs_between(self.now, b.at));
        let per_s = (b.arrived - a.arrived) / (t1 - t0).max(1e-9);
        (per_s > 0.0).then(|| t0 + (want - a.arrived) / per_s)
    }

    /// Seconds until everything below a position is deleted.
    fn deleted(&self, below: f64, rule: &Rule) -> Option<f64> {
        // What is written last is deleted too if nothing comes after it.
        let by_age = rule.age.filter(|_| self.age().is_some() || below > self.p.end as f64);
        let by_age = by_age.map(|age| self.reached(below).unwrap_or(0.0).min(FARTHEST) + age);
        let by_size = rule.events.and_then(|n| self.reached_from_now(below + n));
        let by_rate = rule.per_s.filter(|r| *r > 0.0).map(|r| (below - self.p.start as f64) / r);
        [by_age, by_size, by_rate].into_iter().flatten().reduce(f64::min).map(|s| s.max(0.0))
    }

    /// As [`Self::reached`], for positions of which only those to come matter.
    fn reached_from_now(&self, position: f64) -> Option<f64> {
        if position <= self.p.end as f64 { Some(0.0) } else { self.reached(position) }
    }

    /// Are events lost when everything below a position is deleted? When that is, if they are; `None`: it never is.
    fn lost(&self, below: f64, rule: &Rule) -> Option<(f64, bool)> {
        let secs = self.deleted(below, rule).filter(|s| *s <= FARTHEST)?;
        Some((secs, self.next(secs) < below.min(self.end(self.all(secs).0))))
    }

    /// Seconds until the first deletion that takes unread events, if everything is deleted in steps of `segment` events.
    fn search(&self, first: f64, segment: f64, rule: &Rule) -> Option<f64> {
        // Steps become wider the further it goes, and are looked into where one is found.
        let mut wide = (self.p.lag() / MOST_STEPS as f64 / segment).floor().max(1.0);
        let mut kept = 0.0;
        let mut steps = 0.0;
        for _ in 0..MOST_STEPS {
            let (secs, lost) = self.lost(first + steps * segment, rule)?;
            if lost {
                let (mut kept, mut found) = (kept, (steps, secs));
                while found.0 - kept > 1.0 {
                    let middle = ((kept + found.0) / 2.0).floor();
                    match self.lost(first + middle * segment, rule) {
                        Some((secs, true)) => found = (middle, secs),
                        _ => kept = middle,
                    }
                    // So many steps that they can't be told apart any more.
                    if found.0 > 1e15 {
                        break;
                    }
                }
                return Some(found.1);
            }
            kept = steps;
            steps += wide;
            wide = (wide * 1.1).ceil();
        }
        None
    }

    /// Seconds until the first unread events are deleted.
    fn first(&self, rule: &Rule, segment: f64) -> Option<f64> {
        let (start, next) = (self.p.start as f64, self.p.next as f64);
        // `start` is where a segment begins.
        let below = start + (((next - start) / segment).floor() + 1.0) * segment;
        self.search(below, segment, rule).map(|s| s + CHECKED)
    }

    /// The same if each event were a segment, events somewhat larger, and the group as slow as it may be: not before this.
    fn earliest(&self, rule: &Rule) -> Option<f64> {
        let rule = Rule { events: rule.events.map(|n| n * (1.0 - SIZES_DIFFER)), ..*rule };
        self.search(self.p.next as f64 + 1.0, 1.0, &rule)
    }
}

impl Profile {
    /// The first loss of unread events from now on, if the group goes on as it does.
    pub fn first_loss(&self, now: Timestamp, kept: &Kept, partitions: &[Unread]) -> Option<Loss> {
        let lost = partitions.iter().any(|p| p.lost() > 0);
        let lag = partitions.iter().fold(0u64, |sum, p| sum.saturating_add(p.lag() as u64));
        // Most groups: nothing is unread that will be deleted, or they keep up and what is unread is young.
        let far = |p: &Unread| match rule(kept, p) {
            Some((Rule { age, events, per_s: None }, _)) => {
                let way = Way { now, p, share: 1.0, ahead: &[], high: false };
                age.is_none_or(|most| way.age().is_some_and(|age| age < most / 2.0))
                    && events.is_none_or(|most| p.lag() < most / 2.0)
            }
            Some(_) => false,
            None => true,
        };
        let young = |keeps_up: bool| {
            partitions.iter().all(|p| p.lag() <= 0.0 || (keeps_up && far(p)) || rule(kept, p).is_none())
        };
        if !lost && young(self.keeps_up(lag)) {
            return None;
        }
        // Every hour of two days, then every four of a week.
        let times: Vec<_> = (0..48).chain((48..=168).step_by(4)).map(|h| f64::from(h) * 3600.0).collect();
        first_loss(now, kept, partitions, &self.ahead(now, lag, &times))
    }
}
