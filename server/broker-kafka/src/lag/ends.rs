//! Where partitions begin and end: three questions to each leader for all that it leads.

use super::{
    ask::{AT_ONCE, Asking},
    channels::{Channel, Channels},
    words,
};
use futures::{StreamExt as _, stream};
use krafka::{
    __private::protocol::{
        ApiKey, ListOffsetsRequest, ListOffsetsRequestPartition, ListOffsetsRequestTopic, ListOffsetsResponse, versions,
    },
    KrafkaError,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Since 2 it says whether open transactions count.
const KNOWN: (i16, i16) = (2, versions::LIST_OFFSETS_MAX);
/// Partitions in one question.
const PARTITIONS: usize = 50_000;
/// What a leader may take for segments that lie in another store.
const TIMEOUT_MS: i32 = 5_000;

/// What is asked of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Start,
    End,
    /// Up to the first open transaction.
    StableEnd,
    /// The first at or after these milliseconds.
    At(i64),
}

impl What {
    const fn timestamp(self) -> i64 {
        match self {
            Self::Start => -2,
            Self::End | Self::StableEnd => -1,
            Self::At(milliseconds) => milliseconds,
        }
    }

    const fn isolation(self) -> i8 {
        matches!(self, Self::StableEnd) as i8
    }
}

/// Partitions of one leader: channels by number, and places of their partitions in them.
type Led = Vec<(usize, Vec<usize>)>;

/// Fills in starts and ends. Those whose leader moved are asked again once, of the new one.
pub(super) async fn fetch(asking: &Asking<'_>, channels: &mut Channels) {
    // The start first: nothing of the log that is read after it is taken for more than there was.
    const ALL: [What; 3] = [What::Start, What::StableEnd, What::End];
    let all: Vec<usize> = (0..channels.all.len()).collect();
    let moved = pass(asking, channels, &all, &ALL).await;
    if moved.is_empty() {
        return;
    }
    let moved: Vec<usize> = moved.into_iter().collect();
    // What it told so far is asked again with the rest: bounds of a partition belong together.
    if channels.refresh(asking, &moved).await.is_ok() {
        pass(asking, channels, &moved, &ALL).await;
    }
}

/// Asks each leader, and notes what it says. Returns channels with a partition whose leader moved.
async fn pass(asking: &Asking<'_>, channels: &mut Channels, which: &[usize], what: &[What]) -> BTreeSet<usize> {
    let mut questions = Vec::new();
    for (broker, led) in by_leader(channels, which, |_, _| true) {
        for led in cut(led) {
            questions.extend(what.iter().map(|what| (broker, led.clone(), *what)));
        }
    }
    let mut moved = BTreeSet::new();
    let asked: Vec<_> =
        questions.into_iter().map(|(broker, led, what)| (broker, request(channels, &led, what), led, what)).collect();
    let mut answers = stream::iter(asked)
        .map(async |(broker, request, led, what)| (broker, led, what, ask(asking, broker, &request).await))
        .buffered(AT_ONCE);
    while let Some((broker, led, what, answer)) = answers.next().await {
        match answer {
            Ok(response) => note(asking, channels, &led, what, response, &mut moved),
            Err(error) => {
                let why = asking.why(broker, &error);
                for (channel, places) in led {
                    for place in places {
                        let partition = &mut channels.all[channel].partitions[place];
                        partition.end.problem.get_or_insert_with(|| why.clone());
                    }
                }
            }
        }
    }
    moved
}

/// Partitions by the broker that leads them; those without a leader are left out.
pub(super) fn by_leader(
    channels: &Channels,
    which: &[usize],
    wanted: impl Fn(usize, i32) -> bool,
) -> BTreeMap<i32, Led> {
    let mut by: BTreeMap<i32, Led> = BTreeMap::new();
    for &number in which {
        for (place, partition) in channels.all[number].partitions.iter().enumerate() {
            let Some(leader) = partition.leader.filter(|_| wanted(number, partition.end.partition)) else { continue };
            let led = by.entry(leader).or_default();
            match led.last_mut() {
                Some((last, places)) if *last == number => places.push(place),
                _ => led.push((number, vec![place])),
            }
        }
    }
    by
}

fn cut(led: Led) -> Vec<Led> {
    let mut parts: Vec<Led> = Vec::new();
    let mut partitions = usize::MAX;
    for one in led {
        partitions = partitions.saturating_add(one.1.len());
        match parts.last_mut() {
            Some(part) if partitions <= PARTITIONS => part.push(one),
            _ => {
                partitions = one.1.len();
                parts.push(vec![one]);
            }
        }
    }
    parts
}

pub(super) fn request(channels: &Channels, led: &Led, what: What) -> ListOffsetsRequest {
    let topic = |(number, places): &(usize, Vec<usize>)| {
        let channel: &Channel = &channels.all[*number];
        let partition = |&place: &usize| ListOffsetsRequestPartition {
            partition_index: channel.partitions[place].end.partition,
            current_leader_epoch: channel.partitions[place].leader_epoch,
            timestamp: what.timestamp(),
        };
        ListOffsetsRequestTopic { name: channel.name.to_string(), partitions: places.iter().map(partition).collect() }
    };
    ListOffsetsRequest {
        replica_id: -1,
        isolation_level: what.isolation(),
        topics: led.iter().map(topic).collect(),
        timeout_ms: Some(TIMEOUT_MS),
    }
}

pub(super) async fn ask(
    asking: &Asking<'_>,
    broker: i32,
    request: &ListOffsetsRequest,
) -> Result<ListOffsetsResponse, KrafkaError> {
    asking.ask(broker, ApiKey::ListOffsets, KNOWN, request).await
}

fn note(
    asking: &Asking<'_>,
    channels: &mut Channels,
    led: &Led,
    what: What,
    response: ListOffsetsResponse,
    moved: &mut BTreeSet<usize>,
) {
    let asked: HashMap<std::sync::Arc<str>, usize> =
        led.iter().map(|(number, _)| (channels.all[*number].name.clone(), *number)).collect();
    for topic in response.topics {
        let Some(&number) = asked.get(topic.name.as_str()) else { continue };
        let channel = &mut channels.all[number];
        for answer in topic.partitions {
            let Some(partition) = channel.partition(answer.partition_index) else { continue };
            let end = &mut partition.end;
            if !answer.error_code.is_ok() {
                if words::leader_moved(answer.error_code) {
                    moved.insert(number);
                }
                end.problem.get_or_insert_with(|| {
                    words::of_partition(asking.settings(), &topic.name, "DESCRIBE", answer.error_code)
                });
                continue;
            }
            let offset = (answer.offset >= 0).then_some(answer.offset);
            match what {
                What::Start => end.start = offset,
                What::End => end.end = offset,
                What::StableEnd => end.stable_end = offset,
                What::At(_) => {}
            }
        }
    }
}

/// For each of these partitions the first position at or after the time, its end if there is none.
pub(super) async fn positions_at(
    asking: &Asking<'_>,
    channels: &mut Channels,
    partitions: &[(usize, i32)],
    milliseconds: i64,
) -> Vec<Option<i64>> {
    let which: Vec<usize> = (0..channels.all.len()).collect();
    let wanted: std::collections::HashSet<(usize, i32)> = partitions.iter().copied().collect();
    let mut found: HashMap<(usize, i32), i64> = HashMap::with_capacity(partitions.len());
    // A second round for those whose leader moved, and for the end where there is nothing so late.
    for what in [What::At(milliseconds), What::At(milliseconds), What::End] {
        let left = by_leader(channels, &which, |channel, partition| {
            wanted.contains(&(channel, partition)) && !found.contains_key(&(channel, partition))
        });
        let mut late = true;
        for (broker, led) in left {
            for led in cut(led) {
                let request = request(channels, &led, what);
                let Ok(answer) = ask(asking, broker, &request).await else { continue };
                for topic in answer.topics {
                    let Some(channel) = channels.get(&topic.name) else { continue };
                    for p in topic.partitions {
                        late &= p.error_code.is_ok();
                        if p.error_code.is_ok() && p.offset >= 0 {
                            found.insert((channel, p.partition_index), p.offset);
                        }
                    }
                }
            }
        }
        if matches!(what, What::At(_)) && !late && channels.refresh(asking, &which).await.is_err() {
            break;
        }
    }
    partitions.iter().map(|key| found.get(key).copied()).collect()
}
