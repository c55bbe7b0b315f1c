use crate::{
    connect::Connection,
    cursor::{TopicId, incarnation},
    failure::partition_problem,
};
use krafka::{__private::kafka_metadata, PartitionInfo, TopicInfo, error::ErrorCode};
use weir_broker::{BrokerError, Discovered, DiscoveredPartition, Discovery};

pub(crate) async fn discover(connection: &Connection) -> Result<Discovery, BrokerError> {
    let metadata = kafka_metadata(connection.control().await?);
    connection.bounded("list topics", metadata.refresh()).await?;
    let mut channels: Vec<Discovered> = metadata.topics_arc().iter().map(|topic| discovered(topic)).collect();
    channels.sort_unstable_by(|a, b| a.channel.cmp(&b.channel));
    Ok(Discovery { channels })
}

fn discovered(topic: &TopicInfo) -> Discovered {
    let mut partitions: Vec<DiscoveredPartition> = topic
        .partitions_iter()
        .map(|p| DiscoveredPartition { number: p.partition, problem: leader(p).err() })
        .collect();
    partitions.sort_unstable_by_key(|p| p.number);
    let id: TopicId = topic.topic_id;
    Discovered { channel: topic.name.clone(), internal: topic.is_internal, incarnation: incarnation(id), partitions }
}

/// Who leads a partition, or why nobody does.
pub(crate) fn leader(partition: &PartitionInfo) -> Result<i32, String> {
    led(partition.leader, partition.error_code, &partition.replicas)
}

/// The same by what the broker said of it.
pub(crate) fn led(leader: i32, code: ErrorCode, replicas: &[i32]) -> Result<i32, String> {
    if code.is_ok() && leader >= 0 {
        return Ok(leader);
    }
    Err(match partition_problem(code) {
        Some(problem) => problem,
        None => format!("no leader: none of its replicas (brokers {replicas:?}) is available"),
    })
}
