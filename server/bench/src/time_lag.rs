//! How near the time lag is to the truth, which is the producer's own log, beside the method of the usual exporters:
//! interpolation between observations of a partition's end (as kafka-lag-exporter's lookup table does it, here with a
//! table of any length). Traffic in bursts, with idle times and skewed partitions; readers that follow, that read in lumps
//! and that are slow.

use crate::{Failure, asking, ready};
use krafka::{
    Kafka as Client, Record,
    admin::{AlterConsumerGroupOffsetsOptions, CreateTopicsOptions, NewTopic},
    consumer::TopicPartition,
    producer::Acks,
};
use rand::{RngExt as _, SeedableRng as _, rngs::SmallRng};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, sleep_until};
use weir_testkit::{Kafka, KafkaOptions, Postgres, PostgresOptions, PrivateDir};

const TOPIC: &str = "traffic";
const PARTITIONS: usize = 6;
const SPAN: Duration = Duration::from_secs(300);
const TICK: Duration = Duration::from_millis(20);
const READERS: [&str; 3] = ["follows", "in-lumps", "slow"];

/// What was sent: of each partition, the times of its events by offset, in milliseconds.
type Log = Arc<Mutex<Vec<BTreeMap<i64, i64>>>>;

/// One partition as Weir told of it.
struct Told {
    partition: usize,
    at_ms: i64,
    next: i64,
    end: i64,
    /// `None`: unknown. The second: by the stored event itself.
    ms: Option<(f64, bool)>,
}

pub async fn report(weir: &Path, seed: u64) -> Result<(), Failure> {
    let kafka = Kafka::start(KafkaOptions::default())?;
    let bootstrap = kafka.bootstrap();
    let client = Client::builder(&bootstrap).client_id("bench-traffic").connect().await?;
    let topics = [NewTopic::new(TOPIC, i32::try_from(PARTITIONS)?, 1)?];
    for (_, made) in client.admin().create_topics(topics, CreateTopicsOptions::default()).await? {
        made?;
    }
    let postgres = Postgres::start(PostgresOptions::durable())?;
    let url = postgres.ensure_database("time_lag")?;
    let dir = PrivateDir::new("bench")?;
    let sources = format!(
        "[sources.bench]\nkind = \"kafka\"\nenvironment = \"bench\"\nbootstrap = [\"{bootstrap}\"]\nchannels = [\"{TOPIC}\"]\nstart = \"earliest\"\ncapture = \"full\"\nact = \"none\"\n"
    );
    let server = ready::serve(weir, dir.path(), &url, &sources).await?;
    let cookie = asking::administrator(weir, dir.path(), &server.address).await?;
    let token = asking::token(&server.address, &cookie).await?;
    let log: Log = Arc::new(Mutex::new(vec![BTreeMap::new(); PARTITIONS]));
    let end = Instant::now() + SPAN;
    let producing = tokio::spawn(produce(client.clone(), Arc::clone(&log), seed, end));
    let reading = tokio::spawn(read(client, Arc::clone(&log), seed, end));
    let (mut told, mut seen) = (Vec::new(), BTreeSet::new());
    while Instant::now() < end {
        let next = Instant::now() + Duration::from_secs(1);
        look(&server.address, &token, &mut seen, &mut told).await?;
        sleep_until(next).await;
    }
    producing.await??;
    reading.await??;
    let log = log.lock().unwrap_or_else(PoisonError::into_inner);
    say(&told, &log, seed)
}

/// Each partition is idle, trickles or bursts, each for a while; some have far more bursts than others.
async fn produce(client: Client, log: Log, seed: u64, end: Instant) -> Result<(), Failure> {
    let mut rng = SmallRng::seed_from_u64(seed);
    let producer = client.producer().acks(Acks::All).linger(Duration::from_millis(5)).build().await?;
    let mut rates = [(0.0_f64, Instant::now(), 0.0_f64); PARTITIONS];
    let mut waiting = Vec::new();
    let mut tick = Instant::now();
    while tick < end {
        for (partition, (rate, until, owed)) in rates.iter_mut().enumerate() {
            if tick >= *until {
                let busy = 0.15 + 0.12 * partition as f64;
                let (per_s, seconds) = if rng.random_bool(busy.min(0.8)) {
                    if rng.random_bool(0.4) {
                        (rng.random_range(200.0..1_500.0), rng.random_range(1.0..6.0))
                    } else {
                        (rng.random_range(0.5..20.0), rng.random_range(5.0..30.0))
                    }
                } else {
                    (0.0, rng.random_range(3.0..40.0))
                };
                (*rate, *until) = (per_s, tick + Duration::from_secs_f64(seconds));
            }
            *owed += *rate * TICK.as_secs_f64();
            while *owed >= 1.0 {
                *owed -= 1.0;
                let at = now_ms()?;
                let record = Record::new(TOPIC, &b"{\"n\":1}"[..]).partition(i32::try_from(partition)?).timestamp(at);
                waiting.push((partition, at, producer.enqueue(record).await?));
            }
        }
        for (partition, at, sent) in waiting.drain(..) {
            let placed = sent.await?;
            log.lock().unwrap_or_else(PoisonError::into_inner)[partition].insert(placed.offset, at);
        }
        tick += TICK;
        sleep_until(tick).await;
    }
    producer.close().await?;
    Ok(())
}

/// Commits once a second.
async fn read(client: Client, log: Log, seed: u64, end: Instant) -> Result<(), Failure> {
    let mut rng = SmallRng::seed_from_u64(seed ^ 0x5EED);
    let mut at = [[0_i64; PARTITIONS]; READERS.len()];
    let (mut tick, mut second) = (Instant::now(), 0_u32);
    while tick < end {
        let ends: Vec<i64> = {
            let log = log.lock().unwrap_or_else(PoisonError::into_inner);
            log.iter().map(|p| p.last_key_value().map_or(0, |(offset, _)| offset + 1)).collect()
        };
        for (reader, at) in READERS.iter().zip(&mut at) {
            let most = match *reader {
                "follows" => 400,
                "in-lumps" if second % 25 == 24 => i64::MAX,
                "in-lumps" => 0,
                _ => rng.random_range(5..40),
            };
            for (position, end) in at.iter_mut().zip(&ends) {
                *position = position.saturating_add(most).min(*end);
            }
            let places = at.iter().enumerate();
            let offsets = places.map(|(p, to)| (TopicPartition::new(TOPIC, i32::try_from(p).unwrap_or(0)), *to));
            let options = AlterConsumerGroupOffsetsOptions::default();
            for (_, done) in client.admin().alter_consumer_group_offsets(*reader, offsets, options).await? {
                done?;
            }
        }
        second += 1;
        tick += Duration::from_secs(1);
        sleep_until(tick).await;
    }
    Ok(())
}

/// What Weir tells now, if it is a new observation.
async fn look(
    address: &str,
    token: &str,
    seen: &mut BTreeSet<(String, String)>,
    told: &mut Vec<Told>,
) -> Result<(), Failure> {
    let groups = asking::rest(address, token, "/api/v1/groups?most=10").await?;
    for group in groups["groups"].as_array().into_iter().flatten() {
        let id = group["id"].as_str().ok_or("a group without an id")?;
        let group = asking::rest(address, token, &format!("/api/v1/groups/{id}")).await?;
        let Some(channel) = group["channels"].get(0) else { continue };
        let at = channel["observed_at"].as_str().ok_or("never observed")?;
        if !seen.insert((id.to_owned(), at.to_owned())) {
            continue;
        }
        let at_ms = chrono::DateTime::parse_from_rfc3339(at)?.timestamp_millis();
        for p in channel["partitions"].as_array().into_iter().flatten() {
            let number = |name: &str| p[name].as_str().and_then(|n| n.parse::<i64>().ok());
            let (Some(next), Some(end)) = (number("next"), number("end")) else { continue };
            let partition = usize::try_from(p["partition"].as_u64().ok_or("a partition without a number")?)?;
            let lag = &p["time_lag"];
            let ms = lag["ms"].as_f64().map(|ms| (ms, lag["exact"].as_bool() == Some(true)));
            told.push(Told { partition, at_ms, next, end, ms });
        }
    }
    Ok(())
}

fn say(told: &[Told], log: &[BTreeMap<i64, i64>], seed: u64) -> Result<(), Failure> {
    let mut ends = vec![BTreeMap::new(); PARTITIONS];
    for t in told {
        ends[t.partition].insert(t.at_ms, t.end);
    }
    let (mut ours, mut theirs, mut unknown, mut about, mut behind) = (Vec::new(), Vec::new(), 0, 0, 0);
    for t in told {
        let truth = match log[t.partition].get(&t.next) {
            Some(at) => (t.at_ms - at).max(0) as f64,
            None => 0.0,
        };
        behind += usize::from(truth > 0.0);
        let Some((ms, exact)) = t.ms else {
            unknown += 1;
            continue;
        };
        about += usize::from(!exact);
        let Some(other) = interpolated(&ends[t.partition], t) else { continue };
        ours.push((ms - truth).abs());
        theirs.push((other - truth).abs());
    }
    ours.sort_unstable_by(f64::total_cmp);
    theirs.sort_unstable_by(f64::total_cmp);
    let at =
        |of: &[f64], per_mille: usize| of.get((of.len() * per_mille / 1_000).min(of.len().saturating_sub(1))).copied();
    let (Some(our_p99), Some(their_p99)) = (at(&ours, 990), at(&theirs, 990)) else {
        return Err("nothing was told".into());
    };
    println!(
        "time lag against the producer's log, seed {seed}: error p99 {our_p99:.0} ms, median {:.0} ms, greatest {:.0} ms; by interpolation p99 {their_p99:.0} ms, median {:.0} ms: 1/{:.0} of it (goal: 1/100), of {} in {} s, {behind} of all behind; {unknown} told as unknown, {about} as about",
        at(&ours, 500).unwrap_or_default(),
        ours.last().copied().unwrap_or_default(),
        at(&theirs, 500).unwrap_or_default(),
        their_p99 / our_p99.max(1.0),
        ours.len(),
        SPAN.as_secs()
    );
    Ok(())
}

/// When the end stood at the position, by the straight line between two observations. `None`: before the first.
fn interpolated(ends: &BTreeMap<i64, i64>, told: &Told) -> Option<f64> {
    if told.next >= told.end {
        return Some(0.0);
    }
    let mut later = (told.at_ms, told.end);
    for (&at, &end) in ends.range(..told.at_ms).rev() {
        if end <= told.next {
            let part = (told.next - end) as f64 / (later.1 - end).max(1) as f64;
            return Some(told.at_ms as f64 - (at as f64 + part * (later.0 - at) as f64));
        }
        later = (at, end);
    }
    None
}

#[expect(clippy::disallowed_methods, reason = "a producer stamps its events by its own clock")]
fn now_ms() -> Result<i64, Failure> {
    Ok(i64::try_from(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_millis())?)
}
