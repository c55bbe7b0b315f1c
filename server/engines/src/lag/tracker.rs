//! All groups of one source, from observation to observation. Nothing here waits for anything: what has to be asked of the
//! store is handed out and told.

use super::{
    ends::{Changed, Channel, Ends, rate},
    group::{Pair, Tracked, take},
    partition::Partition,
    positions::positions,
    standing,
};
use std::collections::{HashMap, HashSet};
use weir_broker::{LagObserved, LagWanted};
use weir_domain::{
    EnvironmentId, GroupId, SourceId, Timestamp,
    lag::{
        Activity, ChannelSeen, Chunk, EventAt, EventTime, Expectation, GroupKind, GroupSeen, GroupState, Habits,
        Happening, HappeningKind, KeptLag, Observation, PairId, PairSeen, PartitionStanding, Tick, learn,
    },
};

/// Names that the database keeps: longer ones, and those with a NUL, are left out and said so.
const LONGEST_NAME: usize = 1_000;
/// Times of events asked for in one observation; what is left over is "about" until its turn.
const MOST_TIMES: usize = 5_000;
/// What is not captured may be soon: a new channel is found by its source's tap within seconds.
const NOT_CAPTURED_MS: i64 = 30_000;
/// Written again after so long though nothing but words changed.
const WORDS_MS: i64 = 60_000;
/// What a forecast has learnt is written so often.
const LEARNT_MS: i64 = 5 * 60_000;
/// A group is gone when so many whole observations in a row do not list it, and a channel left when so many tell no
/// position on it: brokers that come and go list a part of the truth.
const MISSED: u32 = 3;
/// More than that part of the groups, and at least so many, do not go at once. Whoever loses the right to see groups gets
/// a shorter list and no error.
const MOST_GONE: (usize, usize) = (2, 5);
/// So long it is taken for that;
const GONE_AT_ONCE_MS: i64 = 3_600_000;
/// and so long one that is gone, or a channel that nobody reads, is remembered.
const REMEMBERED_MS: i64 = 3_600_000;
/// Of one kind, of one group, in five minutes: who comes and goes in a loop is told of often enough.
const MOST_HAPPENED: usize = 6;

pub(super) struct Tracker {
    pub source: SourceId,
    pub source_name: String,
    pub environment: EnvironmentId,
    groups: HashMap<String, Tracked>,
    channels: HashMap<String, Channel>,
    /// What was asked of the store, in its order.
    asked: Vec<(String, String, i32, i64)>,
    happened: Vec<(GroupId, Happening)>,
    /// What was told of late, by group, kind and five minutes.
    told_lately: HashMap<(GroupId, HappeningKind, i64), usize>,
    /// Since when more groups are missing than may go at once.
    missing_since: Option<Timestamp>,
    left: Vec<PairId>,
    full: Vec<(PairId, Chunk)>,
    rolled: Vec<(PairId, Chunk)>,
    left_out: usize,
    /// Where pairs are, while their past is recalled.
    places: HashMap<PairId, (String, String)>,
    unread_channels: Vec<String>,
    /// Where event times are asked for next, so that all have their turn.
    turn: usize,
}

impl Tracker {
    pub fn new(source: SourceId, source_name: String, environment: EnvironmentId, kept: KeptLag) -> Self {
        let mut by_id: HashMap<GroupId, String> = HashMap::new();
        let mut groups: HashMap<String, Tracked> = HashMap::new();
        for (name, seen) in kept.groups {
            by_id.insert(seen.id, name.clone());
            let mut group = Tracked::new(seen.clone());
            group.written = Some(seen);
            groups.insert(name, group);
        }
        let mut places = HashMap::new();
        for pair in kept.pairs {
            let Some(name) = by_id.get(&pair.group) else { continue };
            let Some(group) = groups.get_mut(name) else { continue };
            places.insert(pair.id, (name.clone(), pair.channel.clone()));
            let mut made = Pair::new(pair.id, Timestamp::EPOCH);
            if let Some(seen) = pair.seen {
                made.since = seen.standing.since;
                made.spark = seen.spark.iter().copied().collect();
                made.spark_at = seen.standing.observed_at.millis().div_euclid(30 * 60_000);
                made.profile = seen.learnt.clone().unwrap_or_default();
                made.written = Some(seen);
            }
            group.pairs.insert(pair.channel, made);
        }
        let channels = kept.channels.iter().map(|seen| (seen.name.clone(), Channel::from_kept(seen))).collect();
        Self {
            source,
            source_name,
            environment,
            groups,
            channels,
            asked: Vec::new(),
            happened: Vec::new(),
            full: Vec::new(),
            rolled: Vec::new(),
            places,
            told_lately: HashMap::new(),
            missing_since: None,
            left: Vec::new(),
            left_out: 0,
            unread_channels: Vec::new(),
            turn: 0,
        }
    }

    /// What was observed of some pairs before a restart, the oldest first.
    pub fn recall(&mut self, recent: Vec<(PairId, Chunk)>) {
        for (id, chunk) in recent {
            let Some((group, channel)) = self.places.get(&id) else { continue };
            let pair = self.groups.get_mut(group).and_then(|g| g.pairs.get_mut(channel));
            let Some(pair) = pair else { continue };
            // Who held what back then is not kept: what was observed counts as committed.
            for tick in &chunk.ticks {
                for (number, place) in chunk.partitions.iter().zip(&tick.places) {
                    let partition = pair.partitions.entry(*number).or_default();
                    partition.see(tick.at, place.next, place.end, place.lag, true);
                }
                pair.sums(tick.at, &tick.places);
                // What was observed whole is written; its five-minute points may not be.
                if let (_, Some(rolled)) = pair.note(&chunk.partitions, tick.clone()) {
                    self.rolled.push((id, rolled));
                }
            }
        }
    }

    /// That was all.
    pub fn recalled(&mut self) {
        self.places = HashMap::new();
        self.groups.values_mut().flat_map(|g| g.pairs.values_mut()).for_each(|pair| pair.open = Chunk::default());
    }

    /// What the next observation is to ask for besides what all do.
    pub fn wants(&self, wanted: &mut LagWanted) {
        // Channels come with what holds of them only when that is asked for.
        wanted.details |= self.channels.values().any(|c| !c.detailed && c.problem.is_none());
        for (name, group) in self.groups.iter().filter(|(_, g)| g.seen.gone_at.is_none()) {
            let state = group.seen.state;
            if !state.is_idle() && (group.seen.members.is_none() || state == GroupState::Rebalancing) {
                wanted.members_of.push(name.clone());
            }
            // Deleted, or only not told of any more? Whoever asks for it by name is told.
            let missed = group.pairs.iter().filter(|(_, pair)| pair.missed > 0);
            wanted.channels.extend(missed.map(|(channel, _)| channel.clone()));
        }
        wanted.channels.sort_unstable();
        wanted.channels.dedup();
    }

    /// Groups that have no number yet.
    pub fn new_groups(&self, observed: &LagObserved) -> Vec<(String, GroupKind)> {
        let new = observed.groups.iter().filter(|g| keeps(&g.name) && !self.groups.contains_key(&g.name));
        new.map(|g| (g.name.clone(), g.kind)).collect()
    }

    pub fn add_groups(&mut self, new: Vec<(String, GroupKind)>, ids: &[GroupId], at: Timestamp) {
        for ((name, kind), id) in new.into_iter().zip(ids) {
            let seen = GroupSeen {
                id: *id,
                kind,
                state: GroupState::Unknown,
                assignor: None,
                coordinator: None,
                members: None,
                last_members: Vec::new(),
                problem: None,
                first_seen: at,
                last_seen: at,
                gone_at: None,
                empty_since: None,
                last_progress: None,
                activity: Activity::default(),
                learnt: Expectation::Continuous,
            };
            self.groups.insert(name, Tracked::new(seen));
        }
    }

    /// Groups on channels that have no number yet.
    pub fn new_pairs(&self, observed: &LagObserved) -> Vec<(GroupId, String)> {
        let mut new = Vec::new();
        for told in &observed.groups {
            let Some(group) = self.groups.get(&told.name) else { continue };
            let mut before = HashSet::new();
            for position in &told.positions {
                let Some(channel) = observed.channels.get(position.channel) else { continue };
                if !group.pairs.contains_key(&channel.name) && keeps(&channel.name) && before.insert(position.channel) {
                    new.push((group.seen.id, channel.name.clone()));
                }
            }
        }
        new
    }

    pub fn add_pairs(&mut self, new: Vec<(GroupId, String)>, ids: &[PairId], at: Timestamp) {
        let names: HashMap<GroupId, String> =
            self.groups.iter().map(|(name, group)| (group.seen.id, name.clone())).collect();
        for ((group, channel), id) in new.into_iter().zip(ids) {
            if let Some(group) = names.get(&group).and_then(|name| self.groups.get_mut(name)) {
                group.pairs.insert(channel, Pair::new(*id, at));
            }
        }
    }

    /// Takes an observation in; what is returned is to be asked of the store.
    pub fn see(&mut self, observed: &LagObserved, details: bool, at: Timestamp) -> Vec<EventAt> {
        self.left_out = observed.groups.iter().filter(|g| !keeps(&g.name)).count();
        let mut changed: HashMap<&str, Vec<Changed>> = HashMap::new();
        for seen in &observed.channels {
            let channel = self.channels.entry(seen.name.clone()).or_default();
            let news = channel.see(seen, details, at);
            if !news.is_empty() {
                changed.insert(&seen.name, news);
            }
        }
        self.missing(observed, at);
        for told in &observed.groups {
            let Some(group) = self.groups.get_mut(&told.name) else { continue };
            let id = group.seen.id;
            self.happened.extend(group.see(told, at).into_iter().map(|h| (id, h)));
            positions(group, told, observed, &self.channels, &changed, at, &mut self.happened);
        }
        self.ask(at)
    }

    /// Groups that are not listed are gone, unless the list may not be whole.
    fn missing(&mut self, observed: &LagObserved, at: Timestamp) {
        let listed: HashSet<&str> = observed.groups.iter().map(|g| g.name.as_str()).collect();
        let living = self.groups.iter_mut().filter(|(_, g)| g.seen.gone_at.is_none());
        let (here, missing): (Vec<_>, Vec<_>) = living.partition(|(name, _)| listed.contains(name.as_str()));
        here.into_iter().for_each(|(_, group)| (group.missed, group.not_told) = (0, None));
        let many = missing.len() >= MOST_GONE.1 && missing.len() * MOST_GONE.0 > listed.len() + missing.len();
        self.missing_since = if many { self.missing_since.or(Some(at)) } else { None };
        let at_once = self.missing_since.is_some_and(|since| at.millis() - since.millis() < GONE_AT_ONCE_MS);
        let count = missing.len();
        for (_, group) in missing {
            if let Some(why) = observed.incomplete.first() {
                group.not_told = Some(why.clone());
            } else if at_once {
                group.not_told = Some(format!(
                    "the broker does not list it any more, and {} others with it: were they deleted, or is the right \
                     DESCRIBE on groups missing?",
                    count - 1
                ));
            } else {
                group.missed += 1;
                if group.missed < MISSED {
                    continue;
                }
                group.not_told = None;
                group.seen.gone_at = Some(at);
                for pair in group.pairs.values_mut() {
                    self.full.extend(take(&mut pair.open).map(|c| (pair.id, c)));
                    self.rolled.extend(take(&mut pair.hour).map(|c| (pair.id, c)));
                }
                let text = "the broker does not list it any more".to_owned();
                let gone = Happening { at, kind: HappeningKind::Gone, channel: None, partition: None, text };
                self.happened.push((group.seen.id, gone));
            }
        }
    }

    /// Channels that a group does not read any more, and whatever is gone for long, are forgotten.
    fn forget(&mut self, at: Timestamp) {
        let old = |then: i64| at.millis() - then >= REMEMBERED_MS;
        self.groups.retain(|_, group| group.seen.gone_at.is_none_or(|gone| !old(gone.millis())));
        for group in self.groups.values_mut() {
            for (_, mut pair) in group.pairs.extract_if(|_, pair| pair.missed >= MISSED) {
                self.full.extend(take(&mut pair.open).map(|c| (pair.id, c)));
                self.rolled.extend(take(&mut pair.hour).map(|c| (pair.id, c)));
                self.left.push(pair.id);
            }
        }
        let unread = self.channels.extract_if(|_, channel| old(channel.seen_at));
        self.unread_channels.extend(unread.map(|(name, _)| name));
    }

    /// Of each unread position that is not known, its event's time.
    fn ask(&mut self, at: Timestamp) -> Vec<EventAt> {
        let mut wanted = Vec::new();
        for (name, group) in &self.groups {
            if group.seen.gone_at.is_some() {
                continue;
            }
            for (channel, pair) in &group.pairs {
                let Some(ends) = self.channels.get(channel) else { continue };
                for (number, partition) in &pair.partitions {
                    let Some(position) = unread_from(partition, ends.partitions.get(number)) else { continue };
                    // Where the tap was behind, or nothing was stored, it may be otherwise now.
                    let known = partition.asked.is_some_and(|(asked, time)| {
                        let lately = at.millis() - partition.asked_at < NOT_CAPTURED_MS;
                        asked == position
                            && (matches!(time, EventTime::Known { .. }) || (time == EventTime::NotCaptured && lately))
                    });
                    if !known {
                        wanted.push((name.clone(), channel.clone(), *number, position));
                    }
                }
            }
        }
        if wanted.len() > MOST_TIMES {
            wanted.sort_unstable();
            let turn = self.turn % wanted.len();
            wanted.rotate_left(turn);
            wanted.truncate(MOST_TIMES);
            self.turn = turn + MOST_TIMES;
        }
        self.asked = wanted;
        let at = |(_, channel, partition, position): &(String, String, i32, i64)| EventAt {
            channel: channel.clone(),
            partition: *partition,
            position: *position,
        };
        self.asked.iter().map(at).collect()
    }

    /// What is not full yet, because the process ends.
    pub fn rest(&mut self, at: Timestamp) -> Observation {
        for group in self.groups.values_mut() {
            for pair in group.pairs.values_mut() {
                self.full.extend(take(&mut pair.open).map(|c| (pair.id, c)));
                self.rolled.extend(take(&mut pair.hour).map(|c| (pair.id, c)));
            }
        }
        self.observation(Vec::new(), Vec::new(), Vec::new(), at)
    }

    /// Takes the store's answers in, and makes of everything what is to be written.
    pub fn told(&mut self, times: &[EventTime], at: Timestamp) -> Observation {
        for ((group, channel, number, position), time) in std::mem::take(&mut self.asked).into_iter().zip(times) {
            let pair = self.groups.get_mut(&group).and_then(|g| g.pairs.get_mut(&channel));
            if let Some(partition) = pair.and_then(|p| p.partitions.get_mut(&number)) {
                (partition.asked, partition.asked_at) = (Some((position, *time)), at.millis());
            }
        }
        let mut pairs = Vec::new();
        let mut groups = Vec::new();
        for (name, group) in &mut self.groups {
            let Tracked { seen, written, pairs: on, holders, not_told, .. } = group;
            if seen.gone_at.is_none() {
                let mut read = false;
                for (channel, pair) in on.iter_mut() {
                    let of = standing::Of {
                        group: seen,
                        name,
                        environment: self.environment,
                        source: self.source,
                        source_name: &self.source_name,
                        channel,
                        ends: self.channels.get(channel),
                        holders: holders.get(channel),
                        alarms: true,
                        not_told: not_told.as_deref(),
                        at,
                    };
                    read |= pair.partitions.values().any(|p| p.last_moved == Some(at));
                    let stands = standing::stands(&of, pair);
                    // What was not told this time is no past.
                    if not_told.is_none() {
                        let (numbers, tick) = observed_tick(pair, at, stands.standing.time_lag.ms());
                        pair.note_spark(at, tick.lag());
                        let (full, rolled) = pair.note(&numbers, tick);
                        self.full.extend(full.map(|c| (pair.id, c)));
                        self.rolled.extend(rolled.map(|c| (pair.id, c)));
                    }
                    if let Some(row) = to_write(pair, stands, at) {
                        pairs.push(row);
                    }
                }
                if read {
                    seen.last_progress = Some(at);
                }
                let hour = at.millis().div_euclid(3_600_000);
                let turned = seen.activity.hour != hour;
                seen.activity.note(hour, read);
                if turned {
                    let unread = on.values().any(|p| p.partitions.values().any(|p| p.lag.is_some_and(|lag| lag > 0)));
                    seen.learnt = learnt(name, seen, unread, at);
                }
            }
            if written.as_ref().is_none_or(|w| worth_writing(w, seen)) {
                groups.push(seen.clone());
                *written = Some(seen.clone());
            }
        }
        self.forget(at);
        let channels: Vec<ChannelSeen> =
            self.channels.iter_mut().filter_map(|(name, channel)| channel.written(name, at)).collect();
        self.observation(groups, pairs, channels, at)
    }

    fn observation(
        &mut self,
        groups: Vec<GroupSeen>,
        pairs: Vec<PairSeen>,
        channels: Vec<ChannelSeen>,
        at: Timestamp,
    ) -> Observation {
        Observation {
            source: self.source,
            at,
            took_ms: 0,
            requests: 0,
            problems: self.problems(),
            groups,
            pairs,
            channels,
            chunks: std::mem::take(&mut self.full),
            rolled: std::mem::take(&mut self.rolled),
            happened: self.happenings(at),
            left: std::mem::take(&mut self.left),
            unread_channels: std::mem::take(&mut self.unread_channels),
        }
    }

    /// What happened, but of a kind only so often in five minutes.
    fn happenings(&mut self, at: Timestamp) -> Vec<(GroupId, Happening)> {
        let slot = |at: Timestamp| at.millis().div_euclid(300_000);
        self.told_lately.retain(|(_, _, when), _| *when >= slot(at) - 1);
        let mut happened = std::mem::take(&mut self.happened);
        happened.retain(|(group, one)| {
            let told = self.told_lately.entry((*group, one.kind, slot(one.at))).or_default();
            *told += 1;
            *told <= MOST_HAPPENED
        });
        happened
    }

    fn problems(&self) -> Vec<String> {
        match self.left_out {
            0 => Vec::new(),
            n => {
                vec![format!("{n} groups are left out: their names are longer than {LONGEST_NAME} bytes or hold a NUL")]
            }
        }
    }
}

/// What may be expected of a group by the hours in which it was watched; of the time before nothing is known.
fn learnt(name: &str, seen: &GroupSeen, unread: bool, now: Timestamp) -> Expectation {
    let all: Vec<bool> = seen.activity.hours().collect();
    let watched = seen.activity.hour.saturating_sub(seen.first_seen.millis().div_euclid(3_600_000)).saturating_add(1);
    let watched = usize::try_from(watched).unwrap_or(0).min(all.len());
    learn(&Habits {
        name,
        kind: seen.kind,
        members: seen.members.as_ref().map_or(0, |m| u32::try_from(m.len()).unwrap_or(u32::MAX)),
        unread,
        now,
        hours: &all[all.len() - watched..],
        last_hour: seen.activity.hour,
        last_progress: seen.last_progress,
    })
}

fn keeps(name: &str) -> bool {
    name.len() <= LONGEST_NAME && !name.contains('\0')
}

/// Where what is unread begins: at the position, or where the log does. `None`: nothing is unread, or it is not known.
pub(super) fn unread_from(partition: &Partition, ends: Option<&Ends>) -> Option<i64> {
    let from = partition.next?.max(ends.and_then(|e| e.start).unwrap_or(i64::MIN));
    (partition.end? > from).then_some(from)
}

fn observed_tick(pair: &Pair, at: Timestamp, time_lag_ms: Option<u64>) -> (Vec<i32>, Tick) {
    let mut numbers: Vec<i32> = pair.partitions.keys().copied().collect();
    numbers.sort_unstable();
    let places = numbers.iter().map(|n| pair.partitions.get(n).map(Partition::place).unwrap_or_default()).collect();
    (numbers, Tick { at, time_lag_ms, places })
}

/// The row, if it says anything new.
fn to_write(pair: &mut Pair, mut row: PairSeen, at: Timestamp) -> Option<PairSeen> {
    if let Some(written) = &pair.written {
        let was = &written.standing;
        if was.verdict.status == row.standing.verdict.status && was.since != Timestamp::EPOCH {
            row.standing.since = pair.since;
        } else {
            pair.since = at;
            row.standing.since = at;
        }
        let learnt = at.millis() - pair.profile_written_at >= LEARNT_MS;
        if learnt {
            pair.profile_written_at = at.millis();
            row.learnt = Some(pair.profile.clone());
        }
        let old = learnt || at.millis() - pair.written_at >= WORDS_MS;
        let same = was.lag == row.standing.lag
            && was.verdict.status == row.standing.verdict.status
            && was.members == row.standing.members
            && was.state == row.standing.state
            && written.partitions.len() == row.partitions.len()
            && written.partitions.iter().zip(&row.partitions).all(|(a, b)| {
                let lost = |p: &PartitionStanding| p.start.filter(|start| p.next.is_some_and(|next| *start > next));
                (a.next, a.end, lost(a), a.verdict.status, &a.problem)
                    == (b.next, b.end, lost(b), b.verdict.status, &b.problem)
            });
        if same && !old {
            return None;
        }
    } else {
        pair.since = at;
        row.standing.since = at;
    }
    pair.written_at = at.millis();
    pair.written = Some(PairSeen { learnt: None, ..row.clone() });
    Some(row)
}

/// Is there more to it than that it was seen again?
fn worth_writing(written: &GroupSeen, seen: &GroupSeen) -> bool {
    const EVERY_MS: i64 = 60_000;
    let late = seen.last_seen.millis() - written.last_seen.millis() >= EVERY_MS;
    let progress = |g: &GroupSeen| g.last_progress.map(|t| t.millis() / EVERY_MS);
    late || (written.state, written.kind, written.gone_at, written.empty_since)
        != (seen.state, seen.kind, seen.gone_at, seen.empty_since)
        || written.learnt != seen.learnt
        || written.members != seen.members
        || written.problem != seen.problem
        || progress(written) != progress(seen)
}

/// Read of all partitions together.
pub(super) fn out_per_s(pair: &Pair) -> Option<f64> {
    rate(&pair.read).map(|r| r.max(0.0))
}
