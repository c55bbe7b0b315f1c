//! What is known of one group: who is in it, and how that changed.

use std::collections::{HashMap, VecDeque};
use weir_broker::GroupObserved;
use weir_domain::{
    Timestamp,
    lag::{
        Chunk, GroupSeen, GroupState, Happening, HappeningKind, Member, PairId, PairSeen, Place, Point, Profile, Tick,
    },
};

use super::partition::Partition;

/// Who left is remembered so long, and so many.
const LAST_MEMBERS: usize = 32;
/// Told one by one up to this many; more are one sentence.
const TOLD_ALONE: usize = 5;

/// Client id and host of whoever holds a partition, by channel and partition.
pub(super) type Holders = HashMap<String, HashMap<i32, (String, String)>>;

#[derive(Debug, Clone)]
pub(super) struct Tracked {
    pub seen: GroupSeen,
    /// As they were written last.
    pub written: Option<GroupSeen>,
    pub pairs: HashMap<String, Pair>,
    pub holders: Holders,
    /// Rebalances are told once, when they are over.
    rebalancing_since: Option<Timestamp>,
}

/// The group on one channel.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub id: PairId,
    pub partitions: HashMap<i32, Partition>,
    pub open: Chunk,
    pub hour: Chunk,
    pub spark: VecDeque<Option<u64>>,
    /// Half hour (since 1970) of the last of `spark`.
    pub spark_at: i64,
    /// Sums (ms, next) and (ms, lag) of the last minutes.
    pub read: VecDeque<(i64, i64)>,
    pub lags: VecDeque<(i64, i64)>,
    pub written: Option<PairSeen>,
    pub written_at: i64,
    pub since: Timestamp,
    /// What its forecast has learnt.
    pub profile: Profile,
    pub profile_written_at: i64,
    /// How many were written since it was first seen here.
    chunks: u32,
    /// How many partitions its sums were of.
    pub summed: usize,
}

pub(super) const SPARK: usize = 48;
const SPARK_MS: i64 = 30 * 60_000;

impl Pair {
    pub fn new(id: PairId, now: Timestamp) -> Self {
        Self {
            id,
            partitions: HashMap::new(),
            open: Chunk::default(),
            hour: Chunk::default(),
            spark: VecDeque::new(),
            spark_at: 0,
            read: VecDeque::new(),
            lags: VecDeque::new(),
            written: None,
            written_at: 0,
            since: now,
            profile: Profile::default(),
            profile_written_at: 0,
            chunks: 0,
            summed: 0,
        }
    }

    pub fn note_spark(&mut self, at: Timestamp, lag: Option<u64>) {
        let slot = at.millis().div_euclid(SPARK_MS);
        let ahead = usize::try_from(slot.saturating_sub(self.spark_at)).unwrap_or(0).min(SPARK);
        for _ in 0..ahead {
            self.spark.push_back(None);
        }
        while self.spark.len() > SPARK {
            self.spark.pop_front();
        }
        self.spark_at = self.spark_at.max(slot);
        if let Some(last) = self.spark.back_mut() {
            *last = (*last).max(lag);
        }
    }

    /// Adds an observation to the open chunk, and returns what is full: whole observations, and hours of five-minute points.
    pub fn note(&mut self, numbers: &[i32], tick: Tick) -> (Option<Chunk>, Option<Chunk>) {
        // What is new is to be seen soon.
        let open_ms = if self.chunks < FIRST { FIRST_MS } else { OPEN_MS };
        let mut rolled = None;
        // The last observation of each five minutes is a point of the long history.
        let five = |at: Timestamp| at.millis().div_euclid(ROLLED_MS);
        if let Some(last) = self.open.ticks.last()
            && five(last.at) != five(tick.at)
        {
            let last = last.clone();
            let hour = |at: Timestamp| at.millis().div_euclid(3_600_000);
            let full = self.hour.ticks.first().is_some_and(|first| hour(first.at) != hour(last.at));
            if full || self.hour.partitions != self.open.partitions {
                rolled = take(&mut self.hour);
            }
            self.hour.partitions.clone_from(&self.open.partitions);
            self.hour.ticks.push(last);
        }
        let mut full = None;
        let long = |chunk: &Chunk| {
            chunk.ticks.first().is_some_and(|first| tick.at.millis().saturating_sub(first.at.millis()) >= open_ms)
        };
        if self.open.partitions != numbers || long(&self.open) {
            full = take(&mut self.open);
            self.chunks = self.chunks.saturating_add(1);
            self.open.partitions = numbers.to_vec();
        }
        self.open.ticks.push(tick);
        (full, rolled)
    }

    pub fn sums(&mut self, at: Timestamp, places: &[Place]) {
        let keep = |points: &mut VecDeque<(i64, i64)>, value: i64| {
            points.push_back((at.millis(), value));
            while points.len() > 2 && points[1].0 <= at.millis() - SUMS_MS {
                points.pop_front();
            }
        };
        // Of partitions that were read at all; a sum of others is another sum.
        let read = places.iter().filter_map(|p| p.next.zip(p.end));
        let (summed, next, end) = read
            .fold((0, 0_i64, 0_i64), |(n, a, b), (next, end)| (n + 1, a.saturating_add(next), b.saturating_add(end)));
        if summed > 0 {
            let point = Point { at, end, next };
            // After a restart what was learnt already comes once more.
            let new = self.profile.last().is_none_or(|last| last.at < at);
            match summed == self.summed {
                true if new => self.profile.update(point),
                true => {}
                false => {
                    self.read.clear();
                    if new {
                        self.profile.rebase(point);
                    }
                }
            }
            keep(&mut self.read, next);
        }
        self.summed = summed;
        if let Some(lag) = places.iter().filter_map(|p| p.lag).reduce(u64::saturating_add) {
            keep(&mut self.lags, i64::try_from(lag).unwrap_or(i64::MAX));
        }
    }

    /// More is unread than some minutes ago, and than a minute ago.
    pub fn growing(&self) -> bool {
        let Some(&(now, lag)) = self.lags.back() else { return false };
        let before = |ms: i64| self.lags.iter().rev().find(|p| now - p.0 >= ms).map(|p| p.1);
        let (minute, minutes) = (before(55_000), before(SUMS_MS - 15_000));
        minute.is_some_and(|then| lag > then) && minutes.or(minute).is_some_and(|then| lag > then)
    }
}

/// An open chunk is written when it is so long.
const OPEN_MS: i64 = 180_000;
const FIRST_MS: i64 = 20_000;
const FIRST: u32 = 6;
const ROLLED_MS: i64 = weir_domain::lag::ROLLED_EVERY_S * 1_000;
const SUMS_MS: i64 = 5 * 60_000;

pub(super) fn take(chunk: &mut Chunk) -> Option<Chunk> {
    (!chunk.ticks.is_empty()).then(|| std::mem::take(chunk))
}

impl Tracked {
    pub fn new(seen: GroupSeen) -> Self {
        let holders = holders_of(seen.members.as_deref().unwrap_or_default());
        Self { seen, written: None, pairs: HashMap::new(), holders, rebalancing_since: None }
    }

    /// Takes in what was told of the group itself, and says what happened to it.
    pub fn see(&mut self, told: &GroupObserved, at: Timestamp) -> Vec<Happening> {
        let mut happened = Vec::new();
        let seen = &mut self.seen;
        let say = |kind, text: String| Happening { at, kind, channel: None, partition: None, text };
        if seen.gone_at.take().is_some() {
            happened.push(say(HappeningKind::Returned, "the broker lists it again".to_owned()));
        }
        match (seen.state, told.state) {
            (before, GroupState::Rebalancing) if before != GroupState::Rebalancing => self.rebalancing_since = Some(at),
            (GroupState::Rebalancing, now) if now != GroupState::Rebalancing => {
                let took = self.rebalancing_since.take().map(|since| (at.millis() - since.millis()) / 1_000);
                let text = took.map_or_else(|| "rebalanced".to_owned(), |s| format!("rebalanced, seen for {s} s"));
                happened.push(say(HappeningKind::Rebalanced, text));
            }
            _ => {}
        }
        (seen.kind, seen.state, seen.last_seen) = (told.kind, told.state, at);
        seen.assignor = told.assignor.clone().or(seen.assignor.take());
        seen.coordinator = told.coordinator.clone().or(seen.coordinator.take());
        seen.problem.clone_from(&told.problem);
        match told.state {
            GroupState::Empty | GroupState::Dead => seen.empty_since = seen.empty_since.or(Some(at)),
            GroupState::Unknown => {}
            _ => seen.empty_since = None,
        }
        // An empty group has no members, whether they were asked for or not.
        let members = match told.state.is_idle() {
            true => Some(Vec::new()),
            false => told.members.clone(),
        };
        if let Some(members) = members {
            happened.extend(joined_and_left(seen, &members, at));
            let gone = seen.members.take().unwrap_or_default();
            let gone = gone.into_iter().filter(|m| members.iter().all(|n| n.id != m.id));
            for member in gone {
                seen.last_members.insert(0, (member, at));
            }
            seen.last_members.truncate(LAST_MEMBERS);
            seen.last_members.retain(|(m, _)| members.iter().all(|n| n.id != m.id));
            self.holders = holders_of(&members);
            seen.members = Some(members);
        }
        happened
    }
}

fn holders_of(members: &[Member]) -> Holders {
    let mut all = Holders::new();
    for member in members {
        for (channel, numbers) in &member.holds {
            let on = all.entry(channel.clone()).or_default();
            on.extend(numbers.iter().map(|n| (*n, (member.client_id.clone(), member.host.clone()))));
        }
    }
    all
}

fn joined_and_left(seen: &GroupSeen, now: &[Member], at: Timestamp) -> Vec<Happening> {
    let Some(before) = &seen.members else { return Vec::new() };
    let names = |of: &[Member], other: &[Member]| -> Vec<String> {
        let new = of.iter().filter(|m| other.iter().all(|o| o.id != m.id));
        new.map(|m| format!("{} at {}", m.client_id, m.host)).collect()
    };
    let mut happened = Vec::new();
    for (kind, word, who) in
        [(HappeningKind::Joined, "joined", names(now, before)), (HappeningKind::Left, "left", names(before, now))]
    {
        let say = |text: String| Happening { at, kind, channel: None, partition: None, text };
        match who.len() {
            0 => {}
            n if n > TOLD_ALONE => {
                happened.push(say(format!("{n} members {word}, {} among them", who[..3].join(", "))));
            }
            _ => happened.extend(who.iter().map(|who| say(format!("{who} {word}")))),
        }
    }
    happened
}
