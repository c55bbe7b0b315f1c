//! How fast this connector reads: `cargo run --release -p weir-broker-kafka --example rate -- [events]` writes events
//! of 0.63 KB into a private broker (6 partitions, lz4) and reads them from the start, three times.
#![expect(clippy::print_stdout, reason = "a measurement for a person")]

use krafka::{
    Compression, Kafka, Record,
    admin::{CreateTopicsOptions, NewTopic},
};
use std::{error::Error, fs, sync::Arc, time::Instant};
use weir_broker::{Assignment, Broker, PartitionAddress, ReadLimits, Reading, Settings, StartAt};
use weir_broker_kafka::KafkaBroker;
use weir_domain::{Clock, Timestamp};

const PARTITIONS: i32 = 6;
const TOPIC: &str = "rate";

struct Unasked;

impl Clock for Unasked {
    fn now(&self) -> Timestamp {
        Timestamp::EPOCH
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let events: u64 = std::env::args().nth(1).map_or(Ok(1_000_000), |n| n.parse())?;
    let kafka = weir_testkit::Kafka::start(weir_testkit::KafkaOptions::default())?;
    write(&kafka.bootstrap(), events).await?;
    for run in 1..=3 {
        let (cpu, start) = (cpu_seconds()?, Instant::now());
        let (bytes, wire) = read(&kafka.bootstrap(), events).await?;
        let (seconds, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds()? - cpu);
        let (events, megabyte) = (events as f64, 1e6);
        println!(
            "run {run}: {:.0} events/s, {:.0} MB/s raw, {:.0} MB/s on the wire, {:.2} CPU s per million, peak {}",
            events / seconds,
            bytes as f64 / megabyte / seconds,
            wire as f64 / megabyte / seconds,
            cpu * 1e6 / events,
            peak()?,
        );
    }
    Ok(())
}

async fn write(address: &str, events: u64) -> Result<(), Box<dyn Error>> {
    let kafka = Kafka::builder(address).connect().await?;
    let topic = NewTopic::new(TOPIC, PARTITIONS, 1)?;
    for made in kafka.admin().create_topics([topic], CreateTopicsOptions::default()).await?.into_values() {
        made?;
    }
    let producer = kafka.producer().compression(Compression::Lz4).build().await?;
    let filler = "lorem ipsum dolor sit amet ".repeat(20);
    let mut sent = Vec::new();
    for n in 0..events {
        let payload = format!("{{\"order\":\"ord-{n}\",\"amount\":{},\"note\":\"{filler}\"}}", n % 9973);
        sent.push(producer.enqueue(Record::new(TOPIC, payload).key(format!("ord-{n}"))).await?);
        if sent.len() == 10_000 {
            for one in sent.drain(..) {
                one.await?;
            }
        }
    }
    for one in sent {
        one.await?;
    }
    producer.close().await?;
    Ok(())
}

/// Raw bytes and bytes as they travelled.
async fn read(address: &str, events: u64) -> Result<(u64, u64), Box<dyn Error>> {
    let settings = Settings {
        name: "rate".to_owned(),
        addresses: vec![address.to_owned()],
        tls: None,
        sasl: None,
        client_id: "weir.rate".to_owned(),
    };
    let broker = KafkaBroker::new(settings, Arc::new(Unasked))?;
    let discovery = broker.discover().await?;
    let channel = discovery.channels.into_iter().find(|c| c.channel == TOPIC).ok_or("the topic is gone")?;
    let mut reader = broker.reader(ReadLimits::default()).await?;
    let assignments = (0..PARTITIONS).map(|number| Assignment {
        address: PartitionAddress { channel: TOPIC.to_owned(), number },
        incarnation: channel.incarnation.clone(),
        start: StartAt::Earliest,
    });
    reader.assign(assignments.collect()).await?;
    let (mut count, mut bytes, mut wire) = (0, 0, 0);
    while count < events {
        for reading in reader.read().await? {
            if let Reading::Chunk(chunk) = reading {
                count += chunk.records.len() as u64;
                bytes += chunk.records.iter().map(|r| r.raw_size() as u64).sum::<u64>();
                wire += chunk.broker_bytes;
            }
        }
    }
    Ok((bytes, wire))
}

/// User and system time of this process.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit_once(')').ok_or("no process name")?.1;
    let ticks = after_name.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
    Ok(ticks.sum::<Result<f64, _>>()? / 100.0)
}

fn peak() -> Result<String, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|l| l.starts_with("VmHWM")).ok_or("no peak")?;
    Ok(line.trim_start_matches("VmHWM:").trim().to_owned())
}
