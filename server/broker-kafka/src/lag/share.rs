//! Starts of share groups: below them all is done. What of the rest is unread only the broker knows (KIP-1226).

use super::{
    ask::{AT_ONCE, Asking},
    channels::Channels,
    groups::{Group, follow},
    words,
};
use futures::{StreamExt as _, stream};
use krafka::{
    __private::protocol::{
        ApiKey, DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsRequestGroup,
        DescribeShareGroupOffsetsResponse, DescribeShareGroupOffsetsResponseGroup, versions,
    },
    error::ErrorCode,
};
use std::collections::{BTreeMap, HashMap};
use weir_broker::PositionObserved;

/// The broker asks its own keeper of share states for each group.
const GROUPS: usize = 500;
const KNOWN: (i16, i16) = (versions::DESCRIBE_SHARE_GROUP_OFFSETS_MIN, versions::DESCRIBE_SHARE_GROUP_OFFSETS_MAX);

pub(super) async fn fetch(asking: &Asking<'_>, groups: &mut [Group], which: Vec<usize>, channels: &mut Channels) {
    let moved = pass(asking, groups, which, channels).await;
    let again = follow(asking, groups, moved).await;
    for at in pass(asking, groups, again, channels).await {
        let why = words::of_group(asking.settings(), &groups[at].name, "DESCRIBE", ErrorCode::NotCoordinator);
        groups[at].problem(|| why);
    }
}

/// Returns those that another broker coordinates.
async fn pass(asking: &Asking<'_>, groups: &mut [Group], which: Vec<usize>, channels: &mut Channels) -> Vec<usize> {
    let mut by: BTreeMap<i32, Vec<usize>> = BTreeMap::new();
    for at in which {
        by.entry(groups[at].coordinator).or_default().push(at);
    }
    let questions: Vec<(i32, Vec<usize>, DescribeShareGroupOffsetsRequest)> = by
        .iter()
        .flat_map(|(broker, numbers)| numbers.chunks(GROUPS).map(|chunk| (*broker, chunk.to_vec())))
        .map(|(broker, chunk)| {
            let all =
                |&at: &usize| DescribeShareGroupOffsetsRequestGroup { group_id: groups[at].name.clone(), topics: None };
            let request = DescribeShareGroupOffsetsRequest { groups: chunk.iter().map(all).collect() };
            (broker, chunk, request)
        })
        .collect();
    let mut answers = stream::iter(questions)
        .map(async |(broker, chunk, request)| {
            let api = ApiKey::DescribeShareGroupOffsets;
            let answer = asking.ask::<DescribeShareGroupOffsetsResponse>(broker, api, KNOWN, &request).await;
            (broker, chunk, answer)
        })
        .buffer_unordered(AT_ONCE);
    let mut moved = Vec::new();
    while let Some((broker, chunk, answer)) = answers.next().await {
        match answer {
            Ok(response) => {
                let numbers: HashMap<String, usize> = chunk.iter().map(|&at| (groups[at].name.clone(), at)).collect();
                for answer in response.groups {
                    let Some(&at) = numbers.get(&answer.group_id) else { continue };
                    if answer.error_code == ErrorCode::NotCoordinator {
                        moved.push(at);
                    } else {
                        fill(asking, &mut groups[at], channels, answer);
                    }
                }
            }
            Err(error) => {
                let why = asking.why(broker, &error);
                for at in chunk {
                    groups[at].problem(|| why.clone());
                }
            }
        }
    }
    moved
}

fn fill(
    asking: &Asking<'_>,
    group: &mut Group,
    channels: &mut Channels,
    answer: DescribeShareGroupOffsetsResponseGroup,
) {
    match answer.error_code {
        ErrorCode::None => {}
        // It is gone since it was listed.
        ErrorCode::GroupIdNotFound => return,
        code => {
            let why = words::of_group(asking.settings(), &group.name, "DESCRIBE", code);
            group.problem(|| why);
            return;
        }
    }
    group.positions = Vec::with_capacity(answer.topics.iter().map(|t| t.partitions.len()).sum());
    for topic in answer.topics {
        let channel = channels.number(&topic.topic_name);
        for p in topic.partitions {
            let told = p.error_code.is_ok();
            let problem = || words::of_partition(asking.settings(), &topic.topic_name, "DESCRIBE", p.error_code);
            group.positions.push(PositionObserved {
                channel,
                partition: p.partition_index,
                next: (told && p.start_offset >= 0).then_some(p.start_offset),
                lag: told.then(|| u64::try_from(p.lag).ok()).flatten(),
                leader_epoch: p.leader_epoch,
                problem: (!told).then(problem),
            });
        }
    }
}
