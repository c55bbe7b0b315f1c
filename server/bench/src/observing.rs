//! What it costs to see how far ten thousand groups are: requests and time, beside a program that asks for one group after
//! the other, 64 at a time, as monitors of Kafka do.

use crate::Failure;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use krafka::{
    Kafka as Client,
    admin::{
        AlterConsumerGroupOffsetsOptions, CreateTopicsOptions, ListConsumerGroupOffsetsOptions,
        ListConsumerGroupsOptions, ListOffsetsOptions, NewTopic, OffsetSpec,
    },
    consumer::TopicPartition,
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use weir_broker::{Broker as _, LagWanted, Settings};
use weir_broker_kafka::KafkaBroker;
use weir_domain::{Clock, Timestamp};
use weir_testkit::{Kafka, KafkaOptions};

const GROUPS: usize = 10_000;
pub const TOPICS: usize = 100;
pub const PARTITIONS: i32 = 10;
pub const AT_ONCE: usize = 64;
const ROUNDS: usize = 5;

/// An observation asks for no time.
struct NoClock;

impl Clock for NoClock {
    fn now(&self) -> Timestamp {
        Timestamp(0)
    }
}

pub async fn report() -> Result<(), Failure> {
    let kafka = Kafka::start(KafkaOptions::default())?;
    let bootstrap = kafka.bootstrap();
    let client =
        Client::builder(&bootstrap).client_id("bench-groups").max_in_flight_requests(AT_ONCE).connect().await?;
    lay(&client, GROUPS).await?;
    let settings = Settings {
        name: "bench".into(),
        addresses: vec![bootstrap],
        client_id: "weir.bench".into(),
        ..Settings::default()
    };
    let probe = KafkaBroker::new(settings, Arc::new(NoClock))?.lag().ok_or("Kafka tells no lag")?;
    let (mut ours, mut theirs, mut requests, mut asked) = (Vec::new(), Vec::new(), 0, 0);
    // The first one opens connections.
    probe.observe(&LagWanted::default()).await?;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let observed = probe.observe(&LagWanted::default()).await?;
        ours.push(begun.elapsed());
        requests = observed.requests;
        let positions: usize = observed.groups.iter().map(|g| g.positions.len()).sum();
        if observed.groups.len() != GROUPS || positions != GROUPS * PARTITIONS as usize {
            return Err(format!("{} groups with {positions} positions", observed.groups.len()).into());
        }
        let begun = Instant::now();
        asked = one_by_one(&client).await?;
        theirs.push(begun.elapsed());
    }
    let (ours, theirs) = (median(ours), median(theirs));
    println!(
        "lag of {GROUPS} groups in {PARTITIONS} partitions each: {:.0} ms with {requests} requests, median of {ROUNDS} (goal: 1 s); one group after the other, {AT_ONCE} at a time: {:.0} ms with {asked}: {:.1} times as long, {:.0} times the requests (goal: 50)",
        ours.as_secs_f64() * 1e3,
        theirs.as_secs_f64() * 1e3,
        theirs.as_secs_f64() / ours.as_secs_f64(),
        asked as f64 / f64::from(requests)
    );
    Ok(())
}

pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

pub fn topic(n: usize) -> String {
    format!("orders-{:03}", n % TOPICS)
}

/// Topics, and groups with a position in each partition of one of them.
pub async fn lay(client: &Client, groups: usize) -> Result<(), Failure> {
    let topics = (0..TOPICS).map(|n| NewTopic::new(topic(n), PARTITIONS, 1)).collect::<Result<Vec<_>, _>>()?;
    for (_, made) in client.admin().create_topics(topics, CreateTopicsOptions::default()).await? {
        made?;
    }
    place(client, groups, 0).await
}

/// Groups stand there in all of their partitions.
pub async fn place(client: &Client, groups: usize, position: i64) -> Result<(), Failure> {
    let commit = async |n: usize| -> Result<(), Failure> {
        let offsets = (0..PARTITIONS).map(|p| (TopicPartition::new(topic(n), p), position));
        let (admin, options) = (client.admin(), AlterConsumerGroupOffsetsOptions::default());
        for (_, done) in admin.alter_consumer_group_offsets(format!("group-{n:05}"), offsets, options).await? {
            done?;
        }
        Ok(())
    };
    stream::iter(0..groups).map(commit).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await?;
    Ok(())
}

/// Returns how often it asked, the ends counted as one.
async fn one_by_one(client: &Client) -> Result<usize, Failure> {
    let admin = client.admin();
    let listed = admin.list_consumer_groups(ListConsumerGroupsOptions::default()).await?;
    let groups = listed.into_values().collect::<Result<Vec<_>, _>>()?.concat();
    let count = groups.len();
    let admin = &admin;
    let ask =
        async |name: String| admin.list_consumer_group_offsets(name, ListConsumerGroupOffsetsOptions::default()).await;
    let positions: Vec<_> =
        stream::iter(groups).map(|g| ask(g.group_id)).buffer_unordered(AT_ONCE).try_collect().await?;
    let all = (0..TOPICS).flat_map(|n| (0..PARTITIONS).map(move |p| TopicPartition::new(topic(n), p)));
    let ends = admin.list_offsets(all.map(|tp| (tp, OffsetSpec::Latest)), ListOffsetsOptions::default()).await?;
    if positions.len() != GROUPS || ends.len() != TOPICS * PARTITIONS as usize {
        return Err(format!("{} groups, {} ends", positions.len(), ends.len()).into());
    }
    Ok(count + 2)
}
