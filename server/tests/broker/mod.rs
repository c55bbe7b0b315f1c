//! A topic of its own on a real Kafka, and a configuration that reads it.

#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(clippy::allow_attributes, reason = "an expectation would fail in the binaries that use everything")]

#[path = "../topics/mod.rs"]
mod topics;

use krafka::{
    Kafka, Record,
    admin::NewTopic,
    producer::{Acks, Producer},
};
use weir_testkit::unique;

pub struct Topic {
    pub name: String,
    pub kafka: Kafka,
    producer: Producer,
}

impl Topic {
    /// Made on the broker at `bootstrap`, which must let anybody in.
    pub async fn create(bootstrap: &str, name: &str, partitions: i32) -> Self {
        let name = unique(name);
        let kafka = Kafka::builder(bootstrap).client_id("test").connect().await.unwrap();
        let wanted = NewTopic::new(&name, partitions, 1).unwrap();
        topics::make(&kafka, [wanted]).await;
        weir_broker::conformance::eventually("the topic's leader", || async {
            let metadata = krafka::__private::kafka_metadata(&kafka);
            metadata.force_refresh(Some(&[&name])).await.ok()?;
            metadata.topic(&name)?.partitions_iter().all(|p| p.is_routable()).then_some(())
        })
        .await;
        let producer = kafka.producer().acks(Acks::All).build().await.unwrap();
        Self { name, kafka, producer }
    }

    pub async fn send(&self, key: &str, payload: &str) {
        let _placed =
            self.producer.send(Record::new(self.name.as_str(), payload.to_owned()).key(key.to_owned())).await.unwrap();
    }
}

/// A source called `shop` with these lines more.
pub fn source(bootstrap: &str, topic: &str, more: &str) -> String {
    format!(
        "[environments.test]\nkind = \"other\"\n[sources.shop]\nkind = \"kafka\"\nenvironment = \"test\"\n\
         bootstrap = [\"{bootstrap}\"]\nchannels = [\"{topic}\"]\ncapture = \"full\"\nact = \"none\"\nstart = \"earliest\"\n{more}"
    )
}
