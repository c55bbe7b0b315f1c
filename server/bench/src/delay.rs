//! How long after its production an event is on a live tail, while ten thousand a second are produced: the page's own
//! stream, over HTTP, with a filter that lets a hundred a second through.

use crate::{Failure, asking::administrator, ready};
use krafka::{
    Kafka as Client, Record,
    admin::{CreateTopicsOptions, NewTopic},
    producer::Acks,
};
use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    time::{sleep_until, timeout},
};
use weir_testkit::{Kafka, KafkaOptions, Postgres, PostgresOptions, PrivateDir};

const TOPIC: &str = "delay";
const PER_SECOND: u64 = 10_000;
const SECONDS: u64 = 20;
/// One of so many is looked for.
const PROBE: u64 = 100;
/// The beginning is not counted: the source is found, the topic's partitions are opened.
const SKIPPED: u64 = 3 * PER_SECOND;

pub async fn report(weir: &Path) -> Result<(), Failure> {
    let kafka = Kafka::start(KafkaOptions::default())?;
    let bootstrap = kafka.bootstrap();
    let client = Client::builder(&bootstrap).client_id("bench-producer").connect().await?;
    let topics = [NewTopic::new(TOPIC, 6, 1)?];
    for (_, made) in client.admin().create_topics(topics, CreateTopicsOptions::default()).await? {
        made?;
    }
    let postgres = Postgres::start(PostgresOptions::durable())?;
    let url = postgres.ensure_database("delay")?;
    let dir = PrivateDir::new("bench")?;
    let sources = format!(
        "[sources.bench]\nkind = \"kafka\"\nenvironment = \"bench\"\nbootstrap = [\"{bootstrap}\"]\nchannels = [\"{TOPIC}\"]\nstart = \"latest\"\ntype_header = \"type\"\ncapture = \"full\"\nact = \"none\"\n"
    );
    let server = ready::serve(weir, dir.path(), &url, &sources).await?;
    let cookie = administrator(weir, dir.path(), &server.address).await?;
    let mut tail = tail(&server.address, &cookie).await?;
    let sent: Arc<Mutex<HashMap<String, Instant>>> = Arc::default();
    let producing = tokio::spawn(produce(client, Arc::clone(&sent)));
    let (mut delays, mut line) = (Vec::new(), String::new());
    let last = SECONDS * PER_SECOND / PROBE;
    let mut met = 0;
    while met + SKIPPED / PROBE < last {
        line.clear();
        if timeout(Duration::from_secs(30), tail.read_line(&mut line)).await.map_err(|_| "the tail stands still")?? == 0
        {
            return Err("the tail ended".into());
        }
        let now = Instant::now();
        for key in line.split("probe-").skip(1) {
            let number: String = key.chars().take_while(char::is_ascii_digit).collect();
            let begun = sent.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
            if let (Some(begun), Ok(n)) = (begun, number.parse::<u64>())
                && n >= SKIPPED
            {
                delays.push(now - begun);
                met += 1;
            }
        }
        if producing.is_finished() && line.is_empty() {
            break;
        }
    }
    producing.await??;
    delays.sort_unstable();
    let at = |percent: usize| {
        delays
            .get((delays.len() * percent / 100).min(delays.len().saturating_sub(1)))
            .map_or(0.0, |d| d.as_secs_f64() * 1e3)
    };
    println!(
        "delay from production to a live tail at {PER_SECOND} events/s: median {:.0} ms, p95 {:.0} ms, p99 {:.0} ms of {} (goal: p95 500 ms)",
        at(50),
        at(95),
        at(99),
        delays.len()
    );
    Ok(())
}

/// At an even pace, by the clock.
async fn produce(client: Client, sent: Arc<Mutex<HashMap<String, Instant>>>) -> Result<(), Failure> {
    let producer = client.producer().acks(Acks::All).linger(Duration::from_millis(5)).build().await?;
    let begun = tokio::time::Instant::now();
    let payload = format!("{{\"data\":{{\"amount\":12.5,\"pad\":\"{}\"}}}}", "x".repeat(560));
    // Fifty times a second.
    for tick in 0..SECONDS * 50 {
        sleep_until(begun + Duration::from_millis(20 * tick)).await;
        for n in tick * PER_SECOND / 50..(tick + 1) * PER_SECOND / 50 {
            let probe = n % PROBE == 0;
            let kind = if probe { "probe" } else { "order.placed" };
            let record = Record::new(TOPIC, payload.clone()).key(format!("probe-{n}")).header("type", kind);
            if probe {
                sent.lock().unwrap_or_else(PoisonError::into_inner).insert(n.to_string(), Instant::now());
            }
            drop(producer.enqueue(record).await?);
        }
    }
    producer.close().await?;
    Ok(())
}

async fn tail(address: &str, cookie: &str) -> Result<BufReader<TcpStream>, Failure> {
    let ask = format!(
        "GET /live?topics=tail1&tail1.type=probe HTTP/1.1\r\nhost: {address}\r\ncookie: {cookie}\r\naccept: text/event-stream\r\nsec-fetch-site: same-origin\r\norigin: http://{address}\r\n\r\n"
    );
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(ask.as_bytes()).await?;
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    if !line.contains(" 200 ") {
        return Err(format!("no tail: {line}").into());
    }
    Ok(stream)
}
