//! Consumer groups by hand: many that have read everything, or one that stands where it is told. What a browser test of lag
//! uses to have something to find.

use crate::{Failure, shop::now_ms};
use krafka::{
    Kafka, Record,
    admin::{AlterConsumerGroupOffsetsOptions, CreateTopicsOptions, ListOffsetsOptions, NewTopic, OffsetSpec},
    consumer::TopicPartition,
    producer::Acks,
};
use std::{sync::Arc, time::Duration};
use tokio::task::JoinSet;

const AT_ONCE: usize = 64;

/// What is to be there.
pub struct Wanted {
    pub topic: String,
    pub partitions: i32,
    /// Of the topic, where it is made.
    pub retention_ms: Option<i64>,
    /// Events sent to each partition, as old as this.
    pub events: u32,
    pub age: Duration,
    /// `name` for one, `name-0`, `name-1`, … for more.
    pub group: String,
    pub count: usize,
    /// Where they stand; at the end if not said.
    pub at: Option<i64>,
}

pub async fn run(bootstrap: &str, wanted: &Wanted) -> Result<(), Failure> {
    let kafka = Arc::new(Kafka::builder(bootstrap).client_id("groups").connect().await?);
    let admin = kafka.admin();
    let mut topic = NewTopic::new(&wanted.topic, wanted.partitions, 1)?;
    if let Some(ms) = wanted.retention_ms {
        topic = topic.with_config("retention.ms", ms.to_string());
    }
    for (name, made) in admin.create_topics([topic], CreateTopicsOptions::default()).await? {
        match made {
            Err(e) if !e.to_string().to_lowercase().contains("exists") => {
                return Err(format!("can't create topic {name}: {e}").into());
            }
            _ => {}
        }
    }
    let at = now_ms().saturating_sub(i64::try_from(wanted.age.as_millis())?);
    let producer = kafka.producer().acks(Acks::All).build().await?;
    for partition in 0..wanted.partitions {
        for n in 0..wanted.events {
            let record = Record::new(&wanted.topic, format!("{{\"n\":{n}}}").into_bytes());
            let record = record.key(format!("k-{partition}-{n}")).partition(partition).timestamp(at);
            let _placed = producer.send(record).await?;
        }
    }
    producer.close().await?;
    let places = || (0..wanted.partitions).map(|p| TopicPartition::new(&wanted.topic, p));
    let ends = admin.list_offsets(places().map(|tp| (tp, OffsetSpec::Latest)), ListOffsetsOptions::default()).await?;
    let mut positions = Vec::new();
    for (place, end) in ends {
        positions.push((place, wanted.at.unwrap_or(end?.offset)));
    }
    let name = |n: usize| if wanted.count == 1 { wanted.group.clone() } else { format!("{}-{n}", wanted.group) };
    let mut tasks: JoinSet<Result<(), Failure>> = JoinSet::new();
    for n in 0..wanted.count {
        if tasks.len() >= AT_ONCE
            && let Some(done) = tasks.join_next().await
        {
            done??;
        }
        let (kafka, name, positions) = (Arc::clone(&kafka), name(n), positions.clone());
        tasks.spawn(async move {
            let options = AlterConsumerGroupOffsetsOptions::default();
            for (_, done) in kafka.admin().alter_consumer_group_offsets(name, positions, options).await? {
                done?;
            }
            Ok(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}
