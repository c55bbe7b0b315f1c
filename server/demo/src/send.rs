//! One event by hand: what a browser test uses to have something to find.

use crate::Failure;
use krafka::{Kafka, Record, producer::Acks};

/// Bytes of the command line. (clap takes a bare `Vec` for an option that is repeated.)
#[derive(Debug, Clone)]
pub struct Bytes(pub Vec<u8>);

pub fn bytes(hex: &str) -> Result<Bytes, String> {
    let digits: Option<Vec<_>> = hex.chars().map(|c| c.to_digit(16)).collect();
    let digits = digits.filter(|d| d.len() % 2 == 0).ok_or("two hex digits a byte, and nothing else")?;
    Ok(Bytes(digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | *digit as u8)).collect()))
}

/// Sends one event; headers are `name=value`.
pub async fn run(bootstrap: &str, topic: &str, key: &str, payload: Vec<u8>, headers: &[String]) -> Result<(), Failure> {
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
