//! The truth for crash campaigns: numbered events, and a log of what the broker acknowledged.

use crate::Failure;
use krafka::{Kafka, Record, producer::Acks};
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    time::Duration,
};

/// Writes `count` events over the topic's partitions; each acknowledged one becomes a line
/// `partition offset number` of the log, in the order of acknowledgement.
pub async fn run(bootstrap: &str, topic: &str, count: u64, log: &Path) -> Result<(), Failure> {
    let kafka = Kafka::builder(bootstrap).client_id("numbered").connect().await?;
    let producer = kafka.producer().acks(Acks::All).linger(Duration::from_millis(5)).build().await?;
    let mut log = BufWriter::new(File::create(log)?);
    let mut waiting = Vec::with_capacity(1000);
    for number in 0..count {
        let payload = format!(r#"{{"number":{number}}}"#);
        waiting.push((number, producer.enqueue(Record::new(topic, payload).key(format!("n-{number}"))).await?));
        if waiting.len() == 1000 || number + 1 == count {
            for (number, handle) in waiting.drain(..) {
                let sent = handle.await?;
                writeln!(log, "{} {} {number}", sent.partition, sent.offset)?;
            }
            log.flush()?;
        }
    }
    producer.close().await?;
    Ok(())
}
