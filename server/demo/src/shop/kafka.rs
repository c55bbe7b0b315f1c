use super::{
    Message,
    bus::{Bus, Delivery, Inbox},
};
use crate::Failure;
use async_trait::async_trait;
use krafka::{
    Kafka, Record,
    admin::{CreateTopicsOptions, NewTopic},
    consumer::{AutoOffsetReset, Consumer},
    producer::{Acks, Producer},
};
use std::time::Duration;

/// The shop on one Kafka cluster.
pub struct KafkaBus {
    bootstrap: String,
    kafka: Kafka,
    producer: Producer,
}

impl KafkaBus {
    pub async fn connect(bootstrap: &str) -> Result<Self, Failure> {
        let kafka = Kafka::builder(bootstrap).client_id("shop").connect().await?;
        let producer = kafka.producer().acks(Acks::All).linger(Duration::from_millis(5)).build().await?;
        Ok(Self { bootstrap: bootstrap.to_owned(), kafka, producer })
    }
}

#[async_trait]
impl Bus for KafkaBus {
    async fn declare(&self, channels: &[(&str, i32)]) -> Result<(), Failure> {
        let wanted = channels.iter().map(|(name, partitions)| NewTopic::new(*name, *partitions, 1));
        let wanted: Vec<_> = wanted.collect::<Result<_, _>>()?;
        for (name, made) in self.kafka.admin().create_topics(wanted, CreateTopicsOptions::default()).await? {
            match made {
                Err(e) if !e.to_string().to_lowercase().contains("exists") => {
                    return Err(format!("can't create topic {name}: {e}").into());
                }
                _ => {}
            }
        }
        Ok(())
    }

    async fn publish(&self, channel: &str, message: Message) -> Result<(), Failure> {
        let mut record = Record::new(channel, message.payload).key(message.key);
        for (name, value) in message.headers {
            record = record.header(name, value);
        }
        let _placed = self.producer.send(record).await?;
        Ok(())
    }

    async fn consume(&self, service: &str, channels: &[&str]) -> Result<Box<dyn Inbox>, Failure> {
        // Connections of its own: a broker answers in order, and a send would wait behind each waiting fetch.
        let kafka = Kafka::builder(&self.bootstrap).client_id(service).connect().await?;
        let consumer = kafka
            .consumer(service)
            .auto_offset_reset(AutoOffsetReset::Earliest)
            .enable_auto_commit(false)
            .build()
            .await?;
        consumer.subscribe(channels).await?;
        Ok(Box::new(KafkaInbox { consumer }))
    }
}

struct KafkaInbox {
    consumer: Consumer,
}

#[async_trait]
impl Inbox for KafkaInbox {
    async fn next(&mut self) -> Result<Delivery, Failure> {
        loop {
            let Some(record) = self.consumer.recv().await? else { continue };
            let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
            let headers = record
                .headers
                .iter()
                .map(|(name, value)| (name.to_string(), value.as_ref().map(|v| v.to_vec()).unwrap_or_default()));
            return Ok(Delivery {
                channel: record.topic.to_string(),
                partition: record.partition,
                offset: record.offset,
                timestamp_ms: record.timestamp,
                message: Message {
                    headers: headers.collect(),
                    key: record.key.as_deref().map(text).unwrap_or_default(),
                    payload: record.value.as_deref().map(<[u8]>::to_vec).unwrap_or_default(),
                },
            });
        }
    }

    async fn commit(&mut self) -> Result<(), Failure> {
        self.consumer.commit().await?;
        Ok(())
    }
}
