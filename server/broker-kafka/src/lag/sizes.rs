//! Bytes of partitions on the brokers' disks.

use super::{
    ask::{AT_ONCE, Asking, Versions},
    channels::Channels,
};
use crate::acl;
use futures::{StreamExt as _, stream};
use krafka::{
    __private::protocol::{ApiKey, DescribableLogDirTopic, DescribeLogDirsRequest, DescribeLogDirsResponse, versions},
    error::ErrorCode,
};

const KNOWN: Versions = (versions::DESCRIBE_LOG_DIRS_MIN, versions::DESCRIBE_LOG_DIRS_MAX);

/// Fills in sizes; returns what could not be told, for a person.
pub(super) async fn fetch(asking: &Asking<'_>, channels: &mut Channels) -> Vec<String> {
    let topics = channels.all.iter().filter(|c| !c.partitions.is_empty()).map(|c| DescribableLogDirTopic {
        topic: c.name.to_string(),
        partitions: c.partitions.iter().map(|p| p.end.partition).collect(),
    });
    let request = DescribeLogDirsRequest::for_topics(topics.collect());
    let request = &request;
    let answers: Vec<_> = stream::iter(asking.brokers().into_keys())
        .map(async |broker| {
            let answer = asking.ask::<DescribeLogDirsResponse>(broker, ApiKey::DescribeLogDirs, KNOWN, request);
            (broker, answer.await)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let mut problems = Vec::new();
    let mut forbidden = false;
    for (broker, answer) in answers {
        match answer {
            Ok(answer) => {
                forbidden |= answer.error_code == ErrorCode::ClusterAuthorizationFailed
                    || answer.results.iter().any(|d| d.error_code == ErrorCode::ClusterAuthorizationFailed);
                note(channels, answer);
            }
            Err(error) => {
                problems.push(format!("sizes of some channels are not known: {}", asking.why(broker, &error)))
            }
        }
    }
    if forbidden {
        problems.push(format!(
            "sizes of channels are not known: {} lacks the right DESCRIBE on the cluster. Grant it: {}",
            acl::who(asking.settings()),
            acl::grant(asking.settings(), &["DESCRIBE"], "--cluster")
        ));
    }
    problems
}

fn note(channels: &mut Channels, answer: DescribeLogDirsResponse) {
    for topic in answer.results.into_iter().flat_map(|d| d.topics) {
        let Some(at) = channels.get(&topic.name) else { continue };
        for replica in topic.partitions.into_iter().filter(|r| !r.is_future_key) {
            let Some(partition) = channels.all[at].partition(replica.partition_index) else { continue };
            // Replicas of one partition are about as large; the largest is the most complete.
            let size = u64::try_from(replica.partition_size).unwrap_or(0);
            partition.end.bytes = partition.end.bytes.max(Some(size));
        }
    }
}
