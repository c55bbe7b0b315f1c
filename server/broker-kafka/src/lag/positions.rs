//! Positions of groups: as many groups in one question to their coordinator as go.

use super::{
    ask::{AT_ONCE, Asking},
    channels::Channels,
    groups::{Group, follow},
    wire::positions,
    words,
};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use krafka::{
    __private::protocol::{ApiKey, OffsetFetchResponse, VersionedDecode as _},
    KrafkaError,
    error::ErrorCode,
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ops::ControlFlow,
};
use weir_broker::PositionObserved;

/// Groups in one question, and about so many positions in its answer.
const GROUPS: usize = 2_000;
const POSITIONS: usize = 200_000;
const MANY: (i16, i16) = (positions::VERSION, positions::VERSION);
/// Before many groups went into one question; since 2 it may ask for all topics.
const ONE: (i16, i16) = (2, positions::VERSION - 1);
/// What is assumed of a group that was not asked before.
const USUAL: usize = 100;

/// A transaction that moves a position is open: what is told is the position before it.
const PENDING: &str = "a transaction that moves this position is open; this is the position before it";

/// How many positions groups had when they were asked last.
pub(super) type Sizes = HashMap<String, usize>;

/// Fills in the positions of those groups (their numbers). What keeps a group from being told becomes its problem.
pub(super) async fn fetch(
    asking: &Asking<'_>,
    groups: &mut [Group],
    which: Vec<usize>,
    channels: &mut Channels,
    sizes: &Sizes,
) {
    let first = pass(asking, groups, which, channels, sizes, Stable::Wanted).await;
    let again = follow(asking, groups, first.moved).await;
    let second = pass(asking, groups, again, channels, sizes, Stable::Wanted).await;
    for at in second.moved {
        let why = words::of_group(asking.settings(), &groups[at].name, "DESCRIBE", ErrorCode::NotCoordinator);
        groups[at].problem(|| why);
    }
    // Few: what they stood at before the open transaction is asked beside it.
    let pending = [first.pending, second.pending].concat();
    pass(asking, groups, pending, channels, sizes, Stable::Not).await;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stable {
    /// A position that an open transaction moves is an error.
    Wanted,
    Not,
}

#[derive(Debug, Default)]
struct Passed {
    /// Another broker coordinates them.
    moved: Vec<usize>,
    /// Some of their positions are moved by an open transaction.
    pending: Vec<usize>,
}

async fn pass(
    asking: &Asking<'_>,
    groups: &mut [Group],
    which: Vec<usize>,
    channels: &mut Channels,
    sizes: &Sizes,
    stable: Stable,
) -> Passed {
    let mut passed = Passed::default();
    let mut questions = Vec::new();
    for (broker, numbers) in by_coordinator(groups, which) {
        match asking.speaks(broker, ApiKey::OffsetFetch, MANY).await {
            Ok(true) => {
                let chunks = chunks(&numbers, |at| sizes.get(&groups[at].name).copied().unwrap_or(USUAL));
                questions.extend(chunks.into_iter().map(|chunk| (broker, chunk, true)));
            }
            Ok(false) => questions.extend(numbers.into_iter().map(|at| (broker, vec![at], false))),
            Err(error) => fail(asking, groups, &numbers, broker, &error),
        }
    }
    let asked: Vec<_> = questions
        .into_iter()
        .map(|(broker, chunk, many)| {
            let names: Vec<String> = chunk.iter().map(|&at| groups[at].name.clone()).collect();
            (broker, chunk, names, many)
        })
        .collect();
    let mut answers = stream::iter(asked)
        .map(async |(broker, chunk, names, many)| {
            let answer = if many {
                ask_many(asking, broker, &names, stable).await
            } else {
                ask_one(asking, broker, &names[0], stable).await
            };
            (broker, chunk, answer)
        })
        .buffer_unordered(AT_ONCE);
    while let Some((broker, chunk, answer)) = answers.next().await {
        match answer {
            Ok(Answer::Many(bytes)) => match positions::decode(&bytes) {
                Ok(answer) => {
                    asking.throttled(broker, answer.throttle_ms).await;
                    take(asking, groups, &chunk, channels, answer.groups, stable, &mut passed);
                }
                Err(broken) => fail(asking, groups, &chunk, broker, &broken.into()),
            },
            Ok(Answer::One(response)) => {
                let name = groups[chunk[0]].name.clone();
                take(asking, groups, &chunk, channels, vec![one(&name, &response)], stable, &mut passed);
            }
            Err(error) => fail(asking, groups, &chunk, broker, &error),
        }
    }
    passed
}

fn by_coordinator(groups: &[Group], which: Vec<usize>) -> BTreeMap<i32, Vec<usize>> {
    let mut by: BTreeMap<i32, Vec<usize>> = BTreeMap::new();
    for at in which {
        by.entry(groups[at].coordinator).or_default().push(at);
    }
    by
}

/// Cut so that neither a question nor its answer grows too large.
fn chunks(numbers: &[usize], size: impl Fn(usize) -> usize) -> Vec<Vec<usize>> {
    let mut chunks: Vec<Vec<usize>> = Vec::new();
    let mut positions = usize::MAX;
    for &at in numbers {
        let own = size(at);
        positions = positions.saturating_add(own);
        match chunks.last_mut() {
            Some(chunk) if chunk.len() < GROUPS && positions <= POSITIONS => chunk.push(at),
            _ => {
                positions = own;
                chunks.push(vec![at]);
            }
        }
    }
    chunks
}

enum Answer {
    Many(Bytes),
    One(OffsetFetchResponse),
}

async fn ask_many(asking: &Asking<'_>, broker: i32, names: &[String], stable: Stable) -> Result<Answer, KrafkaError> {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let encode = |_, buffer: &mut bytes::BytesMut| positions::encode(&names, stable == Stable::Wanted, buffer);
    asking.send(broker, ApiKey::OffsetFetch, MANY, encode).await.map(|(_, bytes)| Answer::Many(bytes))
}

async fn ask_one(asking: &Asking<'_>, broker: i32, name: &str, stable: Stable) -> Result<Answer, KrafkaError> {
    let stable = stable == Stable::Wanted;
    let encode = |version, buffer: &mut bytes::BytesMut| positions::encode_one(version, name, stable, buffer);
    let (version, mut bytes) = asking.send(broker, ApiKey::OffsetFetch, ONE, encode).await?;
    OffsetFetchResponse::decode_versioned(version, &mut bytes).map(Answer::One)
}

/// As if it had come with many.
fn one<'a>(name: &'a str, response: &'a OffsetFetchResponse) -> positions::Group<'a> {
    let topics = response.topics.iter().map(|topic| positions::Topic {
        name: &topic.name,
        partitions: topic
            .partitions
            .iter()
            .map(|p| positions::Partition {
                number: p.partition_index,
                next: p.committed_offset,
                leader_epoch: p.committed_leader_epoch,
                error: p.error_code,
            })
            .collect(),
    });
    positions::Group { name, topics: topics.collect(), error: response.error_code }
}

fn fail(asking: &Asking<'_>, groups: &mut [Group], chunk: &[usize], broker: i32, error: &KrafkaError) {
    let why = asking.why(broker, error);
    for &at in chunk {
        groups[at].problem(|| why.clone());
    }
}

fn take(
    asking: &Asking<'_>,
    groups: &mut [Group],
    chunk: &[usize],
    channels: &mut Channels,
    answers: Vec<positions::Group<'_>>,
    stable: Stable,
    passed: &mut Passed,
) {
    // Brokers answer in the order they were asked in; nothing promises it.
    let in_order =
        answers.len() == chunk.len() && answers.iter().zip(chunk).all(|(answer, &at)| answer.name == groups[at].name);
    let numbers: HashMap<String, usize> =
        if in_order { HashMap::new() } else { chunk.iter().map(|&at| (groups[at].name.clone(), at)).collect() };
    let mut untold: HashSet<usize> = if in_order { HashSet::new() } else { chunk.iter().copied().collect() };
    for (nth, answer) in answers.into_iter().enumerate() {
        let Some(at) = (if in_order { chunk.get(nth) } else { numbers.get(answer.name) }).copied() else { continue };
        untold.remove(&at);
        let group = &mut groups[at];
        match answer.error {
            ErrorCode::None => {
                if fill(asking, group, channels, answer.topics, stable).is_break() {
                    passed.pending.push(at);
                }
            }
            ErrorCode::NotCoordinator => passed.moved.push(at),
            // It is gone since it was listed.
            ErrorCode::GroupIdNotFound => {}
            code => {
                let why = words::of_group(asking.settings(), &group.name, "DESCRIBE", code);
                group.problem(|| why);
            }
        }
    }
    for at in untold {
        groups[at].problem(|| "its coordinator did not answer for it".to_owned());
    }
}

/// Breaks if a position is pending.
fn fill(
    asking: &Asking<'_>,
    group: &mut Group,
    channels: &mut Channels,
    topics: Vec<positions::Topic<'_>>,
    stable: Stable,
) -> ControlFlow<()> {
    let pending: HashSet<(usize, i32)> = match stable {
        Stable::Wanted => HashSet::new(),
        Stable::Not => {
            group.positions.iter().filter(|p| p.problem.is_some()).map(|p| (p.channel, p.partition)).collect()
        }
    };
    let mut any = ControlFlow::Continue(());
    group.positions = Vec::with_capacity(topics.iter().map(|t| t.partitions.len()).sum());
    for topic in topics {
        let channel = channels.number(topic.name);
        for p in topic.partitions {
            let problem = match p.error {
                ErrorCode::None if pending.contains(&(channel, p.number)) => Some(PENDING.to_owned()),
                ErrorCode::None => None,
                ErrorCode::UnstableOffsetCommit => {
                    any = ControlFlow::Break(());
                    Some(PENDING.to_owned())
                }
                code => Some(words::of_partition(asking.settings(), topic.name, "DESCRIBE", code)),
            };
            group.positions.push(PositionObserved {
                channel,
                partition: p.number,
                next: (p.error.is_ok() && p.next >= 0).then_some(p.next),
                lag: None,
                leader_epoch: p.leader_epoch,
                problem,
            });
        }
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_cut_by_groups_and_by_positions() {
        let all: Vec<usize> = (0..5_000).collect();
        let lengths = |size: &dyn Fn(usize) -> usize| chunks(&all, size).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(lengths(&|_| 10), [2_000, 2_000, 1_000]);
        assert_eq!(lengths(&|_| 1_000).len(), 25);
        assert_eq!(lengths(&|at| if at == 1 { 1_000_000 } else { 0 }), [1, 1, 2_000, 2_000, 998]);
        assert_eq!(chunks(&all, |_| 7).concat(), all);
        assert!(chunks(&[], |_| 7).is_empty());
    }
}
