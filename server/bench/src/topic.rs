use crate::{Failure, events::Events};
use krafka::{
    Compression, Kafka, Record,
    admin::{CreateTopicsOptions, NewTopic},
    producer::Acks,
};
use std::time::Duration;

pub const PARTITIONS: i32 = 6;

/// Fills a topic and returns the raw bytes of keys and payloads.
pub async fn fill(bootstrap: &str, name: &str, count: u64, seed: u64) -> Result<u64, Failure> {
    let kafka = Kafka::builder(bootstrap).client_id("bench-producer").connect().await?;
    let admin = kafka.admin();
    for (_, made) in admin.create_topics([NewTopic::new(name, PARTITIONS, 1)?], CreateTopicsOptions::default()).await? {
        made?;
    }
    let producer = kafka
        .producer()
        .acks(Acks::All)
        .compression(Compression::Lz4)
        .linger(Duration::from_millis(50))
        .build()
        .await?;
    let (mut raw, mut waiting) = (0, Vec::with_capacity(10_000));
    for (key, payload) in Events::new(seed).take(usize::try_from(count)?) {
        raw += (key.len() + payload.len()) as u64;
        waiting.push(producer.enqueue(Record::new(name, payload).key(key)).await?);
        if waiting.len() == 10_000 {
            for sent in waiting.drain(..) {
                let _placed = sent.await?;
            }
        }
    }
    for sent in waiting {
        let _placed = sent.await?;
    }
    producer.close().await?;
    Ok(raw)
}
