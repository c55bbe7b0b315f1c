//! One event by hand: what a browser test uses to have something to find.

use crate::Failure;
use krafka::{Kafka, Record, producer::Acks};

/// Sends one event; headers are `name=value`.
pub async fn run(bootstrap: &str, topic: &str, key: &str, payload: String, headers: &[String]) -> Result<(), Failure> {
    let kafka = Kafka::builder(bootstrap).client_id("send").connect().await?;
    let producer = kafka.producer().acks(Acks::All).build().await?;
    let mut record = Record::new(topic, payload).key(key.to_owned());
    for header in headers {
        let (name, value) = header.split_once('=').ok_or_else(|| format!("a header is name=value, not {header:?}"))?;
        record = record.header(name.to_owned(), value.to_owned());
    }
    let _placed = producer.send(record).await?;
    producer.close().await?;
    Ok(())
}
