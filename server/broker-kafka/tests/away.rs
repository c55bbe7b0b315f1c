//! The network to the cluster fails: nothing is lost, it is told, and reading goes on by itself.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at its first surprise")]

mod cluster;

use async_trait::async_trait;
use cluster::{Cluster, USUAL, broker, settings};
use std::sync::Arc;
use weir_broker::{
    Broker, BrokerError, ReadLimits, StartAt,
    conformance::{Abilities, Fixture, Follow, OpenTransaction, failures},
    memory::NewRecord,
};
use weir_domain::Position;
use weir_testkit::{Kafka, KafkaOptions, Network, TcpProxy};

/// A cluster behind a network of its own. The suite's client passes by it.
struct Behind {
    kafka: Kafka,
    cluster: Cluster,
}

impl Behind {
    async fn start() -> Self {
        let kafka = Kafka::start(KafkaOptions { proxied: true, ..KafkaOptions::default() }).unwrap();
        let mut cluster = Cluster::at(&kafka.bootstrap()).await;
        cluster.settings = settings(&kafka.proxy().unwrap().address().to_string());
        cluster.abilities = Abilities { away: true, ..USUAL };
        Self { kafka, cluster }
    }

    fn network(&self) -> &TcpProxy {
        self.kafka.proxy().unwrap()
    }
}

#[async_trait]
impl Fixture for Behind {
    fn abilities(&self) -> Abilities {
        self.cluster.abilities
    }
    fn broker(&self) -> Arc<dyn Broker> {
        self.cluster.broker()
    }
    async fn create(&self, name: &str, partitions: usize) -> String {
        self.cluster.create(name, partitions).await
    }
    async fn create_compacted(&self, name: &str) -> String {
        self.cluster.create_compacted(name).await
    }
    async fn internal(&self) -> String {
        self.cluster.internal().await
    }
    async fn add_partitions(&self, channel: &str, total: usize) {
        self.cluster.add_partitions(channel, total).await;
    }
    async fn delete(&self, channel: &str) {
        self.cluster.delete(channel).await;
    }
    async fn recreate(&self, channel: &str, partitions: usize) {
        self.cluster.recreate(channel, partitions).await;
    }
    async fn produce(&self, channel: &str, partition: usize, records: Vec<NewRecord>) -> Position {
        self.cluster.produce(channel, partition, records).await
    }
    async fn begin(
        &self,
        transactional_id: &str,
        channel: &str,
        partition: usize,
        records: Vec<NewRecord>,
    ) -> Box<dyn OpenTransaction> {
        self.cluster.begin(transactional_id, channel, partition, records).await
    }
    async fn delete_records(&self, channel: &str, partition: usize, before: Position) {
        self.cluster.delete_records(channel, partition, before).await;
    }
    async fn compact(&self, channel: &str) {
        self.cluster.compact(channel).await;
    }
    async fn truncate(&self, _: &str, _: usize, _: Position) {
        unreachable!("see tests/damaged.rs");
    }
    async fn set_leader(&self, _: &str, _: usize, _: bool) {
        unreachable!("see tests/damaged.rs");
    }
    async fn set_reachable(&self, reachable: bool) {
        self.network().set(if reachable { Network::Good } else { Network::Away }).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_fails_is_told_and_survived() {
    let behind = Behind::start().await;
    failures::away_is_told_and_reading_goes_on_by_itself(&behind).await;
    // The rest with connections that are cut or silent again and again while records come.
    let channel = behind.create("cut", 2).await;
    let mut follow = Follow::start(&behind, &channel, &[0, 1], StartAt::Earliest).await;
    for turn in 0..6 {
        for partition in 0..2 {
            let records = (0..50).map(|n| NewRecord::new(format!("{turn}/{n}"))).collect();
            behind.produce(&channel, partition, records).await;
        }
        behind.network().cut().await;
        let sent = (turn + 1) * 50;
        let all = |f: &Follow| (0..2).all(|n| f.of(&channel, n).is_at_end(sent));
        follow.until("what was sent before the cut", all).await;
    }
    for number in 0..2 {
        assert_eq!(follow.of(&channel, number).positions(), (0..300).collect::<Vec<i64>>());
        assert_eq!(follow.of(&channel, number).gaps, []);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_broker_comes_back_to_the_same_reader() {
    let behind = Behind::start().await;
    let channel = behind.create("killed", 1).await;
    let batch = |from: i64| (from..from + 20).map(|n| NewRecord::new(format!("{n}"))).collect();
    behind.produce(&channel, 0, batch(0)).await;
    let mut follow = Follow::start(&behind, &channel, &[0], StartAt::Earliest).await;
    follow.to_end(&channel, 20).await;
    behind.kafka.kill9();
    follow.until("its absence", |f| !f.errors.is_empty()).await;
    behind.kafka.restart().unwrap();
    behind.cluster.end(&channel, 0).await;
    behind.produce(&channel, 0, batch(20)).await;
    follow.to_end(&channel, 40).await;
    assert_eq!(follow.of(&channel, 0).positions(), (0..40).collect::<Vec<i64>>());
    assert!(follow.of(&channel, 0).ended.is_none(), "a new leader epoch alone is no cut log");
}

/// A leader epoch in which nothing is written leaves no trace in the log. A place taken in it must hold all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_restarted_while_nothing_was_written_goes_on() {
    let behind = Behind::start().await;
    let channel = behind.create("idle", 1).await;
    behind.produce(&channel, 0, vec![NewRecord::new("before")]).await;
    behind.kafka.restart().unwrap();
    behind.cluster.end(&channel, 0).await;
    let mut live = Follow::start(&behind, &channel, &[0], StartAt::Latest).await;
    live.to_end(&channel, 1).await;
    let cursor = live.of(&channel, 0).cursor.clone().unwrap();
    behind.kafka.restart().unwrap();
    behind.cluster.end(&channel, 0).await;
    behind.produce(&channel, 0, vec![NewRecord::new("after")]).await;
    let mut late = Follow::start(&behind, &channel, &[0], StartAt::Cursor(cursor)).await;
    for follow in [&mut live, &mut late] {
        follow.to_end(&channel, 2).await;
        assert_eq!(follow.of(&channel, 0).positions(), [1]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_listening_is_unreachable_and_names_the_address() {
    let port = weir_testkit::free_port(None).unwrap();
    let nowhere = broker(settings(&format!("127.0.0.1:{port}")));
    let Err(BrokerError::Unreachable(why)) = nowhere.discover().await else { panic!("unreachable") };
    assert!(why.contains("test cluster") && why.contains(&port.to_string()), "{why}");
    let opened = nowhere.reader(ReadLimits::default()).await.map(drop);
    assert!(matches!(opened, Err(BrokerError::Unreachable(_))), "{opened:?}");
}
